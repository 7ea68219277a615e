"""Figures of what a readout learned and how well: confusion, ridge path, scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from spikelab.errors import ParameterError
from spikelab.plot.checks import finite_array
from spikelab.plot.style import GRID, INK, MUTED, NOTE_POINTS, PAPER, SERIES, new_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["answer", "confusion", "ridge_path", "scores"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_KINDS = {"model": ("o", SERIES[0]), "control": ("s", SERIES[3]), "floor": ("D", SERIES[1])}


def confusion(matrix: ArrayLike, *, classes: Sequence[object] | None = None, noun: str = "class") -> Figure:
    """A confusion matrix: a row for each true class, a column for each answer.

    Parameters
    ----------
    matrix : array [true class, answered class]
        Counts.
    classes : sequence, optional
        Labels; 1 ... n by default.
    noun : str
        What a class is called on the axes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        A matrix that is not square, or another number of labels.

    Notes
    -----
    Shade is the share of the row's true class; the number is the count.

    Examples
    --------
    >>> from spikelab.plot import confusion
    >>> [text.get_text() for text in confusion([[3, 1], [0, 4]]).axes[0].texts]
    ['3', '1', '4']
    """
    counts = finite_array("confusion", "matrix", matrix, 2, "[true class, answered class]")
    n = len(counts)
    if counts.shape != (n, n) or counts.min() < 0:
        raise ParameterError("confusion", "matrix", list(counts.shape), "be square, with counts >= 0")
    names = [str(i + 1) for i in range(n)] if classes is None else [str(name) for name in classes]
    if len(names) != n:
        raise ParameterError("confusion", "classes", len(names), f"name the {n} classes of the matrix")
    from matplotlib.patches import Rectangle

    figure, axes = new_axes(height=4.4)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    for row, column in np.argwhere(counts > 0):
        right = row == column
        shade = 0.16 + 0.84 * float(share[row, column])
        cell = Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, linewidth=0)
        cell.set(facecolor=SERIES[0] if right else SERIES[1], alpha=shade)
        axes.add_patch(cell)
        text = f"{counts[row, column]:g}"
        colour = PAPER if shade > 0.6 else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=NOTE_POINTS, color=colour)
    axes.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), aspect="equal")
    axes.set_xticks(range(n), names)
    axes.set_yticks(range(n), names)
    axes.set(xlabel=f"predicted {noun}", ylabel=f"true {noun}")
    return figure


def answer(
    sums: ArrayLike, *, classes: Sequence[object] | None = None, right: object = None, noun: str = "class"
) -> Figure:
    """What a readout says of one sample: its sum for each class; the largest is the answer.

    The bar of the answer is blue, or red if `right` says that it is wrong.

    Parameters
    ----------
    sums : array [class]
    classes : sequence, optional
        Labels; 1 ... n by default.
    right : object, optional
        Label of the true class, marked on the axis.
    noun : str
        What a class is called on the axis.

    Returns
    -------
    matplotlib.figure.Figure
    """
    values = finite_array("answer", "sums", sums, 1, "[class]")
    names = [str(name) for name in (range(1, values.size + 1) if classes is None else classes)]
    if len(names) != values.size:
        raise ParameterError("answer", "classes", len(names), f"name the {values.size} classes")
    figure, axes = new_axes()
    largest = int(np.argmax(values))
    wrong = right is not None and names[largest] != str(right)
    colours = [GRID] * values.size
    colours[largest] = SERIES[1] if wrong else SERIES[0]
    axes.barh(range(values.size), values, height=0.72, color=colours)
    axes.axvline(0.0, color=MUTED, linewidth=0.8)
    labels = [f"{name} (true)" if right is not None and name == str(right) else name for name in names]
    axes.set_yticks(range(values.size), labels)
    axes.set(ylim=(values.size - 0.4, -0.6), xlabel="sum of the readout", ylabel=noun)
    return figure


def ridge_path(alpha: ArrayLike, score: ArrayLike, *, chosen: float, ylabel: str = "GCV score") -> Figure:
    """Score of every ridge strength that was tried, with the chosen one marked.

    Parameters
    ----------
    alpha : array [candidate]
        Ridge strengths, > 0.
    score : array [candidate]
        Lower is better.
    chosen : float
        The strength in use.
    ylabel : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        Arrays of different lengths, or a strength <= 0.
    """
    strengths = finite_array("ridge_path", "alpha", alpha, 1, "[candidate]")
    values = finite_array("ridge_path", "score", score, 1, "[candidate]")
    if strengths.shape != values.shape:
        sizes = [strengths.size, values.size]
        raise ParameterError("ridge_path", "score", sizes, "have one value for each alpha")
    if strengths.min() <= 0 or not chosen > 0:
        raise ParameterError("ridge_path", "alpha", float(min(strengths.min(), chosen)), "be > 0")
    figure, axes = new_axes(height=2.9)
    axes.plot(strengths, values, "o-", color=SERIES[0], markersize=3, linewidth=1.3)
    at = int(np.argmin(np.abs(np.log(strengths / chosen))))
    axes.plot(
        strengths[at], values[at], "o", color=SERIES[1], markersize=8, fillstyle="none", markeredgewidth=2
    )
    axes.annotate(
        f"chosen: {_short(chosen)}",
        (strengths[at], values[at]),
        xytext=(0, -17),
        textcoords="offset points",
        ha="center",
        color=SERIES[1],
        fontsize=NOTE_POINTS,
    )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: _power_of_ten(value))
    axes.xaxis.set_minor_formatter(lambda value, _: "")
    axes.margins(y=0.2)
    axes.set(xlabel="ridge strength alpha", ylabel=ylabel)
    return figure


def scores(rows: Sequence[Mapping[str, Any]], *, metric: str = "accuracy", lowest: float = 0.9) -> Figure:
    """Accuracy of each row of a result as a point, with its spread over seeds.

    Parameters
    ----------
    rows : sequence of mapping
        ``{"name", "kind": "model" | "control" | "floor", "metrics": {metric: {"mean", "std", "n"}}}``.
    metric : str
        A share between 0 and 1.
    lowest : float
        Left end of the axis; rows below it stand at the edge with an arrow and their value.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        No rows, or an unknown kind.
    """
    if not rows:
        raise ParameterError("scores", "rows", [], "hold at least one row")
    figure, axes = new_axes(height=0.75 + 0.34 * len(rows))
    for height, row in enumerate(rows):
        if row["kind"] not in _KINDS:
            raise ParameterError("scores", "kind", row["kind"], f"be one of: {', '.join(_KINDS)}")
        marker, colour = _KINDS[row["kind"]]
        mean, std = row["metrics"][metric]["mean"], row["metrics"][metric]["std"]
        axes.axhline(height, color=GRID, linewidth=0.7, zorder=0)
        if mean < lowest:
            edge = 100 * lowest
            axes.annotate(
                f"{100 * mean:.1f}, off the scale",
                (edge, height),
                xytext=(34, 0),
                textcoords="offset points",
                va="center",
                fontsize=NOTE_POINTS,
                color=MUTED,
                arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.6, "shrinkB": 2},
            )
            continue
        span = [100 * (mean - std), 100 * (mean + std)]
        axes.plot(span, [height, height], color=colour, linewidth=1.8, solid_capstyle="butt")
        fill = "none" if row["kind"] == "floor" else "full"
        axes.plot(100 * mean, height, marker, color=colour, fillstyle=fill, markersize=7, markeredgewidth=1.6)
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
    axes.set(ylim=(len(rows) - 0.4, -0.6), xlim=(100 * lowest, 100.3), xlabel=f"{metric} (%)")
    axes.tick_params(axis="y", length=0)
    return figure


def _short(value: float) -> str:
    """Two digits: ``0.012``, ``3.4``, ``8.2·10³``."""
    if 1e-3 <= value < 1e3:
        return f"{value:.2g}"
    mantissa, _, power = f"{value:.1e}".partition("e")
    return f"{mantissa}·{_power_of_ten(10.0 ** int(power))}"


def _power_of_ten(value: float) -> str:
    # Plain text: typesetting "10^-8" as mathematics costs a second for the first figure.
    return "10" + str(round(math.log10(value))).translate(_RAISED) if value > 0 else ""
