"""The functions of the model language, as Python sees them.

A model function may import them from here, so that editors know the names and the
function can be run by itself on floats or arrays. The compiler goes by the names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikelab_kernels.math import REGISTRY
from spikelab_kernels.math.intrinsics import abs, floor, max, min, sqrt, where

__all__ = ["abs", "exp", "expm1", "floor", "log", "max", "min", "pow", "real", "sqrt", "tanh", "where"]


def _apply(name: str, *values: Any) -> Any:
    """The function called `name` in the width of its first argument."""
    first = np.asarray(values[0])
    dtype = "float32" if first.dtype == np.float32 else "float64"
    return REGISTRY[name][dtype](*(np.asarray(value, dtype) for value in values))


def exp(x: Any) -> Any:
    """Exponential function; the error is stated in ``spikelab_kernels.math.exp``."""
    return _apply("exp", x)


def expm1(x: Any) -> Any:
    """``exp(x) - 1`` without cancellation near zero."""
    return _apply("expm1", x)


def log(x: Any) -> Any:
    """Natural logarithm."""
    return _apply("log", x)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return _apply("tanh", x)


def pow(x: Any, y: Any) -> Any:
    """``x`` to the power ``y``."""
    return _apply("pow", x, y)


def real(x: Any) -> Any:
    """A real number from an integer or a bool."""
    return np.asarray(x).astype(np.float64)
