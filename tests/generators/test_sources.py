"""Populations that only send: lists of spikes, playback, and Poisson trains."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.record import Record


def fired(source, n=1, duration_ms=100.0, dt_ms=0.1, batch=1, seed=0, **options):
    """What a source alone sends."""
    net = sl.Network(seed=seed)
    net.add("source", n, source)
    return sl.Simulator(net, dt_ms, batch=batch, **options).run(duration_ms)["source"].spikes


def test_listed_spikes_come_at_their_times_in_every_row():
    spikes = fired(sl.SpikeSource([[5.0, 1.0], [], [0.1, 99.9, 100.0, 200.0]]), n=3, batch=2)
    for row in (0, 1):
        times = [train.tolist() for train in spikes.trains(row)]
        assert times == [[pytest.approx(1.0), pytest.approx(5.0)], [], pytest.approx([0.1, 99.9, 100.0])]


def test_a_spike_arrives_a_delay_after_its_time():
    net = sl.Network()
    source = net.add("source", 1, sl.SpikeSource([[2.0]]))
    cell = net.add("cell", 1, sl.LIF(tau_mem_ms=1e6))
    net.connect(source, cell, weight=1.0, delay_ms=1.5)
    result = sl.Simulator(net, 0.1, dtype="float64").run(5.0, record=Record(traces=["v_mv"]))["cell"]
    first = int(np.argmax(result["v_mv"][:, 0, 0] > -69.5))
    assert result.time_ms[first] == pytest.approx(3.5)


@pytest.mark.parametrize("times", [[1.04], [0.96], [0.01]])
def test_times_off_the_grid_are_refused_or_move_up_to_the_end_of_their_step(times):
    with pytest.raises(sl.ParameterError, match=r"times_ms\[0\] must be a multiple of dt_ms=0.1"):
        fired(sl.SpikeSource([times]))
    moved = fired(sl.SpikeSource([times], allow_offgrid=True)).time_ms
    assert moved == pytest.approx(np.ceil(np.array(times) / 0.1) * 0.1)


def test_two_spikes_of_a_neuron_in_a_step_are_refused_or_become_one():
    with pytest.raises(sl.ParameterError, match="two spikes of neuron 1 at 2 ms"):
        fired(sl.SpikeSource([[2.0], [2.0, 2.0]]), n=2)
    assert len(fired(sl.SpikeSource([[2.0], [1.92, 2.0]], allow_offgrid=True), n=2)) == 2


def noisy_net():
    net = sl.Network(seed=2)
    cell = net.add("cell", 20, sl.LIF())
    net.drive(cell, sl.PoissonDrive(rate_hz=15_000.0, weight=1.0))
    return net


@pytest.mark.parametrize("batch", [1, 3])
def test_what_was_recorded_can_be_played(batch):
    result = sl.Simulator(noisy_net(), 0.1, batch=batch).run(50.0)
    before = result["cell"].spikes
    assert len(before) > 100
    played = fired(sl.SpikePlayback.of(result["cell"]), n=20, batch=batch)
    for name in ("step", "batch", "neuron"):
        np.testing.assert_array_equal(getattr(played, name)[: len(before)], getattr(before, name))
    assert len(played) == len(before)


def test_one_row_of_a_recording_can_be_played_in_every_row_and_later():
    result = sl.Simulator(noisy_net(), 0.1, batch=3).run(50.0)
    played = fired(sl.SpikePlayback.of(result["cell"], row=2, shift_ms=10.0), n=20, batch=2)
    there = result["cell"].spikes
    for row in (0, 1):
        for ours, theirs in zip(played.trains(row), there.trains(2), strict=True):
            np.testing.assert_allclose(ours, theirs + 10.0)


def test_a_row_that_the_batch_lacks_is_refused():
    playback = sl.SpikePlayback([1.0, 2.0], [0, 0], rows=[0, 4])
    with pytest.raises(sl.ParameterError, match=r"population 'source'\(rows=4\): rows must lie in 0 ... 1"):
        fired(playback, batch=2)


def test_a_constant_rate_gives_a_poisson_process():
    rates = np.array([5.0, 40.0, 0.0, 200.0])
    spikes = fired(sl.PoissonSource(np.repeat(rates, 250)), n=1000, duration_ms=2000.0)
    counts = spikes.counts()[0].reshape(4, 250)
    expected = rates * 2.0
    assert (counts[2] == 0).all()
    busy = rates > 0
    z = (counts.mean(axis=1) - expected)[busy] / np.sqrt(expected[busy] / 250)
    assert np.abs(z).max() < 4
    fano = counts[busy].var(axis=1) / counts[busy].mean(axis=1)
    np.testing.assert_allclose(fano, 1.0, atol=0.3)
    intervals = np.concatenate([np.diff(train) for train in spikes.trains()[750:]])
    assert intervals.std() / intervals.mean() == pytest.approx(1.0, abs=0.03)


def test_a_rate_can_change_in_steps():
    source = sl.PoissonSource([[10.0] * 500, [200.0] * 500, [0.0] * 500], times_ms=[20.0, 100.0, 180.0])
    spikes = fired(source, n=500, duration_ms=250.0)
    counts = np.histogram(spikes.time_ms, [0.05, 20.05, 100.05, 180.05, 260.0])[0]
    assert counts[0] == counts[3] == 0
    for found, expected in ((counts[1], 10.0 * 0.08 * 500), (counts[2], 200.0 * 0.08 * 500)):
        assert abs(found - expected) < 4 * np.sqrt(expected)


def test_a_rate_can_be_a_function_of_time():
    source = sl.PoissonSource(lambda t: 100.0 * (1.0 + np.sin(2 * np.pi * t / 100.0)))
    spikes = fired(source, n=1000, duration_ms=200.0)
    counts, edges = np.histogram(spikes.time_ms - 0.05, np.arange(0.0, 201.0, 20.0))
    turn = edges * 2 * np.pi / 100.0
    mean = 100.0 * (20.0 - 100.0 / (2 * np.pi) * np.diff(np.cos(turn)))  # 1000 neurons, ms
    assert (np.abs(counts - mean) < 4 * np.sqrt(mean)).all()


def test_the_dtype_of_the_simulator_changes_no_spike_of_a_source():
    for source in (sl.PoissonSource(123.4), sl.PoissonSource(lambda t: 50.0 + 0 * t)):
        one, other = (fired(source, n=70, dtype=dtype) for dtype in ("float32", "float64"))
        np.testing.assert_array_equal(one.dense(), other.dense())


def test_a_source_is_active_in_its_window_only():
    spikes = fired(sl.PoissonSource(1000.0, start_ms=10.0, stop_ms=30.0), n=50)
    assert spikes.time_ms.min() == pytest.approx(10.1)
    assert spikes.time_ms.max() == pytest.approx(30.0)


def test_rates_above_one_spike_a_step_are_refused():
    with pytest.raises(sl.ParameterError, match=r"must be <= 10000 Hz with dt_ms=0\.1"):
        fired(sl.PoissonSource(10_001.0))
    with pytest.raises(sl.ParameterError, match=r"rate_hz\(t >= 25.6 ms\)"):
        fired(sl.PoissonSource(lambda t: np.where(t < 30.0, 5.0, 2e4)))
    assert len(fired(sl.PoissonSource(10_000.0), duration_ms=5.0)) == 50


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.PoissonDrive(rate_hz="fast", weight=1.0), "rate_hz must be a real number"),
        (lambda: sl.PoissonDrive(rate_hz=[[1.0]], weight=1.0), r"be a number or an array \[neuron\]"),
        (lambda: sl.PoissonDrive(rate_hz=[1.0, -1.0], weight=1.0), r"rate_hz\[1\] must be >= 0 Hz"),
        (lambda: sl.PoissonDrive(rate_hz=1.0, weight=1.0, stop_ms=0.0), "stop_ms must be > start_ms=0"),
        (lambda: sl.PoissonSource(-1.0), "rate_hz must be >= 0 Hz"),
        (lambda: sl.PoissonSource([1.0, np.nan]), r"rate_hz\[1\]"),
        (lambda: sl.PoissonSource([1.0, 2.0], times_ms=[1.0]), "have a row for each of the 1 times"),
        (lambda: fired(sl.PoissonSource([1.0, 2.0]), n=3), "one value for each of the 3 neurons"),
        (lambda: fired(sl.PoissonSource(lambda t: t[:5])), r"return an array \[step\] or \[step, neuron\]"),
        (lambda: fired(sl.PoissonSource(lambda t: -1.0 - t)), r"rate_hz\(t >= 0 ms\)\[0\] must be >= 0 Hz"),
        (lambda: sl.SpikeSource([1.0, 2.0]), r"For one neuron write \[\[10.0, 20.0\]\]"),
        (lambda: sl.SpikeSource([[1.0], [2.0, 0.0]]), r"times_ms\[1\]\[1\] must be > 0 ms"),
        (lambda: sl.SpikeSource([[1.0, np.nan]]), r"times_ms\[0\]\[1\] must be finite"),
        (lambda: fired(sl.SpikeSource([[1.0]]), n=2), "an array of times for each of the 2 neurons"),
        (lambda: sl.SpikePlayback([1.0, 2.0], [0]), "be an array of 2 integers"),
        (lambda: sl.SpikePlayback([1.0], [-1]), r"senders\[0\] must lie in 0"),
        (lambda: fired(sl.SpikePlayback([1.0], [3]), n=3), r"senders\[0\] must lie in 0 ... 2"),
    ],
)
def test_bad_values_are_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_calibration_leaves_sources_alone():
    net = sl.Network(seed=1)
    source, data = net.add("source", 30, sl.PoissonSource(100.0)), net.input("data", 4)
    cell = net.add("cell", 20, sl.LIF.unitless(beta=0.9))
    net.connect(source, cell, weight=sl.Uniform(0.0, 0.01))
    net.connect(data, cell, weight=0.001)
    sim = sl.Simulator(net, 1.0)
    reached = sim.calibrate({"data": np.ones((300, 1, 4))}, rate_hz=30.0)
    assert list(reached) == ["cell"] and reached["cell"] == pytest.approx(30.0, rel=0.1)


def test_a_poisson_drive_has_a_rate_for_each_neuron_and_a_window():
    rates = np.repeat([0.0, 2000.0, 8000.0], 200)
    net = sl.Network(seed=1)
    cell = net.add("cell", 600, sl.LIF(tau_mem_ms=1e9, v_thresh_mv=1e9))
    net.drive(cell, sl.PoissonDrive(rate_hz=rates, weight=1.0, start_ms=10.0, stop_ms=60.0))
    record = Record(traces=["v_mv"], interval_ms=5.0)
    v = sl.Simulator(net, 0.1, dtype="float64").run(100.0, record=record)["cell"]["v_mv"][:, 0] + 70.0
    assert np.abs(v[1]).max() < 1e-6  # 10 ms
    assert np.abs(v[11] - v[19]).max() < 1e-4  # nothing after 60 ms
    counts = np.rint(v[19]).reshape(3, 200)
    assert (counts[0] == 0).all()
    for found, expected in zip(counts[1:], (100.0, 400.0), strict=True):
        assert abs(found.mean() - expected) < 4 * np.sqrt(expected / 200)
        assert found.var() / expected == pytest.approx(1.0, abs=0.4)
    with pytest.raises(sl.ParameterError, match="one value for each of the 600 neurons"):
        net.drive(cell, sl.PoissonDrive(rate_hz=[1.0, 2.0], weight=1.0))
