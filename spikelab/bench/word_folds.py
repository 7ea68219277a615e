"""How settings are scored on training recordings: takes held out, and speakers held out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..estimators.shared_features import SharedFeatures

__all__ = ["RIDGES", "Recordings", "WordScore", "score_words"]

Floats = npt.NDArray[np.float64]

RIDGES: tuple[float, ...] = tuple(10.0 ** (k / 2) for k in range(-4, 13))
_TAKE_PARTS = 3


@dataclass(frozen=True, eq=False)
class Recordings:
    """Features of recordings and what is known of each.

    Attributes
    ----------
    X : list of array [frame, feature]
    y, speaker, take : array [recording]
    """

    X: list[Any]
    y: npt.NDArray[Any]
    speaker: npt.NDArray[Any]
    take: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WordScore:
    """Scores of one setting.

    Attributes
    ----------
    takes, speakers : array [ridge], float64
        Mean shortfall of the margin with takes and with speakers held out.
    takes_wrong, speakers_wrong : array [ridge], float64
        Share of wrong answers.
    blind : dict of str to array [ridge]
        For each speaker: the shortfall on others in the fits without him.
    """

    takes: Floats
    speakers: Floats
    takes_wrong: Floats
    speakers_wrong: Floats
    blind: dict[str, Floats]

    @property
    def both(self) -> Floats:
        """Mean of the two protocols' shortfalls: array [ridge]."""
        return np.asarray((self.takes + self.speakers) / 2.0)

    @property
    def best(self) -> int:
        """Index of the ridge with the least of `both`."""
        return int(np.argmin(self.both))

    @classmethod
    def mean(cls, scores: Sequence[WordScore]) -> WordScore:
        """Mean over seeds of the network."""
        names = ("takes", "speakers", "takes_wrong", "speakers_wrong")
        parts = {name: np.mean([getattr(one, name) for one in scores], axis=0) for name in names}
        speakers = list(scores[0].blind)
        blind = {who: np.asarray(np.mean([one.blind[who] for one in scores], axis=0)) for who in speakers}
        return cls(**parts, blind=blind)


def score_words(estimator: Any, data: Recordings) -> WordScore:
    """Score one estimator, all ridges at once, with its features made once."""
    features = SharedFeatures(estimator, data.X)
    held_takes = [data.take % _TAKE_PARTS == k for k in range(_TAKE_PARTS)]
    takes = [_shortfall(features, data, held) for held in held_takes]
    names = [str(one) for one in np.unique(data.speaker)]
    short: dict[tuple[str, str], Floats] = {}  # (left out, answered): [ridge]
    wrong = []
    for pair in itertools.combinations(names, 2):
        held = np.isin(data.speaker, pair)
        loss, errors = _shortfall(features, data, held)
        who = data.speaker[held]
        short[pair] = loss[:, who == pair[1]].mean(axis=1)
        short[pair[::-1]] = loss[:, who == pair[0]].mean(axis=1)
        wrong.append(errors.mean(axis=1))
    return WordScore(
        takes=np.concatenate([loss for loss, _ in takes], axis=1).mean(axis=1),
        speakers=np.asarray(np.mean(list(short.values()), axis=0)),
        takes_wrong=np.concatenate([errors for _, errors in takes], axis=1).mean(axis=1),
        speakers_wrong=np.asarray(np.mean(wrong, axis=0)),
        blind={
            name: np.asarray(np.mean([loss for pair, loss in short.items() if pair[0] == name], axis=0))
            for name in names
        },
    )


def _shortfall(
    features: SharedFeatures, data: Recordings, held: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Shortfall of the margin, and whether the answer is wrong: arrays [ridge, recording held out]."""
    test = np.flatnonzero(held)
    classes, scores = features.scores(np.flatnonzero(~held), test, data.y, RIDGES)
    at = np.arange(test.size), np.searchsorted(classes, data.y[test])
    own = scores[:, at[0], at[1]].copy()
    scores[:, at[0], at[1]] = -np.inf
    margin = own - scores.max(axis=2)
    return np.maximum(0.0, 1.0 - margin), margin <= 0.0
