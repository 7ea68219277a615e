"""Supervised STDP of first spikes: by hand, and a layer that learns which neuron comes first."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl

WINDOW = 40


def layer(n_in, classes, weight, seed=0, **rule):
    """An input into one neuron a class, which fires at most once a sample."""
    net = sl.Network(seed=seed)
    source = net.input("in", n_in, sl.SpikeInput())
    cell = sl.IF(v_reset_mv=0.0, v_thresh_mv=1.0, tau_ref_ms=float(WINDOW), v_init_mv=0.0)
    for k in range(classes):
        known = {"w_max": 1.0, "label": k, "classes": classes, "window_ms": WINDOW, "gap_ms": 4.0}
        neuron = net.add(f"class{k}", 1, cell)
        net.connect(source, neuron, weight=weight, delay_ms=1.0, plasticity=sl.S2STDP(**known | rule))
    return sl.Simulator(net, dt_ms=1.0, dtype="float64", device="reference")


def show(sim, steps, label=None):
    """One sample, whose sources fire once each in `steps` (-1: not at all): first spikes, ms."""
    spikes = np.zeros((WINDOW, 1, len(steps)))
    for source, step in enumerate(steps):
        if step >= 0:
            spikes[step, 0, source] = 1
    sim.reset(keep_weights=True)
    result = sim.run(inputs={"in": spikes})
    found = [result[name].spikes.step for name in sim.net.populations]
    first = np.array([step[0] + 1.0 if step.size else WINDOW for step in found])
    assert all(step.size <= 1 for step in found)
    if label is not None:
        sim.signal(label=label, mean_ms=first.mean())
    return first


def weights(sim):
    return np.array([values for _, values in sorted(sim.weights().items())])


def test_one_sample_by_hand():
    sim = layer(3, 2, 0.6, learning_rate=0.5, a_plus=0.2, a_minus=0.1)
    sim.set_weights({("in", "class1", 0): [0.3, 0.3, 0.3]})
    # class 0 reaches 1 mV with the second source, which arrives in step 11; class 1 never does
    first = show(sim, [5, 10, 20], label=0)
    assert first.tolist() == [12.0, 40.0]
    mean = 26.0
    early, late = (12.0 - (mean - 2.0)) / 40, (40.0 - (mean + 2.0)) / 40
    # class 0 is early, so what came before its spike is weakened; the third source came after it
    expected = [[0.6 + 0.1 * early] * 2 + [0.6 - 0.05 * early], [0.3 + 0.1 * late] * 3]
    np.testing.assert_allclose(weights(sim), expected, rtol=1e-12)


def test_a_sample_leaves_nothing_for_the_next_one():
    sim, fresh = layer(3, 2, 0.6), layer(3, 2, 0.6)
    show(sim, [5, 10, 20], label=0)
    fresh.set_weights(sim.weights())
    for one in (sim, fresh):
        show(one, [30, -1, 2], label=1)
    np.testing.assert_array_equal(weights(sim), weights(fresh))


def samples(n, seed):
    """Two classes: the first half of the sources early, or the second half."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    times = rng.integers(2, 8, (n, 8))
    times[:, 4:] += 12
    times[labels == 1] = np.roll(times[labels == 1], 4, axis=1)
    return times, labels


def accuracy(sim):
    times, labels = samples(10, 1)
    return np.mean([show(sim, steps).argmin() == label for steps, label in zip(times, labels, strict=True)])


def test_the_neuron_of_the_class_learns_to_fire_first():
    rule = {"learning_rate": 0.3, "a_plus": 0.5, "a_minus": 0.5, "gap_ms": 8.0}
    sim = layer(8, 2, sl.Uniform(0.3, 0.4), **rule)
    before = accuracy(sim)
    times, labels = samples(40, 0)
    for steps, label in zip(times, labels, strict=True):
        show(sim, steps, label)
    # the control has the same weights and is told the same labels in another order
    control = layer(8, 2, sl.Uniform(0.3, 0.4), **rule)
    for steps, label in zip(times, np.random.default_rng(3).permutation(labels), strict=True):
        show(control, steps, label)
    assert accuracy(sim) >= 0.9 > 0.7 >= max(before, accuracy(control))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.S2STDP(w_max=1.0, label=10.0), "label must lie below classes=10.0. Classes are counted"),
        (lambda: sl.S2STDP(w_max=1.0, delay_kind="dendritic"), "delay_kind must be 'axonal'"),
        (lambda: sl.S2STDP(w_max=1.0, coincident="ignore"), "coincident must be 'pre_first'"),
        (lambda: sl.S2STDP(w_max=1.0, label=0.5), "label must be a whole number"),
        (lambda: sl.S2STDP(w_max=1.0, window_ms=0.0), "window_ms must be > 0 ms"),
        (lambda: sl.S2STDP(w_max=1.0, a_minus=-1.0), "a_minus must be >= 0. It is subtracted already"),
    ],
)
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_the_record_is_saved(tmp_path):
    sim = layer(3, 2, 0.6)
    sim.save(tmp_path / "sim")
    again = sl.Simulator.load(tmp_path / "sim", device="reference").net.projections.values()
    assert [p.plasticity.label for p in again] == [0.0, 1.0]
    assert sl.S2STDP(w_max=1.0).traits.local and sl.S2STDP(w_max=1.0).when == "signal"
