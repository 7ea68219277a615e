"""The benchmark of layers on tiny sizes: it checks before it times, and keeps its figures."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from spikelab.bench.layers import LayersBench, break_even
from spikelab.cli.main import cli

SMALL = ["--sizes", "30,40,9", "--time", "6", "--batch", "4", "--rounds", "1"]


def run(*options: str) -> Any:
    return CliRunner().invoke(cli, ["bench", "layers", *SMALL, *options])


@pytest.mark.parametrize("grid", ["12", "20"])
def test_layers_prints_and_writes_its_figures(grid: str, tmp_path: Path) -> None:
    path = tmp_path / "layers.json"
    answer = run("--active", "10,60", "--grid", grid, "--json", str(path))
    assert answer.exit_code == 0, answer.output
    assert "Spikes of all sides and layers are equal" in answer.output
    document = json.loads(path.read_text())
    assert document["setting"]["sizes"] == [30, 40, 9]
    rows = document["rows"]
    assert {row["density"] for row in rows} == {0.1, 0.6}
    peer = importlib.util.find_spec("snntorch") is not None
    assert ("snnTorch" in {row["name"] for row in rows}) == peer
    shares = {row["name"]: row["matrix_share"] for row in rows}
    assert (shares["event path"], shares["matrix path"]) == ([0.0, 0.0], [1.0, 1.0])
    assert all(row["median_s"] > 0 and row["floor_s"] > 0 for row in rows)


def test_every_layer_fires_about_as_often_as_the_input() -> None:
    bench = LayersBench((200, 100, 50), 40, 8, 0.1)
    assert [spikes.mean() for spikes in bench.spikes] == pytest.approx([0.1] * 3, rel=0.1)
    assert all((weight * 2**12 % 1 == 0).all() for weight in bench.weights)


def test_layers_refuses_to_time_other_spikes() -> None:
    bench = LayersBench((30, 40), 6, 2, 0.3)
    bench.spikes[1][0, 0, 3] = 1 - bench.spikes[1][0, 0, 3]
    with pytest.raises(click.ClickException, match=r"1 spikes of layer1 \(spikelab\) differ: nothing is"):
        bench.check(())


def test_the_floor_counts_the_additions_of_the_path_that_needs_fewer() -> None:
    bench = LayersBench((8, 64), 1, 1, 0.5)
    bench.spikes[0][:] = 0
    bench.spikes[0][0, 0, :3] = 1
    assert bench.floor_s(64.0) == 3.0


def test_the_break_even_lies_where_both_paths_take_the_same_time() -> None:
    def rows(*ratios: float) -> list[dict[str, Any]]:
        times = [(0.05 * 2**i, ratio) for i, ratio in enumerate(ratios)]
        pairs = (("event path", 1), ("matrix path", 0))
        return [
            {"density": p, "name": name, "median_s": ratio if own else 1.0}
            for p, ratio in times
            for name, own in pairs
        ]

    assert break_even(rows(0.5, 1.0)) == pytest.approx(0.1)
    assert break_even(rows(0.5, 2.0, 4.0)) == pytest.approx(0.05 * 2**0.5)
    assert break_even(rows(0.5, 0.9)) is None
    assert break_even(rows(2.0, 4.0)) is None


@pytest.mark.parametrize(
    ("option", "text", "needed"),
    [
        ("--sizes", "784", "the input and one layer at least are needed"),
        ("--sizes", "784,a", "numbers between 1 and .* are needed, not '784,a'"),
        ("--sizes", "784,2.5", "numbers between 1 and"),
        ("--active", "0", "numbers between 0.1 and 99"),
        ("--active", "", "numbers between 0.1 and 99"),
        ("--active", "nan", "numbers between 0.1 and 99"),
    ],
)
def test_what_cannot_be_timed_is_refused(option: str, text: str, needed: str) -> None:
    answer = CliRunner().invoke(cli, ["bench", "layers", option, text])
    assert answer.exit_code == 2
    assert option in answer.output
    assert re.search(needed, " ".join(answer.output.split())), answer.output
