"""The speech job: who is speaking? Reservoirs beside floors and a control, over several seeds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import spikelab as sl
from spikelab.cli.jobs.settings import apply_settings, known_settings, parse_settings
from spikelab.cli.jobs.speech_pictures import illustrate
from spikelab.cli.jobs.speech_rows import estimators as default_estimators
from spikelab.cli.jobs.speech_rows import row_specs
from spikelab.cli.jobs.trials import Meter, run_rows
from spikelab.report.energy import ENERGY_MODEL
from spikelab.report.environment import machine, versions
from spikelab.report.tables import in_order

__all__ = ["run_speech"]

_BLAS_THREADS = 1
_SEEDS = 5
_QUICK_SEEDS = 2
_QUICK: dict[str, Any] = {
    "esn.reservoir.n": 100,
    "esn_ensemble.reservoir.n": 100,
    "esn_ensemble.ensemble": 3,
    "lsm.reservoir.n": 150,
}


def run_speech(
    *,
    seed: int = 0,
    seeds: int | None = None,
    quick: bool = False,
    settings: Sequence[str] = (),
    meter: Meter,
    command: str,
) -> dict[str, Any]:
    """Fit and test every row over the seeds.

    Parameters
    ----------
    seed, seeds : int
        First seed and how many; 5, or 2 if `quick`, by default.
    quick : bool
        Smaller networks.
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
        An unknown setting or a value an estimator refuses.
    """
    began, started = time.perf_counter(), datetime.now(UTC)
    data = sl.datasets.load_japanese_vowels()
    estimators = default_estimators()
    if quick:
        apply_settings(estimators, _QUICK)
    apply_settings(estimators, parse_settings(settings, known_settings(estimators), "run speech"))
    for estimator in estimators.values():  # before the first row has run
        estimator.check_parameters()
    count = seeds or (_QUICK_SEEDS if quick else _SEEDS)
    used = list(range(seed, seed + count))
    specs = row_specs(estimators, data)
    # Matrices of a few hundred rows: BLAS threads that wait for each other took five times as long on
    # two cores with other work, and the seconds in the table would depend on that work.
    with threadpool_limits(_BLAS_THREADS):
        outcome = run_rows(specs, used, np.asarray(data.y_test), meter)
        illustration: dict[str, Any] = {}
        try:
            if not outcome.interrupted:
                illustration = illustrate(outcome.models, data)
        except KeyboardInterrupt:  # the rows are finished, and worth more than the pictures
            outcome.interrupted = True
    lengths = [len(series) for series in (*data.X_train, *data.X_test)]
    return {
        "format": 1,
        "job": "speech",
        "dataset": {
            "name": data.name,
            "licence": data.licence,
            "source": data.source,
            "features": int(data.X_train[0].shape[1]),
            "frames": [min(lengths), max(lengths)],
            "classes": [str(label) for label in data.classes],
        },
        "split": {"train": len(data.X_train), "test": len(data.X_test), "text": str(data.split)},
        "rows": in_order(outcome.rows),
        "illustration": illustration,
        "energy_model": ENERGY_MODEL,
        "versions": versions(),
        "machine": {**machine(), "blas_threads": _BLAS_THREADS},
        "seeds": used,
        "quick": quick,
        "interrupted": outcome.interrupted,
        "wall_s": time.perf_counter() - began,
        "started": started.isoformat(timespec="seconds"),
        "command": command,
    }
