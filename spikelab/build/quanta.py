"""The quantum of each receptor: a power of two for which integer sums cannot overflow.

Arriving spikes are summed as integers, so that every order, thread and device gives the same
sum. The quantum is chosen from the largest sum of absolute weights of a target.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from ..errors import ParameterError

__all__ = ["quantise", "quantum_for"]

# A share of weights that a continuous distribution around 0 may well lose.
_FEW = 0.01
_BITS = {"float32": 30, "float64": 62}


def quantum_for(bound: float, dtype: str) -> float:
    """Smallest power of two for which ``bound`` stays below 2**30 (float32) or 2**62 (float64) quanta."""
    if bound == 0.0:
        return 1.0
    exponent = math.frexp(bound)[1] - _BITS[dtype]
    smallest = -126 if dtype == "float32" else -1000
    return math.ldexp(1.0, max(exponent, smallest))


def quantise(weight: np.ndarray, quantum: np.ndarray | float, dtype: str, owner: str) -> np.ndarray:
    """Weights in quanta, rounded half to even.

    Parameters
    ----------
    weight : array [edge], float64
    quantum : array [edge] or float
    dtype : {"float32", "float64"}
        Gives int32 or int64.
    owner : str
        Named in the error.

    Returns
    -------
    array [edge], int32 or int64
    """
    units = np.rint(weight / quantum)
    if units.size and float(np.abs(units).max()) >= 2.0 ** (_BITS[dtype] + 1):
        raise ParameterError(
            owner, "weight", float(np.abs(weight).max()), "fit the integer sums of its receptor"
        )
    lost = np.count_nonzero((units == 0) & (weight != 0))
    if lost > _FEW * weight.size:
        text = (
            f"{owner}: {lost} of {weight.size} weights are too small to be told from 0 beside the largest of "
            f"their receptor, and deliver nothing in {dtype}."
        )
        more = " Use dtype='float64'." if dtype == "float32" else ""
        warnings.warn(text + more, UserWarning, stacklevel=2)
    return units.astype(np.int32 if dtype == "float32" else np.int64)
