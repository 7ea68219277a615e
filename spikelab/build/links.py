"""Links: what a source hands to a block, in the arrays that the delivery kernels read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikelab_kernels.layout import RowTable, Tiles, row_table, tile_weights

from .arrivals import ArrivalLink, Name, Node
from .blocks import Block
from .counting import Count
from .edges import Wire
from .placing import Strand, arrival_link
from .plan import Plan
from .plastic import PlasticLink, check_rule, plastic_link
from .plastic_rates import RateLink, rate_link
from .quanta import quantise

__all__ = [
    "AnalogLink", "ArrivalLink", "DenseLink", "PlasticLink", "RateLink", "analog_links", "event_links",
    "plastic_links",
]  # fmt: skip

# From this share of edges on, a vectorised sum over all targets beats one over the edges. A weight of 0
# adds nothing to a sum of inputs; it might to one of neurons' values, which may be infinite.
_DENSE_FROM = 0.25


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
    def min_delay(self) -> int:
        return self.delay

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
    def min_delay(self) -> int:
        return self.delay

    @property
    def max_delay(self) -> int:
        return self.delay


def _dense_links(
    wire: Wire, node: Node, target: int, block: Block, quanta: np.ndarray, dtype: str
) -> list[DenseLink]:
    """The dense form of a complete projection with one delay, one link a receptor."""
    projection = wire.projection
    assert isinstance(wire.delay, int)
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
    plan: Plan,
    counts: dict[Name, Count],
    blocks: list[Block],
    quanta: list[np.ndarray],
    dtype: str,
    dt_ms: float,
    threads: int,
) -> list[ArrivalLink | DenseLink]:
    """Tables of all projections that carry spikes, for each pair of node and block."""
    links: list[ArrivalLink | DenseLink] = []
    for (node, target), group in plan.groups.items():
        block = blocks[target]
        shared = (node, plan.n_sources[node], target, block, quanta[target], dtype, dt_ms)
        strands: dict[object, list[Strand]] = {}
        for item in group:
            if isinstance(item, Wire):
                links += _dense_links(item, node, target, block, quanta[target], dtype)
            else:
                count, name = counts[item.projection.name], item.projection.name
                key = name if item.special else count.weight is None
                first = plan.first[item.projection.source.name]
                strands.setdefault(key, []).append(Strand(item, count, first))
        links += [arrival_link(s, *shared, plan.ranges[target], threads) for s in strands.values()]
    return links


def plastic_links(
    plan: Plan, blocks: list[Block], quanta: list[np.ndarray], dtype: str, dt_ms: float
) -> tuple[list[PlasticLink], list[RateLink]]:
    """Projections whose weights change, in their order: of spikes, and of real values."""
    spikes, rates = [], []
    for wire in plan.plastic:
        source, target = wire.projection.source.name, plan.block_of[wire.projection.target.name]
        node, first, block = plan.node[source], plan.first[source], blocks[target]
        if wire.spikes:
            check_rule(wire.projection, blocks[node] if isinstance(node, int) else None, block)
            ends = node, first, plan.n_sources[node], target, block
            spikes.append(plastic_link(wire, *ends, quanta[target], dtype, dt_ms, plan.ranges[target]))
        else:
            rates.append(rate_link(wire, node, first, target, block, dtype, dt_ms))
    return spikes, rates


def analog_links(plan: Plan, blocks: list[Block], dtype: str) -> list[AnalogLink]:
    """Links of real values, in the order of the projections, split by delay and receptor."""
    links: list[AnalogLink] = []
    for wire in plan.values:
        if not wire.source.size:
            continue
        target = plan.block_of[wire.projection.target.name]
        block = blocks[target]
        first = block.ranges[wire.projection.target.name][0]
        lo = plan.first[wire.projection.source.name]
        n_source, n_target = wire.projection.source.n_out, wire.projection.target.n
        name, node = wire.projection.name, plan.node[wire.projection.source.name]
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
            table = row_table(source, neuron + address, weight, n_source)
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
