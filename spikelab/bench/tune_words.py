"""Choose the settings of ``spikelab run speech --dataset fsdd`` on training recordings alone.

``python -m spikelab.bench.tune_words front_end`` first; then ``esn``, ``lsm``, and the floors
``pooled_input`` and ``encoded_input``, which get as many trials. Settings are drawn at random from a fixed
seed, or all are taken where they are few, and scored twice on takes that the official split gives to
training (5 to 49):

- as in the official split: one of three takes is held out, all speakers being known;
- as with a speaker left out: each of the ten pairs of speakers is held out of fits to the other three.

The score is the mean of the two protocols' shortfalls of the margin,
``max(0, 1 - (score of the right word - best other))``: an answer counts alike in either. The ridge is part of
the choice. The best few are scored again on other takes, with other seeds and with networks of the
job's size. One set of settings serves all speakers; what would have been chosen without any fit or answer
that a speaker took part in is printed for each of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..audio import AuditoryFrontEnd
from ..datasets import RecordingDataset, load_fsdd
from ..encode import LIFEncoder
from ..estimators import EncodedInputClassifier, ESNClassifier, LSMClassifier, PooledInputClassifier
from ..reservoir import LiquidReservoir, Reservoir
from .search import draw, search_parser
from .word_folds import RIDGES, Recordings, WordScore, score_words
from .words_front_end import WORDS_FRONT_END

__all__ = ["main"]

_SEARCH_TAKES, _AGAIN_TAKES = (5, 17), (17, 35)
_SEARCH_SEEDS, _AGAIN_SEEDS = (0,), (10, 11)

_GRIDS: dict[str, dict[str, list[Any]]] = {
    "front_end": {
        "bank": ["gammatone", "mel"],
        "n_channels": [32, 40, 56],
        "f_min_hz": [50.0, 100.0, 200.0],
        "hop_ms": [10.0, 15.0],
        "compression": ["log", "root"],
        "floor_db": [50.0, 60.0, 70.0],
        "exponent": [0.1, 0.2],
        "trim_db": [30.0, 40.0, 50.0],
        "deltas": [1],
        "delta_gain": [3.0, 5.0, 8.0],
        # With the mean over a recording its vowel goes too: True lost a fifth of the words in a first search.
        "mean_normalise": [False],
    },
    "esn": {
        "reservoir__spectral_radius": [0.2, 0.5, 0.8, 1.0],
        "reservoir__leak_rate": [0.1, 0.2, 0.3, 0.5, 0.8],
        "reservoir__input_scale": [0.5, 1.0, 1.5, 2.0, 3.0],
        "reservoir__bias_scale": [0.5, 1.0, 2.0],
        "reservoir__input_in_degree": [None, 10, 25],
        "n_segments": [2, 3, 4, 5, 6],
        "include_input": [False, True],
    },
    # Weaker inputs and encoders left the liquid silent or near it in a first, coarser search.
    "lsm": {
        "reservoir__reach": [1.0, 2.0],
        "reservoir__weight_exc_pa": [10.0, 30.0],
        "reservoir__weight_inh_pa": [10.0, 30.0, 100.0],
        "reservoir__input_pa": [200.0, 400.0, 800.0],
        "reservoir__input_in_degree": [5, 10, 20],
        "reservoir__bias_pa": [50.0, 100.0, 125.0],
        "reservoir__tau_mem_ms": [8.0, 15.0, 30.0],
        "encoder__gain_pa": [800.0, 1600.0, 3200.0],
        "encoder__bias_pa": [0.0, 60.0, 125.0],
        "encoder__tau_mem_ms": [5.0, 10.0, 20.0],
        "n_segments": [2, 3, 4],
    },
    "pooled_input": {"n_segments": [1, 2, 3, 4, 5, 6, 7, 8]},
    "encoded_input": {
        "encoder__gain_pa": [200.0, 400.0, 800.0, 1600.0],
        "encoder__bias_pa": [0.0, 60.0, 125.0],
        "encoder__tau_mem_ms": [5.0, 10.0, 20.0],
        "encoder__opposed": [False, True],
        "n_segments": [2, 3, 4, 5, 6],
    },
}

# Spiking frames last as long as those of the sound; neurons and units of the search, and of the second look.
_UNITS = {"esn": (400, 1000), "lsm": (400, 1000)}
_MAKE: dict[str, Callable[[], Any]] = {
    "esn": lambda: ESNClassifier(Reservoir(400), standardize=False),
    "lsm": lambda: LSMClassifier(
        LiquidReservoir(n=400, frame_ms=15.0), encoder=LIFEncoder(), standardize=False
    ),
    "pooled_input": lambda: PooledInputClassifier(standardize=False),
    "encoded_input": lambda: EncodedInputClassifier(LIFEncoder(), frame_ms=15.0, standardize=False),
}
# A floor and a reservoir that judge front ends together.
_JUDGES: tuple[Callable[[], Any], ...] = (
    _MAKE["pooled_input"],
    lambda: ESNClassifier(
        Reservoir(300, spectral_radius=0.5, leak_rate=0.3, input_scale=1.5, bias_scale=1.0), standardize=False
    ),
)

Found = list[tuple[WordScore, Mapping[str, Any]]]


def main(arguments: Sequence[str] | None = None) -> Found:
    """Search and print; return the settings scored twice, best first."""
    parser = search_parser("tune_words", __doc__, trials=40, again=5, kind=_GRIDS)
    chosen = parser.parse_args(arguments)
    dataset = load_fsdd()
    drawn = draw(_GRIDS[chosen.kind], chosen.trials, chosen.seed)
    with threadpool_limits(1):
        found = _scored(chosen.kind, dataset, list(drawn), again=False)
        print(f"\nThe best {chosen.again} again:")
        kept = [params for _, params in found[: chosen.again]]
        found = _scored(chosen.kind, dataset, kept, again=True)
    print("\nBest first:")
    for score, params in found:
        print(f"{_line(score)}  " + " ".join(f"{key}={value}" for key, value in params.items()))
    for speaker in found[0][0].blind:
        blind = [score.blind[speaker].min() for score, _ in found]
        print(f"without {speaker}: number {int(np.argmin(blind)) + 1} of this list")
    return found


def _scored(
    kind: str, dataset: RecordingDataset, settings: Sequence[Mapping[str, Any]], again: bool
) -> Found:
    takes = _AGAIN_TAKES if again else _SEARCH_TAKES
    seeds = _AGAIN_SEEDS if again and kind in _UNITS else _SEARCH_SEEDS  # floors draw nothing
    found: Found = []
    began = time.perf_counter()
    data = None if kind == "front_end" else _recordings(dataset, WORDS_FRONT_END, takes)
    for trial, params in enumerate(settings, start=1):
        if kind == "front_end":
            heard = _recordings(dataset, params, takes)
            scores = [score_words(make(), heard) for make in _JUDGES]
            # The judges' ridges differ by orders of magnitude: each takes its own.
            score = WordScore.mean([_at_best(one) for one in scores])
        else:
            assert data is not None
            score = WordScore.mean([score_words(_made(kind, params, again, s), data) for s in seeds])
        found.append((score, params))
        elapsed = f"{time.perf_counter() - began:5.0f} s"
        print(f"{trial:4d}/{len(settings)}  {_line(score)}  {elapsed}", flush=True)
    return sorted(found, key=lambda one: float(one[0].both.min()))


def _recordings(
    dataset: RecordingDataset, front_end: Mapping[str, Any], takes: tuple[int, int]
) -> Recordings:
    """Features of the training takes from `takes[0]` up to `takes[1]`."""
    ear = AuditoryFrontEnd(**front_end)
    assert dataset.test is not None
    take = np.array([int(one.name.rpartition("_")[2].removesuffix(".wav")) for one in dataset.recordings])
    kept = np.flatnonzero((take >= takes[0]) & (take < takes[1]) & ~dataset.test)
    heard = [dataset.recordings[i] for i in kept]
    X = [ear.transform(one.samples, one.rate_hz) for one in heard]
    return Recordings(X, dataset.labels[kept], dataset.speakers[kept], take[kept])


def _made(kind: str, params: Mapping[str, Any], again: bool, seed: int) -> Any:
    estimator = _MAKE[kind]().set_params(ridge=1.0, **params)
    if kind in _UNITS:
        estimator.set_params(reservoir__n=_UNITS[kind][again], random_state=seed)
    return estimator


def _at_best(score: WordScore) -> WordScore:
    at = slice(score.best, score.best + 1)
    blind = {who: loss[at] for who, loss in score.blind.items()}
    return WordScore(
        score.takes[at], score.speakers[at], score.takes_wrong[at], score.speakers_wrong[at], blind
    )


def _line(score: WordScore) -> str:
    at = score.best
    takes, speakers = 100 * (1 - score.takes_wrong[at]), 100 * (1 - score.speakers_wrong[at])
    ridge = f"{RIDGES[at]:.3g}" if len(score.both) > 1 else "each its own"
    return f"score {score.both[at]:.4f}  ridge {ridge:<8} takes {takes:.2f} %  speakers {speakers:.2f} %"


if __name__ == "__main__":
    main()
