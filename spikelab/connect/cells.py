"""Cells of space, so that only those near a source are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from .positions import Places

__all__ = ["cell_pairs", "sorted_targets"]

# Cells along a radius: a square of them around the disc then holds little that is too far.
_CELLS = 3.0
# Cells along an axis of a plane and of space, for bounds: about 2000 in all.
_COARSE = {2: 45, 3: 13}

Values = npt.NDArray[np.float64]


def sorted_targets(places: Places, radius: float) -> tuple[npt.NDArray[Any], ...]:
    """Sort targets into cells: a few along the radius, but not many more than targets.

    Returns
    -------
    source_place, spot, member, ptr, corner, side, cells, period
        As the kernel `draw_near` takes them, with three axes.
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
    number = _numbers(target, corner, side, cells)
    member = np.argsort(number, kind="stable")
    ptr = np.searchsorted(number[member], np.arange(int(cells.prod()) + 1)).astype(np.uint64)
    spot = np.ascontiguousarray(target[member].T)
    return source, spot, member.astype(np.uint32), ptr, corner, side, cells, period


def cell_pairs(places: Places) -> Iterator[tuple[Values, Values, Values]]:
    """Part space into cells, and go through the cells with sources.

    Yields
    ------
    pairs, near, far : array [cell], float64
        For each cell with targets: pairs of a source and a target, and the least and the largest distance
        that they can have.
    """
    everyone = np.concatenate([places.source, places.target])
    corner, axes = everyone.min(axis=0), everyone.shape[1]
    length = np.where(np.isfinite(places.period), places.period, np.maximum(np.ptp(everyone, axis=0), 1e-300))
    cells = np.full(axes, _COARSE[axes])
    side = length / cells
    sides = (np.unique(_numbers(x, corner, side, cells), return_counts=True) for x in places[:2])
    (sources, n_sources), (targets, n_targets) = sides
    there = np.stack(np.unravel_index(targets, tuple(cells)), axis=-1)
    for here, n in zip(np.stack(np.unravel_index(sources, tuple(cells)), axis=-1), n_sources, strict=True):
        apart = np.abs(there - here)
        apart = np.where(np.isfinite(places.period), np.minimum(apart, cells - apart), apart)
        near, far = (np.sqrt(np.square(np.maximum(apart + by, 0) * side).sum(axis=1)) for by in (-1, 1))
        yield n * n_targets.astype(np.float64), near, far


def _numbers(
    place: Values, corner: Values, side: Values, cells: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Number of the cell of each place; the last axis runs fastest."""
    at = np.clip(np.floor((place - corner) / side).astype(np.int64), 0, cells - 1)
    number: npt.NDArray[np.int64] = np.ravel_multi_index(tuple(at.T), tuple(cells))
    return number
