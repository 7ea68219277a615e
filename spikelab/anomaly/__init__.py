"""Anomalies in series: detectors that predict the next point, and the scores made of what they miss."""

from .detector import AnomalyDetector
from .drift import ReadoutDrift
from .scoring import ScoreState, Scoring

__all__ = [
    "AnomalyDetector",
    "ReadoutDrift",
    "ScoreState",
    "Scoring",
]
