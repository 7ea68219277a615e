"""Features of many series made once, for fits of one estimator to many parts of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from ..readout import RowProducts, as_labels
from .pooled import PooledClassifier

__all__ = ["SharedFeatures"]

Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class SharedFeatures:
    """Pooled features of series, and fits of readouts to parts of them.

    What is fitted before the readout, the scaling of the input, must not depend on the part: so it must be
    off. Then this answers as the estimator would that is fitted to the part alone.

    Parameters
    ----------
    estimator : PooledClassifier
        With ``standardize=False`` and a given ridge; it is not changed.
    X : list of array [time, feature]

    Attributes
    ----------
    features_s : float
        Wall seconds that the features took.
    accumulates, multiply_accumulates : float
        Synaptic operations a series before the readout: edges crossed by spikes, and products.
    n_features : int
        Of a series, all members together: each is one product for each class in the readout.
    """

    def __init__(self, estimator: PooledClassifier, X: list[Any]):
        began = time.perf_counter()
        model = clone(estimator)
        inputs, members = model.pooled_features(X)
        self._products = [RowProducts(rows) for rows in members]
        self.n_features = sum(rows.shape[1] for rows in members)
        products = model.operations(inputs)
        self.accumulates = float(getattr(model, "spike_synops_per_sample_", 0.0))
        self.multiply_accumulates = products - self.accumulates
        self.features_s = time.perf_counter() - began

    @staticmethod
    def suits(estimator: PooledClassifier) -> bool:
        """Tell whether an estimator can be fitted in this way."""
        return not estimator.standardize and not isinstance(estimator.ridge, str) and estimator.ridge > 0

    def scores(
        self, train: Indices, test: Indices, y: npt.NDArray[Any], ridges: Sequence[float]
    ) -> tuple[npt.NDArray[Any], Floats]:
        """Fit to the series `train` and score the series `test`.

        Parameters
        ----------
        train, test : array [series], int64
        y : array [series]
            Labels of all series; those outside `train` are not looked at.
        ridges : sequence of float

        Returns
        -------
        classes : array [class]
        scores : array [ridge, test series, class]
            Mean over the members.
        """
        classes, index = as_labels("SharedFeatures.scores", y[train], len(train))
        targets = np.where(index[:, None] == np.arange(classes.size), 1.0, -1.0)
        total = sum(products.predict(train, test, targets, ridges) for products in self._products)
        return classes, np.asarray(total) / len(self._products)
