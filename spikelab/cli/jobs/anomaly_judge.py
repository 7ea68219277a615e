"""What the rows of the anomaly job reach, and whether a difference over series is more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab.anomaly.refractory import refractory_score
from spikelab.cli.jobs.anomaly_rows import Watched
from spikelab.cli.jobs.anomaly_tasks import AnomalyTask
from spikelab.cli.jobs.trials import Judge, RowSpec, Trial
from spikelab.metrics import (
    NAB_PROFILES,
    alarms,
    auprc,
    auroc,
    count_events,
    events_at_rate,
    located,
    nab_score,
)
from spikelab.report.document import summarise

__all__ = ["alarm_level", "anomaly_judge", "held_back", "paired", "watched_windows"]

Floats = npt.NDArray[np.float64]
Values = dict[str, float]

_BOOTSTRAPS = 10_000
# With fewer series no paired test can tell anything.
_LEAST_SERIES = 6


def anomaly_judge(task: AnomalyTask) -> Judge:
    """Judge trials whose outcome is a `Watched` for each series of the task.

    Returns
    -------
    callable
        Gives ``metrics`` over the whole set and ``series``, the means over the seeds of each series.
    """
    measure = {"nab": _nab, "ecg": _ecg, "ucr": _ucr, "smap": _smap}.get(task.name, _one)

    def judge(spec: RowSpec, trials: Sequence[Trial]) -> dict[str, Any]:
        defaults = task.rows.get(spec.key, task.rows.get(spec.twin))
        totals: list[Values] = []
        each: list[list[Values]] = []
        for trial in trials:
            total, series = measure(task, defaults, trial.outcome)
            areas = [
                _areas(one, watched) for one, watched in zip(task.data.series, trial.outcome, strict=True)
            ]
            for name in ("auroc", "auprc"):
                known = [area[name] for area in areas if area]
                if known:
                    total[name] = math.fsum(known) / len(known)
            totals.append(total)
            each.append([{**area, **more} for area, more in zip(areas, series, strict=True)])
        return {
            "metrics": {name: summarise(total[name] for total in totals) for name in totals[0]},
            "series": [_mean([one[i] for one in each]) for i in range(len(task.data.series))],
        }

    return judge


def watched_windows(series: Any) -> list[tuple[int, int]]:
    """Windows of the part behind the training part, counted from its start."""
    stop = series.train_stop
    return [(max(start, stop) - stop, end - stop) for start, end in series.windows if end > stop]


def held_back(task: AnomalyTask, defaults: Any, series: Any, score: Floats) -> Floats:
    """The score after the row's refractory rule."""
    return refractory_score(score, round(defaults.refractory * series.train_stop))


def alarm_level(task: AnomalyTask, defaults: Any, series: Any, watched: Watched) -> float:
    """The threshold that a picture shows: free of labels, but for heart beats; NaN where there is none."""
    if task.name == "ecg":
        return float(_at_one_a_minute(task, series, watched).threshold)
    return watched.level if task.name in ("csv", "demo") else float(defaults.threshold)


def paired(
    rows: Sequence[Mapping[str, Any]], metric: str, first: str = "esn", seed: int = 0
) -> list[dict[str, Any]]:
    """Compare a row with every other one over the series.

    Parameters
    ----------
    rows : sequence of mapping
        With ``series``: a mapping of metrics for each.
    metric : str
        Its differences are taken, series by series, of the means over the seeds.
    first : str
        Key of the row that is compared.
    seed : int
        Of the bootstrap.

    Returns
    -------
    list of dict
        ``key``, ``series``, ``better``, ``worse``, ``mean`` difference with its bootstrapped 95 % interval
        ``low``, ``high``, and ``p`` of Wilcoxon's signed-rank test, two-sided.
    """
    from scipy.stats import wilcoxon

    by_key = {row["key"]: _column(row, metric) for row in rows}
    own = by_key.get(first)
    if own is None or np.count_nonzero(np.isfinite(own)) < _LEAST_SERIES:
        return []
    rng = np.random.default_rng(seed)
    found = []
    for key, other in by_key.items():
        known = np.isfinite(own) & np.isfinite(other)
        if key == first or known.sum() < _LEAST_SERIES:
            continue
        difference = (own - other)[known]
        draws = difference[rng.integers(difference.size, size=(_BOOTSTRAPS, difference.size))].mean(axis=1)
        low, high = np.quantile(draws, (0.025, 0.975)).tolist()
        moved = np.abs(difference) > 1e-12
        p = float(wilcoxon(difference[moved]).pvalue) if np.count_nonzero(moved) >= _LEAST_SERIES else 1.0
        found.append(
            {
                "key": key,
                "metric": metric,
                "series": int(difference.size),
                "better": int(np.count_nonzero(difference > 1e-12)),
                "worse": int(np.count_nonzero(difference < -1e-12)),
                "mean": float(difference.mean()),
                "low": low,
                "high": high,
                "p": p,
            }
        )
    return found


