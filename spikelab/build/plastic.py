"""Projections whose weights change, in the arrays that the plasticity kernels read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spikelab_kernels.plasticity_spec import PlasticitySpec, decay_tables

from ..errors import ParameterError
from ..units import steps_from_ms
from .arrivals import Name, Node
from .blocks import Block
from .edges import Wire, beyond, receptor_pair

if TYPE_CHECKING:
    from spikelab_kernels.ir.declare import Rule, Trace

    from ..parts import Projection

__all__ = ["PlasticLink", "PlasticTable", "check_rule", "plastic_link"]

# Where there is no edge, nothing limits a window.
_ANY_SPAN = 2**15


class PlasticTable(NamedTuple):
    """Edges onto one range of targets, sorted by source, delay and target.

    Attributes
    ----------
    cell_edge : array [cell + 1], uint32
        First edge of each cell of the link; many are empty here.
    target : array [edge], uint16
        Neuron within the range.
    place : array [edge], uint32
        Number of the edge in the projection.
    """

    cell_edge: np.ndarray
    target: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, eq=False)
class PlasticLink:
    """One plastic projection of spikes.

    Attributes
    ----------
    projection : name
    source : int or str
        A block by its place, or an input by its name.
    target : int
        Place of the block that the spikes reach.
    n_source : int
        Neurons or channels of the source node.
    own : tuple (int, int)
        Neurons of the projection's target population within the block.
    record : Plasticity
    rule : Rule
        ``record.rule``.
    spec : PlasticitySpec
        What the kernel is compiled for.
    constants : dict of str to float
        What ``record.prepare`` returned.
    decay : dict of str to (array, array)
        Tables of each time constant.
    when : str or int
        "always", "signal", or the steps between two of ``on_step``.
    receptor : int
        Place of the receptor that gets the weights.
    quantum, sign : float, int
        Quantum of the receptor, and the sign of what is delivered; ``weight`` holds magnitudes.
    weight : array [edge], real
        In the order of the projection's edges.
    cell_ptr : array [source + 1], uint32
        First cell of each source of the node.
    cell_source, cell_delay : array [cell], uint32 and uint16
    parts : tuple of (lo, hi, PlasticTable)
        Tables by range of targets, which are those of every table into the block.
    min_delay, max_delay : int, steps
    span : int
        Most steps of a window: the shortest delay, or 1 where the weight is read before the step's changes.
    """

    projection: Name
    source: Node
    target: int
    n_source: int
    own: tuple[int, int]
    record: Any
    rule: Rule
    spec: PlasticitySpec
    constants: dict[str, float]
    decay: dict[str, tuple[np.ndarray, np.ndarray]]
    when: str | int
    receptor: int
    quantum: float
    sign: int
    weight: np.ndarray
    cell_ptr: np.ndarray
    cell_source: np.ndarray
    cell_delay: np.ndarray
    parts: tuple[tuple[int, int, PlasticTable], ...]
    min_delay: int
    max_delay: int
    span: int

    @property
    def edges(self) -> int:
        """Number of synapses."""
        return int(self.weight.size)

    @property
    def pre_values(self) -> list[str]:
        """State variables of the source that the rule needs at each step."""
        return _asked(self.spec.pre_seen, self.rule.pre)

    @property
    def post_values(self) -> list[str]:
        """State variables of the target that the rule needs at each step."""
        return _asked(self.spec.post_seen, self.rule.post)

    @property
    def nbytes(self) -> int:
        """Bytes of the tables and of the state of the synapses."""
        tables = sum(array.nbytes for _, _, table in self.parts for array in table)
        return tables + self.weight.nbytes * (1 + len(self.rule.state)) + self.cell_source.nbytes

    def out_degree(self) -> np.ndarray:
        """Edges of each source: array [source], int64."""
        degree = np.zeros(self.n_source, np.int64)
        for _, _, table in self.parts:
            ends = table.cell_edge[self.cell_ptr].astype(np.int64)
            degree += ends[1:] - ends[:-1]
        return degree


def check_rule(projection: Projection, source: Block | None, target: Block) -> None:
    """Refuse rules for targets that do not spike, and those that read other names than there are.

    `source` is None where it is an input.
    """
    record, rule = projection.plasticity, projection.plasticity.rule
    owner = f"connect({projection.source.name!r}, {projection.target.name!r})"
    if not target.spiking:
        need = "be left out where spikes reach a target that does not spike"
        raise ParameterError(owner, "plasticity", record, need, "No rule learns from spikes and rates.")
    sides: list[tuple[str, Block | None, tuple[str, ...], Mapping[str, Trace]]] = [
        ("pre", source, rule.pre_values, rule.pre),
        ("post", target, rule.post_values, rule.post),
    ]
    for side, block, values, traces in sides:
        known = () if block is None else tuple(block.model.state)
        asked = [*values, *(trace.of for trace in traces.values() if trace.of != "spike")]
        for name in asked:
            if name not in known:
                remedy = f"There is {', '.join(known) or 'none'}."
                need = f"read a state variable that its neurons have, not {side}.{name}"
                raise ParameterError(owner, "plasticity", record, need, remedy)


def plastic_link(
    wire: Wire,
    node: Node,
    first: int,
    n_source: int,
    target: int,
    block: Block,
    quanta: np.ndarray,
    dtype: str,
    dt_ms: float,
    ranges: list[tuple[int, int]],
) -> PlasticLink:
    """Sort the edges of a plastic projection into tables.

    Parameters
    ----------
    wire : Wire
        All its edges: ends within the projection's populations, weights (signed, float64), delays in steps.
    node, first, n_source
        Source node, place of the projection's first source therein, and the size of the node.
    target, block
        Place of the target's block, and the block; ``block.ranges[population]`` has its first neuron.
    quanta : array [receptor, neuron of the block], float64
        Chosen for the sum of ``record.w_max`` over the edges of a target.
    dtype, dt_ms
        Of the network.
    ranges : list of (lo, hi)
        Ranges of targets of the block.

    Raises
    ------
    ParameterError
        If the weights have both signs, lie beyond the rule's bounds, or would change their receptor with
        their sign.
    """
    projection = wire.projection
    record, rule = projection.plasticity, projection.plasticity.rule
    lo, hi = block.ranges[projection.target.name]
    sign, receptor = _signed(wire)
    weight = _bounded(wire, sign, dtype)
    source = wire.source.astype(np.int64) + first
    delay = np.broadcast_to(np.asarray(wire.delay, np.int64), source.shape)
    order, cell, cells = _cells(source, delay)
    cell_source, cell_delay = cells >> 16, cells & 0xFFFF
    cell_ptr = np.searchsorted(cell_source, np.arange(n_source + 1)).astype(np.uint32)
    several = bool(cells.size) and wire.min_delay < wire.max_delay
    constants = record.prepare(dt_ms)
    viewed = several and record.delay_kind == "dendritic"
    spec = PlasticitySpec(rule, dtype, record.delay_kind, record.coincident, viewed)
    filters = [trace.tau for trace in (*rule.pre.values(), *rule.post.values()) if trace.of != "spike"]
    when = record.when
    every = isinstance(when, (int, float))
    return PlasticLink(
        projection=projection.name,
        source=node,
        target=target,
        n_source=n_source,
        own=(lo, hi),
        record=record,
        rule=rule,
        spec=spec,
        constants=constants,
        decay={tau: decay_tables(constants[tau], dt_ms, dtype) for tau in {*spec.taus, *filters}},
        when=max(1, int(steps_from_ms(when, dt_ms, type(record).__name__, "every_ms"))) if every else when,
        receptor=receptor,
        quantum=float(quanta[receptor, lo]),
        sign=sign,
        weight=weight.astype(dtype),
        cell_ptr=cell_ptr,
        cell_source=cell_source.astype(np.uint32),
        cell_delay=cell_delay.astype(np.uint16),
        parts=_tables(wire.target.astype(np.int64) + lo, order, cell, cells.size, ranges),
        min_delay=wire.min_delay,
        max_delay=wire.max_delay,
        span=_span(wire, record.delay_kind),
    )


def _asked(seen: list[str], traces: Mapping[str, Trace]) -> list[str]:
    return sorted({traces[name].of if name in traces else name for name in seen})


def _span(wire: Wire, delay_kind: str) -> int:
    if not wire.source.size:
        return _ANY_SPAN
    return 1 if delay_kind == "axonal" else max(1, wire.min_delay)


def _signed(wire: Wire) -> tuple[int, int]:
    """Sign of what is delivered, and the receptor."""
    projection, weight = wire.projection, wire.weight
    owner = f"connect({projection.source.name!r}, {projection.target.name!r})"
    positive, negative = receptor_pair(projection)
    if not weight.any():  # weights that were all learned away keep the sign of the recipe
        weight = projection.edges().weight
    below, above = bool((weight < 0).any()), bool((weight > 0).any())
    if projection.plasticity.w_min < 0:
        if positive != negative:
            need = "name one receptor, because w_min < 0 lets weights change their sign"
            raise ParameterError(owner, "receptor", projection.receptor, need)
        return 1, positive
    if below and above:
        need = "have one sign, because the rule sees magnitudes"
        remedy = "Make two projections, or let the rule have w_min < 0 and name one receptor."
        raise ParameterError(owner, "weight", projection.weight, need, remedy)
    if below or (projection.receptor == "inh" and not above):
        return -1, negative
    return 1, positive


def _bounded(wire: Wire, sign: int, dtype: str) -> np.ndarray:
    """Weights as the rule sees them, which must lie within its bounds."""
    record, projection, weight = wire.projection.plasticity, wire.projection, wire.weight * sign
    bad = beyond(record, weight, dtype)
    if bad.any():
        owner = f"connect({projection.source.name!r}, {projection.target.name!r})"
        need = f"lie between w_min={record.w_min!r} and w_max={record.w_max!r} of the rule"
        if sign < 0:
            need = f"have a magnitude that lies between {need.removeprefix('lie between ')}"
        raise ParameterError(owner, "weight", float(wire.weight[bad.argmax()]), need)
    return weight


def _cells(source: np.ndarray, delay: np.ndarray) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Order of the edges by cell (None where they stand so), cell of each, and the keys of the cells."""
    key = source << 16 | delay
    order = None if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")
    if order is not None:
        key = key[order]
    new = np.diff(key, prepend=-1) != 0
    return order, np.cumsum(new) - 1, key[new]


def _tables(
    target: np.ndarray, order: np.ndarray | None, cell: np.ndarray, cells: int, ranges: list[tuple[int, int]]
) -> tuple[tuple[int, int, PlasticTable], ...]:
    place = np.arange(target.size, dtype=np.uint32) if order is None else order.astype(np.uint32)
    target = target[place]
    tables = []
    for lo, hi in ranges:
        here = (target >= lo) & (target < hi)
        cell_edge = np.zeros(cells + 1, np.uint32)
        np.cumsum(np.bincount(cell[here], minlength=cells), out=cell_edge[1:])
        tables.append((lo, hi, PlasticTable(cell_edge, (target[here] - lo).astype(np.uint16), place[here])))
    return tuple(tables)
