"""Hyper-parameters of ``spikelab run speech``: constructor arguments, the reservoir's nested."""

from __future__ import annotations

from typing import Any

__all__ = ["ESN", "ESN_ENSEMBLE", "LSM"]

ESN: dict[str, Any] = {
    "reservoir": {"n": 300, "spectral_radius": 0.9, "leak_rate": 0.3, "input_scale": 0.5},
    "pooling": "segments",
    "n_segments": 4,
    "ridge": "gcv",
}

ESN_ENSEMBLE: dict[str, Any] = {**ESN, "ensemble": 5}

LSM: dict[str, Any] = {
    "reservoir": {"n": 400},
    "pooling": "segments",
    "n_segments": 4,
    "ridge": "gcv",
}
