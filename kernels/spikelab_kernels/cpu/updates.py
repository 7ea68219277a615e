"""Steps of weights along changes, in Numba. The reference says what they mean."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["adam_step"]


@njit(error_model="numpy", nogil=True, cache=True)
def adam_step(weight, change, first, second, beta1, beta2, rate, root, eps):
    """Move weights against a change scaled by its moments."""
    one = weight.dtype.type(1)
    rest1, rest2 = one - beta1, one - beta2
    for i in range(weight.size):
        moved = beta1 * first[i] + rest1 * change[i]
        spread = beta2 * second[i] + rest2 * (change[i] * change[i])
        first[i], second[i] = moved, spread
        weight[i] -= rate * moved / (np.sqrt(spread) * root + eps)
