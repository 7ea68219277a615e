"""Rules between rate units: by hand, against NumPy, and what they are known to learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikelab as sl

#: A linear unit: nothing is left of its value after a step.
LINEAR = sl.LeakyIntegrator(tau_mem_ms=1e-3)


def layer(rule, n_in, weight, cell=LINEAR, n=1, dtype="float64", batch=1, device="cpu", **options):
    """An input into a layer through synapses that learn."""
    net = sl.Network(seed=0)
    source, units = net.input("in", n_in), net.add("units", n, cell)
    projection = net.connect(source, units, weight=weight, plasticity=rule, **options)
    return sl.Simulator(net, dt_ms=1.0, dtype=dtype, batch=batch, device=device), projection


def show(sim, values, **options):
    """Run on values [time, feature] or [time, batch, feature]."""
    values = np.asarray(values, float)
    values = values[:, None] if values.ndim == 2 else values
    return sim.run(inputs={"in": values}, record=sl.Record(traces=("v",)), **options)


def weights(sim):
    (values,) = sim.weights().values()
    return values


BY_HAND = {
    "Hebb": (sl.Hebb(learning_rate=0.1), lambda w, x, y, theta: w + 0.1 * x * y),
    "AntiHebb": (sl.AntiHebb(learning_rate=0.1), lambda w, x, y, theta: w - 0.1 * x * y),
    "Oja": (sl.Oja(learning_rate=0.1), lambda w, x, y, theta: w + 0.1 * y * (x - y * w)),
    "BCM": (
        sl.BCM(learning_rate=0.1, tau_theta_ms=2.0, decay=0.3),
        lambda w, x, y, theta: w + 0.1 * (x * y * (y - theta) - 0.3 * w),
    ),
}


@pytest.mark.parametrize("device", ["cpu", "reference"])
@pytest.mark.parametrize("name", BY_HAND)
def test_two_units_by_hand(name, device):
    rule, change = BY_HAND[name]
    sim, _ = layer(rule, 1, 0.5, device=device)
    w, theta = 0.5, None
    for x in (1.0, -0.5, 0.8, 0.3):
        trace = show(sim, [[x]])["units"]["v"]
        y = w * x
        assert trace[0, 0, 0] == pytest.approx(y, rel=1e-14)
        theta = y * y if theta is None else theta + (1 - math.exp(-0.5)) * (y * y - theta)
        w = change(w, x, y, theta)
        assert weights(sim) == pytest.approx([w], rel=1e-13)


def test_bounds_hold_and_learning_can_be_switched_off():
    sim, _ = layer(sl.Hebb(learning_rate=1.0, w_max=0.7), 1, 0.5)
    show(sim, [[1.0]] * 5, learn=False)
    assert weights(sim).tolist() == [0.5]
    show(sim, [[1.0]] * 5)
    assert weights(sim) == pytest.approx([0.7])


@pytest.mark.parametrize("delay", [0.0, 1.0, 3.0])
def test_the_value_that_arrives_is_the_one_that_is_learned_from(delay):
    sim, _ = layer(sl.Hebb(learning_rate=0.1), 1, 0.5, delay_ms=delay)
    x = [1.0, 2.0, 0.5, -1.0, 0.3]
    found = show(sim, [[value] for value in x])["units"]["v"][:, 0, 0]
    w, lag = 0.5, int(delay)
    for t in range(len(x)):
        arriving = x[t - lag] if t >= lag else 0.0
        assert found[t] == pytest.approx(w * arriving, rel=1e-14)
        w += 0.1 * arriving * (w * arriving)
    assert weights(sim) == pytest.approx([w], rel=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_soft_hebb_layer_against_numpy(dtype):
    rng = np.random.default_rng(0)
    start, given = rng.normal(scale=0.4, size=(6, 5)), rng.normal(size=(40, 6))
    rule = sl.SoftHebb(learning_rate=0.05, temperature=0.7)
    sim, _ = layer(rule, 6, start, n=5, dtype=dtype)
    show(sim, given)
    w = start.copy()
    for x in given:
        u = x @ w
        y = np.exp(u / 0.7) / np.exp(u / 0.7).sum()
        y[np.arange(5) != u.argmax()] *= -1
        step = 0.05 * np.sqrt(np.abs(np.linalg.norm(w, axis=0) - 1))
        w = w + step * y * (x[:, None] - u * w)
    np.testing.assert_allclose(weights(sim).reshape(6, 5), w, rtol=1e-4 if dtype == "float32" else 1e-11)
    assert np.abs(w - start).max() > 0.1


def test_soft_hebb_finds_the_directions_of_its_inputs():
    # as with all competition, not from every start: two units may share a direction for good
    rng = np.random.default_rng(0)
    centres = np.linalg.qr(rng.normal(size=(8, 3)))[0].T
    given = centres[rng.integers(0, 3, 4000)] + 0.05 * rng.normal(size=(4000, 8))
    start = rng.normal(scale=0.5, size=(8, 3))
    sim, _ = layer(sl.SoftHebb(learning_rate=0.02, temperature=0.5), 8, start, n=3)
    show(sim, given)
    learned = weights(sim).reshape(8, 3)
    found = centres @ learned / np.linalg.norm(learned, axis=0)
    control = centres @ start / np.linalg.norm(start, axis=0)
    assert sorted(found.argmax(axis=0)) == [0, 1, 2] and found.max(axis=0).min() > 0.95
    assert np.linalg.norm(learned, axis=0) == pytest.approx(1.0, abs=0.02)
    assert control.max(axis=0).min() < 0.8


def correlated(n, seed):
    """Values whose covariance has one long axis, and that axis."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    return rng.normal(size=(n, 5)) * [2.0, 0.7, 0.5, 0.5, 0.3] @ axes.T, axes[:, 0]


