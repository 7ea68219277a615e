"""`spikelab bench kernels|ridge`: every kernel is there and checked, roofs set floors, peers are named."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from spikelab.bench import kernels as bench
from spikelab.bench import options, ridge
from spikelab.bench.kernel_cases import CASES
from spikelab.bench.options import choose_peers
from spikelab.bench.roofs import Roofs, cache_sizes, measure_roofs
from spikelab.bench.timing import Timing, speedup
from spikelab.cli.main import cli
from spikelab.errors import ParameterError
from spikelab_kernels.cost import Cost
from spikelab_kernels.dispatch import MODULES, backend

ROOFS = Roofs(
    (("L2", 1e6, 80e9), ("L3", 1e7, 40e9), ("RAM", np.inf, 10e9)), {"float32": 100e9, "float64": 50e9}
)


def test_every_kernel_is_timed() -> None:
    timed = {CASES[name](backend("cpu"), True).kernel for name in CASES}
    public = {"population_run"}
    # Generated for each model, rule or network; `spikelab bench stdp` times those that learn.
    generated = {"population", "windows", "plasticity", "plastic_rates", "competitive"}
    for module in set(MODULES) - generated:
        public |= set(import_module(f"spikelab_kernels.reference.{module}").__all__)
    assert timed == public


@pytest.mark.parametrize("name", CASES)
def test_kernels_are_checked_against_their_reference(name: str) -> None:
    bench.check(name)


def test_a_kernel_that_differs_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["pack_bits"]

    def wrong(kernels, small):  # type: ignore[no-untyped-def]
        work = case(kernels, small)
        return replace(work, call=lambda: None) if kernels.name == "cpu" else work

    monkeypatch.setitem(CASES, "pack_bits", wrong)
    with pytest.raises(click.ClickException, match="pack_bits differs from its reference: nothing is timed"):
        bench.check("pack_bits")


def test_kernels_prints_and_writes_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "kernels.json"
    arguments = ["bench", "kernels", "--only", "count_bits", "--rounds", "1", "--json", str(path)]
    arguments += ["--peers", "reservoirpy,snntorch,numpy"]  # none of which has a side here
    answer = CliRunner().invoke(cli, arguments)
    assert answer.exit_code == 0, answer.output
    assert "Every kernel gives what its reference gives" in answer.output
    document = json.loads(path.read_text())
    (row,) = document["rows"]
    assert row["name"] == "count_bits" and row["bytes"] == 200 * 16 * 64 * 8
    assert row["of_roof"] == pytest.approx(row["floor_s"] / row["min_s"])
    assert document["roofs"]["flops"]["float64"] > 0 and document["roofs"]["copy"]["RAM"]["bytes_per_s"] > 0


def test_unknown_kernels_are_answered_with_the_known_ones() -> None:
    answer = CliRunner().invoke(cli, ["bench", "kernels", "--only", "gramm"])
    assert answer.exit_code == 2
    assert "no kernel has 'gramm' in its name: population_run, deliver_arrivals" in answer.output


@pytest.mark.parametrize(
    ("cost", "footprint", "seconds", "binds"),
    [
        (Cost(80_000, 1000), 10_000, 1e-6, "copy L2"),
        (Cost(80_000, 1000), 2_000_000, 2e-6, "copy L3"),
        (Cost(80_000, 1000), 10**9, 8e-6, "copy RAM"),
        (Cost(80_000, 10**6), 10_000, 1e-5, "arithmetic"),
    ],
)
def test_floors_are_the_slower_of_moving_and_counting(
    cost: Cost, footprint: int, seconds: float, binds: str
) -> None:
    floor = ROOFS.floor(cost, footprint, "float32")
    assert (floor.seconds, floor.binds) == (pytest.approx(seconds), binds)


def test_the_better_of_two_measurements_is_kept() -> None:
    other = Roofs(
        (("L2", 1e6, 90e9), ("L3", 1e7, 30e9), ("RAM", np.inf, 10e9)), {"float32": 9e9, "float64": 60e9}
    )
    best = ROOFS.best(other)
    assert [rate for _, _, rate in best.levels] == [90e9, 40e9, 10e9]
    assert best.flops == {"float32": 100e9, "float64": 60e9}
    assert str(best).startswith("copy L2 90 GB/s, L3 40 GB/s, RAM 10 GB/s; float32 100 GFLOP/s")


def test_roofs_are_measured() -> None:
    roofs = measure_roofs()
    assert [name for name, _, _ in roofs.levels] == ["L2", "L3", "RAM"]
    # No machine copies slower than a disk, or faster than a hundred caches.
    assert all(1e8 < rate < 1e13 for _, _, rate in roofs.levels)
    assert all(1e8 < rate < 1e13 for rate in roofs.flops.values())


def test_cache_sizes_are_read_and_have_a_default(tmp_path: Path) -> None:
    for name, level, size in (("index2", "2", "512K"), ("index3", "3", "32M"), ("index0", "1", "32K")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "level").write_text(f"{level}\n")
        (tmp_path / name / "size").write_text(f"{size}\n")
    assert cache_sizes(tmp_path) == {"L2": 1 << 19, "L3": 1 << 25}
    assert cache_sizes(tmp_path / "none") == {"L2": 1 << 19, "L3": 1 << 24}


def test_ridge_prints_and_writes_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "ridge.json"
    sizes = ["--rows", "200", "--features", "20", "--steps", "200", "--rounds", "1"]
    answer = CliRunner().invoke(
        cli, ["bench", "ridge", *sizes, "--peers", "numpy,snntorch", "--json", str(path)]
    )
    assert answer.exit_code == 0, answer.output
    assert "snntorch has no side here." in answer.output
    document = json.loads(path.read_text())
    names = [row["name"] for row in document["rows"]]
    assert "NumPy, normal equations" in names and "scikit-learn Ridge" not in names
    assert [row["steps"] for row in document["fit_memory"]] == [200, 2000]
    assert list(document["peers"]["versions"]) == ["numpy"]


def test_ridge_refuses_to_time_other_weights() -> None:
    made = ridge.RidgeBench(100, 10)
    sides = made.sides(choose_peers("none", ()))
    sides["another"] = lambda: made.numpy() * 1.001
    with pytest.raises(click.ClickException, match=r"another differs by 0\.001 from Ridge, rows in memory"):
        made.check(sides)


def test_fit_memory_does_not_grow_with_the_states() -> None:
    short, long = ridge.fit_memory(200, 30_000)
    grown = long["peak_bytes"] - short["peak_bytes"]
    # Ten times the steps: copies of the data grow, the states (216 MB more) do not.
    assert grown < 2 * (long["data_bytes"] - short["data_bytes"])
    assert long["states_bytes"] - short["states_bytes"] > 40 * grown


def test_peers_that_nobody_knows_are_refused_with_the_list() -> None:
    answer = CliRunner().invoke(cli, ["bench", "reservoir", "--peers", "reservoirpi"])
    assert answer.exit_code != 0
    text = str(answer.exception) if isinstance(answer.exception, ParameterError) else answer.output
    assert "peers must hold names among bindsnet, brian2, nest, numpy, reservoirpy, scikit-learn" in text


def test_peers_that_are_missing_are_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "_is_installed", lambda name: name == "numpy")
    peers = choose_peers(None, ("numpy", "snntorch"))
    assert "numpy" in peers and "snntorch" not in peers
    assert peers.missing == ("snntorch",)
    assert peers.note().endswith("snntorch is left out: `python -m pip install snntorch torch` adds it.")
    assert choose_peers("none", ("numpy",)).note() == "No peers."


def test_a_speedup_needs_its_peer() -> None:
    own, peer = Timing((1.0, 2.0, 3.0)), Timing((4.0, 4.0, 4.0))
    assert speedup({"peer": peer}, "peer", own) == 2.0
    assert speedup({}, "peer", own) is None
