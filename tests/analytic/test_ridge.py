"""Ridge regression against its definition and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge

import spikelab as sl
from spikelab.readout import Gram, Ridge, RidgeWarning


def data(rows, features, kind="plain", outputs=3):
    rng = np.random.default_rng(rows + features)
    x = rng.standard_normal((rows, features))
    if kind == "ill":
        x = x * np.logspace(0, -6, features) @ rng.standard_normal((features, features))
    if kind == "offset":
        x = x + 1e4
    y = x[:, :2] @ rng.standard_normal((2, outputs)) + rng.standard_normal((rows, outputs)) + 5.0
    return x, y


def streamed(x, y, block=37):
    gram = Gram()
    for start in range(0, len(x), block):
        gram.add(x[start : start + block], y[start : start + block])
    return gram


@pytest.mark.parametrize("alpha", [1e-6, 1e-3, 1.0, 100.0])
@pytest.mark.parametrize(
    ("rows", "features", "kind"),
    [(300, 40, "plain"), (63, 200, "plain"), (1000, 50, "ill"), (500, 63, "offset"), (64, 63, "plain")],
)
def test_rows_give_the_weights_of_scikit_learn(rows, features, kind, alpha):
    x, y = data(rows, features, kind)
    ours = Ridge(alpha).fit(x, y)
    theirs = SklearnRidge(alpha, solver="svd").fit(x, y)
    scale = np.abs(theirs.coef_).max()
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=0, atol=1e-8 * scale)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=0, atol=1e-8 * np.abs(y).max())


@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize("kind", ["plain", "offset", "ill"])
def test_a_stream_gives_the_predictions_of_scikit_learn(kind, alpha):
    x, y = data(1000, 50, kind)
    ours = Ridge(alpha).fit_gram(streamed(x, y))
    theirs = SklearnRidge(alpha, solver="svd").fit(x, y)
    assert ours.solver_ == "cholesky"
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=0, atol=1e-8 * np.abs(y).max())


def test_normal_equations_hold():
    x, y = data(200, 30)
    model = Ridge(2.0).fit(x, y)
    residual = y - model.predict(x)
    np.testing.assert_allclose(x.T @ residual, 2.0 * model.coef_.T, atol=1e-9)
    np.testing.assert_allclose(residual.sum(axis=0), 0.0, atol=1e-9)


def test_one_target_axis_stays_one():
    x, y = data(100, 7)
    model = Ridge(0.1).fit(x, y[:, 0])
    assert model.coef_.shape == (7,) and isinstance(model.intercept_, float)
    assert model.predict(x).shape == (100,)


def test_blocks_do_not_matter_and_merging_is_adding():
    x, y = data(500, 20, "offset")
    whole = streamed(x, y, 500)
    parts = streamed(x[:123], y[:123]).merged(streamed(x[123:], y[123:], 11))
    assert parts.n == 500
    for one, other in zip(whole.centred(), parts.centred(), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(parts.mean_x, x.mean(axis=0), rtol=1e-14)


@pytest.mark.parametrize(("rows", "features"), [(200, 30), (50, 120)])
def test_gcv_scores_are_those_of_the_definition(rows, features):
    x, y = data(rows, features)
    grid = np.array([0.1, 3.0, 50.0])
    path = Ridge("gcv", alphas=grid).fit(x, y).ridge_path_
    centred_x, centred_y = x - x.mean(axis=0), y - y.mean(axis=0)
    for alpha, score, dof in zip(path.alpha, path.score, path.dof, strict=True):
        hat = centred_x @ np.linalg.solve(centred_x.T @ centred_x + alpha * np.eye(features), centred_x.T)
        residual = np.square(centred_y - hat @ centred_y).sum()
        assert dof == pytest.approx(1 + np.trace(hat), rel=1e-9)
        assert score == pytest.approx(residual / rows / (1 - (1 + np.trace(hat)) / rows) ** 2, rel=1e-8)
    assert path.method == "gcv"


def test_rows_and_stream_choose_the_same_ridge():
    x, y = data(300, 40)
    assert Ridge().fit(x, y).alpha_ == pytest.approx(Ridge().fit_gram(streamed(x, y)).alpha_, rel=1e-10)


def test_holdout_scores_are_errors_on_the_validation_rows():
    x, y = data(300, 40)
    mask = np.arange(300) >= 250
    grid = [0.5, 20.0]
    rows = Ridge("holdout", alphas=grid).fit(x, y, validation=mask)
    stream = Ridge("holdout", alphas=grid).fit_gram(streamed(x[~mask], y[~mask]), streamed(x[mask], y[mask]))
    for i, alpha in enumerate(grid):
        theirs = SklearnRidge(alpha).fit(x[~mask], y[~mask])
        error = np.mean(np.square(theirs.predict(x[mask]) - y[mask]))
        assert rows.ridge_path_.score[i] == pytest.approx(error, rel=1e-9)
        assert stream.ridge_path_.score[i] == pytest.approx(error, rel=1e-9)
    final = SklearnRidge(rows.alpha_).fit(x, y)
    np.testing.assert_allclose(rows.coef_, final.coef_, rtol=1e-8)
    np.testing.assert_allclose(stream.coef_, final.coef_, rtol=1e-8)


def test_a_singular_stream_falls_back_and_says_so():
    x, y = data(100, 8)
    doubled = np.concatenate([x, x], axis=1)
    with pytest.warns(RidgeWarning, match=r"solver_ = 'eigh'"):
        model = Ridge(0.0).fit_gram(streamed(doubled, y))
    assert model.solver_ == "eigh"
    np.testing.assert_allclose(model.predict(doubled), SklearnRidge(0.0).fit(x, y).predict(x), atol=1e-8)


def test_small_ridge_on_rows_takes_the_rows_themselves():
    x, y = data(1000, 50, "ill")
    assert Ridge(1e-8).fit(x, y).solver_ == "svd"
    assert Ridge(1.0).fit(x, y).solver_ == "cholesky"
    assert Ridge(1.0).fit(*data(20, 50)).solver_ == "dual"


@pytest.mark.parametrize(
    ("alpha", "text"),
    [
        (-1.0, r"Ridge\(alpha=-1.0\): alpha must be >= 0"),
        (np.nan, r"alpha must be finite"),
        ("best", r"alpha must be a number >= 0, 'gcv' or 'holdout'"),
        (True, r"alpha must be a number >= 0"),
    ],
)
def test_alpha_is_checked(alpha, text):
    with pytest.raises(sl.ParameterError, match=text):
        Ridge(alpha).fit(*data(20, 3))


def test_data_are_checked():
    x, y = data(20, 3)
    with pytest.raises(sl.ParameterError, match=r"have shape \(rows, features\)"):
        Ridge(1.0).fit(x[:, 0], y)
    with pytest.raises(sl.ParameterError, match="one row for each of the 20 rows of X"):
        Ridge(1.0).fit(x, y[:19])
    x[3, 1] = np.nan
    with pytest.raises(sl.ParameterError, match=r"X\[3, 1\] must be finite"):
        Ridge(1.0).fit(x, y)
    with pytest.raises(sl.ParameterError, match="without validation rows"):
        Ridge("holdout").fit_gram(streamed(*data(20, 3)))
    with pytest.raises(sl.ParameterError, match="hold numbers > 0"):
        Ridge("gcv", alphas=[0.0, 1.0]).fit(*data(20, 3))
    with pytest.raises(sl.ParameterError, match=r"have shape \(rows, 3\)"):
        Ridge(1.0).fit(*data(20, 3)).predict(np.zeros((2, 4)))
