"""Connection probability as a function of distance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_flag, require_positive, require_probability, require_scalar
from .cells import cell_pairs, sorted_targets
from .of_distance import OfDistance
from .patterns import BlockPattern
from .positions import Places
from .sampling import Blocks, kernels, most_poisson

__all__ = ["Spatial", "checked_law", "kernel_law"]

# Up to here all edges are drawn within some tenths of a second.
_FEW_PAIRS = 4_000_000


@dataclass(frozen=True)
class Spatial(BlockPattern):
    """Each pair is connected with a probability that depends on its distance (NEST: pairwise_bernoulli).

    Source and target need positions: ``net.add(..., positions=sl.Grid((20, 20)))``.

    Parameters
    ----------
    probability : float or function of distance
        Such as ``0.3`` or ``sl.GaussianOfDistance(peak=0.8, std=0.1)``. Values below 0 count as 0 and values
        above 1 as 1.
    radius : float, optional
        Pairs farther apart are not connected (NEST: a circular or spherical mask).
    allow_autapses : bool
        Whether a neuron of a recurrent projection may reach itself.
    """

    probability: Any
    radius: float | None = None
    allow_autapses: bool = True

    def __post_init__(self) -> None:
        probability, radius = checked_law("Spatial", self.probability, self.radius)
        object.__setattr__(self, "probability", probability)
        object.__setattr__(self, "radius", radius)
        require_flag("Spatial", "allow_autapses", self.allow_autapses)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Refuse to draw without positions; `between` knows them."""
        raise ParameterError("Spatial", "positions", None, "be known to draw edges", "Use Network.connect.")

    def between(self, places: Places) -> BlockPattern:
        """Return the pattern for sources and targets at known places."""
        return _PlacedSpatial(self, places)


@dataclass(frozen=True, eq=False)
class _PlacedSpatial(BlockPattern):
    pattern: Spatial
    places: Places

    def bound(self, n_source: int, n_target: int, same: bool) -> int | None:
        """A number that edges pass with a probability below 1e-12; None where drawing is as fast."""
        if n_source * n_target < _FEW_PAIRS:
            return None
        kind, law, radius = kernel_law(self.pattern.probability, self.pattern.radius)
        mean = 0.0
        for pairs, near, far in cell_pairs(self.places):
            ends = np.empty((2, near.size))
            for out, distance in zip(ends, (near, far), strict=True):
                kernels().weigh_distances(kind, law, distance, out)
            # Laws rise or fall throughout: between two cells none is larger than at one of the ends.
            mean += float((pairs * np.clip(ends.max(axis=0), 0.0, 1.0))[near <= radius].sum())
        return min(most_poisson(mean), n_source * n_target)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw the pairs of some sources at a time."""
        kind, law, radius = kernel_law(self.pattern.probability, self.pattern.radius)
        drop = np.int64(same and not self.pattern.allow_autapses)
        given = (*sorted_targets(self.places, float(radius)), radius, kind, law, np.uint64(key))
        first = 0
        while first < n_source:
            ends = np.empty((2, max(size, n_target)), np.uint32)
            n, after = kernels().draw_near(*given, np.int64(first), drop, *ends)
            yield ends[0, :n], ends[1, :n]
            first = int(after)


def checked_law(owner: str, probability: Any, radius: Any) -> tuple[float | OfDistance, float | None]:
    """Refuse what is neither a probability nor a function of distance, or no radius."""
    if not isinstance(probability, OfDistance):
        remedy = "Give a number, or a function such as spikelab.GaussianOfDistance(0.8, std=0.1)."
        probability = require_scalar(owner, "probability", probability, remedy)
        require_probability(owner, "probability", probability)
    if radius is not None:
        radius = require_scalar(owner, "radius", radius)
        require_positive(owner, "radius", radius)
    return probability, radius


def kernel_law(
    law: float | OfDistance, radius: float | None
) -> tuple[np.int64, npt.NDArray[np.float64], np.float64]:
    """Return kind and numbers of a law and the radius as the kernels take them."""
    # On a grid many pairs stand just at the radius: rounding must not part them.
    most = inf if radius is None else radius * (1.0 + 1e-9)
    if isinstance(law, OfDistance):
        return np.int64(law.kind), law.law(), np.float64(min(most, law.reach()))
    return np.int64(0), np.array([law, 0.0, 0.0, 0.0, 1.0]), np.float64(most)
