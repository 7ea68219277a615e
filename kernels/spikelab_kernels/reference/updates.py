"""Steps of weights along changes, in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["adam_step"]

Row = NDArray[Any]


def adam_step(
    weight: Row, change: Row, first: Row, second: Row, beta1: Any, beta2: Any, rate: Any, root: Any, eps: Any
) -> None:
    """One step of Adam, in place.

    Parameters
    ----------
    weight : array [weight]
        Moved.
    change : array [weight]
        Gradient, or what a rule has in its place.
    first, second : arrays [weight]
        Running means of the change and of its square; moved.
    beta1, beta2 : scalar
        Their decay.
    rate : scalar
        Learning rate over ``1 - beta1**k`` at step k.
    root : scalar
        ``1 / sqrt(1 - beta2**k)``.
    eps : scalar
        All in the dtype of the arrays.
    """
    one = weight.dtype.type(1)
    first[:] = beta1 * first + (one - beta1) * change
    second[:] = beta2 * second + (one - beta2) * (change * change)
    weight -= rate * first / (np.sqrt(second) * root + eps)
