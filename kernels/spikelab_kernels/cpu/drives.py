"""Poisson noise onto the neurons of a block in Numba. The reference says what the function means.

A count is looked up: the upper bits of the word choose an entry of the guide, which is the count itself where
no threshold lies between this entry and the next, as in nearly all of them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.philox import fill_words

__all__ = ["poisson_drives"]

DRIVES_SEARCH = np.uint16(1 << 15)
DRIVES_COUNT = np.uint16((1 << 15) - 1)


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def look_up(word, guide, shift, thresholds):
    """Number of thresholds at or below a word."""
    count = guide[word >> shift]
    if count & DRIVES_SEARCH:
        k = np.uint64(count & DRIVES_COUNT)
        while k < np.uint64(thresholds.size) and thresholds[k] <= word:
            k += np.uint64(1)
        return np.uint16(k)
    return count


@njit(error_model="numpy", nogil=True, cache=True)
def add_alike(words, guide, shift, thresholds, weight, row):
    """Add counts times the weight to a row of sums, all by one table."""
    for i in range(row.size):
        row[i] += np.int32(look_up(words[i], guide, shift, thresholds)) * weight


@njit(error_model="numpy", nogil=True, cache=True)
def add_each(words, table, guide, shift, first, thresholds, weight, row):
    """Add counts times the weight to a row of sums, each by a table of its own."""
    for i in range(row.size):
        one = np.uint64(table[i])
        levels = thresholds[np.uint64(first[one]) : np.uint64(first[one + np.uint64(1)])]
        row[i] += np.int32(look_up(words[i], guide[one], shift, levels)) * weight


@njit(error_model="numpy", nogil=True, cache=True)
def poisson_drives(
    out, step0, sample_ids, lo, hi, receptor, weight, key, start, stop, entry, table, guide, first,
    thresholds, row_lo, row_hi, col_lo, col_hi,
):  # fmt: skip
    """Add an independent Poisson count times a weight to every target of every drive, batch row and step."""
    shift, bins = np.uint32(32), guide.shape[1]
    while bins > 1:
        shift, bins = np.uint32(shift - np.uint32(1)), bins >> 1
    words = np.empty((out.shape[3] + 7) // 4 * 4, np.uint32)
    for d in range(lo.size):
        a, b = max(lo[d], col_lo), min(hi[d], col_hi)
        if a >= b:
            continue
        block, skip = np.uint64((a - lo[d]) >> 2), (a - lo[d]) & 3
        drawn = words[: (skip + b - a + 3) >> 2 << 2]
        tables = table[entry[d] : entry[d + 1]]
        for t in range(max(start[d] - step0, 0), min(stop[d] - step0, out.shape[0])):
            for r in range(row_lo, row_hi):
                fill_words(key[d], block, np.uint64(step0 + t), np.uint64(sample_ids[r]), drawn)
                row = out[t, r, receptor[d], a:b]
                if tables.size == 1:
                    one = np.uint64(tables[0])
                    levels = thresholds[np.uint64(first[one]) : np.uint64(first[one + np.uint64(1)])]
                    add_alike(drawn[skip:], guide[one], shift, levels, weight[d], row)
                else:
                    own = tables[a - lo[d] :]
                    add_each(drawn[skip:], own, guide, shift, first, thresholds, weight[d], row)
