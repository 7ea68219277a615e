"""Probabilities that mean what they say: one factor on the logarithms, fitted to held-out recordings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["fit_sharpness", "held_out", "sharpened"]

Floats = npt.NDArray[np.float64]

# Of each class, every fifth recording is held out, so that speakers and sessions are mixed.
_HOLD_OUT = 5
_LEAST_LOG, _MOST_LOG = -4.0, 5.0
_TINY = 1e-12


def held_out(labels: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Mark every fifth recording of each class: array [recording], bool; nothing of rarer classes."""
    marked = np.zeros(labels.size, dtype=np.bool_)
    for label in np.unique(labels):
        marked[np.flatnonzero(labels == label)[_HOLD_OUT - 1 :: _HOLD_OUT]] = True
    return marked


def sharpened(probabilities: Floats, factor: float) -> Floats:
    """Raise probabilities [recording, class] to a power and bring their sums back to 1."""
    logs = factor * np.log(np.maximum(probabilities, _TINY))
    power = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(power / power.sum(axis=1, keepdims=True))


def fit_sharpness(probabilities: Floats, index: npt.NDArray[np.int64]) -> float:
    """Return the power of `sharpened` that makes the true classes most likely.

    Parameters
    ----------
    probabilities : array [recording, class], float64
        Of recordings that the classifier was not fitted to.
    index : array [recording], int64
        Their true classes.

    Notes
    -----
    One recording of an unknown class is counted besides, as Platt does: without it the power would have no
    bound where the classifier is right each time.

    References
    ----------
    C. Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2 (temperature scaling;
    the power is the inverse of the temperature); J. Platt, "Probabilistic outputs for support vector
    machines", Advances in Large Margin Classifiers (1999), section 2.2.
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(index.size)

    def surprise(log_factor: float) -> float:
        bits = -np.log(np.maximum(sharpened(probabilities, float(np.exp(log_factor))), _TINY))
        # One recording more, whose class is anyone's: where none is wrong, nothing is certain all the same.
        return float(bits[rows, index].sum() + bits.mean())

    best = minimize_scalar(surprise, bounds=(_LEAST_LOG, _MOST_LOG), method="bounded")
    return float(np.exp(best.x))
