"""Pairs of features and targets along a normal series, given in one piece or in several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..readout import Gram
from ..storable import storable
from .points import FARTHEST, Floats, fill_last

__all__ = ["Predictor", "TrainingState", "gram_of", "training_rows"]

# Rows of features that are held at a time.
_CHUNK = 4096


class Predictor(Protocol):
    """What a detector needs: `ReservoirPredictor` or `LiquidPredictor`, and the states they make."""

    @property
    def mean(self) -> Floats: ...
    @property
    def scale(self) -> Floats: ...
    @property
    def targets(self) -> npt.NDArray[np.int64]: ...
    @property
    def horizon(self) -> int: ...
    @property
    def washout(self) -> int: ...
    @property
    def n_features(self) -> int: ...
    def start(self) -> Any: ...
    def synops(self, state: Any) -> float: ...
    def features(self, u: Floats, state: Any) -> npt.NDArray[Any]: ...
    def residuals(self, points: Floats, coef: Floats, intercept: Floats, state: Any, out: Floats) -> None: ...


@storable
@dataclass(eq=False)
class TrainingState:
    """Where training stands.

    Attributes
    ----------
    point : PointState or LiquidState
        Of the reservoir.
    behind : array [row, feature]
        Features of the last points, whose targets have not come yet.
    """

    point: Any
    behind: npt.NDArray[Any]

    @classmethod
    def start(cls, predictor: Predictor) -> TrainingState:
        """Return the state before the first point."""
        return cls(predictor.start(), np.empty((0, predictor.n_features)))


def training_rows(
    predictor: Predictor, points: Floats, state: TrainingState
) -> Iterator[tuple[npt.NDArray[Any], Floats]]:
    """Yield features [row, feature] and scaled targets [row, target] of the next points.

    Gaps are filled with the last value and are no targets; nor are the points of the washout.

    Parameters
    ----------
    predictor : ReservoirPredictor or LiquidPredictor
    points : array [time, channel]
    state : TrainingState
        Replaced by the state behind the last point.
    """
    for first in range(0, len(points), _CHUNK):
        with np.errstate(over="ignore"):
            scaled = (points[first : first + _CHUNK] - predictor.mean) / predictor.scale
        scaled = np.clip(scaled, -FARTHEST, FARTHEST)
        rows = predictor.features(fill_last(scaled, state.point.held), state.point)
        features = np.concatenate([state.behind.astype(rows.dtype), rows])
        state.behind = features[-predictor.horizon :]
        now = int(state.point.clock[0]) + np.arange(len(scaled))
        state.point.clock[0] += len(scaled)
        # A point's prediction was made `horizon` rows before it; the first points of a series have none.
        past = len(features) - len(scaled) - predictor.horizon + np.arange(len(scaled))
        targets = scaled[:, predictor.targets]
        usable = (past >= 0) & (now >= predictor.washout) & ~np.isnan(targets).any(axis=1)
        yield features[past[usable]], targets[usable]


def gram_of(predictor: Predictor, points: Floats, state: TrainingState) -> Gram:
    """Return the products of the `training_rows` of the next points."""
    gram = Gram()
    for features, targets in training_rows(predictor, points, state):
        gram.add(features, targets)
    return gram
