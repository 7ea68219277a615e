"""What one utterance does inside the fitted models, as plain arrays for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["illustrate"]


def illustrate(models: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """Return an utterance, states, spikes and ridge paths."""
    return {}
