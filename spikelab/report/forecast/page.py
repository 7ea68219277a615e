"""The page of the forecast job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spikelab.report.forecast.pictures import pictures
from spikelab.report.forecast.tables import task_table
from spikelab.report.forecast.texts import LEAD, METHOD, STEPS, TASKS, WORDS
from spikelab.report.forecast.verdict import rows_of, verdict
from spikelab.report.fragments import escape
from spikelab.report.page import assemble, steps

__all__ = ["render"]


def render(result: Mapping[str, Any]) -> str:
    """The page of a forecast result.

    Parameters
    ----------
    result : mapping
        The content of ``result.json``, as read back from the file or as it was made.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing.
    """
    return assemble(
        result,
        kicker=result["dataset"]["name"],
        heading="What comes next?",
        lead=LEAD,
        verdict=verdict(result),
        sections=[
            f"<h2>The results</h2><p>{_how_measured(result)}</p>",
            *(_task(result, name, task) for name, task in result["tasks"].items()),
            f"<p><small>{_notes(result)}</small></p>",
            f"<h2>How it works</h2><p>{escape(METHOD)}</p>{steps(STEPS)}",
        ],
        words=WORDS,
        details={f"Task: {task['title']}": task for task in result["tasks"].values()},
    )


def _task(result: Mapping[str, Any], name: str, task: Mapping[str, Any]) -> str:
    rows = rows_of(result, name)
    if not rows:
        return ""
    text = escape(TASKS[name].format(**task))
    return (
        f"<h3>{escape(task['title'])}</h3><p>{text}</p>{task_table(rows, task)}{pictures(name, task, rows)}"
    )


def _how_measured(result: Mapping[str, Any]) -> str:
    count = len(result["seeds"])
    return escape(
        f"Every method learnt from the same part of each series and was asked about a later part. {count} "
        f"seed{'' if count == 1 else 's'} drew as many series and networks; the tables show the mean ± the "
        "standard deviation over them. The settings that the job comes with were chosen on series of other "
        "seeds, for no floor with fewer trials than for the network."
    )


def _notes(result: Mapping[str, Any]) -> str:
    model = result["energy_model"]
    fallbacks = [
        f"{result['tasks'][row['task']]['title']}, {row['name']}"
        for row in result["rows"]
        if "eigh" in row["solvers"]
    ]
    solved = (
        f" So small is the ridge of some readouts ({'; '.join(fallbacks)}) that the normal equations have no "
        "Cholesky factor: they were solved by an eigendecomposition."
        if fallbacks
        else ""
    )
    return escape(
        "Best: the best mean figure in the table, whatever the kind of the row. Seconds: wall time on this "
        f"machine, compilation not counted. Energy: {model['multiply_accumulate_pj']} pJ a multiplication "
        f"and addition; {model['counts']} ({model['source']}). A model of the arithmetic, not a measurement."
        f"{solved}"
    )
