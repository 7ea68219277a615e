"""Measures of a forecast."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError

__all__ = ["nrmse"]


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
    true, pred = np.asarray(y_true, dtype=np.float64), np.asarray(y_pred, dtype=np.float64)
    if true.size == 0 or pred.shape != true.shape:
        need = f"have shape {true.shape}, as y_true has, and not be empty"
        raise ParameterError("nrmse", "y_pred", f"array of shape {pred.shape}", need)
    norms = {
        "std": true.std(axis=0),
        "range": np.ptp(true, axis=0),
        "mean": np.abs(true.mean(axis=0)),
    }
    if norm not in norms:
        raise ParameterError("nrmse", "norm", norm, f"be one of {', '.join(norms)}")
    scale = float(np.sqrt(np.mean(np.square(norms[norm]))))
    if scale == 0.0:
        remedy = "Its spread is zero, so no error can be put in relation to it."
        raise ParameterError("nrmse", "y_true", f"array with {norm} 0", "vary", remedy)
    return float(np.sqrt(np.mean(np.square(true - pred)))) / scale
