"""Bad sequences: each answered with owner, parameter, value, need and remedy."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl

LABELS = ["a", "b", "a"]


def good():
    return [np.random.default_rng(i).standard_normal((20, 3)) for i in range(3)]


def spoiled(change):
    X = good()
    change(X)
    return X


def put_nan(X):
    X[1][5, 2] = np.nan


def put_huge(X):
    X[2][0, 1] = 1e300


CASES = [
    (good()[0], r"X='array of shape \(20, 3\)'\): X must be a list of arrays .*For one series pass \[x\]"),
    (good()[0][:, 0], r"For one series of one feature pass \[x\[:, None\]\]"),
    ([x[:, 0] for x in good()], r"X\[0\] must have shape \(time, feature\)\. .*pass x\[:, None\]"),
    (spoiled(lambda X: X.__setitem__(1, X[1][:, :2])), r"X\[1\] must have 3 features, as X\[0\] has"),
    (spoiled(put_nan), r"X\[1\]\[5, 2\]=nan\): X\[1\]\[5, 2\] must be finite in float32"),
    (spoiled(put_huge), r"X\[2\]\[0, 1\]=1e\+300\): .* must be finite in float32"),
    (
        spoiled(lambda X: X.__setitem__(2, X[2][:0])),
        r"X\[2\] must have at least one step\. Leave empty series out",
    ),
    (spoiled(lambda X: X.__setitem__(0, X[0][:, :0])), r"X\[0\] must have at least one feature"),
    (spoiled(lambda X: X.__setitem__(0, [["a", "b"]])), r"X\[0\] must hold real numbers"),
    (spoiled(lambda X: X.__setitem__(0, [[1.0], [1.0, 2.0]])), r"X\[0\] must be a regular array"),
    ([], r"X must hold at least one series"),
    ("speech", r"X must be a list of arrays \[time, feature\]"),
    (7, r"X must be a list of arrays \[time, feature\]"),
]


@pytest.mark.parametrize(("X", "text"), CASES)
def test_bad_sequences_are_refused(X, text):
    with pytest.raises(sl.ParameterError, match=text) as caught:
        sl.ESNClassifier(sl.Reservoir(20)).fit(X, LABELS)
    assert caught.value.owner.startswith("ESNClassifier.fit")


def test_features_at_predict_are_those_of_fit():
    model = sl.ESNClassifier(sl.Reservoir(20)).fit(good(), LABELS)
    with pytest.raises(sl.ParameterError, match=r"ESNClassifier\.predict.*have 3 features, as in fit"):
        model.predict([np.zeros((5, 2))])


@pytest.mark.parametrize(
    ("y", "text"),
    [
        (["a", "a", "a"], r"y must hold at least two classes\. There is nothing to tell apart"),
        (["a", "b"], r"y must have one label for each of the 3 series"),
        ([0.0, 1.0, np.nan], r"y\[2\]=nan\): y\[2\] must be a label"),
    ],
)
def test_bad_labels_are_refused(y, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.ESNClassifier(sl.Reservoir(20)).fit(good(), y)


@pytest.mark.parametrize(
    ("y", "text"),
    [
        ([np.zeros(20), np.zeros(19), np.zeros(20)], r"y\[1\] must have 20 steps, as X\[1\] has"),
        ([np.zeros(20), np.zeros(20)], r"have one array for each of the 3 series"),
        ([1.0, np.inf, 2.0], r"y\[1\]=inf\): y\[1\] must be finite"),
        ([1.0, 2.0], r"have one target for each of the 3 series"),
        (["a", "b", "c"], r"have one target for each of the 3 series"),
    ],
)
def test_bad_targets_are_refused(y, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.ESNRegressor(sl.Reservoir(20)).fit(good(), y)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"n": 0}, r"Reservoir\(n=0\): n must be an integer >= 1"),
        ({"spectral_radius": -0.1}, r"spectral_radius must be >= 0"),
        ({"leak_rate": 1.5}, r"leak_rate must lie in \(0, 1\]"),
        ({"input_scale": np.inf}, r"input_scale must be finite"),
        ({"bias_scale": -0.1}, r"bias_scale must be >= 0"),
        ({"density": 1.5}, r"density must lie in \[0, 1\]"),
        ({"seed": 1.5}, r"seed must be an integer >= 0"),
    ],
)
def test_bad_recipes_are_refused(values, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.Reservoir(**values)


def test_more_inputs_a_unit_than_there_are():
    with pytest.raises(sl.ParameterError, match=r"FixedIndegree\(k=5\): k must be <= 3"):
        sl.ESNClassifier(sl.Reservoir(20, input_in_degree=5)).fit(good(), LABELS)
