"""Neurons that adapt themselves: by hand, towards their targets, and frozen."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikelab as sl

ADAPTIVE = [sl.IPTanh(), sl.IPFermi(), sl.HomeostaticLIF()]


def drive_unit(cell, values, dtype="float64", device="cpu"):
    """Run one unit on the values [time], and return the simulator and the outputs."""
    net = sl.Network(seed=0)
    source, unit = net.input("in", 1), net.add("unit", 1, cell)
    net.connect(source, unit, weight=1.0)
    sim = sl.Simulator(net, dtype=dtype, device=device)
    result = sim.run(inputs={"in": np.reshape(values, (-1, 1, 1))}, record=sl.Record(traces=("x",)))
    return sim, result["unit"]["x"][:, 0, 0]


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_ip_tanh_by_hand(device):
    eta, mu, sigma, leak = 0.01, 0.1, 0.5, 0.25
    cell = sl.IPTanh(learning_rate=eta, mean=mu, std=sigma, leak_rate=leak, gain=2.0, bias=-0.5)
    values = [0.3, -1.2, 0.7]
    sim, x = drive_unit(cell, values, device=device)
    gain, bias, state, expected = 2.0, -0.5, 0.0, []
    for value in values:
        y = math.tanh(gain * value + bias)
        state = (1 - leak) * state + leak * y
        up = -eta * (-mu / sigma**2 + y / sigma**2 * (2 * sigma**2 + 1 - y * y + mu * y))
        gain, bias = gain + eta / gain + up * value, bias + up
        expected.append(state)
    np.testing.assert_allclose(x, expected, rtol=1e-13)
    assert sim.state()["unit"]["gain"] == pytest.approx(gain, rel=1e-13)
    assert sim.state()["unit"]["bias"] == pytest.approx(bias, rel=1e-13)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_ip_fermi_by_hand(device):
    eta, mu = 0.02, 0.3
    values = [1.5, -0.4, 0.2]
    sim, x = drive_unit(sl.IPFermi(learning_rate=eta, mean=mu), values, device=device)
    gain, bias, expected = 1.0, 0.0, []
    for value in values:
        y = 1 / (1 + math.exp(-(gain * value + bias)))
        up = eta * (1 - (2 + 1 / mu) * y + y * y / mu)
        gain, bias = gain + eta / gain + up * value, bias + up
        expected.append(y)
    np.testing.assert_allclose(x, expected, rtol=1e-13)
    assert sim.state()["unit"]["gain"] == pytest.approx(gain, rel=1e-13)
    assert sim.state()["unit"]["bias"] == pytest.approx(bias, rel=1e-13)


def test_a_population_reaches_the_normal_distribution_that_was_asked_for():
    # inputs of other means and widths; near 0 a tanh is linear, so the target can be met
    net = sl.Network(seed=1)
    source = net.input("in", 3)
    pool = net.add("pool", 3, sl.IPTanh(mean=[0.0, 0.1, -0.1], std=0.15, learning_rate=2e-4))
    net.connect(source, pool, pattern=sl.OneToOne(), weight=1.0)
    given = np.random.default_rng(2).normal([0.0, 2.0, -0.5], [1.0, 0.3, 1.5], (60_000, 1, 3))
    sim = sl.Simulator(net, dtype="float64")
    first = sim.run(inputs={"in": given[:1000]}, record=sl.Record(traces=("x",)))["pool"]["x"]
    sim.run(inputs={"in": given[1000:40_000]}, record=sl.Record(spikes="none"))
    last = sim.run(inputs={"in": given[40_000:]}, record=sl.Record(traces=("x",)))["pool"]["x"]
    assert np.all(np.abs(first[:100].std(axis=0) - 0.15) > 0.05)
    np.testing.assert_allclose(last.mean(axis=(0, 1)), [0.0, 0.1, -0.1], atol=0.01)
    np.testing.assert_allclose(last.std(axis=(0, 1)), 0.15, rtol=0.05)
    # where nothing saturates, the gain is about the ratio of the widths
    gain = sim.state()["pool"]["gain"][0]
    np.testing.assert_allclose(gain * [1.0, 0.3, 1.5], 0.15, rtol=0.15)


def test_a_unit_reaches_the_exponential_distribution_that_was_asked_for():
    given = np.random.default_rng(3).normal(0.5, 1.0, 60_000)
    _, x = drive_unit(sl.IPFermi(mean=0.1, learning_rate=2e-3), given)
    last = np.sort(x[30_000:])
    # a function of two parameters cannot meet it point by point: mean and median, the latter mu ln 2
    assert last.mean() == pytest.approx(0.1, rel=0.1)
    assert last[last.size // 2] == pytest.approx(0.1 * math.log(2), rel=0.2)


def homeostatic(cell, rates_hz, seconds, dtype="float64"):
    net = sl.Network(seed=4)
    pool = net.add("pool", len(rates_hz), cell)
    for i, rate in enumerate(rates_hz):
        only = np.zeros(len(rates_hz))
        only[i] = rate
        net.drive(pool, sl.PoissonDrive(rate_hz=only, weight=60.0))
    sim = sl.Simulator(net, dt_ms=1.0, dtype=dtype)
    result = sim.run(seconds * 1e3)
    return sim, result["pool"]


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_the_threshold_of_a_neuron_by_hand(device):
    net = sl.Network(seed=0)
    cell = sl.HomeostaticLIF(i_ext_pa=1000.0, target_rate_hz=50.0, learning_rate_mv=0.5, theta_mv=1.0)
    net.add("one", 1, cell)
    sim = sl.Simulator(net, dt_ms=1.0, dtype="float64", device=device)
    trace = sim.run(40.0, record=sl.Record(traces=("theta_mv", "v_mv")))["one"]
    theta, v, ref, expected = 1.0, -70.0, 0, []
    decay = math.exp(-0.1)
    for _ in range(40):
        if ref == 0:
            v = decay * v + (1 - decay) * (-70.0 + 1000.0 * 10.0 / 250.0)
        spiked = ref == 0 and v >= -55.0 + theta
        ref = 2 if spiked else max(ref - 1, 0)
        v = -70.0 if spiked else v
        theta += 0.5 * (spiked - 0.05)
        expected.append((theta, v))
    assert sum(a > b for (a, _), (b, _) in zip(expected[1:], expected[:-1], strict=True)) >= 4
    np.testing.assert_allclose(trace["theta_mv"][:, 0, 0], [a for a, _ in expected], rtol=1e-12)
    np.testing.assert_allclose(trace["v_mv"][:, 0, 0], [b for _, b in expected], rtol=1e-12)


def test_neurons_that_are_driven_differently_come_to_the_same_rate():
    cell = sl.HomeostaticLIF(target_rate_hz=20.0, learning_rate_mv=0.2)
    rates_hz = [500.0, 1500.0, 4000.0]
    sim, learned = homeostatic(cell, rates_hz, 40.0)
    theta = sim.state()["pool"]["theta_mv"][0]
    # exactly: a spike adds eta, a step takes eta r* dt
    counts = np.bincount(learned.spikes.neuron, minlength=3)
    np.testing.assert_allclose(counts, 20.0 * 40.0 + theta / 0.2, rtol=1e-9)
    assert np.all(np.diff(theta) > 1.0) and theta[0] < 0 < theta[2]
    late = np.bincount(sim.run(20e3)["pool"].spikes.neuron, minlength=3) / 20.0
    np.testing.assert_allclose(late, 20.0, rtol=0.02)
    _, control = homeostatic(cell.frozen(), rates_hz, 20.0)
    apart = np.bincount(control.spikes.neuron, minlength=3) / 20.0
    assert apart[0] < 5.0 and apart[2] > 45.0


def test_a_neuron_without_input_lowers_its_threshold_until_it_fires():
    cell = sl.HomeostaticLIF(target_rate_hz=10.0, learning_rate_mv=1.0)
    sim, result = homeostatic(cell, [0.0], 5.0)
    theta = sim.state()["pool"]["theta_mv"][0, 0]
    assert result.spikes.neuron.size == pytest.approx(50.0 + theta, abs=1e-6) and theta < -14.0


@pytest.mark.parametrize("cell", ADAPTIVE, ids=lambda cell: type(cell).__name__)
def test_frozen_records_do_not_adapt(cell):
    assert cell.kept and set(cell.kept) < set(cell.initial())
    assert sl.LIF().kept == sl.LeakyTanh().kept == ()
    net = sl.Network(seed=0)
    pop = net.add("p", 2, cell.frozen())
    current = net.input("in", 2)
    net.connect(current, pop, pattern=sl.OneToOne(), weight=300.0, receptor=cell.inputs[-1])
    sim = sl.Simulator(net, dt_ms=1.0, dtype="float64")
    before = sim.state()["p"]
    sim.run(inputs={"in": np.random.default_rng(0).random((50, 1, 2)) * 3})
    for name in cell.kept:
        np.testing.assert_array_equal(sim.state()["p"][name], before[name])
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(next(iter(sim.state()["p"].values())), next(iter(before.values())))


def test_a_frozen_ip_unit_is_a_leaky_tanh():
    given = np.random.default_rng(1).normal(size=100)
    _, adapted = drive_unit(sl.IPTanh(leak_rate=0.3, bias=0.2).frozen(), given, device="reference")
    _, plain = drive_unit(sl.LeakyTanh(leak_rate=0.3, bias=0.2), given, device="reference")
    np.testing.assert_array_equal(adapted, plain)


def test_a_large_learning_rate_cannot_turn_the_gain_round():
    sim, x = drive_unit(sl.IPTanh(learning_rate=1.0), np.full(50, 10.0))
    assert sim.state()["unit"]["gain"] >= 1e-3 and np.all(np.isfinite(x))


@pytest.mark.parametrize("cell", ADAPTIVE, ids=lambda cell: type(cell).__name__)
def test_records_are_saved_with_what_they_learned(cell, tmp_path):
    net = sl.Network(seed=3)
    pop = net.add("p", 3, cell)
    current = net.input("in", 3)
    net.connect(current, pop, pattern=sl.OneToOne(), weight=400.0, receptor=cell.inputs[-1])
    given = {"in": np.random.default_rng(5).random((60, 1, 3))}
    sim = sl.Simulator(net, dt_ms=1.0, dtype="float64")
    sim.run(inputs=given)
    sim.save(tmp_path / "sim.zip")
    again = sl.Simulator.load(tmp_path / "sim.zip")
    assert again.net.populations["p"].neuron == cell
    sim.run(inputs=given), again.run(inputs=given)
    for name, values in sim.state()["p"].items():
        np.testing.assert_array_equal(values, again.state()["p"][name])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.IPTanh(mean=1.0), r"IPTanh\(mean=1\.0\): mean must lie between -1 and 1\. A tanh"),
        (lambda: sl.IPTanh(std=0.0), "std must be > 0"),
        (lambda: sl.IPTanh(gain=-1.0), "gain must be > 0.* weights have the sign"),
        (lambda: sl.IPTanh(gain=1e-4), r"must lie below gain=0\.0001\. Scale the weights"),
        (lambda: sl.IPTanh(leak_rate=1.5), r"leak_rate must lie in \(0, 1\]"),
        (lambda: sl.IPTanh(learning_rate=-1.0), "learning_rate must be >= 0"),
        (lambda: sl.IPFermi(mean=[0.5, 0.0]), "mean must lie between 0 and 1"),
        (lambda: sl.IPFermi(mean=math.nan), "mean must be finite"),
        (lambda: sl.HomeostaticLIF(target_rate_hz=0.0), "target_rate_hz must be > 0 Hz"),
        (lambda: sl.HomeostaticLIF(learning_rate_mv=[0.1, -1.0]), r"learning_rate_mv\[1\] must be >= 0 mV"),
        (lambda: sl.HomeostaticLIF(threshold="=="), "threshold must be '>=' or '>'"),
        (lambda: sl.HomeostaticLIF(v_reset_mv=-50.0), "must lie below v_thresh_mv"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()
