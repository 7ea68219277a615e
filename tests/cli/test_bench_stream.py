"""The benchmark of streams runs on a short one, and refuses scores that depend on the cut."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from spikelab.bench import stream
from spikelab.cli.main import cli


def test_stream_prints_and_writes_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "stream.json"
    sizes = ["--points", "16500", "--units", "20", "--block", "500", "--json", str(path)]
    answer = CliRunner().invoke(cli, ["bench", "stream", *sizes])
    assert answer.exit_code == 0, answer.output
    assert "Scores of points and blocks, and after saving and loading, are equal" in answer.output
    rows = json.loads(path.read_text())["rows"]
    assert len(rows) == 4
    assert {row["points"] for row in rows} == {16500}
    assert all(row["points_per_s"] > 0 and row["worst_us"] >= row["median_us"] * 0.9 for row in rows)


def test_time_is_counted_behind_the_first_part_and_the_memory_is_watched() -> None:
    taken: list[int] = []
    figures = stream.follow(stream.series(20_000), lambda block: taken.append(len(block)), 3000)
    assert sum(taken) == figures["points"] == 20_000
    assert max(taken) == 3000
    kept: list[np.ndarray] = []
    grown = stream.follow(stream.series(40_000), lambda block: kept.append(np.ones(500_000)), 1000)
    assert grown["memory_growth_mib"] is None or grown["memory_growth_mib"] > 50


def test_scores_that_depend_on_the_cut_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = stream.make_detector(10)
    monkeypatch.setattr(type(detector), "score_next", lambda self, point: 0.5)
    with pytest.raises(click.ClickException, match="scores depend on how the stream is cut"):
        stream._check(detector)
