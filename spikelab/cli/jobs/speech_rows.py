"""The rows of the speech job: what is fitted, and what it is held against."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

import spikelab as sl
from spikelab.cli.jobs import speech_defaults as defaults
from spikelab.cli.jobs.trials import RowSpec, Trial
from spikelab.readout.ridge import Ridge

__all__ = ["estimators", "row_specs"]


def estimators() -> dict[str, Any]:
    """Unfitted estimators by row key, with the defaults of the job."""
    return {
        "esn": _make(sl.ESNClassifier, sl.Reservoir, defaults.ESN),
        "esn_ensemble": _make(sl.ESNClassifier, sl.Reservoir, defaults.ESN_ENSEMBLE),
        "lsm": _make(sl.LSMClassifier, sl.LiquidReservoir, defaults.LSM),
    }


def row_specs(models: Mapping[str, Any], data: Any) -> list[RowSpec]:
    """Rows in the order of running: what is cheap first, so that an early interrupt leaves floors."""
    members = models["esn_ensemble"].ensemble
    memoryless = clone(models["esn"]).set_params(reservoir__spectral_radius=0.0, reservoir__leak_rate=1.0)
    return [
        RowSpec("chance", "Chance", "floor", _chance(data), note="Names a speaker at random.", cost=0.01),
        RowSpec(
            "pooled_input",
            "Pooled input, linear readout",
            "floor",
            _pooled_input(models["esn"], data),
            note="The same averages and the same readout, straight from the input.",
            parameters={"pooling": models["esn"].pooling, "n_segments": models["esn"].n_segments},
            cost=0.1,
            seeded=False,
        ),
        _model("esn", "ESN", models["esn"], data, cost=1.0),
        RowSpec(
            "memoryless",
            "ESN without memory",
            "control",
            _fit(memoryless, data),
            parameters=_parameters(memoryless),
            note="The same units without recurrence and leak: each frame on its own.",
            twin="esn",
        ),
        _model(
            "esn_ensemble", f"ESN ensemble of {members}", models["esn_ensemble"], data, cost=float(members)
        ),
        _model("lsm", "LSM (spiking)", models["lsm"], data, cost=5.0),
    ]


def _make(kind: Any, recipe: Any, values: Mapping[str, Any]) -> Any:
    rest = dict(values)
    return kind(recipe(**rest.pop("reservoir")), **rest)


def _model(key: str, name: str, estimator: Any, data: Any, *, cost: float) -> RowSpec:
    return RowSpec(key, name, "model", _fit(estimator, data), parameters=_parameters(estimator), cost=cost)


def _parameters(estimator: Any) -> dict[str, Any]:
    hidden = {"random_state", "reservoir"}
    values = {key.replace("__", "."): value for key, value in estimator.get_params(deep=True).items()}
    return {key: value for key, value in sorted(values.items()) if key not in hidden}


def _fit(estimator: Any, data: Any) -> Callable[[int], Trial]:
    def trial(seed: int) -> Trial:
        model = clone(estimator).set_params(random_state=seed)
        began = time.perf_counter()
        model.fit(data.X_train, data.y_train)
        fitted = time.perf_counter()
        predicted = np.asarray(model.predict(data.X_test))
        ended = time.perf_counter()
        return Trial(predicted, fitted - began, ended - fitted, model=model)

    return trial


def _chance(data: Any) -> Callable[[int], Trial]:
    def trial(seed: int) -> Trial:
        classes = np.unique(data.y_train)
        guess = np.random.default_rng(seed).choice(classes, size=len(data.y_test))
        return Trial(guess, 0.0, 0.0)

    return trial


def _pooled_input(estimator: Any, data: Any) -> Callable[[int], Trial]:
    """The floor: segment means of the input itself, and the models' ridge readout."""
    n_segments = estimator.n_segments

    def trial(seed: int) -> Trial:
        began = time.perf_counter()
        classes = np.unique(data.y_train)
        targets = (np.asarray(data.y_train)[:, None] == classes).astype(np.float64)
        readout = Ridge(alpha="gcv").fit(_segment_means(data.X_train, n_segments), targets)
        fitted = time.perf_counter()
        answers = readout.predict(_segment_means(data.X_test, n_segments))
        predicted = classes[np.argmax(answers, axis=1)]
        ended = time.perf_counter()
        products = float(readout.coef_.size)
        return Trial(predicted, fitted - began, ended - fitted, 0.0, products, model=readout)

    return trial


def _segment_means(series: Sequence[NDArray[Any]], n_segments: int) -> NDArray[np.float64]:
    rows = []
    for values in series:
        edges = np.linspace(0, len(values), n_segments + 1)
        parts = [
            values[int(low) : max(int(np.ceil(high)), int(low) + 1)].mean(axis=0)
            for low, high in pairwise(edges)
        ]
        rows.append(np.concatenate(parts))
    return np.asarray(rows, dtype=np.float64)
