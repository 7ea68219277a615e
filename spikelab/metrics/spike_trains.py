"""Spike trains as plain arrays: what every measure of spiking activity reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..frozen import frozen_array
from ..units import real_array, require_finite, require_integer, require_positive, require_scalar

__all__ = ["BinnedSpikes", "SpikeTrains", "as_trains", "whole_bins"]

# Times are sums of decimal fractions: one this close beyond an edge, in bins, still lies on it.
_EDGE = 1e-6
_MOST_BINS = 2**31 - 1


class BinnedSpikes(NamedTuple):
    """Spikes counted in bins; only what is not zero, so that large populations take little memory.

    Attributes
    ----------
    neuron, bin, spikes : array [filled bin], int64
        Which neuron, which bin, and how many spikes, at least one; sorted by neuron, then by bin.
    n, bins : int
        Number of neurons, and of bins.
    """

    neuron: npt.NDArray[np.int64]
    bin: npt.NDArray[np.int64]
    spikes: npt.NDArray[np.int64]
    n: int
    bins: int

    def moments(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return mean and variance (over all bins, not n - 1) of each neuron's counts: array [neuron]."""
        mean = np.bincount(self.neuron, self.spikes, self.n) / self.bins
        square = np.bincount(self.neuron, np.square(self.spikes), self.n) / self.bins
        return mean, square - np.square(mean)


