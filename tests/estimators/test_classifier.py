"""ESNClassifier: what it learns, how it is set, and what it refuses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import clone

import spikelab as sl


def waves(n=24, seed=0):
    """Three classes of noisy waves of different period and mean, ragged in time."""
    rng = np.random.default_rng(seed)
    series, labels = [], []
    for i in range(n):
        t = np.arange(rng.integers(20, 40))
        label = i % 3
        wave = np.sin(2 * np.pi * t / (5 + 3 * label) + rng.uniform(0, 6))
        series.append(np.stack([wave, 0.5 * label - wave], axis=1) + 0.05 * rng.standard_normal((len(t), 2)))
        labels.append("abc"[label])
    return series, np.array(labels)


SMALL = sl.Reservoir(63, leak_rate=0.5)


@pytest.mark.parametrize("pooling", ["segments", "mean", "last", "model_space"])
@pytest.mark.parametrize("include_input", [False, True])
def test_every_pooling_learns_the_waves(pooling, include_input):
    model = sl.ESNClassifier(SMALL, pooling=pooling, n_components=8, include_input=include_input)
    model.fit(*waves())
    X, y = waves(30, seed=1)
    assert model.score(X, y) >= 0.9
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert model.decision_function(X).shape == (30, 3)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)
    assert (model.classes_[model.predict_proba(X).argmax(axis=1)] == model.predict(X)).all()


def test_shuffled_labels_teach_nothing():
    """The control: the same machinery cannot tell series apart whose labels mean nothing."""
    X, y = waves(60)
    shuffled = np.random.default_rng(0).permutation(y)
    assert sl.ESNClassifier(SMALL).fit(X, shuffled).score(*waves(60, seed=1)) < 0.6


def test_features_are_the_means_of_segments_of_the_states():
    from spikelab.fused import fuse_network
    from spikelab.readout import Ridge

    X, y = waves()
    model = sl.ESNClassifier(SMALL, n_segments=3, include_input=False, dtype="float64", standardize=False)
    model.fit(X, y)
    fused = fuse_network(model.networks_[0], np.float64)
    rows = []
    for one in X:
        states = fused.run(one[:, None], fused.zeros(1))[:, 0]
        cuts = np.arange(4) * len(one) // 3
        rows.append(np.concatenate([states[a:b].mean(axis=0) for a, b in pairwise(cuts)]))
    expected = Ridge("gcv").fit(rows, np.where(y[:, None] == model.classes_, 1.0, -1.0)).predict(rows)
    np.testing.assert_allclose(model.decision_function(X), expected, rtol=1e-9, atol=1e-9)


def test_two_classes_give_one_score():
    X, y = waves()
    keep = y != "c"
    X, y = [one for one, kept in zip(X, keep, strict=True) if kept], y[keep]
    model = sl.ESNClassifier(SMALL).fit(X, y)
    scores = model.decision_function(X)
    assert scores.shape == (len(X),)
    assert (model.classes_[(scores > 0).astype(int)] == model.predict(X)).all()


def test_same_seed_same_scores_other_seed_others():
    X, y = waves()
    new = waves(seed=1)[0]
    scores = [sl.ESNClassifier(SMALL, random_state=s).fit(X, y).decision_function(new) for s in (1, 1, 2)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.allclose(scores[0], scores[2])


def test_a_seed_of_the_recipe_goes_before_that_of_the_estimator():
    X, y = waves()
    new, recipe = waves(seed=1)[0], sl.Reservoir(63, seed=7)
    scores = [sl.ESNClassifier(recipe, random_state=s).fit(X, y).decision_function(new) for s in (1, 2)]
    np.testing.assert_array_equal(scores[0], scores[1])


def test_an_ensemble_is_the_mean_of_its_members():
    X, y = waves()
    model = sl.ESNClassifier(SMALL, ensemble=3).fit(X, y)
    assert len(model.readouts_) == len(model.networks_) == 3
    assert model.networks_[0] != model.networks_[1]
    one = sl.ESNClassifier(SMALL, ensemble=1).fit(X, y)
    assert one.networks_[0] == model.networks_[0]
    members = []
    for features, readout in zip(model._features, model.readouts_, strict=True):
        part = np.empty((len(X), 3))
        for index, rows in features.blocks(model._scaler.transform([x.astype(np.float32) for x in X])):
            part[index] = readout.predict(rows)
        members.append(part)
    np.testing.assert_allclose(model.decision_function(X), np.mean(members, axis=0), atol=1e-12)
    assert model.synops_per_sample_ > 2.5 * one.synops_per_sample_


def test_the_order_and_company_of_series_do_not_matter():
    X, y = waves(40)
    model = sl.ESNClassifier(SMALL, threads=2).fit(X, y)
    together = model.decision_function(X)
    alone = np.concatenate([model.decision_function([one]) for one in X[::-1]])[::-1]
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


def test_a_block_array_is_a_list_of_series():
    X = np.random.default_rng(0).standard_normal((9, 25, 2))
    y = np.arange(9) % 3
    block, listed = sl.ESNClassifier(SMALL).fit(X, y), sl.ESNClassifier(SMALL).fit(list(X), y)
    np.testing.assert_array_equal(block.decision_function(X), listed.decision_function(list(X)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_is_honoured(dtype):
    X, y = waves()
    model = sl.ESNClassifier(SMALL, dtype=dtype).fit(X, y)
    assert model._features[0].fused.dtype == np.dtype(dtype)
    (group,) = model._features[0].fused.pool([np.zeros((5, 2), dtype)], np.array([[0, 5]], np.uint32))
    assert group.last.dtype == np.dtype(dtype)


def test_more_series_than_features_are_streamed_to_the_same_readout():
    X, y = waves(90)
    tiny = sl.Reservoir(7, in_degree=3)
    model = sl.ESNClassifier(tiny, n_segments=2, include_input=False).fit(X, y)
    assert model.readout_.solver_ == "cholesky"
    rows = np.empty((90, 14))
    for index, features in model._features[0].blocks(model._scaler.transform([x.astype("f4") for x in X])):
        rows[index] = features
    from spikelab.readout import Ridge

    kept = Ridge("gcv").fit(rows, np.where(y[:, None] == model.classes_, 1.0, -1.0))
    np.testing.assert_allclose(model.readout_.coef_, kept.coef_, rtol=1e-6, atol=1e-8)


def test_parameters_follow_scikit_learn():
    model = sl.ESNClassifier(SMALL, n_segments=3)
    assert model.get_params()["reservoir__leak_rate"] == 0.5
    before = model.reservoir
    model.set_params(reservoir__leak_rate=0.2, n_segments=5)
    assert model.reservoir.leak_rate == 0.2 and model.reservoir.n == 63 and model.n_segments == 5
    assert before.leak_rate == 0.5  # the frozen record was replaced, not changed
    twin = clone(model)
    assert twin is not model and twin.get_params() == model.get_params()
    twin.set_params(reservoir=sl.Reservoir(9, in_degree=2), reservoir__leak_rate=0.7)
    assert (twin.reservoir.n, twin.reservoir.leak_rate) == (9, 0.7)
    assert "Reservoir(n=63" in repr(model)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"colour": 1}, r"ESNClassifier\.set_params\(colour=1\): colour must be one of deltas, dtype"),
        ({"reservoir__colour": 1}, r"reservoir__colour must name a field of Reservoir"),
        ({"ridge__alpha": 1}, r"ridge must be a recipe whose fields can be set"),
        ({"reservoir__leak_rate": 2.0}, r"Reservoir\(leak_rate=2.0\): leak_rate must lie in \(0, 1\]"),
    ],
)
def test_unknown_parameters_are_named(params, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.ESNClassifier(SMALL).set_params(**params)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"pooling": "max"}, r"pooling must be one of 'last', 'mean', 'segments', 'model_space'"),
        ({"n_segments": 0}, r"n_segments must be an integer >= 1"),
        ({"ensemble": 0}, r"ensemble must be an integer >= 1"),
        ({"dtype": "float16"}, r"dtype must be 'float32' or 'float64'"),
        ({"ridge": -1.0}, r"ESNClassifier\(ridge=-1.0\): ridge must be >= 0"),
        ({"random_state": -3}, r"random_state must be an integer >= 0"),
        ({"reservoir": 500}, r"reservoir must be a Reservoir recipe"),
        ({"washout": 50}, r"washout must be below the length of every series; X\[\d+\] has \d+ steps"),
    ],
)
def test_bad_parameters_are_refused_at_fit(params, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.ESNClassifier(**{"reservoir": SMALL, **params}).fit(*waves())


def test_predict_before_fit_says_so():
    with pytest.raises(sl.ParameterError, match=r"must be fitted\. Call fit first"):
        sl.ESNClassifier().predict(waves()[0])


def test_speech_of_nine_speakers_on_a_part_of_the_training_utterances():
    data = sl.datasets.load_japanese_vowels()
    held = np.arange(270) % 3 == 0
    train = [x for x, h in zip(data.X_train, held, strict=True) if not h]
    test = [x for x, h in zip(data.X_train, held, strict=True) if h]
    model = sl.ESNClassifier(sl.Reservoir(200, leak_rate=0.3), deltas=True).fit(train, data.y_train[~held])
    assert model.score(test, data.y_train[held]) > 0.93
