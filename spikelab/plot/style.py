"""The look that all figures share: colours that colour-blind readers can tell apart, few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "GRID",
    "INK",
    "MUTED",
    "NOTE_POINTS",
    "PAPER",
    "SERIES",
    "dress",
    "legend_above",
    "new_axes",
    "new_figure",
]

INK = "#1b1f24"
MUTED = "#5b6570"
GRID = "#d5dade"
PAPER = "#fefefe"
# Okabe and Ito's blue, vermillion, green, purple, orange, sky blue (jfly.uni-koeln.de/color).
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

_FONT_POINTS = 10.0
NOTE_POINTS = 9.0  # for words inside the axes


# Narrow enough that the words stay legible where a phone shows the figure 360 pixels wide.
def new_figure(width: float = 4.8, height: float = 3.0) -> Figure:
    """An empty figure with its own canvas, in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def new_axes(width: float = 4.8, height: float = 3.0) -> tuple[Figure, Axes]:
    """A figure with one pair of axes in the common style."""
    figure = new_figure(width, height)
    axes = figure.add_subplot()
    dress(axes)
    return figure, axes


def dress(axes: Axes) -> None:
    """Give axes the common style; call it before anything is drawn."""
    axes.set_facecolor("none")
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=_FONT_POINTS, width=0.8, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(MUTED)
        spine.set_linewidth(0.8)
    axes.xaxis.label.set(color=INK, size=_FONT_POINTS)
    axes.yaxis.label.set(color=INK, size=_FONT_POINTS)
    axes.title.set(color=INK, size=_FONT_POINTS)


def legend_above(axes: Axes, columns: int) -> None:
    """Write the names of the lines above the axes, where none of them runs."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=NOTE_POINTS,
        labelcolor=INK,
        borderaxespad=0.2,
        handlelength=1.6,
        columnspacing=1.2,
    )
