"""Fits to parts of shared features against the estimators' own, and their ridge against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge

import spikelab as sl
from spikelab.estimators.shared_features import SharedFeatures
from spikelab.readout import RowProducts


@pytest.mark.parametrize("ridges", [[0.3], [1e-3, 1e-2, 0.1, 0.3, 1.0, 10.0, 100.0]])
@pytest.mark.parametrize("n_features", [4, 60])
def test_products_of_rows_give_ridge_regressions_on_parts(ridges, n_features):
    rng = np.random.default_rng(0)
    rows, targets = 3.0 + rng.normal(size=(40, n_features)), rng.normal(size=(40, 2))
    products = RowProducts(rows)
    for held in (slice(0, 40, 3), slice(5, 20)):
        test = np.arange(40)[held]
        train = np.setdiff1d(np.arange(40), test)
        answers = products.predict(train, test, targets[train], ridges)
        for ridge, answer in zip(ridges, answers, strict=True):
            expected = Ridge(ridge).fit(rows[train], targets[train]).predict(rows[test])
            np.testing.assert_allclose(answer, expected, atol=1e-9)


def test_no_ridge_is_refused():
    with pytest.raises(sl.ParameterError, match=r"RowProducts.predict\(alphas=0.0\): alphas must be > 0"):
        RowProducts(np.eye(3)).predict(np.arange(2), np.arange(2, 3), np.ones((2, 1)), [0.0])


@pytest.mark.parametrize(
    "estimator",
    [
        sl.ESNClassifier(sl.Reservoir(20), ridge=0.1, ensemble=2, standardize=False, dtype="float64"),
        sl.LSMClassifier(sl.LiquidReservoir(n=27, input_pa=200.0), ridge=10.0, standardize=False),
        sl.PooledInputClassifier(ridge=0.1, standardize=False, dtype="float64"),
    ],
)
def test_a_part_is_answered_as_by_an_estimator_fitted_to_it(estimator):
    rng = np.random.default_rng(1)
    y = np.arange(30) % 3
    X = [rng.normal(y[i] - 1.0, 1.0, (int(rng.integers(8, 20)), 2)) for i in range(30)]
    assert SharedFeatures.suits(estimator)
    features = SharedFeatures(estimator, X)
    for held in (slice(0, 10), slice(12, 30)):
        test = np.arange(30)[held]
        train = np.setdiff1d(np.arange(30), test)
        classes, scores = features.scores(train, test, y, [estimator.ridge])
        model = clone(estimator).fit([X[i] for i in train], y[train])
        np.testing.assert_allclose(scores[0], model.decision_function([X[i] for i in test]), atol=1e-8)
        assert classes.tolist() == model.classes_.tolist()
    whole = clone(estimator).fit(X, y)
    products = features.accumulates + features.multiply_accumulates + features.n_features * 3
    assert products == whole.synops_per_sample_


def test_scaling_by_the_part_and_ridges_that_are_searched_do_not_suit():
    assert not SharedFeatures.suits(sl.PooledInputClassifier(ridge=0.1))
    assert not SharedFeatures.suits(sl.PooledInputClassifier(standardize=False))
