"""Gram matrices in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["gram_accumulate"]


def gram_accumulate(
    x: NDArray[Any], y: NDArray[Any], gram: NDArray[np.float64], xty: NDArray[np.float64]
) -> None:
    """Add ``x.T @ x`` to `gram` and ``x.T @ y`` to `xty`, in float64.

    Parameters
    ----------
    x : array [row, feature], float32 or float64
        A block of states; the whole series need never stand in memory.
    y : array [row, target], float32 or float64
    gram : array [feature, feature], float64
        Added to; stays symmetric to the bit.
    xty : array [feature, target], float64
        Added to.
    """
    for state, wanted in zip(x.astype(np.float64), y.astype(np.float64), strict=True):
        gram += np.outer(state, state)
        xty += np.outer(state, wanted)
