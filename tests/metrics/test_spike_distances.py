"""Distances of spike trains and of distributions, against their definitions."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spikelab import metrics as m
from spikelab.errors import ParameterError

times = st.lists(st.integers(0, 100).map(float), max_size=8)
values = st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=20)


@given(times, times, st.sampled_from([1.0, 10.0, 100.0]))
def test_van_rossum_is_the_sum_over_all_pairs(first, second, tau):
    signed = [(t, 1.0) for t in first] + [(t, -1.0) for t in second]
    square = sum(a * b * math.exp(-abs(s - t) / tau) for (s, a), (t, b) in product(signed, signed))
    found = m.van_rossum_distance(first, second, tau_ms=tau)
    assert found == pytest.approx(math.sqrt(max(square, 0.0)), abs=1e-6)


def test_van_rossum_is_the_norm_of_the_difference_of_traces():
    grid = np.arange(0.0, 400.0, 0.01)

    def trace(t):
        return np.where(grid >= t, np.exp(-np.maximum(grid - t, 0.0) / 10.0), 0.0)

    difference = trace(20.0) + trace(90.0) - trace(25.0)
    integral = 2.0 / 10.0 * np.square(difference).sum() * 0.01
    assert m.van_rossum_distance([90.0, 20.0], [25.0]) == pytest.approx(math.sqrt(integral), rel=1e-3)


def cheapest(first, second, cost):
    """The recursion of Victor and Purpura as it is written, without arrays."""
    if not first or not second:
        return float(len(first) + len(second))
    return min(
        cheapest(first[:-1], second, cost) + 1.0,
        cheapest(first, second[:-1], cost) + 1.0,
        cheapest(first[:-1], second[:-1], cost) + cost * abs(first[-1] - second[-1]),
    )


few = st.lists(st.integers(0, 100).map(float), max_size=5)


@given(few, few, st.sampled_from([0.0, 0.01, 0.1, 5.0]))
def test_victor_purpura_is_the_cheapest_way(first, second, cost):
    expected = cheapest(sorted(first), sorted(second), cost)
    assert m.victor_purpura_distance(first, second, cost_per_ms=cost) == pytest.approx(expected)


@given(values, values)
def test_ks_is_the_largest_gap_of_the_two_shares(first, second):
    found = m.ks_distance(first, second)
    shares = [[sum(v <= x for v in part) / len(part) for x in first + second] for part in (first, second)]
    assert found.distance == pytest.approx(max(abs(a - b) for a, b in zip(*shares, strict=True)))
    effective = len(first) * len(second) / (len(first) + len(second))
    assert found.p_value == pytest.approx(stats.kstwobign.sf(math.sqrt(effective) * found.distance))


def test_ks_is_that_of_scipy():
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=300), rng.normal(0.2, 1.1, size=401)
    found, scipys = m.ks_distance(first, second), stats.ks_2samp(first, second)
    assert found.distance == pytest.approx(scipys.statistic)
    assert found.p_value == pytest.approx(scipys.pvalue, rel=0.2)


def test_the_critical_distance_is_passed_as_often_as_it_says():
    rng = np.random.default_rng(0)
    passed = 0
    for _ in range(1000):
        found = m.ks_distance(rng.normal(size=300), rng.normal(size=200), alpha=0.1)
        passed += found.distance > found.critical
        assert (found.distance > found.critical) == (found.p_value < 0.1) or abs(found.p_value - 0.1) < 1e-3
    # Binomial: 100 +- 9.5; the limit is a little too strict for finite samples.
    assert 60 < passed < 130


def test_ks_leaves_out_what_is_not_a_number():
    found = m.ks_distance([1.0, np.nan, 2.0], [[1.0], [2.0]])
    assert found[:2] == (0.0, 1.0)
    assert (found.n_first, found.n_second) == (2, 2)
    assert math.isnan(m.ks_distance([], [1.0]).distance)


def test_spread_holds_every_pair_of_seeds():
    spread = m.ks_spread([np.arange(4.0), np.arange(4.0) + 1.0, np.arange(4.0) + 10.0])
    assert spread.distances == (0.25, 1.0, 1.0)
    assert spread.mean == pytest.approx(0.75)
    assert spread.largest == 1.0
    assert spread.covers(1.0)
    assert not m.ks_spread([[1.0, 2.0], [1.0, 2.0]]).covers(0.1)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: m.van_rossum_distance([1.0], [2.0], tau_ms=0.0), "tau_ms must be > 0 ms"),
        (lambda: m.van_rossum_distance([[1.0]], [2.0]), "first_ms must have one axis, the spike times"),
        (lambda: m.victor_purpura_distance([1.0], [np.nan]), r"second_ms\[0\] must be finite"),
        (lambda: m.victor_purpura_distance([1.0], [2.0], cost_per_ms=-1.0), "cost_per_ms must be >= 0"),
        (lambda: m.ks_distance([np.inf], [1.0]), r"first\[0\] must be finite, or NaN to be left out"),
        (lambda: m.ks_distance([1.0], [1.0], alpha=1.0), "alpha must lie between 0 and 1"),
        (lambda: m.ks_spread([[1.0]]), "samples must be two or more, one a seed"),
        (lambda: m.ks_spread([[1.0], [np.nan]]), r"samples\[1\] must hold a value that is not NaN"),
    ],
)
def test_bad_input_is_answered_in_words(call, text):
    with pytest.raises(ParameterError, match=text):
        call()
