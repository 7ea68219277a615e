"""PooledInputClassifier: averages of the input and a ridge readout, against scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge

import spikelab as sl
from spikelab.readout import pool_inputs


def ramps(n=24, seed=0):
    rng = np.random.default_rng(seed)
    series = [
        rng.normal(0.0, 0.3, (length, 2)) + np.linspace(-1, 1, length)[:, None] * (-1.0) ** i
        for i, length in enumerate(rng.integers(6, 15, n))
    ]
    return series, np.where(np.arange(n) % 2, "up", "down")


def test_it_is_ridge_on_pooled_inputs():
    X, y = ramps()
    model = sl.PooledInputClassifier(n_segments=3, ridge=0.1, standardize=False, dtype="float64").fit(X, y)
    rows, targets = pool_inputs(X, "segments", 3), np.where(y[:, None] == model.classes_, 1.0, -1.0)
    scores = Ridge(0.1).fit(rows, targets).predict(rows)
    np.testing.assert_allclose(model.decision_function(X), (scores[:, 1] - scores[:, 0]) / 2, atol=1e-10)
    assert model.synops_per_sample_ == 2 * 3 * 2


@pytest.mark.parametrize(
    ("options", "right"),
    [({"n_segments": 2}, True), ({"pooling": "last"}, True), ({"pooling": "mean"}, False)],
)
def test_it_tells_ramps_apart_by_their_parts_not_by_their_means(options, right):
    accuracy = sl.PooledInputClassifier(**options).fit(*ramps()).score(*ramps(60, seed=1))
    assert (accuracy > 0.9) == right


def test_deltas_and_washout_reach_the_features():
    X, y = ramps()
    assert sl.PooledInputClassifier(pooling="mean", deltas=True).fit(X, y).score(*ramps(60, seed=1)) > 0.9
    short = [one[:5] for one in X]
    with pytest.raises(sl.ParameterError, match="washout"):
        sl.PooledInputClassifier(washout=5).fit(short, y)


def test_it_is_cloned_and_refuses_what_it_cannot_use():
    X, y = ramps()
    model = sl.PooledInputClassifier(n_segments=2)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(
        sl.ParameterError, match=r"^PooledInputClassifier\(pooling='model_space'\): pooling must"
    ):
        sl.PooledInputClassifier(pooling="model_space").fit(X, y)
    with pytest.raises(sl.ParameterError, match="Call fit first"):
        model.predict(X)
    with pytest.raises(sl.ParameterError, match=r"PooledInputClassifier.fit\(X\[1\]"):
        model.fit([X[0], np.full((3, 2), np.nan), *X[2:]], y)
