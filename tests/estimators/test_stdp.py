"""`STDPClassifier`: what it learns, what it may not depend on, and what it refuses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import spikelab as sl
from spikelab.errors import ParameterError
from spikelab.readout import VOTES, LabelVote

SIDE = 6


def bars(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images of a bar, upright, lying or slanting, with some noise; and which."""
    rng = np.random.default_rng(seed)
    shapes = np.zeros((3, SIDE, SIDE))
    shapes[0, :, 2:4] = shapes[1, 2:4] = 1.0
    shapes[2] = np.eye(SIDE) + np.eye(SIDE, k=1)
    y = np.arange(n) % 3
    X = 200.0 * np.minimum(shapes[y], 1.0) * rng.uniform(0.6, 1.0, (n, SIDE, SIDE))
    return np.rint(X).astype(np.uint8), y


def model(**params: Any) -> sl.STDPClassifier:
    return sl.STDPClassifier(**{"n_neurons": 8, "duration_ms": 100.0, "theta_plus_mv": 0.5, **params})


@pytest.fixture(scope="module")
def fitted() -> sl.STDPClassifier:
    return model(epochs=2).fit(*bars(90))


def test_bars_are_learned_without_labels_and_named_by_the_vote(fitted: sl.STDPClassifier) -> None:
    X, y = bars(60, seed=1)
    assert fitted.score(X, y) > 0.9
    for vote in VOTES:
        assert clone(fitted).set_params(vote=vote, epochs=2).fit(*bars(90)).score(X, y) > 0.9
    assert set(fitted.labels_) == {0, 1, 2} and fitted.n_seen_ == 180
    # A neuron has learned the bar of the class that it was given: more than half of its weight lies there.
    fields = fitted.receptive_fields_
    mean = np.stack([X[y == k].mean(axis=0) > 20 for k in range(3)])
    inside = (fields * mean[fitted.labels_]).sum(axis=(1, 2)) / fields.sum(axis=(1, 2))
    assert fields.shape == (8, SIDE, SIDE) and np.median(inside) > 0.6
    np.testing.assert_allclose(fitted.weights_.sum(axis=0), 78.4, rtol=1e-4)
    start = model(epochs=2).partial_fit(X[:1]).weights_
    assert np.abs(fitted.weights_ - start).max() > 1.0


def test_labels_play_no_part_in_learning(fitted: sl.STDPClassifier) -> None:
    X, y = bars(90)
    other = model(epochs=2).fit(X, np.roll(y, 31))
    np.testing.assert_array_equal(other.weights_, fitted.weights_)
    np.testing.assert_array_equal(other.thresholds_, fitted.thresholds_)
    alone = model(epochs=2).fit(X)
    np.testing.assert_array_equal(alone.weights_, fitted.weights_)
    with pytest.raises(ParameterError, match=r"must have classes.*assign\(X, y\)"):
        alone.predict(X)
    assert (alone.assign(X, y).predict(X) == fitted.predict(X)).all()


def test_answers_change_nothing_and_rates_are_rates(fitted: sl.STDPClassifier) -> None:
    X, _ = bars(30, seed=2)
    before = fitted.weights_, fitted.thresholds_
    counts = fitted.transform(X)
    np.testing.assert_array_equal(fitted.transform(X), counts)
    # Noise belongs to the row, and images may be flat.
    np.testing.assert_array_equal(fitted.transform(X[:7].reshape(7, -1)), counts[:7])
    np.testing.assert_array_equal(fitted.weights_, before[0])
    np.testing.assert_array_equal(fitted.thresholds_, before[1])
    expected = X.reshape(30, -1).mean(axis=0).sum() / fitted.x_max_ * 64.0 * 0.1 * 8
    # One spike of a neuron reaches its partner, and one of the partner all others.
    assert expected < fitted.synops_per_sample_ < expected + counts.sum() / 30 * 8 + 1
    assert fitted.decision_function(X).shape == (30, 3)
    for vote in VOTES:
        shares = fitted.set_params(vote=vote).predict_proba(X)
        np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    fitted.set_params(vote="proportion")


def test_learning_goes_on_with_the_same_bits_after_saving(tmp_path: Path) -> None:
    X, y = bars(40)
    whole = model().partial_fit(X[:25]).partial_fit(X[25:], y[25:])
    half = model().partial_fit(X[:25])
    sl.save_model(tmp_path / "half.model", half)
    again = sl.load_model(tmp_path / "half.model").partial_fit(X[25:], y[25:])
    np.testing.assert_array_equal(again.weights_, whole.weights_)
    np.testing.assert_array_equal(again.thresholds_, whole.thresholds_)
    np.testing.assert_array_equal(again.transform(X), whole.transform(X))
    once = model().partial_fit(X, y)
    np.testing.assert_array_equal(once.weights_, whole.weights_)
    sl.save_model(tmp_path / "whole.model", whole)
    loaded = sl.load_model(tmp_path / "whole.model")
    np.testing.assert_array_equal(loaded.predict(X), whole.predict(X))
    np.testing.assert_array_equal(loaded.labels_, whole.labels_)


def test_seeds_decide_everything(fitted: sl.STDPClassifier) -> None:
    X, y = bars(90)
    again = clone(fitted).fit(X, y)
    np.testing.assert_array_equal(again.weights_, fitted.weights_)
    assert not np.array_equal(clone(fitted).set_params(random_state=1).fit(X, y).weights_, fitted.weights_)


