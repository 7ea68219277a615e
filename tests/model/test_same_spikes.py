"""The promise held for every model: the same spikes however a run with delays and STP is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spikelab as sl
from spikelab.simulator import arrivals, engine, window_loop

from .nets import assert_equal, assert_same_state

#: Of each model: the record, the weight of an excitatory spike, and a drive that makes it fire.
CELLS = {
    "lif_delta": (sl.LIF(), 1.0, sl.PoissonDrive(rate_hz=6000.0, weight=1.5)),
    "lif_exp": (
        sl.LIF(synapse="exp", tau_syn_inh_ms=5.0),
        40.0,
        sl.PoissonDrive(rate_hz=4000.0, weight=90.0),
    ),
    "lif_alpha": (sl.LIF(synapse="alpha"), 30.0, sl.PoissonDrive(rate_hz=4000.0, weight=50.0)),
    "conductance": (sl.ConductanceLIF(), 2.0, sl.PoissonDrive(rate_hz=5000.0, weight=6.0)),
    "adaptive": (sl.AdaptiveLIF(), 40.0, sl.PoissonDrive(rate_hz=5000.0, weight=100.0)),
    "adex": (sl.AdEx(), 3.0, sl.PoissonDrive(rate_hz=5000.0, weight=18.0)),
    "izhikevich": (sl.Izhikevich(), 1.0, sl.PoissonDrive(rate_hz=3000.0, weight=2.0)),
    "escape": (sl.EscapeLIF(), 20.0, sl.PoissonDrive(rate_hz=4000.0, weight=70.0)),
    "integrator": (sl.IF(), 1.0, sl.PoissonDrive(rate_hz=4000.0, weight=1.0)),
}
SYNAPSES = {
    "static": {},
    "short_term": {"short_term": sl.TsodyksMarkram(U=0.4, tau_rec_ms=40.0, tau_fac_ms=30.0)},
    "failing": {"failure_probability": 0.3},
}
STEPS = 240


def network(cell: str, synapse: str) -> sl.Network:
    """Three populations of one model that reach each other after 0.3 to 4 ms, two of them in a ring."""
    neuron, weight, drive = CELLS[cell]
    net = sl.Network(seed=3)
    exc, inh, out = (net.add(name, n, neuron) for name, n in (("exc", 130), ("inh", 70), ("out", 65)))
    options = SYNAPSES[synapse]
    for source, sign in ((exc, 1.0), (inh, -4.0)):
        for target in (exc, inh, out):
            ends = sorted((0.5 * sign * weight, 1.5 * sign * weight))
            delay = sl.Uniform(0.3, 4.0)
            net.connect(source, target, sl.FixedProbability(0.2), sl.Uniform(*ends), delay, **options)
    net.connect(out, out, sl.FixedIndegree(3), weight=weight, delay_ms=1.0, **options)
    for population in (exc, inh, out):
        net.drive(population, drive)
    return net


def simulator(cell: str, synapse: str, threads: int = 1, dtype: str = "float32") -> sl.Simulator:
    return sl.Simulator(network(cell, synapse), 0.1, batch=2, threads=threads, dtype=dtype)


@pytest.mark.parametrize("synapse", SYNAPSES)
@pytest.mark.parametrize("cell", CELLS)
def test_threads_chunks_and_a_save_in_the_middle_do_not_matter(cell, synapse, tmp_path, monkeypatch):
    whole = simulator(cell, synapse)
    expected = whole.run(STEPS * 0.1)
    spikes = sum(len(expected[name].spikes) for name in expected)
    assert 100 < spikes < 0.2 * STEPS * 2 * 265, spikes  # neither silent nor saturated
    for threads in (2, 3):
        other = simulator(cell, synapse, threads)
        assert_equal(expected, other.run(STEPS * 0.1))
        assert_same_state(whole, other)
    monkeypatch.setattr(engine, "_MAX_CHUNK", 7)
    first = simulator(cell, synapse, threads=2)
    parts = [first.run(3.7)]
    first.save(tmp_path / "state")
    second = sl.Simulator.load(tmp_path / "state", threads=3)
    assert_equal(expected, *parts, second.run(STEPS * 0.1 - 3.7))
    assert_same_state(whole, second)


@pytest.mark.parametrize("synapse", SYNAPSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_reference_gives_the_same_spikes(synapse, dtype):
    net = network("lif_exp", synapse)
    one, two = (sl.Simulator(net, 0.1, device=device, dtype=dtype) for device in ("cpu", "reference"))
    assert_equal(one.run(8.0), two.run(8.0))
    assert_same_state(one, two)


@settings(max_examples=15, deadline=None)
@given(
    cuts=st.lists(st.integers(1, STEPS - 1), max_size=5),
    threads=st.integers(1, 4),
    most=st.integers(1, 64),
    synapse=st.sampled_from(sorted(SYNAPSES)),
)
def test_any_cut_of_time_gives_the_same_run(cuts, threads, most, synapse):
    expected = simulator("lif_exp", synapse).run(STEPS * 0.1)
    before = engine._MAX_CHUNK
    engine._MAX_CHUNK = most
    try:
        sim = simulator("lif_exp", synapse, threads)
        ends = np.unique([0, *cuts, STEPS])
        parts = []
        for steps in np.diff(ends):
            snapshot = sim.snapshot()
            sim.run(float(steps) * 0.1)
            sim.restore(snapshot)
            parts.append(sim.run(float(steps) * 0.1))
    finally:
        engine._MAX_CHUNK = before
    assert_equal(expected, *parts)


def loop_network() -> sl.Network:
    """An input and two populations of different models in a ring, both driven, and one that only listens."""
    net = sl.Network(seed=8)
    inp = net.input("in", 20, sl.PoissonEncoder(max_rate_hz=200.0))
    exc, inh = net.add("exc", 90, sl.LIF(synapse="exp")), net.add("inh", 30, sl.EscapeLIF())
    out = net.add("out", 10, sl.LIF())
    net.connect(inp, exc, sl.FixedIndegree(5), weight=300.0, delay_ms=0.2)
    for source, sign in ((exc, 1.0), (inh, -4.0)):
        for target in (exc, inh):
            delay = sl.Uniform(0.2, 3.0)
            net.connect(source, target, sl.FixedProbability(0.2), weight=sign * 30.0, delay_ms=delay)
    net.connect(exc, out, sl.FixedIndegree(9), weight=sl.Uniform(3.0, 5.0), delay_ms=1.0)
    for population in (exc, inh):
        net.drive(population, sl.PoissonDrive(rate_hz=4000.0, weight=80.0))
    return net


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_the_compiled_loop_gives_the_same_run(device, tmp_path, monkeypatch):
    x = np.random.default_rng(0).random((STEPS, 2, 20))
    options = {"dt_ms": 0.1, "batch": 2, "device": device}
    whole = sl.Simulator(loop_network(), window_loop="never", **options)
    expected = whole.run(inputs={"in": x})
    assert all(len(expected[name].spikes) > 50 for name in expected)
    monkeypatch.setattr(arrivals, "_LEAST_ROOM", 1)  # queues are full again and again
    sim = sl.Simulator(loop_network(), window_loop="always", **options)
    assert sim.timings().phases["loop"] == 0.0
    parts = [sim.run(inputs={"in": x[:111]})]
    assert sim.timings().phases["loop"] > 0.0
    sim.save(tmp_path / "state")
    loaded = sl.Simulator.load(tmp_path / "state", device=device)
    assert_equal(expected, *parts, sim.run(inputs={"in": x[111:]}))
    assert_equal(expected, *parts, loaded.run(inputs={"in": x[111:]}))
    assert_same_state(whole, sim)


def test_traces_are_kept_of_a_network_that_has_a_loop():
    record = sl.Record(traces=["v_mv"])
    x = np.random.default_rng(0).random((STEPS, 1, 20))
    one, two = (
        sl.Simulator(loop_network(), 0.1, window_loop=when).run(inputs={"in": x}, record=record)
        for when in ("always", "never")
    )
    assert_equal(one, two)


def test_the_compiled_loop_is_looked_for_once_and_not_in_each_chunk(monkeypatch):
    monkeypatch.setattr(engine, "_MAX_CHUNK", 64)
    monkeypatch.setattr(window_loop, "_WORTH_LOADING", 1)
    sim = sl.Simulator(loop_network(), 0.1, threads=1)
    looked = []
    monkeypatch.setattr(sim._backend, "windows_are_compiled", looked.append)  # None: it is not there
    sim.run(inputs={"in": np.zeros((STEPS, 1, 20))})
    assert len(looked) == 1
    sim.reset()
    sim.run(inputs={"in": np.zeros((STEPS, 1, 20))})
    assert len(looked) == 2
