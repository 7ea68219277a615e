"""Anomalies in series: detectors that predict the next point, and the scores made of what they miss."""

from .scoring import ScoreState, Scoring

__all__ = ["ScoreState", "Scoring"]
