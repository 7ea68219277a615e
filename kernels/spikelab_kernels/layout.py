"""How spikes, sums and edges lie in memory: the layouts that every kernel shares.

=============== ======================================== ====================================================
array           shape and dtype                          meaning
=============== ======================================== ====================================================
state           [batch, neuron], real                    C-contiguous
series          [time, batch, neuron], real              C-contiguous
bits            [time, batch, word], uint64              neuron n is bit ``n & 63`` of word ``n >> 6``;
                                                         the unused bits of the last word are zero
events          three uint32 arrays [event]              step, batch, neuron; sorted in that order
sums            [time, batch, address], int32 or int64   address = receptor * n_neuron + neuron, in quanta
analog          [time, batch, address], real             the same addresses, real values
row table       ``RowTable``                             edges by source, then address
arrival table   ``ArrivalTable``                         edges by source, then in cells of one delay and group
tiles           ``Tiles``                                a dense matrix in strips, `LANE_BYTES` of sums wide
=============== ======================================== ====================================================
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = [
    "LANE_BYTES",
    "WORD_BITS",
    "ArrivalTable",
    "RowTable",
    "Tiles",
    "guide_tables",
    "row_table",
    "sum_dtype",
    "tile_weights",
    "words_for",
]

WORD_BITS = 64
#: Sums that a kernel keeps in registers: eight of AVX2's sixteen.
LANE_BYTES = 256


class RowTable(NamedTuple):
    """Edges of a sparse projection of real values, one row a source.

    Attributes
    ----------
    ptr : array [n_source + 1], uint32 or uint64
        Edges of source s are ``ptr[s]`` up to ``ptr[s + 1]``.
    target : array [edge], uint16 or uint32
        Flat address ``receptor * n_neuron + neuron``.
    weight : array [edge], real
    """

    ptr: NDArray[Any]
    target: NDArray[Any]
    weight: NDArray[Any]


class ArrivalTable(NamedTuple):
    """Edges of sparse projections onto one range of targets, in the order in which a spike meets them.

    The edges of a source lie in *cells* of one delay and one group, by (delay, group, order of the
    projection). A spike in transit keeps the number of its next cell. Constant weights stand in the
    groups and cost no bytes an edge. The range has at most 2**16 targets and fewer than 2**32 edges, so that
    every index type is the same for every network.

    Attributes
    ----------
    cell_ptr : array [n_source + 1], uint32
        Cells of source s are ``cell_ptr[s]`` up to ``cell_ptr[s + 1]``.
    cell_delay : array [cell], uint16, steps
    cell_group : array [cell], uint16
    cell_edge : array [cell + 1], uint32
        Edges of cell c are ``cell_edge[c]`` up to ``cell_edge[c + 1]``.
    target : array [edge], uint16
        Neuron within the range.
    weight : array [edge] or [0], int32 or int64
        The weight is ``weight << shift`` quanta. Empty: the group's weight is meant.
    shift : int
    group_receptor : array [group], uint16
    group_weight : array [group], dtype of the sums, quanta
        Unused where `weight` is not empty.
    number : array [edge] or [0], uint32
        Number of each edge in its projection, where edges fail at random.

    Where synapses change or fail, the weights are real numbers (float64) of quanta, and `shift` is 0.
    """

    cell_ptr: NDArray[np.uint32]
    cell_delay: NDArray[np.uint16]
    cell_group: NDArray[np.uint16]
    cell_edge: NDArray[np.uint32]
    target: NDArray[np.uint16]
    weight: NDArray[Any]
    shift: int
    group_receptor: NDArray[np.uint16]
    group_weight: NDArray[Any]
    number: NDArray[np.uint32]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self if isinstance(array, np.ndarray))


def guide_tables(tables: list[NDArray[np.uint32]], bits: int) -> NDArray[np.uint16]:
    """Where the search among thresholds begins, by the upper `bits` of a word.

    Parameters
    ----------
    tables : list of array [threshold], uint32, ascending
        Fewer than 2**15 thresholds each.
    bits : int

    Returns
    -------
    array [table, 2**bits], uint16
        Number of thresholds at or below the smallest word with these bits; bit 15 is set where larger words
        with the same bits have more.
    """
    words = np.arange(2**bits + 1, dtype=np.uint64) << np.uint64(32 - bits)
    guide = np.empty((len(tables), 2**bits), np.uint16)
    for row, thresholds in zip(guide, tables, strict=True):
        reached = np.searchsorted(thresholds, words, side="right")
        below = np.searchsorted(thresholds, words[1:], side="left")
        row[:] = reached[:-1] | (below > reached[:-1]) << 15
    return guide


def words_for(n: int) -> int:
    """Number of 64-bit words that hold the spikes of `n` neurons."""
    return (n + WORD_BITS - 1) // WORD_BITS


def sum_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Integer type of the synaptic sums that go with a real type: int32 for float32, int64 for float64."""
    return np.dtype(np.int32) if np.dtype(dtype) == np.float32 else np.dtype(np.int64)


