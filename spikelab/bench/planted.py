"""Anomalies planted into normal series, for settings chosen without a look at the labels of a test part."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["KINDS", "Planted", "continued", "plant"]

Floats = npt.NDArray[np.float64]

KINDS = ("spike", "level", "flat", "louder", "quieter", "noise", "repeat", "trend")

# Where a stretch is chosen to go on with: so many are tried, and compared by so many points.
_TRIED, _COMPARED = 40, 3


class Planted(NamedTuple):
    """A series with anomalies: values [time, channel], half-open windows, points to learn from."""

    values: Floats
    windows: list[tuple[int, int]]
    train_stop: int


def continued(values: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Return a series that begins with `values` [time, channel] and goes on with stretches of it.

    Each stretch, of an eighth to a half of the series, begins where the values are near those at the end of
    what is there (analogue resampling), so that a seam is no anomaly.
    """
    least = max(len(values) // 8, 10)
    parts, size, end = [values], len(values), values[-_COMPARED:]
    while size < n:
        starts = rng.integers(_COMPARED, max(len(values) - least, _COMPARED + 1), size=_TRIED)
        gaps = [float(np.abs(values[at - _COMPARED : at] - end).sum()) for at in starts]
        at = int(starts[int(np.argmin(gaps))])
        part = values[at : at + int(rng.integers(least, max(len(values) // 2, least + 1)))]
        parts.append(part)
        size += len(part)
        end = part[-_COMPARED:] if len(part) >= _COMPARED else end
    return np.concatenate(parts)[:n]


def plant(
    values: Floats, train_stop: int, count: int, rng: np.random.Generator, *, drift: float, wide: int
) -> Planted:
    """Plant `count` anomalies of random kinds behind `train_stop`, into the first channel.

    Parameters
    ----------
    values : array [time, channel]
        Normal; read only.
    train_stop : int
        Points that stay as they are.
    count : int
        Anomalies, spread over what follows.
    rng : Generator
    drift : float
        Largest slow change of the level behind `train_stop`, in standard deviations; it is no anomaly.
    wide : int
        Points of a window, which lies around the first point of its anomaly.
    """
    made = values.copy()
    x, n = made[:, 0], len(made)
    spread = float(x[:train_stop].std()) or 1.0
    walk = np.cumsum(rng.normal(size=n))
    x += (
        rng.uniform(0, drift)
        * spread
        * walk
        / np.abs(walk).max()
        * np.clip((np.arange(n) - train_stop) / (0.1 * n), 0, 1)
    )
    windows: list[tuple[int, int]] = []
    edges = np.linspace(train_stop + wide // 2, n - wide // 2 - 1, count + 1)
    for low, high in pairwise(edges):
        start = int(rng.uniform(low, max(low + 1, high - wide // 2)))
        stop = min(n, start + int(rng.integers(max(2, wide // 6), max(3, wide // 2))))
        _change(x, start, stop, str(rng.choice(KINDS)), spread, float(x[:train_stop].mean()), rng)
        begin = max(train_stop, start - wide // 2, windows[-1][1] if windows else 0)
        windows.append((begin, min(n, begin + wide)))
    return Planted(made, windows, train_stop)


def _change(
    x: Floats, start: int, stop: int, kind: str, spread: float, mean: float, rng: np.random.Generator
) -> None:
    part, sign = x[start:stop], rng.choice((-1.0, 1.0))
    if kind == "spike":
        part[: int(rng.integers(1, 4))] += sign * rng.uniform(3, 8) * spread
    elif kind == "level":
        part += sign * rng.uniform(1, 3) * spread
    elif kind == "flat":
        part[:] = part[0]
    elif kind == "louder":
        part[:] = mean + (part - mean) * rng.uniform(1.8, 3)
    elif kind == "quieter":
        part[:] = mean + (part - mean) * rng.uniform(0.1, 0.4)
    elif kind == "noise":
        part += rng.normal(size=part.size) * spread * rng.uniform(0.7, 1.5)
    elif kind == "repeat":  # what came half a stretch before comes again
        back = part.size // 2 + 3
        part[:] = x[start - back : stop - back].copy()
    else:
        part += sign * np.linspace(0, rng.uniform(2, 4), part.size) * spread
