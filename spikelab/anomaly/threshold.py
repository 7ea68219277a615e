"""A threshold from the scores of normal points."""

from __future__ import annotations

import math

import numpy as np

from .points import Floats

__all__ = ["score_threshold"]

# Points of the tail from which a threshold beyond the largest score is drawn out.
_TAIL = 0.05
# Calibration points that must lie above the threshold for it to be read off without a model of the tail.
_ENOUGH = 3


def score_threshold(scores: Floats, false_alarm_rate: float) -> float:
    """Return the score that a share of `false_alarm_rate` of normal points exceeds.

    Parameters
    ----------
    scores : array [point], float64
        Scores of normal points that the detector was not fitted to.
    false_alarm_rate : float
        Share of points, in (0, 1).

    Notes
    -----
    With n scores the threshold is the k-th largest, ``k = rate * (n + 1)``: a new point of the same
    distribution exceeds it with probability `false_alarm_rate` (Vovk, Gammerman & Shafer, "Algorithmic
    Learning in a Random World", 2005, proposition 2.4). Where k is below 3 there are too few points to read
    it off; the excesses over the upper twentieth are then taken as exponential, and the threshold is drawn
    out along that tail (the Gumbel case of Siffer et al. 2017, "Anomaly detection in streams with extreme
    value theory", equation 1).
    """
    ordered = np.sort(scores)[::-1]
    rank = false_alarm_rate * (ordered.size + 1)
    if rank >= _ENOUGH:
        low = min(math.floor(rank), ordered.size) - 1
        high = min(low + 1, ordered.size - 1)
        share = rank - math.floor(rank)
        return float((1.0 - share) * ordered[low] + share * ordered[high])
    count = min(max(math.ceil(_TAIL * ordered.size), _ENOUGH), ordered.size - 1)
    if count < 1:
        return float(ordered[0])
    excess = float(np.mean(ordered[:count] - ordered[count]))
    return float(ordered[count] + excess * math.log(count / rank))
