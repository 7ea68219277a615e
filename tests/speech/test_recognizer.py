"""The recogniser: recordings of several forms in, labels and probabilities out."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

import spikelab as sl
from spikelab.datasets import Recording
from spikelab.speech.calibration import fit_sharpness, held_out, sharpened

from .words import RATE, recognizer, words


def test_it_recognises_words_of_another_session(fitted):
    X, y = words(10, seed=5)
    assert fitted.score(X, y) >= 0.95
    assert fitted.classes_.tolist() == ["down", "level", "up"]
    probabilities = fitted.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert (fitted.classes_[probabilities.argmax(axis=1)] == fitted.predict(X)).all()


def test_without_a_course_the_words_are_alike():
    """The control: frames shuffled in time tell the level tone from chirps, but not up from down."""
    X, y = words(10)
    rng = np.random.default_rng(0)
    model = recognizer()
    shuffled = [rng.permutation(one[:, :16]) for one in model.features(X)]
    test = [rng.permutation(one[:, :16]) for one in model.features(words(10, seed=5)[0])]
    pair = np.isin(y, ["up", "down"])
    found = clone(model.classifier).fit(shuffled, y).predict(test)
    assert (found == y)[pair].mean() < 0.8


def test_recordings_pairs_and_arrays_are_the_same(fitted):
    X, y = words(2, seed=3)
    recordings = [
        Recording(x, RATE, label, "", f"{i}.wav") for i, (x, label) in enumerate(zip(X, y, strict=True))
    ]
    expected = fitted.predict_proba(X)
    np.testing.assert_array_equal(fitted.predict_proba(recordings), expected)
    np.testing.assert_array_equal(fitted.predict_proba([(x, RATE) for x in X]), expected)
    assert fitted.score(recordings) == fitted.score(X, y)
    again = recognizer(sl.PooledInputClassifier())
    assert (again.fit(recordings).predict(X) == again.fit(X, y).predict(X)).all()


def test_a_saved_recogniser_answers_the_same(fitted, tmp_path):
    X, _ = words(3, seed=7)
    sl.save_model(tmp_path / "words.model", fitted)
    loaded = sl.load_model(tmp_path / "words.model")
    np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    assert loaded.front_end == fitted.front_end and loaded.sharpness_ == fitted.sharpness_


@pytest.mark.parametrize("encoder", [None, sl.LIFEncoder(), sl.DeltaEncoder(threshold=0.5)])
def test_saved_liquids_answer_the_same_with_any_encoder(encoder, tmp_path):
    X, y = words(2)
    liquid = sl.LSMClassifier(sl.LiquidReservoir(n=27, frame_ms=5.0), encoder=encoder)
    model = recognizer(liquid, calibrate=False).fit(X, y)
    sl.save_model(tmp_path / "words.model", model)
    loaded = sl.load_model(tmp_path / "words.model")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_calibration_changes_no_label_and_makes_the_truth_more_likely(fitted):
    X, y = words(10, seed=9)
    plain = recognizer(calibrate=False).fit(*words())
    assert plain.sharpness_ == 1.0 < fitted.sharpness_
    assert (plain.predict(X) == fitted.predict(X)).all()
    truth = np.searchsorted(fitted.classes_, y)
    rows = np.arange(len(y))
    surprise = [-np.log(model.predict_proba(X)[rows, truth]).mean() for model in (plain, fitted)]
    assert surprise[1] < 0.5 * surprise[0]


def test_the_sharpness_is_that_of_the_odds():
    """Classes drawn with known odds from flattened probabilities: the fit undoes the flattening."""
    rng = np.random.default_rng(0)
    true = sharpened(rng.dirichlet(np.ones(4), size=20_000), 1.0)
    drawn = (true.cumsum(axis=1) > rng.uniform(size=(20_000, 1))).argmax(axis=1)
    assert fit_sharpness(sharpened(true, 0.25), drawn) == pytest.approx(4.0, rel=0.03)


def test_every_fifth_of_each_class_is_held_out():
    labels = np.array(["a", "b"] * 11 + ["c"] * 4)
    marked = held_out(labels)
    assert [int(marked[labels == one].sum()) for one in "abc"] == [2, 2, 0]


def test_too_few_recordings_are_not_calibrated():
    assert recognizer(sl.PooledInputClassifier()).fit(*words(4)).sharpness_ == 1.0


def test_nested_parameters():
    model = recognizer().set_params(
        front_end__n_channels=12, classifier__reservoir__leak_rate=0.3, classifier__ridge=1.0, calibrate=False
    )
    assert model.front_end.n_channels == 12 and not model.calibrate
    assert model.classifier.reservoir.leak_rate == 0.3 and model.classifier.ridge == 1.0
    twin = clone(model)
    assert twin.get_params()["front_end"] == model.front_end and not hasattr(twin, "classifier_")
    with pytest.raises(sl.ParameterError, match=r"front_end__channels.*name one of bank"):
        model.set_params(front_end__channels=3)
    with pytest.raises(sl.ParameterError, match=r"ear=1.*be front_end, classifier"):
        model.set_params(ear=1)


SILENT = Recording(np.zeros(400, np.float32), RATE, "x", "", "quiet.wav")


@pytest.mark.parametrize(
    ("X", "match"),
    [
        ([], "X must be a list of recordings, at least one"),
        ("a.wav", "X must be a list of recordings"),
        (np.ones(4000), r"X must be a list of recordings.*For a single recording pass \[recording\]"),
        ([np.ones(5)], r"X\[0\]='0.625 ms of sound'"),
        ([np.ones((400, 2))], r"X\[0\].*Average the channels"),
        ([(np.r_[np.ones(300), np.nan], 8000)], r"X\[0\]\[300\]=nan"),
        ([(np.ones(400), 0)], r"X\[0\].rate_hz=0"),
        (
            [Recording(np.zeros(400, np.float32), 8000, "x", "", "quiet.wav")],
            r"X\[0\] \(quiet.wav\)='silence'",
        ),
    ],
)
def test_recordings_that_cannot_be_used(fitted, X, match):
    with pytest.raises(sl.ParameterError, match=match):
        fitted.predict(X)


def test_what_cannot_be_fitted():
    X, y = words(2)
    for method in ("predict", "predict_proba", "stream"):
        with pytest.raises(sl.ParameterError, match=rf"{method}\(.*be fitted. Call fit first"):
            getattr(recognizer(), method)(*([X] if method != "stream" else []))
    with pytest.raises(sl.ParameterError, match="y must be given where X does not hold Recording"):
        recognizer().fit(X)
    with pytest.raises(sl.ParameterError, match=r"fit\(y=.*: y\b"):
        recognizer().fit(X, [None, *y[1:].tolist()])
    with pytest.raises(sl.ParameterError, match="one label for each of the 6 series"):
        recognizer().fit(X, y[:-1])
    with pytest.raises(sl.ParameterError, match="be an AuditoryFrontEnd"):
        sl.SpeechRecognizer(None, sl.ESNClassifier()).fit(X, y)
    with pytest.raises(sl.ParameterError, match="be an estimator with fit and predict"):
        sl.SpeechRecognizer(sl.AuditoryFrontEnd(), sl.ESNClassifier).fit(X, y)


def test_a_score_needs_labels(fitted):
    with pytest.raises(sl.ParameterError, match=r"score\(y=None\): y must be given where X does not hold"):
        fitted.score(words(1)[0])


def test_spoken_digits(data_home):
    """A tenth of the spoken digits, a small reservoir: far above the chance of one in ten."""
    if not (data_home / "fsdd").is_dir():
        pytest.skip("the spoken digits are not here: SPIKELAB_DATA has no folder fsdd")
    data = sl.datasets.load_fsdd()
    train = [one for one, test in zip(data.recordings, data.test, strict=True) if not test][::9]
    test = [one for one, test in zip(data.recordings, data.test, strict=True) if test][::3]
    model = recognizer(sl.ESNClassifier(sl.Reservoir(100, input_scale=0.1)), calibrate=False).fit(train)
    assert model.score(test) >= 0.75
