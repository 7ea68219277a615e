"""The speech job: who is speaking? Reservoirs beside floors and a control, over several seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import spikelab as sl
from spikelab.cli.jobs.classification import label_judge
from spikelab.cli.jobs.document import BLAS_THREADS, Run
from spikelab.cli.jobs.settings import apply_settings, known_settings, parse_settings
from spikelab.cli.jobs.speech_pictures import illustrate
from spikelab.cli.jobs.speech_rows import estimators as default_estimators
from spikelab.cli.jobs.speech_rows import row_specs
from spikelab.cli.jobs.trials import Meter, run_rows

__all__ = ["run_speech"]

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
    count = seeds or (_QUICK_SEEDS if quick else _SEEDS)
    run = Run("speech", range(seed, seed + count), quick, command)
    data = sl.datasets.load_japanese_vowels()
    estimators = default_estimators()
    if quick:
        apply_settings(estimators, _QUICK)
    apply_settings(estimators, parse_settings(settings, known_settings(estimators), "run speech"))
    for estimator in estimators.values():  # before the first row has run
        estimator.check_parameters()
    specs = row_specs(estimators, data)
    with threadpool_limits(BLAS_THREADS):
        outcome = run_rows(specs, run.seeds, label_judge(np.asarray(data.y_test)), meter)
        illustration: dict[str, Any] = {}
        try:
            if not outcome.interrupted:
                illustration = illustrate(outcome.models, data)
        except KeyboardInterrupt:  # the rows are finished, and worth more than the pictures
            outcome.interrupted = True
    lengths = [len(series) for series in (*data.X_train, *data.X_test)]
    return run.document(
        outcome,
        dataset={
            "name": data.name,
            "licence": data.licence,
            "source": data.source,
            "features": int(data.X_train[0].shape[1]),
            "frames": [min(lengths), max(lengths)],
            "classes": [str(label) for label in data.classes],
        },
        split={"train": len(data.X_train), "test": len(data.X_test), "text": str(data.split)},
        illustration=illustration,
    )
