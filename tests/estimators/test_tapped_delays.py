"""The linear floors, and the measures of many-step forecasts, against recursions done by hand."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.errors import ParameterError
from spikelab.metrics import forecast_nrmse, valid_steps

RNG = np.random.default_rng(0)


def oscillation(n: int) -> np.ndarray:
    """x[t] = 1.8 x[t-1] - 0.97 x[t-2]: two taps tell everything."""
    x = [1.0, 0.5]
    for _ in range(n - 2):
        x.append(1.8 * x[-1] - 0.97 * x[-2])
    return np.array(x)[:, None]


def test_the_weights_of_a_recursion_are_found_oldest_first() -> None:
    model = sl.TappedDelayForecaster(2, ridge=0.0, standardize=False, washout=2).fit(oscillation(60))
    np.testing.assert_allclose(model.readout_.coef_, [[-0.97, 1.8]], atol=1e-10)
    assert model.synops_per_sample_ == 2.0


def test_forecasts_follow_the_recursion_from_every_start() -> None:
    x = oscillation(100)
    model = sl.TappedDelayForecaster(2, ridge=0.0, washout=2).fit(x[:60])
    one, two = model.forecast([x[:60], x[:70]], 30)
    np.testing.assert_allclose(one, x[60:90], atol=1e-8)
    np.testing.assert_allclose(two, x[70:100], atol=1e-8)
    assert model.forecast(x[:60], 30).shape == (30, 1)


def test_a_start_shorter_than_the_taps_is_filled_with_the_mean() -> None:
    x = oscillation(60) + 3.0
    model = sl.TappedDelayForecaster(4, ridge=1.0, washout=4).fit(x)
    filled = np.concatenate([np.full((3, 1), x.mean()), x[:1]])
    np.testing.assert_allclose(model.forecast(x[:1], 3), model.forecast(filled, 3))


def test_an_unstable_recursion_ends_in_infinities_without_a_warning() -> None:
    x = (2.0 ** np.arange(30.0))[:, None]
    model = sl.TappedDelayForecaster(1, ridge=0.0, standardize=False, washout=0).fit(x)
    assert not np.isfinite(model.forecast(x, 1200)[-1]).any()


def test_several_series_and_features() -> None:
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    series = []
    for start in ([1.0, 0.0], [0.3, 2.0]):
        rows = [np.array(start)]
        for _ in range(40):
            rows.append(turn @ rows[-1])
        series.append(np.array(rows))
    model = sl.TappedDelayForecaster(1, ridge=1e-12, standardize=False, washout=0).fit(series)
    np.testing.assert_allclose(model.readout_.coef_, turn, atol=1e-6)


def test_the_regressor_sees_the_present_and_the_past() -> None:
    x = RNG.standard_normal((300, 1))
    y = 2.0 * x - 0.5 * np.vstack([np.zeros((2, 1)), x[:-2]]) + 1.0
    model = sl.TappedDelayRegressor(3, ridge=0.0, standardize=False, washout=0).fit([x], [y])
    np.testing.assert_allclose(model.readout_.coef_, [[-0.5, 0.0, 2.0]], atol=1e-10)
    np.testing.assert_allclose(model.predict([x])[0], y, atol=1e-10)
    assert model.score([x], [y]) == pytest.approx(1.0)
    assert model.synops_per_sample_ == 300 * 3


def test_long_series_are_the_same_in_one_piece() -> None:
    # More rows than are held at a time.
    x = RNG.standard_normal((9000, 1))
    model = sl.TappedDelayRegressor(4, ridge=0.0, washout=10).fit([x], [np.roll(x, 3, axis=0)])
    np.testing.assert_allclose(model.predict([x])[0][3:], x[:-3], atol=1e-9)


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (sl.TappedDelayForecaster(0), "taps must be an integer >= 1"),
        (sl.TappedDelayForecaster(2, ridge=-1.0), "ridge must be >= 0"),
        (sl.TappedDelayForecaster(2, washout=59), "x must have more than 60 steps, for the washout"),
    ],
)
def test_what_cannot_be_fitted_is_refused(model: sl.TappedDelayForecaster, text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        model.fit(oscillation(60))


def test_a_target_for_each_step_is_needed() -> None:
    with pytest.raises(ParameterError, match="y must have one array"):
        sl.TappedDelayRegressor(2).fit([oscillation(200)], [1.0])


def test_an_unfitted_floor_says_so() -> None:
    with pytest.raises(ParameterError, match="Call fit first"):
        sl.TappedDelayForecaster().forecast(oscillation(10), 2)


def test_a_saved_floor_forecasts_the_same(tmp_path) -> None:  # type: ignore[no-untyped-def]
    x = oscillation(60)
    model = sl.TappedDelayForecaster(2, washout=2).fit(x)
    sl.save_model(tmp_path / "floor.model", model)
    again = sl.load_model(tmp_path / "floor.model")
    np.testing.assert_array_equal(again.forecast(x, 5), model.forecast(x, 5))


def test_errors_of_each_step_are_over_starts_and_features() -> None:
    true = np.zeros((2, 3, 2))
    pred = true.copy()
    pred[0, 1] = [3.0, 4.0]
    # Squares 9 and 16 over two starts and two features: 25 / 4; the spread 2 and 4: 20 / 2.
    np.testing.assert_allclose(forecast_nrmse(true, pred, [2.0, 4.0]), [0.0, np.sqrt(6.25 / 10.0), 0.0])


def test_a_forecast_holds_until_it_fails_first() -> None:
    true = np.zeros((4, 5, 1))
    pred = np.array([[0, 0, 9, 0, 0], [0, 0, 0, 0, 0], [9, 0, 0, 0, 0], [0, 0, 0, np.nan, 0]], dtype=float)[
        :, :, None
    ]
    assert valid_steps(true, pred, 1.0).tolist() == [2, 5, 0, 3]
    assert valid_steps(true, pred, 30.0).tolist() == [5, 5, 5, 3]
    assert np.isinf(forecast_nrmse(true, pred, 1.0)[3])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((np.zeros((2, 3)), np.zeros((2, 3)), 1.0), r"shape \(starts, steps, features\)"),
        ((np.zeros((2, 3, 1)), np.zeros((2, 4, 1)), 1.0), r"have shape \(2, 3, 1\), as y_true has"),
        ((np.zeros((2, 3, 1)), np.zeros((2, 3, 1)), 0.0), "std must be > 0"),
        ((np.full((1, 1, 1), np.nan), np.zeros((1, 1, 1)), 1.0), r"y_true\[0, 0, 0\] must be finite"),
    ],
)
def test_measures_refuse_what_they_cannot_judge(arguments: tuple, text: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ParameterError, match=text):
        valid_steps(*arguments)
