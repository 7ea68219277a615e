"""Hyper-parameters of ``spikelab run forecast``: constructor arguments by row, the reservoir's nested.

They are the settings with the best figure that ``python -m spikelab.bench.tune_forecast TASK KIND`` prints,
for each task and kind with the same number of draws: 100, on series and networks of other seeds than the
job's.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DEFAULTS"]

DEFAULTS: dict[str, dict[str, Any]] = {
    "narma10_esn": {
        "reservoir": {"n": 200, "spectral_radius": 0.9, "input_scale": 0.1, "bias_scale": 0.2},
        "ridge": "gcv",
    },
    "narma10_memoryless": {
        "reservoir": {"n": 200, "input_scale": 0.1, "bias_scale": 0.2},
        "ridge": "gcv",
    },
    "narma10_linear": {"taps": 30, "ridge": 0.01},
    "mackey_glass_esn": {
        "reservoir": {
            "n": 1000,
            "spectral_radius": 1.1,
            "leak_rate": 0.7,
            "input_scale": 0.3,
            "bias_scale": 0.2,
        },
        "ridge": 1e-8,
    },
    "mackey_glass_memoryless": {
        "reservoir": {"n": 1000, "input_scale": 0.3, "bias_scale": 0.2},
        "ridge": "gcv",
    },
    "mackey_glass_linear": {"taps": 200, "ridge": 0.0001},
    "lorenz63_esn": {
        "reservoir": {
            "n": 500,
            "spectral_radius": 0.8,
            "leak_rate": 0.5,
            "input_scale": 0.3,
            "bias_scale": 2.0,
        },
        "ridge": 1e-9,
    },
    "lorenz63_memoryless": {
        "reservoir": {"n": 500, "input_scale": 0.1, "bias_scale": 0.5},
        "ridge": 1e-7,
    },
    "lorenz63_linear": {"taps": 10, "ridge": "gcv"},
}
