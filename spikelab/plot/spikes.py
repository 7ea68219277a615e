"""Spike rasters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelab.errors import ParameterError
from spikelab.plot.checks import finite_array, pick
from spikelab.plot.style import NOTE_POINTS, SERIES, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spikelab.result import Result

__all__ = ["draw_strokes", "raster", "raster_of"]


def raster(result: Result, *, population: str | None = None, batch: int = 0) -> Figure:
    """A point for every spike: time to the right, neurons upwards.

    Parameters
    ----------
    result : Result
        What a run returned, recorded with ``spikes="events"``.
    population : str, optional
        Which population; needed where the result has more than one with spikes.
    batch : int
        Which batch row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        An unknown population or batch row, or a choice that is missing.

    Examples
    --------
    >>> import spikelab as sl
    >>> net = sl.Network(seed=0)
    >>> cells = net.add("cells", 5, sl.LIF())
    >>> result = sl.Simulator(net).run(1.0)
    >>> sl.plot.raster(result).axes[0].get_ylabel()
    'neuron'
    """
    part = result[_population(result, population)]
    spikes = part.spikes
    chosen = spikes.batch == pick("raster", "batch", batch, result.batch)
    start_ms = result.t0_step * result.dt_ms
    span_ms = (start_ms, start_ms + result.duration_ms)
    return raster_of(spikes.time_ms[chosen], spikes.neuron[chosen], n=part.n, span_ms=span_ms)


def raster_of(
    time_ms: ArrayLike, neuron: ArrayLike, *, n: int, span_ms: tuple[float, float], first_inhibitory: int = 0
) -> Figure:
    """A raster from plain arrays.

    Parameters
    ----------
    time_ms : array [spike], ms
    neuron : array [spike]
    n : int
        Number of neurons.
    span_ms : (float, float)
        Start and end of the time axis, ms.
    first_inhibitory : int
        Neurons from this index on are drawn as inhibitory; 0 for no distinction.

    Returns
    -------
    matplotlib.figure.Figure
    """
    times = np.asarray(time_ms, dtype=np.float64)
    cells = np.asarray(neuron, dtype=np.int64)
    if times.size:
        times = finite_array("raster", "time_ms", times, 1, "[spike]")
    figure, axes = new_axes()
    groups: list[tuple[Any, str, str | None]] = [(cells < n, SERIES[0], None)]
    if first_inhibitory:
        groups = [
            (cells < first_inhibitory, SERIES[0], "excitatory"),
            (cells >= first_inhibitory, SERIES[1], "inhibitory"),
        ]
    for chosen, colour, label in groups:
        draw_strokes(axes, times[chosen], cells[chosen], n, colour)
        if label:
            middle = float(cells[chosen].mean()) if chosen.any() else 0.0
            place = axes.get_yaxis_transform()
            note = axes.text(1.02, middle, label, transform=place, color=colour, rotation=90, va="center")
            note.set_fontsize(NOTE_POINTS)
    axes.set(xlabel="time (ms)", ylabel="neuron", xlim=span_ms, ylim=(-1, n))
    return figure


def draw_strokes(axes: Axes, times: NDArray[Any], cells: NDArray[Any], n: int, colour: str) -> None:
    """Draw a vertical stroke for each spike of a population of `n` neurons."""
    half = max(0.45, n / 260.0)  # a stroke stays visible where neurons are finer than points
    # One path for all strokes: thousands of separate marks would make a picture of megabytes.
    x = np.repeat(times, 3)
    y = np.repeat(cells.astype(np.float64), 3) + np.tile([-half, half, np.nan], cells.size)
    axes.plot(x, y, color=colour, linewidth=0.9, solid_capstyle="butt")


def _population(result: Result, population: str | None) -> str:
    names = [name for name, part in result.items() if part.events is not None]
    if population is None and len(names) == 1:
        return names[0]
    if population is None:
        listing = ", ".join(names) or "none"
        remedy = "" if names else 'Record spikes with Record(spikes="events").'
        raise ParameterError("raster", "population", population, f"be one of: {listing}", remedy)
    return population  # the result answers unknown names and missing spikes itself
