"""Connection patterns: which source reaches which target; here those without chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ..errors import ParameterError
from ..units import require_flag
from .sampling import Blocks, Indices, collected

__all__ = ["BLOCK_SIZE", "AllToAll", "BlockPattern", "OneToOne", "Pattern"]

BLOCK_SIZE = 2**20
"""Edges that are drawn at a time: some MB, and few calls even for 1e8 edges."""


@runtime_checkable
class Pattern(Protocol):
    """What `Network.connect` takes as ``pattern``: a frozen record with these methods."""

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Raise `ParameterError` where the pattern does not fit the two sizes."""
        ...

    def edges(self, n_source: int, n_target: int, key: int, same: bool) -> tuple[Indices, Indices]:
        """Return source and target of every edge, sorted by (source, target): two arrays [edge], uint32.

        ``same`` says that source and target are one population.
        """
        ...


class BlockPattern:
    """A pattern whose edges are drawn block by block, so that a build need not hold them all.

    It states either the number of its edges by ``count(n_source, n_target, same)``, or by ``bound`` a number
    that they exceed with a probability below 1e-12.
    """

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Fit any two sizes."""

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Yield the edges in pieces of about ``size``, sorted by (source, target) throughout."""
        raise NotImplementedError

    def edges(self, n_source: int, n_target: int, key: int, same: bool) -> tuple[Indices, Indices]:
        """Return all edges: two arrays [edge], uint32, sorted by (source, target)."""
        return collected(self.blocks(n_source, n_target, key, same, BLOCK_SIZE))


@dataclass(frozen=True)
class AllToAll(BlockPattern):
    """Every source reaches every target (NEST: all_to_all).

    Parameters
    ----------
    allow_autapses : bool
        Whether a neuron of a recurrent projection reaches itself.

    Examples
    --------
    >>> AllToAll(allow_autapses=False).edges(2, 2, key=0, same=True)
    (array([0, 1], dtype=uint32), array([1, 0], dtype=uint32))
    """

    allow_autapses: bool = True

    def __post_init__(self) -> None:
        require_flag("AllToAll", "allow_autapses", self.allow_autapses)

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_source * n_target - (n_target if same and not self.allow_autapses else 0)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Yield all pairs, some sources at a time."""
        rows = max(size // max(n_target, 1), 1)
        for first in range(0, n_source, rows):
            stop = min(first + rows, n_source)
            source = np.repeat(np.arange(first, stop, dtype=np.uint32), n_target)
            target = np.tile(np.arange(n_target, dtype=np.uint32), stop - first)
            if same and not self.allow_autapses:
                keep = source != target
                source, target = source[keep], target[keep]
            yield source, target


@dataclass(frozen=True)
class OneToOne(BlockPattern):
    """Source i reaches target i; both sides have one size (NEST: one_to_one)."""

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse sides of different size."""
        if n_source != n_target:
            raise ParameterError(
                "OneToOne",
                "n_target",
                n_target,
                f"equal n_source={n_source}",
                "Use AllToAll or FixedIndegree between populations of different size.",
            )

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_source

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Yield the pairs (i, i)."""
        self.check(n_source, n_target, same)
        index = np.arange(n_source, dtype=np.uint32)
        yield index, index.copy()
