"""Distributions of spike statistics, of several populations or of two simulators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spikelab.errors import ParameterError
from spikelab.metrics import SpikeStatistics, ks_distance
from spikelab.metrics.spike_statistics import quantity_label
from spikelab.plot.style import SERIES, dress, legend_above, new_figure
from spikelab.units import require_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["distributions"]

Floats = NDArray[np.float64]

_LINES = ("-", "--", ":", "-.")  # told apart without colour, where lines lie on one another


def distributions(
    statistics: SpikeStatistics | Mapping[str, SpikeStatistics],
    *,
    quantities: Sequence[str] = ("rates_hz", "cv", "correlation"),
    bins: int = 40,
) -> Figure:
    """Histograms of rates, irregularity and correlation, one panel a quantity.

    With several records the legend gives the Kolmogorov-Smirnov distance D of each to the first.

    Parameters
    ----------
    statistics : SpikeStatistics, or mapping of name to these
        Made by `sl.metrics.spike_statistics`: of populations, or of one population in two simulators.
    quantities : sequence of str
        Any of "rates_hz", "cv", "cv2", "lv", "fano" and "correlation".
    bins : int
        Bins of a histogram, at most; all records share them, from the 0.1th to the 99.9th percentile.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        An unknown quantity, no records, or a quantity that none of them has a value of.
    """
    owner = "distributions"
    require_integer(owner, "bins", bins)
    named = statistics if isinstance(statistics, Mapping) else {"": statistics}
    if not named or not quantities:
        raise ParameterError(owner, "statistics", statistics, "hold a record, and quantities one name")
    # Two entries of the legend stand side by side above each panel.
    figure = new_figure(height=(1.9 + 0.2 * ((len(named) - 1) // 2)) * len(quantities))
    panels = np.atleast_1d(figure.subplots(len(quantities)))
    for axes, quantity in zip(panels.ravel(), quantities, strict=True):
        label = quantity_label(owner, quantity)
        dress(axes)
        values = {name: one.of(quantity) for name, one in named.items()}
        # Rates are whole numbers of spikes: bins of another width would hold one number more here and there.
        grain = 1e3 / min(one.duration_ms for one in named.values()) if quantity == "rates_hz" else 0.0
        _histograms(axes, values, _edges(values, bins, grain, quantity))
        axes.set(xlabel=label, ylabel="density", ylim=(0.0, None))
    return figure


def _edges(values: dict[str, Floats], bins: int, grain: float, quantity: str) -> Floats:
    everyone = np.concatenate(list(values.values()))
    if not everyone.size:
        need = "have a value in one of the records: its neurons have too few spikes"
        raise ParameterError("distributions", "quantities", quantity, need)
    # A few strays would squeeze all others into one bin; they are counted in the last.
    low, high = np.percentile(everyone, [0.1, 99.9])
    if grain:
        width = grain * max(np.ceil((high - low) / (bins * grain)), 1.0)
        low = grain * (np.rint(low / grain) - 0.5)
        size = max(int(np.ceil((high - low) / width)), 1)
        return np.asarray(low + width * np.arange(size + 1), np.float64)
    if high - low < 1e-9 * max(abs(high), 1e-9):
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1)


def _histograms(axes: Axes, values: dict[str, Floats], edges: Floats) -> None:
    first = next(iter(values.values()))
    for place, (name, part) in enumerate(values.items()):
        counts = np.histogram(np.clip(part, edges[0], edges[-1]), edges)[0]
        density = counts / (max(part.size, 1) * (edges[1] - edges[0]))
        words = name
        if place:
            words += f", D = {ks_distance(first, part).distance:.3f}"
        colour, line = SERIES[place % len(SERIES)], _LINES[place % len(_LINES)]
        axes.stairs(density, edges, color=colour, linewidth=1.4, linestyle=line, label=words or None)
    if len(values) > 1:
        legend_above(axes, 2)
