"""A state that turns NaN stops the run and is traced to its first step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import SpikelabError
from ..record import Record
from .recorder import Recorder

if TYPE_CHECKING:
    from ..result import Result
    from .engine import Engine

__all__ = ["NotFiniteError", "first_bad", "run_to_nan"]


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


def run_to_nan(
    engine: Engine, done: int, data: Mapping[str, np.ndarray], samples: np.ndarray, recorder: Recorder
) -> NotFiniteError:
    """Find the step in which a chunk loses its state; run and record it again up to there.

    Parameters
    ----------
    engine : Engine
        Before the chunk, which `recorder` has written already.
    done, data, samples, recorder
        As of `Engine.advance`.

    Returns
    -------
    NotFiniteError
        That says where; without its ``rest``.
    """
    before, dt_ms = engine.backup(), engine.built.dt_ms
    quiet = Recorder(engine.built, Record(spikes="none"), engine.chunk, engine.batch)
    good, bad = -1, None
    while bad is None:
        good += 1
        engine.advance(1, done + good, data, samples, quiet)
        bad = first_bad(engine)
    engine.revert(before)
    recorder.drop_chunk()
    if good:
        engine.advance(good, done, data, samples, recorder)
    recorder.end_chunk(done + good)
    population, variable, row, neuron = bad
    return NotFiniteError(
        f"Simulator.run: {variable} of neuron {neuron} of population {population!r} became NaN in step "
        f"{engine.step} ({(engine.step + 1) * dt_ms:g} ms), batch row {row}. The state before that step is "
        "kept. Look for a division by zero or an overflow in the model, or lower dt_ms."
    )


def _may_hold_nan(values: np.ndarray) -> bool:
    # one pass without a temporary; infinite states are legal, and their sum must not warn
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.isnan(values.sum()))
