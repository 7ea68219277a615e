"""Sparse projections of spikes from one node to one block, and the ranges that its targets are cut into."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from spikelab_kernels.layout import WORD_BITS, ArrivalTable

from .transmission import Transmission

__all__ = ["ArrivalLink", "Name", "Node", "part_numbers", "partitions"]

Node = int | str
"""A block by its place, or an input by its name."""
Name = tuple[str, str, int]
"""Of a projection."""

_MOST_TARGETS = 2**16
_MOST_EDGES = 2**31


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
    transmission : Transmission or None
        How the synapses change or fail; the weights are real numbers then.
    """

    projections: tuple[Name, ...]
    source: Node
    target: int
    n_source: int
    parts: tuple[tuple[int, int, ArrivalTable], ...]
    min_delay: int
    max_delay: int
    transmission: Transmission | None = None

    @property
    def edges(self) -> int:
        """Number of synapses."""
        return sum(table.target.size for _, _, table in self.parts)

    @property
    def nbytes(self) -> int:
        """Bytes of all tables."""
        return sum(int(table.nbytes) for _, _, table in self.parts)

    def out_degree(self) -> np.ndarray:
        """Edges of each source: array [source], int64."""
        degree = np.zeros(self.n_source, np.int64)
        for _, _, table in self.parts:
            ends = table.cell_edge[table.cell_ptr].astype(np.int64)
            degree += ends[1:] - ends[:-1]
        return degree


def partitions(n: int, threads: int, edges: int = 0) -> list[tuple[int, int]]:
    """Cut `n` targets into ranges of at most 2**16, at least one a thread where there are enough.

    Ranges end at multiples of 64 neurons, so that no word of spike bits is shared. `edges` bounds the
    edges of all of them.
    """
    words = -(-n // WORD_BITS)
    count = max(1, min(max(threads, -(-n // _MOST_TARGETS), -(-edges // _MOST_EDGES)), words))
    ends = [min(n, words * i // count * WORD_BITS) for i in range(count + 1)]
    return list(pairwise(ends))


def part_numbers(ranges: list[tuple[int, int]], lo: int, hi: int) -> np.ndarray:
    """Range that each neuron from `lo` up to `hi` of a block lies in: array [neuron], uint16."""
    ends = np.array([end for _, end in ranges])
    return np.searchsorted(ends, np.arange(lo, hi), side="right").astype(np.uint16)
