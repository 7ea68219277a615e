"""Random values by their number in plain NumPy: what connectivity, weights and delays are drawn from.

Value number i of a stream is a function of (key, i) alone, so that any range of a projection's weights can be
drawn without those before it. It is made of word i of the plain stream of the key (`philox.words`). A value
outside its bounds is drawn again from word i of the streams of attempts 1, 2, ...: the attempt stands in the
third counter word, where the plain stream has 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels import philox
from spikelab_kernels.math import exp_f64, inverse_normal_cdf_f64, log_f64

__all__ = [
    "draw_exponential",
    "draw_integers",
    "draw_lognormal",
    "draw_normal",
    "draw_uniform",
    "draw_words",
]

Values = NDArray[np.float64]
Words = NDArray[np.uint32]


def draw_words(key: int, start: int, attempt: int, out: Words) -> None:
    """Words of a stream from number `start` on.

    Parameters
    ----------
    key : uint64
    start : uint64
        Number of the first word.
    attempt : uint64
        Below 2**32; 0 is the plain stream.
    out : array [n], uint32
    """
    out[:] = _words_at(key, int(start) + np.arange(out.size, dtype=np.uint64), attempt)


def draw_integers(key: int, start: int, bound: int, out: Words) -> None:
    """Integers in [0, bound) from number `start` on: the upper half of word times bound.

    Parameters
    ----------
    key, start : uint64
    bound : uint64
        From 1 to 2**32.
    out : array [n], uint32
    """
    draw_words(key, start, 0, out)
    out[:] = (out.astype(np.uint64) * np.uint64(bound)) >> np.uint64(32)


def draw_uniform(low: float, high: float, key: int, start: int, out: Values) -> None:
    """Values of the uniform distribution on the open interval (low, high).

    Parameters
    ----------
    low, high : float64
    key, start : uint64
    out : array [n], float64
    """
    _draw(lambda u: low + (high - low) * u, -np.inf, np.inf, key, start, out)


def draw_normal(mean: float, std: float, low: float, high: float, key: int, start: int, out: Values) -> None:
    """Values of a normal distribution, by the inverse CDF; those outside [low, high] are drawn again.

    Parameters
    ----------
    mean, std : float64
        Before truncation.
    low, high : float64
        Bounds, or infinities; some values must lie inside, or the kernel does not end.
    key, start : uint64
    out : array [n], float64
    """
    _draw(lambda u: mean + std * inverse_normal_cdf_f64(u), low, high, key, start, out)


def draw_lognormal(
    mean: float, std: float, low: float, high: float, key: int, start: int, out: Values
) -> None:
    """Values whose logarithms are normal with `mean` and `std`; otherwise as `draw_normal`."""
    _draw(lambda u: exp_f64(mean + std * inverse_normal_cdf_f64(u)), low, high, key, start, out)


def draw_exponential(scale: float, low: float, high: float, key: int, start: int, out: Values) -> None:
    """Values of the exponential distribution with the mean `scale`; bounds as `draw_normal`."""
    _draw(lambda u: -scale * log_f64(u), low, high, key, start, out)


def _draw(value: Callable[[Any], Any], low: float, high: float, key: int, start: int, out: Values) -> None:
    number = int(start) + np.arange(out.size, dtype=np.uint64)
    attempt, left = 0, np.arange(out.size)
    while left.size:
        out[left] = value(philox.uniform(_words_at(key, number[left], attempt)))
        left = left[~((low <= out[left]) & (out[left] <= high))]
        attempt += 1


def _words_at(key: int, number: NDArray[np.uint64], attempt: int) -> Words:
    element = number >> np.uint64(2)
    low, high = element & np.uint64(0xFFFFFFFF), element >> np.uint64(32)
    blocks = philox.philox4x32(low, high, int(attempt), 0, int(key) & 0xFFFFFFFF, int(key) >> 32)
    lanes: Words = np.choose((number & np.uint64(3)).astype(np.int64), blocks)
    return lanes
