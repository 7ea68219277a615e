"""Arrival tables made from blocks of edges, in plain NumPy: count, place, sort into cells.

Edges come in blocks, twice. The first time they are counted; the second time each is placed into the row of
its source and range of targets, beside a *kind*, ``delay * groups + group``. At last every row is sorted by
kind, and each run of one kind is a cell (see `spikelab_kernels.layout.ArrivalTable`). Rows are numbered
``range * n_source + source``: the tables of all ranges follow one another in one array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["count_edges", "fill_cells", "place_edges", "sort_rows"]

Array = NDArray[Any]


def count_edges(
    source: NDArray[np.uint32],
    target: NDArray[np.uint32],
    weight: NDArray[np.float64],
    part_of: NDArray[np.uint16],
    positive: int,
    negative: int,
    counts: NDArray[np.uint32],
    bound: NDArray[np.float64],
) -> float:
    """Count the edges of each row, and sum the absolute weights of each target and receptor.

    Parameters
    ----------
    source, target : array [edge], uint32
    weight : array [edge], or [1] where all are equal, float64
    part_of : array [target], uint16
        Range that each target lies in.
    positive, negative : int
        Receptor of weights >= 0 and < 0.
    counts : array [source, range], uint32
        Added to.
    bound : array [receptor, target], float64
        Added to, in the order of the edges.

    Returns
    -------
    float
        The largest absolute weight.
    """
    np.add.at(counts, (source, part_of[target]), 1)
    receptor = np.where(weight < 0, negative, positive)
    np.add.at(bound, (np.broadcast_to(receptor, target.shape), target), np.abs(weight))
    return float(np.abs(weight).max(initial=0.0))


def place_edges(
    first: int,
    source: NDArray[np.uint32],
    target: NDArray[np.uint32],
    weight: Array,
    kind: NDArray[np.uint32],
    part_of: NDArray[np.uint16],
    shift: NDArray[np.int64],
    cursor: NDArray[np.uint64],
    to_target: NDArray[np.uint16],
    to_weight: Array,
    to_kind: Array,
    to_number: NDArray[np.uint32],
) -> None:
    """Write each edge to the next free place of its row.

    Parameters
    ----------
    first : int
        Number of the first edge.
    source, target : array [edge], uint32
    weight : array [edge] or [0]
        Where it is empty, no weights are written.
    kind : array [edge], or [1] where all are equal, uint32
    part_of : array [target], uint16
    shift : array [range], int64
        What makes a target's number in the population one in the range.
    cursor : array [source, range], uint64
        Next free place of each row; moved on.
    to_target, to_weight, to_kind, to_number : array [place]
        Outputs; `to_number`, the number of the edge, is left out where it is empty.
    """
    kinds = np.broadcast_to(kind, source.shape)
    for e, (s, t) in enumerate(zip(source.tolist(), target.tolist(), strict=True)):
        part = part_of[t]
        place = int(cursor[s, part])
        cursor[s, part] += 1
        to_target[place], to_kind[place] = t + shift[part], kinds[e]
        if weight.size:
            to_weight[place] = weight[e]
        if to_number.size:
            to_number[place] = first + e


def sort_rows(
    ptr: NDArray[np.uint64],
    row_lo: int,
    row_hi: int,
    kind: Array,
    target: NDArray[np.uint16],
    weight: Array,
    number: NDArray[np.uint32],
    cells: NDArray[np.uint32],
) -> None:
    """Sort each row by kind, edges of one kind in their order, and count its cells.

    Parameters
    ----------
    ptr : array [row + 1], uint64
        Places of row r are ``ptr[r]`` up to ``ptr[r + 1]``.
    row_lo, row_hi : int
        Rows to work on.
    kind, target, weight, number : array [place]
        Changed in place; `weight` and `number` may be empty.
    cells : array [row], uint32
        Output: different kinds of each row.
    """
    for row in range(row_lo, row_hi):
        places = slice(int(ptr[row]), int(ptr[row + 1]))
        order = np.argsort(kind[places], kind="stable")
        for array in (kind, target, weight, number):
            if array.size:
                array[places] = array[places][order]
        cells[row] = np.unique(kind[places]).size


def fill_cells(
    ptr: NDArray[np.uint64],
    row_lo: int,
    row_hi: int,
    kind: Array,
    groups: int,
    cell_ptr: NDArray[np.uint32],
    cell_delay: NDArray[np.uint16],
    cell_group: NDArray[np.uint16],
    cell_edge: NDArray[np.uint32],
) -> None:
    """Write the cells of one table.

    Parameters
    ----------
    ptr, kind
        As for `sort_rows`, sorted.
    row_lo, row_hi : int
        Rows of the table.
    groups : int
        A kind is ``delay * groups + group``.
    cell_ptr : array [row_hi - row_lo + 1], uint32
        Cells of each row.
    cell_delay, cell_group : array [cell], uint16
        Outputs.
    cell_edge : array [cell + 1], uint32
        Output, counted from the first edge of the table; the last one closes it.
    """
    base = int(ptr[row_lo])
    for row in range(row_lo, row_hi):
        lo, hi = int(ptr[row]), int(ptr[row + 1])
        starts = np.flatnonzero(np.diff(kind[lo:hi].astype(np.int64), prepend=-1))
        places = slice(int(cell_ptr[row - row_lo]), int(cell_ptr[row - row_lo + 1]))
        cell_delay[places], cell_group[places] = np.divmod(kind[lo:hi][starts], groups)
        cell_edge[places] = starts + lo - base
    cell_edge[-1] = int(ptr[row_hi]) - base
