"""Choose the hyper-parameters of ``spikelab run stdp-mnist`` on the training images of MNIST alone.

``python -m spikelab.bench.tune_stdp 100`` (or 400, 1600) draws settings of `STDPClassifier` from a grid, or
takes all where they are few, lets each learn from the first 50,000 training images, and scores every vote on
the last 10,000; the best few are scored again with another seed. ``logistic`` does the same for the floor.
The test images are not touched.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from ..datasets import load_mnist
from ..estimators import STDPClassifier
from ..readout import VOTES, LabelVote
from .search import draw, search_parser

__all__ = ["GRIDS", "main", "score"]

Images = npt.NDArray[np.uint8]

#: By the number of neurons, and for the floor.
GRIDS: dict[str, dict[str, list[Any]]] = {
    "100": {
        "nu_post": [0.003, 0.006, 0.01],
        "theta_plus_mv": [0.05, 0.1],
        "max_rate_hz": [45.0, 64.0],
        "duration_ms": [250.0, 350.0],
    },
    "400": {
        "nu_post": [0.01, 0.02],
        "theta_plus_mv": [0.05, 0.1, 0.2],
        "max_rate_hz": [64.0, 90.0],
        "duration_ms": [250.0, 350.0],
    },
    "1600": {
        "nu_post": [0.01, 0.02, 0.04],
        "theta_plus_mv": [0.1, 0.2],
        "duration_ms": [350.0],
        "epochs": [1, 2, 3],
    },
    "logistic": {"C": [0.01, 0.03, 0.1, 0.3, 1.0]},
}

# Training images that judge, and those whose counts give neurons their classes.
_HELD, _LABELS = 10_000, 20_000
# Seed of the second look.
_AGAIN = 10


def score(
    kind: str,
    params: Mapping[str, Any],
    X: Images,
    y: npt.NDArray[np.int64],
    held: int = _HELD,
    seed: int = 0,
    progress: bool = False,
) -> dict[str, float]:
    """Accuracy on the last `held` images of what was learned from the others, by each vote.

    Parameters
    ----------
    kind : str
        A key of `GRIDS`.
    params : mapping of str to object
    X : array [sample, row, column]
    y : array [sample]
    held : int
    seed : int
    progress : bool
    """
    cut = len(X) - held
    if kind == "logistic":
        rows = X.reshape(len(X), -1).astype(np.float32) / np.float32(X.max())
        linear = LogisticRegression(max_iter=500, **params).fit(rows[:cut], y[:cut])
        return {"labels": float(linear.score(rows[cut:], y[cut:]))}
    model = STDPClassifier(int(kind), random_state=seed, progress=progress, **params).fit(X[:cut])
    few = slice(0, min(cut, _LABELS))
    vote = LabelVote.fit(model.transform(X[few]), y[few], int(y.max()) + 1)
    counts = model.transform(X[cut:])
    return {name: float((vote.scores(counts, name).argmax(axis=1) == y[cut:]).mean()) for name in VOTES}


def main(arguments: Sequence[str] | None = None) -> list[tuple[float, Mapping[str, Any]]]:
    """Search and print; return the settings scored twice with their accuracies, best first."""
    parser = search_parser("tune_stdp", __doc__, trials=24, again=3, kind=GRIDS)
    chosen = parser.parse_args(arguments)
    data = load_mnist()
    drawn = list(draw(GRIDS[chosen.kind], chosen.trials, chosen.seed))
    found = _scored(chosen.kind, drawn, data.X_train, data.y_train, 0)
    if chosen.kind != "logistic":
        print(f"\nThe best {chosen.again} again:")
        best = [params for _, params in found[: chosen.again]]
        found = _scored(chosen.kind, best, data.X_train, data.y_train, _AGAIN)
    print("\nBest first: accuracy of the best vote, settings")
    for accuracy, params in found:
        print(f"{100 * accuracy:.2f}  " + " ".join(f"{key}={value}" for key, value in params.items()))
    return found


def _scored(
    kind: str, settings: Sequence[Mapping[str, Any]], X: Images, y: npt.NDArray[np.int64], seed: int
) -> list[tuple[float, Mapping[str, Any]]]:
    began, found = time.perf_counter(), []
    for trial, params in enumerate(settings, start=1):
        accuracy = score(kind, params, X, y, seed=seed)
        found.append((max(accuracy.values()), params))
        shown = "  ".join(f"{name} {100 * value:.2f}" for name, value in accuracy.items())
        given = " ".join(f"{key}={value}" for key, value in params.items())
        elapsed = f"{time.perf_counter() - began:5.0f} s"
        print(f"{trial:4d}/{len(settings)}  {shown}  {elapsed}  {given}", flush=True)
    return sorted(found, key=lambda one: -one[0])


if __name__ == "__main__":
    main()
