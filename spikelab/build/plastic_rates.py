"""Projections of real values whose weights change, in the arrays that delivery and learning read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.rate_spec import RateSpec

from ..errors import ParameterError
from .arrivals import Name, Node
from .blocks import Block
from .edges import Wire, beyond

__all__ = ["DERIVED", "RateLink", "RatePart", "rate_link"]

#: What the runner makes of a layer beside the state variables of its units.
DERIVED = ("drive", "share", "norm")


@dataclass(frozen=True, eq=False)
class RatePart:
    """The edges of one delay and receptor, by source.

    Attributes
    ----------
    delay : int, steps
    address : int
        Place of the population's first unit among the real inputs of the block.
    dense : bool
        Whether every source reaches every target; edge j of a source then reaches target j.
    ptr : array [source + 1], uint64
        Edges of source i are ``ptr[i]`` up to ``ptr[i + 1]``.
    neuron : array [edge], uint32
        Target of each edge within the population; empty where it is dense.
    number : array [edge], int64
        Number of each edge in the order of the projection's edges.
    weight : array [edge], real
        Before the first step; magnitudes where the rule sees magnitudes.
    """

    delay: int
    address: int
    dense: bool
    ptr: np.ndarray
    neuron: np.ndarray
    number: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True, eq=False)
class RateLink:
    """One plastic projection of real values.

    Attributes
    ----------
    projection : name
    source : int or str
        A block by its place, or an input by its name.
    target : int
        Place of the block that the values reach.
    lo, hi : int
        The projection's sources within the source node.
    first, n_target : int
        Its first target within the block, and how many.
    n_inputs : int
        Real inputs of the block's units times units: the width of a row that `deliver` adds to.
    record : Plasticity
    rule : Rule
    sign : float
        1.0, or -1.0 where the rule sees the magnitudes of negative weights.
    parts : tuple of RatePart
    edges : int
    output : str
        State variable of the target's units that is their rate; empty for neurons that spike.
    dtype : str
    dt_ms : float
    """

    projection: Name
    source: Node
    target: int
    lo: int
    hi: int
    first: int
    n_target: int
    n_inputs: int
    record: Any
    rule: Rule
    sign: float
    parts: tuple[RatePart, ...]
    edges: int
    output: str
    dtype: str
    dt_ms: float

    #: Most steps of a window: what the units become changes what they get in the next step.
    span = 1

    @property
    def n_source(self) -> int:
        """Units or features of the source."""
        return self.hi - self.lo

    @property
    def min_delay(self) -> int:
        """Shortest delay, steps."""
        return min((part.delay for part in self.parts), default=0)

    @property
    def max_delay(self) -> int:
        """Longest delay, steps."""
        return max((part.delay for part in self.parts), default=0)

    @property
    def nbytes(self) -> int:
        """Bytes of the edges."""
        return sum(part.weight.nbytes + part.neuron.nbytes + part.ptr.nbytes for part in self.parts)

    @cached_property
    def post_states(self) -> tuple[str, ...]:
        """State variables of the target's block that the rule reads after each step."""
        names = [*self.rule.post_values, *(_base(trace) for trace in self.rule.post.values())]
        states = [self.output if name == "rate" else name for name in names if name not in DERIVED]
        return tuple(dict.fromkeys(states))

    def out_degree(self) -> np.ndarray:
        """Edges of each source: array [source], int64."""
        total = np.zeros(self.n_source, np.int64)
        for part in self.parts:
            total += np.diff(part.ptr).astype(np.int64)
        return total


def _base(trace: Trace) -> str:
    """What a trace follows, or follows the square of."""
    return trace.of.removesuffix("^2")


def rate_link(
    wire: Wire, node: Node, lo: int, target: int, block: Block, dtype: str, dt_ms: float
) -> RateLink:
    """Sort the edges of a plastic projection of real values.

    Parameters
    ----------
    wire : Wire
        All its edges; ``wire.spikes`` is False.
    node, lo
        Source node, and place of the projection's first source therein.
    target, block
        Place of the target's block, and the block.
    dtype, dt_ms
        Of the network.

    Raises
    ------
    ParameterError
        If the rule needs spikes, reads what there is not, or does not fit the weights.
    """
    projection, record = wire.projection, wire.projection.plasticity
    owner = f"connect({projection.source.name!r}, {projection.target.name!r})"
    _check_rule(owner, record, block)
    weight, sign = _magnitudes(owner, wire.weight, record, dtype)
    delays = np.broadcast_to(np.asarray(wire.delay), wire.source.shape)
    receptors = np.broadcast_to(np.asarray(wire.receptor), wire.source.shape)
    n_source, n_target = projection.source.n_out, projection.target.n
    first = block.ranges[projection.target.name][0]
    parts = []
    for delay, receptor in sorted(set(zip(delays.tolist(), receptors.tolist(), strict=True))):
        chosen = np.flatnonzero((delays == delay) & (receptors == receptor))
        number = chosen[np.lexsort((wire.target[chosen], wire.source[chosen]))]
        source, neuron = wire.source[number], wire.target[number]
        flat = source.astype(np.int64) * n_target + neuron
        dense = np.array_equal(flat, np.arange(n_source * n_target))
        ptr = np.zeros(n_source + 1, np.uint64)
        ptr[1:] = np.cumsum(np.bincount(source, minlength=n_source))
        kept = np.empty(0, np.uint32) if dense else neuron.astype(np.uint32)
        held = np.ascontiguousarray(weight[number], dtype=dtype)
        parts.append(RatePart(delay, receptor * block.n + first, dense, ptr, kept, number, held))
    return RateLink(
        projection.name, node, target, lo, lo + n_source, first, n_target, block.n_inputs * block.n, record,
        record.rule, sign, tuple(parts), wire.source.size, block.model.output, dtype,
        dt_ms,
    )  # fmt: skip


def _check_rule(owner: str, record: Any, block: Block) -> None:
    """Refuse rules of spikes, and those that read other names than there are."""
    rule: Rule = record.rule
    if rule.on_pre is not None or rule.on_post is not None or rule.on_step is None:
        need = "be a rule between rates, since the source hands on real values"
        raise ParameterError(owner, "plasticity", record, need, "There are Hebb, Oja, BCM, SoftHebb.")
    own = {*block.model.state, *DERIVED, *(("rate",) if block.model.output else ())}
    sides = {"pre": {"rate"}, "post": own}
    for side, known in sides.items():
        traces: Mapping[str, Trace] = getattr(rule, side)
        asked = {*getattr(rule, f"{side}_values"), *(_base(trace) for trace in traces.values())}
        asked |= {*RateSpec(rule, "float64", True).read(side)} - {*traces}
        for name in sorted(asked - known):
            need = f"read what there is, not {side}.{name}"
            raise ParameterError(owner, "plasticity", record, need, f"There is {', '.join(sorted(known))}.")


def _magnitudes(owner: str, weight: np.ndarray, record: Any, dtype: str) -> tuple[np.ndarray, float]:
    """Weights as the rule sees them, and the sign with which they are delivered."""
    sign = 1.0
    if record.w_min >= 0 and weight.size and weight.max() <= 0 and weight.min() < 0:
        weight, sign = -weight, -1.0
    bad = np.flatnonzero(beyond(record, weight, dtype))
    if bad.size:
        need = f"lie between w_min={record.w_min!r} and w_max={record.w_max!r} of the rule"
        value = float(sign * weight[bad[0]])
        raise ParameterError(owner, f"weight[{bad[0]}]", value, need, "Set w_min and w_max, or the weights.")
    return weight, sign
