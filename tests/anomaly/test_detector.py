"""The detector: what it finds, in one piece or in many, with gaps, calibrated, saved in the middle."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.base import is_outlier_detector

import spikelab as sl
from spikelab.anomaly import AnomalyDetector, Scoring

Floats = npt.NDArray[np.float64]

SMALL = sl.Reservoir(40, input_scale=0.5, bias_scale=0.2)
SHORT = Scoring(long=300, short=5)


def oscillation(n: int = 2500, channels: int = 1, seed: int = 0) -> Floats:
    t = np.arange(n)[:, None]
    noise = np.random.default_rng(seed).standard_normal((n, channels))
    return np.asarray(np.sin(0.2 * t * (1.0 + 0.3 * np.arange(channels))) + 0.05 * noise)


def detector(**parameters: Any) -> AnomalyDetector:
    given: dict[str, Any] = {"reservoir": SMALL, "score": SHORT, "washout": 20, **parameters}
    return AnomalyDetector(**given)


def planted(kind: str) -> Floats:
    x, t = oscillation(), np.arange(2000, 2040)
    if kind == "spike":
        x[2010] += 3.0
    elif kind == "flat":
        x[2000:2040] = x[2000]
    elif kind == "frequency":
        x[2000:2040, 0] = np.sin(0.5 * t)
    else:
        x[2000:2040] += 1.5
    return x


@pytest.mark.parametrize("kind", ["spike", "flat", "frequency", "level"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_a_planted_anomaly_has_the_lowest_score(kind: str, horizon: int) -> None:
    x = planted(kind)
    score = detector(horizon=horizon).fit(x[:1200]).score_samples(x)
    assert 2000 <= int(np.argmin(score)) < 2050
    assert score[:1990].min() > 2 * score[2000:2050].min()


def test_a_channel_that_leaves_its_rhythm_is_found_among_others() -> None:
    x = oscillation(channels=3)
    x[2000:2020, 1] += 1.0
    det = detector(score=Scoring("standardised", combine="max")).fit(x[:1200])
    assert 2000 <= int(np.argmin(det.score_samples(x))) < 2021
    # Without that channel among the targets, what it does to the state is all that is left.
    others = detector(targets=(0, 2), score=Scoring("standardised", combine="max")).fit(x[:1200])
    assert others.score_samples(x)[2000] > 0.2 * det.score_samples(x)[2000]
    assert others.residuals(x).shape == (2500, 2)


def test_residuals_are_in_the_unit_of_the_data() -> None:
    x = 1000.0 * oscillation(1500)
    residual = detector().fit(x[:1000]).residuals(x)
    assert np.isnan(residual[:20]).all()
    assert 50.0 < np.std(residual[20:]) < 80.0


@pytest.mark.parametrize("kind", ["gaussian_tail", "rank_tail"])
def test_scores_are_the_same_in_one_piece_in_blocks_and_point_by_point(kind: Any) -> None:
    x = oscillation(600, channels=2)
    x[200:210] = x[400:420, 1] = np.nan
    det = detector(score=Scoring(kind, long=300)).fit(oscillation(channels=2, seed=1))
    whole = det.score_samples(x)
    blocks = [
        det.score_samples(part, continue_=i > 0) for i, part in enumerate(np.split(x, [1, 3, 205, 206, 500]))
    ]
    np.testing.assert_array_equal(np.concatenate(blocks), whole)
    first = det.score_samples(x[:1])
    np.testing.assert_array_equal([*first, *(det.score_next(point) for point in x[1:])], whole)


def test_after_fit_the_state_stands_at_the_end_of_the_normal_part() -> None:
    x = oscillation()
    det = detector().fit(x[:1200])
    going_on = det.score_samples(x[1200:1300], continue_=True)
    assert going_on[:20].min() < 0  # no washout
    anew = det.score_samples(x[1200:1300])
    assert (anew[:20] == 0).all()
    assert det.score_samples(x[1200:1300])[50] == anew[50]


def test_a_detector_saved_in_mid_stream_goes_on_with_the_same_scores(tmp_path: Path) -> None:
    x = oscillation()
    det = detector().fit(x[:1200])
    whole = det.score_samples(x)
    det.score_samples(x[:1777])
    sl.save_model(tmp_path / "det", det)
    resumed = sl.load_model(tmp_path / "det")
    np.testing.assert_array_equal(resumed.score_samples(x[1777:], continue_=True), whole[1777:])
    assert resumed.offset_ == det.offset_
    again = resumed.partial_fit(x[1200:1300]).readout_.coef_
    np.testing.assert_array_equal(again, det.partial_fit(x[1200:1300]).readout_.coef_)


def test_gaps_carry_the_last_score_and_do_not_disturb_what_follows() -> None:
    x = oscillation()
    det = detector().fit(x[:1200])
    gapped = x.copy()
    gapped[1500:1510] = np.nan
    score = det.score_samples(gapped)
    assert (score[1500:1510] == score[1499]).all()
    assert score[1510:].min() > 2 * det.score_samples(planted("spike")).min()
    assert np.isfinite(score).all()


def test_gaps_in_training_are_no_targets() -> None:
    x = oscillation()
    gapped = x[:1200].copy()
    gapped[300:305] = np.nan
    whole, cut = detector(ridge=1.0).fit(x[:1200]), detector(ridge=1.0).fit(gapped)
    assert cut._learned.gram.n == whole._learned.gram.n - 5
    # They were filled with the last value: the weights hardly differ.
    np.testing.assert_allclose(cut.residuals(x)[20:], whole.residuals(x)[20:], atol=0.05)


def test_partial_fit_in_pieces_gives_the_readout_of_fit_of_the_whole() -> None:
    x = oscillation(channels=2)
    x[700:703, 0] = np.nan
    whole = detector(standardize=False, ridge=0.1, horizon=3, dtype="float64").fit(x)
    pieces = detector(standardize=False, ridge=0.1, horizon=3, dtype="float64")
    for part in np.split(x, [800, 801, 803, 1500]):
        pieces.partial_fit(part)
    np.testing.assert_allclose(pieces.readout_.coef_, whole.readout_.coef_, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(pieces.readout_.intercept_, whole.readout_.intercept_, rtol=1e-6, atol=1e-8)
    assert pieces._learned.gram.n == whole._learned.gram.n


def test_partial_fit_learns_what_was_new() -> None:
    x = oscillation()
    x[1200:, 0] += 0.5 * np.sin(0.9 * np.arange(1300))
    det = detector().fit(x[:1200])
    before = np.std(det.residuals(x[1200:])[20:])
    assert np.std(det.partial_fit(x[1200:2000]).residuals(x[2000:])[20:]) < 0.8 * before


def test_the_threshold_keeps_its_rate_of_false_alarms_on_noise() -> None:
    noise = np.random.default_rng(0).standard_normal((42_000, 1))
    det = detector(
        reservoir=sl.Reservoir(10), false_alarm_rate=0.01, score=Scoring("standardised"), calibration=0.5
    ).fit(noise[:22_000])
    n = 20_000
    alarms = int((det.predict(noise[22_000:], continue_=True) == -1).sum())
    # Both the alarms and the 11,000 scores that set the threshold vary.
    error = math.sqrt(0.01 * 0.99 * n * (1 + n / 11_000))
    assert abs(alarms - 0.01 * n) < 4 * error


def test_decisions_follow_scores_and_offset() -> None:
    x = planted("spike")
    det = detector().fit(x[:1200])
    score = det.score_samples(x)
    np.testing.assert_array_equal(det.decision_function(x), score - det.offset_)
    predicted = det.predict(x)
    assert set(predicted) == {-1, 1}
    np.testing.assert_array_equal(predicted == -1, score < det.offset_)
    assert det.offset_ < 0
    assert is_outlier_detector(det)
    assert detector().fit_predict(x[:1200]).shape == (1200,)


def test_the_same_seed_gives_the_same_detector_and_ridge_may_be_held_out() -> None:
    x = oscillation()
    one, two = (detector(ridge="holdout", random_state=3).fit(x[:1200]) for _ in range(2))
    np.testing.assert_array_equal(one.score_samples(x), two.score_samples(x))
    assert one.readout_.ridge_path_.method == "holdout"
    alpha = one.readout_.alpha_
    assert one.partial_fit(x[1200:1300]).readout_.alpha_ == alpha


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_is_that_of_the_state(dtype: str) -> None:
    det = detector(dtype=dtype).fit(oscillation())
    assert det._point.z.dtype == dtype
    assert det.score_samples(oscillation()).dtype == np.float64


def test_a_liquid_finds_a_planted_anomaly_in_blocks_and_after_saving(tmp_path: Path) -> None:
    x = planted("level")[900:2100]
    x[500:503] = np.nan
    liquid = sl.LiquidReservoir(n=27, frame_ms=5.0, input_pa=50.0)
    det = detector(reservoir=liquid, ridge=1.0, score=Scoring("standardised", smooth=3)).fit(x[:450])
    whole = det.score_samples(x)
    assert 1100 <= int(np.argmin(whole)) < 1145
    assert (whole[500:503] == whole[499]).all()
    parts = [
        det.score_samples(part, continue_=i > 0) for i, part in enumerate(np.split(x[:700], [1, 501, 502]))
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole[:700])
    sl.save_model(tmp_path / "det", det)
    rest = sl.load_model(tmp_path / "det").score_samples(x[700:], continue_=True)
    np.testing.assert_array_equal(rest, whole[700:])
    assert det.synops_per_sample_ > 27
