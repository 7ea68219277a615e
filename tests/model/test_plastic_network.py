"""Learned weights depend on the network alone: not on threads, chunks, saving or the backend."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl

from .plastic_nets import competitive, recurrent

NAME = ("exc", "exc", 0)
RULES = [
    sl.STDP(w_max=1.0),
    sl.STDP(w_max=1.0, delay_kind="axonal", coincident="pre_first"),
    sl.STDP(w_max=1.0, delay_kind="transmission", coincident="include"),
    sl.TripletSTDP(w_max=1.0),
    sl.InhibitorySTDP(w_max=1.0),
    sl.RewardSTDP(w_max=1.0),
]


def learned(sim, *durations, **options):
    """Spikes and weights after runs."""
    spikes = [sim.run(duration, **options)["exc"].spikes for duration in durations]
    steps = np.concatenate([np.asarray(one.step) for one in spikes])
    neurons = np.concatenate([np.asarray(one.neuron) for one in spikes])
    return steps, neurons, sim.weights()[NAME]


def same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{type(rule).__name__}-{rule.delay_kind}")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_weights_for_threads_and_chunks(rule, dtype):
    net = recurrent(rule, n=140)
    reward = {"signals": {"reward": 0.5}} if isinstance(rule, sl.RewardSTDP) else {}
    whole = learned(sl.Simulator(net, dtype=dtype, threads=1), 150.0, **reward)
    start = sl.Simulator(net, dtype=dtype).weights()[NAME]
    assert whole[0].size > 100 and np.abs(whole[2] - start).max() > 1e-4
    same(whole, learned(sl.Simulator(net, dtype=dtype, threads=2), 150.0, **reward))
    parts = learned(sl.Simulator(net, dtype=dtype), 30.1, 59.9, 60.0, **reward)
    np.testing.assert_array_equal(whole[2], parts[2])
    np.testing.assert_array_equal(whole[1], parts[1])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{type(rule).__name__}-{rule.delay_kind}")
def test_the_reference_learns_the_same(rule):
    net = recurrent(rule, n=24)
    reward = {"signals": {"reward": 0.5}} if isinstance(rule, sl.RewardSTDP) else {}
    same(
        learned(sl.Simulator(net), 40.0, **reward),
        learned(sl.Simulator(net, device="reference"), 40.0, **reward),
    )


def test_saved_in_the_middle_of_learning(tmp_path):
    sim = sl.Simulator(recurrent())
    sim.run(70.3)
    sim.save(tmp_path / "half.sim")
    other = sl.Simulator.load(tmp_path / "half.sim", threads=2)
    snapshot = sim.snapshot()
    rest = learned(sim, 80.0)
    same(rest, learned(other, 80.0))
    sim.restore(snapshot)
    same(rest, learned(sim, 80.0))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{type(rule).__name__}-{rule.delay_kind}")
def test_an_error_in_a_chunk_leaves_the_state_before_it(rule, monkeypatch):
    net = recurrent(rule)
    sim, other = sl.Simulator(net), sl.Simulator(net)
    for one in (sim, other):
        one.run(40.0)
    learn, calls = sim._engine.learning.learn, []

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) == 30:
            raise MemoryError
        learn(*arguments)

    monkeypatch.setattr(sim._engine.learning, "learn", fail)
    with pytest.raises(MemoryError):
        sim.run(40.0)
    monkeypatch.undo()
    same(learned(sim, 40.0), learned(other, 40.0))


def test_reset_returns_to_the_weights_of_the_start_or_keeps_them():
    sim = sl.Simulator(recurrent())
    start = sim.weights()[NAME]
    first = learned(sim, 60.0)
    sim.reset()
    np.testing.assert_array_equal(sim.weights()[NAME], start)
    same(first, learned(sim, 60.0))
    sim.reset(keep_weights=True)
    np.testing.assert_array_equal(sim.weights()[NAME], first[2])
    sim.set_weights({NAME: np.full(start.size, 0.25)})
    sim.run(20.0)
    sim.reset()
    np.testing.assert_array_equal(sim.weights()[NAME], np.full(start.size, 0.25))


def test_without_learning_it_is_the_static_network():
    rule = sl.STDP(w_max=1.0)
    plastic, static = recurrent(rule), recurrent(rule).clone()
    object.__setattr__(static.projections[NAME], "plasticity", None)
    weights = {NAME: np.round(sl.Simulator(plastic).weights()[NAME] * 64) / 64}  # on the grid of both quanta
    one, other = (sl.Simulator(net, weights=weights) for net in (plastic, static))
    a, b = (sim.run(100.0, learn=False)["exc"].spikes for sim in (one, other))
    np.testing.assert_array_equal(a.step, b.step)
    np.testing.assert_array_equal(a.neuron, b.neuron)
    np.testing.assert_array_equal(one.weights()[NAME], weights[NAME])


def test_weights_over_time_are_recorded():
    sim = sl.Simulator(recurrent())
    result = sim.run(50.0, record=sl.Record(weights=[NAME], weights_interval_ms=10.0))
    samples = result.weights[NAME]
    np.testing.assert_allclose(samples.time_ms, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    np.testing.assert_array_equal(samples.values[-1], sim.weights()[NAME])
    assert np.abs(samples.values[-1] - samples.values[1]).max() > 0


def test_normalisation_at_intervals_holds_the_sums():
    net = recurrent(homeostasis=sl.Normalize(total=3.0, every=10.0))
    sim = sl.Simulator(net)
    sim.run(40.0)
    edges = sim.connections(net.projections[NAME])
    sums = np.bincount(edges.target, edges.weight, 60)
    np.testing.assert_allclose(sums, 3.0, rtol=1e-5)
    parts = sl.Simulator(net)
    for duration in (3.3, 17.7, 19.0):
        parts.run(duration)
    np.testing.assert_array_equal(parts.weights()[NAME], sim.weights()[NAME])


@pytest.mark.parametrize(("goal", "sign"), [(1.0, -1.0), (400.0, 1.0)])
def test_scaling_moves_weights_towards_the_goal(goal, sign):
    frozen = sl.STDP(w_max=5.0, a_plus=0.0, a_minus=0.0)
    scaling = sl.SynapticScaling(rate_hz=goal, strength=0.05, every=20.0)
    sim = sl.Simulator(recurrent(frozen, homeostasis=scaling))
    start = sim.weights()[NAME]
    sim.run(100.0)
    assert sign * (sim.weights()[NAME].sum() - start.sum()) > 0


def test_samples_are_shown_as_by_a_loop():
    net = competitive(homeostasis=sl.Normalize(total=4.0))
    images = np.random.default_rng(0).random((6, 20))
    sim = sl.Simulator(net, dt_ms=1.0)
    shown = sim.present({"image": images}, 100.0)
    assert shown["exc"].shape == (6, 8) and shown["exc"].sum() > 0
    again = sl.Simulator(net, dt_ms=1.0)
    first = again.present({"image": images[:4]}, 100.0)
    rest = again.present({"image": images[4:]}, 100.0, sample_ids=np.array([4, 5]))
    np.testing.assert_array_equal(np.concatenate([first["exc"], rest["exc"]]), shown["exc"])
    name = ("image", "exc", 0)
    np.testing.assert_array_equal(again.weights()[name], sim.weights()[name])
    np.testing.assert_array_equal(again.state()["exc"]["theta_mv"], sim.state()["exc"]["theta_mv"])
    weights = sim.weights()[name].reshape(20, 8)
    np.testing.assert_allclose(weights.sum(axis=0), 4.0, rtol=1e-5)
    before = sim.state()["exc"]["theta_mv"]
    test = sim.present({"image": images}, 100.0, learn=False)
    np.testing.assert_array_equal(sim.weights()[name].reshape(20, 8), weights)
    np.testing.assert_array_equal(sim.state()["exc"]["theta_mv"], before)
    np.testing.assert_array_equal(
        sim.present({"image": images[::-1]}, 100.0, learn=False, sample_ids=np.arange(6)[::-1])["exc"][::-1],
        test["exc"],
    )


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_weights_that_fell_to_0_keep_their_sign(zero, tmp_path):
    net = sl.Network(seed=1)
    pre, post = net.add("pre", 3, sl.LIF()), net.add("post", 4, sl.LIF())
    inhibition = net.connect(pre, post, weight=-0.5, plasticity=sl.STDP(w_max=1.0))
    sim = sl.Simulator(net, device="reference")
    sim.set_weights({inhibition: np.full(12, zero)})
    sim.save(tmp_path / "zero.sim")
    loaded = sl.Simulator.load(tmp_path / "zero.sim", device="reference")
    for one in (sim, loaded):
        one.set_weights({inhibition: np.full(12, -0.25)})
        np.testing.assert_array_equal(one.weights()[inhibition.name], -0.25)
