"""Scores of residuals: naive loops, closed forms, gaps, windows, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from spikelab import ParameterError
from spikelab.anomaly import Scoring

CALM = np.array([[-1.0], [0.0], [1.0]])  # median 0, spread 1.4826


def test_the_standardised_score_is_the_distance_in_robust_spreads() -> None:
    scoring = Scoring("standardised")
    state = scoring.calibrate(CALM + 5.0)
    np.testing.assert_allclose(scoring.run([[5.0], [5.0 + 1.4826], [5.0 - 2.9652]], state), [0.0, 1.0, 2.0])


@pytest.mark.parametrize(("combine", "expected"), [("rms", math.sqrt(12.5)), ("mean", 3.5), ("max", 4.0)])
def test_channels_are_combined(combine: str, expected: float) -> None:
    scoring = Scoring("standardised", combine=combine)  # type: ignore[arg-type]
    state = scoring.calibrate(np.hstack([CALM, CALM]))
    assert scoring.run([[3 * 1.4826, -4 * 1.4826]], state)[0] == pytest.approx(expected)


def test_a_missing_channel_is_left_out_and_a_missing_point_carries_the_last_score() -> None:
    scoring = Scoring("standardised")
    state = scoring.calibrate(np.hstack([CALM, CALM]))
    both = scoring.run([[np.nan, np.nan], [1.4826, np.nan], [np.nan, np.nan], [np.nan, 2.9652]], state)
    np.testing.assert_allclose(both, [0.0, 1.0, 1.0, 2.0])


def test_the_gaussian_tail_is_that_of_a_naive_loop() -> None:
    rng = np.random.default_rng(0)
    normal, x = np.abs(rng.standard_normal((50, 1))), np.abs(rng.standard_normal((200, 1)))
    x[120:] += 3.0
    scoring = Scoring("gaussian_tail", long=40, short=5, smooth=2, floor=0.0)
    state = scoring.calibrate(normal)
    strength = np.abs(np.concatenate([normal, x]) - state.centre)[:, 0] / state.scale[0]
    tails = [0.0]
    for t in range(51, 251):
        m, past = strength[t - 5 : t].mean(), strength[t - 40 : t]
        tails.append(-norm.logsf((m - past.mean()) / past.std()) / math.log(10))
    # The first smoothed score takes in the last tail of the calibration.
    expected = np.convolve(tails[1:], [0.5, 0.5])[1:200]
    np.testing.assert_allclose(scoring.run(x, state)[1:], expected, rtol=1e-9, atol=1e-12)


def test_the_rank_tail_is_a_rank_below_and_a_power_law_above() -> None:
    scoring = Scoring("rank_tail", long=1000, short=1)
    strengths = 1.0 / (1.0 - (np.arange(1000) + 0.5) / 1000)  # Pareto: the chance of more than s is 1 / s
    state = scoring.calibrate(np.concatenate([strengths, -strengths])[:, None])
    state.long[:] = state.ordered[:] = strengths
    unit = state.scale[0]
    state.centre[0], state.scale[0] = 0.0, 1.0
    assert unit > 0
    scores = scoring.run([[2.0], [1e4]], state)
    assert scores[0] == pytest.approx(math.log10(2.0), abs=0.01)
    assert scores[1] == pytest.approx(4.0, abs=0.4)


def test_far_tails_stay_finite_and_in_order() -> None:
    scoring = Scoring("gaussian_tail", long=2000, short=1)
    state = scoring.calibrate(np.random.default_rng(0).standard_normal((2000, 1)))
    jumps = [scoring.run([[z]], state.copy())[0] for z in (3.0, 20.0, 25.0, 40.0, 200.0, 1e8)]
    assert np.isfinite(jumps).all()
    assert (np.diff(jumps) > 0).all()
    # The point is itself in the window: more than sqrt(2000) spreads cannot be reached.
    assert jumps[-1] < -norm.logsf(math.sqrt(2000)) / math.log(10)


def test_a_channel_that_never_moved_takes_any_move_as_strange() -> None:
    scoring = Scoring("standardised")
    state = scoring.calibrate(np.zeros((10, 1)))
    assert scoring.run([[0.0], [2.0]], state).tolist() == [0.0, 2.0]


def test_a_wild_value_leaves_no_trace_when_its_windows_have_passed() -> None:
    rng = np.random.default_rng(1)
    normal, x = rng.standard_normal((300, 1)), rng.standard_normal((400, 1))
    scoring = Scoring("gaussian_tail", long=100, short=5, smooth=5)
    calm, hit = scoring.calibrate(normal), scoring.calibrate(normal)
    wild = x.copy()
    wild[10] = 1e12
    np.testing.assert_allclose(scoring.run(wild, hit)[150:], scoring.run(x, calm)[150:], rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    residual=arrays(np.float64, (60, 2), elements=st.floats(-1e6, 1e6) | st.just(math.nan)),
    cuts=st.lists(st.integers(0, 60), max_size=6),
    kind=st.sampled_from(["standardised", "gaussian_tail", "rank_tail"]),
)
def test_scores_do_not_depend_on_how_a_series_is_cut(
    residual: np.ndarray, cuts: list[int], kind: str
) -> None:
    scoring = Scoring(kind, long=12, short=3, smooth=2)  # type: ignore[arg-type]
    state = scoring.calibrate(np.random.default_rng(0).standard_normal((20, 2)))
    whole = scoring.run(residual, state.copy())
    parts = [scoring.run(part, state) for part in np.split(residual, sorted(cuts))]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert np.isfinite(whole).all()
    assert (whole >= 0).all() or kind == "gaussian_tail"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "z"}, r"Scoring\(kind='z'\): kind must be one of 'standardised', 'gaussian_tail', 'rank_"),
        ({"combine": "sum"}, "combine must be one of 'rms', 'mean', 'max'"),
        ({"long": 10, "short": 10}, "short must be below long=10"),
        ({"smooth": 0}, "smooth must be an integer >= 1"),
        ({"floor": -1.0}, "floor must be >= 0"),
        ({"floor": math.nan}, "floor must be finite"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Scoring(**change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("residual", "message"),
    [
        ([1.0, 2.0], r"have shape \(time, 1\). For one channel pass residual\[:, None\]"),
        ([[1.0, 2.0]], r"have shape \(time, 1\)"),
        ([[1.0], [math.inf]], r"residual\[1, 0\]=inf.*be finite or NaN"),
        ([["a"]], "hold real numbers"),
    ],
)
def test_residuals_that_cannot_be_used_are_refused(residual: object, message: str) -> None:
    scoring = Scoring("standardised")
    state = scoring.calibrate(CALM)
    with pytest.raises(ParameterError, match=message):
        scoring.run(residual, state)  # type: ignore[arg-type]


def test_a_channel_without_values_cannot_be_calibrated() -> None:
    with pytest.raises(ParameterError, match=r"residual\[:, 1\].*have values to learn from"):
        Scoring().calibrate(np.array([[1.0, np.nan], [2.0, np.nan]]))
