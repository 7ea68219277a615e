"""The anomaly job's figures, comparisons, pictures and words, on results made by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from spikelab.cli.jobs.anomaly_defaults import RowDefaults
from spikelab.cli.jobs.anomaly_judge import anomaly_judge, paired, watched_windows
from spikelab.cli.jobs.anomaly_pictures import illustrate, thinned
from spikelab.cli.jobs.anomaly_rows import Watched
from spikelab.cli.jobs.anomaly_tasks import AnomalyTask, CsvOptions, make_task
from spikelab.cli.jobs.trials import RowSpec, Trial
from spikelab.datasets import LabelledSeries, SeriesDataset
from spikelab.errors import ParameterError
from spikelab.report.anomaly.page import render
from spikelab.report.anomaly.verdict import sentences
from spikelab.report.document import plain, summarise

N, STOP = 1000, 200


def _series(name: str, windows: list[tuple[int, int]], rate_hz: float | None = 10.0) -> LabelledSeries:
    labels = np.zeros(N, dtype=bool)
    for start, stop in windows:
        labels[start:stop] = True
    values = np.sin(0.1 * np.arange(N))[:, None]
    return LabelledSeries(name, values, labels, tuple(windows), STOP, None, rate_hz, ("value",))


def _task(name: str, measure: str, count: int = 2, threshold: float = 1.0) -> AnomalyTask:
    series = tuple(
        _series(f"s{i}", [(400, 450), (700, 750)][: 1 if name == "ucr" else 2]) for i in range(count)
    )
    rows = {key: RowDefaults(threshold=threshold) for key in ("esn", "windowed_gaussian")}
    data = SeriesDataset(series, f"set {name}", "free", "here", f"{count} of 9")
    return AnomalyTask(name, data, measure, rows, lambda one: 5)


def _score(peaks: dict[int, float]) -> Watched:
    score = np.zeros(N - STOP)
    for at, value in peaks.items():
        score[at - STOP] = value
    return Watched(score, 1.0)


def _judged(task: AnomalyTask, *outcomes: list[Watched], key: str = "esn") -> dict[str, Any]:
    spec = RowSpec(key, key, "model", lambda seed: Trial(None, 0.0, 0.0))
    return dict(anomaly_judge(task)(spec, [Trial(outcome, 0.0, 0.0) for outcome in outcomes]))


def test_windows_count_from_the_end_of_the_training_part():
    assert watched_windows(_series("s", [(100, 150), (190, 230), (400, 401)])) == [(0, 30), (200, 201)]


def test_heart_beats_are_judged_at_one_false_alarm_a_minute():
    # 70 s of normal points at 10 Hz: one false alarm is allowed, two are not.
    good = [_score({400: 5.0, 700: 4.0, 600: 4.5, 900: 3.0})] * 2
    judged = _judged(_task("ecg", "events_found"), good)
    assert judged["metrics"]["events_found"]["mean"] == 1.0
    bad = [_score({400: 2.0, 500: 5.0, 600: 4.5})] * 2
    assert _judged(_task("ecg", "events_found"), bad)["metrics"]["events_found"]["mean"] == 0.0


def test_the_archive_counts_the_series_located_and_telemetry_its_events():
    task = _task("ucr", "located")
    judged = _judged(task, [_score({440: 3.0}), _score({900: 3.0})], [_score({549: 3.0}), _score({310: 3.0})])
    assert judged["metrics"]["located"] == summarise([1.0, 2.0])
    assert [one["located"] for one in judged["series"]] == [1.0, 0.5]
    judged = _judged(_task("smap", "f1"), [_score({410: 2.0, 500: 1.5, 503: 1.5}), _score({410: 0.5})])
    metrics = {name: value["mean"] for name, value in judged["metrics"].items()}
    assert (metrics["precision"], metrics["recall"], metrics["false_alarms"]) == (0.5, 0.25, 1.0)
    assert metrics["f1"] == pytest.approx(2 * 0.5 * 0.25 / 0.75)


def test_the_benchmark_has_both_protocols_and_its_series_add_up_to_the_score():
    task = _task("nab", "nab_score", threshold=4.0)
    outcome = [_score({400: 5.0, 700: 3.0}), _score({300: 3.5, 410: 5.0})]
    judged = _judged(task, outcome)
    metrics = {name: value["mean"] for name, value in judged["metrics"].items()}
    assert metrics["nab_score"] > metrics["nab_label_free"] > 45.0
    assert (metrics["windows_found"], metrics["false_alarms"]) == (2.0, 0.0)
    for name in ("nab_score", "nab_label_free"):
        assert sum(one[name] for one in judged["series"]) == pytest.approx(metrics[name])
    assert [one["nab_best"] for one in judged["series"]] == [50.0, 50.0]


def test_the_refractory_rule_of_a_row_comes_before_its_score():
    task = _task("nab", "nab_score", threshold=1.0)
    outcome = [_score({at: 2.0 for at in range(220, 380)}), _score({})]
    loud = _judged(task, outcome)["metrics"]["nab_label_free"]["mean"]
    task.rows["esn"] = RowDefaults(threshold=1.0, refractory=1.0)  # type: ignore[index]
    assert loud < -50.0 < _judged(task, outcome)["metrics"]["nab_label_free"]["mean"] < 0.0


def _row(key: str, kind: str, values: list[float], metric: str = "auroc", name: str = "") -> dict[str, Any]:
    return {
        "key": key, "name": name or key, "kind": kind, "note": "", "twin": "", "seeds_used": [0],
        "metrics": {
            metric: summarise(values[:1] * 2), "fit_s": summarise([1.0]), "predict_s": summarise([1.0]),
        },
        "series": [{metric: value} for value in values], "parameters": {},
    }  # fmt: skip


def test_paired_by_hand():
    first = _row("esn", "model", [0.9, 0.8, 0.7, 0.9, 0.8, 0.7, 0.9, 0.5])
    other = _row("windowed_gaussian", "floor", [0.8, 0.6, 0.6, 0.7, 0.5, 0.3, 0.4, 0.5])
    (pair,) = paired([first, other], "auroc")
    assert (pair["series"], pair["better"], pair["worse"]) == (8, 7, 0)
    assert pair["mean"] == pytest.approx(1.8 / 8)
    assert pair["p"] == pytest.approx(2 / 2**7)  # seven differences of one sign
    assert 0.1 < pair["low"] < pair["mean"] < pair["high"] < 0.35
    assert paired([first, other], "auroc") == [pair]
    assert paired([_row("esn", "model", [0.9] * 3), _row("b", "floor", [0.1] * 3)], "auroc") == []


def test_thinning_keeps_extremes_and_gaps():
    values = np.zeros(10_000)
    values[1234], values[8765] = 7.0, -3.0
    kept = thinned(values, 100, start=50)
    assert len(kept["at"]) == 100 and kept["at"][0] == 50
    assert (max(kept["high"]), min(kept["low"])) == (7.0, -3.0)
    assert thinned(np.array([1.0, np.nan, 3.0]), 1) == {"at": [0], "low": [1.0], "high": [3.0]}
    assert thinned(np.array([np.nan]), 5) == {"at": [0], "low": [np.inf], "high": [-np.inf]}


def _result(task: AnomalyTask, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    facts = [
        {"name": one.name, "points": N, "channels": 1, "train_stop": STOP, "windows": 2, "labelled": True,
         "rate_hz": 10.0} for one in task.data.series
    ]  # fmt: skip
    return {
        "dataset": {
            "key": task.name, "name": task.data.name, "licence": "free", "source": "here",
            "coverage": task.data.coverage, "series": facts,
        },
        "measure": task.measure, "notes": ["A note."], "rows": rows, "paired": [], "illustration": {},
        "seeds": [0, 1], "quick": False, "interrupted": False, "wall_s": 1.0, "command": "spikelab",
        "started": "2026-01-02T03:04:05+00:00", "versions": {"spikelab": "0"}, "machine": {}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("esn", "floor", "said"),
    [
        (0.9, 0.7, "the reservoir is better on this set, with too few series to rule out chance."),
        (0.7, 0.9, "here the plain method is better, if perhaps by chance, and the reservoir earns nothing."),
        (0.8, 0.8, "too: here the reservoir earns nothing over it."),
    ],
)
def test_the_verdict_never_hides_a_floor(esn, floor, said):
    rows = [_row("esn", "model", [esn], "events_found"), _row("b", "floor", [floor], "events_found", "Plain")]
    rows.append(_row("random", "floor", [1.0], "events_found"))
    text = sentences(_result(_task("ecg", "events_found"), rows))[0]
    assert said in text and f"Plain, {100 * floor:.1f}" in text


def test_the_verdict_says_what_the_residual_adds_and_what_memory_does():
    rows = [
        _row("esn", "model", [0.8] * 8),
        _row("memoryless", "control", [0.8] * 8),
        _row("windowed_gaussian", "floor", [0.7] * 8),
    ]
    task = _task("ecg", "auroc", 8)
    text = " ".join(sentences(_result(task, rows, paired=paired(rows, "auroc"))))
    assert "on 8 of 8 series it is better, on 0 worse; +0.100 a series" in text
    assert "more than chance" in text
    assert "Its twin without memory reaches 0.800: the memory of the reservoir earns nothing here." in text


def test_the_page_of_a_set_with_pictures_and_without_a_finished_model():
    task = _task("nab", "nab_score", 3, threshold=2.5)
    seen = {key: [_score({400: 5.0, 600: 3.0})] * 3 for key in ("esn", "windowed_gaussian")}
    rows = []
    for key, kind in (("esn", "model"), ("windowed_gaussian", "floor")):
        judged = _judged(task, seen[key], key=key)
        rows.append({**_row(key, kind, [0.0] * 3), **judged})
        rows[-1]["metrics"] |= {"fit_s": summarise([1.0]), "predict_s": summarise([1.0])}
    drawn = illustrate(task, rows, seen)
    assert [one["rows"]["esn"]["alarms"] for one in drawn["series"]] == [[400, 600]] * 3
    assert drawn["series"][0]["rows"]["esn"]["false"] == 1
    result = json.loads(json.dumps(plain(_result(task, rows, illustration=drawn))))
    page = render(result)
    for text in ("3 of 9", "could be had", "label-free", "1 false alarm in", "A note.", "Series by series"):
        assert text in page
    assert page.count("<svg") == 3 * (1 + 2)
    assert "No model was finished" in render(_result(task, rows[1:]))


def test_options_of_a_csv_are_refused_for_a_set():
    with pytest.raises(ParameterError, match=r"dataset='demo'.*be a CSV file.*--train"):
        make_task("demo", CsvOptions(train=5), False)
