"""Delivery of spikes through dense matrices in Numba. The reference says what each function means.

Both ways add listed rows to a sum that stays in registers (`add_listed`): a spike's row of weights, or the
sum of those rows of four sources that spike. The tables of such sums for 64 sources and one tile take 64 KiB
and stay in the cache while many rows of spikes use them: `DENSE_BLOCK` at a time, so that the sums stay too.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.bits import BITS_1, BITS_4, BITS_6, last_mask, lowest_bit, popcount
from spikelab_kernels.cpu.vector import add_listed

__all__ = ["deliver_dense", "deliver_matrix"]

DENSE_BLOCK = 512
DENSE_NIBBLE = np.uint64(15)
DENSE_TABLE = np.uint64(16)


@njit(error_model="numpy", nogil=True, cache=True)
def list_spikes(bits, sources, row_lo, row_hi):
    """Spiking sources of every row [time, batch]: ``source[start[k] : start[k + 1]]`` of row k, uint32."""
    words = (sources + 63) // 64
    start = np.zeros(bits.shape[0] * (row_hi - row_lo) + 1, np.uint64)
    k = 0
    for t in range(bits.shape[0]):
        for b in range(row_lo, row_hi):
            count = np.uint64(0)
            for w in range(words):
                count += popcount(bits[t, b, w] & last_mask(sources, w))
            start[k + 1] = start[k] + count
            k += 1
    source = np.empty(np.int64(start[k]), np.uint32)
    place = np.uint64(0)
    for t in range(bits.shape[0]):
        for b in range(row_lo, row_hi):
            for w in range(words):
                word = bits[t, b, w] & last_mask(sources, w)
                base = np.uint64(w) << BITS_6
                while word != 0:
                    source[place] = np.uint32(base + lowest_bit(word))
                    place += BITS_1
                    word &= word - BITS_1
    return start, source


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_dense(bits, weight, shift, targets, address0, delay, out, row_lo, row_hi):
    """Add the weights of the sources that spike, one row of weights for each spike."""
    if bits.shape[0] + delay > out.shape[0]:
        raise IndexError("spikes arrive beyond the last row of out")
    sources, lanes, shift = weight.shape[1], weight.shape[2], np.uint64(shift)
    start, source = list_spikes(bits, sources, row_lo, row_hi)
    sums, rows = out.reshape(out.size), weight.reshape(weight.size)
    spare = np.zeros(lanes, out.dtype)
    for tile in range(weight.shape[0]):
        base = np.uint64(tile * sources * lanes)
        width = min(lanes, targets - tile * lanes)
        k = 0
        for t in range(bits.shape[0]):
            for b in range(row_lo, row_hi):
                lo, hi = start[k], start[k + 1]
                k += 1
                if lo == hi:
                    continue
                first = np.uint64(((t + delay) * out.shape[1] + b) * out.shape[2] + address0 + tile * lanes)
                if width == lanes:
                    add_listed(sums, first, rows, base, source, lo, hi, shift)
                else:  # the last tile must not write beyond its targets
                    spare[:] = 0
                    add_listed(spare, np.uint64(0), rows, base, source, lo, hi, shift)
                    for i in range(width):
                        sums[first + np.uint64(i)] += spare[i]


@njit(error_model="numpy", nogil=True, cache=True)
def list_groups(bits, words, first, count, row_lo, height, start, entry):
    """Entries of the tables of each word for rows first ... first + count: 16 times group plus subset.

    Empty groups are left out. Row k of word w has ``entry[start[w, k] : start[w, k + 1]]``.
    """
    place = np.uint64(0)
    for w in range(words):
        for k in range(count):
            start[w, k] = place
            word = bits[(first + k) // height, row_lo + (first + k) % height, w]
            group = np.uint64(0)
            while word != 0:
                subset = word & DENSE_NIBBLE
                entry[place] = np.uint8(group + subset)
                place += np.uint64(subset != 0)
                word >>= BITS_4
                group += DENSE_TABLE
        start[w, count] = place


@njit(error_model="numpy", nogil=True, cache=True)
def fill_table(rows, table):
    """Sums of all subsets of each four of `rows`, array [source, lane]: table [group, subset, lane]."""
    for group in range(table.shape[0]):
        for bit in range(4):
            source = 4 * group + bit
            for subset in range(1 << bit):
                old, new = table[group, subset], table[group, subset + (1 << bit)]
                if source < rows.shape[0]:
                    row = rows[source]
                    for i in range(new.size):
                        new[i] = old[i] + row[i]
                else:
                    new[:] = old


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_matrix(bits, weight, shift, targets, address0, delay, out, row_lo, row_hi):
    """Add the same as `deliver_dense` through tables of the sums of each four rows of weights."""
    if bits.shape[0] + delay > out.shape[0]:
        raise IndexError("spikes arrive beyond the last row of out")
    sources, lanes, height = weight.shape[1], weight.shape[2], row_hi - row_lo
    words, total = (sources + 63) // 64, bits.shape[0] * (row_hi - row_lo)
    block = min(total, DENSE_BLOCK)
    start = np.empty((words, block + 1), np.uint64)
    entry = np.empty(words * block * 16, np.uint8)
    table = np.zeros((16, 16, lanes), out.dtype)
    sums = np.empty((block, lanes), out.dtype)
    flat_table, flat_sums = table.reshape(table.size), sums.reshape(sums.size)
    for first in range(0, total, DENSE_BLOCK):
        count = min(total - first, DENSE_BLOCK)
        list_groups(bits, words, first, count, row_lo, height, start, entry)
        for tile in range(weight.shape[0]):
            sums[:] = 0
            for w in range(words):
                if start[w, 0] == start[w, count]:
                    continue
                fill_table(weight[tile, w * 64 : w * 64 + 64], table)
                for k in range(count):
                    place, lo, hi = np.uint64(k * lanes), start[w, k], start[w, k + 1]
                    add_listed(flat_sums, place, flat_table, np.uint64(0), entry, lo, hi, np.uint64(0))
            left = address0 + tile * lanes
            right = min(left + lanes, address0 + targets)
            for k in range(count):
                row = out[(first + k) // height + delay, row_lo + (first + k) % height, left:right]
                for i in range(row.size):
                    row[i] += sums[k, i] << shift
