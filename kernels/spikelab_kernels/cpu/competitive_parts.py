"""Parts of the competitive kernel that no model changes: input spikes, delivery, normalisation."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.bits import lowest_bit
from spikelab_kernels.cpu.encode import spike_thresholds
from spikelab_kernels.cpu.philox import PHILOX_16, PHILOX_32, PHILOX_LOW, philox_block
from spikelab_kernels.cpu.rows import RowCompiler

__all__ = [
    "draw_rows", "fade", "gather_blocks", "inhibit", "list_ones", "list_rows", "scale_columns", "send_fixed",
    "send_rows", "take_sums", "to_quanta",
]  # fmt: skip

COMPETE_0 = np.uint64(0)
COMPETE_1 = np.uint64(1)
COMPETE_2 = np.uint64(2)
COMPETE_3 = np.uint64(3)
COMPETE_4 = np.uint64(4)
COMPETE_6 = np.uint64(6)
COMPETE_8 = np.uint64(8)


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def fade(value, n, low, high):
    """A trace `n` steps later."""
    k = min(n >> 8, high.size - 1)
    return value * low[np.uint64(n & 255)] * high[np.uint64(k)]


@njit(error_model="numpy", nogil=True, cache=True)
def gather_blocks(x, probability, blocks, thresholds, places):
    """List the blocks of four pixels that can spike.

    Parameters
    ----------
    x : array [pixel], real
    probability : float64
        Of a spike in a step at ``x = 1``.
    blocks : array [room], uint64
        Output: numbers of the blocks, as the random counter counts them.
    thresholds : array [4, room], int64
        Output: 0 past the last block.
    places : array [4, room], uint32
        Output: pixels.

    Returns
    -------
    int
        How many, rounded up to a multiple of eight; the last ones cannot spike.
    """
    every = np.empty(blocks.size * 4, np.int64)
    spike_thresholds(x, probability * 4294967296.0, every)
    k = COMPETE_0
    for block in range(np.uint64((x.size + 3) // 4)):
        four = block << COMPETE_2
        live = every[four] | every[four | COMPETE_1] | every[four | COMPETE_2] | every[four | COMPETE_3]
        if live != 0:
            blocks[k] = block
            for lane in range(COMPETE_4):
                thresholds[lane, k] = every[four | lane]
                places[lane, k] = np.uint32(four | lane)
            k += COMPETE_1
    while (k & np.uint64(7)) != COMPETE_0:
        blocks[k] = COMPETE_0
        for lane in range(COMPETE_4):
            thresholds[lane, k] = 0
        k += COMPETE_1
    return np.int64(k)


@njit(error_model="numpy", nogil=True, cache=True, pipeline_class=RowCompiler)
def draw_flags(key, step, sample, n_blocks, blocks, t0, t1, t2, t3, f0, f1, f2, f3):
    """Draw one word for each pixel of the blocks; a byte tells whether it lies below the threshold."""
    k0, k1 = key & PHILOX_LOW, key >> PHILOX_32
    low, high = step & PHILOX_LOW, (step >> PHILOX_32) << PHILOX_16 & PHILOX_LOW
    for i in range(np.uint64(n_blocks)):
        a, b, c, d = philox_block(blocks[i], low, sample, high, k0, k1)
        f0[i] = np.int64(a) < t0[i]
        f1[i] = np.int64(b) < t1[i]
        f2[i] = np.int64(c) < t2[i]
        f3[i] = np.int64(d) < t3[i]


@njit(error_model="numpy", nogil=True, cache=True)
def draw_rows(key, n_steps, sample, blocks, n_blocks, thresholds, places, flags, rows, ptr):
    """List the pixels that spike in each step of a sample.

    Parameters
    ----------
    key, sample : uint64
    blocks, n_blocks, thresholds, places
        As `gather_blocks` left them.
    flags : array [4, room], uint8
        Room.
    rows : array [spike], uint32
        Output.
    ptr : array [step + 1], int64
        Output: the first spike of each step.
    """
    t0, t1, t2, t3 = thresholds[0], thresholds[1], thresholds[2], thresholds[3]
    f0, f1, f2, f3 = flags[0], flags[1], flags[2], flags[3]
    eight = flags.view(np.uint64)
    count = COMPETE_0
    for t in range(n_steps):
        draw_flags(key, np.uint64(t), sample, n_blocks, blocks, t0, t1, t2, t3, f0, f1, f2, f3)
        for lane in range(COMPETE_4):
            for k in range(np.uint64(n_blocks) >> COMPETE_3):
                word = eight[lane, k]
                place = k << COMPETE_3
                while word != COMPETE_0:
                    rows[count] = places[lane, place]
                    count += word & COMPETE_1
                    word >>= COMPETE_8
                    place += COMPETE_1
        ptr[t + 1] = np.int64(count)


@njit(error_model="numpy", nogil=True, cache=True)
def list_rows(bits, k, rows, ptr):
    """List the pixels whose bit is set in each step of sample `k`; `bits` [sample, step, word], uint64."""
    count = COMPETE_0
    for t in range(np.uint64(ptr.size - 1)):
        for w in range(np.uint64(bits.shape[2])):
            word = bits[k, t, w]
            base = w << COMPETE_6
            while word != COMPETE_0:
                rows[count] = np.uint32(base + lowest_bit(word))
                word &= word - COMPETE_1
                count += COMPETE_1
        ptr[t + COMPETE_1] = np.int64(count)


@njit(error_model="numpy", nogil=True, cache=True)
def list_ones(eight, places, row):
    """List which of the bytes of `eight` [word], uint64, are 1, in `places` [row]. Returns how many."""
    count = COMPETE_0
    for k in range(np.uint64(eight.size)):
        word = eight[k]
        place = k << COMPETE_3
        while word != COMPETE_0:
            places[row, count] = np.uint32(place)
            count += word & COMPETE_1
            word >>= COMPETE_8
            place += COMPETE_1
    return np.int64(count)


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def in_quanta(weight, scale, sums):
    """A weight in quanta, rounded half to even, in the type of `sums`."""
    scaled = np.rint(weight * scale)
    return np.int32(scaled) if sums.itemsize == 4 else np.int64(scaled)


@njit(error_model="numpy", nogil=True, cache=True, pipeline_class=RowCompiler)
def send_rows(w, rows, lo, hi, scale, sums, at):
    """Add rows of weights, those listed from `lo` to `hi`, to ``sums[at]`` [column].

    Four at a time, so that a sum is loaded and stored once for them.
    """
    r, end = np.uint64(lo), np.uint64(hi)
    while r + COMPETE_4 <= end:
        a, b = np.uint64(rows[r]), np.uint64(rows[r + COMPETE_1])
        c, d = np.uint64(rows[r + COMPETE_2]), np.uint64(rows[r + COMPETE_3])
        for j in range(np.uint64(sums.shape[1])):
            one = in_quanta(w[a, j], scale, sums) + in_quanta(w[b, j], scale, sums)
            two = in_quanta(w[c, j], scale, sums) + in_quanta(w[d, j], scale, sums)
            sums[at, j] += one + two
        r += COMPETE_4
    while r < end:
        a = np.uint64(rows[r])
        for j in range(np.uint64(sums.shape[1])):
            sums[at, j] += in_quanta(w[a, j], scale, sums)
        r += COMPETE_1


@njit(error_model="numpy", nogil=True, cache=True, pipeline_class=RowCompiler)
def send_fixed(units, rows, lo, hi, sums, at):
    """`send_rows` of weights that are in quanta already."""
    r, end = np.uint64(lo), np.uint64(hi)
    while r + COMPETE_4 <= end:
        a, b = np.uint64(rows[r]), np.uint64(rows[r + COMPETE_1])
        c, d = np.uint64(rows[r + COMPETE_2]), np.uint64(rows[r + COMPETE_3])
        for j in range(np.uint64(sums.shape[1])):
            sums[at, j] += units[a, j] + units[b, j] + units[c, j] + units[d, j]
        r += COMPETE_4
    while r < end:
        a = np.uint64(rows[r])
        for j in range(np.uint64(sums.shape[1])):
            sums[at, j] += units[a, j]
        r += COMPETE_1


@njit(error_model="numpy", nogil=True, cache=True)
def to_quanta(w, scale, units):
    """All weights in quanta."""
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            units[i, j] = in_quanta(w[i, j], scale, units)


@njit(error_model="numpy", nogil=True, cache=True, pipeline_class=RowCompiler)
def take_sums(pending, at, sums, receptor):
    """Begin the sums of a step with those that arrive now, and forget them."""
    for r in range(np.uint64(sums.shape[0])):
        for j in range(np.uint64(sums.shape[1])):
            sums[r, j] = 0
    for j in range(np.uint64(sums.shape[1])):
        sums[receptor, j] = pending[at, j]
        pending[at, j] = 0


@njit(error_model="numpy", nogil=True, cache=True)
def inhibit(places, at, count, weight, spares, sums, receptor):
    """What `count` neurons listed in ``places[at]`` send to all others, or with ``spares=0`` to all."""
    total = weight * np.int64(count)
    for j in range(np.uint64(sums.shape[1])):
        sums[receptor, j] += total
    for r in range(count):
        sums[receptor, places[at, r]] -= spares * weight


@njit(error_model="numpy", nogil=True, cache=True, pipeline_class=RowCompiler)
def add_rows(a, b, c, d, sums):
    """Add the magnitudes of four rows to sums in float64, one after the other."""
    for j in range(np.uint64(sums.size)):
        total = sums[j] + np.float64(abs(a[j]))
        total += np.float64(abs(b[j]))
        total += np.float64(abs(c[j]))
        sums[j] = total + np.float64(abs(d[j]))


@njit(error_model="numpy", nogil=True, cache=True, pipeline_class=RowCompiler)
def scale_row(row, factors, low, high):
    """Multiply a row by the factors of its columns and clip it."""
    for j in range(np.uint64(row.size)):
        row[j] = np.float64(row[j]) * factors[j]  # rounded to the row's type
        value = low if row[j] < low else row[j]
        row[j] = high if value > high else value


@njit(error_model="numpy", nogil=True, cache=True)
def scale_columns(w, total, sums, low, high):
    """Scale each column so that its magnitudes add up to `total`, one of zeros excepted.

    The sums are taken in float64 in ascending order of the rows; `sums` is room [column].
    """
    n = w.shape[0]
    sums[:] = 0.0
    whole = n // 4 * 4
    for i in range(0, whole, 4):
        add_rows(w[i], w[i + 1], w[i + 2], w[i + 3], sums)
    for i in range(whole, n):
        for j in range(sums.size):
            sums[j] += np.float64(abs(w[i, j]))
    for j in range(sums.size):
        sums[j] = total / sums[j] if sums[j] != 0.0 else 1.0
    for i in range(n):
        scale_row(w[i], sums, low, high)
