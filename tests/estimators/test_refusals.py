"""What estimators, readouts and measures refuse, with the text; what was fitted before stays whole."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

import spikelab as sl
from spikelab.readout import Ridge

RAGGED = [[1.0], [1.0, 2.0]]
T = np.arange(24)
X = [np.sin(T[: 20 + i % 5] / (2 + i % 2))[:, None] + 0.01 * i for i in range(12)]
LABELS = [("slow", "fast")[i % 2] for i in range(12)]
TARGETS = [float(i % 2) for i in range(12)]
WAVE = np.sin(0.2 * np.arange(300))[:, None]


def classifier(**parameters) -> sl.ESNClassifier:
    return sl.ESNClassifier(sl.Reservoir(20), **parameters)


def liquid(**parameters) -> sl.LSMClassifier:
    return sl.LSMClassifier(sl.LiquidReservoir(n=27, frame_ms=2.0), **parameters)


def regressor(**parameters) -> sl.ESNRegressor:
    return sl.ESNRegressor(sl.Reservoir(20), **parameters)


def forecaster(**parameters) -> sl.ESNForecaster:
    return sl.ESNForecaster(sl.Reservoir(20), **parameters)


MODELS = {"ESNClassifier": classifier, "LSMClassifier": liquid, "ESNRegressor": regressor}
DATA = {"ESNClassifier": LABELS, "LSMClassifier": LABELS, "ESNRegressor": TARGETS}

FLAG = ("be True or False", [1, 0, "yes", None, np.array([True])])
COUNT = ("be an integer", [0, -1, 1.5, True, "2", None, np.array([1, 2])])
BAD = {
    "deltas": FLAG,
    "include_input": FLAG,
    "standardize": FLAG,
    "dtype": ("be 'float32' or 'float64'", ["a", "float16", None, float, int, 32, ["float32"]]),
    "encoder": ("be None, or a DeltaEncoder or a LIFEncoder", ["lif", 1, True, sl.LIFEncoder]),
    "ensemble": COUNT,
    "n_components": COUNT,
    "n_segments": ("be an integer", [*COUNT[1], 2**16 + 1]),
    "pooling": ("be one of 'last', 'mean'", [None, "max", np.array(["mean", "last"]), ["mean"]]),
    "random_state": ("be an integer >= 0", [-1, 1.5, True, "0", np.random.default_rng(0)]),
    "reservoir": ("be a (Liquid)?Reservoir recipe", [None, 500, sl.Reservoir, "esn"]),
    "ridge": ("be (a number >= 0, 'gcv' or 'holdout'|>= 0|finite)", [None, "best", -1.0, np.nan, 1j, RAGGED]),
    "threads": COUNT,
    "trace_ms": ("be (a single number|a real number|> 0 ms)", [0.0, -1.0, None, "a", [1.0], True]),
    "washout": ("be an integer >= 0", [-1, 0.5, None, True]),
}


@pytest.mark.parametrize("name", [*MODELS, "ESNForecaster"])
def test_every_parameter_is_checked_before_the_earlier_fit_is_touched(name):
    make = {**MODELS, "ESNForecaster": forecaster}[name]
    data = (WAVE,) if name == "ESNForecaster" else (X, DATA[name])
    model = make().fit(*data)
    before, attributes = pickle.dumps(model.predict(data[0])), set(vars(model))
    good = model.get_params(deep=False)
    assert set(good) <= set(BAD)
    for parameter in good:
        need, values = BAD[parameter]
        for value in values:
            model.set_params(**{parameter: value})
            with pytest.raises(sl.ParameterError):
                model.check_parameters()
            with pytest.raises(sl.ParameterError, match=rf"^{name}\({parameter}=.*: {parameter} must {need}"):
                model.fit(*data)
        model.set_params(**{parameter: good[parameter]})
    assert set(vars(model)) == attributes
    assert pickle.dumps(model.predict(data[0])) == before


@pytest.mark.parametrize("name", MODELS)
def test_bad_data_leave_the_earlier_fit_whole(name):
    model = MODELS[name]().fit(X, DATA[name])
    before = model.predict(X)
    holes = [one.copy() for one in X]
    holes[3][7, 0] = np.nan
    for bad, text in [
        (holes, r"X\[3\]\[7, 0\] must be finite in float32"),
        ([*X[:5], np.ones((4, 2)), *X[6:]], r"X\[5\] must have 1 features, as (in fit|X\[0\] has)"),
        ([*X[:2], np.empty((0, 1)), *X[3:]], r"X\[2\] must have at least one step"),
        ([*X[:2], RAGGED, *X[3:]], r"X\[2\] must be a regular array"),
        ([x * 1j for x in X], r"X\[0\] must hold real numbers"),
        ({0: X[0]}, "X must be a list of arrays"),
        ([], "X must hold at least one series"),
    ]:
        with pytest.raises(sl.ParameterError, match=rf"{name}\.fit\(.*{text}"):
            model.fit(bad, DATA[name])
        if len(bad) > 1:
            with pytest.raises(sl.ParameterError, match=rf"{name}\.score\(.*{text}"):
                model.score(bad, DATA[name])
    with pytest.raises(sl.ParameterError, match=r"predict\(X\[0\]=.*must have 1 features, as in fit"):
        model.predict([np.ones((5, 3))])
    assert np.array_equal(model.predict(X), before)


@pytest.mark.parametrize(
    ("y", "text"),
    [
        (None, r"y='array of shape \(\)'\): y must be a list of labels"),
        (LABELS[:3], "must have one label for each of the 12 series"),
        (["fast"] * 12, "y=.only the class fast.\\): y must hold at least two classes"),
        (RAGGED * 6, "y must be a list of labels"),
        ([1, "a"] * 6, "y must hold labels of one kind: whole numbers or text"),
        ([None, "a"] * 6, "y must hold labels of one kind"),
        ([1j, 2] * 6, "y must hold labels of one kind"),
        ([0.0, np.nan] * 6, r"y\[1\] must be a label"),
        (np.linspace(0, 1, 12), r"y\[1\] must be a label. Measurements are for a regressor"),
        (np.zeros((12, 2)), "y must be a list of labels"),
    ],
)  # fmt: skip
def test_bad_labels_are_refused(y, text):
    with pytest.raises(sl.ParameterError, match=text):
        classifier().fit(X, y)


@pytest.mark.parametrize(
    "labels", [np.array(LABELS, dtype=object), np.array(LABELS) == "fast", [1.0, 2.0] * 6]
)
def test_text_of_any_kind_whole_numbers_and_switches_are_labels(labels):
    model = classifier().fit(X, labels)
    assert model.score(X, labels) == 1.0
    assert model.predict(X).tolist() == list(labels)


def test_a_score_is_the_share_of_right_labels_and_needs_labels_of_the_same_kind():
    model = classifier().fit(X, LABELS)
    assert model.score(X, LABELS) == 1.0
    assert model.score(X, ["other", *LABELS[1:]]) == pytest.approx(11 / 12)
    assert model.score(X, ["other", *LABELS[1:]], sample_weight=[0.0] + [1.0] * 11) == 1.0
    for y, text in [
        (LABELS[:5], "have one label for each of the 12 series"),
        ([0, 1] * 6, "hold labels of the kind of those in fit, such as 'fast'"),
    ]:
        with pytest.raises(sl.ParameterError, match=rf"ESNClassifier.score\(y=.*y must {text}"):
            model.score(X, y)
    for weight, text in [
        ([1.0], "have 12 values"),
        ([0.0] * 12, "not all of them zero"),
        ([-1.0] * 12, ">= 0"),
    ]:
        with pytest.raises(sl.ParameterError, match=rf"sample_weight.* must .*{text}"):
            model.score(X, LABELS, sample_weight=weight)


@pytest.mark.parametrize(
    ("y", "text"),
    [
        (TARGETS[:3], "have one target for each of the 12 series"),
        (None, "have one target for each"),
        (["a"] * 12, "have one target for each"),
        ([0.0, np.inf] * 6, r"y\[1\] must be finite"),
        (RAGGED * 6, r"y\[0\] must have 20 steps, as X\[0\] has"),
        ([one[:, 0] for one in X], "have the form of those in fit: one target for each series"),
    ],
)
def test_bad_targets_are_refused_by_the_score(y, text):
    model = regressor().fit(X, TARGETS)
    with pytest.raises(sl.ParameterError, match=rf"ESNRegressor.score\(y.*{text}"):
        model.score(X, y)


def test_targets_of_each_step_are_asked_for_by_the_score():
    model = regressor(washout=2).fit(X, [2.0 * one for one in X])
    assert model.score(X, [2.0 * one for one in X]) > 0.99
    with pytest.raises(sl.ParameterError, match=r"one array \[time, output\] for each series"):
        model.score(X, TARGETS)
    with pytest.raises(sl.ParameterError, match=r"y\[0\] must have 20 steps, as X\[0\] has"):
        model.score(X, [one[1:] for one in X])


@pytest.mark.parametrize("name", [*MODELS, "ESNForecaster"])
@pytest.mark.parametrize("method", ["predict", "score", "decision_function", "predict_proba", "forecast"])
def test_everything_needs_a_fit(name, method):
    model = {**MODELS, "ESNForecaster": forecaster}[name]()
    if not hasattr(model, method):
        return
    data = (X, DATA.get(name)) if method == "score" else (WAVE, 3) if method == "forecast" else (X,)
    with pytest.raises(sl.ParameterError, match=rf"{name}.{method}\(self=.*must be fitted. Call fit first"):
        getattr(model, method)(*data)


def test_set_params_changes_all_or_nothing():
    model = classifier()
    with pytest.raises(sl.ParameterError, match=r"Reservoir\(n=-1\)"):
        model.set_params(ridge=0.5, reservoir__n=-1)
    assert model.ridge == "gcv" and model.reservoir == sl.Reservoir(20)
    with pytest.raises(
        sl.ParameterError, match=r"reservoir__network must name a field of Reservoir: n, spectral"
    ):
        model.set_params(reservoir__network=1)
    with pytest.raises(sl.ParameterError, match=r"set_params\(rigde=1\): rigde must be one of deltas, dtype"):
        model.set_params(rigde=1)
    with pytest.raises(sl.ParameterError, match="ridge must be a recipe whose fields can be set"):
        model.set_params(ridge__alpha=1.0)
    model.set_params(reservoir=sl.Reservoir(30), reservoir__leak_rate=0.5)
    assert model.reservoir == sl.Reservoir(30, leak_rate=0.5)


@pytest.mark.parametrize("name", MODELS)
def test_scikit_learn_can_copy_search_and_store(name):
    model = MODELS[name](random_state=3).fit(X, DATA[name])
    twin = clone(model)
    assert twin.get_params() == model.get_params() and not hasattr(twin, "n_features_in_")
    for copied in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), twin.fit(X, DATA[name])):
        assert np.array_equal(copied.predict(X), model.predict(X))
    scores = cross_val_score(MODELS[name](), X, DATA[name], cv=3, error_score="raise")
    assert scores.shape == (3,) and np.isfinite(scores).all()
    search = GridSearchCV(MODELS[name](), {"reservoir__n": [10, 20]}, cv=2, error_score="raise")
    assert search.fit(X, DATA[name]).best_params_["reservoir__n"] in (10, 20)


@pytest.mark.parametrize("form", ["lists", "tuple", "integers", "fortran", "read-only", "single steps"])
def test_series_come_in_many_forms(form):
    series = [(10 * one).round() for one in X]
    given = {
        "lists": [one.tolist() for one in series],
        "tuple": tuple(series),
        "integers": [one.astype(np.int16) for one in series],
        "fortran": [np.asfortranarray(np.hstack([one, one]))[:, :1] for one in series],
        "read-only": [np.frombuffer(one.tobytes()).reshape(-1, 1) for one in series],
        "single steps": [one[:1] for one in series],
    }[form]
    expected = given if form == "single steps" else series
    assert np.array_equal(
        classifier().fit(given, LABELS).decision_function(given),
        classifier().fit(expected, LABELS).decision_function(expected),
    )


def test_values_far_from_those_of_fit_are_refused_by_name():
    model = classifier().fit(X, LABELS)
    far = [*X[:4], np.full((5, 1), 3e38)]
    with pytest.raises(
        sl.ParameterError, match=r"predict\(X\[4\]\[0, 0\]=3.0*\d*e\+38\): .* finite in float32 after"
    ):
        model.predict(far)
    assert classifier(dtype="float64").fit(X, LABELS).predict(far).shape == (5,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [0.0, 0.1, -1e9, 1e-9])
def test_a_feature_that_does_not_vary_says_nothing(dtype, value):
    wide = [np.hstack([one, np.full_like(one, value)]) for one in X]
    model = classifier(dtype=dtype).fit(wide, LABELS)
    assert model._scaler.scale[1] == 1.0
    assert np.abs(model._scaler.transform([wide[0].astype(dtype)])[0][:, 1]).max() < max(abs(value), 1) * 1e-6


def test_forecasts_need_steps_and_lengths():
    model = forecaster().fit(WAVE)
    for steps in (0, -1, 1.5, True, None, 10**400):
        with pytest.raises(sl.ParameterError, match=r"forecast\(steps=.*steps must be an integer"):
            model.forecast(WAVE, steps)
    with pytest.raises(sl.ParameterError, match=r"score\(x='50 steps'\): x must have at least 102 steps"):
        model.score(WAVE[:50])
    with pytest.raises(sl.ParameterError, match="x must have 1 features, as in fit"):
        model.predict(np.ones((5, 2)))
    assert model.predict(WAVE[:1]).shape == (1, 1) and model.forecast(WAVE[:1], 2).shape == (2, 1)


def test_a_ridge_refuses_what_it_cannot_use():
    rng = np.random.default_rng(0)
    x, y = rng.random((20, 3)), rng.random(20)
    for alpha in (None, "best", -1.0, np.nan, True, np.array([1.0, 2.0])):
        with pytest.raises(sl.ParameterError, match=r"^Ridge\(alpha=.*alpha must be"):
            Ridge(alpha).fit(x, y)
    for mask in (RAGGED, [True], [1] * 20, [True] * 20, "a"):
        with pytest.raises(
            sl.ParameterError, match="validation must be 20 values True or False, of both kinds"
        ):
            Ridge("holdout").fit(x, y, mask)
    with pytest.raises(sl.ParameterError, match=r"Ridge.predict\(self=.*must be fitted"):
        Ridge().predict(x)
    for bad in (RAGGED, "a", None, x[:, :2], x[0]):
        with pytest.raises(sl.ParameterError, match=r"Ridge.predict\(X=.*X must"):
            Ridge().fit(x, y).predict(bad)


@pytest.mark.parametrize("measure", [sl.metrics.accuracy, sl.metrics.errors, sl.metrics.confusion_matrix])
def test_measures_of_labels_refuse_what_is_no_row_of_labels(measure):
    for bad in (None, 3, [], RAGGED, [[1], [2]], [1j, 2], [None, 1], [1.5, 2.0], [np.nan, 1.0]):
        with pytest.raises(sl.ParameterError, match=rf"^{measure.__name__}\(y_true.* must "):
            measure(bad, [1, 2])
        with pytest.raises(sl.ParameterError, match=rf"^{measure.__name__}\(y_pred.* must "):
            measure([1, 2], bad)
    with pytest.raises(sl.ParameterError, match="y_pred must hold labels of the kind of y_true, such as"):
        measure([1, 2], ["1", "2"])
    with pytest.raises(sl.ParameterError, match=r"y_pred must have shape \(2,\), as y_true has"):
        measure([1, 2], [1])


def test_measures_of_values_refuse_what_is_no_row_of_numbers():
    for bad in (None, 3.0, [], RAGGED, "a", [1j], [np.nan, 1.0], np.ones((2, 2, 2))):
        with pytest.raises(sl.ParameterError, match=r"^nrmse\(y_true.* must "):
            sl.metrics.nrmse(bad, bad)
        with pytest.raises(sl.ParameterError, match=r"^nrmse\(y_pred.* must "):
            sl.metrics.nrmse([1.0, 2.0], bad)
    for norm in (None, ["std"], "var"):
        with pytest.raises(sl.ParameterError, match="norm must be one of 'std', 'range', 'mean'"):
            sl.metrics.nrmse([1.0, 2.0], [1.0, 2.0], norm)
    assert sl.metrics.r2_score([1.0, 1.0], [1.0, 1.0]) == 1.0
    assert sl.metrics.r2_score([1.0, 1.0], [1.0, 2.0]) == 0.0


def test_classes_of_a_confusion_matrix_are_named_once():
    for bad in (3, "ab", RAGGED, []):
        with pytest.raises(sl.ParameterError, match=r"confusion_matrix\(classes=.*classes must be a list"):
            sl.metrics.confusion_matrix([1, 2], [1, 2], bad)
    with pytest.raises(sl.ParameterError, match="classes must name each class once"):
        sl.metrics.confusion_matrix([1, 2], [1, 2], [1, 2, 1])


def test_a_data_file_is_given_as_text():
    for bad in (None, b"@data", 3, ["@data"]):
        with pytest.raises(sl.ParameterError, match=r"parse_ts\(text=.*text must be the text of a file"):
            sl.datasets.parse_ts(bad)