def _column(row: Mapping[str, Any], metric: str) -> Floats:
    return np.array([one.get(metric, np.nan) for one in row["series"]], dtype=np.float64)


def _areas(series: Any, watched: Watched) -> Values:
    if series.labels is None:
        return {}
    labels = series.labels[series.train_stop :]
    if labels.all() or not labels.any():
        return {}
    return {"auroc": auroc(labels, watched.score), "auprc": auprc(labels, watched.score)}


def _one(task: AnomalyTask, defaults: Any, outcome: Sequence[Watched]) -> tuple[Values, list[Values]]:
    (series,), (watched,) = task.data.series, outcome
    silent = task.refractory(series)
    if series.labels is None:
        raised = alarms(watched.score, watched.level, silent)
        found = {"alarms": float(raised.size)}
    else:
        count = count_events(watched.score, watched_windows(series), watched.level, refractory=silent)
        found = {"events_found": float(count.found), "false_alarms": float(count.false_alarms)}
    return dict(found), [found]


def _at_one_a_minute(task: AnomalyTask, series: Any, watched: Watched) -> Any:
    return events_at_rate(
        watched.score,
        watched_windows(series),
        points_a_unit=60.0 * series.rate_hz,
        refractory=task.refractory(series),
        late=task.refractory(series),
    )


def _ecg(task: AnomalyTask, defaults: Any, outcome: Sequence[Watched]) -> tuple[Values, list[Values]]:
    each: list[Values] = []
    for series, watched in zip(task.data.series, outcome, strict=True):
        count = _at_one_a_minute(task, series, watched)
        each.append({"events_found": count.recall, "events": float(count.events)})
    return {"events_found": float(np.mean([one["events_found"] for one in each]))}, each


def _ucr(task: AnomalyTask, defaults: Any, outcome: Sequence[Watched]) -> tuple[Values, list[Values]]:
    each: list[Values] = []
    for series, watched in zip(task.data.series, outcome, strict=True):
        each.append({"located": float(located(watched.score, watched_windows(series)[0]))})
    return {"located": math.fsum(one["located"] for one in each)}, each


def _smap(task: AnomalyTask, defaults: Any, outcome: Sequence[Watched]) -> tuple[Values, list[Values]]:
    counts = [
        count_events(
            watched.score, watched_windows(series), defaults.threshold, refractory=task.refractory(series)
        )
        for series, watched in zip(task.data.series, outcome, strict=True)
    ]
    events, found = sum(one.events for one in counts), sum(one.found for one in counts)
    false = sum(one.false_alarms for one in counts)
    total = {
        "precision": found / (found + false) if found + false else 0.0,
        "recall": found / events,
        "f1": 2 * found / (events + found + false),
        "false_alarms": float(false),
    }
    each = [
        {
            "f1": one.f1,
            "found": float(one.found),
            "events": float(one.events),
            "false_alarms": float(one.false_alarms),
        }
        for one in counts
    ]
    return total, each


def _nab(task: AnomalyTask, defaults: Any, outcome: Sequence[Watched]) -> tuple[Values, list[Values]]:
    scores, windows = [], []
    for series, watched in zip(task.data.series, outcome, strict=True):
        score = held_back(task, defaults, series, watched.score)
        scores.append(np.concatenate([np.full(series.train_stop, score.min()), score]))
        windows.append(series.windows)
    published = {name: nab_score(scores, windows, profile=name) for name in NAB_PROFILES}
    total = {f"nab_{name}": result.score for name, result in published.items() if name != "standard"}
    total["nab_score"] = published["standard"].score
    free = None
    if math.isfinite(defaults.threshold):
        free = nab_score(scores, windows, threshold=defaults.threshold)
        total |= {
            "nab_label_free": free.score,
            "false_alarms": float(free.false_alarms),
            "windows_found": float(free.found),
        }
    every = sum(map(len, windows))
    each: list[Values] = []
    for i, spans in enumerate(windows):
        # Points of the whole score: those of all series add up to it.
        share = len(spans) / every if spans else 1.0
        one = {
            "nab_score": published["standard"].per_series[i] * share,
            "nab_best": 100.0 * len(spans) / every,
        }
        if free is not None:
            one["nab_label_free"] = free.per_series[i] * share
        each.append(one)
    return total, each


def _mean(values: Sequence[Values]) -> Values:
    return {name: math.fsum(one[name] for one in values) / len(values) for name in values[0]}
