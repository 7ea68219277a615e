"""Choose the hyper-parameters of ``spikelab run forecast`` on series of their own.

``python -m spikelab.bench.tune_forecast TASK KIND`` draws settings at random from a fixed seed, then tries
neighbours of the best ones found so far, as many again. Each is scored on two series, with two networks,
whose seeds (1000 and 1001) the job does not use. The best few are scored again on five other series (from
2000 on), since the best of many noisy scores flatters. The score is the task's figure: the geometric mean of
errors, the mean of valid times. Settings whose readout could only be solved by a fallback (`RidgeWarning`)
are left out, unless ``--fallback`` lets them in.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..estimators import ESNForecaster, ESNRegressor, TappedDelayForecaster, TappedDelayRegressor
from ..readout import RidgeWarning
from ..reservoir import Reservoir
from .forecast_tasks import TASKS, MackeyGlass, Task
from .options import one_thread
from .search import draw, search_parser

__all__ = ["KINDS", "SIZES", "grid_of", "main", "make", "neighbour", "validate"]

_SEARCH = (1000, 1001)
_AGAIN = (2000, 2001, 2002, 2003, 2004)

#: Units of the reservoir for each task: those of the published figures.
SIZES = {"narma10": 200, "mackey-glass": 1000, "lorenz63": 500}
KINDS = ("esn", "memoryless", "linear")

# New settings are neighbours of one of so many.
_BEST = 5

# As the job's, but for starts and steps ahead that cost time and change no choice.
_TASKS: dict[str, Task] = {**TASKS, "mackey-glass": MackeyGlass(starts=50, ahead=84)}

_SCALES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0]
_BIASES = [0.0, 0.1, 0.2, 0.3, 0.6, 1.0, 2.0]
_RIDGES = ["gcv", 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-2]
_COMMON: dict[str, list[Any]] = {"ridge": _RIDGES, "standardize": [True, False]}
_UNITS: dict[str, list[Any]] = {"reservoir__input_scale": _SCALES, "reservoir__bias_scale": _BIASES}
_GRIDS: dict[str, dict[str, list[Any]]] = {
    "esn": {
        "reservoir__spectral_radius": [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0, 1.1, 1.2],
        "reservoir__leak_rate": [0.3, 0.5, 0.7, 0.8, 0.9, 1.0],
        **_UNITS,
        **_COMMON,
    },
    "memoryless": {**_UNITS, **_COMMON},
    "linear": {"taps": [1, 2, 3, 5, 10, 15, 20, 30, 50, 100, 200, 300, 500], **_COMMON},
}
# NARMA10 wants units that are nearly linear: what was best lay at the end of the common ranges.
_WIDER: dict[str, dict[str, list[Any]]] = {
    "narma10": {
        "reservoir__input_scale": [0.002, 0.005, *_SCALES],
        "ridge": ["gcv", 1e-12, 1e-11, *_RIDGES[1:]],
    }
}
# Settings that are tried before those that are drawn: what the example of this series uses.
_FIRST: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("mackey-glass", "esn"): [
        {
            "reservoir__spectral_radius": 1.1,
            "reservoir__leak_rate": 0.7,
            "reservoir__input_scale": 0.3,
            "reservoir__bias_scale": 0.2,
            "ridge": 1e-9,
            "standardize": True,
        }
    ]
}


def grid_of(task: str, kind: str) -> dict[str, list[Any]]:
    """Values to choose from, by parameter."""
    grid = _GRIDS[kind]
    return {name: _WIDER.get(task, {}).get(name, values) for name, values in grid.items()}


def make(task: str, kind: str) -> Any:
    """Return an unfitted model of a kind for a task."""
    regress = task == "narma10"
    if kind == "linear":
        return TappedDelayRegressor() if regress else TappedDelayForecaster()
    recipe = Reservoir(SIZES[task])
    if kind == "memoryless":
        recipe = Reservoir(SIZES[task], spectral_radius=0.0, leak_rate=1.0)
    return ESNRegressor(recipe, washout=100, dtype="float64") if regress else ESNForecaster(recipe)


def validate(task: Task, model: Any, seeds: Sequence[int], *, fallback: bool = False) -> float:
    """Return the mean figure over series and networks of `seeds`, such that less is better.

    Infinite where the readout could only be solved by a fallback and that is not wanted.
    """
    figures = []
    for seed in seeds:
        if "random_state" in model.get_params():
            model.set_params(random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if fallback else "error", RidgeWarning)
            try:
                task.fit(model, seed)
            except RidgeWarning:
                return math.inf
        figures.append(task.test(model, seed).score)
    if task.lower_is_better:
        with np.errstate(divide="ignore"):
            return float(np.exp(np.mean(np.log(figures))))
    return -float(np.mean(figures))


def main(arguments: Sequence[str] | None = None) -> list[tuple[float, Mapping[str, Any]]]:
    """Search and print; return the settings scored twice, best first."""
    parser = search_parser("tune_forecast", __doc__, trials=60, again=8, task=TASKS, kind=KINDS)
    parser.add_argument("--fallback", action="store_true", help="let in readouts solved by a fallback")
    chosen = parser.parse_args(arguments)
    task, kind, grid = chosen.task, chosen.kind, grid_of(chosen.task, chosen.kind)
    score = partial(_scored, task, kind, fallback=chosen.fallback)
    with one_thread():
        drawn = [*_FIRST.get((task, kind), []), *draw(grid, chosen.trials, chosen.seed)]
        found = score(drawn, _SEARCH)
        print("\nNeighbours of the best:")
        rng = np.random.default_rng(chosen.seed)
        for _ in range(chosen.trials):
            near = neighbour(grid, [params for _, params in found], rng)
            if near is None:
                break
            found = sorted([*found, *score([near], _SEARCH)], key=lambda one: one[0])
        print(f"\nThe best {chosen.again} again:")
        found = score([params for _, params in found[: chosen.again]], _AGAIN)
    print(f"\nBest first: {TASKS[task].figure} (less is better), settings")
    for figure, params in found:
        print(f"{figure:.4g}  " + " ".join(f"{key}={value}" for key, value in params.items()))
    return found


def neighbour(
    grid: Mapping[str, Sequence[Any]], tried: Sequence[Mapping[str, Any]], rng: np.random.Generator
) -> dict[str, Any] | None:
    """Move one or two parameters of one of the best settings by a place in the grid.

    Parameters
    ----------
    grid : mapping of str to sequence
    tried : sequence of mapping
        Settings so far, best first.
    rng : numpy.random.Generator

    Returns
    -------
    dict or None
        A setting that was not tried; None where a hundred attempts have found none.
    """
    for _ in range(100):
        near = dict(tried[int(rng.integers(min(_BEST, len(tried))))])
        for name in rng.choice(list(grid), size=int(rng.integers(1, 3)), replace=False):
            place = list(grid[name]).index(near[name]) + int(rng.choice([-1, 1]))
            near[str(name)] = grid[name][min(max(place, 0), len(grid[name]) - 1)]
        if near not in tried:
            return near
    return None


def _scored(
    task: str,
    kind: str,
    settings: Iterable[Mapping[str, Any]],
    seeds: Sequence[int],
    *,
    fallback: bool,
) -> list[tuple[float, Mapping[str, Any]]]:
    found = []
    for params in settings:
        began = time.perf_counter()
        score = validate(_TASKS[task], make(task, kind).set_params(**params), seeds, fallback=fallback)
        found.append((score, params))
        print(f"{score:10.4g}  {time.perf_counter() - began:5.1f} s", flush=True)
    return sorted(found, key=lambda one: one[0])


if __name__ == "__main__":
    main()
