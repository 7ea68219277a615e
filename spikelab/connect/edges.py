"""Edges of a projection, whole or block by block, and the values that belong to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .distributions import Constant, Distribution
from .of_distance import OfDistance
from .patterns import BLOCK_SIZE, Pattern
from .per_source import PerSource
from .positions import Places
from .sampling import Indices

__all__ = ["BLOCK_SIZE", "EdgeBlock", "Edges", "Rule", "draw_blocks", "edge_bound", "edge_count", "values_in"]


Rule = Distribution | PerSource | OfDistance | npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of a projection, sorted by (source, target).

    Attributes
    ----------
    source, target : array [edge], uint32
        The two ends.
    weight : array [edge], float64
        Weights, in the unit of the target.
    delay_ms : array [edge], float64, float or None
        Delays, ms; a float where all are equal, None where the least legal delay is meant.
    """

    source: Indices
    target: Indices
    weight: npt.NDArray[np.float64]
    delay_ms: npt.NDArray[np.float64] | float | None

    def __len__(self) -> int:
        return int(self.source.size)


class EdgeBlock(NamedTuple):
    """Neighbouring edges of a projection, in the order of (source, target).

    Attributes
    ----------
    first : int
        Number of its first edge in the projection; the edges of a block are numbered on from there.
    source, target : array [edge], uint32
        The two ends.
    """

    first: int
    source: Indices
    target: Indices


def draw_blocks(
    pattern: Pattern, n_source: int, n_target: int, key: int, same: bool, size: int
) -> Iterator[EdgeBlock]:
    """Yield the edges in blocks of at most ``size``, none of them empty."""
    first = 0
    for source, target in _parts(pattern, n_source, n_target, key, same, size):
        for lo in range(0, source.size, size):
            block = EdgeBlock(first, source[lo : lo + size], target[lo : lo + size])
            yield block
            first += block.source.size


def edge_count(pattern: Pattern, n_source: int, n_target: int, same: bool) -> int | None:
    """Return how many edges a pattern makes, where it knows without drawing them."""
    count = getattr(pattern, "count", None)
    return None if count is None else count(n_source, n_target, same)


def edge_bound(pattern: Pattern, n_source: int, n_target: int, same: bool) -> int | None:
    """Return how many edges a pattern makes at most, where it can tell without drawing them."""
    count = edge_count(pattern, n_source, n_target, same)
    bound = getattr(pattern, "bound", None)
    return count if count is not None or bound is None else bound(n_source, n_target, same)


def values_in(
    rule: Rule, block: EdgeBlock, key: int, places: Callable[[], Places]
) -> npt.NDArray[np.float64] | float:
    """Draw the values of the edges of a block: array [edge], float64, or a float where all are equal.

    ``places`` is asked where neurons stand if a value depends on distance.
    """
    if isinstance(rule, Constant):
        return rule.value
    if isinstance(rule, PerSource):
        return rule.of_edges(block.source, key)
    if isinstance(rule, OfDistance):
        return rule.at(places().distances(block.source, block.target))
    if isinstance(rule, np.ndarray):
        return rule[block.source, block.target]
    return rule.sample(block.source.size, key, block.first)


def _parts(
    pattern: Pattern, n_source: int, n_target: int, key: int, same: bool, size: int
) -> Iterator[tuple[Indices, Indices]]:
    blocks = getattr(pattern, "blocks", None)
    if blocks is None:
        yield pattern.edges(n_source, n_target, key, same)
    else:
        yield from blocks(n_source, n_target, key, same, size)
