"""Calibration: every layer fires at the rate asked for, or says why it cannot."""

from __future__ import annotations

import signal

import numpy as np
import pytest

import spikelab as sl

from .nets import CELL, NETS, assert_equal, simulator, values


def two_layers():
    """Weights so weak that nothing fires."""
    net = sl.Network(seed=2)
    inp = net.input("in", 12, sl.PoissonEncoder(max_rate_hz=200.0))
    one, two = net.add("one", 63, sl.LIF(**CELL)), net.add("two", 30, sl.LIF(**CELL))
    net.connect(inp, one, weight=sl.Uniform(0.0, 0.02))
    net.connect(one, two, weight=sl.Uniform(-0.001, 0.003), delay_ms=2.0)
    return net


DATA = {"in": values(250, 2, 12)}


def test_both_layers_reach_the_rate():
    sim = simulator(two_layers(), 2)
    drawn = sim.weights()
    assert sim.run(inputs=DATA)["two"].counts.sum() == 0
    reached = sim.calibrate(DATA, 20.0, tolerance=0.1)
    assert list(reached) == ["one", "two"]
    assert sim.time_ms == 0.0
    result = sim.run(inputs=DATA, record=sl.Record(spikes="counts"))
    for name, rate in reached.items():
        assert rate == pytest.approx(20.0, rel=0.1)
        assert result[name].mean_rate_hz == rate
    for name, weights in sim.weights().items():  # one gain a layer: the pattern of weights stays
        gains = weights[drawn[name] != 0] / drawn[name][drawn[name] != 0]
        np.testing.assert_allclose(gains, gains[0], rtol=1e-12)
        assert gains[0] > 1.0


def test_calibrating_again_starts_from_what_stands():
    sim = simulator(two_layers(), 2)
    sim.calibrate(DATA, 20.0, tolerance=0.1)
    weights = sim.weights()
    sim.calibrate(DATA, 20.0, tolerance=0.1)
    for name, values_ in sim.weights().items():
        np.testing.assert_array_equal(values_, weights[name])


def test_a_population_without_connections_is_named():
    net = two_layers()
    net.add("alone", 3, sl.LIF())
    with pytest.raises(sl.ParameterError, match="net must have projections onto every spiking population"):
        simulator(net, 2).calibrate(DATA, 20.0)


def test_a_rate_out_of_reach_is_an_error_and_changes_nothing():
    sim = simulator(two_layers(), 2)
    before, run = sim.weights(), sim.run(inputs=DATA)
    text = r"rate_hz must be reachable for 'one', which came to .* Hz\. Look at the drive, the refractory"
    with pytest.raises(sl.ParameterError, match=text):
        sim.calibrate(DATA, 900.0, max_runs=12)
    for name, weights in sim.weights().items():
        np.testing.assert_array_equal(weights, before[name])
    assert_equal(run, sim.run(inputs=DATA))


@pytest.mark.parametrize(
    "options, text",
    [
        ({"rate_hz": 0.0}, r"rate_hz must be > 0 Hz\. 10 to 100 Hz is common"),
        ({"rate_hz": float("nan")}, "rate_hz must be finite"),
        ({"rate_hz": 5.0, "tolerance": -1.0}, r"tolerance must lie in \(0, 1\)"),
        ({"rate_hz": [5.0]}, "rate_hz must be a single number"),
        ({"rate_hz": 5.0, "tolerance": 1.0}, r"tolerance must lie in \(0, 1\)"),
        ({"rate_hz": 5.0, "max_runs": 0}, "max_runs must be an integer >= 1"),
    ],
)
def test_bad_values(options, text):
    with pytest.raises(sl.ParameterError, match=text):
        simulator(two_layers(), 2).calibrate(DATA, **options)


def test_bad_data_cost_no_state():
    sim = simulator(two_layers(), 2)
    sim.run(inputs=DATA)
    after = sim.state()
    with pytest.raises(sl.ParameterError, match="must have 2 batch rows"):
        sim.calibrate({name: x[:, :1] for name, x in DATA.items()}, 5.0)
    for name, value in sim.state()["one"].items():
        np.testing.assert_array_equal(value, after["one"][name])


def test_ctrl_c_stops_the_search_and_restores_the_weights(monkeypatch):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        net, data = NETS["layers"](2)
        sim = simulator(net, 2)
        drawn, run, calls = sim.weights(), sim.run, []

        def pressed(**options):
            calls.append(1)
            return run(**options, progress=lambda *_: signal.raise_signal(signal.SIGINT))

        monkeypatch.setattr(sim, "run", pressed)
        monkeypatch.setattr("spikelab.simulator.engine._MAX_CHUNK", 5)
        sim.set_weights({})  # makes the engine again, with the short chunks
        with pytest.raises(KeyboardInterrupt):
            sim.calibrate(data, 20.0)
        assert calls == [1]
        for name, weights in sim.weights().items():
            np.testing.assert_array_equal(weights, drawn[name])
    finally:
        signal.signal(signal.SIGINT, before)
