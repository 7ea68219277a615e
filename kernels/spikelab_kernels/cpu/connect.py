"""Draws of edges in Numba. The reference says what each function means."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.draws import draw_words

__all__ = [
    "count_rows",
    "place_gaps",
    "place_sums",
    "place_values",
    "redraw_repeats",
    "split_places",
    "split_triangle",
    "sum_exponentials",
    "take_logs",
]

CONNECT_PIECE = 1024
# A product of 16 numbers of at least 2**-54 is a normal number.
CONNECT_FACTORS = 16


@njit(error_model="numpy", nogil=True, cache=True)
def fine_uniforms(key, start, words, out):
    """Uniform numbers of 53 bits, two words each."""
    draw_words(key, np.uint64(2) * start, np.uint64(0), words)
    for i in range(np.uint64(out.size)):
        high, low = words[np.uint64(2) * i], words[np.uint64(2) * i + np.uint64(1)]
        out[i] = ((high >> np.uint32(5)) * 67108864.0 + (low >> np.uint32(6)) + 0.5) * 2.0**-53


@njit(error_model="numpy", nogil=True, cache=True)
def take_logs(values):
    """Logarithms from plain operations."""
    for i in range(values.size):
        bits = np.float64(values[i]).view(np.int64)
        # The mantissa in [1/2, 1) and its exponent.
        exponent = (bits >> np.int64(52)) - np.int64(1022)
        mantissa = np.int64((bits & np.int64(0xFFFFFFFFFFFFF)) | np.int64(0x3FE0000000000000)).view(
            np.float64
        )
        small = mantissa < 0.7071067811865476
        m = 2.0 * mantissa if small else mantissa
        power = np.float64(exponent - np.int64(small))
        s = (m - 1.0) / (m + 1.0)
        square = s * s
        series = 1.0 / 21
        series = series * square + 1.0 / 19
        series = series * square + 1.0 / 17
        series = series * square + 1.0 / 15
        series = series * square + 1.0 / 13
        series = series * square + 1.0 / 11
        series = series * square + 1.0 / 9
        series = series * square + 1.0 / 7
        series = series * square + 1.0 / 5
        series = series * square + 1.0 / 3
        series = series * square + 1.0
        values[i] = power * 0.6931471805599453 + 2.0 * s * series


@njit(error_model="numpy", nogil=True, cache=True)
def place_gaps(key, start, log_q, limit, last, out):
    """Places of successes, each a geometric gap after the one before."""
    words = np.empty(min(2 * CONNECT_PIECE, 2 * out.size), np.uint32)
    logs = np.empty(min(CONNECT_PIECE, out.size), np.float64)
    most = np.float64(limit)
    for lo in range(0, out.size, CONNECT_PIECE):
        n = min(CONNECT_PIECE, out.size - lo)
        fine_uniforms(key, start + np.uint64(lo), words[: 2 * n], logs[:n])
        take_logs(logs[:n])
        for i in range(n):
            gap = np.floor(logs[i] / log_q)
            logs[i] = gap if gap < most else most
        piece = out[lo : lo + n]
        for i in range(n):
            last += np.int64(logs[i]) + np.int64(1)
            piece[i] = last
            if last >= limit:
                return lo + i
    return out.size


@njit(error_model="numpy", nogil=True, cache=True)
def sum_exponentials(key, start, n):
    """Sum of exponential numbers: the logarithm of a product of uniforms, 16 at a time."""
    words = np.empty(2 * CONNECT_PIECE, np.uint32)
    uniform = np.empty(CONNECT_PIECE, np.float64)
    total = 0.0
    for lo in range(0, n, CONNECT_PIECE):
        m = min(CONNECT_PIECE, n - lo)
        fine_uniforms(key, start + np.uint64(lo), words[: 2 * m], uniform[:m])
        uniform[m:] = 1.0
        products = uniform[: CONNECT_PIECE // CONNECT_FACTORS]
        for i in range(products.size):
            product = 1.0
            for j in range(CONNECT_FACTORS):
                product *= uniform[i * CONNECT_FACTORS + j]
            products[i] = product
        take_logs(products)
        for i in range(products.size):
            total -= products[i]
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def place_sums(key, start, level, scale, limit, out):
    """Places of the partial sums of exponential numbers."""
    words = np.empty(min(2 * CONNECT_PIECE, 2 * out.size), np.uint32)
    logs = np.empty(min(CONNECT_PIECE, out.size), np.float64)
    for lo in range(0, out.size, CONNECT_PIECE):
        n = min(CONNECT_PIECE, out.size - lo)
        fine_uniforms(key, start + np.uint64(lo), words[: 2 * n], logs[:n])
        take_logs(logs[:n])
        piece = out[lo : lo + n]
        for i in range(n):
            level -= logs[i]
            logs[i] = level
        for i in range(n):
            # Twice: the limit as a real may be rounded up.
            piece[i] = min(np.int64(min(logs[i] * scale, np.float64(limit))), limit)
    return level


@njit(error_model="numpy", nogil=True, cache=True)
def split_places(place, row, self_pairs, source, target):
    """Source and target of ascending pair numbers."""
    count = np.uint64(0)
    s, first = np.int64(0), np.int64(0)
    for i in range(place.size):
        t = place[i] - first
        if t >= row:
            step = t // row
            s += step
            first += step * row
            t -= step * row
        source[count] = s
        target[count] = t + np.int64(self_pairs == 2 and t >= s)
        count += np.uint64(self_pairs != 1 or t != s)
    return count


@njit(error_model="numpy", nogil=True, cache=True)
def split_triangle(place, n, first, second):
    """Pairs first < second of ascending numbers in the upper triangle."""
    row, start, size = np.int64(0), np.int64(0), n - 1
    for i in range(place.size):
        while place[i] - start >= size:
            start += size
            size -= 1
            row += 1
        first[i] = row
        second[i] = row + 1 + place[i] - start


@njit(error_model="numpy", nogil=True, cache=True)
def count_rows(row, count):
    """Add 1 to the count of each row."""
    for i in range(row.size):
        count[row[i]] += np.uint64(1)


@njit(error_model="numpy", nogil=True, cache=True)
def place_values(row, value, cursor, out):
    """Write each value to the place of its row, and move that on."""
    for i in range(row.size):
        r = row[i]
        place = cursor[r]
        out[place] = value[i]
        cursor[r] = place + np.uint64(1)


@njit(error_model="numpy", nogil=True, cache=True)
def redraw_repeats(key, bound, rows, unfinished):
    """Draw repeated values of sorted rows again and sort; return how many rows still have some."""
    k = rows.shape[1]
    kept, fresh = np.empty(k, np.uint32), np.empty(k, np.uint32)
    words = np.empty(4, np.uint32)
    cursor, left = np.uint64(0), 0
    for place in range(unfinished.size):
        row = rows[unfinished[place]]
        n_kept, n_fresh = 0, 0
        last = np.int64(-1)
        for i in range(k):
            value = row[i]
            if np.int64(value) != last:
                kept[n_kept] = value
                n_kept += 1
            else:
                lane = cursor & np.uint64(3)
                if lane == np.uint64(0):
                    draw_words(key, cursor, np.uint64(0), words)
                fresh[n_fresh] = np.uint32((np.uint64(words[lane]) * bound) >> np.uint64(32))
                n_fresh += 1
                cursor += np.uint64(1)
            last = np.int64(value)
        drawn = np.sort(fresh[:n_fresh])
        repeats = False
        # Merge from the end; the kept values are read from a copy.
        a, b = n_kept - 1, n_fresh - 1
        above = np.int64(-1)
        for i in range(k - 1, -1, -1):
            if b < 0 or (a >= 0 and kept[a] > drawn[b]):
                value = kept[a]
                a -= 1
            else:
                value = drawn[b]
                b -= 1
            row[i] = value
            repeats = repeats or np.int64(value) == above
            above = np.int64(value)
        if repeats:
            unfinished[left] = unfinished[place]
            left += 1
    return left
