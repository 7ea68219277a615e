"""The benchmark of learning: its network, its sides, and what it refuses to compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import spikelab as sl
from spikelab.bench.networks.brunel import brunel, stdp_brunel
from spikelab.bench.options import Peers
from spikelab.bench.peers.describe import describe
from spikelab.bench.stdp_brunel import _check, _key, _sides
from spikelab.cli.main import cli


def test_static_and_plastic_sides_are_run_and_their_figures_are_written(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    options = [
        "--scale",
        "0.02",
        "--seconds",
        "0.02",
        "--rounds",
        "1",
        "--dtype",
        "float64",
        "--peers",
        "none",
    ]
    answer = CliRunner().invoke(cli, ["bench", "stdp", "--brunel", *options, "--json", str(path)])
    assert answer.exit_code == 0, answer.output
    assert "Step of a pair 0.01 of 0.2 mV" in answer.output
    static, spread, plastic = json.loads(path.read_text())["rows"]
    assert [row["name"] for row in (static, spread, plastic)] == [
        "spikelab float64, static", "spikelab float64, static, a weight each", "spikelab float64, plastic",
    ]  # fmt: skip
    assert static["over_static"] == 1.0 and plastic["speedup_nest"] is None
    assert plastic["over_static"] == pytest.approx(plastic["median_s"] / static["median_s"])
    assert plastic["over_spread"] == pytest.approx(plastic["median_s"] / spread["median_s"])
    ((mean, std),) = plastic["weights"][0]
    # the network has learned, and stays where the rule holds it
    assert static["weights"] == [[]] and 0.09 < mean < 0.11 and std > 1e-4
    assert plastic["rate_hz"] == pytest.approx(static["rate_hz"], rel=0.1)


def test_only_synapses_between_excitatory_neurons_learn() -> None:
    net = stdp_brunel(0.1, w_max_mv=0.3)
    rules = {name[:2]: projection.plasticity for name, projection in net.projections.items()}
    learning = rules.pop(("exc", "exc"))
    assert learning == sl.STDP(w_max=0.3, a_plus=0.01, a_minus=0.01, mu_plus=1.0, mu_minus=1.0)
    assert not any(rules.values())
    assert stdp_brunel(0.1, plastic=False) == brunel(0.1)
    told = [one["plasticity"] for one in describe(net)["projections"]]
    assert told.count(None) == 3
    assert [one["mu_minus"] for one in told if one] == [1.0]


def test_nest_runs_once_of_each_kind() -> None:
    sides = _sides(Peers({"nest": "3.10"}), (1,), ("float32", "float64"))
    assert [side.name for side in sides] == [
        "spikelab float32, static", "spikelab float64, static", "NEST, static",
        "spikelab float32, static, a weight each", "spikelab float64, static, a weight each",
        "spikelab float32, plastic", "spikelab float64, plastic", "NEST, plastic",
    ]  # fmt: skip
    assert len({_key(side) for side in sides}) == 8


def test_networks_that_do_different_things_are_not_compared() -> None:
    def row(name: str, rate_hz: float, weight: float) -> dict[str, Any]:
        return {"name": name, "kind": "plastic", "rate_hz": rate_hz, "weights": [[[weight, 0.004]]]}

    static = [{"name": kind, "kind": kind, "rate_hz": 32.0} for kind in ("static", "static, a weight each")]
    own = row("ours", 32.0, 0.1)
    _check([*static, own, row("NEST", 32.1, 0.1003)], 12_500.0)
    with pytest.raises(click.ClickException, match=r"NEST fires at 35.00 Hz and ours at 32.00 Hz: nothing"):
        _check([*static, own, row("NEST", 35.0, 0.1)], 12_500.0)
    with pytest.raises(click.ClickException, match=r"NEST has a mean weight of 0.1100 mV and ours of 0.1000"):
        _check([*static, own, row("NEST", 32.0, 0.11)], 12_500.0)
