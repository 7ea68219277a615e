"""The rows of the forecast job: what is fitted to each task, and what it is held against."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from spikelab.bench.forecast_tasks import LastValue, MeanTarget, Task
from spikelab.bench.tune_forecast import make
from spikelab.cli.jobs.forecast_defaults import DEFAULTS
from spikelab.cli.jobs.trials import Judge, RowSpec, Trial
from spikelab.readout import RidgeWarning
from spikelab.report.document import summarise

__all__ = ["estimators", "judge", "row_key", "row_specs"]

_KINDS = {"linear": "floor", "memoryless": "control", "esn": "model"}
_NOTES = {
    "linear": "A weighted sum of the last {taps} values of the input (tapped delays): no reservoir.",
    "memoryless": "{n} units without recurrence and leak, tuned on their own: each input by itself.",
    "esn": "{n} units; the readout sees them and the input.",
}
_NAMES = {
    "linear": "Linear",
    "memoryless": "ESN without memory",
    "esn": "ESN",
}
# About the share of time that a trial takes.
_COSTS = {"linear": 0.2, "memoryless": 1.0, "esn": 1.0}


def row_key(task: str, kind: str) -> str:
    """``mackey_glass_esn``: what a row is called in settings and in ``result.json``."""
    return f"{task.replace('-', '_')}_{kind}"


def estimators(tasks: Iterable[str]) -> dict[str, Any]:
    """Unfitted estimators by row key, with the defaults of the job."""
    made = {}
    for task in tasks:
        for kind in _KINDS:
            key = row_key(task, kind)
            values = dict(DEFAULTS[key])
            nested = {f"reservoir__{name}": value for name, value in values.pop("reservoir", {}).items()}
            made[key] = make(task, kind).set_params(**values, **nested)
    return made


def row_specs(models: Mapping[str, Any], tasks: Mapping[str, Task]) -> list[RowSpec]:
    """Rows in the order of running: of each task what is cheap first."""
    specs = []
    for name, task in tasks.items():
        trivial, text = (
            (MeanTarget(), "The mean of the training targets, whatever comes in.")
            if name == "narma10"
            else (LastValue(), "The last known value, for ever.")
        )
        key, title = row_key(name, "trivial"), "Mean" if name == "narma10" else "Last value"
        specs.append(RowSpec(key, title, "floor", _trial(task, trivial), note=text, cost=0.05))
        for kind, role in _KINDS.items():
            key = row_key(name, kind)
            specs.append(
                RowSpec(
                    key,
                    _NAMES[kind],
                    role,
                    _trial(task, models[key]),
                    parameters=_parameters(models[key]),
                    note=_NOTES[kind].format(
                        taps=getattr(models[key], "taps", 0),
                        n=getattr(models[key], "reservoir", None) and models[key].reservoir.n,
                    ),
                    twin=row_key(name, "esn") if kind == "memoryless" else "",
                    cost=_COSTS[kind],
                    prepare=_warm_up(models[key]) if kind != "linear" else None,
                )
            )
    return specs


def judge(tasks: Mapping[str, Task]) -> Judge:
    """Judge trials whose outcome is an `Answer`.

    Parameters
    ----------
    tasks : mapping of str to Task
        By name.

    Returns
    -------
    callable
        Gives ``score`` (the figure of the task), the name of the task, how its readouts were solved,
        ``error_by_step`` (geometric mean over
        the trials, None where the task has none) and the stretch that the page shows, of the first trial.
    """

    def judge_row(spec: RowSpec, trials: Sequence[Trial]) -> dict[str, Any]:
        task = next(name for name in tasks if spec.key.startswith(row_key(name, "")))
        answers = [trial.outcome for trial in trials]
        growth = None
        if answers[0].error_by_step is not None:
            with np.errstate(divide="ignore"):
                growth = np.exp(np.mean(np.log([answer.error_by_step for answer in answers]), axis=0))
        return {
            "task": task,
            "metrics": {"score": summarise(answer.score for answer in answers)},
            "solvers": sorted({_solver(trial.model) for trial in trials} - {""}),
            "error_by_step": None if growth is None else _short(growth),
            "shown": {"true": _short(answers[0].true), "forecast": _short(answers[0].forecast)},
        }

    return judge_row


def _solver(model: Any) -> str:
    """How a readout was solved, see `Ridge.solver_`."""
    readout = getattr(model, "readout_", None) or getattr(model, "readouts_", [None])[0]
    return "" if readout is None else str(readout.solver_)


def _short(values: Any) -> list[float]:
    """Six digits, which are more than a picture shows."""
    return [float(f"{value:.6g}") for value in values]


def _parameters(estimator: Any) -> dict[str, Any]:
    hidden = {"random_state", "reservoir"}
    values = {key.replace("__", "."): value for key, value in estimator.get_params(deep=True).items()}
    return {key: value for key, value in sorted(values.items()) if key not in hidden}


def _trial(task: Task, estimator: Any) -> Callable[[int], Trial]:
    def trial(seed: int) -> Trial:
        model = clone(estimator, safe=False)
        if hasattr(model, "random_state"):
            model.set_params(random_state=seed)
        task.draw(seed)
        began = time.perf_counter()
        with warnings.catch_warnings():
            # The row tells how its readout was solved, and the test part how good it is.
            warnings.simplefilter("ignore", RidgeWarning)
            task.fit(model, seed)
        fitted = time.perf_counter()
        answer = task.test(model, seed)
        ended = time.perf_counter()
        products = task.products_per_step(model)
        return Trial(answer, fitted - began, ended - fitted, 0.0, products, model)

    return trial


def _warm_up(estimator: Any) -> Callable[[], object]:
    """Let the kernels compile before the clock runs."""

    def warm_up() -> None:
        x = np.sin(0.2 * np.arange(160.0))[:, None]
        model = clone(estimator).set_params(reservoir__n=20, random_state=0, ridge=1e-3)
        if hasattr(model, "forecast"):
            model.fit(x).forecast([x] * 20, 2)
        else:
            model.fit([x], [x]).predict([x])

    return warm_up
