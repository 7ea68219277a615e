"""Classifiers of layers that learn: what they learn, keep, save and refuse."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

import spikelab as sl
from spikelab.errors import ParameterError
from spikelab.io import CheckpointError
from spikelab.learn import (
    DRTP,
    SGD,
    Adam,
    AugmentedDFA,
    EquilibriumPropagation,
    FeedbackAlignment,
    LocalError,
    TrainingWarning,
    WeightLimits,
)
from spikelab.storable import STORABLE

KINDS = {"spiking": sl.SpikingClassifier, "rate": sl.RateClassifier}


def model(kind: str = "spiking", **params: Any) -> Any:
    base = {"hidden": (40,), "epochs": 12, "batch_size": 32, "updater": Adam(learning_rate=0.01)}
    return KINDS[kind](**{**base, **params})


def digits(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return images[:n], np.array([f"digit {label}" for label in labels[:n]])


def weights(fitted: Any) -> list[np.ndarray]:
    return [layer.weight.copy() for layer in fitted.course_.stack.layers]


def same(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_digits_are_learned_above_the_frozen_floor(kind: str) -> None:
    X, y = digits()
    train, test = slice(0, 450), slice(450, 600)
    learned = model(kind, hidden=(40, 30)).fit(X[train], y[train])
    frozen = model(kind, hidden=(40, 30), learn=Frozen()).fit(X[train], y[train])
    assert all(np.array_equal(a, b) for a, b in zip(weights(frozen)[:2], _first(frozen), strict=True))
    assert learned.score(X[test], y[test]) > 0.85
    assert learned.score(X[test], y[test]) > frozen.score(X[test], y[test]) + 0.03
    shares = learned.predict_proba(X[test])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_array_equal(learned.classes_[shares.argmax(axis=1)], learned.predict(X[test]))
    assert learned.decision_function(X[test]).shape == (150, 10)
    assert [epoch.epoch for epoch in learned.history_] == list(range(1, 13))
    # Images may be flat, and bytes give the same as real numbers.
    square = X[test].reshape(-1, 8, 8).astype(np.uint8)
    np.testing.assert_array_equal(learned.predict(square), learned.predict(X[test]))


class Frozen(AugmentedDFA):
    """Only the readout learns."""

    def thirds(self, stack, state, shown, error, target):  # type: ignore[no-untyped-def]
        return {}


def _first(fitted: Any) -> list[np.ndarray]:
    X, _ = digits(450)
    start = clone(fitted).set_params(updater=SGD(learning_rate=1e-30), epochs=1).fit(X, np.arange(450) % 10)
    return weights(start)[:2]


@pytest.mark.parametrize("rule", [DRTP(), FeedbackAlignment(), LocalError(error="prediction")])
def test_any_rule_can_be_chosen(rule: Any) -> None:
    X, y = digits(300)
    assert model(learn=rule).fit(X, y).score(X, y) > 0.8


def test_rates_are_those_asked_for() -> None:
    X, y = digits(300)
    epoch = model(rate=0.2, epochs=1, updater=SGD(learning_rate=1e-12)).fit(X, y).history_[0]
    assert epoch.activity == pytest.approx(0.2, rel=0.15)
    with pytest.warns(TrainingWarning, match=r"layer\d.* before the first step.*rate=0\.1"):
        silent = sl.LIF.unitless(threshold=50.0)
        model(rate=None, neuron=silent, epochs=1).fit(X, y)


def test_scale_and_seed_decide() -> None:
    X, y = digits(200)
    once = model(epochs=2).fit(X, y)
    assert same(once, clone(once).fit(16 * X, y)) and once.x_scale_ == 16.0
    assert not same(once, model(epochs=2, random_state=1).fit(X, y))
    assert same(once, model(epochs=2, threads=1).fit(X, y))


@pytest.mark.parametrize("kind", KINDS)
def test_learning_goes_on_with_the_same_bits_after_saving(kind: str, tmp_path: Path) -> None:
    X, y = digits(300)
    names = np.unique(y)
    whole = model(kind).partial_fit(X[:150], y[:150], names).partial_fit(X[150:], y[150:])
    half = model(kind).partial_fit(X[:150], y[:150], names)
    sl.save_model(tmp_path / "half.model", half)
    again = sl.load_model(tmp_path / "half.model")
    np.testing.assert_array_equal(again.decision_function(X), half.decision_function(X))
    again.partial_fit(X[150:], y[150:])
    assert same(again, whole)
    assert [replace(one, seconds=0.0) for one in again.history_] == [
        replace(one, seconds=0.0) for one in whole.history_
    ]
    assert again.get_params()["learn"] == AugmentedDFA() and again.history_[1].samples == 300


@pytest.mark.parametrize("kind", KINDS)
def test_fitted_models_travel_to_other_processes(kind: str) -> None:
    X, y = digits(100)
    fitted = model(kind, epochs=1).fit(X, y)
    other = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(other.decision_function(X), fitted.decision_function(X))
    assert same(other.partial_fit(X, y), fitted.partial_fit(X, y))


def test_layers_that_settle_are_trained_and_saved(tmp_path: Path) -> None:
    X, y = digits(300)
    settings = {"hidden": (30, 20), "activation": "tanh", "learn": EquilibriumPropagation(), "epochs": 6}
    fitted = model("rate", **settings, settle=8).fit(X, y)
    assert fitted.score(X, y) > 0.8
    sl.save_model(tmp_path / "one.model", fitted)
    loaded = sl.load_model(tmp_path / "one.model")
    np.testing.assert_array_equal(loaded.decision_function(X), fitted.decision_function(X))
    assert same(loaded.partial_fit(X, y), fitted.partial_fit(X, y))
    with pytest.raises(ParameterError, match="act on each other until they rest"):
        model("rate", **settings).fit(X, y)


@dataclass(frozen=True, kw_only=True)
class OneOfMine(AugmentedDFA):
    """A rule that no file knows."""

    boost: float = 1.0


def test_rules_of_one_s_own_are_saved_once_they_are_storable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = digits(100)
    fitted = model(learn=OneOfMine(boost=2.0), epochs=1).fit(X, y)
    with pytest.raises(ParameterError, match="consist of records of spikelab and plain values"):
        sl.save_model(tmp_path / "one.model", fitted)
    monkeypatch.setitem(STORABLE, "OneOfMine", OneOfMine)
    sl.save_model(tmp_path / "one.model", fitted)
    assert sl.load_model(tmp_path / "one.model").course_.rule == OneOfMine(boost=2.0)


def test_models_with_all_that_they_may_have_are_saved(tmp_path: Path) -> None:
    X, y = digits(200)
    mask = np.arange(64 * 40).reshape(64, 40) % 3 > 0
    fitted = model(
        learn=LocalError(error="prediction"),
        updater=SGD(learning_rate=0.01, momentum=0.9),
        limits=WeightLimits(low=-1.0, inhibitory=0.2, masks={0: mask}),
        epochs=2,
        validation_fraction=0.2,
        patience=1,
    ).fit(X, y)
    sl.save_model(tmp_path / "one.model", fitted)
    loaded = sl.load_model(tmp_path / "one.model")
    np.testing.assert_array_equal(loaded.limits.masks[0], mask)
    assert loaded.best_epoch_ == fitted.best_epoch_
    assert same(loaded.partial_fit(X, y), fitted.partial_fit(X, y))
    assert not weights(loaded)[0][~mask].any()


@pytest.mark.parametrize("damage", [lambda a: a[:-1], lambda a: a[:, :9], lambda a: a.astype(np.int64)])
def test_forged_layers_are_refused(damage: Any, tmp_path: Path) -> None:
    X, y = digits(100)
    path = tmp_path / "one.model"
    fitted = model(epochs=1).fit(X, y)
    fitted.course_.stack.readout.weight = damage(fitted.course_.stack.readout.weight)
    sl.save_model(path, fitted)
    with pytest.raises(CheckpointError, match="does not fit"):
        sl.load_model(path)


def test_an_interrupted_fit_goes_on(tmp_path: Path) -> None:
    X, y = digits(200)
    whole = model(epochs=4).fit(X, y)

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model(epochs=4, progress=stop).fit(X, y, checkpoint=tmp_path / "file")
    rest = model(epochs=4).fit(X, y, checkpoint=tmp_path / "file")
    assert same(rest, whole)
    assert [asdict(one)["loss"] for one in rest.history_] == [one.loss for one in whole.history_]
    with pytest.raises(CheckpointError, match="with these settings and samples"):
        model(epochs=4, steps=5).fit(X, y, checkpoint=tmp_path / "file")


def test_training_stops_on_samples_of_one_s_own() -> None:
    X, y = digits()
    fitted = model("rate", epochs=50, patience=2).fit(X[:300], y[:300], validation=(X[300:], y[300:]))
    assert fitted.best_epoch_ == len(fitted.history_) - 2 < 48
    best = fitted.history_[fitted.best_epoch_ - 1]
    assert fitted.score(X[300:], y[300:]) == best.validation_accuracy


def test_nested_settings_can_be_searched() -> None:
    X, y = digits(150)
    search = GridSearchCV(
        model("rate", epochs=3), {"learn__g": ["clipped"], "updater__learning_rate": [1e-9, 0.01]}
    )
    assert search.fit(X, y).best_params_["updater__learning_rate"] == 0.01


def test_inputs_that_cannot_be_used_are_refused() -> None:
    X, y = digits(60)
    bad = X.copy()
    bad[3, 5] = np.nan
    with pytest.raises(ParameterError, match=r"SpikingClassifier\.fit.*X\[3, 5\] must be finite"):
        model().fit(bad, y)
    with pytest.raises(ParameterError, match="hold at least two classes"):
        model().fit(X, np.zeros(60, int))
    with pytest.raises(ParameterError, match="X must have a value that is not 0"):
        model().fit(0 * X, y)
    with pytest.raises(ParameterError, match="be fitted"):
        model().predict(X)
    with pytest.raises(ParameterError, match=r"classes must name all classes at the first call"):
        model().partial_fit(X, y)
    names = np.unique(y)[:9]
    known = np.isin(y, names)
    begun = model().partial_fit(X[known], y[known], names)
    before = weights(begun)
    at = int(np.argmin(known))
    with pytest.raises(ParameterError, match=rf"y\[{at}\] must be one of the classes \['digit 0'"):
        begun.partial_fit(X, y)
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(begun), strict=True))
    with pytest.raises(ParameterError, match="classes must be those of the first call"):
        begun.partial_fit(X[known], y[known], np.unique(y))
    with pytest.raises(ParameterError, match="have the 64 features seen in fit"):
        begun.predict(X[:, :60])
    assert begun.partial_fit(X[:1], y[:1]).history_[-1].samples == known.sum() + 1


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"hidden": ()}, "hidden must be the neurons of each hidden layer"),
        ({"hidden": (10, 0)}, r"hidden\[1\] must be an integer >= 1"),
        ({"learn": "dfa"}, r"learn must be a DeepRule.*AugmentedDFA\(\)"),
        ({"updater": 0.1}, r"updater must be a Updater.*Adam\(\)"),
        ({"limits": 1.0}, "limits must be a WeightLimits"),
        ({"batch_size": 0}, "batch_size must be an integer >= 1"),
        ({"learn": LocalError(), "batch_size": 1}, "be >= 2 in every batch: LocalError compares"),
        ({"patience": 2}, "patience must have a validation part"),
        ({"rate": 0.0}, "rate must be > 0"),
        ({"rate": 1.5}, r"rate must lie in \[0, 1\]"),
        ({"steps": 0}, "steps must be an integer"),
        ({"progress": "yes"}, "progress must be True or False"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(params: dict[str, Any], text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ParameterError, match=text):
            model(**params).fit(*digits(60))


@pytest.mark.parametrize("encoder", [sl.PoissonEncoder(max_rate_hz=500.0), sl.LatencyEncoder()])
def test_samples_may_come_as_spikes(encoder, tmp_path):
    x = np.kron(np.eye(3), np.ones((20, 8)))
    labels = np.repeat([0, 1, 2], 20)
    model = sl.SpikingClassifier((60,), encoder=encoder, steps=20, epochs=8, batch_size=20).fit(x, labels)
    assert model.score(x, labels) > 0.9
    path = tmp_path / "spikes.model"
    sl.save_model(path, model)
    np.testing.assert_array_equal(sl.load_model(path).predict_proba(x), model.predict_proba(x))
    with pytest.raises(ParameterError, match="encoder"):
        sl.SpikingClassifier((6,), encoder=sl.DeltaEncoder()).fit(x, labels)
