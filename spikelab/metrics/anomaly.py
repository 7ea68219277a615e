"""Measures of an anomaly score, higher being stranger: ranking of points, place of the highest."""

from __future__ import annotations

import math
from operator import index

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_finite, require_integer

__all__ = ["auprc", "auroc", "check_labels", "check_score", "check_windows", "just_above", "located"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def auroc(labels: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the area under the receiver operating characteristic.

    Parameters
    ----------
    labels : array [time], bool
        True where the series is anomalous.
    score : array [time]
        Anomaly score, higher being stranger: the negative of a detector's `score_samples`.

    Returns
    -------
    float
        The chance that an anomalous point has a higher score than a normal one, a tie counting half; 0.5
        for a score that knows nothing.

    Raises
    ------
    ParameterError
        If points of one kind are missing, lengths differ, or a score is not finite.

    References
    ----------
    Hanley and McNeil (1982), Radiology 143, 29-36: the area is the Mann-Whitney statistic.

    Examples
    --------
    >>> auroc([False, False, True, True], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    hits, alarms = _counts("auroc", labels, score)
    misses = np.diff(alarms - hits, prepend=0)  # normal points at each distinct score
    # A step of the curve over them is a trapezoid: ties count half.
    below = np.concatenate(([0], hits[:-1])) + hits
    return float((misses * below).sum() / (2.0 * hits[-1] * (alarms[-1] - hits[-1])))


def auprc(labels: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the area under the precision-recall curve, as average precision.

    Parameters
    ----------
    labels : array [time], bool
    score : array [time]
        Anomaly score, higher being stranger.

    Returns
    -------
    float
        Precision, averaged over the anomalous points; the share of anomalous points for a score that knows
        nothing. Points of one score enter together, and no line is drawn between the steps.

    Raises
    ------
    ParameterError
        As for `auroc`.

    References
    ----------
    Davis and Goadrich (2006), ICML, section 4: why the curve must not be interpolated linearly.

    Examples
    --------
    >>> auprc([False, False, True, True], [0.1, 0.4, 0.4, 0.8])
    0.8333333333333333
    """
    hits, alarms = _counts("auprc", labels, score)
    found = np.diff(hits, prepend=0)
    return float((found * (hits / alarms)).sum() / hits[-1])


def located(score: npt.ArrayLike, window: tuple[int, int], tolerance: int = 100) -> bool:
    """Tell whether the highest score lies in the labelled window or near it.

    Parameters
    ----------
    score : array [time]
        Anomaly score of the part that is searched, higher being stranger; the first of equal ones counts.
    window : (int, int)
        First point of the anomaly and the point after its last, on the axis of `score`.
    tolerance : int
        Points before and after the window that still count.

    References
    ----------
    Wu and Keogh (2021), IEEE TKDE, "Current time series anomaly detection benchmarks are flawed": the
    archive's protocol, one anomaly a series and 100 points of grace.

    Examples
    --------
    >>> located([0.0, 1.0, 9.0, 2.0], (3, 4), tolerance=1)
    True
    """
    values = check_score("located", score)
    (start, stop), *_ = check_windows("located", [window], values.size)
    grace = require_integer("located", "tolerance", tolerance, 0)
    return bool(start - grace <= int(np.argmax(values)) < stop + grace)


def check_score(owner: str, score: npt.ArrayLike) -> Floats:
    """Return a score as an array [time], refusing other shapes and what is not finite."""
    values = real_array(owner, "score", score)
    if values.ndim != 1 or values.size == 0:
        raise ParameterError(owner, "score", f"array of shape {values.shape}", "have shape (time,)")
    require_finite(owner, "score", values, "Give points without a score the lowest one.")
    return values


def check_labels(owner: str, labels: npt.ArrayLike, size: int | None = None) -> Bools:
    """Return labels as an array [time] of bool; numbers must be 0 or 1."""
    values = real_array(owner, "labels", labels)
    if values.ndim != 1 or values.size == 0 or (size is not None and values.size != size):
        need = "have shape (time,)" if size is None else f"have {size} points, as score has"
        raise ParameterError(owner, "labels", f"array of shape {values.shape}", need)
    bad = ~np.isin(values, (0.0, 1.0))
    if bad.any():
        at = int(np.argmax(bad))
        raise ParameterError(owner, f"labels[{at}]", float(values[at]), "be True or False, 1 or 0")
    return values.astype(bool)


def just_above(value: float) -> float:
    """Return the next number above `value`: as a threshold, one that it does not reach."""
    return math.nextafter(value, math.inf)


def check_windows(owner: str, windows: object, size: int) -> list[tuple[int, int]]:
    """Return half-open windows within `size` points; they must be in order and must not overlap."""
    made: list[tuple[int, int]] = []
    need = f"be pairs of whole numbers (start, stop), 0 <= start < stop <= {size}, in order"
    try:
        pairs = [(index(start), index(stop)) for start, stop in windows]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise ParameterError(owner, "windows", windows, need) from None
    for i, (start, stop) in enumerate(pairs):
        if not (made[-1][1] if made else 0) <= start < stop <= size:
            raise ParameterError(owner, f"windows[{i}]", (start, stop), need, "Merge what overlaps.")
        made.append((start, stop))
    return made


def _counts(
    owner: str, labels: npt.ArrayLike, score: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Anomalous points, and all points, at or above each distinct score, from the highest down."""
    values = check_score(owner, score)
    flags = check_labels(owner, labels, values.size)
    if flags.all() or not flags.any():
        kind = "normal" if flags.all() else "anomalous"
        need = "hold both kinds of points"
        raise ParameterError(owner, "labels", f"{values.size} points, no {kind} one", need)
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    return np.cumsum(flags[order], dtype=np.int64)[last], (last + 1).astype(np.int64)
