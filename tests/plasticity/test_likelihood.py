"""The likelihood rule: its change is the gradient of the log-likelihood, by finite differences."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import spikelab as sl

CELL = sl.EscapeLIF(
    tau_mem_ms=12.0, tau_ref_ms=3.0, tau_syn_exc_ms=4.0, width_mv=1.5, rate_at_thresh_hz=120.0, i_ext_pa=280.0
)
N, DT, STEPS = 6, 0.5, 500
#: An eligibility that lasts for ever is the gradient.
FOR_EVER = 1e15


def network(rule, weights, delay_ms=1.0, cell=CELL):
    net = sl.Network(seed=11)
    source, target = net.input("source", N, sl.SpikeInput()), net.add("target", 1, cell)
    options = {} if rule is None else {"plasticity": rule}
    net.connect(source, target, weight=np.reshape(weights, (N, 1)), delay_ms=delay_ms, **options)
    return net


def trains(seed=0):
    return {"source": (np.random.default_rng(seed).random((STEPS, 1, N)) < 0.04).astype(float)}


def run(rule, weights, device="reference", delay_ms=1.0, cell=CELL, **options):
    sim = sl.Simulator(network(rule, weights, delay_ms, cell), dt_ms=DT, dtype="float64", device=device)
    result = sim.run(inputs=trains(), record=sl.Record(traces=("hazard", "v_mv")), **options)["target"]
    return sim, result["hazard"][:, 0, 0], result.spikes.step


def log_likelihood(weights, delay_ms=1.0):
    """Of the spikes that the neuron fires, from its hazards; and these spikes."""
    _, hazard, spikes = run(None, weights, delay_ms=delay_ms)
    fired = np.isin(np.arange(STEPS), spikes)
    decides = hazard >= 0
    assert decides[fired].all()
    total = np.log(-np.expm1(-hazard[fired])).sum() - hazard[decides & ~fired].sum()
    return total, spikes.tolist()


@pytest.mark.parametrize(("device", "delay_ms"), [("reference", 0.5), ("cpu", 2.0)])
def test_the_gradient_is_that_of_the_log_likelihood(device, delay_ms):
    weights = np.linspace(40.0, 120.0, N)
    rule = sl.Likelihood.of(CELL, w_max=1000.0, signal="reward", tau_e_ms=FOR_EVER)
    sim, hazard, spikes = run(rule, weights, device, delay_ms)
    found = sim.synapse_state(sim.net.projections["source", "target", 0])["e"]
    assert np.array_equal(sim.weights()["source", "target", 0], weights)  # no reward was given
    assert spikes.size > 6 and (hazard < 0).sum() >= 5 * spikes.size  # resets and refractoriness count
    epsilon, expected = 1e-3, []
    for i in range(N):
        step = epsilon * (np.arange(N) == i)
        (above, same), (below, also) = (
            log_likelihood(weights + step, delay_ms), log_likelihood(weights - step, delay_ms),
        )  # fmt: skip
        assert same == also == spikes.tolist()  # the same spikes from the same random numbers
        expected.append((above - below) / (2 * epsilon))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())
    assert np.abs(expected).min() > 1e-4


def test_two_steps_by_hand():
    # one spike of the source, which arrives in step 2: the current begins then, the potential moves in step 3
    rule = sl.Likelihood.of(CELL, w_max=1000.0, signal="novelty", tau_e_ms=FOR_EVER)
    net = sl.Network()
    source, target = (
        net.input("source", 1, sl.SpikeInput()),
        net.add("target", 1, replace(CELL, i_ext_pa=0.0)),
    )
    projection = net.connect(source, target, weight=100.0, delay_ms=2 * DT, plasticity=rule)
    sim = sl.Simulator(net, dt_ms=DT, dtype="float64", device="reference")
    spikes = np.array([1.0, 0, 0, 0, 0]).reshape(-1, 1, 1)
    result = sim.run(inputs={"source": spikes}, record=sl.Record(traces=("hazard",)))["target"]
    assert not result.spikes.step.size
    h = result["hazard"][:, 0, 0]
    a, b = math.exp(-DT / 12.0), math.exp(-DT / 4.0)
    gain = 12.0 * 4.0 / (250.0 * (4.0 - 12.0)) * (b - a)  # of the membrane by 1 pA over a step
    state = {name: values[0] for name, values in sim.synapse_state(projection).items()}
    assert state["z"] == pytest.approx(a * gain + gain * b, rel=1e-12)
    assert state["e"] == pytest.approx(-(h[3] * gain + h[4] * (a * gain + gain * b)) / 1.5, rel=1e-12)
    sim.signal(novelty=2.0)
    assert sim.weights()["source", "target", 0] == pytest.approx([100.0 + 2.0 * state["e"]], abs=1e-12)
    after = {name: values[0] for name, values in sim.synapse_state(projection).items()}
    assert (after["z"], after["e"]) == (state["z"], state["e"])  # the step is not counted again


@pytest.mark.parametrize("signal", ["reward", "novelty"])
def test_a_third_factor_turns_eligibility_into_change(signal):
    weights = np.full(N, 80.0)
    rule = sl.Likelihood.of(CELL, w_max=1000.0, signal=signal, tau_e_ms=20.0, learning_rate=50.0)
    unmoved, _, _ = run(rule, weights)
    plus, _, _ = run(rule, weights, signals={signal: 1e-6})
    minus, _, _ = run(rule, weights, signals={signal: -1e-6})
    assert np.array_equal(unmoved.weights()["source", "target", 0], weights)
    up, down = (sim.weights()["source", "target", 0] - weights for sim in (plus, minus))
    np.testing.assert_allclose(up, -down, rtol=1e-3)
    assert np.abs(up).max() > 1e-6


def test_the_gradient_for_wanted_spikes_is_followed_step_by_step():
    weights = np.linspace(40.0, 120.0, N)
    rule = sl.Likelihood.of(CELL, w_max=1000.0, signal="target", learning_rate=1e-6)
    wanted = (np.arange(STEPS) % 37 == 5).astype(float)
    sim, _, spikes = run(rule, weights, signals={"target": wanted})
    alone, _, _ = run(sl.Likelihood.of(CELL, w_max=1000.0, tau_e_ms=FOR_EVER), weights)
    # the neuron's own spikes in place of the wanted ones give the eligibility of the other form
    own, _, same = run(rule, weights, signals={"target": np.isin(np.arange(STEPS), spikes).astype(float)})
    assert same.tolist() == spikes.tolist()
    name = "source", "target", 0
    gradient = alone.synapse_state(alone.net.projections[name])["e"]
    np.testing.assert_allclose((own.weights()[name] - weights) / 1e-6, gradient, atol=1e-6)
    assert np.abs(sim.weights()[name] - own.weights()[name]).max() > 1e-9


def test_wanted_spikes_are_learned():
    """Sources 0 to 2 fire 4 ms before the wanted spike, sources 3 to 5 after it."""
    given, wanted = np.zeros((1600, 1, N)), np.zeros(1600)
    given[20::80, 0, :3] = given[30::80, 0, 3:] = 1
    wanted[28::80] = 1
    cell = replace(CELL, i_ext_pa=0.0)

    def learned(rate):
        rule = sl.Likelihood.of(cell, w_max=600.0, signal="target", learning_rate=rate)
        sim = sl.Simulator(network(rule, np.full(N, 50.0), 2.0, cell), dt_ms=DT, device="reference")
        sim.run(inputs={"source": given}, signals={"target": wanted})
        fired = sim.run(inputs={"source": given[:800]}, learn=False)["target"].spikes.step % 80
        return sim.weights()["source", "target", 0], np.isin(fired, np.arange(20, 50)).sum()

    weights, answers = learned(8000.0)
    assert weights[:3].min() > 4 * weights[3:].max()
    assert answers >= 5 > 3 * learned(0.0)[1]


def test_the_hazard_is_that_of_the_step_in_which_the_neuron_decides():
    _, hazard, spikes = run(None, np.full(N, 80.0))
    cell = replace(CELL, v_init_mv=-60.0, i_ext_pa=0.0, v_rest_mv=-60.0)
    net = sl.Network()
    net.add("one", 1, cell)
    first = sl.Simulator(net, dt_ms=DT, dtype="float64", device="reference").run(
        DT, record=sl.Record(traces=("hazard",))
    )
    assert first["one"]["hazard"][0, 0, 0] == pytest.approx(0.12 * DT * math.exp(-5.0 / 1.5), rel=1e-12)
    for step in spikes:
        after = hazard[step + 1 : step + 1 + 6]
        assert hazard[step] > 0 and np.all(after == -1.0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.Likelihood(w_max=1.0, delay_kind="dendritic"), "delay_kind must be 'axonal'"),
        (lambda: sl.Likelihood(w_max=1.0, signal="joy"), "signal must be one of 'reward', 'novelty'"),
        (lambda: sl.Likelihood.of(sl.LIF(), w_max=1.0), "must be an EscapeLIF. Other neurons have no hazard"),
        (lambda: sl.Likelihood.of(CELL, receptor="soma", w_max=1.0), "receptor must be 'exc' or 'inh'"),
        (lambda: sl.Likelihood.of(replace(CELL, width_mv=[1.0, 2.0]), w_max=1.0), "must be a single number"),
        (lambda: sl.Likelihood(w_max=1.0, tau_e_ms=0.0), "tau_e_ms must be > 0 ms"),
    ],
)
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_the_record_is_saved(tmp_path):
    rule = sl.Likelihood.of(CELL, w_max=500.0, signal="novelty")
    sl.Simulator(network(rule, np.ones(N)), device="reference").save(tmp_path / "sim")
    (again,) = sl.Simulator.load(tmp_path / "sim", device="reference").net.projections.values()
    assert again.plasticity == rule and rule.when == "always" and rule.traits.state_per_synapse == 4
