"""Hyper-parameters of ``spikelab run stdp-mnist``, by the number of neurons.

They were chosen by trials on the training images alone: of what networks that learn from the first 50,000
say of the last 10,000. ``python -m spikelab.bench.tune_stdp 100`` (400, 1600, logistic) searches in this way.
"""

from __future__ import annotations

from typing import Any

__all__ = ["LABEL_SAMPLES", "LOGISTIC", "NEURONS", "STDP", "settings_of"]

#: Sizes of the network.
NEURONS = (100, 400, 1600)

STDP: dict[int, dict[str, Any]] = {
    100: {"nu_post": 0.006, "theta_plus_mv": 0.05, "max_rate_hz": 64.0, "duration_ms": 350.0},
    400: {"nu_post": 0.01, "theta_plus_mv": 0.1, "max_rate_hz": 64.0, "duration_ms": 350.0},
    1600: {"nu_post": 0.02, "theta_plus_mv": 0.2, "max_rate_hz": 64.0, "duration_ms": 350.0},
}

#: Training images whose counts give neurons their classes (and fit the ridge readout).
LABEL_SAMPLES = 20_000

LOGISTIC: dict[str, Any] = {"C": 0.1}


def settings_of(n: int) -> dict[str, Any]:
    """Those of the nearest size, by ratio."""
    return STDP[min(STDP, key=lambda size: max(size / n, n / size))]
