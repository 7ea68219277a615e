"""The estimators of the speech job, unfitted, with the settings that were chosen for each data set."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import spikelab as sl
from spikelab.cli.jobs import speech_defaults, speech_words_defaults
from spikelab.cli.jobs.speech_recordings import Ear

__all__ = ["QUICK", "vowels_models", "words_models"]

#: Smaller networks for a look.
QUICK: dict[str, Any] = {
    "esn.reservoir.n": 100,
    "esn_ensemble.reservoir.n": 100,
    "esn_ensemble.ensemble": 3,
    "lsm.reservoir.n": 150,
}


def vowels_models() -> dict[str, Any]:
    """By row key."""
    return _models(speech_defaults)


def words_models() -> dict[str, Any]:
    """By row key, and the front end as "front_end"."""
    defaults = speech_words_defaults
    encoded = dict(defaults.ENCODED_INPUT)
    return {
        "front_end": Ear(sl.AuditoryFrontEnd(**defaults.FRONT_END)),
        **_models(defaults),
        "encoded_input": sl.EncodedInputClassifier(sl.LIFEncoder(**encoded.pop("encoder")), **encoded),
    }


def _models(defaults: ModuleType) -> dict[str, Any]:
    return {
        "esn": _make(sl.ESNClassifier, sl.Reservoir, defaults.ESN),
        "esn_ensemble": _make(sl.ESNClassifier, sl.Reservoir, defaults.ESN_ENSEMBLE),
        "lsm": _make(sl.LSMClassifier, sl.LiquidReservoir, defaults.LSM),
        "pooled_input": sl.PooledInputClassifier(**defaults.POOLED_INPUT),
    }


def _make(kind: Any, recipe: Any, values: Mapping[str, Any]) -> Any:
    rest = dict(values)
    if "encoder" in rest:
        rest["encoder"] = sl.LIFEncoder(**rest["encoder"])
    return kind(recipe(**rest.pop("reservoir")), **rest)
