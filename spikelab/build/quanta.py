"""The quantum of each receptor: a power of two for which integer sums cannot overflow.

Arriving spikes are summed as integers, so that every order, thread and device gives the same
sum. The quantum is chosen from the largest sum of absolute weights of a target.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import DTypeLike

from spikelab_kernels.layout import sum_dtype

__all__ = ["quantise", "quantum_for", "to_quanta", "warn_lost"]

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


def to_quanta(
    weight: np.ndarray, quantum: np.ndarray | float, units: DTypeLike
) -> tuple[np.ndarray, np.ndarray]:
    """Weights in quanta, and which of them are lost: not 0 before, but 0 now.

    Parameters
    ----------
    weight : array [edge], float64
    quantum : array [edge] or float
    units : dtype
        An integer type: rounded half to even. A real one: not rounded.

    Returns
    -------
    array [edge], `units`; array [edge], bool
    """
    scaled = weight / quantum
    if np.issubdtype(units, np.floating):
        return scaled, np.zeros(scaled.shape, np.bool_)
    rounded = np.rint(scaled)
    return rounded.astype(units), (rounded == 0) & (weight != 0)


def warn_lost(owner: str, lost: int, edges: int, dtype: str) -> None:
    """Warn of more lost weights than a continuous distribution around 0 may have."""
    if lost > _FEW * edges:
        text = (
            f"{owner}: {lost} of {edges} weights are too small to be told from 0 beside the largest of "
            f"their receptor, and deliver nothing in {dtype}."
        )
        more = " Use dtype='float64'." if dtype == "float32" else ""
        warnings.warn(text + more, UserWarning, stacklevel=2)


def quantise(weight: np.ndarray, quantum: np.ndarray | float, dtype: str, owner: str) -> np.ndarray:
    """Weights in quanta, rounded half to even; `owner` is named in a warning of those that are lost.

    Returns
    -------
    array [edge], int32 or int64
    """
    units, lost = to_quanta(weight, quantum, sum_dtype(dtype))
    warn_lost(owner, int(np.count_nonzero(lost)), weight.size, dtype)
    return units
