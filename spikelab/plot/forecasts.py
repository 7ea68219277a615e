"""Figures of forecasts: beside the truth, and how their errors grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from spikelab.errors import ParameterError
from spikelab.plot.checks import finite_array
from spikelab.plot.style import INK, MUTED, NOTE_POINTS, SERIES, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["error_growth", "forecast"]

_STYLES = ("-", "--", "-.", (0, (3, 1, 1, 1)))


def forecast(
    truth: ArrayLike,
    forecasts: Mapping[str, ArrayLike],
    *,
    step: float = 1.0,
    xlabel: str = "step ahead",
    ylabel: str = "value",
) -> Figure:
    """Forecasts of one series as lines, with the truth dotted on top.

    Parameters
    ----------
    truth : array [step]
    forecasts : mapping of str to array [step]
        By name. Values far outside the range of the truth leave the picture.
    step : float
        Length of a step, in units of the x axis.
    xlabel, ylabel : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        A forecast of another length.

    Examples
    --------
    >>> figure = forecast([0.0, 1.0, 0.0], {"a model": [0.0, 0.9, 0.2]})
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['a model', 'truth']
    """
    true = finite_array("forecast", "truth", truth, 1, "[step]")
    at = step * np.arange(1, true.size + 1)
    figure, axes = new_axes(height=2.8)
    for place, (name, values) in enumerate(forecasts.items()):
        line = np.asarray(values, dtype=np.float64)
        if line.shape != true.shape:
            raise ParameterError("forecast", name, list(line.shape), f"have {true.size} steps, as the truth")
        axes.plot(at, line, color=SERIES[place % len(SERIES)], linewidth=1.5, label=name)
    axes.plot(at, true, color=INK, linestyle=(0, (1, 1.6)), linewidth=1.5, label="truth")
    low, high = float(true.min()), float(true.max())
    room = 0.15 * (high - low) or 1.0
    axes.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, at[-1]), ylim=(low - room, high + room))
    _legend(axes)
    return figure


def error_growth(
    errors: Mapping[str, ArrayLike],
    *,
    step: float = 1.0,
    xlabel: str = "step ahead",
    marks: Mapping[float, str] | None = None,
    threshold: float | None = None,
) -> Figure:
    """How the error of forecasts grows with the step ahead, on a logarithmic axis.

    Parameters
    ----------
    errors : mapping of str to array [step]
        Errors relative to the spread of the series, by name.
    step : float
        Length of a step, in units of the x axis.
    xlabel : str
    marks : mapping of float to str, optional
        Positions on the x axis to mark, with a word each.
    threshold : float, optional
        An error to mark.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = new_axes(height=2.8)
    lowest = 1.0
    for place, (name, values) in enumerate(errors.items()):
        line = np.asarray(values, dtype=np.float64)
        shown = np.where(np.isfinite(line) & (line > 0), line, np.nan)
        lowest = min(lowest, float(np.nanmin(shown)) if np.isfinite(shown).any() else 1.0)
        at = step * np.arange(1, line.size + 1)
        colour, style = SERIES[place % len(SERIES)], _STYLES[place % len(_STYLES)]
        axes.plot(at, shown, color=colour, linestyle=style, linewidth=1.5, label=name)
    axes.set_yscale("log")
    axes.set(xlabel=xlabel, ylabel="error / spread of the series", ylim=(lowest / 3.0, 10.0))
    axes.set_xlim(left=0.0)
    if threshold is not None:
        axes.axhline(threshold, color=MUTED, linewidth=0.8, linestyle=":")
    for where, word in (marks or {}).items():
        axes.axvline(where, color=MUTED, linewidth=0.8, linestyle=":")
        axes.annotate(word, (where, lowest), xytext=(3, 0), textcoords="offset points", fontsize=NOTE_POINTS)
    _legend(axes)
    return figure


def _legend(axes: Axes) -> None:
    """Names above the axes, where no line runs."""
    axes.legend(
        frameon=False,
        fontsize=NOTE_POINTS,
        ncols=2,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.0,
        handlelength=1.6,
        columnspacing=1.2,
    )
