"""The forecast job: echo state networks on NARMA10, Mackey-Glass and Lorenz, beside floors and a control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from threadpoolctl import threadpool_limits

from spikelab.bench.forecast_tasks import LYAPUNOV_EXPONENT, TASKS, VALID_THRESHOLD, Lorenz63, Task
from spikelab.cli.jobs.document import BLAS_THREADS, Run
from spikelab.cli.jobs.forecast_rows import estimators as default_estimators
from spikelab.cli.jobs.forecast_rows import judge, row_key, row_specs
from spikelab.cli.jobs.settings import apply_settings, known_settings, parse_settings
from spikelab.cli.jobs.trials import Meter, run_rows
from spikelab.units import require_choice

__all__ = ["ALL", "run_forecast"]

ALL = "all"

_SEEDS = 5
_QUICK_SEEDS = 2
_QUICK_UNITS = 100
_QUICK: dict[str, dict[str, int]] = {
    "narma10": {"train": 1000, "tested": 1000},
    "mackey-glass": {"train": 1500, "starts": 20, "known": 200, "ahead": 200},
    "lorenz63": {"train": 2000, "starts": 10, "ahead": 600},
}


def run_forecast(
    *,
    task: str = ALL,
    seed: int = 0,
    seeds: int | None = None,
    quick: bool = False,
    settings: Sequence[str] = (),
    meter: Meter,
    command: str,
) -> dict[str, Any]:
    """Fit and test every row of one task, or of all, over the seeds.

    Parameters
    ----------
    task : {"all", "narma10", "mackey-glass", "lorenz63"}
    seed, seeds : int
        First seed, of the series and of the networks, and how many; 5, or 2 if `quick`, by default.
    quick : bool
        Smaller networks, shorter series.
    settings : sequence of str
        ``"key=value"`` changes of parameters, applied last.
    meter : Meter
        Where progress goes.
    command : str
        The command line, kept in the result.

    Returns
    -------
    dict
        The content of ``result.json``.

    Raises
    ------
    ParameterError
        An unknown task or setting, or a value an estimator refuses.
    """
    require_choice("run forecast", "task", task, (ALL, *TASKS))
    count = seeds or (_QUICK_SEEDS if quick else _SEEDS)
    run = Run("forecast", range(seed, seed + count), quick, command)
    tasks = {name: one for name, one in TASKS.items() if task in (ALL, name)}
    models = default_estimators(tasks)
    if quick:
        tasks = {name: replace(one, **_QUICK[name]) for name, one in tasks.items()}
        for name in tasks:
            for kind in ("esn", "memoryless"):
                models[row_key(name, kind)].set_params(reservoir__n=_QUICK_UNITS)
    apply_settings(models, parse_settings(settings, known_settings(models), "run forecast"))
    for estimator in models.values():  # before the first row has run
        estimator.check_parameters()
    with threadpool_limits(BLAS_THREADS):
        outcome = run_rows(row_specs(models, tasks), run.seeds, judge(tasks), meter)
    return run.document(
        outcome,
        dataset={"name": "NARMA10, Mackey-Glass 17, Lorenz 63" if task == ALL else tasks[task].title},
        tasks=_described(tasks),
    )


def _described(tasks: Mapping[str, Task]) -> dict[str, Any]:
    """What was asked, for the page and the file."""
    found: dict[str, Any] = {}
    for name, task in tasks.items():
        found[name] = {
            "title": task.title,
            "figure": task.figure,
            "lower_is_better": task.lower_is_better,
            **asdict(task),
        }
        if isinstance(task, Lorenz63):
            found[name] |= {
                "lyapunov_exponent": LYAPUNOV_EXPONENT,
                "valid_threshold": VALID_THRESHOLD,
                "lyapunov_times_per_step": task.lyapunov_times_per_step,
            }
    return found
