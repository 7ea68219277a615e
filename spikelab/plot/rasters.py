"""Raster of one or several populations, with their rates below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spikelab.errors import ParameterError
from spikelab.metrics import SpikeTrains, population_rate
from spikelab.plot.checks import pick
from spikelab.plot.spikes import draw_strokes
from spikelab.plot.style import INK, SERIES, dress, new_figure
from spikelab.result import Result
from spikelab.units import require_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["raster", "round_bin"]

_SEPARATE_RATES = 4  # lines more than these cover each other
_RATE_BINS = 150


class _Band(NamedTuple):
    """Where a population stands in the raster, from `low` to `high`, and which of its neurons are drawn."""

    name: str
    trains: SpikeTrains
    colour: str
    low: float
    high: float
    shown: NDArray[np.int64]

    def draw(self, axes: Axes, height: float) -> None:
        height_of_one = (self.high - self.low) / self.trains.n
        drawn = np.isin(self.trains.neuron, self.shown)
        places = self.low + (self.trains.neuron[drawn] + 0.5) * height_of_one
        row = (self.high - self.low) / self.shown.size
        half = max(0.45 * row, height / 260)  # visible where rows are finer than points
        draw_strokes(axes, self.trains.times_ms[drawn], places, self.colour, half=half)


def raster(
    result: Result,
    *,
    population: str | Sequence[str] | None = None,
    batch: int = 0,
    window_ms: tuple[float, float] | None = None,
    most: int = 1000,
    rates: bool = True,
    bin_ms: float | None = None,
) -> Figure:
    """A stroke for every spike: time to the right, neurons upwards, and the rates of all neurons below.

    Several populations stand above one another in their own colours, the first on top.

    Parameters
    ----------
    result : Result
        What a run returned, recorded with ``spikes="events"``.
    population : str or sequence of str, optional
        Which populations; None: all whose spikes were recorded.
    batch : int
        Which batch row.
    window_ms : (float, float), optional
        Start and end of the time that is drawn, ms; None: the whole run.
    most : int
        Strokes are drawn for at most so many neurons, spread evenly over each population.
    rates : bool
        Whether to draw the rates: a line for each population, or one for all neurons together where there
        are more than four populations.
    bin_ms : float, optional
        Bin of the rates, ms; None: a round number that makes 75 to 150 bins.

    Returns
    -------
    matplotlib.figure.Figure
        The raster is ``axes[0]``, the rates ``axes[1]``.

    Raises
    ------
    ParameterError
        An unknown population or batch row, no recorded spikes, or a window outside of the run.

    Examples
    --------
    >>> import spikelab as sl
    >>> net = sl.Network(seed=0)
    >>> cells = net.add("cells", 5, sl.LIF())
    >>> result = sl.Simulator(net).run(1.0)
    >>> [axes.get_ylabel() for axes in sl.plot.raster(result).axes]
    ['neuron', 'rate (Hz)']
    """
    if not isinstance(result, Result):
        remedy = 'For one population write raster(res, population="exc").'
        raise ParameterError("raster", "result", type(result).__name__, "be what a run returned", remedy)
    row = pick("raster", "batch", batch, result.batch)
    require_integer("raster", "most", most)
    trains = {name: SpikeTrains.of_result(result[name], batch=row) for name in _names(result, population)}
    if window_ms is not None:
        trains = {name: one.window(*window_ms) for name, one in trains.items()}
    bands = _bands(trains, most)
    figure = new_figure(height=4.0 if rates else 3.0)
    if rates:
        upper, lower = figure.subplots(2, sharex=True, height_ratios=(3, 1))
    else:
        upper = figure.add_subplot()
    dress(upper)
    for band in bands:
        band.draw(upper, bands[0].high - bands[-1].low)
    _label(upper, bands)
    any_train = bands[0].trains
    upper.set_xlim(any_train.start_ms, any_train.stop_ms)
    bottom = upper
    if rates:
        dress(lower)
        _draw_rates(lower, bands, bin_ms)
        figure.align_ylabels([upper, lower])
        bottom = lower
    bottom.set_xlabel("time (ms)")
    return figure


def round_bin(span_ms: float) -> float:
    """Return 1, 2 or 5 times a power of ten ms that cuts `span_ms` into about 75 to 150 bins."""
    least = span_ms / _RATE_BINS
    power = math.pow(10.0, math.floor(math.log10(least)))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= least * (1 - 1e-9))


def _bands(trains: dict[str, SpikeTrains], most: int) -> list[_Band]:
    """Heights follow the sizes, but no band is thinner than half of an equal share: its name needs room."""
    sizes = np.array([one.n for one in trains.values()], dtype=np.float64)
    heights = np.maximum(sizes / sizes.sum(), 0.5 / sizes.size)
    heights *= sizes.sum() / heights.sum()
    # A single population stands at the numbers of its neurons, each stroke about its own.
    tops = sizes.sum() - 0.5 - np.concatenate([[0.0], np.cumsum(heights)])
    bands = []
    for place, (name, one) in enumerate(trains.items()):
        share = one.n if sizes.sum() <= most else round(most * heights[place] / sizes.sum())
        rows = min(one.n, max(share, 1))
        shown = np.linspace(0, one.n - 1, rows).round().astype(np.int64)
        colour = SERIES[place % len(SERIES)]
        bands.append(_Band(name, one, colour, float(tops[place + 1]), float(tops[place]), shown))
    return bands


def _label(axes: Axes, bands: Sequence[_Band]) -> None:
    shown, n = sum(band.shown.size for band in bands), sum(band.trains.n for band in bands)
    axes.set_ylabel("neuron" if shown == n else f"{shown:,} of {n:,} neurons")
    axes.set_ylim(-1, n)
    if len(bands) > 1:
        axes.set_yticks([(band.low + band.high) / 2 for band in bands], [band.name for band in bands])
        for label, band in zip(axes.get_yticklabels(), bands, strict=True):
            label.set_color(band.colour)
        axes.tick_params(axis="y", length=0)


def _draw_rates(axes: Axes, bands: Sequence[_Band], bin_ms: float | None) -> None:
    together = len(bands) > _SEPARATE_RATES
    lines: list[tuple[SpikeTrains, Any]] = [(band.trains, band.colour) for band in bands]
    if together:
        lines = [(_merged([band.trains for band in bands]), INK)]
    width = round_bin(bands[0].trains.duration_ms) if bin_ms is None else bin_ms
    for trains, colour in lines:
        found = population_rate(trains, bin_ms=width)
        edges = trains.start_ms + width * np.arange(found.rate_hz.size + 1)
        axes.stairs(found.rate_hz, edges, color=colour, linewidth=1.2, baseline=None)
    axes.set_ylim(bottom=0.0)
    axes.set_ylabel("rate of all (Hz)" if together else "rate (Hz)")


def _merged(parts: Sequence[SpikeTrains]) -> SpikeTrains:
    firsts = np.cumsum([0, *(part.n for part in parts)])
    neuron = np.concatenate([part.neuron + first for part, first in zip(parts, firsts[:-1], strict=True)])
    times = np.concatenate([part.times_ms for part in parts])
    return SpikeTrains(times, neuron, int(firsts[-1]), parts[0].duration_ms, parts[0].start_ms)


def _names(result: Result, population: str | Sequence[str] | None) -> list[str]:
    if isinstance(population, str):
        return [population]  # the result answers unknown names and missing spikes itself
    if population is not None:
        names = list(population)
        if not names or len(set(names)) < len(names):
            raise ParameterError("raster", "population", names, "name one population or more, each once")
        return names
    names = [name for name, part in result.items() if part.events is not None]
    if not names:
        remedy = 'Record spikes with Record(spikes="events").'
        raise ParameterError("raster", "result", "no spikes", "hold the spikes of a population", remedy)
    return names
