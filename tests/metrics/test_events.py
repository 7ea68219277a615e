"""Alarms and events: the refractory rule by hand, the search for a threshold against all of them."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab.errors import ParameterError
from spikelab.metrics import EventCount, alarms, count_events, events_at_rate


def test_an_alarm_that_never_ends_is_raised_again():
    assert alarms(np.ones(10), 1.0, refractory=4).tolist() == [0, 4, 8]
    assert alarms(np.ones(3), 1.0).tolist() == [0, 1, 2]
    assert alarms(np.zeros(3), 1.0, refractory=2).tolist() == []


def test_alarms_agree_with_the_plain_rule():
    score = np.random.default_rng(0).normal(size=500)
    last, expected = -100, []
    for t, value in enumerate(score):
        if value >= 1.0 and t - last >= 7:
            last = t
            expected.append(t)
    assert alarms(score, 1.0, refractory=7).tolist() == expected


def test_an_alarm_just_before_an_event_hides_it_and_is_false():
    score = np.zeros(20)
    score[[9, 11]] = 1.0
    assert count_events(score, [(10, 12)], 1.0, refractory=5) == EventCount(1, 0, 1, 1.0)
    assert count_events(score, [(10, 12)], 1.0, refractory=2) == EventCount(1, 1, 1, 1.0)


def test_late_alarms_count_up_to_the_next_event():
    score = np.zeros(20)
    score[7] = 1.0
    assert count_events(score, [(2, 4), (10, 12)], 1.0).found == 0
    assert count_events(score, [(2, 4), (10, 12)], 1.0, late=4) == EventCount(2, 1, 0, 1.0)
    assert count_events(score, [(2, 4), (6, 8)], 1.0, late=9).found == 1


def test_figures_of_a_count():
    count = EventCount(events=4, found=2, false_alarms=6, threshold=0.0)
    assert (count.recall, count.precision, count.f1) == (0.5, 0.25, pytest.approx(2 * 0.5 * 0.25 / 0.75))
    silent = EventCount(events=4, found=0, false_alarms=0, threshold=0.0)
    assert (silent.recall, silent.f1) == (0.0, 0.0)
    assert np.isnan(silent.precision)


def test_several_alarms_in_an_event_find_it_once():
    assert count_events([0, 1, 1, 1, 0], [(1, 4)], 1.0) == EventCount(1, 1, 0, 1.0)


def test_events_at_rate_takes_the_lowest_threshold_of_an_unbroken_run():
    rng = np.random.default_rng(1)
    score = rng.normal(size=3000)
    windows = [(start, start + 10) for start in range(100, 2900, 200)]
    for start, _ in windows[::2]:
        score[start + 3] += 4.0
    got = events_at_rate(score, windows, points_a_unit=1000.0, rate=2.0, refractory=5)
    allowed = 2.0 * (3000 - 10 * len(windows)) / 1000.0
    best = None
    for threshold in np.sort(score)[::-1]:
        count = count_events(score, windows, float(threshold), refractory=5)
        if count.false_alarms > allowed:
            break
        best = count
    assert got == best
    assert len(windows) // 2 - 1 <= got.found < len(windows)


def test_a_score_that_always_alarms_falsely_finds_nothing():
    score = np.where(np.arange(100) < 50, 1.0, 0.0)
    got = events_at_rate(score, [(60, 70)], points_a_unit=100.0, rate=1.0)
    assert (got.found, got.false_alarms) == (0, 0)
    assert got.threshold > 1.0


def test_refusals():
    with pytest.raises(ParameterError, match=r"windows\[1\]=\(3, 6\).*in order"):
        count_events(np.zeros(9), [(1, 4), (3, 6)], 1.0)
    with pytest.raises(ParameterError, match=r"windows=.*mark an event"):
        events_at_rate(np.zeros(9), [], points_a_unit=3.0)
    with pytest.raises(ParameterError, match=r"refractory=0.*>= 1"):
        alarms(np.zeros(9), 1.0, refractory=0)
