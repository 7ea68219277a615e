"""Who is connected to whom: the weight matrix of a projection, and its degrees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spikelab.errors import ParameterError
from spikelab.parts import Projection
from spikelab.plot.checks import finite_array
from spikelab.plot.style import INK, MUTED, NOTE_POINTS, PAPER, SERIES, dress, new_figure
from spikelab.units import require_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["connectivity"]

_MOST_BARS = 40

Block = tuple[NDArray[Any], NDArray[Any], Any]


class _Edges(NamedTuple):
    """Edges as sums: they may be too many to hold."""

    image: NDArray[np.float64]  # [source cell, target cell], summed weight over possible pairs
    out_degree: NDArray[np.int64]
    in_degree: NDArray[np.int64]


def connectivity(projection: Any, *, cells: int = 200) -> Figure:
    """Weight matrix of a projection, and below it how many edges leave a source and reach a target.

    Parameters
    ----------
    projection : Projection, array [source, target] or sparse matrix
        What `Network.connect` returned, or weights; a zero in a dense array is no edge. Edges of a projection
        are read in blocks, so its size does not matter.
    cells : int
        Cells of the picture along a side; where there are more neurons, a cell is the mean over all pairs in
        it, absent edges counting as 0.

    Returns
    -------
    matplotlib.figure.Figure
        The matrix is ``axes[0]``, out-degrees ``axes[1]``, in-degrees ``axes[2]``.

    Raises
    ------
    ParameterError
        Something else than a projection or a finite matrix, or no edges.

    Examples
    --------
    >>> import spikelab as sl
    >>> net = sl.Network(seed=0)
    >>> cells = net.add("cells", 50, sl.LIF())
    >>> recurrent = net.connect(cells, cells, pattern=sl.FixedIndegree(5), weight=0.1)
    >>> [axes.get_xlabel() for axes in sl.plot.connectivity(recurrent).axes[:3]]
    ['target (cells)', 'out-degree', 'in-degree']
    """
    require_integer("connectivity", "cells", cells)
    if isinstance(projection, Projection):
        shape = projection.source.n_out, projection.target.n
        blocks = _blocks_of(projection)
        labels = [f"source ({projection.name[0]})", f"target ({projection.name[1]})"]
        unit = projection.target.neuron.weight_unit
    else:
        matrix = _matrix(projection)
        shape, blocks = matrix.shape, iter([(matrix.row, matrix.col, matrix.data)])
        labels, unit = ["source", "target"], ""
    edges = _collect(blocks, shape, cells)
    figure = new_figure(height=5.2)
    grid = figure.add_gridspec(2, 2, height_ratios=(2.6, 1.0))
    upper = figure.add_subplot(grid[0, :])
    dress(upper)
    lower = [figure.add_subplot(grid[1, i]) for i in range(2)]
    _draw_matrix(figure, upper, edges.image, shape, unit, binned=max(shape) > cells)
    upper.set(xlabel=labels[1], ylabel=labels[0])
    for axes, degree, words in zip(
        lower, (edges.out_degree, edges.in_degree), ("out-degree", "in-degree"), strict=True
    ):
        dress(axes)
        _draw_degrees(axes, degree)
        axes.set(xlabel=words)
    lower[0].set_ylabel("neurons")
    return figure


def _blocks_of(projection: Projection) -> Iterator[Block]:
    for block in projection.edge_blocks():
        yield block.source, block.target, projection.weights_in(block)


def _matrix(value: Any) -> Any:
    if not sparse.issparse(value):
        value = finite_array("connectivity", "projection", value, 2, "[source, target]")
    matrix = sparse.coo_array(value)
    bad = np.flatnonzero(~np.isfinite(matrix.data))
    if bad.size:
        place = f"[{matrix.row[bad[0]]}, {matrix.col[bad[0]]}]"
        value = float(matrix.data[bad[0]])
        raise ParameterError("connectivity", f"projection{place}", value, "be finite")
    return matrix


def _collect(blocks: Iterator[Block], shape: tuple[int, int], cells: int) -> _Edges:
    rows, columns = (min(size, cells) for size in shape)
    total = np.zeros(rows * columns)
    out_degree, in_degree = (np.zeros(size, dtype=np.int64) for size in shape)
    for source, target, weight in blocks:
        out_degree += np.bincount(source, minlength=shape[0])
        in_degree += np.bincount(target, minlength=shape[1])
        cell = _cell(source, shape[0], rows) * columns + _cell(target, shape[1], columns)
        total += np.bincount(cell, np.broadcast_to(weight, cell.shape), minlength=total.size)
    if not in_degree.any():
        raise ParameterError("connectivity", "projection", "no edges", "have an edge to draw")
    pairs = [np.bincount(_cell(np.arange(n), n, m)) for n, m in zip(shape, (rows, columns), strict=True)]
    return _Edges(total.reshape(rows, columns) / np.outer(*pairs), out_degree, in_degree)


def _cell(index: NDArray[Any], n: int, cells: int) -> NDArray[np.int64]:
    return index.astype(np.int64) * cells // n


def _draw_matrix(
    figure: Figure, axes: Axes, image: NDArray[np.float64], shape: tuple[int, int], unit: str, binned: bool
) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    # Excitation and inhibition in the colours that rasters give them, nothing in that of the paper.
    colours = LinearSegmentedColormap.from_list("weights", [SERIES[1], PAPER, SERIES[0]])
    reach = float(np.abs(image).max()) or 1.0
    low, high = (-reach if image.min() < 0 else 0.0), (reach if image.max() > 0 else 0.0)
    shades = colours(np.linspace(0.5 + 0.5 * low / reach, 0.5 + 0.5 * high / reach, 256))
    drawn = axes.imshow(
        image,
        cmap=LinearSegmentedColormap.from_list("part", shades),
        vmin=low,
        vmax=high,
        extent=(-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5),
        aspect="auto",
        interpolation="nearest",
    )
    bar = figure.colorbar(drawn, ax=axes, pad=0.02, aspect=30)
    words = "mean weight of a pair" if binned else "weight"
    bar.set_label(f"{words} ({unit})" if unit else words, color=INK)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=MUTED, labelcolor=INK, labelsize=NOTE_POINTS)


def _draw_degrees(axes: Axes, degree: NDArray[np.int64]) -> None:
    low, high = int(degree.min()), int(degree.max())
    width = -(-(high - low + 1) // _MOST_BARS)  # whole numbers, so that each bar holds as many degrees
    edges = np.arange(low, high + 1 + width, width) - 0.5
    axes.stairs(np.histogram(degree, edges)[0], edges, color=SERIES[0], fill=True)
    if edges.size == 2:
        axes.set_xlim(low - 5, high + 5)
    axes.text(
        0.98, 1.0, f"mean {degree.mean():.4g}", transform=axes.transAxes, ha="right", va="bottom",
        color=MUTED, fontsize=NOTE_POINTS,
    )  # fmt: skip
