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

__all__ = ["NotFiniteError", "first_bad", "lost_weight", "run_to_nan"]


class NotFiniteError(SpikelabError, ArithmeticError):
    """A state variable or a weight became NaN; the message says whose, and when.

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


def lost_weight(engine: Engine, steps: int) -> NotFiniteError | None:
    """The error of weights that became NaN in the last `steps` steps, if some did; without ``rest``."""
    for runner in engine.learners:
        if any(_may_hold_nan(held) for held in runner.held_weights):
            weights = runner.weights()
            if not np.isnan(weights).any():
                continue
            edge, count = int(np.isnan(weights).argmax()), int(np.isnan(weights).sum())
            source, target, _ = runner.link.projection
            rule = runner.link.rule.name
            return NotFiniteError(
                f"Simulator.run: {count} of {weights.size} weights from {source!r} to {target!r} became NaN "
                f"between steps {engine.step - steps} and {engine.step}, the first that of edge {edge}. The "
                f"state before these steps is kept. Look for a division by zero, a logarithm or a root in "
                f"the rule {rule!r}, and bound what it takes."
            )
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
