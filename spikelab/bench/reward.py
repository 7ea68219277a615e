"""``spikelab bench reward``: tasks that synapses with a reward solve, and their controls do not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from .document import write_document
from .options import common_options
from .reward_tasks import CONTROLS, TASKS
from .table import print_table

__all__ = ["command", "play"]

# Settings were chosen on seeds from 100 on.
_FIRST_SEED = 0


@click.command(help="Let reward-modulated STDP solve its tasks, beside unrewarded controls.")
@click.option(
    "--task", "tasks", multiple=True, type=click.Choice(tuple(TASKS)), help="Tasks.  [default: all of them]"
)
@click.option("--seeds", type=click.IntRange(min=1), default=10, show_default=True, help="Seeds of each.")
@click.option("--trials", type=click.IntRange(min=2), help="Trials of a run, instead of the task's.")
@common_options(rounds=1)
def command(tasks: tuple[str, ...], seeds: int, trials: int | None, rounds: int, path: Path | None) -> None:
    """Play every task with every seed, rewarded and not, and print how often it was solved."""
    rows = [row for name in tasks or TASKS for row in play(name, seeds, trials)]
    columns = {"task": "left", "told": "left"}
    columns |= dict.fromkeys(("solved", "last 100 (%)", "least, most", "trials", "s / run"), "right")
    print_table(
        f"Reward-modulated STDP, seeds {_FIRST_SEED} to {_FIRST_SEED + seeds - 1}",
        columns,
        (
            (
                row["task"],
                row["told"],
                f"{sum(row['solved'])} of {seeds}",
                f"{np.median(row['score']):.0f}",
                f"{min(row['score']):.0f}, {max(row['score']):.0f}",
                str(row["trials"]),
                f"{row['seconds']:.1f}",
            )
            for row in rows
        ),
        "Solved: " + "; ".join(f"{name}, {TASKS[name].criterion}" for name in tasks or TASKS) + ".",
        width=140,
    )
    if path is not None:
        write_document(path, "reward", {"seeds": seeds, "first_seed": _FIRST_SEED}, rows)


def play(name: str, seeds: int, trials: int | None = None) -> list[dict[str, Any]]:
    """Play one task with all seeds; a row for the reward and for each control.

    Returns
    -------
    list of dict
        ``solved`` and ``score`` (share of the last 100 trials, %) have one value a seed, ``curves`` an array
        [seed, trial] of bool as nested lists.
    """
    task, rows = TASKS[name], []
    count = trials or task.trials
    for kind in CONTROLS:
        started = time.perf_counter()
        runs = [task.play(_FIRST_SEED + seed, kind, count) for seed in range(seeds)]
        rows.append(
            {
                "task": name,
                "told": kind,
                "trials": count,
                "criterion": task.criterion,
                "solved": [task.solved(run) for run in runs],
                "score": [100.0 * float(run[-100:].mean()) for run in runs],
                "seconds": (time.perf_counter() - started) / seeds,
                "curves": [run.astype(int).tolist() for run in runs],
            }
        )
    return rows
