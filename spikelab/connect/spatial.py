"""Connection probability as a function of distance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_flag, require_positive, require_probability, require_scalar
from .of_distance import OfDistance
from .patterns import BlockPattern
from .positions import Places
from .sampling import Blocks, kernels

__all__ = ["Spatial"]

# Cells along a radius: a square of them around the disc then holds little that is too far.
_CELLS = 3.0


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
        if not isinstance(self.probability, OfDistance):
            remedy = "Give a number, or a function such as spikelab.GaussianOfDistance(0.8, std=0.1)."
            p = require_scalar("Spatial", "probability", self.probability, remedy)
            require_probability("Spatial", "probability", p)
            object.__setattr__(self, "probability", p)
        if self.radius is not None:
            object.__setattr__(self, "radius", require_scalar("Spatial", "radius", self.radius))
            require_positive("Spatial", "radius", self.radius)
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

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw the pairs of some sources at a time."""
        law = self.pattern.probability
        # On a grid many pairs stand just at the radius: rounding must not part them.
        radius = inf if self.pattern.radius is None else self.pattern.radius * (1.0 + 1e-9)
        if isinstance(law, OfDistance):
            kind, numbers, radius = law.kind, law.law(), min(radius, law.reach())
        else:
            kind, numbers = 0, np.array([law, 0.0, 0.0, 0.0, 1.0])
        drop = np.int64(same and not self.pattern.allow_autapses)
        given = (*_cells(self.places, radius), np.float64(radius), np.int64(kind), numbers, np.uint64(key))
        first = 0
        while first < n_source:
            ends = np.empty((2, max(size, n_target)), np.uint32)
            n, after = kernels().draw_near(*given, np.int64(first), drop, *ends)
            yield ends[0, :n], ends[1, :n]
            first = int(after)


def _cells(places: Places, radius: float) -> tuple[npt.NDArray[Any], ...]:
    """Sort targets into cells: a few along the radius, but not many more than targets.

    Returns
    -------
    source_place, spot, member, ptr, corner, side, cells, period
        As the kernel takes them, with three axes.
    """
    n, axes = places.target.shape
    missing = 3 - axes
    source, target = (np.pad(side, ((0, 0), (missing, 0))) for side in (places.source, places.target))
    period = np.pad(places.period, (missing, 0), constant_values=inf)
    corner = target.min(axis=0)
    length = np.where(np.isfinite(period), period, np.maximum(np.ptp(target, axis=0), 1e-300))
    most = np.where(np.arange(3) < missing, 1, max(int(n ** (1.0 / axes)), 1))
    cells = np.clip(np.floor(_CELLS * length / max(radius, 1e-290)), 1, most).astype(np.int64)
    side = length / cells
    at = np.clip(np.floor((target - corner) / side).astype(np.int64), 0, cells - 1)
    number = np.ravel_multi_index(tuple(at.T), tuple(cells))
    member = np.argsort(number, kind="stable")
    ptr = np.searchsorted(number[member], np.arange(int(cells.prod()) + 1)).astype(np.uint64)
    spot = np.ascontiguousarray(target[member].T)
    return source, spot, member.astype(np.uint32), ptr, corner, side, cells, period
