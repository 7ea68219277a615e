"""The rows of the speech job: what is fitted, and what it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone

from spikelab.cli.jobs.speech_task import SpeechTask
from spikelab.cli.jobs.speech_trials import answer_all
from spikelab.cli.jobs.trials import RowSpec, Trial

__all__ = ["row_specs", "twin_of"]

_WARM_UP_FRAMES = 7  # the shortest utterance of Japanese Vowels


def row_specs(models: Mapping[str, Any], task: SpeechTask) -> list[RowSpec]:
    """Rows in the order of running: what is cheap first, so that an early interrupt leaves floors.

    Parameters
    ----------
    models : mapping of str to estimator
        By row key: "esn", "esn_ensemble", "lsm", "pooled_input", and "encoded_input" where the liquid has an
        encoder.
    task : SpeechTask
    """
    words = task.kind == "words"
    front = "The front end" if words else "The input"
    row = partial(_row, task)
    floor = "Front end, linear readout" if words else "Pooled input, linear readout"
    text = "The same averages and readout, straight from the features: no network."
    specs = [row("floor", "pooled_input", floor, models["pooled_input"], text, 0.3)]
    if "encoded_input" in models:
        text = f"{front} as spikes, counted, and a readout of the counts: no liquid."
        name = "Encoder's spikes, linear readout"
        specs.append(row("floor", "encoded_input", name, models["encoded_input"], text, 4.0))
    text = f"Names {'a word' if words else 'a speaker'} at random."
    specs.append(RowSpec("chance", "Chance", "floor", _chance(task), note=text, cost=0.01))
    esn, lsm, members = models["esn"], models["lsm"], models["esn_ensemble"].ensemble
    text = f"{esn.reservoir.n} units with smooth values."
    specs.append(row("model", "esn", "ESN", esn, text, 1.0))
    changes = ", with its change from the ones around," if _hears_changes(esn, task) else ""
    text = f"The same units without recurrence and leak: each frame{changes} on its own."
    specs.append(row("control", "memoryless", "ESN without memory", twin_of(esn), text, 1.0, "esn"))
    text = f"{members} reservoirs like the one above; their sums are averaged."
    name = f"ESN ensemble of {members}"
    specs.append(row("model", "esn_ensemble", name, models["esn_ensemble"], text, float(members)))
    text = f"{lsm.reservoir.n} spiking neurons; the readout sees their firing rates."
    specs.append(row("model", "lsm", "LSM (spiking)", lsm, text, 10.0))
    text = "The same neurons, none connected to another: what memory is left is that of a membrane."
    specs.append(row("control", "lsm_memoryless", "LSM without connections", twin_of(lsm), text, 6.0, "lsm"))
    return specs


def twin_of(estimator: Any) -> Any:
    """The memoryless twin of a reservoir: the same input weights, no recurrence and no leak."""
    if hasattr(estimator.reservoir, "spectral_radius"):
        return clone(estimator).set_params(reservoir__spectral_radius=0.0, reservoir__leak_rate=1.0)
    return clone(estimator).set_params(reservoir__reach=0.0)


def _hears_changes(estimator: Any, task: SpeechTask) -> bool:
    return bool(estimator.deltas or (task.front_end is not None and task.front_end.deltas))


def _row(
    task: SpeechTask, kind: str, key: str, name: str, estimator: Any, note: str, cost: float, twin: str = ""
) -> RowSpec:
    if kind == "model" and estimator.include_input:
        note += " The readout sees the averaged input too."
    return RowSpec(
        key,
        name,
        kind,
        _trial(estimator, task),
        note=note,
        parameters=_parameters(estimator),
        twin=twin,
        cost=cost,
        seeded=kind != "floor",
        prepare=_warm_up(estimator, task),
    )


def _parameters(estimator: Any) -> dict[str, Any]:
    hidden = {"random_state", "reservoir", "encoder"}
    values = {key.replace("__", "."): value for key, value in estimator.get_params(deep=True).items()}
    return {key: value for key, value in sorted(values.items()) if key not in hidden}


def _trial(estimator: Any, task: SpeechTask) -> Callable[[int], Trial]:
    return lambda seed: answer_all(_seeded(clone(estimator), seed), task)


def _seeded(estimator: Any, seed: int) -> Any:
    return estimator.set_params(random_state=seed) if "random_state" in estimator.get_params() else estimator


def _warm_up(estimator: Any, task: SpeechTask) -> Callable[[], object]:
    """Fit and predict a few utterances, so that what compiles does so before the clock runs."""
    train = task.protocols[0].folds[0].train
    _, first = np.unique(task.y[train], return_index=True)
    few = np.union1d(train[first], train[:: max(1, train.size // 18)])
    series = [task.X[i][: max(_WARM_UP_FRAMES, estimator.n_segments)] for i in few]

    def warm_up() -> None:
        model = _seeded(clone(estimator), 0)
        if "ensemble" in model.get_params():
            model.set_params(ensemble=1)
        model.fit(series, task.y[few]).predict(series[:1])

    return warm_up


def _chance(task: SpeechTask) -> Callable[[int], Trial]:
    def trial(seed: int) -> Trial:
        rng = np.random.default_rng(seed)
        names = np.unique(task.y)
        return Trial({one.key: rng.choice(names, size=one.test.size) for one in task.protocols}, 0.0, 0.0)

    return trial
