"""Generators go on: over parts of a run, over files, over threads, and in other recipes."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.io.recipe import network_from_recipe, network_to_recipe

N = 70
RNG = np.random.default_rng(4)
TIMES = [np.sort(RNG.choice(np.arange(1, 400), 12, replace=False)) * 0.1 for _ in range(N)]
CURRENTS = {
    "dc": sl.DCCurrent(np.linspace(300.0, 500.0, N), 3.0, 25.0),
    "ac": sl.ACCurrent(200.0, 60.0, phase_deg=45.0, offset_pa=350.0),
    "step": sl.StepCurrent([2.0, 11.0], [400.0, 450.0]),
    "noise": sl.NoiseCurrent(380.0, 200.0, interval_ms=0.7, std_mod_pa=100.0, frequency_hz=30.0),
}
SOURCES = {
    "poisson": sl.PoissonSource(np.linspace(0.0, 200.0, N)),
    "in steps": sl.PoissonSource([100.0, 300.0], times_ms=[3.0, 17.0], stop_ms=30.0),
    "list": sl.SpikeSource(TIMES),
    "playback": sl.SpikePlayback(np.concatenate(TIMES), np.repeat(np.arange(N), 12)),
}
GENERATORS = {**CURRENTS, **SOURCES}


def network(name):
    """Two recurrent populations with one of the generators."""
    net = sl.Network(seed=7)
    exc, inh = net.add("exc", N, sl.LIF(synapse="exp")), net.add("inh", 9, sl.LIF(synapse="exp"))
    for target in (exc, inh):
        net.connect(exc, target, sl.FixedIndegree(5), weight=40.0, delay_ms=sl.Uniform(0.5, 2.0))
    net.connect(inh, exc, weight=-20.0, delay_ms=0.3)
    if name in SOURCES:
        source = net.add("source", N, SOURCES[name])
        net.connect(source, exc, sl.FixedIndegree(10), weight=sl.Uniform(100.0, 300.0), delay_ms=0.4)
    else:
        net.drive(exc, CURRENTS[name])
    return net


def run(sim, *durations):
    """Spikes and potentials of runs, one after another."""
    parts = [sim.run(d, record=sl.Record(traces=["v_mv"])) for d in durations]
    spikes = [np.concatenate([p[name].spikes.dense() for p in parts]) for name in parts[0]]
    return [*spikes, np.concatenate([p["exc"]["v_mv"] for p in parts])]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_run_of_parts_is_the_whole(name):
    whole = run(sl.Simulator(network(name), batch=2), 40.0)
    assert whole[0].sum() > 50
    assert_same(run(sl.Simulator(network(name), batch=2), 0.1, 9.9, 17.3, 12.7), whole)


@pytest.mark.parametrize("name", GENERATORS)
def test_threads_and_saving_in_the_middle_change_nothing(name, tmp_path):
    whole = run(sl.Simulator(network(name), threads=1), 40.0)
    sim = sl.Simulator(network(name), threads=2)
    first = run(sim, 13.7)
    sim.save(tmp_path / "state")
    second = run(sl.Simulator.load(tmp_path / "state", threads=1), 26.3)
    assert_same([np.concatenate(pair) for pair in zip(first, second, strict=True)], whole)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_reference_gives_the_same_spikes(name):
    here, there = (run(sl.Simulator(network(name), batch=2, device=d), 6.0) for d in ("cpu", "reference"))
    assert_same(here, there)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_reset_replays(name):
    sim = sl.Simulator(network(name))
    before = run(sim, 15.0)
    sim.reset()
    assert_same(run(sim, 15.0), before)


@pytest.mark.parametrize("name", ["poisson", "in steps", "noise"])
def test_another_seed_and_another_sample_give_other_noise(name):
    net = network(name)
    sim = sl.Simulator(net)
    record = sl.Record(traces=["v_mv"])

    def potential(reseed=0, sample=0):
        sim.reset(reseed)
        return sim.run(10.0, record=record, sample_ids=[sample])["exc"]["v_mv"]

    assert not np.array_equal(potential(), potential(reseed=1))
    assert not np.array_equal(potential(), potential(sample=1))
    two = sl.Simulator(net, batch=2).run(10.0, record=record)["exc"]["v_mv"]
    np.testing.assert_array_equal(two[:, 1:], potential(sample=1))


@pytest.mark.parametrize("name", GENERATORS)
def test_a_recipe_with_a_generator_is_stored(name):
    net = network(name)
    recipe, arrays = network_to_recipe(net)
    back = network_from_recipe(recipe, arrays, {})
    assert back == net
    assert net == net.clone()


def test_records_are_compared_by_content_and_cannot_be_changed():
    given = np.array([1.0, 2.0])
    record = sl.DCCurrent(given)
    assert record == sl.DCCurrent([1.0, 2.0]) != sl.DCCurrent([1.0, 3.0])
    given[0] = 9.0
    assert record.amplitude_pa[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        record.amplitude_pa[0] = 5.0
    assert sl.SpikeSource([[1.0], [2.0]]) == sl.SpikeSource(((1.0,), (2.0,))) != sl.SpikeSource([[1.0], []])
    assert sl.SpikePlayback([1.0], [0]) != sl.SpikePlayback([1.0], [1])


def test_a_network_with_a_rate_function_cannot_be_saved(tmp_path):
    net = sl.Network()
    net.add("source", 2, sl.PoissonSource(lambda t: 5.0 + 0 * t))
    with pytest.raises(sl.ParameterError, match="must consist of records of spikelab and plain values"):
        sl.Simulator(net).save(tmp_path / "state")


@pytest.mark.parametrize("name", ["poisson", "noise"])
def test_what_is_added_later_changes_no_noise(name):
    before = run(sl.Simulator(network(name)), 10.0)
    net = network(name)
    net.drive(net.populations["inh"], sl.NoiseCurrent(0.0, 0.0))
    net.add("more", 20, sl.PoissonSource(50.0))
    after = sl.Simulator(net).run(10.0)
    np.testing.assert_array_equal(after["exc"].spikes.dense(), before[0])
