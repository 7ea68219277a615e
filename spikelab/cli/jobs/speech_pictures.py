"""What one utterance does inside the fitted models, as plain arrays for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spikelab as sl
from spikelab.estimators.base import InputScaler
from spikelab.fused import fuse_network

__all__ = ["illustrate"]

_UNITS = 12
_PATHS = {"esn": "ESN", "lsm": "LSM"}
_SCORES = {"gcv": "GCV score", "holdout": "error on the validation part"}


def illustrate(models: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """Follow the first test utterance of middle length through the models of the first seed.

    Parameters
    ----------
    models : mapping of str to estimator
        Fitted models by row key.
    data : SequenceDataset

    Returns
    -------
    dict
        ``utterance``, ``states``, ``raster``, ``answer`` and ``ridge_paths``, ready for JSON.
    """
    lengths = np.array([len(series) for series in data.X_test])
    index = int(np.argmin(np.abs(lengths - np.median(lengths))))
    series, speaker = data.X_test[index], str(data.y_test[index])
    return {
        "utterance": {
            "index": index,
            "speaker": speaker,
            "frames": len(series),
            "values": np.round(series, 4),
        },
        "states": _states(models["esn"], data, series),
        "raster": _raster(models["lsm"], data, series),
        "answer": _answer(models["esn"], series, speaker),
        "ridge_paths": {
            key: path for key in _PATHS if (path := _ridge_path(key, models[key].readout_)) is not None
        },
    }


def _states(model: Any, data: Any, series: NDArray[Any]) -> dict[str, Any]:
    x = _scaled(model, data, series)
    fused = fuse_network(model.networks_[0], model.dtype)
    states = fused.run(x[:, None, :], fused.zeros(1))[:, 0]
    units = np.linspace(0, fused.n - 1, min(_UNITS, fused.n)).astype(int)
    return {
        "name": "ESN",
        "n": fused.n,
        "units": units,
        "values": np.round(states[:, units], 4).astype(float),
    }


def _raster(model: Any, data: Any, series: NDArray[Any]) -> dict[str, Any]:
    """Spikes of the liquid, with the excitatory neurons first."""
    recipe, net = model.reservoir, model.networks_[0]
    x = _scaled(model, data, series)
    sim = sl.Simulator(net, dt_ms=recipe.dt_ms, dtype=model.dtype)
    spikes = sim.run(inputs={"in": x[:, None, :]})["reservoir"].spikes
    inhibitory = recipe.is_inhibitory(net.seed)
    place = np.empty(recipe.n, dtype=np.int64)
    place[np.argsort(inhibitory, kind="stable")] = np.arange(recipe.n)
    return {
        "name": "LSM",
        "n": recipe.n,
        "time_ms": np.round(spikes.time_ms, 3),
        "neuron": place[spikes.neuron],
        "span_ms": [0.0, len(x) * recipe.frame_ms],
        "first_inhibitory": recipe.n - int(inhibitory.sum()),
    }


def _scaled(model: Any, data: Any, series: NDArray[Any]) -> NDArray[Any]:
    """The utterance as the model's input sees it."""
    scaler = InputScaler.fit(list(data.X_train), model.standardize, model.deltas)
    return scaler.transform([np.asarray(series, dtype=model.dtype)])[0]


def _answer(model: Any, series: NDArray[Any], speaker: str) -> dict[str, Any]:
    sums = model.decision_function([series])[0]
    names = [str(label) for label in model.classes_]
    return {
        "name": "ESN",
        "classes": names,
        "sums": np.round(sums, 4),
        "answer": names[int(np.argmax(sums))],
        "right": speaker,
    }


def _ridge_path(key: str, readout: Any) -> dict[str, Any] | None:
    path = readout.ridge_path_
    if path is None:  # the ridge was given
        return None
    return {
        "name": _PATHS[key],
        "label": _SCORES[path.method],
        "alpha": path.alpha,
        "score": path.score,
        "chosen": readout.alpha_,
    }
