"""From a series of any length to one vector of features."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError

__all__ = ["POOLINGS", "pool_inputs", "segment_bounds", "segment_means"]

Floats = npt.NDArray[np.float64]

#: Ways to pool: the last state, the mean, the means of segments, or the space of models.
POOLINGS = ("last", "mean", "segments", "model_space")


def segment_bounds(lengths: npt.NDArray[Any], n_segments: int, washout: int = 0) -> npt.NDArray[np.uint32]:
    """Cut series into segments of nearly equal length.

    Parameters
    ----------
    lengths : array [series]
        Steps of each.
    n_segments : int
        Segments of each.
    washout : int
        Steps left out at the start.

    Returns
    -------
    array [series, n_segments + 1], uint32
        Segment s covers ``bounds[s] <= step < bounds[s + 1]``; segments of a series that has fewer steps may
        be empty, the last never is.

    Examples
    --------
    >>> segment_bounds(np.array([8, 3]), 4)
    array([[0, 2, 4, 6, 8],
           [0, 0, 1, 2, 3]], dtype=uint32)
    """
    length = np.asarray(lengths, dtype=np.int64)[:, None] - washout
    return (washout + np.arange(n_segments + 1) * length // n_segments).astype(np.uint32)


def segment_means(sums: Floats, bounds: npt.NDArray[np.uint32]) -> Floats:
    """Divide the sums of segments by their lengths.

    Parameters
    ----------
    sums : array [series, segment, unit], float64
    bounds : array [series, segment + 1], uint32

    Returns
    -------
    array [series, segment * unit], float64
        An empty segment takes the mean of the next one that is not, which holds the step it falls into.
    """
    steps = np.diff(bounds.astype(np.int64), axis=1)
    means = sums / np.maximum(steps, 1)[:, :, None]
    for s in range(sums.shape[1] - 2, -1, -1):
        empty = steps[:, s] == 0
        means[empty, s] = means[empty, s + 1]
    return means.reshape(sums.shape[0], -1)


def pool_inputs(series: list[npt.NDArray[Any]], pooling: str, n_segments: int) -> Floats:
    """Pool the input features themselves in the same way: array [series, feature], float64."""
    if pooling == "last":
        return np.array([one[-1] for one in series], dtype=np.float64)
    if pooling not in ("mean", "segments"):
        raise ParameterError("pool_inputs", "pooling", pooling, "be 'last', 'mean' or 'segments'")
    bounds = segment_bounds(
        np.array([len(one) for one in series]), n_segments if pooling == "segments" else 1
    )
    sums = np.zeros((len(series), bounds.shape[1] - 1, series[0].shape[1]))
    for i, (one, cuts) in enumerate(zip(series, bounds, strict=True)):
        for s, (lo, hi) in enumerate(pairwise(cuts)):
            sums[i, s] = one[lo:hi].sum(axis=0, dtype=np.float64)
    return segment_means(sums, bounds)
