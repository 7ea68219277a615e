"""The operations that elementary functions and model functions may use, as NumPy code.

Each works on arrays and NumPy scalars of float32/float64 (integers: int32/int64) and takes its width from the
operand. Python literals adapt to the other operand. The compiler gives each name its own meaning; these are
the definitions that it must reproduce bit for bit.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Real: TypeAlias = Any
"""Array or NumPy scalar, float32 or float64."""
Integer: TypeAlias = Any
"""Array or NumPy scalar, int32 or int64."""
Bool: TypeAlias = Any
"""Array or NumPy scalar, bool."""


def where(condition: Bool, a: Any, b: Any) -> Any:
    """Return `a` where `condition` holds, else `b`; both sides are evaluated."""
    return np.where(condition, a, b)[()]


def min(a: Real, b: Real) -> Real:
    """Return ``where(b < a, b, a)``: a NaN in `a` stays, a NaN in `b` is dropped."""
    return where(b < a, b, a)


def max(a: Real, b: Real) -> Real:
    """Return ``where(b > a, b, a)``: a NaN in `a` stays, a NaN in `b` is dropped."""
    return where(b > a, b, a)


def abs(x: Real) -> Real:
    """Return `x` with its sign bit cleared."""
    return np.abs(x)


def sqrt(x: Real) -> Real:
    """Return the correctly rounded square root."""
    return np.sqrt(x)


def floor(x: Real) -> Real:
    """Return the largest integral value that is not above `x`."""
    return np.floor(x)


def both(a: Bool, b: Bool) -> Bool:
    """Return `a` and `b`, both evaluated."""
    return np.logical_and(a, b)


def either(a: Bool, b: Bool) -> Bool:
    """Return `a` or `b`, both evaluated."""
    return np.logical_or(a, b)


def negate(a: Bool) -> Bool:
    """Return not `a`."""
    return np.logical_not(a)


def to_bits(x: Real) -> Integer:
    """Return the bits of `x` as a signed integer of the same width."""
    return x.view(np.int32 if x.dtype == np.float32 else np.int64)


def from_bits(n: Integer) -> Real:
    """Return the real whose bits are those of the signed integer `n`."""
    return n.view(np.float32 if n.dtype == np.int32 else np.float64)


def shl(n: Integer, k: int) -> Integer:
    """Shift left by `k`; bits that leave at the top are lost without a trap."""
    return np.left_shift(n, k)


def shr(n: Integer, k: int) -> Integer:
    """Shift right by `k`, copying the sign bit."""
    return np.right_shift(n, k)


def band(n: Integer, m: Integer) -> Integer:
    """Return the bitwise and."""
    return np.bitwise_and(n, m)


def bor(n: Integer, m: Integer) -> Integer:
    """Return the bitwise or."""
    return np.bitwise_or(n, m)
