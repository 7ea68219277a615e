"""Philox4x32-10 for kernels: 32-bit words in 64-bit lanes, which LLVM turns into vector multiplications.

The scalar helpers are forced inline: as calls they keep the loops around them from vectorising, which costs
a factor of four (4.5 against 1.1 ns a word with AVX2).
"""

from __future__ import annotations

import numpy as np
from numba import njit

PHILOX_M0 = np.uint64(0xD2511F53)
PHILOX_M1 = np.uint64(0xCD9E8D57)
PHILOX_W0 = np.uint64(0x9E3779B9)
PHILOX_W1 = np.uint64(0xBB67AE85)
PHILOX_LOW = np.uint64(0xFFFFFFFF)
PHILOX_32 = np.uint64(32)
PHILOX_16 = np.uint64(16)


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def philox_block(c0, c1, c2, c3, k0, k1):
    """Four words of a block. Arguments and results are uint64 scalars below 2**32."""
    for _ in range(10):
        p = c0 * PHILOX_M0
        q = c2 * PHILOX_M1
        c0 = (q >> PHILOX_32) ^ c1 ^ k0
        c1 = q & PHILOX_LOW
        c2 = (p >> PHILOX_32) ^ c3 ^ k1
        c3 = p & PHILOX_LOW
        k0 = (k0 + PHILOX_W0) & PHILOX_LOW
        k1 = (k1 + PHILOX_W1) & PHILOX_LOW
    return c0, c1, c2, c3


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def draw_block(key, element, step, sample, block):
    """Words of draws ``4 * block`` to ``4 * block + 3``. Arguments and results are uint64 scalars."""
    high = ((step >> PHILOX_32) << PHILOX_16 | block) & PHILOX_LOW
    return philox_block(element, step & PHILOX_LOW, sample, high, key & PHILOX_LOW, key >> PHILOX_32)


@njit(error_model="numpy", nogil=True, cache=True)
def fill_words(key, first_block, step, sample, out):
    """Write the words of the elements from ``4 * first_block`` on to `out`.

    Parameters
    ----------
    key, first_block, step, sample : uint64
    out : array [4 * blocks], uint32
    """
    k0, k1 = key & PHILOX_LOW, key >> PHILOX_32
    low, high = step & PHILOX_LOW, (step >> PHILOX_32) << PHILOX_16 & PHILOX_LOW
    for i in range(np.uint64(out.size // 4)):
        a, b, c, d = philox_block(first_block + i, low, sample, high, k0, k1)
        j = np.uint64(4) * i
        out[j] = np.uint32(a)
        out[j + np.uint64(1)] = np.uint32(b)
        out[j + np.uint64(2)] = np.uint32(c)
        out[j + np.uint64(3)] = np.uint32(d)


@njit(error_model="numpy", nogil=True, cache=True)
def step_words(key, step, sample, out):
    """One word for each element of a step, four neighbours to a block. `out` : array [n], uint32."""
    whole = out.size // 4 * 4
    fill_words(key, np.uint64(0), step, sample, out[:whole])
    if whole < out.size:
        block = draw_block(key, np.uint64(whole // 4), step, sample, np.uint64(0))
        for i in range(out.size - whole):
            out[whole + i] = np.uint32(block[i])
