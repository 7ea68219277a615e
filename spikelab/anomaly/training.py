"""Pairs of features and targets along a normal series, given in one piece or in several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..storable import storable
from .points import Floats, fill_last
from .predictor import PointState, ReservoirPredictor

__all__ = ["TrainingState", "training_rows"]

# Rows of features that are held at a time.
_CHUNK = 4096


@storable
@dataclass(eq=False)
class TrainingState:
    """Where training stands.

    Attributes
    ----------
    point : PointState
        Of the reservoir.
    behind : array [row, feature]
        Features of the last points, whose targets have not come yet.
    """

    point: PointState
    behind: npt.NDArray[Any]

    @classmethod
    def start(cls, predictor: ReservoirPredictor) -> TrainingState:
        """Return the state before the first point."""
        point = predictor.start()
        return cls(point, np.empty((0, point.z.size), point.z.dtype))


def training_rows(
    predictor: ReservoirPredictor, points: Floats, state: TrainingState
) -> Iterator[tuple[npt.NDArray[Any], Floats]]:
    """Yield features [row, feature] and scaled targets [row, target] of the next points.

    Gaps are filled with the last value and are no targets; nor are the points of the washout.

    Parameters
    ----------
    predictor : ReservoirPredictor
    points : array [time, channel]
    state : TrainingState
        Replaced by the state behind the last point.
    """
    for first in range(0, len(points), _CHUNK):
        scaled = (points[first : first + _CHUNK] - predictor.mean) / predictor.scale
        rows = predictor.features(fill_last(scaled, state.point.held), state.point.z)
        features = np.concatenate([state.behind, rows])
        state.behind = features[-predictor.horizon :]
        now = int(state.point.clock[0]) + np.arange(len(scaled))
        state.point.clock[0] += len(scaled)
        # A point's prediction was made `horizon` rows before it; the first points of a series have none.
        past = len(features) - len(scaled) - predictor.horizon + np.arange(len(scaled))
        targets = scaled[:, predictor.targets]
        usable = (past >= 0) & (now >= predictor.washout) & ~np.isnan(targets).any(axis=1)
        yield features[past[usable]], targets[usable]
