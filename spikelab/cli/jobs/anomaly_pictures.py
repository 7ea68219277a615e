"""What the page of the anomaly job draws: series thinned out by their least and largest values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab.cli.jobs.anomaly_judge import alarm_level, held_back, watched_windows
from spikelab.cli.jobs.anomaly_rows import Watched
from spikelab.cli.jobs.anomaly_tasks import AnomalyTask
from spikelab.metrics import alarms
from spikelab.report.anomaly.measures import best_row

__all__ = ["illustrate", "thinned"]

Floats = npt.NDArray[np.float64]

_COLUMNS = 360
_ZOOM_COLUMNS = 160
_MOST_SERIES = 4
_MOST_ZOOMS = 4  # of a single series; of several, half
_MOST_ALARMS = 200
_MOST_CHANNELS = 3  # of a single series; of several, the first


def illustrate(
    task: AnomalyTask, rows: Sequence[Mapping[str, Any]], seen: Mapping[str, Sequence[Watched]]
) -> dict[str, Any]:
    """Series with their scores, thresholds, windows and alarms; the model beside the best floor.

    Parameters
    ----------
    task : AnomalyTask
    rows : sequence of mapping
        The finished rows.
    seen : mapping of str to sequence of Watched
        What the first seed of each row made of each series.
    """
    floor = best_row(rows, "floor", task.measure)
    drawn = [key for key in ("esn", str(floor["key"]) if floor else "") if key in seen]
    if not drawn:
        return {}
    return {
        "drawn": drawn,
        "series": [
            {"why": why, **_one(task, i, {key: seen[key][i] for key in drawn})}
            for i, why in _chosen(task, rows)
        ],
    }


def _chosen(task: AnomalyTask, rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Numbers of the series drawn: all if few, else the best, two of the middle and the worst for the ESN."""
    count = len(task.data.series)
    esn = next((row for row in rows if row["key"] == "esn"), None)
    if count <= _MOST_SERIES or esn is None:
        return [(i, "") for i in range(min(count, _MOST_SERIES))]
    marked = [i for i, one in enumerate(task.data.series) if watched_windows(one)]
    gain = {i: _share(esn["series"][i], task.measure) for i in marked}
    order = sorted(marked, key=lambda i: -gain[i])
    middle = len(order) // 2
    return [
        (order[0], "the best for the ESN"),
        (order[middle - 1], "from the middle"),
        (order[middle], "from the middle"),
        (order[-1], "the worst for the ESN"),
    ]


def _share(values: Mapping[str, float], measure: str) -> float:
    """A series' figure; of the benchmark's, the share of what could be had."""
    return float(values[measure]) / float(values.get("nab_best", 1.0))


def _one(task: AnomalyTask, number: int, watched: Mapping[str, Watched]) -> dict[str, Any]:
    series = task.data.series[number]
    values, stop = series.values[:, 0], series.train_stop
    beside = {}
    if len(task.data.series) == 1:
        beside = {series.channels[i]: series.values[:, i] for i in range(1, series.values.shape[1])}
        beside = dict(list(beside.items())[: _MOST_CHANNELS - 1])
    windows = watched_windows(series)
    made: dict[str, Any] = {
        "name": series.name,
        "channel": series.channels[0],
        "channels": series.values.shape[1],
        "rate_hz": series.rate_hz,
        "points": len(values),
        "train_stop": stop,
        "windows": [[a + stop, b + stop] for a, b in windows],
        "value": thinned(values, _COLUMNS),
        "others": {channel: thinned(column, _COLUMNS) for channel, column in beside.items()},
        "rows": {},
        "zooms": [],
    }
    scores = {}
    for key, one in watched.items():
        settings = task.rows[key]
        scores[key] = held_back(task, settings, series, one.score)
        level = alarm_level(task, settings, series, one)
        raised = np.zeros(0, dtype=np.int64)
        if np.isfinite(level):
            raised = alarms(scores[key], level, task.refractory(series))
        inside = np.zeros(raised.size, dtype=bool)
        for start, end in windows:
            inside |= (raised >= start) & (
                raised < end + (task.refractory(series) if task.name == "ecg" else 0)
            )
        top = int(np.argmax(scores[key])) + stop
        made["rows"][key] = {
            "score": thinned(scores[key], _COLUMNS, start=stop),
            "level": float(level),
            "alarms": [int(at) + stop for at in raised[:_MOST_ALARMS]],
            "alarm_times": _times(series, raised[:_MOST_ALARMS] + stop),
            "alarms_in_all": int(raised.size),
            "false": int(np.count_nonzero(~inside)) if series.labels is not None else None,
            "normal_points": int(len(values) - stop - sum(b - a for a, b in windows)),
            "highest": top,
        }
    most = _MOST_ZOOMS if len(task.data.series) == 1 else _MOST_ZOOMS // 2
    for start, end in _zoomed(windows, made["rows"], stop)[:most]:
        span = max(40, end - start)
        low, high = max(0, start + stop - span), min(len(values), end + stop + span)
        made["zooms"].append(
            {
                "window": [start + stop, end + stop],
                "value": thinned(values[low:high], _ZOOM_COLUMNS, start=low),
                "others": {
                    channel: thinned(column[low:high], _ZOOM_COLUMNS, start=low)
                    for channel, column in beside.items()
                },
                "rows": {
                    key: thinned(score[max(0, low - stop) : high - stop], _ZOOM_COLUMNS, start=max(low, stop))
                    for key, score in scores.items()
                },
            }
        )
    return made


def _times(series: Any, rows: npt.NDArray[np.int64]) -> list[str]:
    """What the clock of a series shows at some rows; nothing where it has none."""
    if series.time is None:
        return []
    times = series.time[rows]
    if times.dtype.kind == "M":
        exact = np.datetime_as_string(times, unit="us").tolist()
        return [text.rstrip("0").rstrip(".") for text in exact]
    return [f"{at:.15g}" for at in times.tolist()]


def _zoomed(windows: Sequence[tuple[int, int]], rows: Mapping[str, Any], stop: int) -> list[tuple[int, int]]:
    """The first windows; without labels, the stretches around the first alarms of the ESN."""
    if windows:
        return list(windows[:_MOST_ZOOMS])
    first = next(iter(rows.values()))
    places = first["alarms"][:_MOST_ZOOMS] or [first["highest"]]
    return [(max(0, at - stop - 20), at - stop + 20) for at in places]


def thinned(values: Floats, columns: int, start: int = 0) -> dict[str, list[float | int]]:
    """The least and the largest value of each of `columns` equal stretches, and where each begins.

    Examples
    --------
    >>> thinned(np.array([0.0, 5.0, 1.0, 2.0]), 2)
    {'at': [0, 2], 'low': [0.0, 1.0], 'high': [5.0, 2.0]}
    """
    edges = np.unique(np.linspace(0, len(values), min(columns, len(values)) + 1).astype(np.int64))[:-1]
    filled = np.isfinite(values)
    low = np.minimum.reduceat(np.where(filled, values, np.inf), edges)
    high = np.maximum.reduceat(np.where(filled, values, -np.inf), edges)
    return {
        "at": (edges + start).tolist(),
        "low": [_short(value) for value in low.tolist()],
        "high": [_short(value) for value in high.tolist()],
    }


def _short(value: float) -> float:
    """Five digits are more than a picture shows; infinite where a whole stretch is missing."""
    return float(f"{value:.5g}")
