"""A state that turns NaN stops the run and is traced to its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import SpikelabError

if TYPE_CHECKING:
    from ..result import Result
    from .engine import Engine

__all__ = ["NotFiniteError", "first_bad"]


class NotFiniteError(SpikelabError, ArithmeticError):
    """A state variable became NaN; the message names population, neuron and first step.

    Attributes
    ----------
    rest : Result
        What the run kept until then.
    """

    rest: Result


def first_bad(engine: Engine) -> tuple[str, str, int, int] | None:
    """Population, state variable, batch row and neuron of the first NaN, or None."""
    for runner in engine.blocks:
        for name, values in runner.state.items():
            if values.dtype.kind != "f" or not _may_hold_nan(values):
                continue
            bad = np.argwhere(np.isnan(values))
            if not bad.size:  # inf - inf in the sum
                continue
            row, column = (int(i) for i in bad[0])
            for population, (lo, hi) in runner.block.ranges.items():
                if lo <= column < hi:
                    return population, name, row, column - lo
    return None


def _may_hold_nan(values: np.ndarray) -> bool:
    # one pass without a temporary; infinite states are legal, and their sum must not warn
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.isnan(values.sum()))
