"""Rates in bins, traces and weights at intervals, bounds on events, and how results give access."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import spikelab as sl
from spikelab.spikes import Spikes


def network(populations=2, n=40):
    """A ring of populations, which are one block."""
    net = sl.Network(seed=5)
    made = [net.add(f"p{i}", n + i, sl.LIF()) for i in range(populations)]
    for i, target in enumerate(made):
        net.connect(made[i - 1], target, sl.FixedIndegree(5), weight=0.5, delay_ms=1.5)
        net.drive(target, sl.PoissonDrive(rate_hz=15_000.0, weight=1.0))
    return net


def run(record, *durations, batch=1, **options):
    sim = sl.Simulator(network(), batch=batch, **options)
    return [sim.run(duration, record=record) for duration in durations]


@pytest.mark.parametrize("interval_ms", [0.1, 0.3, 1.0, 7.0])
def test_an_interval_keeps_the_value_at_its_end(interval_ms):
    (full,) = run(sl.Record(traces=["v_mv"], neurons=[4, 2]), 50.0, batch=2)
    (kept,) = run(sl.Record(traces=["v_mv"], neurons=[4, 2], interval_ms=interval_ms), 50.0, batch=2)
    every = round(interval_ms / 0.1)
    np.testing.assert_array_equal(kept["p1"]["v_mv"], full["p1"]["v_mv"][every - 1 :: every])
    np.testing.assert_array_equal(kept["p1"].time_ms, full["p1"].time_ms[every - 1 :: every])


def test_intervals_go_on_over_runs():
    record = sl.Record(traces=["v_mv"], interval_ms=1.0, rate_bin_ms=4.0)
    (whole,) = run(record, 40.0)
    parts = run(record, 0.4, 0.3, 11.5, 27.8)
    np.testing.assert_array_equal(np.concatenate([part["p0"]["v_mv"] for part in parts]), whole["p0"]["v_mv"])
    times = np.concatenate([part["p0"].time_ms for part in parts])
    np.testing.assert_allclose(times, whole["p0"].time_ms)
    counts = np.zeros(10, np.int64)
    for part in parts:
        first = int(part["p0"].rate_edges_ms[0] / 4.0)
        bins = part["p0"].bin_counts[:, 0]
        counts[first : first + bins.size] += bins
    np.testing.assert_array_equal(counts, whole["p0"].bin_counts[:, 0])


@pytest.mark.parametrize("spikes", ["events", "counts", "none"])
@pytest.mark.parametrize("batch", [1, 3])
def test_rates_count_the_spikes_of_each_bin(spikes, batch):
    (events,) = run(sl.Record(), 47.0, batch=batch)
    (binned,) = run(sl.Record(spikes=spikes, rate_bin_ms=5.0), 47.0, batch=batch)
    for name, part in binned.items():
        assert (part.events is None) == (spikes != "events")
        assert part.mean_rate_hz == events[name].mean_rate_hz  # of bins, where nothing else is kept
        assert f"  {part.mean_rate_hz:.4g}" in repr(binned)
        spikes_there, edges = events[name].spikes, part.rate_edges_ms
        np.testing.assert_allclose(edges, [*np.arange(0.0, 46.0, 5.0), 47.0])
        for row in range(batch):
            times = spikes_there.time_ms[spikes_there.batch == row]
            expected = np.histogram(times - 0.05, edges)[0]
            np.testing.assert_array_equal(part.bin_counts[:, row], expected)
            np.testing.assert_allclose(part.rates_hz[:, row], expected / (np.diff(edges) * 1e-3 * part.n))


def test_rates_of_some_populations_leave_the_spikes_of_the_others():
    record = sl.Record(spikes="events", populations=["p1"], rate_bin_ms=5.0)
    (result,) = run(record, 20.0)
    (all_,) = run(sl.Record(), 20.0)
    assert result["p0"].events is None
    np.testing.assert_array_equal(result["p1"].spikes.neuron, all_["p1"].spikes.neuron)
    assert result["p1"].bin_counts.sum() == len(all_["p1"].spikes)


def test_what_was_not_asked_for_is_answered_with_the_remedy():
    (result,) = run(sl.Record(), 5.0)
    with pytest.raises(sl.ParameterError, match=r"Run with record=Record\(rate_bin_ms=5.0\)"):
        result["p0"].rates_hz  # noqa: B018


def test_weights_are_looked_at_at_their_interval_or_at_the_end():
    net = network()
    projection = next(iter(net.projections.values()))
    sim = sl.Simulator(net)
    sim.run(3.0)
    result = sim.run(24.0, record=sl.Record(weights=[projection], weights_interval_ms=10.0))
    samples = result.weights[projection.name]
    assert samples.time_ms.tolist() == pytest.approx([10.0, 20.0])
    np.testing.assert_array_equal(samples.values, [sim.connections(projection)[2]] * 2)
    at_end = sim.run(3.0, record=sl.Record(weights=[projection.name])).weights[projection.name]
    assert at_end.time_ms.tolist() == pytest.approx([30.0])


def test_a_run_with_too_many_spikes_stops_and_can_go_on():
    sim = sl.Simulator(network())
    with pytest.warns(UserWarning, match=r"Record\(max_events=100\)\): there were more .* it can go on from"):
        first = sim.run(100.0, record=sl.Record(max_events=100))
    assert first.interrupted
    assert first.n_steps < 1000 and round(sim.time_ms / 0.1) == first.n_steps
    spikes = sum(len(part.spikes) for part in first.values())
    assert spikes > 100
    second = sim.run(100.0 - sim.time_ms)
    whole = sl.Simulator(network()).run(100.0)
    for name in whole:
        times = np.concatenate([part[name].spikes.time_ms for part in (first, second)])
        np.testing.assert_array_equal(times, whole[name].spikes.time_ms)


def test_counts_have_no_bound():
    assert not run(sl.Record(spikes="counts", max_events=1), 20.0)[0].interrupted


def test_a_hundred_populations_of_a_block_are_told_apart():
    net = network(100, n=5)
    result = sl.Simulator(net, batch=2).run(30.0)
    assert len({id(block) for block in sl.Simulator(net)._built.blocks}) == 1
    one = sl.Simulator(net, batch=2).run(30.0, record=sl.Record(spikes="counts"))
    assert sum(len(part.spikes) for part in result.values()) > 1000
    for name, part in result.items():
        spikes = part.spikes
        np.testing.assert_array_equal(spikes.counts(), one[name].counts)
        order = np.lexsort((spikes.neuron, spikes.batch, spikes.step))
        np.testing.assert_array_equal(order, np.arange(len(spikes)))


def test_spikes_are_gathered_when_they_are_looked_at():
    calls = []

    def load():
        calls.append(1)
        return np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([2, 0, 2])

    spikes = Spikes.lazy(load, dt_ms=0.5, shape=(3, 2, 3), t0_step=2, size=3)
    assert len(spikes) == 3 and not calls
    assert spikes.time_ms.tolist() == [1.5, 2.0, 2.0]
    assert spikes.counts().tolist() == [[1, 0, 1], [0, 0, 1]]
    assert calls == [1]
    with pytest.raises(AttributeError, match="no attribute 'steps'"):
        spikes.steps  # noqa: B018


def test_trains_of_each_neuron():
    spikes = Spikes([0, 1, 1, 2], [0, 0, 1, 0], [2, 0, 2, 2], dt_ms=0.5, shape=(3, 2, 3))
    assert [train.tolist() for train in spikes.trains()] == [[1.0], [], [0.5, 1.5]]
    assert [train.tolist() for train in spikes.trains(1)] == [[], [], [1.0]]
    assert spikes.of(2).tolist() == [0.5, 1.5]
    assert spikes.of(2, batch=1).tolist() == [1.0]
    with pytest.raises(sl.errors.ParameterError, match=r"Spikes.of\(neuron=3\): neuron must lie in 0 ... 2"):
        spikes.of(3)
    with pytest.raises(sl.errors.ParameterError, match=r"Spikes.of\(batch=5\): batch must lie in 0 ... 1"):
        spikes.of(0, batch=5)


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (sl.Record(traces=["v_mv"], interval_ms=0.05), "interval_ms must be at least one step of 0.1 ms"),
        (sl.Record(rate_bin_ms=0.01), "rate_bin_ms must be at least one step of 0.1 ms"),
    ],
)
def test_an_interval_below_half_a_step_is_refused(record, text):
    with pytest.raises(sl.errors.ParameterError, match=text):
        run(record, 10.0)


def test_lazy_results_are_copied_whole():
    (result,) = run(sl.Record(traces=["v_mv"], rate_bin_ms=2.0), 10.0)
    for twin in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        np.testing.assert_array_equal(twin["p1"].spikes.neuron, result["p1"].spikes.neuron)
        np.testing.assert_array_equal(twin["p1"].rates_hz, result["p1"].rates_hz)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.Record(interval_ms=1.0), "interval_ms must stand beside traces"),
        (lambda: sl.Record(traces=["v_mv"], interval_ms=0.0), "interval_ms must be > 0 ms"),
        (lambda: sl.Record(rate_bin_ms=np.nan), "rate_bin_ms must be finite"),
        (lambda: sl.Record(weights_interval_ms=1.0), "weights_interval_ms must stand beside weights"),
        (lambda: sl.Record(weights="exc"), "weights must be a list of projections"),
        (lambda: sl.Record(weights=["exc"]), "hold projections or their names"),
        (lambda: sl.Record(weights=[("a", "b", 0), ("a", "b", 0)]), "weights must name each once"),
        (lambda: run(sl.Record(weights=[("a", "b", 0)]), 1.0), "weights must name projections of the net"),
        (lambda: sl.Record(max_events=0), "max_events must be an integer >= 1"),
        (lambda: sl.Record(to="x", max_events=5), "max_events must be None with to=..."),
        (lambda: sl.Record(to=5), "to must be the path of a folder"),
    ],
)
def test_bad_values_are_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


@pytest.mark.parametrize("pools", [1, 2])  # one is a reservoir, which has a kernel of its own
def test_intervals_of_rates(pools):
    net = sl.Network(seed=2)
    data = net.input("data", 3)
    made = [net.add(f"pool{i}", 20, sl.LeakyTanh(leak_rate=0.5)) for i in range(pools)]
    for i, pool in enumerate(made):
        net.connect(data if i == 0 else made[i - 1], pool, weight=sl.Uniform(-1.0, 1.0))
        net.connect(pool, pool, sl.FixedIndegree(5), weight=sl.Normal(0.0, 0.3))
    x = np.random.default_rng(0).normal(size=(600, 2, 3))
    every, some = (
        sl.Simulator(net, batch=2).run(
            inputs={"data": x}, record=sl.Record(traces=["x"], neurons=[7, 3], interval_ms=interval)
        )
        for interval in (None, 7.0)
    )
    for pool in made:
        np.testing.assert_array_equal(some[pool]["x"], every[pool]["x"][6::7])
        np.testing.assert_array_equal(some[pool].time_ms, np.arange(7.0, 600.0, 7.0))
