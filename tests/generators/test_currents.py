"""Currents against closed forms of the membrane that they charge."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.generators.sine import sine_of_turns

DT, TAU, C, REST = 0.1, 10.0, 250.0, -70.0
GAIN = TAU / C  # mV of a steady current of 1 pA
CELL = {"tau_mem_ms": TAU, "c_mem_pf": C, "v_rest_mv": REST, "v_thresh_mv": 1e9}


def membrane(*drives, n=1, batch=1, duration_ms=100.0, dtype="float64", device="cpu", seed=0, back_ms=None):
    """Potential at each step: array [time, batch, neuron]; `back_ms` cuts time into windows of this delay."""
    net = sl.Network(seed=seed)
    cell = net.add("cell", n, sl.LIF(**CELL))
    if back_ms is not None:
        net.connect(cell, cell, sl.OneToOne(), weight=0.0, delay_ms=back_ms)
    for drive in drives:
        net.drive(cell, drive)
    sim = sl.Simulator(net, DT, batch=batch, dtype=dtype, device=device)
    return sim.run(duration_ms, record=sl.Record(traces=["v_mv"]))["cell"]["v_mv"]


def charged(current):
    """Potential at each step under a current [step] that is held for each: exact."""
    decay, v, values = np.exp(-DT / TAU), REST, []
    for held in current:
        v = REST + decay * (v - REST) + (1.0 - decay) * GAIN * held
        values.append(v)
    return np.array(values)


def test_a_direct_current_charges_the_membrane_exponentially_within_its_window():
    v = membrane(sl.DCCurrent([100.0, -50.0], start_ms=10.0, stop_ms=40.0), n=2)[:, 0]
    time = np.arange(1, 1001) * DT
    since, after = np.clip(time - 10.0, 0.0, 30.0), np.clip(time - 40.0, 0.0, None)
    for neuron, amplitude in enumerate((100.0, -50.0)):
        expected = REST + GAIN * amplitude * (1.0 - np.exp(-since / TAU)) * np.exp(-after / TAU)
        np.testing.assert_allclose(v[:, neuron], expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("back_ms", [None, DT, 0.7])
def test_an_alternating_current_is_a_sine_at_the_start_of_each_step(back_ms):
    record = sl.ACCurrent(120.0, [8.0, 40.0], phase_deg=[0.0, 30.0], offset_pa=20.0)
    v = membrane(record, n=2, back_ms=back_ms)[:, 0]
    start = np.arange(1000) * DT
    for neuron, (frequency, phase) in enumerate(((8.0, 0.0), (40.0, np.pi / 6))):
        current = 20.0 + 120.0 * np.sin(2e-3 * np.pi * frequency * start + phase)
        np.testing.assert_allclose(v[:, neuron], charged(current), rtol=0, atol=1e-10)


def test_a_step_current_is_held_from_each_time_to_the_next():
    v = membrane(sl.StepCurrent([5.0, 20.0, 60.0], [[80.0, 10.0], [-30.0, 20.0], [0.0, 30.0]]), n=2)[:, 0]
    start = np.arange(1000) * DT
    for neuron, levels in enumerate(([0.0, 80.0, -30.0, 0.0], [0.0, 10.0, 20.0, 30.0])):
        current = np.array(levels)[np.searchsorted([5.0 - 1e-9, 20.0 - 1e-9, 60.0 - 1e-9], start)]
        np.testing.assert_allclose(v[:, neuron], charged(current), rtol=0, atol=1e-11)


def test_times_of_a_step_current_off_the_grid_are_rounded_with_a_warning():
    record = sl.StepCurrent([5.0, 20.04], [80.0, 0.0])
    with pytest.warns(UserWarning, match=r"times_ms\[1\]=20.04\): 1 of 2 times are no multiples .* to 20 ms"):
        rounded = membrane(record)
    np.testing.assert_array_equal(rounded, membrane(sl.StepCurrent([5.0, 20.0], [80.0, 0.0])))


def test_currents_add_up_and_reach_all_batch_rows():
    a, b = sl.DCCurrent(50.0, 0.0, 30.0), sl.ACCurrent(40.0, 25.0)
    both = membrane(a, b, batch=3)
    alone = membrane(a) + membrane(b) - REST
    np.testing.assert_allclose(both, np.broadcast_to(alone, both.shape), rtol=0, atol=1e-10)


def noise(record, n=2000, duration_ms=60.0, **options):
    return membrane(record, n=n, duration_ms=duration_ms, **options)


def test_the_membrane_fluctuates_as_held_noise_asks():
    h, std = 2.0, 80.0
    v = noise(sl.NoiseCurrent(100.0, std, interval_ms=h))
    ends = v[19::20, 0]  # where an interval ends
    decay = np.exp(-h / TAU)
    expected = GAIN * std * np.sqrt((1.0 - decay) / (1.0 + decay))
    assert ends[-1].std() == pytest.approx(expected, rel=0.05)
    steady = REST + GAIN * 100.0 * (1.0 - np.exp(-60.0 / TAU))
    assert ends[-1].mean() == pytest.approx(steady, abs=4 * expected / np.sqrt(2000))
    # held: within an interval the membrane follows one exponential
    driven = (v[1:20, 0] - REST - np.exp(-DT / TAU) * (v[:19, 0] - REST)) / (1.0 - np.exp(-DT / TAU)) / GAIN
    np.testing.assert_allclose(driven, np.broadcast_to(driven[0], driven.shape), atol=1e-9)


def test_the_deviation_of_noise_can_follow_a_sine():
    record = sl.NoiseCurrent(0.0, 50.0, interval_ms=1.0, std_mod_pa=50.0, frequency_hz=50.0)
    v = noise(record, duration_ms=21.0)[:, 0]
    drawn = (v[9::10][1:] - REST - np.exp(-0.1) * (v[9::10][:-1] - REST)) / (1.0 - np.exp(-0.1)) / GAIN
    expected = 50.0 * np.sqrt(1.0 + np.sin(2e-3 * np.pi * 50.0 * np.arange(1, 21)))
    np.testing.assert_allclose(drawn.std(axis=1), expected, rtol=0.08, atol=1e-6)


def test_noise_is_shared_or_not_and_frozen_or_not():
    def drawn(batch=2, **options):
        return noise(sl.NoiseCurrent(0.0, 50.0, **options), n=3, duration_ms=5.0, batch=batch)[-1]

    each = drawn()
    assert np.unique(each).size == 6
    shared = drawn(independent=False)
    assert np.unique(shared[0]).size == 1 and shared[0, 0] != shared[1, 0]
    frozen = drawn(frozen=True)
    np.testing.assert_array_equal(frozen[0], frozen[1])
    np.testing.assert_array_equal(frozen[0], each[0])  # that of sample 0
    assert np.unique(frozen[0]).size == 3


def test_reseeding_draws_other_noise_unless_it_is_frozen():
    for frozen in (False, True):
        net = sl.Network(seed=3)
        cell = net.add("cell", 2, sl.LIF(**CELL))
        net.drive(cell, sl.NoiseCurrent(0.0, 50.0, frozen=frozen))
        sim = sl.Simulator(net, DT)
        record, values = sl.Record(traces=["v_mv"]), []
        for reseed in (0, 0, 1):
            sim.reset(reseed)
            values.append(sim.run(5.0, record=record)["cell"]["v_mv"])
        np.testing.assert_array_equal(values[0], values[1])
        assert np.array_equal(values[0], values[2]) == frozen


def test_a_current_enters_the_only_input_of_a_neuron_without_units():
    net = sl.Network()
    cell = net.add("cell", 1, sl.LIF.unitless(beta=0.5, threshold=10.0))
    net.drive(cell, sl.DCCurrent(1.0))
    v = sl.Simulator(net, 1.0).run(4.0, record=sl.Record(traces=["v"]))["cell"]["v"]
    np.testing.assert_allclose(v[:, 0, 0], [1.0, 1.5, 1.75, 1.875])


def test_a_current_goes_to_its_own_population_of_a_block():
    net = sl.Network()
    one, two = (net.add(name, n, sl.LIF(**CELL)) for name, n in (("one", 3), ("two", 2)))
    net.connect(one, two, weight=1.0, delay_ms=1.0)
    net.connect(two, one, weight=1.0, delay_ms=1.0)
    net.drive(two, sl.DCCurrent(100.0))
    state = sl.Simulator(net, DT).run(10.0, record=sl.Record(traces=["v_mv"]))
    assert (state["one"]["v_mv"] == REST).all()
    assert (state["two"]["v_mv"][-1] > REST + 1.0).all()


def test_the_reference_gives_the_same_bits():
    drives = (sl.NoiseCurrent(10.0, 50.0), sl.ACCurrent(30.0, 20.0), sl.DCCurrent(5.0, 2.0, 4.0))
    for dtype in ("float32", "float64"):
        ours, reference = (
            membrane(*drives, n=3, duration_ms=6.0, dtype=dtype, device=d) for d in ("cpu", "reference")
        )
        np.testing.assert_array_equal(ours, reference)


def test_the_sine_is_exact_to_a_few_units_of_the_last_place():
    turns = np.linspace(-0.5, 0.5, 1025)
    np.testing.assert_allclose(sine_of_turns(turns), np.sin(2 * np.pi * turns), rtol=0, atol=6e-16)
    np.testing.assert_array_equal(sine_of_turns(turns[:-1] + 3.0), sine_of_turns(turns[:-1]))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.DCCurrent(float("nan")), r"DCCurrent\(amplitude_pa=nan\): amplitude_pa must be finite"),
        (lambda: sl.DCCurrent([1.0, np.inf]), r"amplitude_pa\[1\]=inf\)"),
        (lambda: sl.DCCurrent([[1.0]]), "must be a number or an array with 1 axes"),
        (lambda: sl.DCCurrent(1.0, start_ms=-1.0), "start_ms must be >= 0 ms"),
        (lambda: sl.DCCurrent(1.0, start_ms=5.0, stop_ms=5.0), "stop_ms must be > start_ms=5"),
        (lambda: sl.ACCurrent(1.0, frequency_hz=-1.0), "frequency_hz must be >= 0 Hz"),
        (lambda: sl.StepCurrent([1.0, 1.0], [1.0, 2.0]), r"times_ms\[1\] must be > 1, the time before it"),
        (lambda: sl.StepCurrent([1.0], [1.0, 2.0]), "have a row for each of the 1 times"),
        (lambda: sl.StepCurrent([], []), "be an array of at least one time"),
        (lambda: sl.NoiseCurrent(std_pa=-1.0), "std_pa must be >= 0 pA"),
        (lambda: sl.NoiseCurrent(std_pa=1.0, std_mod_pa=2.0), "std_mod_pa must be <= std_pa=1.0"),
        (lambda: sl.NoiseCurrent(interval_ms=0.0), "interval_ms must be > 0 ms"),
        (lambda: sl.NoiseCurrent(frozen=1), "frozen must be True or False"),
        (lambda: membrane(sl.DCCurrent([1.0, 2.0, 3.0]), n=2), "one value for each of the 2 neurons"),
        (lambda: membrane(sl.StepCurrent([1.0], [[1.0, 2.0, 3.0]]), n=2), "each of the 2 neurons"),
    ],
)
def test_bad_values_are_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_a_current_needs_an_input_that_takes_values():
    net = sl.Network()
    cell = net.add("cell", 1, sl.LIF())
    noise_source = net.add("noise", 1, sl.PoissonSource(5.0))
    with pytest.raises(sl.ParameterError, match=r"an input of 'cell'. Its neuron has 'input', 'current'"):
        net.drive(cell, sl.DCCurrent(1.0), receptor="apical")
    with pytest.raises(sl.ParameterError, match=r"a population that receives\. A PoissonSource only sends"):
        net.drive(noise_source, sl.DCCurrent(1.0))
    with pytest.raises(sl.ParameterError, match="be a population that receives"):
        net.connect(cell, noise_source)
