"""Answers of a recogniser, the most probable first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spikelab.speech import SpeechRecognizer

__all__ = ["ranking", "ranking_text"]


def ranking(recognizer: SpeechRecognizer, probabilities: Any) -> dict[Any, float]:
    """Return the probability of each class, the most probable first."""
    order = (-probabilities).argsort(kind="stable")
    return {recognizer.classes_[i].item(): float(probabilities[i]) for i in order}


def ranking_text(ranked: Mapping[Any, float], top: int) -> str:
    """Return the first classes with their probabilities in words: ``7 93.1 %, 1 4.0 %``."""
    return ", ".join(f"{label} {100 * share:.1f} %" for label, share in list(ranked.items())[:top])
