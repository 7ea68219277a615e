"""ConvSTDP and its classifier: what filters learn, features, seeds, threads, saving, refusals, warnings."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

import spikelab as sl
from spikelab.errors import ParameterError

SILENT = 255
RULE = sl.LatencySTDP(a_plus=0.1, a_minus=0.08)
LAYER = sl.ConvLayer(maps=4, kernel=5, threshold=4.0, pool=3, radius=2, samples=300, rule=RULE)


def bars(n: int = 60, seed: int = 0) -> tuple[Any, Any]:
    """Pictures of one bar, lying or standing, at some place."""
    rng = np.random.default_rng(seed)
    X, y = np.zeros((n, 14, 14), np.uint8), rng.integers(0, 2, n)
    for picture, standing in zip(X, y, strict=True):
        picture[rng.integers(3, 9) :][:2, 2:-2] = 255
        picture[:] = picture.T if standing else picture
    return X, y


@pytest.fixture(scope="module")
def model() -> Any:
    return sl.ConvSTDP([LAYER], random_state=3).fit(bars()[0])


def test_filters_become_what_fires_first_in_a_window() -> None:
    picture = bars(1)[0]
    layer = sl.ConvLayer(maps=4, kernel=5, threshold=4.0, radius=2, samples=200, converged=0.001, rule=RULE)
    model = sl.ConvSTDP([layer], random_state=0).fit(np.repeat(picture, 10, axis=0))
    latency = sl.DoG().latencies(picture)[0]
    windows = np.lib.stride_tricks.sliding_window_view(latency, (2, 5, 5))[0].reshape(-1, 2, 5, 5)
    early = {(window <= t).tobytes() for window in windows for t in range(15)}
    learned = model.filters_[0][model.wins_[0] > 100]
    assert len(learned) >= 2
    assert all((filters > 0.5).tobytes() in early for filters in learned)
    assert model.unsettled_[0] < 0.01


def test_features_are_early_spikes(model: Any) -> None:
    X = bars(5, 1)[0]
    first = model.first_spikes(X)
    assert first.shape == (5, 4, 4, 4)
    features = model.transform(X)
    assert features.dtype == np.float32
    assert features.shape == (5, model.n_features_out_) == (5, 64)
    wanted = np.where(first == SILENT, 0.0, (15.0 - np.minimum(first, 15)) / 15.0).reshape(5, -1)
    assert features == pytest.approx(wanted, abs=1e-6)
    assert 0 < (features > 0).mean() < 0.9


def test_real_pictures_are_those_of_bytes(model: Any) -> None:
    X = bars(5, 2)[0]
    assert np.array_equal(model.transform(X), model.transform(X.astype(np.float64) / 255.0))


def test_threads_and_groups_change_nothing(model: Any) -> None:
    X = bars(300, 3)[0]
    whole = model.transform(X)
    two = clone(model).set_params(threads=2)
    two.fit(bars()[0])
    assert np.array_equal(two.filters_[0], model.filters_[0])
    assert np.array_equal(two.transform(X), whole)
    assert np.array_equal(model.transform(X[:7]), whole[:7])


def test_seeds_decide_first_weights_and_order() -> None:
    X = bars()[0]
    one, same, other = (sl.ConvSTDP([LAYER], random_state=k).fit(X).filters_[0] for k in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_more_maps_leave_the_first_weights_of_others_alone() -> None:
    few, many = (
        sl.ConvSTDP([sl.ConvLayer(maps=maps, samples=0)], random_state=0).fit(bars()[0]).filters_[0]
        for maps in (2, 5)
    )
    assert np.array_equal(few, many[:2])


def test_learning_stops_when_weights_have_settled() -> None:
    layer = sl.ConvLayer(
        maps=4, kernel=5, threshold=4.0, radius=2, samples=5000, converged=0.3, rule=LAYER.rule
    )
    model = sl.ConvSTDP([layer], random_state=0).fit(bars()[0])
    assert model.samples_shown_[0] < 5000
    assert model.unsettled_[0] < 0.3


def test_another_rule_of_the_project_learns_as_well() -> None:
    pair = sl.STDP(w_max=1.0, a_plus=0.02, a_minus=0.02, coincident="pre_first")
    layer = sl.ConvLayer(maps=4, kernel=5, threshold=4.0, radius=2, pool=3, samples=300, rule=pair)
    model = sl.ConvSTDP([layer], random_state=0).fit(bars()[0])
    assert model.wins_[0].sum() > 100
    assert model.unsettled_[0] < 0.5


def test_a_second_layer_sees_the_maps_of_the_first() -> None:
    second = sl.ConvLayer(maps=3, kernel=2, threshold=2.0, pool=2, samples=100, radius=0)
    model = sl.ConvSTDP([LAYER, second], readout="all", random_state=0).fit(bars()[0])
    assert [one.shape for one in model.filters_] == [(4, 2, 5, 5), (3, 4, 2, 2)]
    X = bars(4, 5)[0]
    assert model.transform(X).shape == (4, 4 * 16 + 3 * 4)
    last = clone(model).set_params(readout="last").fit(bars()[0])
    assert np.array_equal(last.transform(X), model.transform(X)[:, 64:])
    assert model.first_spikes(X, layer=0).shape == (4, 4, 4, 4)


def test_given_filters_take_the_place_of_learned_ones(model: Any) -> None:
    X = bars(20, 4)[0]
    same = model.with_filters(model.filters_)
    assert np.array_equal(same.transform(X), model.transform(X))
    flat = model.with_filters([np.full((4, 2, 5, 5), 0.01)])
    assert not flat.transform(X).any()
    assert model.transform(X).any()
    with pytest.raises(ParameterError, match=r"filters\[0\].*must have the shape \(4, 2, 5, 5\)"):
        model.with_filters([np.zeros((4, 2, 5, 6))])
    with pytest.raises(ParameterError, match="must hold weights from 0 to 1"):
        model.with_filters([np.full((4, 2, 5, 5), 1.5)])
    with pytest.raises(ParameterError, match="one array for each of the 1 layers"):
        model.with_filters([])


def test_the_classifier_tells_bars_apart_and_is_saved_with_all(tmp_path: Path) -> None:
    X, y = bars(80)
    names = np.array(["lying", "standing"])[y]
    model = sl.ConvSTDPClassifier([LAYER], random_state=0, threads=2).fit(X, names)
    T, labels = bars(40, 9)
    assert model.score(T, np.array(["lying", "standing"])[labels]) > 0.95
    assert model.predict_proba(T).sum(axis=1) == pytest.approx(np.ones(40))
    sl.save_model(tmp_path / "bars.model", model)
    again = sl.load_model(tmp_path / "bars.model")
    assert np.array_equal(again.decision_function(T), model.decision_function(T))
    assert again.layers == [LAYER]
    assert again.fit(X, names).score(T, again.classes_[labels]) > 0.95


def test_it_stands_in_a_pipeline() -> None:
    X, y = bars(80)
    line = make_pipeline(sl.ConvSTDP([LAYER], random_state=0), RidgeClassifier())
    assert line.fit(X, y).score(*bars(40, 9)) > 0.95


def test_damaged_filters_are_refused_in_a_file(tmp_path: Path, model: Any) -> None:
    twin = model.with_filters(model.filters_)
    twin.filters_ = [np.full((4, 2, 5, 5), 1e9)]
    sl.save_model(tmp_path / "bad.model", twin)
    with pytest.raises(sl.CheckpointError, match="its filters does not fit"):
        sl.load_model(tmp_path / "bad.model")


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros((5, 784)), r"Flat pictures: pass X.reshape\(-1, 28, 28\)"),
        (np.zeros((28, 27)), r"For one picture pass X\[None\]"),
        (np.zeros((0, 9, 9)), r"must have shape \(samples, y, x\)"),
        (np.full((2, 9, 9), -1), r"X\[0, 0, 0\]=-1\).*between 0 and 255"),
        (np.full((2, 9, 9), 2.0), r"between 0 and 1.*Divide by the largest"),
        (np.where(np.arange(162).reshape(2, 9, 9) == 100, np.nan, 0.5), r"X\[1, 2, 1\]=nan"),
        (np.full((2, 9, 9), "a"), "hold real numbers"),
        ([[[1], [2, 3]]], "regular array"),
        (np.zeros((2, 4, 9)), r"layers\[0\].kernel must be <= 4"),
    ],
)
def test_pictures_that_cannot_be_used_are_refused(X: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        sl.ConvSTDP([LAYER]).fit(X)


def test_pictures_of_another_size_are_refused(model: Any) -> None:
    with pytest.raises(ParameterError, match="14 x 14 pixels, as in fit"):
        model.transform(np.zeros((2, 15, 14)))
    with pytest.raises(ParameterError, match=r"be fitted. Call fit first"):
        sl.ConvSTDP().transform(np.zeros((2, 15, 14)))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"layers": []}, "at least one"),
        ({"layers": LAYER}, r"Pass \[ConvLayer"),
        ({"layers": ["conv"]}, "be ConvLayer records"),
        ({"front": 3}, "be a DoG or None"),
        ({"readout": "first"}, "'last' or 'all'"),
        ({"threads": 0}, "threads must be an integer >= 1"),
        ({"random_state": -1}, "random_state must be an integer >= 0"),
        ({"progress": "yes"}, "True or False"),
        ({"layers": [sl.ConvLayer(kernel=5, threshold=51.0)]}, "threshold must be <= 50"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        sl.ConvSTDP(**parameters).fit(bars()[0])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"maps": 0}, "maps must be an integer >= 1"),
        ({"threshold": 0.0}, "threshold must be > 0"),
        ({"radius": -1}, "radius must be an integer >= 0"),
        ({"w_mean": 1.0}, "lie between the rule's bounds"),
        ({"rule": 3}, "be a plasticity record"),
        ({"rule": sl.RewardSTDP(w_max=1.0)}, "read traces of spikes only"),
    ],
)
def test_layers_that_cannot_be_used_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        sl.ConvLayer(**values)


def test_silence_is_told() -> None:
    X = bars()[0]
    with pytest.warns(
        UserWarning, match=r"layers\[0\]: no neuron reached the threshold 40: the highest sum was \d"
    ):
        sl.ConvSTDP([sl.ConvLayer(kernel=5, threshold=40.0, samples=100)], random_state=0).fit(X)
    with pytest.warns(UserWarning, match="none of the 100 pictures made a spike"):
        sl.ConvSTDP([sl.ConvLayer(samples=100)], random_state=0).fit(np.zeros_like(X))
    X[:3] = 0
    with pytest.warns(UserWarning, match="3 of 60 pictures made no spike"):
        sl.ConvSTDP([sl.ConvLayer(kernel=5, threshold=4.0, samples=60)], random_state=0).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sl.ConvSTDP([sl.ConvLayer(kernel=5, threshold=4.0, samples=60)], random_state=0).fit(X[3:])


def test_dog_is_checked_and_balanced() -> None:
    taps = sl.DoG().taps
    assert taps.shape == (7, 7)
    assert taps.sum() == pytest.approx(0.0, abs=1e-15)
    assert taps[taps > 0].sum() == pytest.approx(1.0)
    assert np.array_equal(taps, taps.T)
    for values, message in (
        ({"size": 6}, "size must be odd"),
        ({"sigma_surround": 0.5}, "be larger than sigma_centre"),
        ({"threshold": 1.5}, "lie in"),
        ({"n_steps": 256}, "n_steps must be an integer <= 255"),
    ):
        with pytest.raises(ParameterError, match=message):
            sl.DoG(**values)


def test_dog_is_the_same_in_both_backends() -> None:
    X = np.random.default_rng(0).integers(0, 255, (3, 12, 10)).astype(np.uint8)
    latency = sl.DoG().latencies(X)
    assert np.array_equal(latency, sl.DoG().latencies(X, "reference"))
    counts = np.bincount(latency[latency != SILENT], minlength=15)
    assert len(counts) == 15
    assert np.ptp(counts) <= 3
