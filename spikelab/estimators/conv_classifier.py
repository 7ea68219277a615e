"""Pictures to labels: filters that learn by STDP, and a ridge readout."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin

from ..encode.dog import DoG
from ..readout import Ridge, as_labels
from ..storable import storable
from .base import softmax
from .conv_layer import ConvLayer
from .conv_stdp import ConvSTDP
from .features import fit_readout

__all__ = ["ConvSTDPClassifier"]

Floats = npt.NDArray[np.float64]


@storable
class ConvSTDPClassifier(ClassifierMixin, ConvSTDP):  # type: ignore[misc]
    """`ConvSTDP` and a ridge regression on its features; labels are used by the readout only.

    Parameters
    ----------
    layers, front, readout, threads, random_state, progress
        As in `ConvSTDP`.
    ridge : float, "gcv" or "holdout"
        Penalty of the readout.

    Attributes
    ----------
    classes_ : array [class]
    readout_ : Ridge

    Examples
    --------
    >>> import numpy as np
    >>> pictures = np.zeros((40, 12, 12), np.uint8)
    >>> pictures[::2, 4:8, :] = 255
    >>> pictures[1::2, :, 4:8] = 255
    >>> layer = ConvLayer(maps=4, kernel=5, threshold=4.0, samples=200)
    >>> model = ConvSTDPClassifier([layer], random_state=0)
    >>> model.fit(pictures, ["lying", "standing"] * 20).score(pictures, ["lying", "standing"] * 20)
    1.0
    """

    ridge: Any

    def __init__(
        self,
        layers: Sequence[ConvLayer] | None = None,
        *,
        front: DoG | None = None,
        readout: str = "last",
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        threads: int = 1,
        random_state: int | None = None,
        progress: bool = False,
    ):
        super().__init__(
            layers,
            front=front,
            readout=readout,
            threads=threads,
            random_state=random_state,
            progress=progress,
        )
        self.ridge = ridge

    def fit(self, X: Any, y: Any = None) -> ConvSTDPClassifier:
        """Let the filters learn from pictures, then fit the readout to their labels.

        Parameters
        ----------
        X : array [sample, y, x]
            Whole numbers from 0 to 255, or real ones from 0 to 1.
        y : array [sample]
        """
        self._checked(X)
        as_labels(f"{type(self).__name__}.fit", y, len(X))
        super().fit(X)
        return self.fit_readout(X, y)

    def fit_readout(self, X: Any, y: Any) -> ConvSTDPClassifier:
        """Fit the readout alone, with the filters as they are."""
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
