"""Drift of the readout: a change of dynamics is told, by blocks as in one piece; refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import ks_2samp

from spikelab import AnomalyDetector, ParameterError, Reservoir, load_model, save_model
from spikelab.anomaly import ReadoutDrift

Floats = npt.NDArray[np.float64]


def two_dynamics(change: int = 4000, n: int = 6000) -> Floats:
    """Autoregressions of second order with equal spread of innovations; the frequency changes."""
    noise = 0.1 * np.random.default_rng(1).standard_normal(n)
    x = np.zeros(n)
    for t in range(2, n):
        x[t] = (1.6 if t < change else 0.4) * x[t - 1] - 0.8 * x[t - 2] + noise[t]
    return x[:, None]


@pytest.fixture(scope="module")
def fitted() -> ReadoutDrift:
    x = two_dynamics()
    detector = AnomalyDetector(Reservoir(100, input_scale=0.5, bias_scale=0.2), ridge=1.0).fit(x[:3000])
    return ReadoutDrift(detector, window=1000).fit(x[:3000])


def test_new_dynamics_move_the_weights_and_old_ones_do_not(fitted: ReadoutDrift) -> None:
    decision = fitted.decision_function(two_dynamics())
    assert decision[:4000].min() > -0.03
    assert decision[4500:5000].max() < 0
    assert decision[4500:5000].mean() < -0.06


def test_the_distance_is_that_of_kolmogorov_and_smirnov(fitted: ReadoutDrift) -> None:
    assert fitted.reference_.shape == (20, 101)
    expected = [
        ks_2samp(one, np.delete(fitted.reference_, i, axis=0).ravel()).statistic
        for i, one in enumerate(fitted.reference_)
    ]
    np.testing.assert_allclose(fitted.normal_distances_, expected)
    assert fitted.offset_ == pytest.approx(-max(expected))


def test_scores_hold_between_fits_and_do_not_depend_on_the_cut(fitted: ReadoutDrift) -> None:
    x = two_dynamics()[3000:5000]
    whole = fitted.score_samples(x)
    first = np.flatnonzero(whole)[0]
    assert first == 1099  # the first whole window behind the washout
    assert np.unique(whole[first:]).size <= 10
    assert (np.flatnonzero(np.diff(whole)) % 100 == 98).all()
    parts = [fitted.score_samples(p, continue_=i > 0) for i, p in enumerate(np.split(x, [1, 99, 100, 1234]))]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-12)


def test_drift_saved_in_mid_stream_goes_on_with_the_same_scores(fitted: ReadoutDrift, tmp_path: Path) -> None:
    x = two_dynamics()[3000:5000]
    whole = fitted.score_samples(x)
    fitted.score_samples(x[:1550])
    save_model(tmp_path / "drift", fitted)
    rest = load_model(tmp_path / "drift").score_samples(x[1550:], continue_=True)
    np.testing.assert_allclose(rest, whole[1550:], rtol=1e-12)


def test_a_gap_longer_than_a_window_is_no_change(fitted: ReadoutDrift) -> None:
    x = two_dynamics()[:3500]
    x[1500:2700] = np.nan
    assert np.isfinite(fitted.score_samples(x)).all()


@pytest.mark.parametrize(
    ("change", "x", "message"),
    [
        ({"detector": 5}, np.zeros((100, 1)), "detector must be a fitted AnomalyDetector"),
        ({"detector": AnomalyDetector()}, np.zeros((100, 1)), "be a fitted AnomalyDetector"),
        ({"window": 150}, np.zeros((100, 1)), "window must be a multiple of step=100"),
        ({"step": 0}, np.zeros((100, 1)), "step must be an integer >= 1"),
        ({}, np.zeros((100, 1)), "have at least 1451 points"),
        ({}, np.zeros((3000, 2)), "have 1 channels, as in fit"),
        ({}, np.full((3000, 1), np.nan), "have 4 windows with values"),
    ],
)
def test_what_cannot_be_used_is_refused(
    fitted: ReadoutDrift, change: dict[str, Any], x: Floats, message: str
) -> None:
    given = {"detector": fitted.detector, "window": 1000, **change}
    with pytest.raises(ParameterError, match=message):
        ReadoutDrift(**given).fit(x)


def test_scores_need_a_fit(fitted: ReadoutDrift) -> None:
    with pytest.raises(ParameterError, match=r"be fitted\. Call fit first"):
        ReadoutDrift(fitted.detector).score_samples(np.zeros((5, 1)))
