"""The rows of the anomaly job: detectors, their control, and the floors they are held against."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

import spikelab as sl
from spikelab.anomaly.floors import (
    LinearAutoregression,
    MatrixProfile,
    MovingZScore,
    RandomScore,
    TimeIndex,
    WindowedGaussian,
)
from spikelab.anomaly.threshold import score_threshold
from spikelab.cli.jobs.anomaly_tasks import AnomalyTask
from spikelab.cli.jobs.trials import RowSpec, Trial

__all__ = ["Watched", "estimators", "row_specs"]

Floats = npt.NDArray[np.float64]

_FALSE_ALARM_RATE = 1e-3  # of points, where the threshold is calibrated
_HELD_OUT = 0.25
_WARM_UP_POINTS = 200


class Watched(NamedTuple):
    """What a detector made of one series.

    ``score`` [time] begins behind the training part; higher is stranger. ``level`` is a threshold from the
    training part alone, NaN where none was asked for.
    """

    score: Floats
    level: float


class _Row(NamedTuple):
    make: Callable[[], Any]
    name: str
    note: str
    cost: float
    kind: str = "floor"
    seeded: bool = False


_ROWS = {
    "moving_zscore": _Row(
        MovingZScore, "Moving z-score", "How far a point lies from the mean of the last ones.", 0.3
    ),
    "windowed_gaussian": _Row(
        WindowedGaussian,
        "Windowed Gaussian",
        "How improbable a value is, given mean and spread of the last ones.",
        0.3,
    ),
    "autoregression": _Row(
        LinearAutoregression,
        "Linear autoregression",
        "The error of a linear forecast from the last points.",
        0.3,
    ),
    "matrix_profile": _Row(
        MatrixProfile, "Matrix profile", "How unlike the last stretch is to every one before.", 2.0
    ),
    "time_index": _Row(TimeIndex, "Time index", "Counts the points and looks at nothing.", 0.3),
    "random": _Row(RandomScore, "Random", "Random numbers.", 0.3, seeded=True),
    "esn": _Row(
        lambda: sl.AnomalyDetector(sl.Reservoir(100)),
        "ESN",
        "The error of a forecast by {n} units with smooth values.",
        1.0,
        "model",
        True,
    ),
    "liquid": _Row(
        lambda: sl.AnomalyDetector(sl.LiquidReservoir(n=100)),
        "Liquid (spiking)",
        "The error of a forecast by {n} spiking neurons, with settings as they come; one seed.",
        30.0,
        "model",
    ),
}
# A liquid takes a third of a millisecond a point: it runs where that is minutes, and once.
_LIQUID_ON = ("demo", "csv", "nab")


def estimators(task: AnomalyTask) -> dict[str, Any]:
    """Unfitted detectors by row key, with the settings of the task."""
    made = {}
    for key, row in _ROWS.items():
        if key == "liquid" and task.name not in _LIQUID_ON:
            continue
        settings = task.rows[key]
        made[key] = row.make().set_params(**settings.params, score=settings.score, targets=task.targets)
    return made


def row_specs(models: Mapping[str, Any], task: AnomalyTask) -> list[RowSpec]:
    """Rows in the order of running: what is cheap first, so that an early interrupt leaves floors."""
    specs = [_spec(key, model, task) for key, model in models.items() if key != "liquid"]
    memoryless = clone(models["esn"]).set_params(reservoir__spectral_radius=0.0, reservoir__leak_rate=1.0)
    specs.append(
        RowSpec(
            "memoryless",
            "ESN without memory",
            "control",
            _trial(memoryless, task),
            parameters=_parameters(memoryless),
            note="The same units without recurrence and leak: a forecast from the last point alone.",
            twin="esn",
            cost=_ROWS["esn"].cost,
            prepare=_warm_up(memoryless, task),
        )
    )
    if "liquid" in models:
        specs.append(_spec("liquid", models["liquid"], task))
    return specs


def _spec(key: str, estimator: Any, task: AnomalyTask) -> RowSpec:
    row = _ROWS[key]
    units = estimator.reservoir.n if hasattr(estimator, "reservoir") else 0
    return RowSpec(
        key,
        row.name,
        row.kind,
        _trial(estimator, task),
        parameters=_parameters(estimator),
        note=row.note.format(n=units),
        cost=row.cost,
        seeded=row.seeded,
        prepare=_warm_up(estimator, task),
    )


def _parameters(estimator: Any) -> dict[str, Any]:
    hidden = ("random_state", "reservoir")
    return {
        name.replace("__", "."): value
        for name, value in estimator.get_params(deep=True).items()
        if name not in hidden and not name.endswith("__seed")
    }


def _trial(estimator: Any, task: AnomalyTask) -> Callable[[int], Trial]:
    def trial(seed: int) -> Trial:
        watched, fit_s, predict_s, products, points = [], 0.0, 0.0, 0.0, 0
        model: Any = None
        for series in task.data.series:
            normal, rest = series.values[: series.train_stop], series.values[series.train_stop :]
            level = _level(_seeded(estimator, seed), normal) if task.name in ("csv", "demo") else np.nan
            model = _seeded(estimator, seed)
            began = time.perf_counter()
            model.fit(normal)
            fitted = time.perf_counter()
            score = -model.score_samples(rest, continue_=True)
            ended = time.perf_counter()
            watched.append(Watched(score, level))
            fit_s, predict_s = fit_s + fitted - began, predict_s + ended - fitted
            products += float(getattr(model, "synops_per_sample_", 0.0)) * len(rest)
            points += len(rest)
        # All operations count as multiplications, also those of a liquid, most of which are additions.
        return Trial(watched, fit_s, predict_s, 0.0, products / points, model)

    return trial


def _level(estimator: Any, normal: Floats) -> float:
    """The score that one in a thousand points exceeds of the end of the normal part, held out."""
    cut = round((1.0 - _HELD_OUT) * len(normal))
    scores = -estimator.fit(normal[:cut]).score_samples(normal[cut:], continue_=True)
    return score_threshold(scores, _FALSE_ALARM_RATE)


def _seeded(estimator: Any, seed: int) -> Any:
    model = clone(estimator)
    return model.set_params(random_state=seed) if "random_state" in model.get_params() else model


def _warm_up(estimator: Any, task: AnomalyTask) -> Callable[[], object]:
    """Run on the start of a series, so that what compiles does so before the clock runs."""

    def warm_up() -> None:
        series: Any = task.data.series[0]
        stop = min(series.train_stop, _WARM_UP_POINTS + 4 * _longest(estimator))
        clone(estimator).fit(series.values[:stop]).score_samples(series.values[stop : stop + 10])

    return warm_up


def _longest(estimator: Any) -> int:
    found: Sequence[int] = [int(getattr(estimator, name, 0)) for name in ("window", "order", "washout")]
    return max(found)
