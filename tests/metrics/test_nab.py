"""The benchmark's score: its two fixed points, single alarms by hand, the sweep against all thresholds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikelab.errors import ParameterError
from spikelab.metrics import NAB_PROFILES, nab_probation, nab_score, nab_sigmoid

N = 1000
WINDOWS = [[(400, 500), (700, 800)], [(300, 400)], []]


def _silent():
    return [np.zeros(N) for _ in WINDOWS]


def _sigmoid(place):
    return 2.0 / (1.0 + math.exp(5.0 * place)) - 1.0


@pytest.mark.parametrize("profile", NAB_PROFILES)
def test_the_perfect_detector_has_100_and_the_silent_one_0(profile):
    perfect = _silent()
    for score, windows in zip(perfect, WINDOWS, strict=True):
        for start, _ in windows:
            score[start] = 1.0
    result = nab_score(perfect, WINDOWS, profile=profile)
    assert result.score == pytest.approx(100.0)
    assert (result.found, result.false_alarms, result.threshold) == (3, 0, 1.0)
    assert result.per_series == pytest.approx((100.0, 100.0, 0.0))
    silent = nab_score(_silent(), WINDOWS, profile=profile)
    assert (silent.score, silent.found, silent.false_alarms) == (0.0, 0, 0)
    assert silent.threshold > 0.0


def test_sigmoid_by_hand():
    assert nab_sigmoid([-1.0, -0.5, 0.0, 0.5, 3.0, 3.1]) == pytest.approx(
        [0.98661, 0.84828, 0.0, -0.84828, -1.0, -1.0], abs=1e-5
    )


@pytest.mark.parametrize("at", [400, 450, 499])
def test_one_alarm_in_a_window(at):
    scores = _silent()
    scores[0][at] = 1.0
    result = nab_score(scores, WINDOWS, threshold=1.0)
    assert result.raw == pytest.approx(_sigmoid(-(500 - at) / 100) / _sigmoid(-1.0) - 2.0)
    assert result.score == pytest.approx(100 * (result.raw + 3) / 6)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (200, -1.0),  # before every window
        (500, _sigmoid(1 / 99)),  # just behind one
        (599, _sigmoid(100 / 99)),
        (690, _sigmoid(191 / 99)),
        (999, _sigmoid(200 / 99)),  # behind the second
    ],
)
@pytest.mark.parametrize("profile", NAB_PROFILES)
def test_one_false_alarm(at, value, profile):
    scores = _silent()
    scores[0][at] = 1.0
    weights = NAB_PROFILES[profile]
    result = nab_score(scores, WINDOWS, threshold=1.0, profile=profile)
    assert result.raw == pytest.approx(weights.false_positive * value - 3 * weights.false_negative)
    assert result.false_alarms == 1


def test_only_the_first_alarm_of_a_window_counts():
    once, twice = _silent(), _silent()
    once[0][420] = twice[0][420] = 1.0
    twice[0][421:480] = 1.0
    assert nab_score(once, WINDOWS, threshold=1.0).raw == nab_score(twice, WINDOWS, threshold=1.0).raw


def test_alarms_in_the_probationary_part_do_not_count():
    scores = _silent()
    scores[2][:150] = 1.0
    assert nab_probation(N) == 150
    assert nab_score(scores, WINDOWS, threshold=1.0).score == 0.0
    scores[2][150] = 1.0
    assert nab_score(scores, WINDOWS, threshold=1.0).score == pytest.approx(-100 * 0.11 / 6)


@pytest.mark.parametrize(("n", "probation"), [(6, 0), (1000, 150), (4999, 749), (5000, 750), (99999, 750)])
def test_length_of_the_probationary_part(n, probation):
    assert nab_probation(n) == probation


@pytest.mark.parametrize("profile", NAB_PROFILES)
@pytest.mark.parametrize("levels", [3, 40, None])
def test_the_sweep_finds_the_best_of_all_thresholds(profile, levels):
    rng = np.random.default_rng(3)
    scores = [rng.random(N) for _ in WINDOWS]
    for score, windows in zip(scores, WINDOWS, strict=True):
        for start, stop in windows:
            score[start:stop] += 0.1 * rng.random(stop - start)
        if levels:
            score[:] = np.round(score * levels) / levels
    every = np.unique(np.concatenate(scores))
    best = max(nab_score(scores, WINDOWS, threshold=float(t), profile=profile).score for t in every[-400:])
    swept = nab_score(scores, WINDOWS, profile=profile)
    assert swept.score == pytest.approx(max(best, 0.0))
    assert swept.score > 0.0 or levels == 3


def test_score_is_the_mean_of_the_series_by_their_windows():
    rng = np.random.default_rng(4)
    result = nab_score([rng.random(N) for _ in WINDOWS], WINDOWS, threshold=0.98)
    parts = result.per_series
    assert result.score == pytest.approx((2 * parts[0] + parts[1]) / 3 + parts[2])


def test_refusals():
    with pytest.raises(ParameterError, match=r"windows='2 entries'.*each of the 3 series"):
        nab_score(_silent(), WINDOWS[:2])
    with pytest.raises(ParameterError, match=r"windows='no window'.*at least one anomaly"):
        nab_score([np.zeros(9)], [[]])
    with pytest.raises(ParameterError, match=r"profile='best'.*reward_low_FP"):
        nab_score(_silent(), WINDOWS, profile="best")
    with pytest.raises(ParameterError, match=r"score\[4\]=inf.*finite"):
        nab_score([[0, 1, 2, 3, np.inf]], [[(1, 2)]])
