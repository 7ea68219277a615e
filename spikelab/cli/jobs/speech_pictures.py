"""What one utterance does inside the fitted models, as plain arrays for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

import spikelab as sl
from spikelab.cli.jobs.speech_task import SpeechTask
from spikelab.estimators.base import InputScaler
from spikelab.fused import fuse_network

__all__ = ["illustrate"]

_UNITS = 12
_PATHS = {"esn": "ESN", "lsm": "LSM"}
_SCORES = {"gcv": "GCV score", "holdout": "error on the validation part"}


def illustrate(
    models: Mapping[str, Any], fitted: Mapping[str, Any], task: SpeechTask, seed: int
) -> dict[str, Any]:
    """Follow the first test utterance of middle length through the models of the first seed.

    Parameters
    ----------
    models : mapping of str to estimator
        Unfitted, by row key.
    fitted : mapping of str to estimator or None
        What is fitted already, to the first fold with `seed`.
    task : SpeechTask
    seed : int

    Returns
    -------
    dict
        ``utterance``, ``states``, ``raster``, ``answer``, ``ridge_paths`` and, where the liquid has an
        encoder, ``encoder``, ready for JSON.
    """
    fold = task.protocols[0].folds[0]
    ready = {key: fitted.get(key) or _fit(models[key], task, fold.train, seed) for key in _PATHS}
    lengths = np.array([len(task.X[i]) for i in fold.test])
    place = int(np.argmin(np.abs(lengths - np.median(lengths))))
    index = int(fold.test[place])
    series, right = task.X[index], str(task.y[index])
    scaled = {key: _scaled(model, task, fold.train, series) for key, model in ready.items()}
    return {
        "utterance": {"index": place, "label": right, "frames": len(series), **_sound(task, index, series)},
        "states": _states(ready["esn"], scaled["esn"]),
        **_spikes(ready["lsm"], scaled["lsm"]),
        "answer": _answer(ready["esn"], series, right),
        "ridge_paths": {
            key: path for key in _PATHS if (path := _ridge_path(key, ready[key].readout_)) is not None
        },
    }


def _fit(estimator: Any, task: SpeechTask, train: NDArray[np.int64], seed: int) -> Any:
    model = clone(estimator).set_params(random_state=seed)
    return model.fit([task.X[i] for i in train], task.y[train])


def _sound(task: SpeechTask, index: int, series: NDArray[Any]) -> dict[str, Any]:
    """The cochleagram of a recording, or the features where there is no sound."""
    if task.recordings is None or task.front_end is None:
        return {"values": np.round(series, 4)}
    recording = task.recordings[index]
    return {
        "name": recording.name,
        "speaker": recording.speaker,
        "hop_ms": task.front_end.hop_ms,
        "levels": np.round(task.front_end.levels(recording.samples, recording.rate_hz), 3),
        "centres_hz": np.round(task.front_end.centres_hz, 1),
    }


def _states(model: Any, x: NDArray[Any]) -> dict[str, Any]:
    fused = fuse_network(model.networks_[0], model.dtype)
    states = fused.run(x[:, None, :], fused.zeros(1))[:, 0]
    units = np.linspace(0, fused.n - 1, min(_UNITS, fused.n)).astype(int)
    return {
        "name": "ESN",
        "n": fused.n,
        "units": units,
        "values": np.round(states[:, units], 4).astype(float),
    }


def _spikes(model: Any, x: NDArray[Any]) -> dict[str, Any]:
    """Spikes of the liquid, with the excitatory neurons first, and those of its encoder."""
    recipe, net = model.reservoir, model.networks_[0]
    result = sl.Simulator(net, dt_ms=recipe.dt_ms, dtype=model.dtype).run(inputs={"in": x[:, None, :]})
    spikes = result["reservoir"].spikes
    inhibitory = recipe.is_inhibitory(net.seed)
    place = np.empty(recipe.n, dtype=np.int64)
    place[np.argsort(inhibitory, kind="stable")] = np.arange(recipe.n)
    span = [0.0, len(x) * recipe.frame_ms]
    found: dict[str, Any] = {
        "raster": {
            "name": "LSM",
            "n": recipe.n,
            "time_ms": np.round(spikes.time_ms, 3),
            "neuron": place[spikes.neuron],
            "span_ms": span,
            "first_inhibitory": recipe.n - int(inhibitory.sum()),
        }
    }
    if "encoder" in net.populations:
        coded = result["encoder"].spikes
        found["encoder"] = {
            "n": net.populations["encoder"].n,
            "time_ms": np.round(coded.time_ms, 3),
            "neuron": coded.neuron,
            "span_ms": span,
        }
    return found


def _scaled(model: Any, task: SpeechTask, train: NDArray[np.int64], series: NDArray[Any]) -> NDArray[Any]:
    """The utterance as the model's network sees it."""
    scaler = InputScaler.fit([task.X[i] for i in train], model.standardize, model.deltas)
    return scaler.transform([np.asarray(series, dtype=model.dtype)])[0]


def _answer(model: Any, series: NDArray[Any], right: str) -> dict[str, Any]:
    sums = np.atleast_1d(model.decision_function([series])[0])
    if sums.size == 1:  # two classes have one score: how much the second is ahead
        sums = np.array([-sums[0], sums[0]])
    names = [str(label) for label in model.classes_]
    return {
        "name": "ESN",
        "classes": names,
        "sums": np.round(sums, 4),
        "answer": names[int(np.argmax(sums))],
        "right": right,
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
