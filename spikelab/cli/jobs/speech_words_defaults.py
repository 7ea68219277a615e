"""Settings of ``spikelab run speech`` on recordings: constructor arguments, records nested.

They are the ones that ``python -m spikelab.bench.tune_words KIND`` prints first for
``esn``, ``lsm``, ``pooled_input`` and ``encoded_input``: chosen on training takes of FSDD, with takes and
with speakers held out; one set for all speakers and both protocols. The ensemble has those of its members.
"""

from __future__ import annotations

from typing import Any

from spikelab.bench.words_front_end import WORDS_FRONT_END

__all__ = ["ENCODED_INPUT", "ESN", "ESN_ENSEMBLE", "FRONT_END", "LSM", "POOLED_INPUT"]

FRONT_END = WORDS_FRONT_END

ESN: dict[str, Any] = {
    "reservoir": {
        "n": 1000,
        "spectral_radius": 0.8,
        "leak_rate": 0.3,
        "input_scale": 1.5,
        "bias_scale": 1.0,
        "input_in_degree": 25,
    },
    "n_segments": 3,
    "include_input": False,
    "standardize": False,
    "ridge": 3.16,
}

ESN_ENSEMBLE: dict[str, Any] = {**ESN, "ensemble": 3}

LSM: dict[str, Any] = {
    "reservoir": {
        "n": 1000,
        "reach": 1.0,
        "weight_exc_pa": 30.0,
        "weight_inh_pa": 30.0,
        "input_pa": 200.0,
        "input_in_degree": 20,
        "bias_pa": 125.0,
        "tau_mem_ms": 8.0,
        "frame_ms": 15.0,
    },
    "encoder": {"gain_pa": 800.0, "bias_pa": 0.0, "tau_mem_ms": 20.0},
    "n_segments": 2,
    "standardize": False,
    "ridge": 1e4,
}

POOLED_INPUT: dict[str, Any] = {"n_segments": 5, "standardize": False, "ridge": 1.0}

ENCODED_INPUT: dict[str, Any] = {
    "encoder": {"gain_pa": 1600.0, "bias_pa": 60.0, "tau_mem_ms": 20.0, "opposed": True},
    "frame_ms": 15.0,
    "n_segments": 5,
    "standardize": False,
    "ridge": 1e5,
}
