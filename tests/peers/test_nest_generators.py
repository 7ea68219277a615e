"""Generators and recording intervals beside those of NEST 3.10, live."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import spikelab as sl

from .nest_generator_cases import CASES, DT, case, membrane_cases

STORED = Path(__file__).parent / "stored"
SCRIPT = STORED / "make_nest_generators.py"


def nest_runs(python, cases, folder):
    """Membranes of every case: arrays [cell, time]."""
    given, out = folder / "cases.json", folder / "out.json"
    given.write_text(json.dumps(cases))
    command = [python, str(SCRIPT), str(given), str(out)]
    child = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert child.returncode == 0, child.stderr
    return [np.array(traces) for traces in json.loads(out.read_text())]


def ours(generator, n=1, weight=1.0, interval_ms=None, duration_ms=100.0, seed=0):
    net = sl.Network(seed=seed)
    cell = net.add("cell", n, sl.LIF(synapse="exp", v_thresh_mv=1e9))
    if isinstance(generator, sl.SpikeSource | sl.PoissonSource):
        source = net.add("source", 1 if isinstance(generator, sl.SpikeSource) else n, generator)
        pattern = sl.AllToAll() if source.n == 1 else sl.OneToOne()
        net.connect(source, cell, pattern, weight=weight, delay_ms=DT)
    else:
        net.drive(cell, generator)
    record = sl.Record(traces=["v_mv"], interval_ms=interval_ms)
    return sl.Simulator(net, DT, dtype="float64").run(duration_ms, record=record)["cell"]["v_mv"][:, 0].T


def assert_same_membranes(membranes):
    for name, theirs in zip(CASES, membranes, strict=True):
        mine = ours(CASES[name][2], weight=50.0)
        late = 0 if name == "spikes" else 1
        assert np.ptp(mine) > 0.5
        np.testing.assert_allclose(mine[:, : 1000 - late], theirs[:, late:], rtol=0, atol=1e-11, err_msg=name)


def test_the_membrane_is_that_of_stored_runs_of_nest():
    with np.load(STORED / "nest_generators.npz") as stored:
        assert_same_membranes([stored[name] for name in CASES])


@pytest.mark.peers("nest")
def test_the_membrane_is_nests_step_for_step(peer_python, tmp_path):
    assert_same_membranes(nest_runs(peer_python("nest"), membrane_cases(), tmp_path))


@pytest.mark.peers("nest")
def test_an_interval_keeps_what_nests_multimeter_keeps(peer_python, tmp_path):
    name, params, source = CASES["spikes"]
    (theirs,) = nest_runs(peer_python("nest"), [case(name, params, weight=50.0, interval_ms=0.7)], tmp_path)
    mine = ours(source, weight=50.0, interval_ms=0.7)
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-11)


@pytest.mark.peers("nest")
def test_noise_and_poisson_trains_have_nests_statistics(peer_python, tmp_path):
    n, duration_ms = 1500, 60.0
    noise = {"mean": 50.0, "std": 100.0, "dt": 1.0}
    poisson = {"rate": 800.0}
    cases = [
        case("noise_generator", noise, n, interval_ms=1.0, duration_ms=duration_ms),
        case("poisson_generator", poisson, n, weight=20.0, interval_ms=1.0, duration_ms=duration_ms),
    ]
    records = [
        (sl.NoiseCurrent(50.0, 100.0),),
        (sl.PoissonSource(800.0), sl.PoissonDrive(rate_hz=800.0, weight=20.0)),
    ]
    for theirs, ours_too in zip(nest_runs(peer_python("nest"), cases, tmp_path), records, strict=True):
        for record in ours_too:
            mine = ours(record, n, weight=20.0, interval_ms=1.0, duration_ms=duration_ms)
            for start in (25, 55):  # before and in the steady state
                a, b = mine[:, start], theirs[:, start]
                error = np.hypot(a.std(), b.std()) / np.sqrt(n)
                assert abs(a.mean() - b.mean()) < 4 * error
                # a source spikes at most once a step, which takes 4 % of the variance at this rate
                assert a.std() / b.std() == pytest.approx(1.0, abs=0.02 + 4 * np.sqrt(1.0 / n))
