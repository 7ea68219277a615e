"""Ridge regressions on many parts of the same rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import linalg

from ..errors import ParameterError

__all__ = ["RowProducts"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

# From here on one eigendecomposition is cheaper than a Cholesky factor for each ridge.
_MANY_RIDGES = 6


class RowProducts:
    """The products of all pairs of rows, from which a ridge regression on any part of the rows is solved.

    Leaving one speaker out after another means many fits to nearly the same rows; what costs most of each,
    the products of its rows, is made once here.

    Parameters
    ----------
    rows : array [row, feature], float64

    Notes
    -----
    With the training rows centred, ``X``, and the products ``K = X X'``, the predictions for rows Z are
    ``Z X' (K + alpha I)^-1 Y``: the dual form of `Ridge`, with the same penalty and a free intercept.

    References
    ----------
    C. Saunders, A. Gammerman, V. Vovk, "Ridge regression learning algorithm in dual variables", ICML (1998),
    equation 8.

    Examples
    --------
    >>> x = np.arange(6.0)[:, None]
    >>> y = 2.0 * x + 1.0
    >>> products = RowProducts(x)
    >>> products.predict(np.arange(4), np.array([5]), y[:4], [1e-9]).round(6).tolist()
    [[[11.0]]]
    """

    def __init__(self, rows: Floats):
        self._products: Floats = rows @ rows.T

    def predict(self, train: Indices, test: Indices, targets: Floats, alphas: Sequence[float]) -> Floats:
        """Fit the rows `train` and answer for the rows `test`.

        Parameters
        ----------
        train, test : array [row], int64
            Indices of rows.
        targets : array [training row, output]
        alphas : sequence of float
            Ridges, > 0.

        Returns
        -------
        array [ridge, test row, output], float64
        """
        if min(alphas) <= 0.0:
            raise ParameterError("RowProducts.predict", "alphas", min(alphas), "be > 0", "1e-3 is small.")
        inner = self._products[np.ix_(train, train)]
        cross = self._products[np.ix_(test, train)]
        column = inner.mean(axis=0)
        mean = column.mean()
        cross = cross - cross.mean(axis=1, keepdims=True) - column + mean
        inner -= column
        inner -= column[:, None] - mean
        intercept = targets.mean(axis=0)
        centred = targets - intercept
        if len(alphas) < _MANY_RIDGES:
            dual = [_solved(inner, alpha, centred) for alpha in alphas]
            return np.asarray(np.stack([cross @ one for one in dual]) + intercept)
        eigenvalue, basis = linalg.eigh(inner, overwrite_a=True, check_finite=False)
        load, projected = basis.T @ centred, cross @ basis
        shifted = np.maximum(eigenvalue, 0.0) + np.asarray(alphas)[:, None]
        answers = [projected @ (load / one[:, None]) for one in shifted]
        return np.asarray(np.stack(answers) + intercept)


def _solved(inner: Floats, alpha: float, targets: Floats) -> Floats:
    solution: Floats = linalg.solve(
        inner + alpha * np.eye(len(inner)), targets, assume_a="pos", overwrite_a=True, check_finite=False
    )
    return solution
