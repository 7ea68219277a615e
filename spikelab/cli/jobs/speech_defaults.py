"""Hyper-parameters of ``spikelab run speech``: constructor arguments, the reservoir's nested.

They are the settings with the least shortfall of the margin that ``python -m spikelab.bench.tune_speech``
prints for ``esn --trials 200 --again 10``, ``lsm --trials 64 --again 8`` and ``pooled_input``:
cross-validation within the training utterances. The ensemble has the settings of its members.
"""

from __future__ import annotations

from typing import Any

__all__ = ["ESN", "ESN_ENSEMBLE", "LSM", "POOLED_INPUT"]

ESN: dict[str, Any] = {
    "reservoir": {
        "n": 300,
        "spectral_radius": 0.5,
        "leak_rate": 0.8,
        "input_scale": 0.1,
        "bias_scale": 1.0,
    },
    "pooling": "segments",
    "n_segments": 2,
    "include_input": True,
    "ridge": "gcv",
}

ESN_ENSEMBLE: dict[str, Any] = {**ESN, "ensemble": 5}

LSM: dict[str, Any] = {
    "reservoir": {
        "n": 400,
        "reach": 2.0,
        "weight_exc_pa": 10.0,
        "weight_inh_pa": 30.0,
        "input_pa": 200.0,
        "bias_pa": 125.0,
        "tau_mem_ms": 30.0,
        "frame_ms": 10.0,
    },
    "pooling": "segments",
    "n_segments": 2,
    "deltas": True,
    "ridge": "gcv",
}

POOLED_INPUT: dict[str, Any] = {"pooling": "segments", "n_segments": 2, "deltas": True, "ridge": "gcv"}
