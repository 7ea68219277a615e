"""Measures of alarms: which events they find, and how often they are false."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_integer, require_positive, require_scalar
from .anomaly import check_score, check_windows, just_above

__all__ = ["EventCount", "alarms", "count_events", "events_at_rate"]

Windows = Sequence[tuple[int, int]]

# Thresholds tried before the bracket is halved: ranks of the score from the highest down, equally far
# apart in their logarithm.
_RANKS = 200
_HALVINGS = 16


@dataclass(frozen=True)
class EventCount:
    """What the alarms of a series, or of several, came to.

    Attributes
    ----------
    events, found : int
        Labelled windows, and those with at least one alarm.
    false_alarms : int
        Alarms outside of all windows.
    threshold : float
        An alarm needs at least this score.
    """

    events: int
    found: int
    false_alarms: int
    threshold: float

    @property
    def recall(self) -> float:
        """Share of the events that were found; NaN without events."""
        return self.found / self.events if self.events else float("nan")

    @property
    def precision(self) -> float:
        """Events found among those and the false alarms; NaN where nothing was raised."""
        raised = self.found + self.false_alarms
        return self.found / raised if raised else float("nan")

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing was found."""
        return 2 * self.found / (self.events + self.found + self.false_alarms) if self.found else 0.0


def alarms(score: npt.ArrayLike, threshold: float, refractory: int = 1) -> npt.NDArray[np.int64]:
    """Return the points at which an alarm is raised.

    An alarm is raised at a point whose score reaches the threshold, unless one was raised less than
    `refractory` points ago. So a score that stays high raises the alarm again every `refractory` points: an
    alarm that never ends costs something. With `refractory=1` each such point is an alarm.

    Parameters
    ----------
    score : array [time]
        Anomaly score, higher being stranger.
    threshold : float
    refractory : int
        Points of silence that an alarm brings, counted from itself.

    Returns
    -------
    array [alarm], int64

    Examples
    --------
    >>> alarms([0, 5, 5, 5, 0, 5], threshold=4, refractory=3).tolist()
    [1, 5]
    """
    values = check_score("alarms", score)
    level = require_scalar("alarms", "threshold", threshold)
    return _alarms(values, level, require_integer("alarms", "refractory", refractory))


def count_events(
    score: npt.ArrayLike, windows: Windows, threshold: float, *, refractory: int = 1, late: int = 0
) -> EventCount:
    """Count the events found and the false alarms at a threshold.

    Parameters
    ----------
    score : array [time]
        Anomaly score, higher being stranger.
    windows : sequence of (int, int)
        Half-open, in order.
    threshold : float
    refractory : int
        As for `alarms`.
    late : int
        Points after a window in which an alarm still counts for it, since a causal score lags behind.

    Returns
    -------
    EventCount

    Examples
    --------
    >>> count_events([9, 0, 0, 9, 0], [(2, 4)], threshold=5)
    EventCount(events=1, found=1, false_alarms=1, threshold=5.0)
    """
    values = check_score("count_events", score)
    spans = _spans("count_events", windows, values.size, late)
    level = require_scalar("count_events", "threshold", threshold)
    silent = require_integer("count_events", "refractory", refractory)
    return _count(values, spans, level, silent)


def events_at_rate(
    score: npt.ArrayLike,
    windows: Windows,
    *,
    points_a_unit: float,
    rate: float = 1.0,
    refractory: int = 1,
    late: int = 0,
) -> EventCount:
    """Count the events found at a rate of false alarms, such as one a minute.

    The threshold is the lowest at which, and above which, there are at most `rate` false alarms a unit of
    normal time (the points outside of the windows). It is searched on a grid of ranks, then by halving.

    Parameters
    ----------
    score : array [time]
        Anomaly score, higher being stranger.
    windows : sequence of (int, int)
        Half-open, in order.
    points_a_unit : float
        Points in a unit of time: 60 times the sampling rate in Hz, for minutes.
    rate : float
        False alarms a unit of time.
    refractory, late : int
        As for `count_events`.

    Returns
    -------
    EventCount

    Raises
    ------
    ParameterError
        If there are no windows, or nothing but windows.
    """
    owner = "events_at_rate"
    values = check_score(owner, score)
    spans = _spans(owner, windows, values.size, late)
    silent = require_integer(owner, "refractory", refractory)
    for name, value in (("points_a_unit", points_a_unit), ("rate", rate)):
        require_positive(owner, name, require_scalar(owner, name, value))
    normal = values.size - sum(stop - start for start, stop in spans)
    if not spans or normal == 0:
        raise ParameterError(owner, "windows", windows, "leave some normal points, and mark an event")
    allowed = rate * normal / points_a_unit
    ranked = np.sort(values)[::-1]
    ranks = np.unique(np.geomspace(1, values.size, _RANKS).astype(np.int64)) - 1
    best = EventCount(len(spans), 0, 0, just_above(float(ranked[0])))
    good, bad = -1, -1
    for rank in ranks.tolist():
        count = _count(values, spans, float(ranked[rank]), silent)
        if count.false_alarms > allowed:
            bad = rank
            break
        best, good = count, rank
    for _ in range(_HALVINGS):
        if bad - good < 2:
            break
        middle = (good + bad) // 2
        count = _count(values, spans, float(ranked[middle]), silent)
        if count.false_alarms > allowed:
            bad = middle
        else:
            best, good = count, middle
    return best


def _alarms(values: npt.NDArray[np.float64], threshold: float, refractory: int) -> npt.NDArray[np.int64]:
    over = np.flatnonzero(values >= threshold)
    if refractory == 1 or over.size < 2:
        return over
    raised, at = [], 0
    while at < over.size:
        raised.append(over[at])
        at = int(np.searchsorted(over, over[at] + refractory))
    return np.asarray(raised, dtype=np.int64)


def _spans(owner: str, windows: Windows, size: int, late: int) -> list[tuple[int, int]]:
    """Windows with the time in which an alarm may come late, up to the next window."""
    made = check_windows(owner, windows, size)
    require_integer(owner, "late", late, 0)
    starts = [start for start, _ in made] + [size]
    return [(start, min(stop + late, starts[i + 1])) for i, (start, stop) in enumerate(made)]


def _count(
    values: npt.NDArray[np.float64], spans: list[tuple[int, int]], threshold: float, refractory: int
) -> EventCount:
    raised = _alarms(values, threshold, refractory)
    edges = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
    # Spans do not overlap, so the one that began last before an alarm is the only one it can lie in.
    at = np.searchsorted(edges[:, 0], raised, side="right") - 1
    inside = (at >= 0) & (raised < edges[at, 1]) if len(edges) else np.zeros(raised.size, dtype=bool)
    found = int(np.unique(at[inside]).size)
    return EventCount(len(spans), found, int(np.count_nonzero(~inside)), threshold)
