"""ESNRegressor: targets for each step and for each series."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.estimators.base import InputScaler


def delayed(n_series=3, steps=400, delay=4):
    rng = np.random.default_rng(0)
    X = [rng.uniform(-0.5, 0.5, (steps + 10 * i, 1)) for i in range(n_series)]
    return X, [np.roll(x, delay, axis=0) for x in X]


MEMORY = sl.Reservoir(100, spectral_radius=0.9, input_scale=0.3)


@pytest.mark.parametrize("ridge", ["gcv", "holdout", 1e-6])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_recall_the_input_of_some_steps_ago(ridge, dtype):
    X, y = delayed()
    model = sl.ESNRegressor(MEMORY, ridge=ridge, washout=20, dtype=dtype, standardize=False).fit(X, y)
    assert model.stepwise_
    predicted = model.predict(X)
    assert [one.shape for one in predicted] == [one.shape for one in y]
    assert model.score(X, y) > 0.97


def test_without_recurrence_nothing_is_recalled():
    """The control: a reservoir whose memory is one step cannot know the input of four steps ago."""
    X, y = delayed()
    forgetful = sl.Reservoir(100, spectral_radius=1e-6, input_scale=0.3)
    assert sl.ESNRegressor(forgetful, washout=20).fit(X, y).score(X, y) < 0.3


def test_flat_targets_give_flat_predictions():
    X, y = delayed()
    flat = [one[:, 0] for one in y]
    column = sl.ESNRegressor(MEMORY, washout=20).fit(X, y).predict(X)
    line = sl.ESNRegressor(MEMORY, washout=20).fit(X, flat).predict(X)
    for a, b in zip(column, line, strict=True):
        np.testing.assert_array_equal(a[:, 0], b)


def test_one_target_a_series():
    rng = np.random.default_rng(0)
    X = [rng.standard_normal((rng.integers(20, 40), 2)) for _ in range(80)]
    y = np.array([one[:, 0].mean() for one in X])
    model = sl.ESNRegressor(sl.Reservoir(20), pooling="mean").fit(X, y)
    assert not model.stepwise_ and model.predict(X).shape == (80,)
    assert model.score(X, y) > 0.99


def test_an_ensemble_averages_its_members():
    X, y = delayed()
    model = sl.ESNRegressor(MEMORY, washout=20, ensemble=3).fit(X, y)
    assert len(model.readouts_) == 3
    assert model.score(X, y) > 0.97


@pytest.mark.parametrize(
    ("factor", "dtype"), [(1e20, "float32"), (1e-24, "float32"), (1e200, "float64"), (1e-200, "float64")]
)
def test_data_of_any_size_are_scaled_alike(factor, dtype):
    rng = np.random.default_rng(3)
    X = [rng.normal(size=(20, 2)).astype(dtype) for _ in range(4)]
    scaler = InputScaler.fit(X, standardize=True, deltas=True)
    large = [(one.astype(np.float64) * factor).astype(dtype) for one in X]
    other = InputScaler.fit(large, standardize=True, deltas=True)
    for a, b in zip(scaler.transform(X), other.transform(large), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_a_long_series_in_chunks_is_the_same_as_at_once(monkeypatch):
    from spikelab.fused import reservoir

    X, y = delayed(1, 1000)
    whole = sl.ESNRegressor(MEMORY, washout=20, dtype="float64").fit(X, y).predict(X)
    monkeypatch.setattr(reservoir, "_CHUNK_STEPS", 63)
    parts = sl.ESNRegressor(MEMORY, washout=20, dtype="float64").fit(X, y).predict(X)
    np.testing.assert_allclose(parts[0], whole[0], atol=1e-7)
