"""Values that are held for some steps: what every generator is to the simulator."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..frozen import frozen_array
from ..units import real_array, require_finite, require_non_negative, require_scalar, steps_from_ms

__all__ = [
    "FOREVER", "Held", "Series", "Window", "change_times", "constant", "grid_steps", "per_step", "stepwise",
    "values_array",
]  # fmt: skip

#: A step that no run reaches.
FOREVER = 2**62
# Steps that a series computes at once where every step has a value of its own, and most numbers in them.
_PIECE, _MOST = 256, 2**20
# This close to the grid, in steps, a time is on it.
_TOLERANCE = 1e-6

Array = npt.NDArray[np.float64]


class Held(NamedTuple):
    """Values of the steps from `first` up to, not including, `end`.

    Attributes
    ----------
    first, end : int
        Steps since the last reset.
    values : array [step or 1, neuron or 1], float64
        One row for all steps, or one for each; one column for all neurons, or one for each.
    """

    first: int
    end: int
    values: Array


Series = Callable[[int], Held]
"""Tells of a step which values are held then, and how long."""


class Window(NamedTuple):
    """Steps in which a generator is active: from `first` up to, not including, `end`."""

    first: int
    end: int

    @classmethod
    def of(cls, owner: str, start_ms: float, stop_ms: float | None, dt_ms: float) -> Window:
        """The steps that begin at ``start_ms <= t < stop_ms``."""
        first = steps_from_ms(start_ms, dt_ms, owner, "start_ms")
        end = FOREVER if stop_ms is None else steps_from_ms(stop_ms, dt_ms, owner, "stop_ms")
        return cls(first, end)

    @staticmethod
    def check(owner: str, start_ms: Any, stop_ms: Any) -> tuple[float, float | None]:
        """Refuse a window that is none; return it as floats."""
        start = require_scalar(owner, "start_ms", start_ms)
        require_non_negative(owner, "start_ms", start, "ms")
        if stop_ms is None:
            return start, None
        stop = require_scalar(owner, "stop_ms", stop_ms)
        if stop <= start:
            raise ParameterError(owner, "stop_ms", stop, f"be > start_ms={start:g}", "None: for ever.")
        return start, stop


def constant(values: npt.ArrayLike) -> Series:
    """The same values in every step: a number, or an array [neuron]."""
    held = Held(0, FOREVER, np.atleast_1d(np.asarray(values, np.float64))[None])
    return lambda step: held


def stepwise(steps: npt.NDArray[np.int64], values: Array) -> Series:
    """Row i of `values` [k, neuron or 1] from step ``steps[i]`` until the next; 0 before the first."""
    edges = [0, *steps.tolist(), FOREVER]
    rows = [np.zeros((1, values.shape[1])), *(row[None] for row in values)]

    def series(step: int) -> Held:
        i = int(np.searchsorted(steps, step, side="right"))
        return Held(edges[i], edges[i + 1], rows[i])

    return series


def per_step(function: Callable[[npt.NDArray[np.int64]], Array], columns: int) -> Series:
    """Values [step, neuron or 1] that `function` computes of an array of steps, some at once.

    `columns` is the most that it returns for a step.
    """
    piece = max(1, min(_PIECE, _MOST // columns))

    def series(step: int) -> Held:
        first = step - step % piece
        return Held(first, first + piece, function(np.arange(first, first + piece, dtype=np.int64)))

    return series


def grid_steps(owner: str, parameter: str, times_ms: Array, dt_ms: float) -> npt.NDArray[np.int64]:
    """Nearest steps of times; warns where the first lies that is not on the grid."""
    steps = steps_from_ms(times_ms, dt_ms, owner, parameter)
    off = np.abs(times_ms / dt_ms - steps) > _TOLERANCE
    if off.any():
        place = int(np.argmax(off))
        warnings.warn(
            f"{owner}({parameter}[{place}]={times_ms[place]:g}): {int(off.sum())} of {off.size} times are no "
            f"multiples of dt_ms={dt_ms!r} and were rounded; the first to {steps[place] * dt_ms:.6g} ms.",
            UserWarning,
            stacklevel=4,
        )
    return steps


def values_array(owner: str, parameter: str, value: Any, axes: tuple[int, ...]) -> float | Array:
    """A finite number as float, an array with one of these numbers of axes as a read-only copy."""
    array = real_array(owner, parameter, value)
    require_finite(owner, parameter, value)
    if array.ndim == 0:
        return float(array)
    if array.ndim not in axes or not array.size:
        need = f"be a number or an array with {' or '.join(map(str, axes))} axes"
        raise ParameterError(owner, parameter, f"array of shape {array.shape}", need)
    return frozen_array(array)


def change_times(owner: str, times_ms: Any, values: Any, parameter: str) -> tuple[Array, Array]:
    """Check times, ascending, ms, and the values from each on: arrays [k] and [k] or [k, neuron]."""
    times = real_array(owner, "times_ms", times_ms)
    if times.ndim != 1 or not times.size:
        need = "be an array of at least one time"
        raise ParameterError(owner, "times_ms", times_ms, need)
    require_non_negative(owner, "times_ms", times, "ms")
    late = np.flatnonzero(np.diff(times) <= 0)
    if late.size:
        place = int(late[0]) + 1
        raise ParameterError(
            owner, f"times_ms[{place}]", float(times[place]), f"be > {times[place - 1]:g}, the time before it"
        )
    given = np.asarray(values_array(owner, parameter, values, (1, 2)))
    if given.shape[:1] != times.shape:
        need = f"have a row for each of the {times.size} times"
        raise ParameterError(owner, parameter, f"array of shape {given.shape}", need)
    return frozen_array(times), frozen_array(given)
