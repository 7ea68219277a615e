"""Spike bits in Numba: pack, count, extract. The reference says what each function means."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["bits_to_dense", "bits_to_events", "count_bits", "count_spikes", "events_to_bits", "pack_bits"]

BITS_1 = np.uint64(1)
BITS_2 = np.uint64(2)
BITS_4 = np.uint64(4)
BITS_6 = np.uint64(6)
BITS_8 = np.uint64(8)
BITS_16 = np.uint64(16)
BITS_32 = np.uint64(32)
BITS_63 = np.uint64(63)
BITS_127 = np.uint64(127)
BITS_PAIRS = np.uint64(0x5555555555555555)
BITS_NIBBLES = np.uint64(0x3333333333333333)
BITS_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def popcount(word):
    """Number of set bits of a uint64, as uint64."""
    word = word - ((word >> BITS_1) & BITS_PAIRS)
    word = (word & BITS_NIBBLES) + ((word >> BITS_2) & BITS_NIBBLES)
    word = (word + (word >> BITS_4)) & BITS_BYTES
    word += word >> BITS_8
    word += word >> BITS_16
    word += word >> BITS_32
    return word & BITS_127


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def lowest_bit(word):
    """Index of the lowest set bit of a uint64 that is not zero: the number of zeros below it."""
    return popcount(~word & (word - BITS_1))


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def last_mask(n, word):
    """Bits of word number `word` that belong to the first `n` neurons."""
    left = n - word * 64
    if left >= 64:
        return ~np.uint64(0)
    return (BITS_1 << np.uint64(left)) - BITS_1


@njit(error_model="numpy", nogil=True, cache=True)
def pack_row(dense, row):
    """Pack one row: `dense` array [neuron], bool or uint8; `row` array [word], uint64, output."""
    n = dense.size
    whole = n // 64
    for w in range(whole):
        group = dense[w * 64 : w * 64 + 64]
        word = np.uint64(0)
        for i in range(64):
            word |= np.uint64(group[i] != 0) << np.uint64(i)
        row[w] = word
    for w in range(whole, row.size):
        word = np.uint64(0)
        for i in range(n - w * 64):
            word |= np.uint64(dense[w * 64 + i] != 0) << np.uint64(i)
        row[w] = word


@njit(error_model="numpy", nogil=True, cache=True)
def pack_bits(dense, bits):
    """Set bit n of `bits` where ``dense[..., n]`` is not zero, clear every other bit."""
    for t in range(dense.shape[0]):
        for b in range(dense.shape[1]):
            pack_row(dense[t, b], bits[t, b])


@njit(error_model="numpy", nogil=True, cache=True)
def count_bits(bits):
    """Number of spikes in `bits`."""
    flat = bits.reshape(bits.size)
    total = np.uint64(0)
    for i in range(flat.size):
        total += popcount(flat[i])
    return np.int64(total)


@njit(error_model="numpy", nogil=True, cache=True)
def count_spikes(bits, counts, row_lo, row_hi):
    """Add the number of spikes of every neuron over time to `counts`, for batch rows row_lo to row_hi."""
    n = counts.shape[1]
    for t in range(bits.shape[0]):
        for b in range(row_lo, row_hi):
            row = counts[b]
            for w in range(bits.shape[2]):
                word = bits[t, b, w] & last_mask(n, w)
                base = np.uint64(w) << BITS_6
                while word != 0:
                    row[base + lowest_bit(word)] += 1
                    word &= word - BITS_1


@njit(error_model="numpy", nogil=True, cache=True)
def bits_to_events(bits, n, step0):
    """List the spikes in the order of step, batch row and neuron."""
    count = count_bits(bits)
    step = np.empty(count, np.uint32)
    batch = np.empty(count, np.uint32)
    neuron = np.empty(count, np.uint32)
    k = np.uint64(0)
    for t in range(bits.shape[0]):
        for b in range(bits.shape[1]):
            for w in range(bits.shape[2]):
                word = bits[t, b, w] & last_mask(n, w)
                base = np.uint64(w) << BITS_6
                while word != 0:
                    step[k] = np.uint32(step0 + t)
                    batch[k] = np.uint32(b)
                    neuron[k] = np.uint32(base + lowest_bit(word))
                    word &= word - BITS_1
                    k += BITS_1
    return step[:k], batch[:k], neuron[:k]


@njit(error_model="numpy", nogil=True, cache=True)
def bits_to_dense(bits, dense):
    """Write 1 where a neuron spikes and 0 elsewhere."""
    n = dense.shape[2]
    for t in range(bits.shape[0]):
        for b in range(bits.shape[1]):
            row = dense[t, b]
            for w in range(n // 64):
                word = bits[t, b, w]
                group = row[w * 64 : w * 64 + 64]
                for i in range(64):
                    group[i] = (word >> np.uint64(i)) & BITS_1
            for i in range(n // 64 * 64, n):
                row[i] = (bits[t, b, i >> 6] >> (np.uint64(i) & BITS_63)) & BITS_1


@njit(error_model="numpy", nogil=True, cache=True)
def events_to_bits(step, batch, neuron, bits):
    """Set the bits of events; `step` counts from the first row of `bits`, and no bit is cleared."""
    for k in range(step.size):
        bit = BITS_1 << (np.uint64(neuron[k]) & BITS_63)
        bits[step[k], batch[k], np.uint64(neuron[k]) >> BITS_6] |= bit
