"""The speech job: reservoirs on utterances beside floors and controls, over several seeds and splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from threadpoolctl import threadpool_limits

import spikelab as sl
from spikelab.cli.jobs.document import BLAS_THREADS, Run
from spikelab.cli.jobs.settings import apply_settings, known_settings, parse_settings
from spikelab.cli.jobs.speech_models import QUICK, vowels_models, words_models
from spikelab.cli.jobs.speech_pictures import illustrate
from spikelab.cli.jobs.speech_recordings import load_dataset, recordings_task
from spikelab.cli.jobs.speech_rows import row_specs
from spikelab.cli.jobs.speech_task import SpeechTask, vowels_task
from spikelab.cli.jobs.speech_trials import SpeechJudge
from spikelab.cli.jobs.trials import Meter, Outcome, run_rows
from spikelab.errors import ParameterError
from spikelab.report.speech.verdict import best_row

__all__ = ["run_speech"]

_OWNER = "run speech"
_SEEDS = 5
_QUICK_SEEDS = 2


def run_speech(
    *,
    dataset: str = "vowels",
    protocol: str | None = None,
    seed: int = 0,
    seeds: int | None = None,
    quick: bool = False,
    settings: Sequence[str] = (),
    save_model: Path | None = None,
    save_row: str | None = None,
    meter: Meter,
    command: str,
) -> dict[str, Any]:
    """Fit and test every row over the seeds.

    Parameters
    ----------
    dataset : str
        "vowels", "fsdd", or a folder of WAV files.
    protocol : {"official", "speakers", "both"}, optional
        For recordings; None takes both where speakers are known.
    seed, seeds : int
        First seed and how many; 5, or 2 if `quick`, by default.
    quick : bool
        Smaller networks, and of recordings a few of each class.
    settings : sequence of str
        ``"key=value"`` changes of parameters, applied last.
    save_model : Path, optional
        Where a recogniser is written, fitted to the training part (to all recordings where the one protocol
        is "speakers") with the first seed.
    save_row : str, optional
        Key of its row; None takes the model with the fewest errors.
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
        An unknown setting or row, a value an estimator refuses, or recordings that cannot be used.
    """
    count = seeds or (_QUICK_SEEDS if quick else _SEEDS)
    run = Run("speech", range(seed, seed + count), quick, command)
    words = dataset != "vowels"
    if not words and (protocol not in (None, "official") or save_model is not None):
        option, value = ("save-model", str(save_model)) if save_model else ("protocol", protocol)
        remedy = "Japanese Vowels are features without sound; use --dataset fsdd or a folder."
        raise ParameterError(_OWNER, option, value, "go with a data set of recordings", remedy)
    data = load_dataset(dataset) if words else None
    models = words_models() if words else vowels_models()
    if quick:
        apply_settings(models, QUICK)
    apply_settings(models, parse_settings(settings, known_settings(models), _OWNER))
    for estimator in models.values():  # before the first row has run
        estimator.check_parameters()
    _check_row(save_row, models)
    with threadpool_limits(BLAS_THREADS):
        if data is None:
            task = vowels_task()
        else:
            meter.start("Listening", 1, 1)
            task = recordings_task(data, models.pop("front_end").record, protocol, seed, quick)
        judge = SpeechJudge(task)
        outcome = run_rows(row_specs(models, task), run.seeds, judge, meter)
        illustration, saved = _afterwards(models, task, outcome, seed, save_model, save_row)
    return run.document(
        outcome,
        kind=task.kind,
        dataset=task.facts,
        split=task.split,
        protocols=[
            {
                "key": one.key,
                "title": one.title,
                "text": one.text,
                "folds": [fold.name for fold in one.folds],
                "train": int(np.mean([fold.train.size for fold in one.folds])),
                "test": int(one.test.size),
            }
            for one in task.protocols
        ],
        pairs=judge.pairs(_pairs(outcome.rows)),
        illustration=illustration,
        saved_model=saved,
    )


def _pairs(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Every network beside every floor, and every model beside its twin."""
    floors = [row["key"] for row in rows if row["kind"] == "floor" and row["key"] != "chance"]
    networks = [row for row in rows if row["kind"] != "floor"]
    twins = [(row["twin"], row["key"]) for row in networks if row["twin"]]
    return [(row["key"], floor) for row in networks for floor in floors] + twins


def _check_row(key: str | None, models: Mapping[str, Any]) -> None:
    known = [name for name in models if name != "front_end"]
    if key is not None and key not in known:
        raise ParameterError(_OWNER, "save-row", key, f"be one of: {', '.join(known)}")


def _afterwards(
    models: Mapping[str, Any],
    task: SpeechTask,
    outcome: Outcome,
    seed: int,
    save_model: Path | None,
    save_row: str | None,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The pictures and the recogniser; an interrupt here loses no row."""
    illustration: dict[str, Any] = {}
    saved: dict[str, Any] | None = None
    try:
        if save_model is not None and (save_row is not None or best_row(outcome.rows, "model") is not None):
            saved = _save(models, task, outcome, seed, save_model, save_row)
        if not outcome.interrupted:
            illustration = illustrate(models, outcome.models, task, seed)
    except KeyboardInterrupt:  # the rows are finished, and worth more than the pictures
        outcome.interrupted = True
    return illustration, saved


def _save(
    models: Mapping[str, Any], task: SpeechTask, outcome: Outcome, seed: int, path: Path, key: str | None
) -> dict[str, Any]:
    best = best_row(outcome.rows, "model")
    chosen = key if key is not None or best is None else str(best["key"])
    estimator = clone(models[str(chosen)])
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=seed)
    official = task.protocol("official")
    assert task.recordings is not None and task.front_end is not None
    train = range(len(task.X)) if official is None else official.folds[0].train
    recognizer = sl.SpeechRecognizer(task.front_end, estimator)
    recognizer.fit([task.recordings[i] for i in train])
    sl.save_model(path, recognizer)
    return {"path": str(path), "row": chosen, "recordings": len(train), "seed": seed}
