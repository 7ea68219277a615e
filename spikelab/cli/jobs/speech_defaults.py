"""Hyper-parameters of ``spikelab run speech``: constructor arguments, the reservoir's nested.

Those of the ESN and of the LSM are the settings with the least shortfall of the margin that
``python -m spikelab.bench.tune_speech esn --trials 80 --again 8`` and ``... lsm --trials 48`` print:
cross-validation within the training utterances. The ensemble has the settings of its members.
"""

from __future__ import annotations

from typing import Any

__all__ = ["ESN", "ESN_ENSEMBLE", "LSM"]

ESN: dict[str, Any] = {
    "reservoir": {
        "n": 500,
        "spectral_radius": 0.5,
        "leak_rate": 1.0,
        "input_scale": 0.8,
        "bias_scale": 1.0,
    },
    "pooling": "segments",
    "n_segments": 2,
    "include_input": True,
    "deltas": True,
    "ridge": "gcv",
}

ESN_ENSEMBLE: dict[str, Any] = {**ESN, "ensemble": 5}

LSM: dict[str, Any] = {
    "reservoir": {
        "n": 600,
        "reach": 2.0,
        "weight_exc_pa": 10.0,
        "weight_inh_pa": 10.0,
        "input_pa": 200.0,
        "bias_pa": 100.0,
        "tau_mem_ms": 15.0,
        "frame_ms": 10.0,
    },
    "pooling": "segments",
    "n_segments": 2,
    "deltas": True,
    "ridge": "gcv",
}
