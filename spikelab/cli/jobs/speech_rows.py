"""The rows of the speech job: what is fitted, and what it is held against."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import clone

import spikelab as sl
from spikelab.cli.jobs import speech_defaults as defaults
from spikelab.cli.jobs.trials import RowSpec, Trial

__all__ = ["estimators", "row_specs"]

_WARM_UP_FRAMES = 7  # the shortest utterance


def estimators() -> dict[str, Any]:
    """Unfitted estimators by row key, with the defaults of the job."""
    return {
        "esn": _make(sl.ESNClassifier, sl.Reservoir, defaults.ESN),
        "esn_ensemble": _make(sl.ESNClassifier, sl.Reservoir, defaults.ESN_ENSEMBLE),
        "lsm": _make(sl.LSMClassifier, sl.LiquidReservoir, defaults.LSM),
        "pooled_input": sl.PooledInputClassifier(**defaults.POOLED_INPUT),
    }


def row_specs(models: Mapping[str, Any], data: Any) -> list[RowSpec]:
    """Rows in the order of running: what is cheap first, so that an early interrupt leaves floors."""
    members = models["esn_ensemble"].ensemble
    memoryless = clone(models["esn"]).set_params(reservoir__spectral_radius=0.0, reservoir__leak_rate=1.0)
    units = models["esn"].reservoir.n
    changes = ", with its change from the one before," if models["esn"].deltas else ""
    return [
        RowSpec(
            "pooled_input",
            "Pooled input, linear readout",
            "floor",
            _fit(models["pooled_input"], data),
            note="Averages and a readout of the same kind, straight from the input.",
            parameters=_parameters(models["pooled_input"]),
            cost=0.1,
            seeded=False,
        ),
        RowSpec("chance", "Chance", "floor", _chance(data), note="Names a speaker at random.", cost=0.01),
        _model("esn", "ESN", models["esn"], data, f"{units} units with smooth values.", 1.0),
        RowSpec(
            "memoryless",
            "ESN without memory",
            "control",
            _fit(memoryless, data),
            prepare=_warm_up(memoryless, data),
            parameters=_parameters(memoryless),
            note=f"The same units without recurrence and leak: each frame{changes} on its own.",
            twin="esn",
        ),
        _model(
            "esn_ensemble",
            f"ESN ensemble of {members}",
            models["esn_ensemble"],
            data,
            f"{members} reservoirs like the one above; their sums are averaged.",
            float(members),
        ),
        _model(
            "lsm",
            "LSM (spiking)",
            models["lsm"],
            data,
            f"{models['lsm'].reservoir.n} spiking neurons; the readout sees their firing rates.",
            20.0,
        ),
    ]


def _make(kind: Any, recipe: Any, values: Mapping[str, Any]) -> Any:
    rest = dict(values)
    return kind(recipe(**rest.pop("reservoir")), **rest)


def _model(key: str, name: str, estimator: Any, data: Any, note: str, cost: float) -> RowSpec:
    if estimator.include_input:
        note += " The readout sees the averaged input too."
    return RowSpec(
        key,
        name,
        "model",
        _fit(estimator, data),
        parameters=_parameters(estimator),
        note=note,
        cost=cost,
        prepare=_warm_up(estimator, data),
    )


def _parameters(estimator: Any) -> dict[str, Any]:
    hidden = {"random_state", "reservoir"}
    values = {key.replace("__", "."): value for key, value in estimator.get_params(deep=True).items()}
    return {key: value for key, value in sorted(values.items()) if key not in hidden}


def _fit(estimator: Any, data: Any) -> Callable[[int], Trial]:
    def trial(seed: int) -> Trial:
        model = clone(estimator)
        if "random_state" in model.get_params():
            model.set_params(random_state=seed)
        began = time.perf_counter()
        model.fit(data.X_train, data.y_train)
        fitted = time.perf_counter()
        predicted = np.asarray(model.predict(data.X_test))
        ended = time.perf_counter()
        spikes = float(getattr(model, "spike_synops_per_sample_", 0.0))  # a rate model sends none
        products = float(model.synops_per_sample_) - spikes
        return Trial(predicted, fitted - began, ended - fitted, spikes, products, model)

    return trial


def _warm_up(estimator: Any, data: Any) -> Callable[[], object]:
    """Fit and predict a few utterances, so that what compiles does so before the clock runs."""
    few = slice(None, None, max(1, len(data.X_train) // 18))
    series = [one[: max(_WARM_UP_FRAMES, estimator.n_segments)] for one in data.X_train[few]]

    def warm_up() -> None:
        model = clone(estimator).set_params(random_state=0, ensemble=1)
        model.fit(series, data.y_train[few]).predict(series[:1])

    return warm_up


def _chance(data: Any) -> Callable[[int], Trial]:
    def trial(seed: int) -> Trial:
        classes = np.unique(data.y_train)
        guess = np.random.default_rng(seed).choice(classes, size=len(data.y_test))
        return Trial(guess, 0.0, 0.0)

    return trial
