"""What a detector refuses, with the place of what is wrong, and that an earlier fit stays whole."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from spikelab import ParameterError, Reservoir
from spikelab.anomaly import AnomalyDetector

WAVE = np.sin(0.3 * np.arange(400.0))[:, None]


def small(**parameters: Any) -> AnomalyDetector:
    return AnomalyDetector(Reservoir(10), **{"washout": 10, **parameters})


def with_value(value: float) -> np.ndarray:
    x = WAVE.copy()
    x[7, 0] = value
    return x


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (WAVE[:, 0], r"shape \(400,\).*: x must have shape \(time, channel\).*pass x\[:, None\]"),
        (with_value(math.inf), r"x\[7, 0\]=inf.*be finite or NaN. Write NaN for a missing value"),
        (WAVE.astype(str), "hold real numbers in an array"),
        (WAVE.astype(object), "hold real numbers in an array"),
        ([[1.0], [2.0, 3.0]], "be a regular array"),
        (np.ma.masked_array(WAVE, WAVE > 0.9), "have no masked values. Fill them with NaN"),
        (WAVE[:1], "x='1 points'.*have at least 19 points. Give a longer series"),
        (WAVE[:18], "have at least 19 points"),
        (WAVE[:, :0], "have at least one channel"),
        (np.full((400, 1), np.nan), r"x\[:, 0\]='only NaN'.*have values to learn from"),
        (np.where(np.arange(400)[:, None] < 300, WAVE, np.nan), r"x\[300:\]='0 points'.*without gaps"),
        (1e200 * WAVE, r"x\[:, 0\]='values beyond 1e150'.*Scale the data"),
    ],
)
def test_fit_refuses_what_it_cannot_learn_from_and_keeps_an_earlier_fit(x: Any, message: str) -> None:
    det = small().fit(WAVE)
    before = det.score_samples(WAVE)
    with pytest.raises(ParameterError, match=message):
        det.fit(x)
    np.testing.assert_array_equal(det.score_samples(WAVE), before)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((5, 2)), r"array of shape \(5, 2\).*have 1 channels, as in fit"),
        (np.zeros((0, 1)), "have at least 1 point"),
        ([[0.0], [-math.inf]], r"score_samples\(x\[1, 0\]=-inf"),
    ],
)
def test_scoring_refuses_and_keeps_its_place(x: Any, message: str) -> None:
    det = small().fit(WAVE)
    whole = det.score_samples(WAVE)
    det.score_samples(WAVE[:100])
    with pytest.raises(ParameterError, match=message):
        det.score_samples(x, continue_=True)
    np.testing.assert_array_equal(det.score_samples(WAVE[100:], continue_=True), whole[100:])


@pytest.mark.parametrize("point", [math.inf, "a", [1.0, 2.0], None, [[[1.0]]]])
def test_a_point_that_is_none_is_refused(point: Any) -> None:
    with pytest.raises(ParameterError, match=r"score_next\(point=.*be 1 real numbers, finite or NaN"):
        small().fit(WAVE).score_next(point)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reservoir": 5}, "be a Reservoir or LiquidReservoir recipe"),
        ({"calibration": 1.0}, r"calibration must lie in \(0, 1\)"),
        ({"false_alarm_rate": 0.0}, r"false_alarm_rate must lie in \(0, 1\)"),
        ({"clip": 0.0}, r"clip must lie in \(0, 1e\+15\]. 10 is usual"),
        ({"clip": 1e300}, r"clip must lie in \(0, 1e\+15\]"),
        ({"horizon": 0}, "horizon must be an integer >= 1"),
        ({"washout": -1}, "washout must be an integer >= 0"),
        ({"targets": (1,)}, r"targets\[0\] must be an integer <= 0"),
        ({"targets": ()}, "targets must name at least one channel, each once"),
        ({"targets": (0, 0)}, "targets must name at least one channel, each once"),
        ({"targets": 0}, "targets must be a tuple of channels"),
        ({"score": "rank"}, "score must be a Scoring"),
        ({"trace_ms": 0.0}, "trace_ms must be > 0 ms"),
        ({"ridge": "best"}, "ridge must be a number >= 0, 'gcv' or 'holdout'"),
        ({"dtype": "float16"}, "dtype must be 'float32' or 'float64'"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        small(**{name: value for name, value in change.items() if name != "reservoir"}).set_params(
            **{name: value for name, value in change.items() if name == "reservoir"}
        ).fit(WAVE)


@pytest.mark.parametrize(
    "method", ["score_samples", "predict", "decision_function", "score_next", "residuals"]
)
def test_what_needs_a_fit_says_so(method: str) -> None:
    with pytest.raises(ParameterError, match=r"be fitted\. Call fit first"):
        getattr(small(), method)(WAVE)


def test_nested_parameters_can_be_set_and_continue_must_be_a_flag() -> None:
    det = small().set_params(reservoir__leak_rate=0.5, score__smooth=3).fit(WAVE)
    assert det.get_params()["reservoir__leak_rate"] == 0.5
    assert det.get_params()["score__smooth"] == 3
    with pytest.raises(ParameterError, match="continue_ must be True or False"):
        det.score_samples(WAVE, continue_=1)


def test_a_constant_channel_and_one_point_at_a_time_are_no_trouble() -> None:
    x = np.hstack([WAVE, np.full_like(WAVE, 7.0)])
    det = small().fit(x)
    assert np.isfinite(det.score_samples(x)).all()
    assert det.score_samples(x[:1]).tolist() == [0.0]
    # A channel that never moved is measured in its own unit: a step of 1 is a spread of 1 or more.
    moved = x.copy()
    moved[300:, 1] = 8.0
    assert np.argmin(det.score_samples(moved)) >= 300
