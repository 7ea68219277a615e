"""The comparison as a job: arms by seed, differences to backprop and to the frozen floor, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from spikelab.cli.jobs.document import Run
from spikelab.cli.jobs.trials import Meter, RowSpec, Trial, run_rows
from spikelab.compare import (
    Arm,
    Comparison,
    Plan,
    Record,
    choose_arms,
    interval,
    judge_claims,
    load_task,
    paired,
)
from spikelab.report.document import summarise

__all__ = ["LEVELS", "run_compare"]

#: Accuracies on the validation part whose first samples are counted.
LEVELS = (0.90, 0.95, 0.97)
_SEEDS, _QUICK_SEEDS = 3, 2
_QUICK_EPOCHS = 3

_KINDS = {"rule": "model", "backprop": "control", "floor": "floor"}


def run_compare(
    *,
    dataset: str = "digits",
    arms: str = "all",
    seed: int = 0,
    seeds: int | None = None,
    epochs: int | None = None,
    tune: int = 0,
    quick: bool = False,
    folder: Path | None = None,
    meter: Meter,
    command: str,
) -> dict[str, Any]:
    """Run arms over seeds on one data set.

    Parameters
    ----------
    dataset : {"digits"}
    arms : str
        Keys with commas between, or "all".
    seed, seeds : int
        First seed and how many; 3, or 2 if `quick`, by default.
    epochs : int, optional
        For every arm.
    tune : int
        Trials of settings for each arm on the validation part.
    quick : bool
        A few epochs.
    folder : Path, optional
        Where finished trials are kept, and looked for.
    meter : Meter
    command : str
        The command line, kept in the result.

    Returns
    -------
    dict
        The content of ``result.json``.

    Raises
    ------
    ParameterError
        An unknown data set or arm.
    """
    count = seeds or (_QUICK_SEEDS if quick else _SEEDS)
    run = Run("compare", range(seed, seed + count), quick, command)
    task, chosen = load_task(dataset), choose_arms(arms)
    plan = Plan(epochs=epochs or (_QUICK_EPOCHS if quick else Plan.epochs))
    comparison = Comparison(task, plan, folder, trials=tune, tune_seed=seed)
    present = [arm for arm in chosen if not arm.missing]
    judge = _Judge(comparison, {arm.key: arm for arm in present})
    with threadpool_limits(plan.threads):
        outcome = run_rows([_spec(comparison, arm) for arm in present], run.seeds, judge, meter)
    for row in outcome.rows:
        judge.compare(row, outcome.rows)
    result = run.document(
        outcome,
        dataset=dict(task.facts),
        split=dict(task.split),
        plan=asdict(plan),
        tuning_trials=tune,
        skipped=[{"key": a.key, "name": a.name, "reason": a.missing} for a in chosen if a.missing],
        claims=judge_claims(dataset, [_for_claims(row) for row in outcome.rows]),
    )
    result["machine"]["threads"] = plan.threads
    return result


def _spec(comparison: Comparison, arm: Arm) -> RowSpec:
    return RowSpec(
        arm.key, arm.name, _KINDS[arm.group], partial(_trial, comparison, arm), note=arm.note,
        seeded=arm.seeded, cost=8.0 if arm.key == "bptt" else 1.0,
    )  # fmt: skip


def _trial(comparison: Comparison, arm: Arm, seed: int) -> Trial:
    record, settings = comparison.run(arm, seed)
    return Trial((record, settings), record.train_s, record.predict_s, record.accumulates, record.multiplied)


class _Judge:
    """What the comparison says of a row; remembers who was right where."""

    def __init__(self, comparison: Comparison, arms: Mapping[str, Arm]):
        self._comparison, self._arms = comparison, arms
        self._right: dict[str, NDArray[np.bool_]] = {}

    def __call__(self, spec: RowSpec, trials: Sequence[Trial]) -> dict[str, Any]:
        """Entries of a row, as `run_rows` wants them."""
        arm, records = self._arms[spec.key], [trial.outcome[0] for trial in trials]
        right = np.array([record.answers for record in records]) == self._comparison.task.y_test
        self._right[spec.key] = right
        return {
            "group": arm.group,
            "network": arm.kind,
            "interval": interval(right),
            "metrics": {
                "accuracy": summarise(right.mean(axis=1)),
                "validation": summarise(record.valid for record in records),
                "learning_per_sample": summarise(record.learning for record in records),
                **({"rate": summarise(np.mean(r.rates) for r in records)} if records[0].rates else {}),
                **({"dead": summarise(sum(r.dead) for r in records)} if records[0].rates else {}),
            },
            "samples_to": {str(level): [_reached(record, level) for record in records] for level in LEVELS},
            "silent": sum(_silent(record, self._comparison.plan) for record in records),
            "failed": [record.failed for record in records if record.failed],
            "curves": [record.curve for record in records],
            "traits": None if arm.traits is None else asdict(arm.traits),
            "tuning": self._comparison.tuning(arm),
            "parameters": trials[0].outcome[1],
        }

    def compare(self, row: dict[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Add the differences to backprop and to the strongest frozen floor of the row's kind."""
        own = [one for one in rows if one["network"] == row["network"] and one["key"] != row["key"]]
        frozen = [one for one in own if one["key"].startswith("frozen")]
        floor = max(frozen, key=lambda one: one["metrics"]["validation"]["mean"], default=None)
        backprop = next((one for one in own if one["group"] == "backprop"), None)
        for name, other in (("to_backprop", backprop), ("to_frozen", floor)):
            row[name] = None
            if other is not None and not (name == "to_frozen" and row["group"] == "floor"):
                found = paired(self._right[row["key"]], self._right[other["key"]])
                row[name] = {"key": other["key"], **found._asdict()}


def _reached(record: Record, level: float) -> int | None:
    """Samples shown before the validation part was first answered that well."""
    return next((int(samples) for samples, score, _ in record.curve if score >= level), None)


def _silent(record: Record, plan: Plan) -> bool:
    """Whether a layer ended with no neuron that answers any sample."""
    return any(dead == n for dead, n in zip(record.dead, plan.hidden, strict=False))


def _for_claims(row: Mapping[str, Any]) -> dict[str, Any]:
    metrics = row["metrics"]
    return {
        "key": row["key"],
        "name": row["name"],
        "group": row["group"],
        "kind": row["network"],
        "local": bool(row["traits"] and row["traits"]["local"]),
        "valid": metrics["validation"]["mean"],
        "difference": row["to_backprop"],
        "train_s": metrics["fit_s"]["values"],
        "samples": row["samples_to"][str(LEVELS[0])],
        "learning": metrics["learning_per_sample"]["values"],
    }
