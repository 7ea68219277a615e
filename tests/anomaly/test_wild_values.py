"""One wild value, however large, is the strangest of all, and does no harm to what follows."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from spikelab import LiquidReservoir, ParameterError, Reservoir
from spikelab.anomaly import (
    AnomalyDetector,
    LinearAutoregression,
    MovingZScore,
    ReadoutDrift,
    Scoring,
    WindowedGaussian,
)

WAVE = np.sin(0.3 * np.arange(600.0))[:, None]
WAVE = WAVE + 0.05 * np.random.default_rng(0).standard_normal(WAVE.shape)
SCORE = Scoring(long=100, short=3)


def hit(value: float) -> np.ndarray:
    x = WAVE.copy()
    x[300] = value
    return x


def small(recipe: Any = None, **parameters: Any) -> AnomalyDetector:
    return AnomalyDetector(recipe or Reservoir(20), score=SCORE, washout=20, **parameters)


@pytest.mark.parametrize("recipe", [Reservoir(20), LiquidReservoir(n=20)])
@pytest.mark.parametrize("value", [1e20, 1e200, -1.7e308])
def test_a_detector_goes_on_behind_a_wild_value(recipe: Any, value: float) -> None:
    det = small(recipe).fit(WAVE[:250])
    scores = det.score_samples(hit(value))
    assert np.isfinite(scores).all()
    assert 300 <= int(np.argmin(scores)) < 303
    assert det.predict(hit(value))[300] == -1
    # The windows of the score have let it go; the reservoir never saw more than `clip`.
    assert np.median(np.abs(scores - det.score_samples(WAVE))[480:]) < 0.05


def test_a_value_that_scaling_makes_infinite_is_still_scored() -> None:
    det = small(LiquidReservoir(n=20)).fit(1e-100 * WAVE[:250])
    assert np.isfinite(det.score_samples(1e-100 * hit(1e308) * 1e98)).all()


@pytest.mark.parametrize("kind", ["standardised", "gaussian_tail", "rank_tail"])
@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_scores_of_residuals_at_the_end_of_the_range_are_finite(kind: Any, backend: str) -> None:
    scoring = Scoring(kind, long=60, short=3)
    state = scoring.calibrate(np.random.default_rng(0).standard_normal((80, 2)))
    residual, scores = np.zeros((200, 2)), np.empty(200)
    residual[5, 0], residual[7] = 1e308, -1e308
    scoring.advance(residual, state, scores, backend)
    assert np.isfinite(scores).all()
    assert scores[5] > scores[4]


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_a_window_of_equal_strengths_has_a_tail_without_a_least_spread(backend: str) -> None:
    scoring = Scoring("gaussian_tail", long=20, short=3, floor=0.0)
    state, scores = scoring.calibrate(np.zeros((40, 1))), np.empty(3)
    scoring.advance(np.zeros((3, 1)), state, scores, backend)
    np.testing.assert_allclose(scores, np.log10(2.0))


def test_a_residual_whose_square_is_infinite_cannot_be_calibrated_with() -> None:
    with pytest.raises(ParameterError, match=r"residual\[:, 0\]='values beyond 1e150'.*be smaller"):
        Scoring().calibrate(np.array([[1e200], [-1e200], [0.0]]))


def test_partial_fit_refuses_what_would_leave_no_readout_and_is_as_before() -> None:
    det = small().fit(WAVE[:250])
    scores, offset = det.score_samples(WAVE), det.offset_
    with pytest.raises(
        ParameterError, match=r"partial_fit\(x\[300, 0\]=1e\+200\).*1e\+100 standard deviations"
    ):
        det.partial_fit(hit(1e200))
    assert det.offset_ == offset
    np.testing.assert_array_equal(det.score_samples(WAVE), scores)
    twin = small().fit(WAVE[:250]).partial_fit(WAVE[250:])
    np.testing.assert_array_equal(det.partial_fit(WAVE[250:]).score_samples(WAVE), twin.score_samples(WAVE))


@pytest.mark.parametrize("floor", [MovingZScore(50), WindowedGaussian(50), LinearAutoregression(5)])
@pytest.mark.parametrize("value", [1e12, 1e200, -1.7e308])
def test_a_floor_goes_on_behind_a_wild_value(floor: Any, value: float) -> None:
    floor.fit(WAVE[:250])
    scores = floor.score_samples(hit(value))
    assert int(np.argmin(scores)) == 300
    np.testing.assert_allclose(scores[360:], floor.score_samples(WAVE)[360:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("value", [1e20, 1e200, -1.7e308])
def test_the_drift_of_a_readout_goes_on_behind_a_wild_value(value: float) -> None:
    drift = ReadoutDrift(small(ridge=1.0).fit(WAVE[:250]), window=50, step=10).fit(WAVE[:250])
    scores = drift.score_samples(hit(value))
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores[400:], drift.score_samples(WAVE)[400:], atol=0.1)


@pytest.mark.parametrize("targets", [0, (), (0, 0), ("a",), ([0],), (1,), (True,)])
@pytest.mark.parametrize("made", [small(), MovingZScore(50)])
def test_targets_are_channels_each_named_once(made: Any, targets: Any) -> None:
    with pytest.raises(ParameterError, match=r"targets(\[0\])?=.*must (be|name)"):
        copy.deepcopy(made).set_params(targets=targets).fit(WAVE)


@pytest.mark.parametrize("recipe", [Reservoir(20), LiquidReservoir(n=20)])
def test_a_detector_in_mid_stream_can_be_pickled_and_copied(recipe: Any) -> None:
    det = small(recipe).fit(WAVE[:250])
    whole = det.score_samples(WAVE)
    det.score_samples(WAVE[:100])
    for twin in (pickle.loads(pickle.dumps(det)), copy.deepcopy(det)):
        np.testing.assert_array_equal(twin.score_samples(WAVE[100:], continue_=True), whole[100:])
