"""Measures of spiking against plain loops, closed forms and processes whose values are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelab import metrics as m
from spikelab.errors import ParameterError
from spikelab.metrics import SpikeTrains


def poisson(rate_hz, n, duration_ms, seed=0):
    """Independent Poisson processes of n neurons."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rate_hz * duration_ms * 1e-3, n)
    times = rng.uniform(0.0, duration_ms, counts.sum())
    return SpikeTrains(times, np.repeat(np.arange(n), counts), n, duration_ms)


def trains_of(rows, duration_ms):
    cells = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return SpikeTrains(np.concatenate([np.zeros(0), *map(np.asarray, rows)]), cells, len(rows), duration_ms)


rows = st.lists(st.lists(st.integers(1, 500), max_size=12, unique=True), min_size=1, max_size=6)


@given(rows)
def test_measures_of_intervals_are_those_of_plain_loops(made):
    trains = trains_of([np.array(row) / 5.0 for row in made], 100.0)
    for place, row in enumerate(made):
        intervals = np.diff(np.sort(np.array(row) / 5.0))
        if len(row) < 3:
            expected = [np.nan] * 3
        else:
            near = list(pairwise(intervals))
            expected = [
                np.std(intervals) / np.mean(intervals),
                np.mean([2 * abs(b - a) / (a + b) for a, b in near]),
                np.mean([3 * (a - b) ** 2 / (a + b) ** 2 for a, b in near]),
            ]
        found = [f(trains)[place] for f in (m.cv_isi, m.cv2, m.local_variation)]
        assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert m.mean_rates(trains)[place] == pytest.approx(10.0 * len(row))


