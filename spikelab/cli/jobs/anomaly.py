"""The anomaly job: what is unusual in a series? A reservoir's forecast errors beside plain detectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import spikelab as sl
from spikelab.cli.jobs.anomaly_judge import anomaly_judge, paired
from spikelab.cli.jobs.anomaly_pictures import illustrate
from spikelab.cli.jobs.anomaly_rows import estimators, row_specs
from spikelab.cli.jobs.anomaly_tasks import CsvOptions, make_task
from spikelab.cli.jobs.document import BLAS_THREADS, Run
from spikelab.cli.jobs.settings import apply_settings, known_settings, parse_settings
from spikelab.cli.jobs.trials import Meter, RowSpec, Trial, run_rows
from spikelab.errors import ParameterError

__all__ = ["run_anomaly"]

_SEEDS = 5
_QUICK_SEEDS = 2
_QUICK: dict[str, Any] = {"esn.reservoir.n": 50, "liquid.reservoir.n": 50}


def run_anomaly(
    *,
    dataset: str = "demo",
    options: CsvOptions = CsvOptions(),  # noqa: B008 - frozen
    seed: int = 0,
    seeds: int | None = None,
    quick: bool = False,
    settings: Sequence[str] = (),
    save_model: Path | None = None,
    meter: Meter,
    command: str,
) -> dict[str, Any]:
    """Fit every row to the start of each series, over the seeds, and score the rest.

    Parameters
    ----------
    dataset : str
        "demo", "ecg", "nab", "ucr", "smap" or the path of a CSV.
    options : CsvOptions
        How the CSV is read.
    seed, seeds : int
        First seed and how many; 5, or 2 if `quick`, by default.
    quick : bool
        A smaller network, and six series of a set at most.
    settings : sequence of str
        ``"key=value"`` changes of parameters, applied last.
    save_model : path, optional
        Where the detector of the first seed goes, standing behind the last point, with the threshold of the
        page; of a single series only.
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
        An unknown data set, a CSV that cannot be read, a setting that a detector refuses.
    """
    count = seeds or (_QUICK_SEEDS if quick else _SEEDS)
    run = Run("anomaly", range(seed, seed + count), quick, command)
    task = make_task(dataset, options, quick)
    if save_model is not None and len(task.data.series) > 1:
        need = "be left out where there are several series, each with a detector of its own"
        raise ParameterError("run anomaly", "save_model", str(save_model), need)
    models = estimators(task)
    if quick:
        apply_settings(models, {key: value for key, value in _QUICK.items() if key.split(".")[0] in models})
    known = {
        key: value
        for key, value in known_settings(models).items()
        if not key.endswith((".score", ".targets"))
    }
    apply_settings(models, parse_settings(settings, known, "run anomaly"))
    for model in models.values():  # before the first row has run
        model.check_parameters()
    judge = anomaly_judge(task)
    seen: dict[str, Any] = {}  # what the first seed of each row made of each series, for the pictures

    def judged(spec: RowSpec, trials: Sequence[Trial]) -> Any:
        seen[spec.key] = trials[0].outcome
        return judge(spec, trials)

    with threadpool_limits(BLAS_THREADS):
        outcome = run_rows(row_specs(models, task), run.seeds, judged, meter)
        illustration: dict[str, Any] = {}
        comparison: list[dict[str, Any]] = []
        try:
            comparison = paired(outcome.rows, "auroc" if task.measure in ("located",) else task.measure)
            illustration = illustrate(task, outcome.rows, seen)
        except KeyboardInterrupt:  # the rows are finished, and worth more than the pictures
            outcome.interrupted = True
    model = outcome.models.get("esn")
    if save_model is not None and model is not None:
        level = seen["esn"][0].level
        if np.isfinite(level):  # its alarms are those of the page
            model.offset_ = -level
        sl.save_model(save_model, model)
    return run.document(
        outcome,
        dataset={
            "key": task.name,
            "name": task.data.name,
            "licence": task.data.licence,
            "source": task.data.source,
            "coverage": task.data.coverage,
            "series": [_facts(one, task) for one in task.data.series],
        },
        measure=task.measure,
        notes=list(task.notes),
        paired=comparison,
        illustration=illustration,
        saved_model=None if save_model is None or model is None else {"path": str(save_model), "row": "esn"},
    )


def _facts(series: Any, task: Any) -> dict[str, Any]:
    return {
        "name": series.name,
        "points": len(series.values),
        "channels": series.values.shape[1],
        "train_stop": series.train_stop,
        "windows": len(series.windows),
        "labelled": series.labels is not None,
        "rate_hz": series.rate_hz,
    }
