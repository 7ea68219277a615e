"""Ridge regression from a stream or from rows, with the ridge given or chosen."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import linalg
from sklearn.base import BaseEstimator, RegressorMixin

from ..errors import ParameterError
from ..storable import storable
from ..units import real_array, require_finite, require_non_negative
from .gram import Gram
from .spectrum import RidgePath, Spectrum

__all__ = ["Ridge", "RidgeWarning"]

Floats = npt.NDArray[np.float64]

# Below this reciprocal condition the normal equations have fewer than eight digits left: rows in memory are
# then decomposed themselves.
_RCOND_ROWS = 1e-8


class RidgeWarning(UserWarning):
    """The ridge solution was found by a fallback, or has lost digits."""


@storable
class Ridge(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Linear regression with a quadratic penalty on the weights; the intercept is not penalised.

    Parameters
    ----------
    alpha : float, "gcv" or "holdout"
        The ridge: minimises ``|Y - X W - b|^2 + alpha |W|^2``, as scikit-learn's ``Ridge``. "gcv" chooses it
        by generalised cross-validation, "holdout" by the error on validation rows.
    alphas : array, optional
        Grid to choose from. By default 49 values from 1e-10 to 100 times the mean variance of a feature times
        the number of rows, evenly spaced in the logarithm.

    Attributes
    ----------
    coef_ : array [output, feature] (or [feature] where the targets had one axis)
    intercept_ : array [output] or float
    alpha_ : float
        The ridge used.
    solver_ : {"cholesky", "dual", "svd", "eigh"}
        "cholesky" of the normal equations; "dual", their counterpart where the rows are fewer than the
        features; "svd" of the rows where the normal equations would leave fewer than eight digits; "eigh",
        the fallback on a stream, which comes with a `RidgeWarning`.
    ridge_path_ : RidgePath or None
        The score of every ridge of the grid, where one was chosen.

    Notes
    -----
    Features are centred before products are formed, and sums are float64. Normal equations square the
    condition of the features: of 16 digits, ``log10(largest eigenvalue / ridge)`` are lost. Scaling features
    changes what the penalty means, so none is done here.

    References
    ----------
    G. Golub, M. Heath, G. Wahba, "Generalized cross-validation as a method for choosing a good ridge
    parameter", Technometrics 21 (1979), equation 1.4.
    """

    def __init__(self, alpha: float | Literal["gcv", "holdout"] = "gcv", alphas: npt.ArrayLike | None = None):
        self.alpha = alpha
        self.alphas = alphas

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike, validation: npt.ArrayLike | None = None) -> Ridge:
        """Fit rows that are in memory.

        Parameters
        ----------
        X : array [row, feature]
        y : array [row] or [row, output]
        validation : bool array [row], optional
            Rows that choose the ridge (``alpha="holdout"``); every fifth by default. The final fit uses
            all rows.
        """
        x, targets = self._rows(X, y)
        self.ridge_path_: RidgePath | None = None
        spectrum: Spectrum | None = None
        mean_x, mean_y = x.mean(axis=0), targets.mean(axis=0)
        few = x.shape[0] <= x.shape[1]
        if self.check_alpha() == "holdout":
            mask = _validation_rows(validation, x.shape[0])
            self.ridge_path_ = self._holdout_path(x[~mask], targets[~mask], x[mask], targets[mask])
        dual: Floats | None = None
        if few and self.alpha != "gcv":
            chosen = self.ridge_path_.best if self.ridge_path_ else float(self.alpha)
            centred = x - mean_x
            solved = _cholesky(centred @ centred.T, targets - mean_y, chosen, _RCOND_ROWS)
            dual = None if solved is None else centred.T @ solved
        if few and dual is None:
            spectrum = Spectrum.of_few_rows(x - mean_x, targets - mean_y)
        gram: Gram | None = None
        if not few:
            gram = Gram()
            gram.add(x, targets)
            if self.alpha == "gcv":
                spectrum = Spectrum.of_gram(*gram.centred(), gram.n)
        if self.alpha == "gcv":
            assert spectrum is not None
            self.ridge_path_ = spectrum.gcv_path(self._grid(spectrum))
        self.alpha_ = self.ridge_path_.best if self.ridge_path_ else float(self.alpha)
        if few:
            self.solver_ = "dual"
            if dual is None:
                assert spectrum is not None
                dual = spectrum.weights(self.alpha_)
            weights = dual
        else:
            assert gram is not None
            solved = _cholesky(*gram.centred()[:2], self.alpha_, _RCOND_ROWS)
            self.solver_ = "svd" if solved is None else "cholesky"
            if solved is None:
                solved = Spectrum.of_rows(x - mean_x, targets - mean_y).weights(self.alpha_)
            weights = solved
        return self._keep(weights, mean_x, mean_y)

    def fit_gram(self, gram: Gram, validation: Gram | None = None) -> Ridge:
        """Fit a stream of rows, of which only the sums of products were kept.

        Parameters
        ----------
        gram : Gram
            Rows to fit.
        validation : Gram, optional
            Rows that choose the ridge; needed by ``alpha="holdout"``. The final fit uses all rows.
        """
        self._vector = False
        kind = self.check_alpha()
        if kind == "holdout" and validation is None:
            need = "not be 'holdout' without validation rows"
            raise ParameterError(
                "Ridge.fit_gram", "alpha", "holdout", need, "Pass validation=, or alpha='gcv'."
            )
        centred = gram.centred()
        self.ridge_path_ = None
        spectrum: Spectrum | None = None
        if kind is not None:
            spectrum = Spectrum.of_gram(*centred, gram.n)
            grid = self._grid(spectrum)
            if kind == "gcv":
                self.ridge_path_ = spectrum.gcv_path(grid)
            else:
                assert validation is not None
                self.ridge_path_ = _validated_path(spectrum, grid, gram, validation)
        self.alpha_ = self.ridge_path_.best if self.ridge_path_ else float(self.alpha)
        if validation is not None:
            gram = gram.merged(validation)
            centred, spectrum = gram.centred(), None
        solved = _cholesky(*centred[:2], self.alpha_, np.finfo(np.float64).eps)
        self.solver_ = "cholesky" if solved is not None else "eigh"
        if solved is None:
            warnings.warn(
                f"Ridge(alpha={self.alpha_:.3g}): no Cholesky factor was found, so the weights come "
                "from an eigendecomposition (solver_ = 'eigh'). Raise alpha for reliable "
                "digits.",
                RidgeWarning,
                stacklevel=2,
            )
            spectrum = spectrum or Spectrum.of_gram(*centred, gram.n)
            solved = spectrum.weights(self.alpha_)
        return self._keep(solved, gram.mean_x, gram.mean_y)

    def predict(self, X: npt.ArrayLike) -> Floats:
        """Return ``X W + b``: array [row, output], or [row] where the targets had one axis."""
        if not hasattr(self, "coef_"):
            raise ParameterError("Ridge.predict", "self", self, "be fitted", "Call fit first.")
        # Checked alone: the rows keep their own dtype.
        real_array("Ridge.predict", "X", X)
        features = np.asarray(X)
        if features.ndim != 2 or features.shape[1] != self.n_features_in_:
            need = f"have shape (rows, {self.n_features_in_})"
            raise ParameterError("Ridge.predict", "X", f"array of shape {features.shape}", need)
        predicted: Floats = features @ self.coef_.T + self.intercept_
        return predicted

    def check_alpha(self, owner: str = "Ridge", parameter: str = "alpha") -> Literal["gcv", "holdout"] | None:
        """Return the way in which the ridge is chosen, None where it is given.

        Raises
        ------
        ParameterError
            If it is neither a number >= 0 nor one of the two words.
        """
        if isinstance(self.alpha, str) and self.alpha in ("gcv", "holdout"):
            return self.alpha
        if not isinstance(self.alpha, Real) or isinstance(self.alpha, bool):
            raise ParameterError(owner, parameter, self.alpha, "be a number >= 0, 'gcv' or 'holdout'")
        require_non_negative(owner, parameter, self.alpha)
        return None

    def _grid(self, spectrum: Spectrum) -> Floats:
        if self.alphas is None:
            mean = float(spectrum.eigenvalue.sum()) / spectrum.basis.shape[0]
            return (mean if mean > 0 else 1.0) * np.logspace(-10, 2, 49)
        grid = np.sort(real_array("Ridge", "alphas", self.alphas).ravel())
        if grid.size == 0 or not np.all(np.isfinite(grid)) or grid[0] <= 0:
            raise ParameterError("Ridge", "alphas", self.alphas, "hold numbers > 0")
        return grid

    def _rows(self, X: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
        x, targets = real_array("Ridge.fit", "X", X), real_array("Ridge.fit", "y", y)
        if x.ndim != 2 or x.shape[0] == 0:
            raise ParameterError("Ridge.fit", "X", f"array of shape {x.shape}", "have shape (rows, features)")
        if targets.ndim not in (1, 2) or targets.shape[0] != x.shape[0]:
            need = f"have one row for each of the {x.shape[0]} rows of X"
            raise ParameterError("Ridge.fit", "y", f"array of shape {targets.shape}", need)
        require_finite("Ridge.fit", "X", x)
        require_finite("Ridge.fit", "y", targets)
        self._vector = targets.ndim == 1
        return x, targets[:, None] if self._vector else targets

    def _holdout_path(self, x: Floats, y: Floats, x_v: Floats, y_v: Floats) -> RidgePath:
        mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
        decompose = Spectrum.of_few_rows if x.shape[0] <= x.shape[1] else Spectrum.of_rows
        spectrum = decompose(x - mean_x, y - mean_y)
        grid = self._grid(spectrum)
        projected, wanted = (x_v - mean_x) @ spectrum.basis, y_v - mean_y
        errors = [
            np.mean(np.square(projected @ (spectrum.load / (spectrum.eigenvalue[:, None] + a)) - wanted))
            for a in grid
        ]
        return RidgePath(grid, np.array(errors), spectrum.dof(grid), "holdout")

    def _keep(self, weights: Floats, mean_x: Floats, mean_y: Floats) -> Ridge:
        intercept = mean_y - mean_x @ weights
        self.coef_ = weights[:, 0].copy() if self._vector else np.ascontiguousarray(weights.T)
        self.intercept_ = float(intercept[0]) if self._vector else intercept
        self.n_features_in_ = weights.shape[0]
        return self


def _validation_rows(validation: npt.ArrayLike | None, n: int) -> npt.NDArray[np.bool_]:
    if validation is None:
        return np.asarray(np.arange(n) % 5 == 4)
    try:
        mask = np.asarray(validation)
    except ValueError:  # nested sequences of different lengths
        mask = np.empty(0)
    if mask.dtype != np.bool_ or mask.shape != (n,) or mask.all() or not mask.any():
        need, remedy = f"be {n} values True or False, of both kinds", "True picks the rows to validate on."
        raise ParameterError("Ridge.fit", "validation", validation, need, remedy)
    return mask


def _cholesky(gram: Floats, xty: Floats, alpha: float, rcond_floor: float) -> Floats | None:
    """Solve ``(G + alpha I) W = X'Y``; None where the matrix is too close to a singular one."""
    matrix = gram + alpha * np.eye(gram.shape[0])
    try:
        factor = linalg.cho_factor(matrix, lower=True, check_finite=False)
    except linalg.LinAlgError:
        return None
    norm = float(np.abs(matrix).sum(axis=0).max())
    rcond, _ = linalg.lapack.dpocon(np.asfortranarray(factor[0]), norm, uplo="L")
    if not rcond > rcond_floor:
        return None
    solution: Floats = linalg.cho_solve(factor, xty, check_finite=False)
    return solution


def _validated_path(spectrum: Spectrum, grid: Floats, gram: Gram, validation: Gram) -> RidgePath:
    """Mean squared error on validation rows, of which only the products are known."""
    gram_v, xty_v, yty_v = validation.centred()
    shift_x, shift_y = validation.mean_x - gram.mean_x, validation.mean_y - gram.mean_y
    errors = []
    for alpha in grid:
        weights = spectrum.weights(float(alpha))
        spread = yty_v.sum() - 2.0 * np.sum(weights * xty_v) + np.sum(weights * (gram_v @ weights))
        offset = np.square(shift_y - shift_x @ weights).sum()
        errors.append(max(float(spread), 0.0) / validation.n + offset)
    return RidgePath(grid, np.array(errors) / yty_v.size, spectrum.dof(grid), "holdout")
