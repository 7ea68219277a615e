"""Links: what a source hands to a block, in the arrays that the delivery kernels read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikelab_kernels.layout import RowTable, Tiles, row_table, tile_weights

from ..parts import Population
from .arrivals import ArrivalLink, Name, Node, arrival_link
from .blocks import Block
from .edges import Wire
from .quanta import quantise

__all__ = ["AnalogLink", "ArrivalLink", "DenseLink", "EventLink", "analog_links", "event_links"]

# From this share of edges on, a vectorised sum over all targets beats one over the edges. A weight of 0
# adds nothing to a sum of inputs; it might to one of neurons' values, which may be infinite.
_DENSE_FROM = 0.25
# Tiles are padded to 64 targets; for a few of them a table of rows is smaller by far.
_LEAST_TARGETS = 8

EventLink = ArrivalLink


@dataclass(frozen=True, eq=False)
class DenseLink:
    """A complete projection of spikes with one delay, or the part of it that one receptor gets."""

    projection: Name
    source: Node
    target: int
    tiles: Tiles
    address: int
    delay: int

    @property
    def n_source(self) -> int:
        return int(self.tiles.weight.shape[1])

    @property
    def max_delay(self) -> int:
        return self.delay


@dataclass(frozen=True, eq=False)
class AnalogLink:
    """Real values through weights, with one delay and one receptor.

    ``dense`` is an array [source, target]; where it is None, ``table`` is a row table.
    """

    projection: Name
    source: Node
    target: int
    lo: int
    hi: int
    dense: np.ndarray | None
    table: RowTable | None
    address: int
    delay: int

    @property
    def max_delay(self) -> int:
        return self.delay


def _node(wire: Wire, block_of: dict[str, int]) -> Node:
    source = wire.projection.source
    return block_of[source.name] if isinstance(source, Population) else source.name


def _offset(wire: Wire, blocks: list[Block], block_of: dict[str, int]) -> int:
    source = wire.projection.source
    return blocks[block_of[source.name]].ranges[source.name][0] if isinstance(source, Population) else 0


def _n_sources(node: Node, wire: Wire, blocks: list[Block]) -> int:
    return blocks[node].n if isinstance(node, int) else wire.projection.source.n_out


def _is_complete(wire: Wire) -> bool:
    """Whether every source reaches every target exactly once."""
    source, target = wire.projection.source.n_out, wire.projection.target.n
    if wire.source.size != source * target:
        return False
    flat = wire.source.astype(np.int64) * target + wire.target
    return bool(np.array_equal(flat, np.arange(flat.size)))


def _dense_links(
    wire: Wire, node: Node, target: int, block: Block, quanta: np.ndarray, dtype: str
) -> list[DenseLink]:
    """The dense form of a complete projection with one delay, one link a receptor; empty if it has none."""
    projection = wire.projection
    if projection.target.n < _LEAST_TARGETS or not isinstance(wire.delay, int) or not _is_complete(wire):
        return []
    neuron = wire.target.astype(np.int64) + block.ranges[projection.target.name][0]
    units = quantise(wire.weight, quanta[wire.receptor, neuron], dtype, repr(projection.name))
    links = []
    for receptor in np.unique(wire.receptor).tolist():
        matrix = np.where(wire.receptor == receptor, units, 0).astype(units.dtype, copy=False)
        tiles = tile_weights(matrix.reshape(projection.source.n_out, projection.target.n))
        first = receptor * block.n + block.ranges[projection.target.name][0]
        links.append(DenseLink(projection.name, node, target, tiles, first, wire.delay))
    return links


def event_links(
    wires: list[Wire], blocks: list[Block], quanta: list[np.ndarray], dtype: str, threads: int
) -> list[ArrivalLink | DenseLink]:
    """Tables of all projections that carry spikes, for each pair of node and block."""
    block_of = {name: i for i, block in enumerate(blocks) for name in block.ranges}
    groups: dict[tuple[Node, int], list[Wire]] = {}
    for wire in wires:
        if wire.spikes:
            groups.setdefault((_node(wire, block_of), block_of[wire.projection.target.name]), []).append(wire)
    links: list[ArrivalLink | DenseLink] = []
    for (node, target), group in groups.items():
        block, sources = blocks[target], _n_sources(node, group[0], blocks)
        if len(group) == 1 and group[0].projection.source.n_out == sources:
            dense = _dense_links(group[0], node, target, block, quanta[target], dtype)
            if dense:
                links += dense
                continue
        for constant in (True, False):
            chosen = [(wire, _offset(wire, blocks, block_of)) for wire in group if wire.constant is constant]
            if chosen:
                links.append(
                    arrival_link(chosen, node, sources, target, block, quanta[target], dtype, threads)
                )
    return links


def analog_links(wires: list[Wire], blocks: list[Block], dtype: str) -> list[AnalogLink]:
    """Links of real values, in the order of the projections, split by delay and receptor."""
    block_of = {name: i for i, block in enumerate(blocks) for name in block.ranges}
    links: list[AnalogLink] = []
    for wire in wires:
        if wire.spikes or not wire.source.size:
            continue
        target = block_of[wire.projection.target.name]
        block = blocks[target]
        first = block.ranges[wire.projection.target.name][0]
        lo = _offset(wire, blocks, block_of)
        n_source, n_target = wire.projection.source.n_out, wire.projection.target.n
        name, node = wire.projection.name, _node(wire, block_of)
        delays = np.broadcast_to(np.asarray(wire.delay), wire.source.shape)
        receptors = np.broadcast_to(np.asarray(wire.receptor), wire.source.shape)
        for delay, receptor in sorted(set(zip(delays.tolist(), receptors.tolist(), strict=True))):
            chosen = (delays == delay) & (receptors == receptor)
            source, neuron = wire.source[chosen], wire.target[chosen].astype(np.int64)
            weight, address = wire.weight[chosen].astype(dtype), receptor * block.n + first
            least = _DENSE_FROM if isinstance(node, str) else 1.0
            dense = _dense_matrix(source, neuron, weight, (n_source, n_target), least)
            if dense is not None:
                links.append(AnalogLink(name, node, target, lo, lo + n_source, dense, None, address, delay))
                continue
            table = row_table(source, neuron + address, weight, 0, n_source)
            links.append(AnalogLink(name, node, target, lo, lo + n_source, None, table, 0, delay))
    return links


def _dense_matrix(
    source: np.ndarray, target: np.ndarray, weight: np.ndarray, shape: tuple[int, int], least: float
) -> np.ndarray | None:
    """Edges as a matrix [source, target], where they fill at least a share `least` of it and none repeats."""
    place = source.astype(np.int64) * shape[1] + target
    if place.size < least * shape[0] * shape[1] or not np.all(place[1:] > place[:-1]):
        return None
    matrix = np.zeros(shape, weight.dtype)
    matrix.reshape(-1)[place] = weight
    return matrix
