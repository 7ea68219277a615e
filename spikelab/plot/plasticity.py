"""Pictures of what synapses have learned: receptive fields, and weights over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelab.errors import ParameterError
from spikelab.plot.checks import finite_array
from spikelab.plot.style import INK, MUTED, NOTE_POINTS, PAPER, SERIES, dress, new_axes, new_figure
from spikelab.units import require_integer

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

__all__ = ["receptive_fields", "weight_histogram"]

_GAP = 1  # pixels between two fields


def receptive_fields(
    weights: ArrayLike,
    image_shape: tuple[int, int],
    *,
    most: int = 100,
    labels: Sequence[object] | None = None,
) -> Figure:
    """Weights onto each neuron as the image that they are weights of, side by side.

    Parameters
    ----------
    weights : array [input, neuron]
        Inputs in the order of the image's pixels, row by row.
    image_shape : (int, int)
        Rows and columns of the image; their product is the number of inputs.
    most : int
        Fields drawn: the first ones.
    labels : sequence, optional
        A word for each neuron, such as the class that it stands for; written into its corner.

    Returns
    -------
    matplotlib.figure.Figure
        One picture of all fields; all have the same scale of shades, which starts at 0 unless there are
        negative weights.

    Raises
    ------
    ParameterError
        Weights that are not finite, or that do not fill the image.

    Examples
    --------
    >>> import numpy as np
    >>> from spikelab.plot import receptive_fields
    >>> receptive_fields(np.eye(6), (2, 3)).axes[0].images[0].get_array().shape
    (8, 7)
    """
    owner = "receptive_fields"
    fields = finite_array(owner, "weights", weights, 2, "[input, neuron]")
    rows, columns = _shape(image_shape, len(fields))
    require_integer(owner, "most", most)
    if labels is not None and len(labels) != fields.shape[1]:
        raise ParameterError(owner, "labels", len(labels), f"name the {fields.shape[1]} neurons")
    count = min(most, fields.shape[1])
    across = math.ceil(math.sqrt(count * rows / columns))
    down = math.ceil(count / across)
    picture = np.full((down * (rows + _GAP) - _GAP, across * (columns + _GAP) - _GAP), np.nan)
    corners = [(place // across * (rows + _GAP), place % across * (columns + _GAP)) for place in range(count)]
    for (top, left), field in zip(corners, fields.T, strict=False):
        picture[top : top + rows, left : left + columns] = field.reshape(rows, columns)
    height = 4.2 * picture.shape[0] / picture.shape[1]
    figure, axes = new_axes(width=4.8, height=min(max(height, 1.6), 7.0))
    low, high = min(float(np.nanmin(picture)), 0.0), float(np.nanmax(picture))
    drawn = axes.imshow(
        np.ma.masked_invalid(picture),
        cmap=_shades(low, high),
        vmin=low,
        vmax=high if high > low else low + 1.0,
        interpolation="nearest",
    )
    for (top, left), label in zip(corners, () if labels is None else labels, strict=False):
        axes.text(left, top, str(label), ha="left", va="top", fontsize=NOTE_POINTS - 2, color=SERIES[1])
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if count < fields.shape[1]:
        axes.set_xlabel(f"{count} of {fields.shape[1]} neurons")
    _bar(figure, drawn, axes, "weight")
    return figure


def weight_histogram(
    snapshots: Sequence[ArrayLike],
    times: ArrayLike,
    *,
    bins: int = 40,
    unit: str = "",
    time_label: str = "time (s)",
) -> Figure:
    """How the weights of a projection are distributed, over time and at the end.

    Parameters
    ----------
    snapshots : sequence of arrays [edge], or array [time, edge]
        Weights at each time, such as ``sim.weights()[name]`` between two runs.
    times : array [time]
        When each was taken, rising.
    bins : int
        Bins between the smallest and the largest weight of all times.
    unit : str
        Unit of the weights, for the axis.
    time_label : str
        Label of the axis of time.

    Returns
    -------
    matplotlib.figure.Figure
        ``axes[0]``: share of the edges in each bin, a column a snapshot. ``axes[1]``: the first snapshot
        (dashed) and the last.

    Raises
    ------
    ParameterError
        Snapshots of several sizes, values that are not finite, or times that do not rise.

    Examples
    --------
    >>> from spikelab.plot import weight_histogram
    >>> upper, lower = weight_histogram([[0.4, 0.6], [0.0, 1.0]], [0.0, 10.0], bins=2).axes[:2]
    >>> lower.patches[-1].get_data().values.tolist()
    [50.0, 50.0]
    """
    owner = "weight_histogram"
    sizes = sorted({np.size(one) for one in snapshots})
    if len(sizes) > 1:
        raise ParameterError(owner, "snapshots", sizes, "have as many edges at every time")
    weights = finite_array(owner, "snapshots", np.asarray(snapshots), 2, "[time, edge]")
    when = finite_array(owner, "times", times, 1, "[time]")
    require_integer(owner, "bins", bins)
    if when.size != len(weights):
        raise ParameterError(owner, "times", when.size, f"have a value for each of {len(weights)} snapshots")
    if (np.diff(when) <= 0).any():
        place = int(np.argmax(np.diff(when) <= 0)) + 1
        raise ParameterError(owner, f"times[{place}]", float(when[place]), "be later than the one before")
    low, high = float(weights.min()), float(weights.max())
    if high - low <= 1e-9 * max(abs(high), 1e-9):
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    share = np.stack([100.0 * np.histogram(row, edges)[0] / row.size for row in weights])
    figure = new_figure(height=5.0)
    upper, lower = figure.subplots(2, 1, height_ratios=(1.5, 1.0))
    for axes in (upper, lower):
        dress(axes)
    # A bin that holds most of the edges must not make all others white.
    most = max(float(np.percentile(share[share > 0], 98.0)), 1e-9)
    drawn = upper.pcolormesh(
        _borders(when), edges, share.T, cmap=_shades(0.0, most), vmin=0.0, vmax=most, rasterized=True
    )
    words = f"weight ({unit})" if unit else "weight"
    upper.set(xlabel=time_label, ylabel=words)
    _bar(figure, drawn, upper, "edges (%)")
    if len(weights) > 1:
        lower.stairs(
            share[0], edges, color=MUTED, linewidth=1.2, linestyle="--", label=_moment(when[0], time_label)
        )
    lower.stairs(
        share[-1], edges, color=SERIES[0], fill=True, alpha=0.85, label=_moment(when[-1], time_label)
    )
    lower.legend(frameon=False, fontsize=NOTE_POINTS, labelcolor=INK)
    lower.set(xlabel=words, ylabel="edges (%)")
    return figure


def _shape(image_shape: Any, size: int) -> tuple[int, int]:
    owner = "receptive_fields"
    if not isinstance(image_shape, (tuple, list)) or len(image_shape) != 2:
        raise ParameterError(owner, "image_shape", image_shape, "be (rows, columns)")
    rows, columns = (require_integer(owner, "image_shape", part, 1) for part in image_shape)
    if rows * columns != size:
        remedy = f"{rows} x {columns} pixels are {rows * columns} inputs."
        raise ParameterError(owner, "image_shape", image_shape, f"hold the {size} inputs of weights", remedy)
    return rows, columns


def _shades(low: float, high: float) -> Colormap:
    """Nothing in the colour of the paper, more weight in darker ink; negative weights in vermillion."""
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap

    full = LinearSegmentedColormap.from_list("weights", [SERIES[1], PAPER, "#3d8fc0", "#06304d"])
    reach = max(abs(low), abs(high)) or 1.0
    # Below the paper's place lie a third of the colours, above it two thirds.
    start = (1.0 + low / reach) / 3.0 if low < 0 else 1.0 / 3.0
    end = 1.0 / 3.0 + 2.0 / 3.0 * max(high, 0.0) / reach
    return ListedColormap(full(_ramp(start, end)))


def _ramp(start: float, end: float) -> NDArray[np.float64]:
    """Places of 256 shades from `start` to `end`, with the paper's (a third) where the weight is 0."""
    middle, below = 1.0 / 3.0, 3.0 * (1.0 / 3.0 - start)
    above = 1.5 * (end - middle)
    count = round(256 * below / (below + above)) if below + above else 0
    return np.concatenate([np.linspace(start, middle, count), np.linspace(middle, end, 256 - count)])


def _borders(when: NDArray[np.float64]) -> NDArray[np.float64]:
    """Borders of columns that stand for the times `when`: halfway between two of them."""
    if when.size == 1:
        return np.array([when[0] - 0.5, when[0] + 0.5])
    middle = 0.5 * (when[1:] + when[:-1])
    return np.concatenate([[2 * when[0] - middle[0]], middle, [2 * when[-1] - middle[-1]]])


def _moment(when: float, label: str) -> str:
    name, _, unit = label.partition(" (")
    return f"{name} {when:g} {unit.rstrip(')')}".rstrip()


def _bar(figure: Figure, drawn: Any, axes: Any, words: str) -> None:
    bar = figure.colorbar(drawn, ax=axes, pad=0.02, aspect=30)
    bar.set_label(words, color=INK)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=MUTED, labelcolor=INK, labelsize=NOTE_POINTS)
