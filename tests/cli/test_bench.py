"""The benchmarks run on tiny sizes: they check before they time, and keep their figures."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from spikelab.bench.lif import LayerBench
from spikelab.bench.reservoir import ReservoirBench
from spikelab.bench.timing import time_in_turn
from spikelab.cli.main import cli


def test_every_side_is_called_once_uncounted_before_each_counted_call() -> None:
    calls: list[str] = []
    times = time_in_turn({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3)
    assert "".join(calls) == "aabb" * 3
    assert [len(timing.seconds) for timing in times.values()] == [3, 3]


@pytest.mark.parametrize("neurons", ["63", "64"])
def test_lif_prints_and_writes_its_figures(neurons: str, tmp_path: Path) -> None:
    path = tmp_path / "lif.json"
    sizes = ["--time", "5", "--batch", "2", "--neurons", neurons, "--rounds", "1"]
    answer = CliRunner().invoke(cli, ["bench", "lif", *sizes, "--json", str(path)])
    assert answer.exit_code == 0, answer.output
    assert "Spikes of all sides are equal" in answer.output
    document = json.loads(path.read_text())
    names = [row["name"] for row in document["rows"]]
    assert names[:2] == ["read currents (floor)", "counts"] and "NumPy in place" in names
    assert all(row["median_s"] > 0 for row in document["rows"])


@pytest.mark.parametrize(
    "name",
    ["brunel", "cuba", "kernels", "layers", "lif", "microcircuit", "reservoir", "ridge", "stream"],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_work(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for path, said in (
        (tmp_path, "json must name a file, not a folder"),
        (file / "x", "json must be writable"),
    ):
        answer = CliRunner().invoke(cli, ["bench", name, "--json", str(path)])
        assert answer.exit_code == 2
        assert said in answer.output
    assert list(tmp_path.iterdir()) == [file]


def test_lif_refuses_to_time_other_spikes(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = LayerBench(5, 2, 64)
    monkeypatch.setattr(bench, "numpy", lambda: lambda: -1)
    with pytest.raises(
        click.ClickException, match="NumPy gives other spikes than spikelab: nothing is timed"
    ):
        bench.check(("numpy",))


def test_reservoir_prints_and_writes_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "reservoir.json"
    answer = CliRunner().invoke(
        cli,
        ["bench", "reservoir", "--units", "20", "--steps", "300", "--rounds", "1", "--json", str(path)],
    )
    assert answer.exit_code == 0, answer.output
    rows = json.loads(path.read_text())["rows"]
    assert {row["work"] for row in rows} == {"one series", "270 short series"}
    peer = importlib.util.find_spec("reservoirpy") is not None
    assert ("reservoirpy" in {row["name"] for row in rows}) == peer
    assert all((row["speedup_reservoirpy"] is None) != peer for row in rows)


@pytest.mark.skipif(importlib.util.find_spec("reservoirpy") is None, reason="reservoirpy is not installed")
def test_reservoir_refuses_to_time_other_states() -> None:
    bench = ReservoirBench(20, 300)
    bench.check()
    other = ReservoirBench(20, 300)
    other.bias = other.bias + 1e-9
    bench.same = other.same  # type: ignore[method-assign]
    with pytest.raises(click.ClickException, match=r"states differ by .*: nothing is timed"):
        bench.check()


@pytest.mark.parametrize(
    ("name", "option"), [("lif", "--rounds"), ("lif", "--neurons"), ("reservoir", "--units")]
)
def test_sizes_of_nothing_are_refused(name: str, option: str) -> None:
    answer = CliRunner().invoke(cli, ["bench", name, option, "0"])
    assert answer.exit_code == 2
    assert f"Invalid value for '{option}': 0 is not in the range x>=1" in answer.output


def test_bits_of_any_number_of_neurons_have_room() -> None:
    bits = LayerBench(5, 2, 63).spikelab("bits")()
    spikes = LayerBench(5, 2, 63).spikelab("uint8")()
    assert bits.shape == (5, 2, 1)
    assert np.bitwise_count(bits).sum() == spikes.sum() > 0
