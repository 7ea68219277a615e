"""`spikelab bench deep`: all sides train the same network before anything is timed."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from spikelab.bench import deep
from spikelab.cli.main import cli

SMALL = ["--neurons", "70", "--steps", "4", "--batch", "16", "--rounds", "1"]


def test_our_sides_and_the_file(tmp_path):
    path = tmp_path / "deep.json"
    answer = CliRunner().invoke(cli, ["bench", "deep", *SMALL, "--peers", "none", "--json", str(path)])
    assert answer.exit_code == 0, answer.output
    rows = json.loads(path.read_text())["rows"]
    assert [row["name"] for row in rows] == ["the forward pass alone (floor)", "direct feedback"]
    assert rows[1]["epoch_s"] == pytest.approx(rows[1]["median_s"] * 60_000 / 16)
    assert rows[1]["speedup_snntorch"] is None


def test_backprop_sees_the_same_spikes(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("snntorch")
    answer = CliRunner().invoke(cli, ["bench", "deep", *SMALL, "--json", str(tmp_path / "deep.json")])
    assert answer.exit_code == 0, answer.output
    assert "backprop, snnTorch" in answer.output and "equal to a thousandth" in answer.output


def test_sides_that_differ_are_not_timed():
    with pytest.raises(click.ClickException, match="other makes 120 spikes, the forward pass alone"):
        deep._check({"the forward pass alone (floor)": lambda: 100.0, "other": lambda: 120.0})
