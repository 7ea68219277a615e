"""Sparse projections of spikes, whose edges are drawn block by block and never stood together in memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..connect import Constant, EdgeBlock, FromArray, PerSource
from ..parts import Projection
from .edges import check_largest, delay_steps, given_weights, receptor_pair

__all__ = ["Stream"]

# Edges that are worked on at a time: some 10 MB with all that belongs to them.
_BLOCK = 2**20


class Stream:
    """One sparse projection of spikes.

    Parameters
    ----------
    projection : Projection
        Its recipe.
    dt_ms : float
    dtype : {"float32", "float64"}
    on_cycle : bool
        Whether spikes can come back to the source.
    given : array [edge] or None
        Weights that replace the recipe's.
    keep : bool
        Whether the edges stay in memory from the first pass to the second, instead of being drawn twice.

    Attributes
    ----------
    receptors : tuple (int, int)
        Of weights >= 0 and of weights < 0.
    delay : int or None, steps
        Where all edges have one.
    """

    def __init__(
        self,
        projection: Projection,
        dt_ms: float,
        dtype: str,
        on_cycle: bool,
        given: np.ndarray | None,
        keep: bool,
    ):
        self.projection, self.dtype = projection, dtype
        self._dt_ms, self._on_cycle = dt_ms, on_cycle
        self.given = given
        self.receptors = receptor_pair(projection)
        self.delay: int | None = None
        if projection.delay_ms is None or projection.constant_delay_ms is not None:
            steps = delay_steps(projection, projection.constant_delay_ms, dt_ms, on_cycle)
            assert isinstance(steps, int)
            self.delay = steps
        self._kept: list[EdgeBlock] | None = [] if keep else None
        self._whole = False
        if given is not None and np.ndim(given) != 1:
            self._refuse_weights()

    @property
    def special(self) -> bool:
        """Whether its synapses have a state or fail, so that it needs a table of its own."""
        return self.projection.short_term is not None or self.projection.failure_probability > 0

    @property
    def n_source(self) -> int:
        return self.projection.source.n_out

    @property
    def n_target(self) -> int:
        return self.projection.target.n

    def blocks(self) -> Iterator[EdgeBlock]:
        """Edges in order; drawn again at every call unless they are kept."""
        if self._whole:
            assert self._kept is not None
            yield from self._kept
            return
        for block in self.projection.edge_blocks(_BLOCK):
            if self._kept is not None:
                self._kept.append(block)
            yield block
        self._whole = self._kept is not None

    def forget(self) -> None:
        """Let go of kept edges."""
        self._kept, self._whole = None, False

    def weights(self, block: EdgeBlock) -> np.ndarray:
        """Weights of a block: array [edge], or [1] where all are equal; float64."""
        if self.given is not None:
            part = self.given[block.first : block.first + block.source.size]
            if part.size != block.source.size:
                self._refuse_weights()
            return part
        return np.atleast_1d(np.asarray(self.projection.weights_in(block), np.float64))

    def delays(self, block: EdgeBlock) -> np.ndarray | int:
        """Delays of a block in steps: array [edge], int64, or a number."""
        if self.delay is not None:
            return self.delay
        drawn = self.projection.delays_in(block)
        return delay_steps(self.projection, drawn, self._dt_ms, self._on_cycle)

    @property
    def listed(self) -> bool:
        """Whether weights come from an array, and may depend on the source alone."""
        by_list = isinstance(self.projection.weight, (np.ndarray, PerSource))
        return self.given is not None or by_list or isinstance(self.projection.pattern, FromArray)

    @property
    def constant(self) -> bool:
        """Whether all edges have one weight by their rule."""
        return not self.listed and isinstance(self.projection.weight, Constant)

    def _refuse_weights(self) -> None:
        assert self.given is not None
        edges = sum(block.source.size for block in self.projection.edge_blocks())
        given_weights(self.projection, self.given, edges)

    def check(self, edges: int, largest: float) -> None:
        """Refuse weights that do not fit what was counted."""
        if self.given is not None:
            self.given = given_weights(self.projection, self.given, edges)
        check_largest(self.projection, largest, self.dtype)
