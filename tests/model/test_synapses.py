"""Synapses that change or fail, and tables of any partitioning: spikes, states, saving, refusals."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spikelab as sl
from spikelab.build import build
from spikelab.build.arrivals import ArrivalLink
from spikelab.errors import ParameterError
from spikelab.simulator.arrivals import ArrivalRunner
from spikelab_kernels.dispatch import backend

from .nets import assert_equal

PLASTIC = {
    "depressing": {"short_term": sl.TsodyksMarkram(U=0.5, tau_rec_ms=80.0)},
    "facilitating": {"short_term": sl.TsodyksMarkram(U=0.1, tau_rec_ms=10.0, tau_fac_ms=200.0)},
    "failing": {"failure_probability": 0.4},
    "both": {
        "short_term": sl.TsodyksMarkram(U=sl.Uniform(0.2, 0.8), tau_rec_ms=sl.Uniform(20.0, 200.0)),
        "failure_probability": 0.2,
    },
    "none": {},
}


def network(options, n=150):
    """A recurrent net in which every synapse of one projection has these options."""
    net = sl.Network(seed=3)
    exc, inh = net.add("exc", n, sl.LIF(synapse="exp")), net.add("inh", n // 3, sl.LIF(synapse="exp"))
    for cells in (exc, inh):
        net.drive(cells, sl.PoissonDrive(rate_hz=6000.0, weight=120.0))
        net.connect(
            exc, cells, sl.FixedIndegree(20), weight=sl.Normal(150.0, 30.0, low=0.0),
            delay_ms=sl.Uniform(0.3, 3.0), receptor="exc", **options,
        )  # fmt: skip
        net.connect(inh, cells, sl.FixedProbability(0.2), weight=-400.0, delay_ms=1.0)
    return net


def run(net, *durations, threads=1, **options):
    sim = sl.Simulator(net, 0.1, threads=threads, **options)
    parts = [sim.run(duration) for duration in durations]
    times = np.concatenate([part["exc"].spikes.time_ms for part in parts])
    neurons = np.concatenate([part["exc"].spikes.neuron for part in parts])
    return sim, (times.round(6).tolist(), neurons.tolist())


@pytest.mark.parametrize("kind", PLASTIC)
def test_threads_cuts_and_saving_change_no_spike(kind, tmp_path):
    net = network(PLASTIC[kind])
    whole, spikes = run(net, 60.0)
    assert len(spikes[0]) > 100
    assert run(net, 60.0, threads=3)[1] == spikes
    assert run(net, 17.3, 42.7, threads=2)[1] == spikes
    sim, first = run(net, 21.7, threads=2)
    sim.save(tmp_path / "net.spikelab")
    loaded = sl.Simulator.load(tmp_path / "net.spikelab", threads=1)
    rest = loaded.run(38.3)["exc"].spikes
    assert (first[0] + rest.time_ms.round(6).tolist(), first[1] + rest.neuron.tolist()) == spikes
    for name, values in whole.snapshot().items():
        np.testing.assert_array_equal(loaded.snapshot()[name], values, name)


@pytest.mark.parametrize("kind", ["depressing", "failing"])
def test_the_reference_gives_the_same_spikes(kind):
    net = network(PLASTIC[kind], 60)
    assert run(net, 15.0)[1] == run(net, 15.0, device="reference")[1]


@pytest.mark.parametrize("kind", ["both", "failing"])
def test_samples_fail_by_their_number_not_by_their_row(kind):
    net = network(PLASTIC[kind], 90)
    together = sl.Simulator(net, 0.1, batch=3).run(40.0, sample_ids=[5, 9, 2])["exc"].spikes
    alone = sl.Simulator(net, 0.1).run(40.0, sample_ids=[9])["exc"].spikes
    mine = together.batch == 1
    assert len(alone.step) > 20
    np.testing.assert_array_equal(together.step[mine], alone.step)
    np.testing.assert_array_equal(together.neuron[mine], alone.neuron)


def test_a_new_seed_lets_other_edges_fail():
    net = network(PLASTIC["failing"], 90)
    sim = sl.Simulator(net, 0.1)
    keys = []
    for reseed in (0, 1, 0):
        sim.reset(reseed=reseed)
        keys += [[int(a.synapses.key) for a in sim._engine.arrivals if a.synapses is not None]]
    assert keys[0] == keys[2] and not set(keys[0]) & set(keys[1])


def test_options_change_the_spikes():
    spikes = {kind: run(network(options), 40.0)[1] for kind, options in PLASTIC.items()}
    assert len({str(value) for value in spikes.values()}) == len(PLASTIC)


def sums_of(link, spikes, windows, dtype=np.int32, restore_at=()):
    """Arrivals of spikes (step, source) over windows, some of them after a move to a new runner."""
    runner, now, parts = ArrivalRunner(link, 1, backend("cpu")), 0, []
    block = max(hi for _, hi, _ in link.parts)
    for k, length in enumerate(windows):
        if k in restore_at:
            other = ArrivalRunner(link, 1, backend("cpu"))
            other.restore(runner.under_way(now), now)
            runner = other
        new = [(step - now, source) for step, source in spikes if now <= step < now + length]
        step, source = np.array(new, np.uint32).reshape(-1, 2).T
        runner.push(np.ascontiguousarray(step), np.zeros_like(step), np.ascontiguousarray(source), now)
        out = np.zeros((length, 1, 2, block), dtype)
        for part in range(len(link.parts)):
            runner.deliver(part, now, out)
        parts.append(out)
        now += length
    return np.concatenate(parts)


@settings(max_examples=20, deadline=None)
@given(
    kind=st.sampled_from(sorted(PLASTIC)),
    threads=st.integers(1, 4),
    cuts=st.lists(st.integers(1, 12), min_size=5, max_size=9),
    restored=st.sets(st.integers(1, 4), max_size=2),
    spikes=st.sets(st.tuples(st.integers(0, 29), st.integers(0, 149)), min_size=1, max_size=40),
)
def test_sums_depend_on_no_partition_window_or_restore(kind, threads, cuts, restored, spikes):
    net = network(PLASTIC[kind])
    total = sum(cuts)
    ordered = sorted(spikes)
    for one, other in zip(build(net, 0.1).events, build(net, 0.1, threads=threads).events, strict=True):
        assert isinstance(one, ArrivalLink)
        expected = sums_of(one, ordered, [total])
        np.testing.assert_array_equal(sums_of(other, ordered, cuts, restore_at=restored), expected)


def recursion(times, short_term):
    """The plain form: u and x of a source at the last of its spikes."""
    u, x = short_term.u, short_term.x
    for before, time in pairwise(times):
        h = time - before
        x = 1 + (x - x * u - 1) * math.exp(-h / short_term.tau_rec_ms)
        u = short_term.U + u * (1 - short_term.U) * math.exp(-h / short_term.tau_fac_ms)
    return u, x


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_arrives_follows_the_plain_recursion(dtype):
    times = [1.0, 2.0, 2.1, 30.0, 31.5, 100.0]
    record = sl.TsodyksMarkram(U=0.4, tau_rec_ms=120.0, tau_fac_ms=60.0, u=0.3, x=0.8)
    net = sl.Network()
    source = net.add("source", 2, sl.SpikeSource(times_ms=[times, []]))
    cell = net.add("cell", 1, sl.LIF(synapse="exp", tau_mem_ms=10.0))
    net.connect(source, cell, sl.AllToAll(), weight=100.0, delay_ms=1.0, short_term=record)
    sim = sl.Simulator(net, 0.1, dtype=dtype)
    sim.run(120.0)
    (arrival,) = sim._engine.arrivals
    u, x = recursion(times, record)
    state = arrival.state()
    assert (state["u"][0, 0], state["x"][0, 0]) == pytest.approx((u, x), rel=1e-12)
    assert (state["u"][0, 1], state["x"][0, 1]) == (0.3, 0.8)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"U": 1.5}, r"TsodyksMarkram\(U=1\.5\): U must lie in \[0, 1\]"),
        ({"x": -0.1}, r"x must lie in \[0, 1\]"),
        ({"tau_rec_ms": 0.0}, "tau_rec_ms must be > 0 ms"),
        ({"tau_fac_ms": -1.0}, "tau_fac_ms must be >= 0 ms"),
        ({"U": np.array([0.5, np.nan])}, r"U\[1\]"),
        ({"U": np.zeros((2, 2))}, r"be a number or an array \[source\]"),
        ({"U": sl.Normal(0.5, 0.1)}, "Bound the distribution"),
    ],
)
def test_bad_parameters_are_refused(values, message):
    with pytest.raises(ParameterError, match=message):
        sl.TsodyksMarkram(**values)


def test_arrays_must_fit_the_sources():
    net = network({"short_term": sl.TsodyksMarkram(U=np.full(7, 0.5))})
    with pytest.raises(ParameterError, match="one value for each of the 150 sources"):
        sl.Simulator(net, 0.1)


def test_parameters_differ_by_source():
    record = sl.TsodyksMarkram(U=np.linspace(0.1, 0.9, 150), tau_rec_ms=sl.Uniform(10.0, 90.0))
    (link, *_) = [one for one in build(network({"short_term": record}), 0.1).events if one.transmission]
    drawn = link.transmission.short_term
    np.testing.assert_array_equal(drawn["U"], record.U)
    np.testing.assert_array_equal(drawn["u"], record.U)
    assert np.unique(drawn["tau_rec_ms"]).size == 150 and drawn["tau_rec_ms"].min() > 10


def test_records_compare_and_round_trip(tmp_path):
    record = sl.TsodyksMarkram(U=np.linspace(0.1, 0.9, 150), tau_fac_ms=sl.Uniform(10.0, 90.0))
    assert record == sl.TsodyksMarkram(U=np.linspace(0.1, 0.9, 150), tau_fac_ms=sl.Uniform(10.0, 90.0))
    assert record != sl.TsodyksMarkram(U=0.5)
    net = network({"short_term": record, "failure_probability": 0.1})
    sl.Simulator(net, 0.1).save(tmp_path / "net.spikelab")
    loaded = sl.Simulator.load(tmp_path / "net.spikelab").net
    assert loaded == net


def test_results_of_two_simulators_are_equal():
    net = network(PLASTIC["both"])
    assert_equal(*(sl.Simulator(net, 0.1).run(20.0) for _ in range(2)))


def test_the_state_of_synapses_can_be_read():
    net = sl.Network(seed=0)
    source = net.add("source", 2, sl.SpikeSource(times_ms=[[1.0, 21.0], [5.0]]))
    cell = net.add("cell", 3, sl.LIF())
    made = sl.TsodyksMarkram(U=0.5, tau_rec_ms=20.0)
    plastic = net.connect(source, cell, weight=1.0, delay_ms=1.0, short_term=made)
    static = net.connect(source, cell, weight=1.0, delay_ms=1.0)
    sim = sl.Simulator(net, 0.1, batch=2)
    np.testing.assert_array_equal(sim.short_term(plastic)["x"], np.ones((2, 2)))
    sim.run(30.0)
    state = sim.short_term(plastic)
    left = 1.0 - 0.5 * np.exp(-1.0)  # of the first source, 20 ms after it spent half
    np.testing.assert_allclose(state["x"], [[left, 1.0]] * 2, rtol=1e-12)
    np.testing.assert_array_equal(state["u"], np.full((2, 2), 0.5))
    with pytest.raises(sl.ParameterError, match="must have short-term plasticity"):
        sim.short_term(static)
    with pytest.raises(sl.ParameterError, match=r"Simulator\.short_term.*a projection of this network"):
        sim.short_term("nothing")
