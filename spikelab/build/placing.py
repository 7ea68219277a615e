"""Second pass over the edges: each is put into its row of the tables, and the rows are sorted into cells."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from spikelab_kernels.dispatch import backend
from spikelab_kernels.layout import ArrivalTable, sum_dtype

from .arrivals import ArrivalLink, Node, part_numbers
from .blocks import Block
from .counting import Count, in_threads
from .quanta import to_quanta, warn_lost
from .streams import Stream
from .transmission import transmission

__all__ = ["Strand", "arrival_link"]

_MOST_GROUPS = 2**16


class Strand(NamedTuple):
    """A stream with its count and the place of its first source in the node."""

    stream: Stream
    counted: Count
    first: int


class _Placed(NamedTuple):
    least: int
    most: int
    lost: int


class _TooWideError(Exception):
    """Kinds do not fit the narrow type."""


class _Groups:
    """Groups of cells: a receptor each, with a weight where it is common to their edges."""

    def __init__(self, weights: np.dtype, receptors: int = 0):
        self.dtype = weights
        self._places: dict[tuple[int, int | float], int] = {(k, 0): k for k in range(receptors)}

    def place(self, receptor: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Numbers of the groups of these receptors and weights: array [weight], uint32."""
        pairs = zip(receptor.tolist(), weight.tolist(), strict=True)
        return np.array([self._places.setdefault(pair, len(self._places)) for pair in pairs], np.uint32)

    def __len__(self) -> int:
        return max(len(self._places), 1)

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        receptors, weights = zip(*self._places, strict=True) if self._places else ((), ())
        return np.array(receptors, np.uint16), np.array(weights, self.dtype)


class _Room(NamedTuple):
    """Arrays [place] of all tables of a link, and the row pointers of all of them."""

    ptr: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    kind: np.ndarray
    number: np.ndarray


def arrival_link(
    strands: list[Strand],
    node: Node,
    n_source: int,
    place: int,
    block: Block,
    quanta: np.ndarray,
    dtype: str,
    dt_ms: float,
    ranges: list[tuple[int, int]],
    threads: int,
) -> ArrivalLink:
    """Sort the edges of streams, all with weights of their own or all without, into tables."""
    special = strands[0].stream.special
    units = np.dtype(np.float64) if special else sum_dtype(dtype)
    numbered = strands[0].stream.projection.failure_probability > 0
    groups = _Groups(units)
    group_of: list[tuple[np.ndarray, int] | None] = []
    if strands[0].counted.weight is not None:
        group_of = [_groups_of(strand, groups, block, quanta) for strand in strands]
    if not group_of or len(groups) > _MOST_GROUPS:  # a group for each receptor, a weight for each edge
        groups, group_of = _Groups(units, block.n_receptors), [None] * len(strands)
    own = group_of[0] is None
    for kind in (np.uint16, np.uint32):
        room, starts = _make_room(strands, n_source, len(ranges), units if own else None, kind, numbered)
        calls = [
            partial(_place, strand, start, group, len(groups), block, quanta, ranges, room)
            for strand, start, group in zip(strands, starts, group_of, strict=True)
        ]
        try:
            placed = in_threads(calls, threads)
        except _TooWideError:
            continue
        break
    for strand, found in zip(strands, placed, strict=True):
        strand.stream.forget()
        warn_lost(repr(strand.stream.projection.name), found.lost, strand.counted.edges, dtype)
    tables = _sort(room, n_source, len(ranges), groups, threads)
    used = [found for strand, found in zip(strands, placed, strict=True) if strand.counted.edges]
    return ArrivalLink(
        tuple(strand.stream.projection.name for strand in strands),
        node,
        place,
        n_source,
        tuple((lo, hi, table) for (lo, hi), table in zip(ranges, tables, strict=True)),
        min((found.least for found in used), default=0),
        max((found.most for found in used), default=0),
        transmission(strands[0].stream.projection, strands[0].first, dt_ms) if special else None,
    )


def _groups_of(strand: Strand, groups: _Groups, block: Block, quanta: np.ndarray) -> tuple[np.ndarray, int]:
    """Group of each source, or of all, and the number of edges whose weight is lost."""
    stream, weight = strand.stream, strand.counted.weight
    assert weight is not None
    values = np.nan_to_num(weight)
    receptor = np.where(values < 0, stream.receptors[1], stream.receptors[0])
    quantum = quanta[receptor, block.ranges[stream.projection.target.name][0]]
    units, lost = to_quanta(values, quantum, groups.dtype)
    edges = strand.counted.rows.sum(axis=1, dtype=np.int64)
    gone = int(edges[lost].sum() if lost.size == edges.size else edges.sum() * lost.any())
    return groups.place(receptor, units), gone


