"""Settings to try, drawn from a grid."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["draw"]


def draw(grid: Mapping[str, Sequence[Any]], n: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Draw `n` settings of a grid at random; all of them, in order, where there are no more than `n`."""
    if math.prod(map(len, grid.values())) <= n:
        yield from (dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))
        return
    rng = np.random.default_rng(seed)
    for _ in range(n):
        yield {name: values[int(rng.integers(len(values)))] for name, values in grid.items()}
