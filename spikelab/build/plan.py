"""How each projection is built: spikes through tables, drawn block by block, or all its edges at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from spikelab_kernels.population_spec import PopulationSpec

from ..connect import Constant, PerSource
from ..errors import ParameterError
from ..network import Network
from ..parts import Population, Projection
from .arrivals import Name, Node, part_numbers, partitions
from .blocks import Block
from .counting import Count, count_stream, in_threads, weigh_wire
from .edges import Wire, make_wire
from .graph import Component
from .memory import require_memory
from .streams import Stream

__all__ = ["Plan", "make_plan"]

# Tiles of a dense projection are padded to 64 targets; for a few of them a table is smaller by far.
_LEAST_TARGETS = 8
# So many edges are kept from the first pass to the second: 8 bytes each.
_KEPT = 2**24


@dataclass(frozen=True, eq=False)
class Plan:
    """Projections by the way in which they are built.

    Attributes
    ----------
    items : list of Wire and Stream
        All projections, in their order.
    groups : dict from (node, block) to list of Wire and Stream
        Those that carry spikes; a wire there becomes a dense link.
    block_of : dict of str to int
        Block of each population.
    node, first : dict of str
        Node of each source, and the place of its first neuron therein.
    n_sources : dict of node to int
    ranges : list of list of tuple (int, int)
        Ranges of targets of each block.
    """

    items: list[Wire | Stream] = field(default_factory=list)
    groups: dict[tuple[Node, int], list[Wire | Stream]] = field(default_factory=dict)
    block_of: dict[str, int] = field(default_factory=dict)
    node: dict[str, Node] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    n_sources: dict[Node, int] = field(default_factory=dict)
    ranges: list[list[tuple[int, int]]] = field(default_factory=list)

    @property
    def values(self) -> list[Wire]:
        """Projections of real values through fixed weights."""
        return [item for item in self.items if isinstance(item, Wire) and not (item.spikes or item.learns)]

    @property
    def plastic(self) -> list[Wire]:
        """Projections whose weights change."""
        return [item for item in self.items if isinstance(item, Wire) and item.learns]

    def weigh(self, blocks: list[Block], threads: int) -> tuple[list[np.ndarray], dict[Name, Count]]:
        """Sum the absolute weights of spikes onto each target, and count the edges of streams.

        Returns
        -------
        list of array [receptor, neuron], float64; dict of name to Count
            One array a block. Those of one population add up in the order of the projections.
        """
        bounds = [np.zeros((max(block.n_receptors, 1), block.n)) for block in blocks]
        calls = []
        for name, i in self.block_of.items():
            items = [item for item in self.items if item.projection.target.name == name]
            calls.append(partial(self._weigh_one, items, blocks[i], self.ranges[i], name, bounds[i]))
        counts: dict[Name, Count] = {}
        for found in in_threads(calls, threads):
            counts |= found
        return bounds, counts

    @staticmethod
    def _weigh_one(
        items: list[Wire | Stream], block: Block, ranges: list[tuple[int, int]], name: str, bounds: np.ndarray
    ) -> dict[Name, Count]:
        lo, hi = block.ranges[name]
        part_of, bound = part_numbers(ranges, lo, hi), np.zeros((bounds.shape[0], hi - lo))
        counts = {}
        for item in items:
            if isinstance(item, Stream):
                counts[item.projection.name] = count_stream(item, part_of, len(ranges), bound)
            elif item.spikes:
                weigh_wire(item, bound)
        bounds[:, lo:hi] = bound
        return counts


def make_plan(
    net: Network,
    order: list[Component],
    blocks: list[Block],
    dt_ms: float,
    dtype: str,
    weights: Mapping[Any, np.ndarray] | None,
    threads: int,
    batch: int,
) -> Plan:
    """Decide how each projection is built; `weights` replaces the weights of those that it names.

    Raises
    ------
    ParameterError
        If the tables, and the state of `batch` rows, cannot fit into the memory of this machine.
    """
    given = dict(weights or {})
    plan = Plan()
    for i, block in enumerate(blocks):
        for name, (lo, _) in block.ranges.items():
            plan.block_of[name], plan.node[name], plan.first[name] = i, i, lo
        plan.n_sources[i] = block.n
    for name, entry in net.inputs.items():
        plan.node[name], plan.first[name], plan.n_sources[name] = name, 0, entry.n_out
    bounds = {p.name: p.edge_bound() for p in net.projections.values() if not p.source.sends_values}
    keep = sum(bounds.values()) <= _KEPT
    state = batch * sum(PopulationSpec(b.model, dtype).state_bytes() * b.n for b in blocks)
    _check_memory(net, bounds, 4 if dtype == "float32" else 8, keep, state)
    edges = [0] * len(blocks)
    for projection in net.projections.values():
        edges[plan.block_of[projection.target.name]] += bounds.get(projection.name, 0)
    plan.ranges.extend(partitions(block.n, threads, most) for block, most in zip(blocks, edges, strict=True))
    place = {name: i for i, component in enumerate(order) for name in component.populations}
    spiking = [net.projections[name] for name in bounds]
    between = Counter((plan.node[p.source.name], plan.block_of[p.target.name]) for p in spiking)
    for projection in net.projections.values():
        values = given.pop(projection.name, None)
        source, component = projection.source, place[projection.target.name]
        inside = isinstance(source, Population) and place[source.name] == component
        cyclic = inside and order[component].cyclic
        item: Wire | Stream
        if projection.name not in bounds or projection.plasticity is not None:
            item = make_wire(projection, dt_ms, dtype, cyclic, values)
        else:
            key = plan.node[source.name], plan.block_of[projection.target.name]
            alone = between[key] == 1 and source.n_out == plan.n_sources[key[0]]
            item = _spikes(projection, dt_ms, dtype, cyclic, values, bounds[projection.name], keep, alone)
            plan.groups.setdefault(key, []).append(item)
        plan.items.append(item)
    if given:
        known = ", ".join(map(repr, net.projections)) or "none"
        raise ParameterError(
            "Simulator", "weights", next(iter(given)), "name projections of the network", f"It has {known}."
        )
    return plan


def _spikes(
    projection: Projection,
    dt_ms: float,
    dtype: str,
    on_cycle: bool,
    given: np.ndarray | None,
    bound: int,
    keep: bool,
    alone: bool,
) -> Wire | Stream:
    """All edges of a projection that is complete, `alone` between its node and block, and has one delay;
    else a stream."""
    stream = partial(Stream, projection, dt_ms, dtype, on_cycle, given, keep)
    whole = projection.source.n_out * projection.target.n
    one_delay = projection.delay_ms is None or projection.constant_delay_ms is not None
    plain = projection.short_term is None and projection.failure_probability == 0
    large = projection.target.n >= _LEAST_TARGETS
    if not (alone and one_delay and plain and large and bound >= whole):
        return stream()
    wire = make_wire(projection, dt_ms, dtype, on_cycle, given)
    flat = wire.source.astype(np.int64) * projection.target.n + wire.target
    return wire if np.array_equal(flat, np.arange(whole)) else stream()


def _check_memory(
    net: Network, bounds: Mapping[Name, int], weight_bytes: int, keep: bool, state: int
) -> None:
    """Refuse what does not fit: state, and of each edge target, kind, weight, and both ends where kept."""
    total = state
    for name, most in bounds.items():
        drawn = not isinstance(net.projections[name].weight, (Constant, PerSource))
        total += most * (4 + weight_bytes * drawn + 8 * keep)
    require_memory(
        total,
        "Simulator",
        "net",
        f"tables of up to {sum(bounds.values()):,} synapses and {state / 1e9:.1f} GB of state",
        "Connect fewer neurons, use a smaller batch, or dtype='float32'.",
    )