def test_first_weights_can_be_given() -> None:
    X, _ = bars(8)
    given = np.tile(np.linspace(1.0, 3.0, SIDE * SIDE)[:, None], (1, 8))
    start = model(weights=given, nu_post=1e-6, nu_pre=1e-6).partial_fit(X[:1]).weights_
    np.testing.assert_allclose(start, given * 78.4 / given.sum(axis=0), rtol=1e-2)


def test_a_sum_that_fits_no_feature_is_scaled_with_their_number() -> None:
    X, y = bars(30)
    small = model(total_mv=40.0).fit(X, y)
    np.testing.assert_allclose(small.weights_.sum(axis=0), 40.0, rtol=1e-4)
    assert small.weights_.max() <= 10 * 40.0 / SIDE**2


def test_silence_is_told() -> None:
    X, y = bars(9)
    with pytest.warns(UserWarning, match="no neuron fired for any sample. Raise max_rate_hz"):
        silent = model(max_rate_hz=0.01).fit(X, y)
    assert (silent.labels_ == -1).all()
    assert set(silent.predict(X)) == {0}
    np.testing.assert_allclose(silent.predict_proba(X), 1 / 3)
    with pytest.warns(UserWarning, match=r"\d of 8 neurons never fired, and have no class"):
        model().fit(X, y).assign(X[:2], [0, 1])


def test_two_classes_have_one_score() -> None:
    X, y = bars(60)
    two = y < 2
    fitted = model().fit(X[two], np.array(["up", "flat"])[y[two]])
    scores = fitted.decision_function(X[two])
    assert scores.shape == (two.sum(),)
    assert (fitted.predict(X[two]) == np.where(scores > 0, "up", "flat")).mean() > 0.9


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"n_neurons": 1}, "STDPClassifier(n_neurons=1): n_neurons must be >= 2, so that neurons compete"),
        ({"vote": "loudest"}, "STDPClassifier(vote='loudest'): vote must be one of"),
        ({"nu_post": -0.1}, "STDPClassifier(nu_post=-0.1): nu_post must be >= 0"),
        ({"duration_ms": 0.0}, "STDPClassifier(duration_ms=0.0): duration_ms must be > 0"),
        ({"image_shape": 6}, "STDPClassifier(image_shape=6): image_shape must be (rows, columns) or None"),
        ({"label_samples": 0}, "STDPClassifier(label_samples=0): label_samples must be an integer >= 1"),
        ({"max_rate_hz": 2000.0}, "PoissonEncoder(max_rate_hz=2000.0): max_rate_hz must be <= 1000 Hz"),
        ({"progress": "yes"}, "STDPClassifier(progress='yes'): progress must be True or False"),
    ],
)
def test_parameters_are_refused(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(text)):
        model(**change).fit(*bars(6))


def test_samples_are_refused(fitted: sl.STDPClassifier) -> None:
    X, y = bars(6)
    bad = X.astype(float)
    bad[2, 3, 4] = np.nan
    with pytest.raises(ParameterError, match=re.escape("X[2, 3, 4] must be finite, and not negative")):
        model().fit(bad, y)
    with pytest.raises(ParameterError, match=re.escape("X[0, 1] must be finite, and not negative")):
        fitted.predict(np.tile([[1.0, -1.0]], (1, SIDE * SIDE // 2)))
    with pytest.raises(ParameterError, match="have the 36 features seen in fit"):
        fitted.transform(X[:, :4])
    with pytest.raises(ParameterError, match="have a value that is not 0"):
        model().fit(np.zeros((4, 9)), [0, 1, 0, 1])
    with pytest.raises(ParameterError, match="have one label for each of the 6"):
        model().fit(X, y[:5])
    with pytest.raises(ParameterError, match=re.escape("For a single sample pass X[None].")):
        model().fit(X[0].ravel(), y)
    with pytest.raises(ParameterError, match="be fitted"):
        model().transform(X)
    with pytest.raises(ParameterError, match="hold the 36 features of a sample"):
        clone(fitted).set_params(image_shape=(5, 5)).partial_fit(X).receptive_fields_  # noqa: B018


def test_votes_by_hand() -> None:
    counts = np.array([[4, 0, 0, 1], [2, 0, 0, 1], [0, 3, 0, 1], [0, 1, 0, 1]])
    vote = LabelVote.fit(counts, np.array([0, 0, 1, 1]), 2)
    np.testing.assert_array_equal(vote.rates, [[3, 0, 0, 1], [0, 2, 0, 1]])
    np.testing.assert_array_equal(vote.neuron_classes, [0, 1, -1, 0])
    new = np.array([[1, 2, 5, 2]])
    # Class 0 has two neurons, class 1 one.
    np.testing.assert_allclose(vote.scores(new, "mean"), [[(1 + 2) / 2, 2]])
    np.testing.assert_allclose(vote.scores(new, "proportion"), [[1 + 0.5 * 2, 2 + 0.5 * 2]])
    r = vote.rates + 0.5
    np.testing.assert_allclose(vote.scores(new, "likelihood"), (new * np.log(r) - r).sum(axis=1)[None])
    empty = LabelVote.fit(counts[:2], np.array([0, 0]), 2)
    assert np.isfinite(empty.scores(new, "likelihood")).all()
