"""Gram matrices by blocks, through BLAS.

BLAS is the right tool here: NumPy answers ``a.T @ a`` with the symmetric rank-k product, at half the
operations of a general one and close to the machine's peak, which no Numba loop reaches.
"""

from __future__ import annotations

import numpy as np

__all__ = ["gram_accumulate"]

GRAM_ROWS = 1024  # 256 to 2048 run alike; a block of float64 copies stays small beside the matrix


def gram_accumulate(x, y, gram, xty):
    """Add ``x.T @ x`` to `gram` and ``x.T @ y`` to `xty`, in float64."""
    for first in range(0, x.shape[0], GRAM_ROWS):
        states = x[first : first + GRAM_ROWS].astype(np.float64)
        gram += states.T @ states
        xty += states.T @ y[first : first + GRAM_ROWS].astype(np.float64)
