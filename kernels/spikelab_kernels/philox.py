"""Philox4x32-10 in NumPy: every random number of spikelab comes from here or from its Numba twin.

A number is a pure function of (key, element, step, sample, draw), so that neither the batch split, the
threads nor the order of the work can change it. The counter's four words are::

    element | step, low 32 bits | sample | (step, high 16 bits) << 16  |  draw >> 2

and draw d takes word ``d & 3`` of the block. Kernels that need one word for each element and step (drives,
encoders) let four neighbours share a block: element ``n >> 2``, word ``n & 3`` (`step_words`).

References
----------
J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
section 5.4 and table 2.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from spikelab_kernels.errors import ParameterError

__all__ = [
    "draw_words",
    "integers",
    "normals",
    "philox4x32",
    "poisson_table",
    "step_words",
    "uniform",
    "uniforms",
    "words",
]

Words = NDArray[np.uint32]

_ROUNDS = 10
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32, _16 = np.uint64(32), np.uint64(16)
_LARGEST_MEAN = 10_000.0


def philox4x32(
    c0: ArrayLike, c1: ArrayLike, c2: ArrayLike, c3: ArrayLike, k0: ArrayLike, k1: ArrayLike
) -> tuple[Words, Words, Words, Words]:
    """Ten rounds of Philox4x32 on counters (c0, c1, c2, c3) under the key (k0, k1).

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1 : array, integers below 2**32
        Broadcast against each other.

    Returns
    -------
    tuple of four arrays, uint32
        The words of each block.
    """
    # 64-bit lanes hold 32-bit words: a product fits, so nothing overflows and NumPy warns of nothing.
    a, b, c, d = (np.asarray(v, np.uint64) for v in (c0, c1, c2, c3))
    x, y = np.asarray(k0, np.uint64), np.asarray(k1, np.uint64)
    for _ in range(_ROUNDS):
        p, q = a * _MULTIPLIER_0, c * _MULTIPLIER_1
        a, b, c, d = (q >> _32) ^ b ^ x, q & _LOW, (p >> _32) ^ d ^ y, p & _LOW
        x, y = (x + _WEYL_0) & _LOW, (y + _WEYL_1) & _LOW
    a, b, c, d = np.broadcast_arrays(a, b, c, d)
    return a.astype(np.uint32), b.astype(np.uint32), c.astype(np.uint32), d.astype(np.uint32)


def draw_words(key: int, element: ArrayLike, step: ArrayLike, sample: ArrayLike, draw: int) -> Words:
    """Word of draw number `draw` for each element, step and sample.

    Parameters
    ----------
    key : int
        64-bit key of the object and purpose.
    element, step, sample : array, integers
        Below 2**32, 2**48 and 2**32; broadcast against each other.
    draw : int
        Number of the draw in source order, below 2**18.

    Returns
    -------
    array, uint32
    """
    return _block(key, element, step, sample, draw >> 2)[draw & 3]


def step_words(key: int, n: int, step: ArrayLike, sample: ArrayLike) -> Words:
    """One word for each of `n` elements, four neighbours to a block, as drives and encoders use them.

    Parameters
    ----------
    key : int
    n : int
        Number of elements.
    step, sample : array, integers
        Broadcast against each other to a shape [...].

    Returns
    -------
    array [..., n], uint32
    """
    step, sample = np.asarray(step, np.uint64), np.asarray(sample, np.uint64)
    blocks = _block(key, np.arange((n + 3) // 4), step[..., None], sample[..., None], 0)
    stacked = np.stack(blocks, axis=-1)
    return np.ascontiguousarray(stacked.reshape(*stacked.shape[:-2], 4 * stacked.shape[-2])[..., :n])


def words(key: int, n: int, start: int = 0) -> Words:
    """Words `start` to `start + n` of the plain stream of `key`, for connectivity and weights.

    Word i of the stream is word ``i & 3`` of element ``i >> 2``; elements beyond 2**32 go on in the step.

    Returns
    -------
    array [n], uint32
    """
    first = start >> 2
    element = np.arange(first, (start + n + 3) >> 2, dtype=np.uint64)
    blocks = _block(key, element & _LOW, element >> _32, 0, 0)
    return np.stack(blocks, axis=-1).reshape(-1)[start - 4 * first :][:n].copy()


def uniform(word: Words, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """Real number in the open interval (0, 1) from each word.

    float32 uses the upper 23 bits, ``((w >> 9) + 0.5) * 2**-23``; float64 all 32, ``(w + 0.5) * 2**-32``.
    Both are exact, so they are the same on every device.
    """
    if np.dtype(dtype) == np.float32:
        return ((word >> np.uint32(9)).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
    return (word.astype(np.float64) + 0.5) * 2.0**-32


def uniforms(key: int, n: int, dtype: DTypeLike = np.float64, start: int = 0) -> NDArray[Any]:
    """Stream of `n` uniform numbers in (0, 1), array [n] of `dtype`."""
    return uniform(words(key, n, start), dtype)


def normals(key: int, n: int, start: int = 0) -> NDArray[np.float64]:
    """Stream of `n` standard normal numbers, array [n], float64: one uniform each, by the inverse CDF."""
    from spikelab_kernels import math as own_math

    inverse: Callable[[NDArray[np.float64]], NDArray[np.float64]] = own_math.inverse_normal_cdf_f64
    return inverse(uniforms(key, n, np.float64, start))


def integers(key: int, n: int, bound: int, start: int = 0) -> NDArray[np.uint32]:
    """Stream of `n` integers in [0, bound), array [n], uint32; `bound` from 1 to 2**32.

    Word times bound, upper half. The probability of a value is off 1/bound by less than 2**-32: for a
    bound of 100,000 a relative 2.3e-5, which no connectivity of that size can show.
    """
    if not 1 <= bound <= 2**32:
        raise ParameterError("integers", "bound", bound, "lie between 1 and 2**32")
    return ((words(key, n, start).astype(np.uint64) * np.uint64(bound)) >> _32).astype(np.uint32)


def poisson_table(lam: float) -> Words:
    """Integer thresholds that turn one random word into a Poisson count: the number of thresholds <= word.

    Parameters
    ----------
    lam : float
        Mean count, from 0 to 10,000.

    Returns
    -------
    array [K], uint32, ascending
        Threshold k is 2**32 * P(count <= k), rounded half to even. Counts above K have a probability
        below 2**-32 in all and never occur; every other probability is exact to 2**-32.

    Raises
    ------
    ParameterError
        If `lam` is negative, not finite or above 10,000.

    Notes
    -----
    Worked in 40-digit decimals, whose exponential is correctly rounded: no libm takes part, so the
    thresholds, and with them the spikes, are the same on every machine.
    """
    if not (math.isfinite(lam) and 0.0 <= lam <= _LARGEST_MEAN):
        raise ParameterError(
            "poisson_table", "lam", lam, "lie between 0 and 10,000 events a step",
            "Lower the rate and raise the weight: at this mean only their product matters.",
        )  # fmt: skip
    with decimal.localcontext(decimal.Context(prec=40, Emin=-999_999, Emax=999_999)) as context:
        mean = decimal.Decimal(float(lam))
        probability = context.exp(-mean)
        below, count, table = probability, 0, []
        while (threshold := int((below * 2**32).to_integral_value(decimal.ROUND_HALF_EVEN))) < 2**32:
            table.append(threshold)
            count += 1
            probability = probability * mean / count
            below += probability
    return np.array(table, np.uint32)


def _block(
    key: int, element: ArrayLike, step: ArrayLike, sample: ArrayLike, block: int
) -> tuple[Words, Words, Words, Words]:
    step = np.asarray(step, np.uint64)
    high = ((step >> _32) << _16 | np.uint64(block)) & _LOW
    return philox4x32(element, step & _LOW, sample, high, int(key) & 0xFFFFFFFF, int(key) >> 32)