class Tiles(NamedTuple):
    """A dense matrix [source, target] of weights as the dense kernels read it.

    Attributes
    ----------
    weight : array [tile, source, lane], int16, int32 or int64
        Target j is lane ``j % lanes`` of tile ``j // lanes``; lanes beyond the last target are zero.
    shift : int
        What was divided out: the weights are ``weight * 2**shift``, in quanta.
    targets : int
    """

    weight: NDArray[Any]
    shift: int
    targets: int


def tile_weights(weight: NDArray[Any]) -> Tiles:
    """Cut a dense matrix into strips, in which the rows of all sources follow one another.

    In the matrix itself the rows of a strip lie a whole row apart, often a power of two: they would share
    a few sets of the cache and drive one another out. Weights that are small multiples of a power of two are
    kept in 16 bits, because the cache's bandwidth binds the sum of rows.

    Parameters
    ----------
    weight : array [source, target], int32 or int64, quanta
        Of the dtype of the sums, which sets the number of lanes.
    """
    sources, targets = weight.shape
    lanes = LANE_BYTES // weight.itemsize
    bits = int(np.bitwise_or.reduce(weight, axis=None)) if weight.size else 0
    shift = max((bits & -bits).bit_length() - 1, 0)
    small = weight >> shift
    fits = bool(weight.size) and small.min() >= -(2**15) and small.max() < 2**15
    tiles = np.zeros((-(-targets // lanes), sources, lanes), np.int16 if fits else weight.dtype)
    for tile, first in zip(tiles, range(0, targets, lanes), strict=True):
        part = small[:, first : first + lanes]
        tile[:, : part.shape[1]] = part
    return Tiles(tiles, shift, targets)


def row_table(source: NDArray[Any], address: NDArray[Any], weight: NDArray[Any], n_source: int) -> RowTable:
    """Sort edges into rows, with the narrowest index types that hold them.

    Parameters
    ----------
    source, address : array [edge], integer
        Source neuron and flat target address of every edge, in any order.
    weight : array [edge]
        Kept in its dtype. Edges that repeat (multapses) stay separate, in the order given.
    n_source : int
        Number of sources, those without edges included.

    Returns
    -------
    RowTable
        Rows sorted by address. Unsigned indices: signed ones cost a kernel twice the time.
    """
    order = np.lexsort((address, source))
    largest = int(address.max()) if address.size else 0
    ptr = np.zeros(n_source + 1, np.uint32 if source.size < 2**32 else np.uint64)
    ptr[1:] = np.cumsum(np.bincount(source, minlength=n_source))
    return RowTable(
        ptr,
        np.ascontiguousarray(address[order], np.uint16 if largest < 2**16 else np.uint32),
        np.ascontiguousarray(weight[order]),
    )
