"""Random values by their number, in Numba. The reference says what each function means."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.philox import PHILOX_32, PHILOX_LOW, draw_block, philox_block
from spikelab_kernels.math import central_quantile_f64, exp_f64, log_f64, tail_quantile_f64

__all__ = [
    "draw_exponential",
    "draw_integers",
    "draw_lognormal",
    "draw_normal",
    "draw_uniform",
    "draw_words",
]

# Values worked on together: words and results of a piece stay in the first cache.
DRAWS_PIECE = 1024
# Words between these have |u - 0.5| <= 0.425: the middle of the normal quantile.
DRAWS_MIDDLE_FIRST, DRAWS_MIDDLE_LAST = np.uint32(322122547), np.uint32(3972844748)
DRAWS_NORMAL, DRAWS_LOGNORMAL, DRAWS_EXPONENTIAL = 0, 1, 2


@njit(error_model="numpy", nogil=True, cache=True)
def draw_words(key, start, attempt, out):
    """Words of a stream from number `start` on."""
    k0, k1 = key & PHILOX_LOW, key >> PHILOX_32
    first, n = start >> np.uint64(2), np.uint64(out.size)
    lead = min((np.uint64(4) - (start & np.uint64(3))) & np.uint64(3), n)
    if lead:
        head = draw_block(key, first & PHILOX_LOW, first >> PHILOX_32, attempt, np.uint64(0))
        for i in range(lead):
            out[i] = np.uint32(head[(start & np.uint64(3)) + i])
        first += np.uint64(1)
    for i in range((n - lead) >> np.uint64(2)):
        element = first + i
        zero = np.uint64(0)
        a, b, c, d = philox_block(element & PHILOX_LOW, element >> PHILOX_32, attempt, zero, k0, k1)
        j = np.uint64(4) * i + lead
        out[j] = np.uint32(a)
        out[j + np.uint64(1)] = np.uint32(b)
        out[j + np.uint64(2)] = np.uint32(c)
        out[j + np.uint64(3)] = np.uint32(d)
    done = (n - lead) // np.uint64(4) * np.uint64(4) + lead
    if done < n:
        element = (start + done) >> np.uint64(2)
        tail = draw_block(key, element & PHILOX_LOW, element >> PHILOX_32, attempt, np.uint64(0))
        for i in range(n - done):
            out[done + i] = np.uint32(tail[i])


@njit(error_model="numpy", nogil=True, cache=True)
def draw_integers(key, start, bound, out):
    """Integers below `bound`: the upper half of word times bound."""
    draw_words(key, start, np.uint64(0), out)
    for i in range(out.size):
        out[i] = np.uint32((np.uint64(out[i]) * bound) >> PHILOX_32)


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def real_of_word(word):
    """A number in (0, 1) from all 32 bits of a word."""
    return (np.float64(word) + 0.5) * 2.0**-32


@njit(error_model="numpy", nogil=True, cache=True)
def normal_of_words(a, b, words, out):
    """a + b times normal numbers: the middle of the quantile for all, tails for one in seven."""
    tails = np.empty(words.size, np.uint32)
    count = np.uint64(0)
    for i in range(np.uint64(words.size)):
        out[i] = a + b * central_quantile_f64(real_of_word(words[i]))
    for i in range(np.uint64(words.size)):
        tails[count] = i
        count += np.uint64((words[i] < DRAWS_MIDDLE_FIRST) | (words[i] > DRAWS_MIDDLE_LAST))
    ends = np.empty(count, np.float64)
    for j in range(count):
        ends[j] = real_of_word(words[tails[j]])
    for j in range(count):
        ends[j] = a + b * tail_quantile_f64(ends[j])
    for j in range(count):
        out[tails[j]] = ends[j]


@njit(error_model="numpy", nogil=True, cache=True)
def values_of_words(kind, a, b, words, out):
    """Turn each word into a value of the distribution `kind` with the parameters a and b."""
    if kind == DRAWS_EXPONENTIAL:
        for i in range(out.size):
            out[i] = -b * log_f64(real_of_word(words[i]))
    else:
        normal_of_words(a, b, words, out)
        if kind == DRAWS_LOGNORMAL:
            for i in range(out.size):
                out[i] = exp_f64(out[i])


@njit(error_model="numpy", nogil=True, cache=True)
def gather_words(key, start, attempt, place, words):
    """The words of one attempt for the values at some places after `start`."""
    k0, k1 = key & PHILOX_LOW, key >> PHILOX_32
    for j in range(np.uint64(place.size)):
        number = start + np.uint64(place[j])
        element, lane = number >> np.uint64(2), number & np.uint64(3)
        zero = np.uint64(0)
        a, b, c, d = philox_block(element & PHILOX_LOW, element >> PHILOX_32, attempt, zero, k0, k1)
        even, odd = (a if lane < np.uint64(2) else c), (b if lane < np.uint64(2) else d)
        words[j] = np.uint32(odd if lane & np.uint64(1) else even)


@njit(error_model="numpy", nogil=True, cache=True)
def redraw_outside(kind, a, b, low, high, key, start, words, out):
    """Draw values outside [low, high] again, each from further streams at its own number."""
    outside = 0
    for i in range(out.size):
        outside += np.int64(not (low <= out[i] <= high))
    if outside == 0:
        return
    place = np.empty(out.size, np.uint32)
    left = np.uint64(0)
    for i in range(np.uint64(out.size)):
        place[left] = i
        left += np.uint64(not (low <= out[i] <= high))
    values = np.empty(left, np.float64)
    attempt = np.uint64(0)
    while left > np.uint64(0):
        attempt += np.uint64(1)
        gather_words(key, start, attempt, place[:left], words)
        values_of_words(kind, a, b, words[:left], values[:left])
        kept = np.uint64(0)
        for j in range(left):
            i = place[j]
            out[i] = values[j]
            place[kept] = i
            kept += np.uint64(not (low <= values[j] <= high))
        left = kept


@njit(error_model="numpy", nogil=True, cache=True)
def draw_values(kind, a, b, low, high, key, start, out):
    """Values from number `start` on, of which those outside [low, high] are drawn again."""
    words = np.empty(min(DRAWS_PIECE, out.size), np.uint32)
    bounded = low > -np.inf or high < np.inf
    for lo in range(0, out.size, DRAWS_PIECE):
        piece = out[lo : lo + DRAWS_PIECE]
        draw_words(key, start + np.uint64(lo), np.uint64(0), words[: piece.size])
        values_of_words(kind, a, b, words[: piece.size], piece)
        if bounded:
            redraw_outside(kind, a, b, low, high, key, start + np.uint64(lo), words, piece)


@njit(error_model="numpy", nogil=True, cache=True)
def draw_uniform(low, high, key, start, out):
    """Values of a uniform distribution; apart from the others, whose functions take long to compile."""
    words = np.empty(min(DRAWS_PIECE, out.size), np.uint32)
    width = high - low
    for lo in range(0, out.size, DRAWS_PIECE):
        piece = out[lo : lo + DRAWS_PIECE]
        draw_words(key, start + np.uint64(lo), np.uint64(0), words[: piece.size])
        for i in range(piece.size):
            piece[i] = low + width * real_of_word(words[i])


@njit(error_model="numpy", nogil=True, cache=True)
def draw_normal(mean, std, low, high, key, start, out):
    """Values of a normal distribution."""
    draw_values(DRAWS_NORMAL, mean, std, low, high, key, start, out)


@njit(error_model="numpy", nogil=True, cache=True)
def draw_lognormal(mean, std, low, high, key, start, out):
    """Values whose logarithms are normal."""
    draw_values(DRAWS_LOGNORMAL, mean, std, low, high, key, start, out)


@njit(error_model="numpy", nogil=True, cache=True)
def draw_exponential(scale, low, high, key, start, out):
    """Values of an exponential distribution."""
    draw_values(DRAWS_EXPONENTIAL, 0.0, scale, low, high, key, start, out)