@dataclass(frozen=True, eq=False)
class SpikeTrains:
    """The spikes of `n` neurons in a stretch of time.

    A spike at time t lies in the half-open bin ``(a, b]`` with a < t <= b: simulators stamp a spike with the
    end of its step, so a bin of w ms holds the steps that end in it.

    Parameters
    ----------
    times_ms : array [spike], ms
        Within [`start_ms`, `start_ms` + `duration_ms`], in any order.
    neuron : array [spike], int
        Below `n`.
    n : int
        Number of neurons, with those that are silent.
    duration_ms : float
        Length of the stretch, ms.
    start_ms : float
        Where it starts, ms.

    Raises
    ------
    ParameterError
        If a time lies outside of the stretch or is not finite, or a neuron is not below `n`.

    Examples
    --------
    >>> trains = SpikeTrains([1.0, 4.0, 2.0], [0, 0, 2], n=3, duration_ms=5.0)
    >>> trains
    SpikeTrains(3 spikes of 3 neurons, 0 to 5 ms)
    >>> trains.of(0).tolist()
    [1.0, 4.0]
    """

    times_ms: npt.NDArray[np.float64]
    neuron: npt.NDArray[np.int64]
    n: int
    duration_ms: float
    start_ms: float = 0.0

    def __post_init__(self) -> None:
        owner = "SpikeTrains"
        require_integer(owner, "n", self.n)
        require_positive(owner, "duration_ms", require_scalar(owner, "duration_ms", self.duration_ms), "ms")
        require_scalar(owner, "start_ms", self.start_ms)
        times = real_array(owner, "times_ms", self.times_ms)
        cells = real_array(owner, "neuron", self.neuron)
        if times.ndim != 1 or cells.shape != times.shape:
            shapes = f"arrays of shape {times.shape} and {cells.shape}"
            raise ParameterError(owner, "times_ms, neuron", shapes, "have one axis, and the same length")
        require_finite(owner, "times_ms", times)
        within = (times >= self.start_ms) & (times <= self.stop_ms * (1 + 1e-12))
        span = f"lie in {self.start_ms:g} ... {self.stop_ms:g} ms"
        _require(owner, "times_ms", times, within, span, "Choose a stretch with window().")
        known = (cells >= 0) & (cells < self.n) & (cells == np.floor(cells))
        _require(owner, "neuron", cells, known, f"be an integer in 0 ... {self.n - 1}")
        # By neuron, then by time: intervals are differences of neighbours.
        order = np.lexsort((times, cells))
        object.__setattr__(self, "times_ms", frozen_array(times[order]))
        object.__setattr__(self, "neuron", frozen_array(cells[order].astype(np.int64)))

    @classmethod
    def of_result(cls, part: Any, *, batch: int | None = None) -> SpikeTrains:
        """Take the spikes of one batch row of a result.

        Parameters
        ----------
        part : PopulationResult or Spikes
            ``res["exc"]``, recorded with ``spikes="events"``.
        batch : int, optional
            Which batch row; needed where there are several.

        Raises
        ------
        ParameterError
            If the spikes were not recorded, there are no steps, or the batch row is missing or unknown.
        """
        spikes = getattr(part, "spikes", part)
        try:
            steps, rows, n = spikes.shape
            times, cells, row_of = spikes.time_ms, spikes.neuron, spikes.batch
        except (AttributeError, TypeError, ValueError):
            need = 'be a population\'s result such as res["exc"], its spikes, or SpikeTrains'
            raise ParameterError("SpikeTrains", "part", type(part).__name__, need) from None
        if batch is None and rows > 1:
            remedy = 'Choose one, for example SpikeTrains.of_result(res["exc"], batch=0).'
            raise ParameterError("SpikeTrains", "batch", None, f"name one of {rows} batch rows", remedy)
        row = require_integer("SpikeTrains", "batch", batch or 0, 0, high=rows - 1)
        here = slice(None) if rows == 1 else np.asarray(row_of) == row
        return cls(times[here], cells[here], int(n), steps * spikes.dt_ms, spikes.t0_step * spikes.dt_ms)

    @property
    def stop_ms(self) -> float:
        """End of the stretch, ms."""
        return self.start_ms + self.duration_ms

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Number of spikes of each neuron: array [neuron], int64."""
        return np.bincount(self.neuron, minlength=self.n)

    def of(self, neuron: int) -> npt.NDArray[np.float64]:
        """Return the spike times of one neuron: array [spike], float64, ms, ascending."""
        require_integer("SpikeTrains.of", "neuron", neuron, 0, high=self.n - 1)
        first, end = np.searchsorted(self.neuron, [neuron, neuron + 1])
        return self.times_ms[first:end]

    def window(self, start_ms: float | None = None, stop_ms: float | None = None) -> SpikeTrains:
        """Return the spikes in (`start_ms`, `stop_ms`], for example without the onset.

        Raises
        ------
        ParameterError
            If the window is empty or leaves the stretch.
        """
        owner = "SpikeTrains.window"
        first = self.start_ms if start_ms is None else require_scalar(owner, "start_ms", start_ms)
        last = self.stop_ms if stop_ms is None else require_scalar(owner, "stop_ms", stop_ms)
        if not self.start_ms <= first < last <= self.stop_ms * (1 + 1e-12):
            need = f"begin before it ends, within {self.start_ms:g} ... {self.stop_ms:g} ms"
            raise ParameterError(owner, "start_ms, stop_ms", f"{first:g}, {last:g}", need)
        # What lies at the very start belongs to the first bin, in a window that starts there.
        after = self.times_ms > first if first > self.start_ms else np.ones(self.times_ms.size, bool)
        kept = after & (self.times_ms <= last)
        return SpikeTrains(self.times_ms[kept], self.neuron[kept], self.n, last - first, first)

    def binned(self, bin_ms: float, owner: str = "SpikeTrains.binned") -> BinnedSpikes:
        """Count spikes in bins (a, b] of `bin_ms`; a remainder shorter than a bin at the end is left out.

        Raises
        ------
        ParameterError
            If a bin is longer than the stretch.
        """
        bins = whole_bins(self, bin_ms, owner)
        index = self.bin_of(bin_ms)
        inside = index < bins
        code, count = np.unique(self.neuron[inside] * bins + index[inside], return_counts=True)
        return BinnedSpikes(code // bins, code % bins, count.astype(np.int64), self.n, bins)

    def bin_of(self, bin_ms: float) -> npt.NDArray[np.int64]:
        """Return the bin of each spike, from 0: array [spike], int64."""
        position = (self.times_ms - self.start_ms) / bin_ms
        return np.maximum(np.ceil(position - _EDGE).astype(np.int64) - 1, 0)

    def __repr__(self) -> str:
        stretch = f"{self.start_ms:g} to {self.stop_ms:g} ms"
        return f"SpikeTrains({self.times_ms.size} spikes of {self.n} neurons, {stretch})"


def as_trains(source: Any) -> SpikeTrains:
    """Return `source` itself if it is `SpikeTrains`, else take them out of a population's result."""
    return source if isinstance(source, SpikeTrains) else SpikeTrains.of_result(source)


def whole_bins(trains: SpikeTrains, bin_ms: float, owner: str, parameter: str = "bin_ms") -> int:
    """Return how many whole bins the stretch has, at least one."""
    require_positive(owner, parameter, require_scalar(owner, parameter, bin_ms), "ms")
    bins = np.floor(trains.duration_ms / bin_ms + _EDGE)
    if not 1 <= bins <= _MOST_BINS:
        need = f"leave 1 ... {_MOST_BINS} bins in {trains.duration_ms:g} ms"
        remedy = (
            f"Take a shorter {parameter}, or a longer run." if bins < 1 else f"Take a longer {parameter}."
        )
        raise ParameterError(owner, parameter, bin_ms, need, remedy)
    return int(bins)


def _require(
    owner: str,
    name: str,
    values: npt.NDArray[np.float64],
    good: npt.NDArray[np.bool_],
    need: str,
    remedy: str = "",
) -> None:
    if not good.all():
        at = int(np.argmin(good))
        raise ParameterError(owner, f"{name}[{at}]", float(values[at]), need, remedy)
