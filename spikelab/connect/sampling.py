"""Draws of edges behind the patterns, block by block, from our Philox streams only."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch

from ..seeding import sub_key

__all__ = [
    "Blocks",
    "Indices",
    "bernoulli_places",
    "collected",
    "distinct_places",
    "fixed_choices",
    "integers",
    "kernels",
    "most_poisson",
    "most_successes",
    "poisson_places",
    "rows_in_blocks",
    "sorted_by_row",
    "split",
    "uniform_places",
]

Indices = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Blocks = Iterator[tuple[Indices, Indices]]

# Exponent of 1e-12, for bounds that random numbers of edges do not pass.
_RARE = 28.0


def kernels() -> dispatch.Backend:
    """Return the kernels that draw."""
    return dispatch.backend("cpu")


def collected(blocks: Blocks) -> tuple[Indices, Indices]:
    """Join blocks to source and target of all edges: two arrays [edge], uint32."""
    parts = list(blocks) or [(np.empty(0, np.uint32), np.empty(0, np.uint32))]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def split(places: Iterator[Places], row: int, self_pairs: int = 0) -> Blocks:
    """Split ascending numbers of pairs into source and target.

    ``row`` is the number of places of a source; ``self_pairs`` says what to do with the pairs of a neuron
    with itself: 0 keep, 1 drop, 2 they are not among the places.
    """
    for place in places:
        source, target = np.empty(place.size, np.uint32), np.empty(place.size, np.uint32)
        n = kernels().split_places(place, np.int64(row), np.int64(self_pairs), source, target)
        yield source[:n], target[:n]


def bernoulli_places(n_places: int, p: float, key: int, size: int) -> Iterator[Places]:
    """Choose each place with probability ``p``; cost grows with those chosen, not with all.

    Skips from one to the next: the gaps between successes of Bernoulli trials are geometric.
    """
    if n_places == 0 or p == 0.0:
        return
    if p == 1.0:
        for first in range(0, n_places, size):
            yield np.arange(first, min(first + size, n_places), dtype=np.int64)
        return
    log_q = np.array([1.0 - p])
    if p > 0.5:
        kernels().take_logs(log_q)
    else:
        log_q[0] = np.log1p(-p)
    last, round_ = -1, 0
    while last < n_places:
        expected = p * (n_places - last)
        draws = int(expected + 5.0 * expected**0.5) + 16
        stream = np.uint64(sub_key(key, "gap", round_))
        for start in range(0, draws, size):
            place = np.empty(min(size, draws - start), np.int64)
            ends = np.int64(n_places), np.int64(last)
            n = kernels().place_gaps(stream, np.uint64(start), log_q[0], *ends, place)
            yield place[:n]
            if n < place.size:
                return
            last = int(place[-1])
        round_ += 1


def uniform_places(n: int, n_places: int, key: int, size: int) -> Iterator[Places]:
    """Choose ``n`` places, each independently and evenly among all; ascending."""
    if n == 0:
        return
    stream = np.uint64(key)
    level, scale = 0.0, np.float64(n_places / _total(key, n + 1))
    for start in range(0, n, size):
        place = np.empty(min(size, n - start), np.int64)
        ends = np.float64(level), scale, np.int64(n_places - 1)
        level = kernels().place_sums(stream, np.uint64(start), *ends, place)
        yield place


@lru_cache(maxsize=1024)
def _total(key: int, n: int) -> float:
    """Sum of exponentials, kept because edges are drawn twice, once to count and once to place them."""
    return float(kernels().sum_exponentials(np.uint64(key), np.uint64(0), np.int64(n)))


def distinct_places(n: int, n_places: int, key: int) -> Places:
    """Choose ``n`` different places, every set of them equally likely; ascending: array [n], int64."""
    if 2 * n > n_places:
        # Choosing what to leave out needs fewer redraws.
        chosen = np.ones(n_places, np.bool_)
        chosen[distinct_places(n_places - n, n_places, sub_key(key, "left out"))] = False
        return np.flatnonzero(chosen)
    found, attempt = np.empty(0, np.int64), 0
    # Drawing on until there are n different ones prefers none; no attempt draws more than are missing.
    while found.size < n:
        stream = sub_key(key, "distinct", attempt)
        for more in uniform_places(n - found.size, n_places, stream, n):
            more = more[np.diff(more, prepend=-1) > 0]
            at = np.searchsorted(found, more)
            new = np.append(found, -1)[at] != more
            found = np.insert(found, at[new], more[new]) if found.size else more
        attempt += 1
    return found


def poisson_places(mean: float, n_places: int, key: int, size: int) -> Iterator[Places]:
    """Choose each place a Poisson number of times: a Poisson process along the places."""
    if mean == 0.0 or n_places == 0:
        return
    start, level, end = 0, 0.0, np.int64(n_places)
    size = min(size, most_poisson(mean * n_places))
    while True:
        place = np.empty(size, np.int64)
        ends = np.float64(level), np.float64(1.0 / mean), end
        level = kernels().place_sums(np.uint64(key), np.uint64(start), *ends, place)
        n = int(np.searchsorted(place, end))
        yield place[:n]
        if n < size:
            return
        start += size


def fixed_choices(n_rows: int, k: int, n_choices: int, key: int) -> Indices:
    """Choose ``k`` different numbers below ``n_choices`` for each row: array [row, k], uint32, ascending."""
    if k > 1 and 2 * k > n_choices:
        # Choosing whom to leave out needs fewer redraws.
        out = fixed_choices(n_rows, n_choices - k, n_choices, sub_key(key, "left out"))
        chosen = np.empty((n_rows, k), np.uint32)
        everyone = np.arange(n_choices, dtype=np.uint32)
        for row, left_out in zip(chosen, out, strict=True):
            row[:] = np.delete(everyone, left_out)
        return chosen
    rows = integers(key, n_rows * k, n_choices).reshape(n_rows, k)
    if k <= 1:
        return rows
    rows.sort(axis=1)
    attempt, unfinished = 0, np.arange(n_rows)
    # Repeated values are drawn again until none is left. No step prefers a number, so every set of k
    # numbers stays equally likely.
    while unfinished.size:
        stream = np.uint64(sub_key(key, "redraw", attempt))
        left = kernels().redraw_repeats(stream, np.uint64(n_choices), rows, unfinished)
        unfinished, attempt = unfinished[:left], attempt + 1
    return rows


def sorted_by_row(pieces: Callable[[], Blocks], n_rows: int, size: int) -> Blocks:
    """Sort (row, value) pairs by row, stably, and yield them in blocks; ``pieces`` is drawn twice."""
    count = np.zeros(n_rows + 1, np.uint64)
    for row, _ in pieces():
        kernels().count_rows(row, count[1:])
    ptr = np.cumsum(count, dtype=np.uint64)
    cursor, values = ptr[:-1].copy(), np.empty(int(ptr[-1]), np.uint32)
    for row, value in pieces():
        kernels().place_values(row, value, cursor, values)
    return rows_in_blocks(ptr, values, size)


def rows_in_blocks(ptr: npt.NDArray[np.integer], values: Indices, size: int) -> Blocks:
    """Yield the rows ``values[ptr[r]:ptr[r + 1]]`` as blocks of (row, value)."""
    for lo in range(0, values.size, size):
        hi = min(lo + size, values.size)
        first = int(np.searchsorted(ptr, lo, side="right")) - 1
        stop = int(np.searchsorted(ptr, hi, side="left"))
        ends = np.clip(ptr[first : stop + 1].astype(np.int64), lo, hi)
        yield np.repeat(np.arange(first, stop, dtype=np.uint32), ends[1:] - ends[:-1]), values[lo:hi]


def integers(key: int, n: int, bound: int, start: int = 0) -> Indices:
    """Draw integers in [0, bound), numbers ``start`` to ``start + n`` of a stream: array [n], uint32."""
    drawn = np.empty(n, np.uint32)
    kernels().draw_integers(np.uint64(key), np.uint64(start), np.uint64(bound), drawn)
    return drawn


def most_successes(n: int, p: float) -> int:
    """Return a number that the successes of ``n`` trials exceed with a probability below 1e-12.

    Notes
    -----
    Bernstein's inequality: P(X - np >= t) <= exp(-t**2 / (2 (n p (1 - p) + t / 3))); t makes it exp(-28).
    """
    return min(n, math.ceil(n * p + _excess(n * p * (1.0 - p))))


def most_poisson(mean: float) -> int:
    """Return a number that a Poisson number exceeds with a probability below 1e-12."""
    return math.ceil(mean + _excess(mean))


def _excess(variance: float) -> float:
    return _RARE / 3.0 + math.sqrt((_RARE / 3.0) ** 2 + 2.0 * _RARE * variance)
