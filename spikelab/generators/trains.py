"""Populations that fire at given times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..frozen import frozen_array
from ..units import real_array, require_finite, require_flag, require_integer, require_scalar
from .source import SpikingSource

__all__ = ["SpikePlayback", "SpikeSource", "Train"]

_TOLERANCE = 1e-6
_MOST_STEPS = 2**31 - 1

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.uint32]


class Train(NamedTuple):
    """Spikes to play, sorted by step.

    Attributes
    ----------
    step : array [event], int64
        Step that the spike belongs to: it is stamped with the end of the step.
    row : array [event], uint32, or None
        Batch row; None: every row.
    neuron : array [event], uint32
        Neuron.
    """

    step: npt.NDArray[np.int64]
    row: Index | None
    neuron: Index


@dataclass(frozen=True, eq=False)
class SpikeSource(SpikingSource):
    """Neurons that fire at the times listed for each.

    Parameters
    ----------
    times_ms : sequence of arrays, ms
        Spike times of each neuron, > 0, in any order. As every spike, one at time t belongs to the step
        that ends at t.
    allow_offgrid : bool
        False: a time that is no multiple of ``dt_ms`` is an error, and so are two spikes of a neuron in
        one step. True: it moves to the end of the step in which it lies (NEST's rule), and spikes of one
        neuron in one step become one.

    Raises
    ------
    ParameterError
        If a time is not positive or not finite; when the simulator is made, if one is off the grid.

    Examples
    --------
    >>> SpikeSource([[1.0, 5.0], []]).train(0.1).step.tolist()
    [9, 49]
    """

    times_ms: tuple[Array, ...]
    allow_offgrid: bool = False

    def __post_init__(self) -> None:
        owner, given = "SpikeSource", self.times_ms
        nested = isinstance(given, (list, tuple)) or (isinstance(given, np.ndarray) and given.ndim == 2)
        if not nested or not len(given) or any(np.ndim(part) != 1 for part in given):
            remedy = "For one neuron write [[10.0, 20.0]]; for arrays of times and senders use SpikePlayback."
            need = "be a sequence with an array of times for each neuron"
            raise ParameterError(owner, "times_ms", given, need, remedy)
        parts = tuple(_times(owner, f"times_ms[{i}]", part) for i, part in enumerate(given))
        object.__setattr__(self, "times_ms", parts)
        object.__setattr__(self, "allow_offgrid", require_flag(owner, "allow_offgrid", self.allow_offgrid))

    def check_size(self, n: int) -> None:
        """Refuse a population of another size than the list."""
        if len(self.times_ms) != n:
            need = f"hold an array of times for each of the {n} neurons"
            raise ParameterError("SpikeSource", "times_ms", f"{len(self.times_ms)} arrays", need)

    def train(self, dt_ms: float) -> Train:
        """The spikes on the grid."""
        sizes = [part.size for part in self.times_ms]
        senders = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
        times = np.concatenate(self.times_ms)
        return _train("SpikeSource", times, senders, None, dt_ms, self.allow_offgrid)

    def __repr__(self) -> str:
        total = sum(part.size for part in self.times_ms)
        return f"SpikeSource({len(self.times_ms)} neurons, {total} spikes)"


@dataclass(frozen=True, eq=False)
class SpikePlayback(SpikingSource):
    """Neurons that play spike trains from arrays, such as recorded ones.

    Parameters
    ----------
    times_ms : array [event], ms
        Spike times, > 0, in any order.
    senders : array [event], int
        Neuron of each spike.
    rows : array [event], int, optional
        Batch row of each spike; None: all are played in every row.
    allow_offgrid : bool
        As in `SpikeSource`.

    Raises
    ------
    ParameterError
        If the arrays differ in length, or hold a value out of range.

    See Also
    --------
    SpikePlayback.of : the spikes of a population of a result.
    """

    times_ms: Array
    senders: Index
    rows: Index | None = None
    allow_offgrid: bool = False

    def __post_init__(self) -> None:
        owner = "SpikePlayback"
        times = _times(owner, "times_ms", self.times_ms)
        object.__setattr__(self, "times_ms", times)
        object.__setattr__(self, "senders", _index(owner, "senders", self.senders, times.size))
        if self.rows is not None:
            object.__setattr__(self, "rows", _index(owner, "rows", self.rows, times.size))
        object.__setattr__(self, "allow_offgrid", require_flag(owner, "allow_offgrid", self.allow_offgrid))

    @classmethod
    def of(
        cls,
        part: Any,
        *,
        shift_ms: float = 0.0,
        row: int | None = None,
        allow_offgrid: bool = False,
    ) -> SpikePlayback:
        """Play what a population of a result fired: ``SpikePlayback.of(result["exc"])``.

        Parameters
        ----------
        part : PopulationResult
            With spikes kept as events.
        shift_ms : float, ms
            Added to all times, which count from the reset of the simulator that made them.
        row : int, optional
            Play this batch row in every row. None: each row its own, or, of a batch of one, in every row.
        allow_offgrid : bool
            As in `SpikeSource`; for a time step other than that of the result.
        """
        spikes = part.spikes
        times = spikes.time_ms + require_scalar("SpikePlayback.of", "shift_ms", shift_ms)
        if row is not None:
            row = require_integer("SpikePlayback.of", "row", row, 0, high=part.batch - 1)
            here = spikes.batch == row
            return cls(times[here], spikes.neuron[here], None, allow_offgrid)
        return cls(times, spikes.neuron, None if part.batch == 1 else spikes.batch, allow_offgrid)

    def check_size(self, n: int) -> None:
        """Refuse senders beyond a population of `n` neurons."""
        if self.senders.size and int(self.senders.max()) >= n:
            place = int(np.argmax(self.senders >= n))
            need = f"lie in 0 ... {n - 1}, the neurons of the population"
            remedy = "Neurons count from 0: subtract the first of the ids of another program."
            raise ParameterError("SpikePlayback", f"senders[{place}]", int(self.senders[place]), need, remedy)

    def train(self, dt_ms: float) -> Train:
        """The spikes on the grid."""
        return _train("SpikePlayback", self.times_ms, self.senders, self.rows, dt_ms, self.allow_offgrid)

    def __repr__(self) -> str:
        return f"SpikePlayback({self.times_ms.size} spikes)"


def _times(owner: str, parameter: str, value: Any) -> Array:
    times = real_array(owner, parameter, value)
    if times.ndim != 1:
        raise ParameterError(owner, parameter, value, "be an array [event]")
    require_finite(owner, parameter, times)
    if times.size and times.min() <= 0.0:
        place = int(np.argmax(times <= 0.0))
        remedy = "A spike is stamped with the end of its step: the first can be at dt_ms."
        raise ParameterError(owner, f"{parameter}[{place}]", float(times[place]), "be > 0 ms", remedy)
    return frozen_array(times)


def _index(owner: str, parameter: str, value: Any, size: int) -> Index:
    array = np.asarray(value)
    if array.shape != (size,) or (array.dtype.kind not in "iu" and array.size):
        need = f"be an array of {size} integers, one for each time"
        shown = f"array of shape {array.shape} of {array.dtype}"
        raise ParameterError(owner, parameter, shown, need)
    bad = np.flatnonzero((array < 0) | (array >= 2**32))
    if bad.size:
        place = int(bad[0])
        raise ParameterError(owner, f"{parameter}[{place}]", int(array[place]), "lie in 0 ... 2**32 - 1")
    return frozen_array(array.astype(np.uint32))


def _train(
    owner: str, times_ms: Array, senders: Index, rows: Index | None, dt_ms: float, allow_offgrid: bool
) -> Train:
    """Spikes sorted by (step, row, neuron): those of step k are stamped (k + 1) dt."""
    exact = times_ms / dt_ms
    if exact.size and float(exact.max()) > _MOST_STEPS:
        need = f"be at most {_MOST_STEPS * dt_ms:g} ms with dt_ms={dt_ms:g}"
        raise ParameterError(owner, "times_ms", float(times_ms.max()), need)
    ends = np.rint(exact)
    off = np.abs(exact - ends) > _TOLERANCE
    if off.any():
        if not allow_offgrid:
            place = int(np.argmax(off))
            remedy = "Round the times, use a smaller dt_ms, or allow_offgrid=True, which moves them up."
            need = f"be a multiple of dt_ms={dt_ms!r}"
            raise ParameterError(owner, f"times_ms[{place}]", float(times_ms[place]), need, remedy)
        ends = np.where(off, np.ceil(exact), ends)
    step = np.maximum(ends.astype(np.int64), 1) - 1
    keys = (senders, step) if rows is None else (senders, rows, step)
    order = np.lexsort(keys)
    step, neuron = step[order], senders[order]
    row = None if rows is None else rows[order]
    same = (np.diff(step) == 0) & (neuron[1:] == neuron[:-1])
    if row is not None:
        same &= row[1:] == row[:-1]
    if same.any():
        if not allow_offgrid:
            place = int(np.argmax(same))
            what = f"two spikes of neuron {neuron[place]} at {(step[place] + 1) * dt_ms:g} ms"
            remedy = "Use a neuron for each; allow_offgrid=True makes them one."
            raise ParameterError(owner, "times_ms", what, f"be at least dt_ms={dt_ms!r} apart", remedy)
        first = np.concatenate([[True], ~same])
        step, neuron = step[first], neuron[first]
        row = None if row is None else row[first]
    return Train(step, row, neuron)
