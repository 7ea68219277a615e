"""The ridge readout of classifiers whose filters learn from pictures without labels."""

from __future__ import annotations

from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin

from ..readout import Ridge, as_labels
from .base import softmax
from .features import fit_readout

__all__ = ["PictureReadout"]

Floats = npt.NDArray[np.float64]


class PictureReadout(ClassifierMixin):  # type: ignore[misc]
    """Stands before a transformer of pictures, and fits a `Ridge` to the features that it gives in blocks."""

    ridge: Any
    # of the transformer
    n_features_out_: int
    _checked: Any
    _pictures: Any
    _blocks: Any

    def fit(self, X: Any, y: Any = None) -> Self:
        """Let the filters learn from pictures, then fit the readout to their labels.

        Parameters
        ----------
        X : array [sample, y, x], or as the transformer takes them
            Whole numbers from 0 to 255, or real ones from 0 to 1.
        y : array [sample]
        """
        self._checked(X)
        as_labels(f"{type(self).__name__}.fit", y, len(X))
        super().fit(X)
        return self.fit_readout(X, y)

    def fit_readout(self, X: Any, y: Any) -> Self:
        """Fit the readout alone, with the filters as they are; of the features only products are kept."""
        pictures = self._pictures("fit_readout", X)
        self.classes_, index = as_labels(f"{type(self).__name__}.fit_readout", y, len(pictures))
        targets = np.where(index[:, None] == np.arange(self.classes_.size), 1.0, -1.0)
        blocks = partial(self._blocks, pictures)
        self.readout_: Ridge = fit_readout(blocks, targets, self.n_features_out_, self.ridge)
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return the scores: array [sample, class]; with two classes [sample], > 0 for the second."""
        scores = self._scores("decision_function", X)
        return (scores[:, 1] - scores[:, 0]) / 2.0 if self.classes_.size == 2 else scores

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the label of the largest score: array [sample]."""
        labels: npt.NDArray[Any] = self.classes_[self._scores("predict", X).argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> Floats:
        """Return the softmax of the scores: array [sample, class]. It ranks; it is not calibrated."""
        return softmax(self._scores("predict_proba", X))

    def _scores(self, method: str, X: Any) -> Floats:
        pictures = self._pictures(method, X)
        return np.concatenate([self.readout_.predict(rows) for _, rows in self._blocks(pictures)])
