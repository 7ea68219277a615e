"""Measures of a forecast."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_choice, require_finite

__all__ = ["nrmse", "r2_score"]

Floats = npt.NDArray[np.float64]


def nrmse(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, norm: Literal["std", "range", "mean"] = "std"
) -> float:
    """Return the root mean squared error relative to the spread of the target.

    Parameters
    ----------
    y_true, y_pred : array [time] or [time, output]
    norm : {"std", "range", "mean"}
        Divide by the standard deviation, the range, or the modulus of the mean of `y_true`. With several
        outputs the squared errors and the squared norms are averaged over them.

    Returns
    -------
    float
        0 for a perfect forecast; with "std", 1 for the mean of the target.

    Examples
    --------
    >>> nrmse([0.0, 2.0, 4.0], [2.0, 2.0, 2.0])
    1.0
    """
    require_choice("nrmse", "norm", norm, ("std", "range", "mean"))
    true, pred = _pair("nrmse", y_true, y_pred)
    norms = {
        "std": true.std(axis=0),
        "range": np.ptp(true, axis=0),
        "mean": np.abs(true.mean(axis=0)),
    }
    scale = float(np.sqrt(np.mean(np.square(norms[norm]))))
    if scale == 0.0:
        remedy = "Its spread is zero, so no error can be put in relation to it."
        raise ParameterError("nrmse", "y_true", f"array with {norm} 0", "vary", remedy)
    return float(np.sqrt(np.mean(np.square(true - pred)))) / scale


def r2_score(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, owner: str = "r2_score") -> float:
    """Return the coefficient of determination, over all rows and outputs together.

    Parameters
    ----------
    y_true, y_pred : array [row] or [row, output]
    owner : str
        Named in errors.

    Returns
    -------
    float
        1 for a perfect prediction, 0 for the mean of each output. Of targets that do not vary, 1 or 0.

    Examples
    --------
    >>> r2_score([0.0, 2.0, 4.0], [2.0, 2.0, 2.0])
    0.0
    """
    true, pred = _pair(owner, y_true, y_pred)
    error, spread = float(np.square(true - pred).sum()), float(np.square(true - true.mean(axis=0)).sum())
    return 1.0 - error / spread if spread > 0 else float(error == 0)


def _pair(owner: str, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> tuple[Floats, Floats]:
    true, pred = real_array(owner, "y_true", y_true), real_array(owner, "y_pred", y_pred)
    if true.ndim not in (1, 2) or true.size == 0:
        need = "have shape (rows,) or (rows, outputs), and not be empty"
        raise ParameterError(owner, "y_true", f"array of shape {true.shape}", need)
    if pred.shape != true.shape:
        need = f"have shape {true.shape}, as y_true has"
        raise ParameterError(owner, "y_pred", f"array of shape {pred.shape}", need)
    require_finite(owner, "y_true", true)
    require_finite(owner, "y_pred", pred)
    return true, pred
