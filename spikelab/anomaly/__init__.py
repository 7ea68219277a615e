"""Anomalies in series: detectors, floors, and the scores made of what their predictions miss."""

from .detector import AnomalyDetector
from .drift import ReadoutDrift
from .floors import (
    LinearAutoregression,
    MatrixProfile,
    MovingZScore,
    RandomScore,
    TimeIndex,
    WindowedGaussian,
)
from .refractory import refractory_score
from .scoring import ScoreState, Scoring

__all__ = [
    "AnomalyDetector",
    "LinearAutoregression",
    "MatrixProfile",
    "MovingZScore",
    "RandomScore",
    "ReadoutDrift",
    "ScoreState",
    "Scoring",
    "TimeIndex",
    "WindowedGaussian",
    "refractory_score",
]
