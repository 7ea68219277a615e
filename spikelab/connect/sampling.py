"""Draws of index pairs behind the patterns; vectorised, from our Philox streams only."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from spikelab_kernels import philox

from ..seeding import sub_key

__all__ = [
    "Indices",
    "bernoulli_pairs",
    "fixed_choices",
    "most_successes",
    "sorted_pairs",
    "split_pairs",
    "without_autapses",
]

Indices = npt.NDArray[np.uint32]


def bernoulli_pairs(n_source: int, n_target: int, p: float, key: int) -> tuple[Indices, Indices]:
    """Connect each pair with probability ``p``; cost grows with the edges, not with the pairs.

    Skips from edge to edge through the pairs in (source, target) order: the gaps between successes of
    Bernoulli trials are geometric (Batagelj & Brandes 2005, doi 10.1103/PhysRevE.71.036113).

    Returns
    -------
    source, target : array [edge], uint32
        Sorted by (source, target).
    """
    n_pairs = n_source * n_target
    if n_pairs == 0 or p == 0.0:
        return np.empty(0, np.uint32), np.empty(0, np.uint32)
    if p == 1.0:
        return split_pairs(np.arange(n_pairs, dtype=np.int64), n_target)
    parts: list[npt.NDArray[np.int64]] = []
    last, block = -1, 0
    while last < n_pairs:
        expected = p * (n_pairs - last)
        draws = int(expected + 5.0 * expected**0.5) + 16
        gaps = _geometric(draws, p, n_pairs, sub_key(key, "gap", block))
        places = last + np.cumsum(gaps)
        parts.append(places)
        last, block = int(places[-1]), block + 1
    flat = np.concatenate(parts)
    return split_pairs(flat[: int(np.searchsorted(flat, n_pairs))], n_target)


def most_successes(n: int, p: float) -> int:
    """Return a number that the successes of ``n`` trials exceed with a probability below 1e-12.

    Notes
    -----
    Bernstein's inequality: P(X - np >= t) <= exp(-t**2 / (2 (n p (1 - p) + t / 3))), and t solves it for
    exp(-28) < 1e-12.
    """
    spread = n * p * (1.0 - p)
    return min(n, math.ceil(n * p + 28.0 / 3.0 + math.sqrt((28.0 / 3.0) ** 2 + 56.0 * spread)))


def fixed_choices(n_target: int, k: int, n_choices: int, key: int, distinct: bool) -> npt.NDArray[np.int64]:
    """Choose ``k`` of ``n_choices`` for each target.

    Returns
    -------
    array [target, k], int64
        With ``distinct``, each row holds k different numbers.
    """
    if not distinct or k <= 1:
        return _integers(key, n_target * k, n_choices).reshape(n_target, k)
    if 2 * k > n_choices:
        # Choosing whom to leave out needs fewer redraws.
        out = fixed_choices(n_target, n_choices - k, n_choices, sub_key(key, "left out"), distinct)
        chosen = np.ones((n_target, n_choices), dtype=np.bool_)
        np.put_along_axis(chosen, out, False, axis=1)
        return np.nonzero(chosen)[1].reshape(n_target, k)
    rows = np.sort(_integers(key, n_target * k, n_choices).reshape(n_target, k), axis=1)
    attempt = 0
    # Repeated values are drawn again until none is left. No step prefers a source, so every set of
    # k sources stays equally likely.
    unfinished = np.arange(n_target)
    while unfinished.size:
        part = rows[unfinished]
        repeated = np.zeros(part.shape, dtype=np.bool_)
        repeated[:, 1:] = part[:, 1:] == part[:, :-1]
        bad = repeated.any(axis=1)
        unfinished, part, repeated = unfinished[bad], part[bad], repeated[bad]
        part[repeated] = _integers(sub_key(key, "redraw", attempt), int(repeated.sum()), n_choices)
        rows[unfinished] = np.sort(part, axis=1)
        attempt += 1
    return rows


def sorted_pairs(
    source: npt.NDArray[np.int64], target: npt.NDArray[np.int64], n_target: int
) -> tuple[Indices, Indices]:
    """Sort edges by (source, target)."""
    return split_pairs(np.sort(source * n_target + target), n_target)


def split_pairs(flat: npt.NDArray[np.int64], n_target: int) -> tuple[Indices, Indices]:
    """Split flat pair numbers ``source * n_target + target``."""
    source = flat // max(n_target, 1)
    return source.astype(np.uint32), (flat - source * n_target).astype(np.uint32)


def without_autapses(source: Indices, target: Indices, drop: bool) -> tuple[Indices, Indices]:
    """Leave out the edges of a neuron to itself where ``drop`` is true."""
    if not drop:
        return source, target
    keep = source != target
    return source[keep], target[keep]


def _integers(key: int, n: int, bound: int) -> npt.NDArray[np.int64]:
    if n == 0:
        return np.empty(0, np.int64)
    return np.asarray(philox.integers(key, n, bound), dtype=np.int64)


def _geometric(n: int, p: float, limit: int, key: int) -> npt.NDArray[np.int64]:
    """Draw gaps >= 1 between successes of probability ``p``, cut at ``limit + 1``."""
    # Two words give 53 bits: one word alone would distort gaps where p nears 2**-32.
    words = np.asarray(philox.words(key, 2 * n), dtype=np.uint32)
    uniform = ((words[0::2] >> 5) * 67108864.0 + (words[1::2] >> 6) + 0.5) * 2.0**-53
    gaps = np.floor(_log(uniform) / _log(np.array([1.0 - p])) if p > 0.5 else _log(uniform) / np.log1p(-p))
    return np.minimum(gaps, float(limit)).astype(np.int64) + 1


def _log(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Logarithm from plain operations, so that every machine draws the same edges (error < 1e-15)."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < 0.7071067811865476
    mantissa = np.where(small, 2.0 * mantissa, mantissa)
    power = exponent - small
    # log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    series = np.zeros_like(s)
    for odd in range(21, 0, -2):
        series = series * square + 1.0 / odd
    log: npt.NDArray[np.float64] = power * 0.6931471805599453 + 2.0 * s * series
    return log
