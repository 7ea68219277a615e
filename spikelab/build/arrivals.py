"""Sparse projections of spikes as arrival tables, one for each range of targets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from spikelab_kernels.layout import WORD_BITS, ArrivalTable, RowTable, row_table

from .blocks import Block
from .edges import Wire
from .quanta import quantise

__all__ = ["ArrivalLink", "arrival_link", "partitions"]

Node = int | str
"""A block by its place, or an input by its name."""
Name = tuple[str, str, int]
"""Of a projection."""

_MOST_TARGETS = 2**16


@dataclass(frozen=True, eq=False)
class ArrivalLink:
    """Sparse projections from one node to one block.

    Attributes
    ----------
    projections : tuple of names
    source : int or str
        A block by its place, or an input by its name.
    target : int
        Place of the block that the spikes reach.
    n_source : int
        Neurons or channels of the source.
    parts : tuple of (int, int, ArrivalTable)
        Tables by range of targets: neurons of the block from the first number up to the second.
    min_delay, max_delay : int, steps
        Shortest and longest delay; 0 where there is no edge.
    """

    projections: tuple[Name, ...]
    source: Node
    target: int
    n_source: int
    parts: tuple[tuple[int, int, ArrivalTable], ...]
    min_delay: int
    max_delay: int

    @property
    def edges(self) -> int:
        return sum(table.target.size for _, _, table in self.parts)

    @property
    def nbytes(self) -> int:
        return sum(table.nbytes for _, _, table in self.parts)

    @cached_property
    def table(self) -> RowTable:
        """The same edges as one table of rows for sums that reach into the future."""
        n = max(hi for _, hi, _ in self.parts)
        columns = []
        for lo, _, table in self.parts:
            lengths = np.diff(table.cell_edge.astype(np.int64))
            group = np.repeat(table.cell_group, lengths).astype(np.int64)
            cells = np.diff(table.cell_ptr.astype(np.int64))
            source = np.repeat(np.repeat(np.arange(cells.size), cells), lengths)
            address = table.group_receptor[group].astype(np.int64) * n + table.target + lo
            weight = table.weight.astype(table.group_weight.dtype) << table.shift
            weight = weight if table.weight.size else table.group_weight[group]
            columns.append((source, address, weight, np.repeat(table.cell_delay, lengths).astype(np.int64)))
        source, address, weight, delay = (np.concatenate(column) for column in zip(*columns, strict=True))
        return row_table(source, address, weight, delay, self.n_source)


def partitions(n: int, threads: int) -> list[tuple[int, int]]:
    """Cut `n` targets into ranges of at most 2**16, at least one a thread where there are enough.

    Ranges end at multiples of 64 neurons, so that no word of spike bits is shared.
    """
    words = -(-n // WORD_BITS)
    count = max(1, min(max(threads, -(-n // _MOST_TARGETS)), words))
    ends = [min(n, words * i // count * WORD_BITS) for i in range(count + 1)]
    return list(pairwise(ends))


def arrival_link(
    wires: list[tuple[Wire, int]],
    node: Node,
    n_source: int,
    place: int,
    block: Block,
    quanta: np.ndarray,
    dtype: str,
    threads: int,
) -> ArrivalLink:
    """Sort the edges of `wires`, each with the place of its first source in the node, into tables."""
    columns = []
    for wire, first in wires:
        lo = block.ranges[wire.projection.target.name][0]
        receptor = np.broadcast_to(wire.receptor, wire.target.shape)
        neuron = wire.target.astype(np.int64) + lo
        units = quantise(wire.weight, quanta[receptor, neuron], dtype, repr(wire.projection.name))
        delay = np.broadcast_to(np.asarray(wire.delay), wire.target.shape)
        columns.append((wire.source.astype(np.int64) + first, neuron, units, delay, receptor))
    source, neuron, units, delay, receptor = (np.concatenate(column) for column in zip(*columns, strict=True))
    parts = []
    for lo, hi in partitions(block.n, threads):
        inside = (neuron >= lo) & (neuron < hi)
        edges = (source[inside], neuron[inside] - lo, units[inside], delay[inside], receptor[inside])
        parts.append((lo, hi, _table(*edges, n_source, wires[0][0].constant)))
    names = tuple(wire.projection.name for wire, _ in wires)
    shortest, longest = (int(delay.min()), int(delay.max())) if delay.size else (0, 0)
    return ArrivalLink(names, node, place, n_source, tuple(parts), shortest, longest)


def _table(
    source: np.ndarray,
    target: np.ndarray,
    units: np.ndarray,
    delay: np.ndarray,
    receptor: np.ndarray,
    n_source: int,
    constant: bool,
) -> ArrivalTable:
    kinds = np.stack([receptor, units if constant else np.zeros_like(units)])
    groups, group = np.unique(kinds, axis=1, return_inverse=True)
    group = group.reshape(-1)
    order = np.lexsort((group, delay, source))
    keys = np.stack([source, delay, group])[:, order]
    starts = np.flatnonzero(np.r_[True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)]) if source.size else []
    starts = np.asarray(starts, np.int64)
    ptr = np.zeros(n_source + 1, np.uint32)
    ptr[1:] = np.cumsum(np.bincount(source[order][starts], minlength=n_source))
    return ArrivalTable(
        ptr,
        keys[1][starts].astype(np.uint16),
        keys[2][starts].astype(np.uint16),
        np.r_[starts, source.size].astype(np.uint32),
        target[order].astype(np.uint16),
        units[order] if not constant else np.zeros(0, np.int32),
        0,
        groups[0].astype(np.uint16),
        groups[1].astype(units.dtype),
    )
