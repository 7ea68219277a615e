"""Spike trains out of arrays and results, and what is counted in their bins."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spikelab as sl
from spikelab.errors import ParameterError
from spikelab.metrics import SpikeTrains, mean_rates


def spikes(batch=1):
    """Steps of 0.5 ms after ten earlier ones; a spike in the first step and one in the last."""
    return sl.Spikes(
        [0, 3, 3, 9], [0, 0, batch - 1, 0], [2, 0, 2, 2], dt_ms=0.5, shape=(10, batch, 3), t0_step=10
    )


def test_trains_are_sorted_by_neuron_and_time():
    trains = SpikeTrains([4.0, 1.0, 2.0], [1, 1, 0], n=3, duration_ms=5.0)
    assert trains.times_ms.tolist() == [2.0, 1.0, 4.0]
    assert trains.neuron.tolist() == [0, 1, 1]
    assert trains.counts.tolist() == [1, 2, 0]
    assert [trains.of(i).tolist() for i in range(3)] == [[2.0], [1.0, 4.0], []]
    with pytest.raises(ValueError, match="read-only"):
        trains.times_ms[0] = 1.0


def test_trains_of_a_result_keep_its_clock():
    part = SimpleNamespace(spikes=spikes())
    for source in (part, spikes()):
        trains = SpikeTrains.of_result(source)
        assert (trains.start_ms, trains.stop_ms, trains.n) == (5.0, 10.0, 3)
        assert trains.of(2).tolist() == [5.5, 7.0, 10.0]


def test_a_batch_row_is_chosen_and_never_pooled():
    assert SpikeTrains.of_result(spikes(2), batch=1).of(2).tolist() == [7.0]
    assert SpikeTrains.of_result(spikes(2), batch=0).of(2).tolist() == [5.5, 10.0]
    with pytest.raises(ParameterError, match=r"name one of 2 batch rows. Choose one, for example"):
        mean_rates(spikes(2))
    with pytest.raises(ParameterError, match="batch must be an integer <= 1"):
        SpikeTrains.of_result(spikes(2), batch=2)


def test_a_simulated_population_can_be_measured():
    net = sl.Network(seed=0)
    net.drive(net.add("cells", 7, sl.LIF()), sl.PoissonDrive(rate_hz=20_000.0, weight=0.4))
    part = sl.Simulator(net).run(50.0)["cells"]
    assert len(part.spikes) > 0
    assert mean_rates(part).mean() == pytest.approx(part.mean_rate_hz)
    counts = sl.PopulationResult("a", 3, 0.5, 10, 1, spike_counts=np.ones((1, 3), int))
    with pytest.raises(ParameterError, match=r"Run with record=Record\(spikes='events'\)"):
        mean_rates(counts)


def test_bins_are_closed_on_the_right_as_steps_are():
    # Steps end at 0.1, 0.2, ...; sums of 0.1 are not exact, and still each bin of 0.3 ms has three steps.
    times = 0.1 * np.arange(1, 3001)
    binned = SpikeTrains(times, np.zeros(3000, int), n=1, duration_ms=300.0).binned(0.3)
    assert binned.bins == 1000
    assert binned.spikes.tolist() == [3] * 1000


def test_a_remainder_shorter_than_a_bin_is_left_out():
    binned = SpikeTrains([1.0, 4.0, 9.5, 10.0], [0, 0, 0, 1], n=2, duration_ms=10.0).binned(3.0)
    assert (binned.bins, binned.bin.tolist(), binned.spikes.tolist()) == (3, [0, 1], [1, 1])


def test_a_window_leaves_out_its_own_start():
    trains = SpikeTrains([1.0, 2.0, 3.0], [0, 0, 1], n=2, duration_ms=5.0)
    part = trains.window(1.0, 3.0)
    assert part.times_ms.tolist() == [2.0, 3.0]
    assert (part.start_ms, part.duration_ms) == (1.0, 2.0)
    assert trains.window(stop_ms=1.0).times_ms.tolist() == [1.0]
    # Windows side by side hold every spike once.
    assert sum(trains.window(a, a + 1.0).times_ms.size for a in range(5)) == 3


@given(st.data())
def test_bins_count_what_a_histogram_counts(data):
    n = data.draw(st.integers(1, 5))
    at = data.draw(st.lists(st.tuples(st.integers(1, 63), st.integers(0, n - 1)), max_size=40))
    times, cells = np.array([t for t, _ in at], float), np.array([c for _, c in at], int)
    binned = SpikeTrains(times, cells, n=n, duration_ms=63.0).binned(7.0)
    dense = np.zeros((n, binned.bins), int)
    dense[binned.neuron, binned.bin] = binned.spikes
    expected = np.zeros((n, 9), int)
    for time, cell in at:
        expected[cell, -(-time // 7) - 1] += 1
    assert np.array_equal(dense, expected)
    mean, variance = binned.moments()
    assert mean == pytest.approx(expected.mean(axis=1))
    assert variance == pytest.approx(expected.var(axis=1))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: SpikeTrains([1.0, 6.0], [0, 0], 1, 5.0), r"times_ms\[1\] must lie in 0 ... 5 ms"),
        (lambda: SpikeTrains([1.0, np.nan], [0, 0], 1, 5.0), r"times_ms\[1\] must be finite"),
        (lambda: SpikeTrains([1.0], [3], 3, 5.0), r"neuron\[0\] must be an integer in 0 ... 2"),
        (lambda: SpikeTrains([1.0], [0.5], 3, 5.0), r"neuron\[0\] must be an integer in 0 ... 2"),
        (lambda: SpikeTrains([1.0], [0, 1], 3, 5.0), "have one axis, and the same length"),
        (lambda: SpikeTrains([], [], 0, 5.0), "n must be an integer >= 1"),
        (lambda: SpikeTrains([], [], 1, 0.0), "duration_ms must be > 0 ms"),
        (lambda: SpikeTrains([], [], 1, 5.0).binned(6.0), r"bin_ms must leave 1 ... \d+ bins in 5 ms"),
        (lambda: SpikeTrains([], [], 1, 5.0).window(3.0, 3.0), "begin before it ends, within 0 ... 5 ms"),
        (lambda: SpikeTrains([], [], 1, 5.0).of(1), "neuron must be an integer <= 0"),
        (lambda: mean_rates([1.0]), "be a population's result"),
    ],
)
def test_bad_trains_are_refused(make, text):
    with pytest.raises(ParameterError, match=text):
        make()
