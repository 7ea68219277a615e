"""Traces of neurons and reservoir units over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from spikelab.interop import unit_of
from spikelab.plot.checks import finite_array, pick
from spikelab.plot.style import GRID, INK, MUTED, NOTE_POINTS, SERIES, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spikelab.result import Result

__all__ = ["reservoir_states", "stacked", "traces"]

_MOST_LINES = 12  # more stacked lines cannot be told apart on a page


def traces(
    result: Result, population: str, variable: str, *, neurons: Sequence[int] | None = None, batch: int = 0
) -> Figure:
    """Recorded traces of some neurons, stacked; that of a single one on an axis of its own values.

    Parameters
    ----------
    result : Result
        What a run returned, recorded with this variable among ``traces``.
    population, variable : str
        For example ``"exc"`` and ``"v_mv"``.
    neurons : sequence of int, optional
        Columns of the recorded array; the first twelve by default.
    batch : int
        Which batch row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        An unknown population, batch row or neuron.
    """
    part = result[population]
    values = finite_array("traces", variable, part[variable], 3, "[time, batch, neuron]")
    row = values[:, pick("traces", "batch", batch, values.shape[1])]
    chosen = _columns("traces", "neurons", neurons, row.shape[1])
    kept = part.neurons if part.neurons is not None else np.arange(part.n)
    unit = unit_of(variable)
    if len(chosen) == 1:
        figure, axes = new_axes()
        axes.plot(part.time_ms, row[:, chosen[0]], color=SERIES[0], linewidth=1.3)
        axes.set(xlabel="time (ms)", ylabel=f"{variable} of neuron {kept[chosen[0]]}")
        axes.margins(x=0.0)
        return figure
    names = [str(kept[column]) for column in chosen]
    label = f"{variable} of neuron"
    return stacked(
        row[:, chosen], where=part.time_ms, names=names, xlabel="time (ms)", ylabel=label, unit=unit
    )


def reservoir_states(states: ArrayLike, *, units: Sequence[int] | None = None) -> Figure:
    """State of some reservoir units, stacked: one line a unit, one point a frame.

    Parameters
    ----------
    states : array [time, unit]
    units : sequence of int, optional
        Which units; twelve spread over the reservoir by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        A wrong rank, a value that is not finite, or an unknown unit.

    Examples
    --------
    >>> import numpy as np
    >>> from spikelab.plot import reservoir_states
    >>> axes = reservoir_states(np.zeros((5, 3)) + [0.1, 0.2, 0.3]).axes[0]
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['0', '1', '2']
    """
    values = finite_array("reservoir_states", "states", states, 2, "[time, unit]")
    if units is None:
        count = min(_MOST_LINES, values.shape[1])
        units = np.linspace(0, values.shape[1] - 1, count).astype(int).tolist()
    chosen = _columns("reservoir_states", "units", units, values.shape[1])
    names = [str(column) for column in chosen]
    return stacked(values[:, chosen], names=names, xlabel="frame", ylabel="state of unit")


def stacked(
    values: ArrayLike,
    *,
    where: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    xlabel: str,
    ylabel: str,
    colour: int = 0,
    unit: str = "",
) -> Figure:
    """Lines above one another, each about its own mean, the first on top, all on one scale.

    A bar on the right gives their scale.

    Parameters
    ----------
    values : array [time, line]
    where : array [time], optional
        Positions on the x axis; 1, 2, ... by default.
    names : sequence of str, optional
        A name for each line; its column by default.
    xlabel, ylabel : str
    colour : int
        Place in the common palette.
    unit : str
        Unit of the bar.

    Returns
    -------
    matplotlib.figure.Figure
    """
    lines = finite_array("stacked", "values", values, 2, "[time, line]")
    at = np.arange(1, len(lines) + 1) if where is None else np.asarray(where, dtype=np.float64)
    labels = [str(i) for i in range(lines.shape[1])] if names is None else list(names)
    centred = lines - lines.mean(axis=0)
    spacing = 1.15 * float(np.ptp(centred, axis=0).max()) or 1.0
    figure, axes = new_axes(height=0.7 + 0.22 * max(len(labels), 6))
    offsets = spacing * np.arange(len(labels))[::-1]
    for offset, line in zip(offsets, centred.T, strict=True):
        axes.axhline(offset, color=GRID, linewidth=0.6)
        axes.plot(at, line + offset, color=SERIES[colour], linewidth=1.3)
    axes.set_yticks(offsets, labels, color=INK)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if len(at) > 1:
        axes.set_xlim(float(at[0]), float(at[-1]))
    _scale_bar(axes, spacing, unit)
    return figure


def _scale_bar(axes: Axes, spacing: float, unit: str) -> None:
    """Draw a bar of a round height outside the lower right corner: the stacked lines share one scale."""
    power = 10.0 ** math.floor(math.log10(spacing))
    height = max(step * power for step in (1, 2, 5) if step * power <= spacing)
    place = axes.get_yaxis_transform()
    style: dict[str, Any] = {"transform": place, "color": MUTED, "clip_on": False}
    axes.plot([1.03, 1.03], [0.0, height], linewidth=2.0, solid_capstyle="butt", **style)
    axes.text(1.05, height / 2, f"{height:g} {unit}".rstrip(), va="center", fontsize=NOTE_POINTS, **style)


def _columns(owner: str, name: str, columns: Sequence[int] | None, size: int) -> list[int]:
    chosen = range(min(_MOST_LINES, size)) if columns is None else columns
    return [pick(owner, name, column, size) for column in chosen]
