"""How well something does while it learns, beside what does as well without learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from spikelab.errors import ParameterError
from spikelab.plot.checks import finite_array
from spikelab.plot.style import INK, MUTED, NOTE_POINTS, SERIES, legend_above, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["learning_curve"]


def learning_curve(
    curves: Mapping[str, ArrayLike],
    controls: Mapping[str, ArrayLike] | None = None,
    floors: Mapping[str, float] | None = None,
    *,
    x: ArrayLike | None = None,
    xlabel: str = "samples",
    ylabel: str = "accuracy (%)",
) -> Figure:
    """Scores over the course of learning: models, controls that cannot learn, and floors.

    Parameters
    ----------
    curves : mapping of str to array [point] or [seed, point]
        Scores of what learns. Of several seeds the median is drawn, and a band from the least to the
        largest.
    controls : mapping of the same, optional
        Scores of what has the same structure and gets no usable signal; drawn dashed.
    floors : mapping of str to float, optional
        Scores of what does not learn over time, such as chance; dotted lines across.
    x : array [point], optional
        Place of each point; 1, 2, ... by default.
    xlabel, ylabel : str
        Labels of the axes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        No curves, values that are not finite, or another number of points than `x` has.

    Examples
    --------
    >>> from spikelab.plot import learning_curve
    >>> axes = learning_curve({"rewarded": [[0, 1], [1, 1]]}, {"shuffled": [0, 0]}, {"chance": 0.5}).axes[0]
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['rewarded', 'shuffled']
    """
    owner = "learning_curve"
    if not curves:
        raise ParameterError(owner, "curves", curves, "hold a curve")
    figure, axes = new_axes(height=3.2)
    place = None if x is None else finite_array(owner, "x", x, 1, "[point]")
    count = 0
    for parameter, named, line in (("curves", curves, "-"), ("controls", controls or {}, "--")):
        for name, values in named.items():
            _draw(axes, f"{parameter}[{name!r}]", name, values, place, line, SERIES[count % len(SERIES)])
            count += 1
    for name, value in (floors or {}).items():
        axes.axhline(float(value), color=MUTED, linewidth=1.0, linestyle=":")
        axes.text(
            0.995, float(value), name, transform=axes.get_yaxis_transform(), ha="right", va="bottom",
            color=INK, fontsize=NOTE_POINTS,
        )  # fmt: skip
    axes.set(xlabel=xlabel, ylabel=ylabel)
    legend_above(axes, 2)
    return figure


def _draw(
    axes: Axes, parameter: str, name: str, values: ArrayLike, x: ArrayLike | None, line: str, colour: str
) -> None:
    owner = "learning_curve"
    rows = finite_array(owner, parameter, np.atleast_2d(np.asarray(values, np.float64)), 2, "[seed, point]")
    at = np.arange(1, rows.shape[1] + 1) if x is None else np.asarray(x)
    if at.size != rows.shape[1]:
        raise ParameterError(
            owner, parameter, rows.shape[1], f"have a score for each of the {at.size} places"
        )
    if len(rows) > 1:
        axes.fill_between(at, rows.min(axis=0), rows.max(axis=0), color=colour, alpha=0.15, linewidth=0)
    axes.plot(at, np.median(rows, axis=0), line, color=colour, linewidth=1.4, label=name)
