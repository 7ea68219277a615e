"""Choose the settings of ``spikelab run anomaly`` on the training parts alone.

``python -m spikelab.bench.tune_anomaly nab esn`` draws settings of a detector at random from a fixed seed, or
takes all where they are few, with every scoring of a common grid; floors have as many draws as the models.
The best few are looked at again with other seeds and other anomalies, since the best of many noisy scores
flatters. What is scored:

- ``nab``, ``smap``, ``ucr``: no labels. Anomalies of eight kinds are planted into the training parts
  (`spikelab.bench.planted`). A training part of NAB is continued to 6.7 times its length first; of the others
  the second half is the part with anomalies. Figures: the benchmark's score; the harmonic mean of precision
  and recall of events, at the best common threshold; the share of anomalies located within 100 points.
- ``ecg``: the second half of the training part of each record with its labels; the detector learns from the
  first half. Figure: the mean of AUROC and AUPRC.

The threshold that is printed is the best one for the planted anomalies; the job takes it where no labels may
be used. The test parts are not touched.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import datasets
from ..anomaly import AnomalyDetector, Scoring
from ..anomaly.floors import LinearAutoregression, MatrixProfile, MovingZScore, RandomScore, WindowedGaussian
from ..anomaly.refractory import refractory_score
from ..errors import ParameterError
from ..metrics import auprc, auroc, count_events, located, nab_score
from ..reservoir import Reservoir
from .planted import Planted, continued, plant
from .search import draw, search_parser

__all__ = ["candidates", "main", "residuals_of", "validation_sets"]

Floats = npt.NDArray[np.float64]

# Seeds of the planted anomalies and of the networks: for the search, and for the second look.
_SEARCH, _AGAIN = (0, 1), (10, 11, 12)
# Points of a continued series of NAB, in lengths of its training part, which is 15 % there.
_CONTINUED, _MOST = 6.67, 6000
# Planted series for each series of the archive, which are few.
_UCR_SERIES = 2
EVENT_REFRACTORY = 100

_GRIDS: dict[str, dict[str, list[Any]]] = {
    "esn": {
        "reservoir__n": [100, 200],
        "reservoir__spectral_radius": [0.5, 0.8, 0.9, 0.99],
        "reservoir__leak_rate": [0.1, 0.3, 0.6, 1.0],
        "reservoir__input_scale": [0.1, 0.3, 1.0],
        "reservoir__bias_scale": [0.2, 0.5],
        "ridge": [1e-4, 1e-3, 1e-2, "gcv"],
    },
    "moving_zscore": {"window": [10, 20, 50, 100, 200, 500, 1000, 2000]},
    "windowed_gaussian": {"window": [100, 200, 500, 1000, 2000, 4000, 6400, 10000]},
    "autoregression": {
        "order": [1, 2, 5, 10, 20, 50],
        "ridge": [1e-6, 1e-4, 1e-3, 1e-2, 1e-1],
    },
    "matrix_profile": {"window": [8, 16, 32, 64, 90, 150, 250], "past": [False, True]},
    "random": {},
}
# Heart beats and their like are sampled so finely that the next point is never a surprise. Telemetry comes
# with up to 54 commands, each with all lags.
_OWN_GRIDS: dict[tuple[str, str], dict[str, list[Any]]] = {
    ("ecg", "esn"): {"horizon": [1, 10, 50]},
    ("ecg", "autoregression"): {"horizon": [1, 10, 50]},
    ("ecg", "matrix_profile"): {"past": [False], "step": [8]},  # else it takes an hour
    ("smap", "autoregression"): {"order": [1, 2, 5, 10]},
}
_MAKE: dict[str, Callable[[], Any]] = {
    "esn": lambda: AnomalyDetector(Reservoir(100)),
    "moving_zscore": MovingZScore,
    "windowed_gaussian": WindowedGaussian,
    "autoregression": LinearAutoregression,
    "matrix_profile": MatrixProfile,
    "random": RandomScore,
}
_SCORINGS = {
    # One for all rows: the one that most rows did best with in a search over ten, windows of 2,000 and 8,000
    # points, of one and three, and the three kinds.
    "nab": (Scoring("rank_tail", long=8000, short=1),),
    "others": (
        *(Scoring("standardised", smooth=smooth) for smooth in (1, 10, 30, 100, 200)),
        *(Scoring("gaussian_tail", long=8000, short=short) for short in (1, 10, 30, 100)),
        Scoring("rank_tail", long=8000, short=1),
    ),
}
# Of NAB alone, in lengths of the training part: 0.67 of 15 % is a tenth of a series.
_REFRACTORY = {"nab": (0.0, 0.2, 0.67)}


class _Kept(Scoring):
    """A scoring that keeps the residuals it was given, so that every other one can be tried on them."""

    def calibrate(self, residual: npt.ArrayLike) -> Any:
        object.__setattr__(self, "normal", np.array(residual))
        return super().calibrate(residual)

    def advance(self, residual: Floats, state: Any, scores: Floats, backend: str = "cpu") -> None:
        object.__setattr__(self, "kept", np.array(residual))
        super().advance(residual, state, scores, backend)


class _Found(NamedTuple):
    figure: float
    threshold: float
    params: dict[str, Any]
    scoring: Scoring
    refractory: float


def candidates(kind: str, n: int, seed: int = 0, dataset: str = "") -> Iterator[dict[str, Any]]:
    """Draw settings of a detector, as ``set_params`` takes them; all of them where `n` would do."""
    grid = _GRIDS[kind] | _OWN_GRIDS.get((dataset, kind), {})
    return draw(grid, n, seed)


def validation_sets(dataset: str, seed: int) -> list[Planted]:
    """Series with known anomalies, made of the training parts of `dataset` alone."""
    rng = np.random.default_rng(seed)
    if dataset == "nab":
        parts = [one.values[: one.train_stop] for one in datasets.load_nab().series]
        made = []
        for part in parts:
            n = min(_MOST, int(_CONTINUED * len(part)))
            count = int(rng.integers(1, 4))
            wide = max(4, int(0.1 * n / count))
            made.append(plant(continued(part, n, rng), len(part), count, rng, drift=0.8, wide=wide))
        return made
    if dataset == "ecg":
        made = []
        for one in datasets.load_ecg().series:
            half = one.train_stop // 2
            inside = [(a, b) for a, b in one.windows if half <= a and b <= one.train_stop]
            made.append(Planted(one.values[: one.train_stop], inside, half))
        return made
    series = (datasets.load_ucr_anomaly() if dataset == "ucr" else datasets.load_smap_msl()).series
    made = []
    for one in series:
        for _ in range(_UCR_SERIES if dataset == "ucr" else 1):
            part = one.values[: one.train_stop]
            count = 1 if dataset == "ucr" else int(rng.integers(1, 4))
            wide = min(400, max(20, len(part) // 20))
            made.append(plant(part, len(part) // 2, count, rng, drift=0.0, wide=wide))
    return made


def figure(dataset: str, sets: Sequence[Planted], scores: Sequence[Floats]) -> tuple[float, float]:
    """The figure that is maximised, and the threshold that belongs to it."""
    if dataset == "nab":
        padded = [_padded(score, one) for score, one in zip(scores, sets, strict=True)]
        result = nab_score(padded, [one.windows for one in sets])
        return result.score, result.threshold
    moved = [[(a - one.train_stop, b - one.train_stop) for a, b in one.windows] for one in sets]
    if dataset == "ucr":
        hits = [located(score, spans[0]) for score, spans in zip(scores, moved, strict=True)]
        return float(np.mean(hits)), math.nan
    if dataset == "ecg":
        areas = []
        for score, spans in zip(scores, moved, strict=True):
            labels = np.zeros(score.size, dtype=bool)
            for start, stop in spans:
                labels[start:stop] = True
            areas.append((auroc(labels, score) + auprc(labels, score)) / 2)
        return float(np.mean(areas)), math.nan
    levels = np.quantile(np.concatenate(scores), 1 - np.geomspace(1e-5, 0.1, 40))
    found = []
    for level in np.unique(levels).tolist():
        counts = [
            count_events(score, spans, level, refractory=EVENT_REFRACTORY)
            for score, spans in zip(scores, moved, strict=True)
        ]
        right, false = sum(one.found for one in counts), sum(one.false_alarms for one in counts)
        found.append((2 * right / (sum(one.events for one in counts) + right + false), level))
    return max(found)


def main(arguments: Sequence[str] | None = None) -> list[_Found]:
    """Search and print; return the settings looked at twice, best first."""
    parser = search_parser(
        "tune_anomaly", __doc__, trials=12, again=3, dataset=("nab", "ecg", "ucr", "smap"), kind=_GRIDS
    )
    chosen = parser.parse_args(arguments)
    refractory = _REFRACTORY.get(chosen.dataset, (0.0,))
    scorings = _SCORINGS.get(chosen.dataset, _SCORINGS["others"])
    every = [(scoring, refractory) for scoring in scorings]
    drawn = [
        (params, every) for params in candidates(chosen.kind, chosen.trials, chosen.seed, chosen.dataset)
    ]
    found = _look(chosen.dataset, chosen.kind, drawn, _SEARCH)[: chosen.again]
    print(f"\nThe best {chosen.again} again:")
    again = [(one.params, [(one.scoring, (one.refractory,))]) for one in found]
    found = _look(chosen.dataset, chosen.kind, again, _AGAIN)
    print("\nBest first: figure, threshold, settings")
    for one in found:
        print(f"{one.figure:.4f} {one.threshold:.6g} {one.params} {one.scoring} refractory={one.refractory}")
    return found


def _look(
    dataset: str,
    kind: str,
    drawn: Sequence[tuple[Mapping[str, Any], Sequence[tuple[Scoring, tuple[float, ...]]]]],
    seeds: Sequence[int],
) -> list[_Found]:
    began, found = time.perf_counter(), []
    material = [(seed, validation_sets(dataset, seed)) for seed in seeds]
    for trial, (params, ways) in enumerate(drawn, start=1):
        try:
            kept = [
                [residuals_of(kind, params, dataset, seed, one) for one in sets] for seed, sets in material
            ]
        except ParameterError as error:  # a window that is too long for the shortest series
            print(f"{trial:4d}/{len(drawn)}  {error}", flush=True)
            continue
        best: _Found | None = None
        for scoring, backs in ways:
            scores = [
                [scoring.run(test, scoring.calibrate(normal)) for normal, test in residuals]
                for residuals in kept
            ]
            for back in backs:
                figures = []
                for (_, sets), loud in zip(material, scores, strict=True):
                    held = [
                        refractory_score(score, round(back * one.train_stop))
                        for score, one in zip(loud, sets, strict=True)
                    ]
                    figures.append(figure(dataset, sets, held))
                means = np.mean(figures, axis=0)
                if best is None or means[0] > best.figure:
                    best = _Found(float(means[0]), float(means[1]), dict(params), scoring, back)
        assert best is not None
        found.append(best)
        elapsed = f"{time.perf_counter() - began:5.0f} s"
        print(f"{trial:4d}/{len(drawn)}  {best.figure:.4f}  {elapsed}  {best}", flush=True)
    return sorted(found, key=lambda one: -one.figure)


def residuals_of(
    kind: str, params: Mapping[str, Any], dataset: str, seed: int, one: Planted
) -> tuple[Floats, Floats]:
    """Residuals that calibrate, and those of the part with anomalies."""
    scoring = _Kept("standardised")
    detector = _MAKE[kind]().set_params(**params, score=scoring)
    if "random_state" in detector.get_params():
        detector.set_params(random_state=seed)
    if dataset == "smap":
        detector.set_params(targets=(0,))
    detector.fit(one.values[: one.train_stop])
    detector.score_samples(one.values[one.train_stop :], continue_=True)
    return vars(scoring)["normal"], vars(scoring)["kept"]


def _padded(score: Floats, one: Planted) -> Floats:
    return np.concatenate([np.full(one.train_stop, score.min()), score])


if __name__ == "__main__":
    main()
