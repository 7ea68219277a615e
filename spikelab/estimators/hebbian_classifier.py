"""Pictures to labels: filters that learn from patches without labels, and a ridge readout."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin

from ..plasticity import SoftHebb
from ..readout import Ridge, as_labels
from ..storable import storable
from .base import softmax
from .features import fit_readout
from .hebbian_patches import HebbianPatches

__all__ = ["HebbianPatchClassifier"]

Floats = npt.NDArray[np.float64]


@storable
class HebbianPatchClassifier(ClassifierMixin, HebbianPatches):  # type: ignore[misc]
    """`HebbianPatches` and a ridge regression on its features; labels are used by the readout only.

    Parameters
    ----------
    filters, kernel, cells, learn, first, rule, patches, batch_size, activation, threshold, contrast, floor, \
threads, random_state, progress
        As in `HebbianPatches`.
    ridge : float, "gcv" or "holdout"
        Penalty of the readout.

    Attributes
    ----------
    classes_ : array [class]
    readout_ : Ridge
        Of as many outputs as classes, fitted to 1 for the right one and -1 for others.

    Examples
    --------
    >>> import numpy as np
    >>> pictures = np.zeros((80, 12, 12), np.uint8)
    >>> pictures[::2, 4:8, :] = 255
    >>> pictures[1::2, :, 4:8] = 255
    >>> model = HebbianPatchClassifier(6, kernel=5, patches=2000, random_state=0)
    >>> model.fit(pictures, ["lying", "standing"] * 40).score(pictures, ["lying", "standing"] * 40)
    1.0
    """

    ridge: Any

    def __init__(
        self,
        filters: int = 128,
        *,
        kernel: int = 7,
        cells: int = 3,
        learn: bool = True,
        first: str = "normal",
        rule: SoftHebb | None = None,
        patches: int = 200_000,
        batch_size: int = 100,
        activation: str = "threshold",
        threshold: float = 0.5,
        contrast: float = 0.0015,
        floor: float = 0.1,
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        threads: int = 1,
        random_state: int | None = None,
        progress: bool = False,
    ):
        super().__init__(
            filters, kernel=kernel, cells=cells, learn=learn, first=first, rule=rule, patches=patches,
            batch_size=batch_size, activation=activation, threshold=threshold, contrast=contrast, floor=floor,
            threads=threads, random_state=random_state, progress=progress,
        )  # fmt: skip
        self.ridge = ridge

    def fit(self, X: Any, y: Any = None) -> HebbianPatchClassifier:
        """Let the filters learn from pictures, then fit the readout to their labels.

        Parameters
        ----------
        X : array [sample, y, x] or [sample, y, x, channel]
            Whole numbers from 0 to 255, or real ones from 0 to 1.
        y : array [sample]
        """
        self._checked(X)
        as_labels(f"{type(self).__name__}.fit", y, len(X))
        super().fit(X)
        return self.fit_readout(X, y)

    def fit_readout(self, X: Any, y: Any) -> HebbianPatchClassifier:
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
