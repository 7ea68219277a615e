"""ESNForecaster: one step ahead, and on its own output."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl


def mackey_glass(steps, tau=17):
    """Mackey-Glass by Euler steps of 0.1, one value a unit of time."""
    history = [1.2] * (10 * tau)
    values = []
    for k in range(10 * (steps + 100)):
        x, late = history[-1], history[-10 * tau]
        history.append(x + 0.1 * (0.2 * late / (1 + late**10) - 0.1 * x))
        if k % 10 == 0:
            values.append(history[-1])
    return np.array(values[100:])[:, None]


def test_mackey_glass_for_84_steps():
    x = mackey_glass(2600)
    recipe = sl.Reservoir(300, spectral_radius=0.9, leak_rate=0.6, input_scale=0.5, bias_scale=0.2)
    model = sl.ESNForecaster(recipe, ridge=1e-8).fit(x[:2000])
    forecast = model.forecast(x[:2300], steps=84)
    assert forecast.shape == (84, 1) and forecast.dtype == np.float64
    assert sl.metrics.nrmse(x[2300:2384], forecast) < 0.05
    persistence = np.full((84, 1), x[2299, 0])
    assert sl.metrics.nrmse(x[2300:2384], persistence) > 0.8


def test_the_forecast_starts_with_the_prediction_of_the_last_step():
    x = mackey_glass(800)
    model = sl.ESNForecaster(sl.Reservoir(63)).fit(x)
    forecast, predicted = model.forecast(x[:500], steps=3), model.predict(x[:500])
    np.testing.assert_allclose(forecast[0], predicted[-1], rtol=1e-9)
    longer = np.concatenate([x[:500], forecast[:1]])
    np.testing.assert_allclose(model.forecast(longer, steps=2), forecast[1:], rtol=1e-6)
    assert model.score(x) > 0.999


def test_several_series_are_forecast_as_each_alone():
    x = mackey_glass(900)
    model = sl.ESNForecaster(sl.Reservoir(63)).fit([x[:400], x[400:850]])
    together = model.forecast([x[:300], x[:17], x[5:6]], steps=5)
    for context, forecast in zip([x[:300], x[:17], x[5:6]], together, strict=True):
        np.testing.assert_allclose(model.forecast(context, steps=5), forecast, rtol=1e-7)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_is_honoured(dtype):
    x = mackey_glass(400)
    model = sl.ESNForecaster(sl.Reservoir(63), dtype=dtype).fit(x)
    assert model.forecast(x, steps=5).dtype == np.dtype(dtype)


def test_bad_input_is_refused():
    x = mackey_glass(400)
    with pytest.raises(sl.ParameterError, match=r"x must have shape \(time, feature\)\. .*pass x\[:, None\]"):
        sl.ESNForecaster().fit(x[:, 0])
    with pytest.raises(sl.ParameterError, match=r"x must have at least 102 steps"):
        sl.ESNForecaster().fit(x[:101])
    model = sl.ESNForecaster(sl.Reservoir(20)).fit(x)
    with pytest.raises(sl.ParameterError, match=r"steps must be an integer >= 1"):
        model.forecast(x, steps=0)
    with pytest.raises(sl.ParameterError, match=r"x must have 1 features, as in fit"):
        model.forecast(np.zeros((5, 2)), steps=1)
    with pytest.raises(sl.ParameterError, match=r"Call fit first"):
        sl.ESNForecaster().forecast(x, steps=1)
