"""Fixed numbers of edges, chosen the likelier the nearer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import ParameterError
from .cells import sorted_targets
from .degrees import FixedDegree
from .patterns import BlockPattern
from .positions import Places
from .sampling import Blocks, Indices, kernels, sorted_by_row
from .spatial import checked_law, kernel_law

__all__ = ["SpatialIndegree", "SpatialOutdegree"]


@dataclass(frozen=True)
class _SpatialDegree(FixedDegree):
    probability: Any = 1.0
    radius: float | None = None

    chosen: ClassVar[str]
    chooser: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        probability, radius = checked_law(type(self).__name__, self.probability, self.radius)
        object.__setattr__(self, "probability", probability)
        object.__setattr__(self, "radius", radius)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Refuse to draw without positions; `between` knows them."""
        owner = type(self).__name__
        raise ParameterError(owner, "positions", None, "be known to draw edges", "Use Network.connect.")

    def between(self, places: Places) -> BlockPattern:
        """Return the pattern for sources and targets at known places."""
        return _PlacedDegree(self, places)


class SpatialIndegree(_SpatialDegree):
    """Each target has exactly ``k`` sources, chosen in proportion to a function of distance.

    As NEST's fixed_indegree with a mask and a probability. Source and target need positions.

    Parameters
    ----------
    k : int
        Edges that arrive at each target.
    allow_autapses : bool
        Whether a neuron of a recurrent projection may choose itself.
    allow_multapses : bool
        Whether a target may choose the same source more than once.
    probability : float or function of distance
        Only its ratios count; below 0 it counts as 0.
    radius : float, optional
        Sources farther away are not chosen.
    """

    chosen, chooser = "sources", "target"

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse more distinct sources than there are."""
        self._check_choice(n_source, same, self.chosen, self.chooser)

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_target * self.k


class SpatialOutdegree(_SpatialDegree):
    """Each source has exactly ``k`` targets, chosen in proportion to a function of distance.

    As NEST's fixed_outdegree with a mask and a probability. Source and target need positions.

    Parameters
    ----------
    k : int
        Edges that leave each source.
    allow_autapses : bool
        Whether a neuron of a recurrent projection may choose itself.
    allow_multapses : bool
        Whether a source may choose the same target more than once.
    probability : float or function of distance
        Only its ratios count; below 0 it counts as 0.
    radius : float, optional
        Targets farther away are not chosen.
    """

    chosen, chooser = "targets", "source"

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse more distinct targets than there are."""
        self._check_choice(n_target, same, self.chosen, self.chooser)

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_source * self.k


@dataclass(frozen=True, eq=False)
class _PlacedDegree(BlockPattern):
    pattern: _SpatialDegree
    places: Places

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        inward = self.pattern.chooser == "target"
        return self.pattern.k * (n_target if inward else n_source)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Let every neuron of one side choose; 4 bytes an edge are held, 8 where targets choose."""
        inward = self.pattern.chooser == "target"
        rows = self._choices(inward, key, same)
        width = max(size // max(self.pattern.k, 1), 1)

        def pieces() -> Blocks:
            for lo in range(0, rows.shape[0], width):
                some = rows[lo : lo + width]
                chooser = np.repeat(np.arange(lo, lo + some.shape[0], dtype=np.uint32), self.pattern.k)
                yield (some.reshape(-1), chooser) if inward else (chooser, some.reshape(-1))

        return sorted_by_row(pieces, n_source, size) if inward else pieces()

    def _choices(self, inward: bool, key: int, same: bool) -> Indices:
        source, target, period = self.places
        pattern = self.pattern
        kind, law, radius = kernel_law(pattern.probability, pattern.radius)
        places = Places(target, source, period) if inward else self.places
        rows = np.empty((places.source.shape[0], pattern.k), np.uint32)
        flags = np.int64(same and not pattern.allow_autapses), np.int64(not pattern.allow_multapses)
        space = sorted_targets(places, float(radius))
        done = int(kernels().choose_near(*space, radius, kind, law, np.uint64(key), *flags, rows))
        if done < rows.shape[0]:
            raise ParameterError(
                type(pattern).__name__,
                "k",
                pattern.k,
                f"leave {pattern.chooser} {done} enough {pattern.chosen} to choose from",
                "Lower k or widen the radius, or allow autapses or multapses.",
            )
        return rows
