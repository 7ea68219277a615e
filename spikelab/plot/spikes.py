"""Strokes for spikes, and a raster of plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelab.plot.checks import finite_array
from spikelab.plot.style import NOTE_POINTS, SERIES, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_strokes", "raster_of", "stroke_half"]

# One path for many strokes: thousands of separate marks would make a picture of megabytes. The renderer
# refuses paths that are too long.
_STROKES_A_PATH = 10_000


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
        draw_strokes(axes, times[chosen], cells[chosen], colour, half=stroke_half(n))
        if label:
            middle = float(cells[chosen].mean()) if chosen.any() else 0.0
            place = axes.get_yaxis_transform()
            note = axes.text(1.02, middle, label, transform=place, color=colour, rotation=90, va="center")
            note.set_fontsize(NOTE_POINTS)
    axes.set(xlabel="time (ms)", ylabel="neuron", xlim=span_ms, ylim=(-1, n))
    return figure


def draw_strokes(axes: Axes, times: NDArray[Any], places: NDArray[Any], colour: str, *, half: float) -> None:
    """Draw a vertical stroke for each spike, from `half` below its place to `half` above."""
    for start in range(0, times.size, _STROKES_A_PATH):
        part = slice(start, start + _STROKES_A_PATH)
        x = np.repeat(times[part], 3)
        y = np.repeat(places[part].astype(np.float64), 3)
        y += np.tile([-half, half, np.nan], x.size // 3)
        axes.plot(x, y, color=colour, linewidth=0.9, solid_capstyle="butt")


def stroke_half(n: int) -> float:
    """Half the height of a stroke among `n` neurons: it stays visible where neurons are finer than points."""
    return max(0.45, n / 260.0)
