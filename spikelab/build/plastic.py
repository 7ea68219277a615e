"""Projections whose weights change, in the arrays that the plasticity kernels read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrivals import Name, Node
from .blocks import Block
from .edges import Wire

if TYPE_CHECKING:
    from spikelab_kernels.ir.declare import Rule

__all__ = ["PlasticLink", "plastic_link"]


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
    record : Plasticity
    rule : Rule
        ``record.rule``.
    parts : tuple of (lo, hi, table)
        Tables by range of targets, which are those of every table into the block.
    min_delay, max_delay : int, steps
    span : int
        Most steps of a window: the shortest delay, or 1 where the weight is read before the step's changes.
    edges : int
    nbytes : int
    """

    projection: Name
    source: Node
    target: int
    n_source: int
    record: Any
    rule: Rule
    parts: tuple[tuple[int, int, Any], ...]
    min_delay: int
    max_delay: int
    span: int
    edges: int
    nbytes: int

    def out_degree(self) -> np.ndarray:
        """Edges of each source: array [source], int64."""
        raise NotImplementedError


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
    """
    raise NotImplementedError
