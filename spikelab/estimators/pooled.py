"""What the estimators with pooled features share: preparation, fitting, scores, labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin

from ..errors import ParameterError
from ..readout import Ridge, as_labels, as_sequences, check_dtype, subsequences
from ..units import require_integer
from .base import InputScaler, SequenceEstimator, softmax
from .features import fit_readout

__all__ = ["PooledClassifier", "PooledReservoir", "SeriesFeatures"]

Floats = npt.NDArray[np.float64]


class SeriesFeatures(Protocol):
    """One row of features for each series."""

    @property
    def n_out(self) -> int:
        """Features of a series."""
        ...

    def blocks(self, series: list[Any]) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[Any]]]:
        """Yield (index of the series, features [row, feature]) of one group after another."""
        ...


class PooledReservoir(SequenceEstimator):
    """Sequences through one or more reservoirs to pooled features and ridge readouts."""

    _recipe: ClassVar[type[Any]]
    _poolings: ClassVar[tuple[str, ...]]
    reservoir: Any
    _features: list[Any]

    def _member_features(self, net: Any, inputs: list[Any]) -> SeriesFeatures:
        """Return what makes features of the (scaled) series with one network."""
        raise NotImplementedError

    def _synops(self, inputs: list[Any]) -> float:
        """Return the synaptic operations of all networks for a series of mean length."""
        raise NotImplementedError

    def _start(self, series: list[Any]) -> None:
        """Check parameters, fit the scaling and draw the reservoirs."""
        owner = type(self).__name__
        if not isinstance(self.reservoir, self._recipe):
            kind = self._recipe.__name__
            raise ParameterError(
                owner, "reservoir", self.reservoir, f"be a {kind} recipe", f"Pass {kind}(n=200)."
            )
        self._choice("pooling", self._poolings)
        for name in ("n_segments", "threads"):
            require_integer(owner, name, getattr(self, name))
        subsequences(owner, series, self.washout)
        self._scaler = InputScaler.fit(series, self.standardize, self.deltas)
        seeds = self._seeds(self.ensemble, self.reservoir.seed)
        self.networks_ = [self.reservoir.network(self._scaler.n_out, seed) for seed in seeds]

    def _fit_pooled(self, series: list[Any], targets: Floats) -> None:
        """Fit one readout a member; targets [series, output]."""
        self._start(series)
        inputs = self._scaler.transform(series)
        self._features = [self._member_features(net, inputs) for net in self.networks_]
        self.readouts_ = [
            fit_readout(partial(features.blocks, inputs), targets, features.n_out, self.ridge)
            for features in self._features
        ]
        readouts = sum(readout.coef_.size for readout in self.readouts_)
        self.synops_per_sample_ = self._synops(inputs) + readouts
        self.n_features_in_ = series[0].shape[1]

    @property
    def readout_(self) -> Ridge:
        """Readout of the first member."""
        readout: Ridge = self.readouts_[0]
        return readout

    def _scores(self, X: Any, method: str) -> Floats:
        """Mean of the members' outputs: array [series, output]."""
        self._check_fitted(method)
        owner = f"{type(self).__name__}.{method}"
        series = as_sequences(owner, X, check_dtype(owner, self.dtype), self.n_features_in_)
        subsequences(owner, series, self.washout)
        inputs = self._scaler.transform(series)
        total: Any = 0.0
        for features, readout in zip(self._features, self.readouts_, strict=True):
            scores = np.empty((len(inputs), np.atleast_1d(readout.intercept_).size))
            for index, rows in features.blocks(inputs):
                scores[index] = readout.predict(rows).reshape(index.size, -1)
            total = total + scores / len(self.readouts_)
        return np.asarray(total)


class PooledClassifier(ClassifierMixin, PooledReservoir):  # type: ignore[misc]
    """Labels by the largest of one score a class; targets are +1 for the class and -1 for the others."""

    def fit(self, X: Any, y: Any) -> PooledClassifier:
        """Fit to sequences and their labels.

        Parameters
        ----------
        X : list of array [time, feature], or array [sequence, time, feature]
        y : array [sequence]

        Raises
        ------
        ParameterError
            For every input that cannot be used, with its index.
        """
        owner = f"{type(self).__name__}.fit"
        series = as_sequences(owner, X, check_dtype(owner, self.dtype))
        self.classes_, index = as_labels(owner, y, len(series))
        targets = np.where(index[:, None] == np.arange(self.classes_.size), 1.0, -1.0)
        self._fit_pooled(series, targets)
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return the scores: array [sequence, class]; with two classes [sequence], > 0 for the second."""
        scores = self._scores(X, "decision_function")
        return (scores[:, 1] - scores[:, 0]) / 2.0 if self.classes_.size == 2 else scores

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the label of the largest score: array [sequence]."""
        winner = self._scores(X, "predict").argmax(axis=1)
        labels: npt.NDArray[Any] = self.classes_[winner]
        return labels

    def predict_proba(self, X: Any) -> Floats:
        """Return the softmax of the scores: array [sequence, class]. It ranks; it is not calibrated."""
        return softmax(self._scores(X, "predict_proba"))
