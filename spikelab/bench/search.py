"""What the searches for settings share: draws from a grid, and the command line."""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["draw", "search_parser"]


def draw(grid: Mapping[str, Sequence[Any]], n: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Draw `n` settings of a grid at random; all of them, in order, where there are no more than `n`."""
    if math.prod(map(len, grid.values())) <= n:
        yield from (dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))
        return
    rng = np.random.default_rng(seed)
    for _ in range(n):
        yield {name: values[int(rng.integers(len(values)))] for name, values in grid.items()}


def search_parser(
    name: str, description: str | None, trials: int, again: int, **choices: Iterable[str]
) -> argparse.ArgumentParser:
    """The command line of ``python -m spikelab.bench.NAME``: what is tuned, and how long it is searched.

    Parameters
    ----------
    name, description : str
        Of the module.
    trials, again : int
        Defaults: settings to draw, settings to score twice.
    **choices : iterable of str
        Positional arguments and what each may be.
    """
    parser = argparse.ArgumentParser(prog=f"python -m spikelab.bench.{name}", description=description)
    for argument, known in choices.items():
        parser.add_argument(argument, choices=sorted(known))
    counts = {"trials": (trials, "settings to draw"), "again": (again, "settings to score twice")}
    for option, (default, text) in {**counts, "seed": (0, "seed of the draw")}.items():
        parser.add_argument(f"--{option}", type=int, default=default, help=f"{text} (default: {default})")
    return parser
