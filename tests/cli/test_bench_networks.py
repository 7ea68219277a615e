"""Benchmarks of networks at tiny sizes, and the networks that they run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner

import spikelab as sl
from spikelab.bench.brunel import _check
from spikelab.bench.cuba import time_pieces
from spikelab.bench.microcircuit import distances
from spikelab.bench.networks import make
from spikelab.bench.networks.brunel import brunel
from spikelab.bench.networks.cuba import coba, cuba, cuba_pieces
from spikelab.bench.networks.microcircuit import microcircuit
from spikelab.bench.options import choose_peers, peer_python
from spikelab.bench.peers.describe import describe
from spikelab.bench.peers.protocol import steps_in
from spikelab.bench.peers.rows import figures
from spikelab.bench.peers.run import Run, Side, choose_sides, run_in_turn
from spikelab.cli.main import cli
from spikelab.metrics import SpikeTrains, spike_statistics

TINY = ["--scale", "0.01", "--seconds", "0.02", "--rounds", "1", "--peers", "none"]


@pytest.mark.parametrize(
    ("name", "title", "sides"),
    [
        ("brunel", "Brunel's network, 125 neurons", 2),
        ("microcircuit", "Microcircuit, 771 neurons", 2),
        ("cuba", "CUBA, 40 neurons", 2),
    ],
)
def test_a_network_is_run_and_its_figures_are_written(
    name: str, title: str, sides: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spikelab.bench.cuba._PARTS", (1, 3))
    path = tmp_path / "figures.json"
    answer = CliRunner().invoke(cli, ["bench", name, *TINY, "--json", str(path)])
    assert answer.exit_code == 0, answer.output
    assert title in answer.output and "No peers." in answer.output
    document = json.loads(path.read_text())
    assert [row["name"] for row in document["rows"]] == ["spikelab float32", "spikelab float64"][:sides]
    for row in document["rows"]:
        assert row["build_s"] > 0 and row["median_s"] > 0 and row["peak_bytes"] > 2**20
        assert row["realtime_factor"] == pytest.approx(row["median_s"] / 0.02)
        assert row["speedup_nest"] is None
    if name == "cuba":
        assert [row["populations"] for row in document["pieces"]] == [1, 3]
        assert document["pieces"][0]["over_first"] == 1.0


def test_brunel_has_the_degrees_and_weights_of_the_paper() -> None:
    net = brunel(0.1, g=4.0, weight_mv=0.2)
    projections = net.projections
    assert {name[:2]: p.pattern.k for name, p in projections.items()} == {  # type: ignore[attr-defined]
        ("exc", "exc"): 100, ("inh", "exc"): 25, ("exc", "inh"): 100, ("inh", "inh"): 25,
    }  # fmt: skip
    assert projections["inh", "exc", 0].weight == sl.Constant(-0.8)
    # twice the drive that reaches 20 mV: rate * 0.2 mV * 20 ms = 40 mV
    assert {d.drive.rate_hz for d in net.drives.values()} == {10_000.0}
    with pytest.raises(sl.ParameterError, match=r"brunel\(scale=0.0\): scale must be > 0. 1 is the paper's"):
        brunel(0.0)


def test_the_microcircuit_has_the_sizes_and_numbers_of_the_paper() -> None:
    net = microcircuit()
    assert sum(p.n for p in net.populations.values()) == 77_169
    synapses = sum(p.pattern.n for p in net.projections.values())  # type: ignore[attr-defined]
    assert synapses == pytest.approx(298_880_941, rel=1e-4)
    assert len(net.projections) == 55  # pairs of populations whose probability is not 0
    weight = net.projections["L6I", "L6E", 0].weight
    assert isinstance(weight, sl.Normal)
    assert weight.mean == pytest.approx(-4 * 87.8, rel=1e-3) and weight.std == pytest.approx(35.1, rel=1e-3)
    assert net.projections["L4E", "L23E", 0].weight.mean == pytest.approx(2 * 87.8, rel=1e-3)  # type: ignore[union-attr]
    assert net.populations["L5E"].neuron.i_ext_pa == 0.0  # type: ignore[attr-defined]


def test_scaling_keeps_mean_and_variance_of_the_input_to_the_microcircuit() -> None:
    """Rates of the full network make the same input to a cell of L4E at any scale."""
    from spikelab.bench.networks.microcircuit import MICROCIRCUIT_RATES_HZ

    def moments(scale: float) -> tuple[float, float]:
        net = microcircuit(scale)
        cell = net.populations["L4E"]
        mean, square = cell.neuron.i_ext_pa / 0.5e-3, 0.0  # type: ignore[attr-defined]
        inputs: list[tuple[float, float]] = [
            (p.weight.mean, p.pattern.n / cell.n * MICROCIRCUIT_RATES_HZ[p.source.name])  # type: ignore[union-attr, attr-defined]
            for p in net.projections.values()
            if p.target is cell
        ]
        drive = next(d.drive for d in net.drives.values() if d.target is cell)
        for weight, rate in [*inputs, (drive.weight, drive.rate_hz)]:
            mean, square = mean + weight * rate, square + weight * weight * rate
        return mean, square

    assert moments(0.2) == pytest.approx(moments(1.0), rel=1e-3)


def test_pieces_are_one_network() -> None:
    whole, cut = cuba_pieces(1, 0.05, seed=3), cuba_pieces(4, 0.05, seed=3)
    assert len(cut.projections) == 16
    rates = []
    for net in (whole, cut):
        result = sl.Simulator(net, 0.1).run(30.0)
        rates.append(np.concatenate([part.counts[0] for part in result.values()]))
    np.testing.assert_array_equal(*rates)
    assert rates[0].sum() > 0
    rows = time_pieces((1, 4), 0.05, 5.0, 1)
    assert [(row["populations"], row["projections"]) for row in rows] == [(1, 1), (4, 16)]


def test_pieces_that_spike_otherwise_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "spikelab.bench.cuba.cuba_pieces", lambda parts, scale: cuba_pieces(parts, scale, seed=parts)
    )
    with pytest.raises(click.ClickException, match="4 populations spike otherwise than 1: nothing is timed"):
        time_pieces((1, 4), 0.05, 20.0, 1)


@pytest.mark.parametrize("network", [brunel, coba, cuba, microcircuit])
def test_what_peers_are_told_is_plain_and_whole(network: Any) -> None:
    net = network(0.01)
    text = json.dumps(describe(net))
    told = json.loads(text)
    assert [part["name"] for part in told["populations"]] == list(net.populations)
    assert len(told["projections"]) == len(net.projections)
    assert all(one["pattern"]["kind"].startswith("Fixed") for one in told["projections"])
    assert make(network.__name__, scale=0.01) == net


def test_a_side_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPIKELAB_PEER_PYTHON_NEST", sys.executable)  # which has no NEST
    assert peer_python("nest") == sys.executable
    with pytest.raises(click.ClickException, match=r"NEST failed .*\n(.*\n)*.*No module named 'nest'"):
        run_in_turn([Side("NEST", "nest")], "brunel", {"scale": 0.01}, rounds=1, duration_ms=1.0, warm_ms=0.0)


def test_peers_outside_are_looked_for_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKELAB_PEER_PYTHON_NEST", sys.executable)
    peers = choose_peers("nest", ("nest",))
    if "nest" not in peers:
        assert "nest is left out: `python -m pip install nest-simulator` adds it" in peers.note()
        assert "or SPIKELAB_PEER_PYTHON_NEST=PYTHON." in peers.note()
    monkeypatch.setenv("SPIKELAB_PEER_PYTHON_NEST", "/nowhere/python")
    assert "nest" not in choose_peers("nest", ("nest",))


def test_sides_are_ours_for_each_width_and_thread_count_and_the_peers() -> None:
    peers = choose_peers("none", ("nest",))
    assert [(side.dtype, side.threads) for side in choose_sides(peers, (1, 2), ("float32", "float64"))] == [
        ("float32", 1), ("float64", 1), ("float32", 2), ("float64", 2),
    ]  # fmt: skip


def test_figures_count_events_bytes_and_speed() -> None:
    net = brunel(0.01)
    own, nest = Run(Side("own")), Run(Side("NEST", "nest"))
    counts = {"exc": 100 * 4, "inh": 25 * 4}  # 4 spikes a neuron in 0.5 s
    for run, seconds in ((own, 0.1), (nest, 0.3)):
        run.total_s.append(1.0)
        run.answers.append(
            {"simulate_s": seconds, "build_s": 0.2, "counts": counts, "before": 0, "built": 25_000, "peak": 7}
        )
    row, other = figures([own, nest], net, 500.0)
    assert row["rates_hz"] == {"exc": 8.0, "inh": 8.0}
    synapses = 125 * 12  # 10 excitatory and 2 inhibitory sources each
    assert row["synapses"] == synapses and row["bytes_per_synapse"] == pytest.approx(25_000 / synapses)
    assert row["events"] == pytest.approx(4 * synapses)
    assert row["ns_per_event"] == pytest.approx(0.1e9 / (4 * synapses))
    assert row["speedup_nest"] == pytest.approx(3.0) and other["speedup_nest"] == 1.0
    assert row["realtime_factor"] == pytest.approx(0.2)
    with pytest.raises(click.ClickException, match=r"own fires at 12.00 Hz and NEST at 8.00 Hz: nothing"):
        _check([{**row, "name": "own", "rates_hz": {"exc": 12.0, "inh": 12.0}}, other], net, 1e6)


def test_distances_of_one_model_lie_within_its_spread() -> None:
    def statistics(seed: int, rate_hz: float) -> Any:
        rng = np.random.default_rng(seed)
        neuron = np.repeat(np.arange(200), rng.poisson(rate_hz, 200))
        return spike_statistics(SpikeTrains(rng.uniform(0, 1000, neuron.size), neuron, 200, 1000.0))

    one, two, fast = ([statistics(s + k, rate) for s in range(4)] for k, rate in ((0, 8), (10, 8), (20, 16)))
    same, other = distances(one, two, "rates_hz"), distances(fast, two, "rates_hz")
    assert same["between"] < 1.3 * same["largest_spread"]
    assert other["between"] > 3 * other["largest_spread"]
    assert (same["theirs"], other["ours"]) == (pytest.approx(8, rel=0.1), pytest.approx(16, rel=0.1))
    silent = [statistics(0, 0.0)] * 2
    assert np.isnan(distances(one, silent, "cv")["between"])


def test_spikes_of_the_warm_part_are_dropped() -> None:
    step, neuron = steps_in([5, 9, 3, 5, 10], [1, 0, 7, 0, 2], 5, 5)
    assert step.tolist() == [0, 0, 4] and neuron.tolist() == [0, 1, 0]