def test_oja_finds_the_first_principal_component_and_plain_hebb_the_bounds():
    given, axis = correlated(6000, 2)
    sim, _ = layer(sl.Oja(learning_rate=2e-3), 5, sl.Uniform(-0.1, 0.1))
    show(sim, given)
    learned = weights(sim)
    assert abs(learned @ axis) / np.linalg.norm(learned) > 0.999
    assert np.linalg.norm(learned) == pytest.approx(1.0, abs=0.02)
    control, _ = layer(sl.Hebb(learning_rate=2e-3, w_min=-3.0, w_max=3.0), 5, sl.Uniform(-0.1, 0.1))
    show(control, given)
    assert np.all(np.abs(weights(control)) == 3.0)


def test_anti_hebbian_lateral_weights_decorrelate():
    given, _ = correlated(2500, 3)

    def run(rule):
        net = sl.Network(seed=0)
        source, units = net.input("in", 5), net.add("units", 5, LINEAR)
        net.connect(source, units, sl.OneToOne(), weight=0.3)
        # two steps of the same value: in the second the units know of each other
        net.connect(units, units, sl.FromArray(np.ones((5, 5)) - np.eye(5)), weight=0.0, plasticity=rule)
        sim = sl.Simulator(net, dt_ms=1.0, dtype="float64")
        held = np.repeat(given, 4, axis=0)[:, None]
        values = sim.run(inputs={"in": held}, record=sl.Record(traces=("v",)))["units"]["v"]
        return np.abs(np.corrcoef(values[-1997::4, 0].T) - np.eye(5)).sum() / 20

    assert run(sl.AntiHebb(learning_rate=6e-3)) < 0.6 * run(sl.AntiHebb(learning_rate=0.0))


def test_bcm_becomes_selective():
    patterns = np.array([[1.0, 0.2, 0.1], [0.2, 1.0, 0.2], [0.1, 0.2, 1.0]])
    given = patterns[np.random.default_rng(4).integers(0, 3, 8000)]
    start = np.array([[0.5], [0.45], [0.55]])

    def answers(rule):
        sim, _ = layer(rule, 3, start)
        show(sim, given)
        return np.sort(patterns @ weights(sim))[::-1]

    first, second, third = answers(sl.BCM(learning_rate=5e-3, tau_theta_ms=100.0))
    # at rest, with a slow threshold, the answer to one of three patterns is 3: theta = y^2 / 3 = y
    assert first == pytest.approx(3.0, rel=0.1)
    assert max(abs(second), abs(third)) < 0.1
    control = answers(sl.Hebb(learning_rate=4e-3, w_max=10.0))
    assert control[2] > 0.9 * control[0]


def reservoir(rule, **options):
    net = sl.Network(seed=6)
    source, pool = net.input("in", 2), net.add("pool", 40, sl.LeakyTanh(leak_rate=0.6))
    net.connect(source, pool, weight=sl.Uniform(-1.0, 1.0))
    net.connect(pool, pool, sl.FixedProbability(0.15), weight=sl.Normal(0.0, 0.3), plasticity=rule, **options)
    return net


def run_reservoir(rule, parts=(300,), batch=1, **options):
    given = np.random.default_rng(7).normal(size=(300, batch, 2))
    sim = sl.Simulator(reservoir(rule), batch=batch, dtype="float64", **options)
    done, states = 0, []
    for steps in parts:
        result = sim.run(inputs={"in": given[done : done + steps]}, record=sl.Record(traces=("x",)))
        states.append(result["pool"]["x"])
        done += steps
    (recurrent,) = [w for name, w in sim.weights().items() if name[0] == "pool"]
    return np.concatenate(states), recurrent, sim