def _make_room(
    strands: list[Strand],
    n_source: int,
    parts: int,
    units: np.dtype | None,
    kind: type[np.unsignedinteger],
    numbered: bool,
) -> tuple[_Room, list[np.ndarray]]:
    """Arrays for all edges of a link, and where the row of each source of each strand starts."""
    counts = np.zeros((parts, n_source), np.uint64)
    offsets = []
    for strand in strands:
        rows = slice(strand.first, strand.first + strand.stream.n_source)
        offsets.append(counts[:, rows].copy())
        counts[:, rows] += strand.counted.rows.T
    ptr = np.zeros(counts.size + 1, np.uint64)
    np.cumsum(counts, out=ptr[1:])
    starts = [
        np.ascontiguousarray(
            (ptr[:-1].reshape(counts.shape)[:, s.first : s.first + s.stream.n_source] + offset).T
        )
        for s, offset in zip(strands, offsets, strict=True)
    ]
    edges = int(ptr[-1])
    weight = np.empty(0, np.int32) if units is None else np.empty(edges, units)
    numbers = np.empty(edges if numbered else 0, np.uint32)
    return _Room(ptr, np.empty(edges, np.uint16), weight, np.empty(edges, kind), numbers), starts


def _place(
    strand: Strand,
    cursor: np.ndarray,
    group_of: tuple[np.ndarray, int] | None,
    groups: int,
    block: Block,
    quanta: np.ndarray,
    ranges: list[tuple[int, int]],
    room: _Room,
) -> _Placed:
    """Draw the edges of one stream and put them into its rows."""
    stream = strand.stream
    lo, hi = block.ranges[stream.projection.target.name]
    part_of = part_numbers(ranges, lo, hi)
    shift = lo - np.array([start for start, _ in ranges], np.int64)
    place, highest = backend("cpu").place_edges, np.iinfo(room.kind.dtype).max
    positive, negative = stream.receptors
    both = np.array([quanta[positive, lo], quanta[negative, lo]])
    units, lost = np.empty(0, room.weight.dtype), 0
    least, most = 2**16, 0
    for edges in stream.blocks():
        if group_of is None:
            weight = np.broadcast_to(stream.weights(edges), edges.source.shape)
            below = (weight < 0).view(np.uint8)
            units, gone = to_quanta(
                weight, both[0] if positive == negative else both[below], room.weight.dtype
            )
            lost += int(np.count_nonzero(gone))
            group = positive if positive == negative else np.where(below, negative, positive)
        else:
            group, lost = group_of
            group = group[0] if group.size == 1 else group[edges.source]
        delay = stream.delays(edges)
        least, most = min(least, int(np.min(delay))), max(most, int(np.max(delay)))
        kind = np.atleast_1d(np.asarray(delay, np.int64) * groups + group)
        if int(kind.max()) > highest:
            raise _TooWideError
        place(
            np.int64(edges.first), edges.source, edges.target, units, kind.astype(np.uint32), part_of, shift,
            cursor, room.target, room.weight, room.kind, room.number,
        )  # fmt: skip
    return _Placed(least, most, lost)


def _sort(room: _Room, n_source: int, parts: int, groups: _Groups, threads: int) -> list[ArrivalTable]:
    """Bring each row into the order of its cells, and describe these."""
    kernels = backend("cpu")
    rows = parts * n_source
    cells = np.empty(rows, np.uint32)
    cuts = np.linspace(0, rows, 4 * threads + 1 if threads > 1 else 2).astype(np.int64)
    arrays = room.kind, room.target, room.weight, room.number, cells
    in_threads([partial(kernels.sort_rows, room.ptr, a, b, *arrays) for a, b in pairwise(cuts)], threads)
    receptor, weight = groups.arrays()
    weights, shift = _narrow(room.weight)
    tables = []
    for part in range(parts):
        lo, hi = part * n_source, (part + 1) * n_source
        cell_ptr = np.zeros(n_source + 1, np.uint32)
        np.cumsum(cells[lo:hi], out=cell_ptr[1:])
        count = int(cell_ptr[-1])
        delay, group, edge = (
            np.empty(count, np.uint16),
            np.empty(count, np.uint16),
            np.empty(count + 1, np.uint32),
        )
        kernels.fill_cells(
            room.ptr,
            np.int64(lo),
            np.int64(hi),
            room.kind,
            np.int64(len(groups)),
            cell_ptr,
            delay,
            group,
            edge,
        )
        edges = slice(int(room.ptr[lo]), int(room.ptr[hi]))
        number = room.number[edges] if room.number.size else room.number
        own = weights[edges] if weights.size else weights
        tables.append(
            ArrivalTable(
                cell_ptr, delay, group, edge, room.target[edges], own, shift, receptor, weight, number
            )
        )
    return tables


def _narrow(weight: np.ndarray) -> tuple[np.ndarray, int]:
    """Weights in 32 bits with what was divided out, a power of two, where that is exact."""
    if weight.dtype != np.int64 or not weight.size:
        return weight, 0
    bits = int(np.bitwise_or.reduce(weight))
    shift = max((bits & -bits).bit_length() - 1, 0)
    least, most = int(weight.min()) >> shift, int(weight.max()) >> shift
    if least < -(2**31) or most >= 2**31:
        return weight, 0
    return (weight >> shift).astype(np.int32), shift
