"""A front end and a classifier as one: recordings in, labels out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from ..audio import AuditoryFrontEnd
from ..errors import ParameterError
from ..storable import storable
from ..units import require_flag
from .calibration import fit_sharpness, held_out, sharpened

if TYPE_CHECKING:
    from .segmenter import SegmenterSettings
    from .stream import RecognizerStream

__all__ = ["SpeechRecognizer"]


@storable
class SpeechRecognizer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Recognise utterances: an auditory front end, and a classifier of sequences behind it.

    Parameters
    ----------
    front_end : AuditoryFrontEnd
        Makes features of the frames of a recording.
    classifier : ESNClassifier, LSMClassifier, or another classifier of sequences
        Unfitted; `fit` fits a copy of it, `classifier_`.
    calibrate : bool
        Whether the probabilities are sharpened or flattened so that they fit recordings held out in `fit`,
        which takes a second fit. Labels do not depend on it.

    Attributes
    ----------
    classifier_ : classifier
        Fitted to all recordings.
    sharpness_ : float
        Power to which the classifier's probabilities are raised; 1 without `calibrate`, and where a class has
        fewer than five recordings.
    classes_ : array [class]

    Notes
    -----
    Wherever recordings are taken, each is a `spikelab.datasets.Recording`, a pair (samples [time], rate_hz),
    or an array of samples [time] at the rate of the front end.

    Examples
    --------
    >>> import numpy as np
    >>> from spikelab import AuditoryFrontEnd, ESNClassifier, Reservoir
    >>> t = np.arange(4000) / 8000
    >>> X = [np.sin(2 * np.pi * pitch * t) for pitch in (300, 2000, 310, 2100)]
    >>> model = SpeechRecognizer(AuditoryFrontEnd(), ESNClassifier(Reservoir(50)))
    >>> model.fit(X, ["low", "high", "low", "high"]).predict([(np.sin(2 * np.pi * 305 * t), 8000)]).tolist()
    ['low']
    """

    def __init__(self, front_end: AuditoryFrontEnd, classifier: Any, *, calibrate: bool = True):
        self.front_end = front_end
        self.classifier = classifier
        self.calibrate = calibrate

    def set_params(self, **params: Any) -> SpeechRecognizer:
        """Set parameters, nested ones as ``front_end__n_channels=24`` or ``classifier__ridge=1.0``.

        Raises
        ------
        ParameterError
            If there is no parameter of that name.
        """
        owner = "SpeechRecognizer.set_params"
        front_end, classifier = params.pop("front_end", self.front_end), params.pop("classifier", None)
        calibrate = params.pop("calibrate", self.calibrate)
        nested: dict[str, dict[str, Any]] = {"front_end": {}, "classifier": {}}
        for name, value in params.items():
            head, _, tail = name.partition("__")
            if head not in nested or not tail:
                need = "be front_end, classifier, a parameter of these, or calibrate"
                raise ParameterError(owner, name, value, need)
            nested[head][tail] = value
        known = {one.name for one in fields(AuditoryFrontEnd)}
        for name, value in nested["front_end"].items():
            if name not in known:
                raise ParameterError(
                    owner, f"front_end__{name}", value, f"name one of {', '.join(sorted(known))}"
                )
        front_end = replace(front_end, **nested["front_end"])
        # A copy: the classifier that was passed may be in use elsewhere.
        made = self.classifier if classifier is None else classifier
        self.classifier = clone(made).set_params(**nested["classifier"]) if nested["classifier"] else made
        self.front_end, self.calibrate = front_end, calibrate
        return self

    def fit(self, X: Any, y: Any = None) -> SpeechRecognizer:
        """Fit the classifier to the features of recordings.

        Parameters
        ----------
        X : list of recordings
        y : array [recording], optional
            Labels; None takes the label of each `Recording`.

        Raises
        ------
        ParameterError
            For a recording that cannot be used, with its index and name, and for what the classifier refuses.
        """
        owner = "SpeechRecognizer.fit"
        require_flag(owner, "calibrate", self.calibrate)
        if not isinstance(self.front_end, AuditoryFrontEnd):
            raise ParameterError(owner, "front_end", self.front_end, "be an AuditoryFrontEnd")
        if not callable(getattr(self.classifier, "fit", None)) or isinstance(self.classifier, type):
            need = "be an estimator with fit and predict"
            raise ParameterError(owner, "classifier", self.classifier, need, "Pass ESNClassifier().")
        features = self._features(owner, X)
        y = _own_labels(owner, X) if y is None else y
        sharpness = self._sharpness(features, np.asarray(y)) if self.calibrate else 1.0
        self.classifier_ = clone(self.classifier).fit(features, y)
        self.sharpness_ = sharpness
        return self

    def _sharpness(self, features: list[npt.NDArray[np.float32]], labels: npt.NDArray[Any]) -> float:
        try:
            classes = np.unique(labels)
        except TypeError:  # labels of several kinds
            classes = labels[:0]
        if labels.shape != (len(features),) or not classes.size:  # the classifier says what is wrong
            return 1.0
        out = held_out(labels)
        if classes.size < 2 or not np.isin(classes, labels[out]).all():
            return 1.0
        model = clone(self.classifier).fit([features[i] for i in np.flatnonzero(~out)], labels[~out])
        probabilities = model.predict_proba([features[i] for i in np.flatnonzero(out)])
        return fit_sharpness(probabilities, np.searchsorted(model.classes_, labels[out]))

    @property
    def classes_(self) -> npt.NDArray[Any]:
        """Labels in the order of the probabilities: array [class]."""
        classes: npt.NDArray[Any] = self._fitted("classes_").classes_
        return classes

    def features(self, X: Any) -> list[npt.NDArray[np.float32]]:
        """Return what the classifier sees of recordings: list of array [frame, feature], float32."""
        return self._features("SpeechRecognizer.features", X)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the labels of recordings: array [recording]."""
        classifier = self._fitted("predict")
        labels: npt.NDArray[Any] = classifier.predict(self._features("SpeechRecognizer.predict", X))
        return labels

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the probabilities of all classes: array [recording, class], in the order of `classes_`.

        With `calibrate` they are right as often as they say for recordings like those of `fit`: for a speaker
        or a room that was not among them they are too sure.
        """
        classifier = self._fitted("predict_proba")
        features = self._features("SpeechRecognizer.predict_proba", X)
        return sharpened(np.asarray(classifier.predict_proba(features)), self.sharpness_)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the share of recordings whose label is predicted; y None takes their own labels."""
        features = self._features("SpeechRecognizer.score", X)
        labels = _own_labels("SpeechRecognizer.score", X) if y is None else y
        return float(self._fitted("score").score(features, labels, sample_weight))

    def stream(
        self, rate_hz: int | None = None, settings: SegmenterSettings | None = None
    ) -> RecognizerStream:
        """Return a stream that cuts sound into utterances and recognises each as it ends.

        Parameters
        ----------
        rate_hz : int, optional
            Samples a second of the sound to come; by default the rate of the front end.
        settings : SegmenterSettings, optional
            What begins and ends an utterance.
        """
        from .stream import RecognizerStream

        self._fitted("stream")
        return RecognizerStream(self, self.front_end.rate_hz if rate_hz is None else rate_hz, settings)

    def _fitted(self, method: str) -> Any:
        if not hasattr(self, "classifier_"):
            owner = f"SpeechRecognizer.{method}"
            raise ParameterError(owner, "self", self, "be fitted", "Call fit first.")
        return self.classifier_

    def _features(self, owner: str, X: Any) -> list[npt.NDArray[np.float32]]:
        alone = isinstance(X, np.ndarray) and X.ndim < 2 and X.dtype != object  # the samples of one
        if isinstance(X, (str, bytes)) or not isinstance(X, (Sequence, np.ndarray)) or alone or len(X) == 0:
            need = "be a list of recordings, at least one"
            raise ParameterError(owner, "X", X, need, "For a single recording pass [recording].")
        made = []
        for i, one in enumerate(X):
            samples, rate = self._sound(one)
            try:
                made.append(self.front_end.transform(samples, rate))
            except ParameterError as error:
                name = f"X[{i}]" + (f" ({one.name})" if getattr(one, "name", "") else "")
                parameter = name + error.parameter.removeprefix("samples")
                if error.parameter == "rate_hz":
                    parameter = f"{name}.rate_hz"
                raise ParameterError(owner, parameter, error.value, error.need, error.remedy) from None
        return made

    def _sound(self, one: Any) -> tuple[Any, Any]:
        if hasattr(one, "samples") and hasattr(one, "rate_hz"):
            return one.samples, one.rate_hz
        if isinstance(one, tuple) and len(one) == 2:
            return one
        return one, self.front_end.rate_hz


def _own_labels(owner: str, X: Any) -> list[Any]:
    if not all(hasattr(one, "label") for one in X):
        need = "be given where X does not hold Recording objects, which know their labels"
        raise ParameterError(owner, "y", None, need)
    return [one.label for one in X]