def test_a_fresh_reservoir_with_a_plastic_recurrent_projection_changes():
    rule = sl.Oja(learning_rate=5e-3)
    states, learned, _ = run_reservoir(rule)
    control, first, _ = run_reservoir(sl.Oja(learning_rate=0.0))
    assert np.abs(learned - first).max() > 0.05 and np.abs(states - control).max() > 0.05
    # against NumPy, step by step
    net = reservoir(rule)
    sim = sl.Simulator(net, dtype="float64")
    feed, loop = (sim.connections(projection) for projection in net.projections.values())
    w_in, w, there = np.zeros((2, 40)), np.zeros((40, 40)), np.zeros((40, 40))
    w_in[feed.source, feed.target] = feed.weight
    w[loop.source, loop.target], there[loop.source, loop.target] = loop.weight, 1
    x = np.zeros(40)
    for given, expected in zip(np.random.default_rng(7).normal(size=(300, 2)), states[:, 0], strict=True):
        y = 0.4 * x + 0.6 * np.tanh(given @ w_in + x @ w)
        w = w + there * 5e-3 * y * (x[:, None] - y * w)
        x = y
        np.testing.assert_allclose(x, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(w[loop.source, loop.target], learned, rtol=1e-9, atol=1e-12)


def test_parts_devices_and_threads_change_no_bit():
    rule = sl.BCM(learning_rate=1e-3, tau_theta_ms=20.0)
    states, learned, _ = run_reservoir(rule, batch=3)
    for options in ({"parts": (1, 99, 200)}, {"device": "reference"}, {"threads": 2}):
        other, weights_of, _ = run_reservoir(rule, batch=3, **options)
        np.testing.assert_array_equal(other, states)
        np.testing.assert_array_equal(weights_of, learned)


def test_saved_in_the_middle_of_learning_it_goes_on_with_the_same_bits(tmp_path):
    rule = sl.BCM(learning_rate=1e-3, tau_theta_ms=20.0)
    _, _, sim = run_reservoir(rule)
    sim.save(tmp_path / "sim.zip")
    again = sl.Simulator.load(tmp_path / "sim.zip")
    given = np.random.default_rng(8).normal(size=(50, 1, 2))
    found = [
        one.run(inputs={"in": given}, record=sl.Record(traces=("x",)))["pool"]["x"] for one in (sim, again)
    ]
    np.testing.assert_array_equal(*found)
    for name, values in sim.weights().items():
        np.testing.assert_array_equal(again.weights()[name], values)


def test_a_batch_learns_the_mean_of_its_rows():
    given = np.array([[[1.0]], [[3.0]]]).reshape(1, 2, 1)
    sim, _ = layer(sl.Hebb(learning_rate=0.1), 1, 0.5, batch=2)
    show(sim, given)
    assert weights(sim) == pytest.approx([0.5 + 0.1 * (0.5 + 4.5) / 2])


def test_negative_weights_are_learned_as_magnitudes_and_stay_negative():
    sim, _ = layer(sl.Hebb(learning_rate=0.1, w_min=0.0, w_max=0.52), 1, -0.5)
    found = show(sim, [[1.0], [-1.0]])["units"]["v"][:, 0, 0]
    # y = -0.5, so the magnitude falls by 0.05; then y = 0.45 for x = -1, and it falls by 0.045
    assert found == pytest.approx([-0.5, 0.45])
    assert weights(sim) == pytest.approx([-0.405])
    show(sim, [[0.0]])


def test_weights_can_be_set_and_reset():
    sim, projection = layer(sl.Hebb(learning_rate=0.1), 2, 0.5)
    show(sim, [[1.0, 2.0]])
    sim.reset()
    assert weights(sim).tolist() == [0.5, 0.5]
    sim.set_weights({projection: [0.1, 0.2]})
    assert show(sim, [[1.0, 1.0]])["units"]["v"][0, 0, 0] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.Hebb(learning_rate=-1.0), "learning_rate must be >= 0.* AntiHebb is Hebb with"),
        (lambda: sl.Hebb(delay_kind="axonal"), "delay_kind must be left as it is between rate units"),
        (lambda: sl.Oja(coincident="include"), "coincident must be left as it is .*about spikes"),
        (lambda: sl.BCM(tau_theta_ms=0.0), "tau_theta_ms must be > 0 ms"),
        (lambda: sl.SoftHebb(temperature=0.0), "temperature must be > 0"),
        (lambda: sl.Oja(w_min=1.0, w_max=0.5), "w_max must lie above w_min"),
        (lambda: layer(sl.Hebb(), 1, 2.0), r"weight\[0\] must lie between w_min=-1\.0 and w_max=1\.0"),
        (lambda: layer(sl.STDP(w_max=1.0), 1, 0.5), "must be a rule between rates.* There are Hebb, Oja"),
        (lambda: layer(sl.Hebb(), 1, 0.5, cell=sl.LIF(), receptor="current"), "not post.rate"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


@pytest.mark.parametrize("rule", [sl.Hebb(), sl.AntiHebb(), sl.Oja(), sl.BCM(), sl.SoftHebb()])
def test_records_tell_their_traits_and_are_saved(rule, tmp_path):
    assert rule.traits == sl.Traits() and "[local, no pseudo-derivative" in repr(rule)
    net = sl.Network(seed=0)
    net.connect(net.input("in", 2), net.add("units", 2, LINEAR), weight=0.5, plasticity=rule)
    sl.Simulator(net).save(tmp_path / "sim.zip")
    (again,) = sl.Simulator.load(tmp_path / "sim.zip").net.projections.values()
    assert again.plasticity == rule