@given(rows, st.sampled_from([5.0, 10.0, 7.0]))
def test_measures_of_counts_are_those_of_dense_arrays(made, bin_ms):
    trains = trains_of([np.array(row) / 5.0 for row in made], 100.0)
    bins = int(100.0 // bin_ms)
    dense = np.zeros((len(made), bins))
    for place, row in enumerate(made):
        for fifth in row:
            if (at := -(-fifth // round(5 * bin_ms)) - 1) < bins:
                dense[place, at] += 1
    with np.errstate(invalid="ignore"):
        fano = dense.var(axis=1) / dense.mean(axis=1)
    assert m.fano_factor(trains, window_ms=bin_ms) == pytest.approx(fano, nan_ok=True)
    varying = dense[dense.std(axis=1) > 0]
    expected = [np.corrcoef(a, b)[0, 1] for i, a in enumerate(varying) for b in varying[:i]]
    assert np.sort(m.pair_correlations(trains, bin_ms=bin_ms)) == pytest.approx(np.sort(expected), abs=1e-9)
    alone = dense.var(axis=1).mean()
    chi = np.sqrt(dense.mean(axis=0).var() / alone) if alone else np.nan
    assert m.synchrony_index(trains, bin_ms=bin_ms) == pytest.approx(chi, nan_ok=True)
    assert m.synchrony_index(dense.T) == pytest.approx(chi, nan_ok=True)
    assert m.population_rate(trains, bin_ms=bin_ms).rate_hz == pytest.approx(
        1e3 * dense.mean(axis=0) / bin_ms
    )


def test_a_poisson_process_has_its_known_values():
    trains = poisson(50.0, 63, 100_000.0)  # about 5,000 spikes each
    spread = 5.0 / np.sqrt(63 * 5_000)
    for measure in (m.cv_isi, m.cv2, m.local_variation):
        assert measure(trains).mean() == pytest.approx(1.0, abs=spread)
    # Of 1,000 counts the variance over the mean errs by sqrt(2 / 1000), and the mean over 63 by 1/8 of it.
    assert m.fano_factor(trains, window_ms=100.0).mean() == pytest.approx(1.0, abs=0.025)
    correlation = m.pair_correlations(trains, bin_ms=10.0)
    assert correlation.size == 63 * 62 // 2
    assert correlation.std() == pytest.approx(1.0 / np.sqrt(10_000), rel=0.1)
    assert m.synchrony_index(trains, bin_ms=10.0) == pytest.approx(1.0 / np.sqrt(63), rel=0.05)


def test_a_clock_does_not_vary():
    times = np.tile(np.arange(10.0, 1001.0, 10.0), 3)
    trains = SpikeTrains(times, np.repeat([0, 1, 2], 100), 3, 1000.0)
    for values in (m.cv_isi(trains), m.cv2(trains), m.local_variation(trains)):
        assert values == pytest.approx(0.0, abs=1e-12)
    assert m.fano_factor(trains, window_ms=100.0).tolist() == [0.0] * 3
    assert m.pair_correlations(trains, bin_ms=10.0).size == 0  # nothing varies, so nothing varies together
    assert np.isnan(m.synchrony_index(trains, bin_ms=10.0))


def test_copies_correlate_by_one_and_are_synchronous():
    row = poisson(30.0, 1, 5000.0, seed=3).times_ms
    trains = trains_of([row, row, row], 5000.0)
    assert m.pair_correlations(trains) == pytest.approx(1.0)
    assert m.synchrony_index(trains) == pytest.approx(1.0)


def test_a_sample_of_pairs_holds_different_pairs_and_stays_the_same():
    trains = poisson(20.0, 200, 500.0)
    everyone = m.pair_correlations(trains, bin_ms=5.0, pairs=10**6)
    assert everyone.size == 19_900
    # Nearly all pairs: each value occurs as often as among all of them, or less.
    for pairs in (100, 19_899):
        some = m.pair_correlations(trains, bin_ms=5.0, pairs=pairs, seed=1)
        assert some.size == pairs
        values, often = np.unique(everyone.round(12), return_counts=True)
        drawn, times = np.unique(some.round(12), return_counts=True)
        assert (times <= often[np.searchsorted(values, drawn)]).all()
        assert np.array_equal(some, m.pair_correlations(trains, bin_ms=5.0, pairs=pairs, seed=1))
    assert abs(some.mean() - everyone.mean()) < 1e-4


@settings(max_examples=25)
@given(st.integers(2, 3000), st.integers(1, 500), st.integers(0, 5))
def test_drawn_pairs_are_different_and_in_range(size, pairs, seed):
    from spikelab.metrics.spike_counts import _sample_pairs

    first, second = _sample_pairs(size, pairs, seed)
    assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == min(pairs, size * (size - 1) // 2)
    assert (second >= 0).all() and (second < first).all() and (first < size).all()


def test_fano_over_trials_counts_each_trial_once():
    trials = [trains_of([[1.0] * k, []], 10.0) for k in (1, 2, 6)]
    expected = np.var([1, 2, 6]) / 3.0
    assert m.fano_factor(trials) == pytest.approx([expected, np.nan], nan_ok=True)
    halves = m.fano_factor(trials, window_ms=5.0)[0]
    assert halves == pytest.approx(np.var([1, 2, 6, 0, 0, 0]) / 1.5)


def test_the_rate_is_smoothed_without_sinking_at_the_ends():
    flat = SpikeTrains(np.arange(0.5, 100.0), np.zeros(100, int), 1, 100.0)
    for kernel, width in (("gaussian", 3.0), ("box", 4.0), ("box", 5.0)):
        assert m.population_rate(flat, smooth_ms=width, kernel=kernel).rate_hz == pytest.approx(1000.0)
    single = SpikeTrains([50.0], [0], 1, 100.0)
    gauss = m.population_rate(single, smooth_ms=3.0)
    expected = 1e3 * np.exp(-0.5 * ((gauss.time_ms - 49.5) / 3.0) ** 2) / (3.0 * np.sqrt(2 * np.pi))
    assert gauss.rate_hz[45:55] == pytest.approx(expected[45:55], rel=1e-3)
    box = m.population_rate(single, smooth_ms=5.0, kernel="box").rate_hz
    assert box[47:52] == pytest.approx(200.0)
    assert box.sum() == pytest.approx(1000.0)


def test_the_spectrum_of_independent_neurons_is_flat_and_a_rhythm_stands_out():
    trains = poisson(40.0, 50, 60_000.0)
    spectrum = m.power_spectrum(trains, segment_ms=500.0)
    assert spectrum.frequency_hz[1] == pytest.approx(2.0)
    # About 240 half-overlapping segments, each off by its own size.
    middle = spectrum.power[2:-2]
    assert middle.mean() == pytest.approx(2 * 40.0 / 50, rel=0.03)
    assert middle.std() < 0.2 * middle.mean()
    rhythm = trains_of([np.arange(20.0, 5001.0, 20.0)] * 2, 5000.0)
    found = m.power_spectrum(rhythm, segment_ms=1000.0)
    # Power of a comb is equal at all multiples of 50 Hz, so look below the second.
    low = found.frequency_hz < 75.0
    assert found.frequency_hz[low][found.power[low].argmax()] == 50.0


def test_statistics_say_who_was_left_out():
    trains = trains_of([[], [5.0], [5.0, 9.0], [1.0, 2.0, 4.0]], 200.0)
    found = m.spike_statistics(trains)
    assert (found.n, found.spikes, found.silent, found.too_few) == (4, 6, 1, 2)
    assert found.of("cv").size == 1
    assert found.of("fano").size == 3
    assert found.correlation.size == 3
    assert found.mean("rates_hz") == pytest.approx(7.5)
    assert "1 silent, 2 with one or two" in repr(found)
    with pytest.raises(ValueError, match="read-only"):
        found.cv[0] = 1.0
    later = m.spike_statistics(poisson(50.0, 3, 1000.0), start_ms=500.0)
    assert later.duration_ms == 500.0
    silent = m.spike_statistics(SpikeTrains([], [], 3, 400.0))
    assert np.isnan(silent.mean("cv"))
    assert "nan" in repr(silent)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda t: m.cv_isi(t, min_spikes=2), "min_spikes must be an integer >= 3"),
        (lambda t: m.fano_factor(t), "leave at least two windows. Take a shorter window_ms, a longer run"),
        (
            lambda t: m.spike_statistics(t),
            r"window_ms must leave 1 .* bins in 10 ms. Take a shorter window_ms",
        ),
        (lambda t: m.fano_factor([t, t.window(0.0, 5.0)]), "same number of neurons and the same duration"),
        (lambda t: m.pair_correlations(t, bin_ms=8.0), "bin_ms must leave at least two bins"),
        (lambda t: m.pair_correlations(t, pairs=0), "pairs must be an integer >= 1"),
        (lambda t: m.population_rate(t, smooth_ms=0.0), "smooth_ms must be > 0 ms"),
        (lambda t: m.population_rate(t, kernel="tent"), "kernel must be 'gaussian' or 'box'"),
        (lambda t: m.power_spectrum(t, segment_ms=2.0), "segment_ms must be 4 ... 10 ms"),
        (lambda t: m.synchrony_index(np.zeros(3)), r"be an array \[time, neuron\] that is not empty"),
        (lambda t: m.synchrony_index(np.full((2, 2), np.inf)), r"source\[0, 0\] must be finite"),
        (
            lambda t: m.spike_statistics(t, window_ms=5.0).of("cv3"),
            "quantity must be one of 'rates_hz', 'cv'",
        ),
    ],
)
def test_bad_questions_are_answered_in_words(call, text):
    with pytest.raises(ParameterError, match=text):
        call(trains_of([[1.0, 4.0, 6.0], [2.0]], 10.0))
