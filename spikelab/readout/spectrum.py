"""The whole ridge path from one decomposition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import linalg

from ..storable import storable

__all__ = ["RidgePath", "Spectrum"]

Floats = npt.NDArray[np.float64]


@storable
@dataclass(frozen=True, eq=False)
class RidgePath:
    """What each ridge of a grid would give.

    Attributes
    ----------
    alpha : array [ridge], float64
        The grid, ascending.
    score : array [ridge], float64
        Generalised cross-validation score, or mean squared error on the validation rows; smaller is better.
    dof : array [ridge], float64
        Effective degrees of freedom, the intercept included.
    method : {"gcv", "holdout"}
        What `score` is.
    """

    alpha: Floats
    score: Floats
    dof: Floats
    method: Literal["gcv", "holdout"]

    @property
    def best(self) -> float:
        """The ridge of the smallest score."""
        return float(self.alpha[int(np.argmin(self.score))])


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of the centred Gram matrix and the targets in the basis of its eigenvectors.

    Attributes
    ----------
    eigenvalue : array [k], float64, ascending, none negative
    basis : array [feature, k], float64
        ``weights(a) = basis @ (load / (eigenvalue + a))``.
    load : array [k, output], float64
    n : int
        Rows.
    yty : array [output], float64
        Sum of squares of the centred targets.
    outside : array [output] or None
        Sum of squares of the targets outside the features' span where it is known without cancellation.
    """

    eigenvalue: Floats
    basis: Floats
    load: Floats
    n: int
    yty: Floats
    outside: Floats | None = None

    @classmethod
    def of_gram(cls, gram: Floats, xty: Floats, yty: Floats, n: int) -> Spectrum:
        """Decompose a centred Gram matrix [feature, feature]."""
        eigenvalue, basis = linalg.eigh(gram, check_finite=False)
        return cls(np.maximum(eigenvalue, 0.0), basis, basis.T @ xty, n, yty)

    @classmethod
    def of_rows(cls, x: Floats, y: Floats) -> Spectrum:
        """Decompose centred rows [row, feature], without squaring them, by a singular value decomposition."""
        left, singular, right = linalg.svd(x, full_matrices=False, check_finite=False)
        order = slice(None, None, -1)
        left, singular, right = left[:, order], singular[order], right[order]
        inside = left.T @ y
        yty = np.square(y).sum(axis=0)
        outside = np.square(y - left @ inside).sum(axis=0)
        return cls(np.square(singular), right.T, singular[:, None] * inside, x.shape[0], yty, outside)

    @classmethod
    def of_few_rows(cls, x: Floats, y: Floats) -> Spectrum:
        """Decompose centred rows that are fewer than the features, through the products of rows."""
        eigenvalue, left = linalg.eigh(x @ x.T, check_finite=False)
        eigenvalue = np.maximum(eigenvalue, 0.0)
        # Directions in which the rows do not differ (the mean at least) carry no weight.
        keep = eigenvalue > eigenvalue[-1] * x.shape[0] * np.finfo(np.float64).eps
        inside = left[:, keep].T @ y
        outside = np.square(left[:, ~keep].T @ y).sum(axis=0)
        root = np.sqrt(eigenvalue[keep])
        basis = (x.T @ left[:, keep]) / root
        return cls(
            eigenvalue[keep], basis, root[:, None] * inside, x.shape[0], np.square(y).sum(axis=0), outside
        )

    def weights(self, alpha: float) -> Floats:
        """Return the ridge solution: array [feature, output]."""
        shifted = self.eigenvalue + alpha
        # Without a ridge, directions of no variance get no weight: the solution of least norm.
        floor = self.eigenvalue[-1] * self.eigenvalue.size * np.finfo(np.float64).eps if alpha == 0.0 else 0.0
        inverse = np.divide(1.0, shifted, out=np.zeros_like(shifted), where=shifted > floor)
        solution: Floats = self.basis @ (inverse[:, None] * self.load)
        return solution

    def dof(self, alpha: Floats) -> Floats:
        """Return the effective degrees of freedom of each ridge, intercept included."""
        share = self.eigenvalue / (self.eigenvalue + alpha[:, None])
        return 1.0 + np.asarray(share.sum(axis=1))

    def residual(self, alpha: Floats) -> Floats:
        """Return the sum of squared residuals of each ridge over all outputs."""
        shifted = self.eigenvalue + alpha[:, None]
        power = np.square(self.load).sum(axis=1)
        if self.outside is not None:
            tiny = np.finfo(np.float64).tiny
            inside = power / np.maximum(self.eigenvalue, tiny)
            left = (np.square(alpha[:, None] / shifted) * inside).sum(axis=1)
            return np.asarray(left + self.outside.sum())
        explained = (power * (self.eigenvalue + 2.0 * alpha[:, None]) / np.square(shifted)).sum(axis=1)
        total = float(self.yty.sum())
        # The difference cannot be known better than the rounding of its terms.
        floor = total * self.eigenvalue.size * np.finfo(np.float64).eps
        return np.asarray(np.maximum(total - explained, floor))

    def gcv_path(self, alpha: Floats) -> RidgePath:
        """Score ridges by generalised cross-validation (Golub, Heath & Wahba 1979, equation 1.4)."""
        dof = self.dof(alpha)
        free = np.maximum(1.0 - dof / self.n, np.finfo(np.float64).eps)
        return RidgePath(alpha, self.residual(alpha) / self.n / np.square(free), dof, "gcv")
