"""The reservoir model space: a series is described by the linear model that predicts its states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg

from ..errors import ParameterError
from ..storable import storable
from .gram import Gram

__all__ = ["ModelSpace"]

Floats = npt.NDArray[np.float64]


@storable
class ModelSpace:
    """Features of a series: weights of a ridge regression of each state on the one before.

    Parameters
    ----------
    n_components : int
        Principal components of the states that are kept.
    ridge : float
        Penalty of the regression within a series.

    Notes
    -----
    States are projected on the components of all training states, so that a series gives
    ``n_components * (n_components + 1)`` features: the matrix and the intercept of
    ``z[t + 1] = A z[t] + b``. A series of one step gives zeros.

    References
    ----------
    F. Bianchi, S. Scardapane, S. Løkse, R. Jenssen, "Reservoir computing approaches for representation and
    classification of multivariate time series", IEEE TNNLS 32 (2021), section III-C; H. Chen, P. Tino,
    A. Rodan, X. Yao, "Learning in the model space for cognitive fault diagnosis", IEEE TNNLS 25 (2014).
    """

    def __init__(self, n_components: int = 30, ridge: float = 1.0) -> None:
        self.n_components = n_components
        self.ridge = ridge

    def fit(self, states: Iterable[npt.NDArray[Any]]) -> ModelSpace:
        """Find the components of a stream of arrays [time, neuron]."""
        gram = Gram()
        for one in states:
            gram.add(one, np.zeros((one.shape[0], 0)))
        covariance = gram.centred()[0]
        n = covariance.shape[0]
        if self.n_components > n:
            need = f"be <= {n}, the neurons of the reservoir"
            raise ParameterError("ModelSpace", "n_components", self.n_components, need)
        _, vectors = linalg.eigh(covariance, subset_by_index=(n - self.n_components, n - 1))
        # The sign of an eigenvector is free: its largest entry is made positive.
        largest = np.abs(vectors).argmax(axis=0)
        signs = np.sign(vectors[largest, np.arange(vectors.shape[1])])
        self.components_: Floats = vectors[:, ::-1] * signs[::-1]
        self.mean_: Floats = gram.mean_x
        return self

    def project(self, states: npt.NDArray[Any]) -> Floats:
        """Return states [time, neuron] in the components: array [time, component], float64."""
        projected: Floats = (states - self.mean_) @ self.components_
        return projected

    def features(self, products: Gram | None) -> Floats:
        """Return the features of one series.

        Parameters
        ----------
        products : Gram or None
            Of projected states and their successors; None for a series of one step.

        Returns
        -------
        array [feature], float64
        """
        d = self.n_components
        if products is None:
            return np.zeros(d * (d + 1))
        gram, cross, _ = products.centred()
        matrix = linalg.solve(gram + self.ridge * np.eye(d), cross, assume_a="pos")
        return np.concatenate([matrix.ravel(), products.mean_y - products.mean_x @ matrix])
