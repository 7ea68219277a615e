"""The score of the Numenta Anomaly Benchmark, written from its published description."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_choice, require_integer, require_scalar
from .anomaly import check_score, check_windows, just_above

__all__ = ["NAB_PROFILES", "NabProfile", "NabScore", "nab_probation", "nab_score", "nab_sigmoid"]

Floats = npt.NDArray[np.float64]
Windows = Sequence[tuple[int, int]]

_PROBATION_SHARE, _PROBATION_MOST = 0.15, 750
# Beyond three window lengths a false alarm costs all it can.
_FAR = 3.0


@dataclass(frozen=True)
class NabProfile:
    """Weights of an application: reward of a window found, cost of a false alarm and of a window missed."""

    true_positive: float
    false_positive: float
    false_negative: float


NAB_PROFILES = {
    "standard": NabProfile(1.0, 0.11, 1.0),
    "reward_low_FP": NabProfile(1.0, 0.22, 1.0),
    "reward_low_FN": NabProfile(1.0, 0.11, 2.0),
}


@dataclass(frozen=True)
class NabScore:
    """The score of a set of series.

    Attributes
    ----------
    score : float
        100 for every window found at its first point and no false alarm, 0 for a detector that never
        speaks; it may be negative.
    threshold : float
        A point with at least this score is an alarm.
    per_series : tuple of float
        The same score of each series alone, at the common threshold; of a series without windows the cost
        of its false alarms in points of the whole score, so at most 0.
    raw : float
        The sum before normalisation.
    found, windows, false_alarms : int
        Windows found, windows in all, alarms outside of them.
    """

    score: float
    threshold: float
    per_series: tuple[float, ...]
    raw: float
    found: int
    windows: int
    false_alarms: int


def nab_sigmoid(position: npt.ArrayLike) -> Floats:
    """Return the benchmark's value of an alarm by its place relative to the window.

    Parameters
    ----------
    position : array
        -1 at the left end of the window, 0 behind its right end, in window lengths.

    Returns
    -------
    array, float64
        ``2 / (1 + exp(5 position)) - 1``; -1 beyond three window lengths.

    References
    ----------
    Lavin and Ahmad (2015), "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly
    Benchmark", IEEE ICMLA, equation 1 and figure 2.

    Examples
    --------
    >>> nab_sigmoid([-1.0, 0.0, 4.0]).round(4).tolist()
    [0.9866, 0.0, -1.0]
    """
    place = real_array("nab_sigmoid", "position", position)
    return np.where(place > _FAR, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(place, _FAR))) - 1.0)


def nab_probation(n: int) -> int:
    """Return how many points at the start of a series are not scored: 15 %, at most 750."""
    size = require_integer("nab_probation", "n", n, 0)
    return min(math.floor(_PROBATION_SHARE * size), _PROBATION_MOST)


def nab_score(
    scores: Sequence[npt.ArrayLike],
    windows: Sequence[Windows],
    *,
    threshold: float | None = None,
    profile: str = "standard",
) -> NabScore:
    """Score anomaly scores of a set of series.

    Parameters
    ----------
    scores : sequence of array [time]
        Anomaly scores of each series, higher being stranger, its probationary part included.
    windows : sequence of sequence of (int, int)
        Labelled windows of each series, half-open, in order. Those that begin in the probationary part are
        scored from its end; none do in the benchmark.
    threshold : float, optional
        None takes the threshold, one for all series, at which the sum is highest: the benchmark's published
        protocol, which looks at the labels.
    profile : str
        Name of the weights in `NAB_PROFILES`.

    Returns
    -------
    NabScore

    Raises
    ------
    ParameterError
        If the numbers of series differ, there is no window, or a score is not finite.

    Notes
    -----
    Of a window only the first alarm counts: with its sigmoid over that of position -1. An alarm
    outside costs ``false_positive`` times the sigmoid of its distance to the window before, in lengths of
    that window; 1 where there is none before. A window without alarm costs ``false_negative``. The sum
    over all series is normalised linearly between the detector that never speaks and the perfect one.

    References
    ----------
    Lavin and Ahmad (2015), sections II.C and II.D; the weights of the profiles and the probationary part are
    those of the benchmark's configuration.
    """
    owner = "nab_score"
    require_choice(owner, "profile", profile, tuple(NAB_PROFILES))
    weights = NAB_PROFILES[profile]
    for name, value in (("scores", scores), ("windows", windows)):
        if not hasattr(value, "__len__"):
            raise ParameterError(owner, name, value, "be a list with one entry for each series")
    if len(scores) != len(windows):
        need = f"have one entry for each of the {len(scores)} series"
        raise ParameterError(owner, "windows", f"{len(windows)} entries", need)
    parts = [_Part.of(score, spans, weights) for score, spans in zip(scores, windows, strict=True)]
    count = sum(part.n_windows for part in parts)
    if count == 0:
        raise ParameterError(owner, "windows", "no window", "mark at least one anomaly in the set")
    if threshold is None:
        level = _best_threshold(parts, weights)
    else:
        level = require_scalar(owner, "threshold", threshold)
    sums = [part.total(level, weights) for part in parts]
    raw = math.fsum(value for value, _, _ in sums)
    span = weights.true_positive + weights.false_negative

    def normalised(value: float, n: int) -> float:
        return 100.0 * (value + weights.false_negative * n) / (span * max(n, 1))

    return NabScore(
        score=normalised(raw, count),
        threshold=level,
        per_series=tuple(
            normalised(value, part.n_windows) if part.n_windows else 100.0 * value / (span * count)
            for part, (value, _, _) in zip(parts, sums, strict=True)
        ),
        raw=raw,
        found=sum(found for _, found, _ in sums),
        windows=count,
        false_alarms=sum(false for _, _, false in sums),
    )


@dataclass(frozen=True)
class _Part:
    """The scored points of a series: score, what an alarm there is worth, number of the window or -1."""

    score: Floats
    worth: Floats
    window: npt.NDArray[np.int64]
    n_windows: int

    @classmethod
    def of(cls, score: npt.ArrayLike, windows: Windows, weights: NabProfile) -> _Part:
        values = check_score("nab_score", score)
        spans = check_windows("nab_score", windows, values.size)
        points = np.arange(values.size)
        worth = np.full(values.size, -weights.false_positive)
        window = np.full(values.size, -1, dtype=np.int64)
        for number, (start, stop) in enumerate(spans):
            end = spans[number + 1][0] if number + 1 < len(spans) else values.size
            inside, after = slice(start, stop), slice(stop, end)
            # The last point of a window lies one point before its end, so that it is worth something.
            place = -(stop - points[inside]) / (stop - start)
            worth[inside] = weights.true_positive * nab_sigmoid(place) / nab_sigmoid(-1.0)
            # Distances count from the window's last point, in steps from its first to its last.
            place = (points[after] - (stop - 1)) / max(stop - start - 1, 1)
            worth[after] = weights.false_positive * nab_sigmoid(place)
            window[inside] = number
        scored = slice(nab_probation(values.size), None)
        return cls(values[scored], worth[scored], window[scored], len(spans))

    def total(self, threshold: float, weights: NabProfile) -> tuple[float, int, int]:
        """Sum, windows found and false alarms at a threshold."""
        raised = self.score >= threshold
        false = raised & (self.window < 0)
        total, found = float(self.worth[false].sum()), 0
        for number in range(self.n_windows):
            hits = self.worth[raised & (self.window == number)]
            found += hits.size > 0
            total += float(hits.max()) if hits.size else -weights.false_negative
        return total, found, int(np.count_nonzero(false))


def _best_threshold(parts: Sequence[_Part], weights: NabProfile) -> float:
    """The threshold with the highest sum, in one sweep from the highest score down."""
    score = np.concatenate([part.score for part in parts])
    gain = np.concatenate([part.worth for part in parts])
    offsets = np.cumsum([0, *(part.n_windows for part in parts)])
    window = np.concatenate(
        [
            np.where(part.window < 0, -1, part.window + offset)
            for part, offset in zip(parts, offsets[:-1], strict=True)
        ]
    )
    order = np.argsort(-score, kind="stable")
    score, gain, window = score[order], gain[order].copy(), window[order]
    by_window = np.argsort(window, kind="stable")
    edges = np.searchsorted(window[by_window], np.arange(offsets[-1] + 1))
    for begin, end in pairwise(edges.tolist()):
        # An alarm in a window adds what it is worth above the best one so far; the first, above a miss.
        members = by_window[begin:end]
        best = np.maximum.accumulate(gain[members])
        gain[members] = np.diff(best, prepend=-weights.false_negative)
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True))
    total = np.cumsum(gain)[last]
    at = int(np.argmax(total))
    if total[at] <= 0.0:  # to be silent is best
        return just_above(float(score[0]))
    return float(score[last[at]])
