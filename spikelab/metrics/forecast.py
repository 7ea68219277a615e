"""Measures of many-step forecasts from several starts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_finite, require_positive, require_scalar

__all__ = ["forecast_nrmse", "valid_steps"]

Floats = npt.NDArray[np.float64]


def forecast_nrmse(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, std: npt.ArrayLike) -> Floats:
    """Return the error of each step ahead over all starts, relative to the spread of the series.

    Parameters
    ----------
    y_true, y_pred : array [start, step, feature]
        A forecast that is not finite counts as infinitely wrong.
    std : float or array [feature]
        Standard deviation of the series; the squares are averaged over features.

    Returns
    -------
    array [step]
        ``[83]`` is the NRMSE84 of the literature.

    References
    ----------
    H. Jaeger, H. Haas, "Harnessing nonlinearity", Science 304 (2004), supporting online material.

    Examples
    --------
    >>> true = np.zeros((2, 3, 1))
    >>> forecast_nrmse(true, true + [[0.0], [1.0], [2.0]], std=2.0).tolist()
    [0.0, 0.5, 1.0]
    """
    squares = _squared_errors("forecast_nrmse", y_true, y_pred, std)
    error: Floats = np.sqrt(squares.mean(axis=0))
    return error


def valid_steps(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, std: npt.ArrayLike, threshold: float = 0.4
) -> npt.NDArray[np.int64]:
    """Return for how many steps each forecast holds.

    Parameters
    ----------
    y_true, y_pred, std
        As in `forecast_nrmse`.
    threshold : float
        The first step whose error ``|y_pred - y_true| / sqrt(sum(std ** 2))`` exceeds it ends the forecast.

    Returns
    -------
    array [start]
        Steps before that one; all steps where there is none.

    References
    ----------
    J. Pathak et al., "Hybrid forecasting of chaotic processes: using machine learning in conjunction with a
    knowledge-based model", Chaos 28 (2018), equation 10.

    Examples
    --------
    >>> true = np.zeros((1, 4, 1))
    >>> valid_steps(true, true + [[0.0], [0.3], [0.5], [0.1]], std=1.0).tolist()
    [2]
    """
    require_positive("valid_steps", "threshold", require_scalar("valid_steps", "threshold", threshold))
    wrong = np.sqrt(_squared_errors("valid_steps", y_true, y_pred, std)) > threshold
    held = np.where(wrong.any(axis=1), wrong.argmax(axis=1), wrong.shape[1])
    return np.asarray(held, dtype=np.int64)


def _squared_errors(owner: str, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, std: npt.ArrayLike) -> Floats:
    """Squared errors [start, step] over the squared scale, both averaged over features."""
    true, pred = real_array(owner, "y_true", y_true), real_array(owner, "y_pred", y_pred)
    require_finite(owner, "y_true", true)
    if true.ndim != 3 or true.size == 0:
        need = "have shape (starts, steps, features), and not be empty"
        raise ParameterError(owner, "y_true", f"array of shape {true.shape}", need)
    if pred.shape != true.shape:
        need = f"have shape {true.shape}, as y_true has"
        raise ParameterError(owner, "y_pred", f"array of shape {pred.shape}", need)
    require_positive(owner, "std", std, remedy="A series that does not vary has no error to scale by.")
    spread = real_array(owner, "std", std)
    if spread.shape not in ((), (true.shape[2],)):
        need = f"be a number or have shape ({true.shape[2]},), one for each feature"
        raise ParameterError(owner, "std", f"array of shape {spread.shape}", need)
    # In units of the largest spread: its square stays in range.
    unit = float(spread.max())
    scale = float(np.mean(np.square(spread / unit)))
    with np.errstate(over="ignore", invalid="ignore"):
        squares: Floats = np.square((pred - true) / unit).mean(axis=2) / scale
    squares[~np.isfinite(squares)] = np.inf
    return squares
