"""Draws of edges in plain NumPy: random places among the pairs, and the way from places to sorted pairs.

The pairs of a projection are numbered ``source * row + target``, a `row` for each source. Random edges are
drawn as ascending numbers of pairs, so that they come sorted, piece after piece, without being kept. Where
that cannot be done, because each target chooses, a counting sort (`count_rows`, `place_values`) orders them.

Random reals have 53 bits, made of two words: one alone would distort gaps whose probability is near 2**-32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels import philox
from spikelab_kernels.reference.draws import draw_words

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

Places = NDArray[np.int64]
Words = NDArray[np.uint32]
Values = NDArray[np.float64]


def take_logs(values: Values) -> None:
    """Logarithms from plain operations, so that every machine draws the same edges; error below 1e-15.

    Parameters
    ----------
    values : array [n], float64
        Normal numbers > 0; overwritten.
    """
    mantissa, exponent = np.frexp(values)
    small = mantissa < 0.7071067811865476
    mantissa = np.where(small, 2.0 * mantissa, mantissa)
    power = exponent - small
    # log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    series = np.zeros_like(s)
    for odd in range(21, 0, -2):
        series = series * square + 1.0 / odd
    values[:] = power * 0.6931471805599453 + 2.0 * s * series


def place_gaps(key: int, start: int, log_q: float, limit: int, last: int, out: Places) -> int:
    """Places of the successes of independent trials, from geometric gaps (Batagelj & Brandes 2005).

    Parameters
    ----------
    key : uint64
    start : uint64
        Number of the first gap; gap i takes the words 2i and 2i + 1 of the plain stream.
    log_q : float64
        Logarithm of the probability of failure.
    limit : int64
        Number of trials. No gap is longer than ``limit + 1``.
    last : int64
        Place of the success before, -1 at the beginning.
    out : array [n], int64, ascending
        What follows the first place of `limit` or more is left as it is.

    Returns
    -------
    int
        How many places lie below `limit`.

    References
    ----------
    V. Batagelj, U. Brandes, "Efficient generation of large random networks", Physical Review E 71 (2005),
    doi 10.1103/PhysRevE.71.036113.
    """
    gaps = np.minimum(np.floor(_log_of_draws(key, start, out.size) / log_q), float(limit))
    out[:] = last + np.cumsum(gaps.astype(np.int64) + 1)
    return int(np.searchsorted(out, limit))


def sum_exponentials(key: int, start: int, n: int) -> float:
    """Sum of the exponential numbers (of mean 1) from number `start` on.

    Parameters
    ----------
    key, start : uint64
    n : int64

    Returns
    -------
    float
        Its last digits follow the order of the sum, which each backend chooses; it repeats exactly.
    """
    return float(-_log_of_draws(key, start, n).sum())


def place_sums(key: int, start: int, level: float, scale: float, limit: int, out: Places) -> float:
    """Places of the partial sums of exponential numbers, which are those of a Poisson process.

    Divided by their sum, n partial sums of n + 1 exponentials are n sorted uniform numbers.

    Parameters
    ----------
    key, start : uint64
    level : float64
        Sum of the exponentials before `start`.
    scale : float64
        Places to a unit of the sum.
    limit : int64
        Largest place; beyond it there is none.
    out : array [n], int64, ascending

    Returns
    -------
    float
        The level after the last, for the next call.

    References
    ----------
    L. Devroye, "Non-Uniform Random Variate Generation" (1986), chapter V, theorem 2.2.
    """
    sums = np.cumsum(np.concatenate([[level], -_log_of_draws(key, start, out.size)]))
    # Twice: the limit as a real may be rounded up.
    out[:] = np.minimum(np.minimum(sums[1:] * scale, float(limit)).astype(np.int64), limit)
    return float(sums[-1])


def split_places(place: Places, row: int, self_pairs: int, source: Words, target: Words) -> int:
    """Source and target of ascending pair numbers.

    Parameters
    ----------
    place : array [n], int64, ascending
    row : int64
        Places of a source.
    self_pairs : int64
        0: pairs of a neuron with itself are places like others; 1: they are, and are dropped; 2: they are
        not among the places, so that `row` is one less than the targets.
    source, target : array [n], uint32
        The first of them are written.

    Returns
    -------
    int
        How many were written.
    """
    s = place // row
    t = place - s * row
    if self_pairs == 2:
        t += t >= s
    if self_pairs == 1:
        s, t = s[s != t], t[s != t]
    source[: s.size], target[: s.size] = s, t
    return int(s.size)


def split_triangle(place: Places, n: int, first: Words, second: Words) -> None:
    """Pairs ``first < second`` of ascending numbers among the n (n - 1) / 2 pairs of `n` neurons.

    Parameters
    ----------
    place : array [m], int64, ascending
    n : int64
    first, second : array [m], uint32
    """
    starts = np.concatenate([[0], np.cumsum(np.arange(n - 1, 0, -1))])
    row = np.searchsorted(starts, place, side="right") - 1
    first[:], second[:] = row, row + 1 + place - starts[row]


def count_rows(row: Words, count: NDArray[np.uint64]) -> None:
    """Add 1 to the count of each row, as often as it occurs.

    Parameters
    ----------
    row : array [n], uint32
    count : array [rows], uint64
    """
    np.add.at(count, row, np.uint64(1))


def place_values(row: Words, value: Words, cursor: NDArray[np.uint64], out: Words) -> None:
    """Write each value to the next place of its row, in the order of the values.

    Parameters
    ----------
    row, value : array [n], uint32
    cursor : array [rows], uint64
        Next place of each row; moved on.
    out : array [edge], uint32
    """
    for r, v in zip(row.tolist(), value.tolist(), strict=True):
        out[cursor[r]] = v
        cursor[r] += np.uint64(1)


def redraw_repeats(key: int, bound: int, rows: Words, unfinished: NDArray[np.int64]) -> int:
    """Draw the values again that repeat the one before in sorted rows, and sort those rows.

    Parameters
    ----------
    key : uint64
        Its integers replace the repeated values, row after row.
    bound : uint64
        Integers lie below it.
    rows : array [row, k], uint32
        Each sorted; changed.
    unfinished : array [m], int64, ascending
        Rows to look at; the first of them are overwritten by those in which values repeat still.

    Returns
    -------
    int
        How many still have repeated values.
    """
    part = rows[unfinished]
    repeated = np.zeros(part.shape, np.bool_)
    repeated[:, 1:] = part[:, 1:] == part[:, :-1]
    part[repeated] = philox.integers(int(key), int(repeated.sum()), int(bound))
    part.sort(axis=1)
    rows[unfinished] = part
    left = unfinished[(part[:, 1:] == part[:, :-1]).any(axis=1)]
    unfinished[: left.size] = left
    return int(left.size)


def _log_of_draws(key: int, start: int, n: int) -> Values:
    words = np.empty(2 * int(n), np.uint32)
    draw_words(key, 2 * int(start), 0, words)
    values: Values = ((words[0::2] >> 5) * 67108864.0 + (words[1::2] >> 6) + 0.5) * 2.0**-53
    take_logs(values)
    return values
