"""Choose the hyper-parameters of ``spikelab run speech`` on the training utterances alone.

``python -m spikelab.bench.tune_speech esn`` (or ``lsm``, or the floor, ``pooled_input``) draws settings at
random from a fixed seed, or takes all where they are few, and scores each by cross-validation within the 270
training utterances: three parts with equally many utterances of each speaker, two seeds of the network. The
best few are scored again with five parts and five other seeds, since the best of many noisy scores flatters.
The score is the mean shortfall of the margin, ``max(0, 1 - (score of the right speaker - best other))``:
it still tells settings apart when they make two or three errors. The test utterances are not touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets import load_japanese_vowels
from ..estimators import ESNClassifier, LSMClassifier, PooledInputClassifier
from ..reservoir import LiquidReservoir, Reservoir
from .search import draw, search_parser

__all__ = ["cross_validate", "main", "stratified_parts"]

# Parts and network seeds of the search and of the second look.
_SEARCH = (3, (0, 1))
_AGAIN = (5, (10, 11, 12, 13, 14))

# Units and simulated time are what the job can afford in seconds; more of them score a little better.
_GRIDS: dict[str, dict[str, list[Any]]] = {
    "esn": {
        "reservoir__n": [300],
        "reservoir__spectral_radius": [0.2, 0.5, 0.8, 0.95],
        "reservoir__leak_rate": [0.1, 0.2, 0.3, 0.5, 0.8, 1.0],
        "reservoir__input_scale": [0.05, 0.1, 0.2, 0.4, 0.8, 1.5],
        "reservoir__bias_scale": [0.0, 0.2, 0.5, 1.0],
        "n_segments": [2, 3, 4, 5],
        "include_input": [False, True],
        "deltas": [False, True],
    },
    "lsm": {
        "reservoir__n": [400],
        "reservoir__reach": [1.0, 2.0],
        "reservoir__weight_exc_pa": [10.0, 30.0, 100.0],
        "reservoir__weight_inh_pa": [10.0, 30.0, 100.0],
        "reservoir__input_pa": [50.0, 100.0, 200.0, 400.0],
        "reservoir__bias_pa": [100.0, 125.0, 150.0],
        "reservoir__tau_mem_ms": [15.0, 30.0, 60.0],
        "reservoir__frame_ms": [10.0],
        "n_segments": [2, 3, 4, 5],
        "deltas": [False, True],
    },
    "pooled_input": {
        "n_segments": [1, 2, 3, 4, 5, 6],
        "deltas": [False, True],
    },
}

_MAKE: dict[str, Callable[[], Any]] = {
    "esn": lambda: ESNClassifier(Reservoir()),
    "lsm": lambda: LSMClassifier(LiquidReservoir()),
    "pooled_input": PooledInputClassifier,
}


def stratified_parts(labels: npt.NDArray[Any], n_parts: int) -> npt.NDArray[np.int64]:
    """Number the utterances of each class 0, 1, ... in turn: array [utterance] of the part's number."""
    part = np.empty(labels.size, dtype=np.int64)
    for i, label in enumerate(np.unique(labels)):
        members = np.flatnonzero(labels == label)
        part[members] = (np.arange(members.size) + i) % n_parts
    return part


def cross_validate(
    estimator: Any, X: Sequence[Any], y: npt.NDArray[Any], n_parts: int, seeds: Sequence[int]
) -> tuple[float, float]:
    """Return the mean shortfall of the margin and the errors of one pass over all utterances."""
    part = stratified_parts(y, n_parts)
    shortfall, errors = [], 0
    for seed in seeds:
        if "random_state" in estimator.get_params():
            estimator.set_params(random_state=seed)
        for held in range(n_parts):
            inside, outside = np.flatnonzero(part != held).tolist(), np.flatnonzero(part == held).tolist()
            estimator.fit([X[i] for i in inside], y[inside])
            scores = estimator.decision_function([X[i] for i in outside])
            right = np.searchsorted(estimator.classes_, y[outside])
            own = scores[np.arange(len(outside)), right].copy()
            scores[np.arange(len(outside)), right] = -np.inf
            margin = own - scores.max(axis=1)
            shortfall.append(np.maximum(0.0, 1.0 - margin).mean())
            errors += int(np.count_nonzero(margin <= 0))
    return float(np.mean(shortfall)), errors / len(seeds)


def main(arguments: Sequence[str] | None = None) -> list[tuple[float, float, Mapping[str, Any]]]:
    """Search and print; return the settings scored twice, best first."""
    parser = search_parser("tune_speech", __doc__, trials=60, again=6, kind=_GRIDS)
    chosen = parser.parse_args(arguments)
    drawn = list(draw(_GRIDS[chosen.kind], chosen.trials, chosen.seed))
    found = _scored(chosen.kind, drawn, *_SEARCH)
    print(f"\nThe best {chosen.again} again:")
    found = _scored(chosen.kind, [params for _, _, params in found[: chosen.again]], *_AGAIN)
    print("\nBest first: shortfall, errors of 270, settings")
    for shortfall, errors, params in found:
        print(
            f"{shortfall:.4f} {errors:5.1f}  " + " ".join(f"{key}={value}" for key, value in params.items())
        )
    return found


def _scored(
    kind: str, settings: Sequence[Mapping[str, Any]], n_parts: int, seeds: Sequence[int]
) -> list[tuple[float, float, Mapping[str, Any]]]:
    data = load_japanese_vowels()
    began, found = time.perf_counter(), []
    for trial, params in enumerate(settings, start=1):
        estimator = _MAKE[kind]().set_params(**params)
        shortfall, errors = cross_validate(estimator, data.X_train, data.y_train, n_parts, seeds)
        found.append((shortfall, errors, params))
        elapsed = f"{time.perf_counter() - began:5.0f} s"
        count = f"{trial:4d}/{len(settings)}"
        print(f"{count}  shortfall {shortfall:.4f}  errors {errors:5.1f}  {elapsed}", flush=True)
    return sorted(found, key=lambda one: one[0])


if __name__ == "__main__":
    main()
