"""The table of one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.report.forecast.figures import spread_html
from spikelab.report.forecast.verdict import best_row
from spikelab.report.fragments import escape, table

__all__ = ["task_table"]


def task_table(rows: Sequence[Mapping[str, Any]], task: Mapping[str, Any]) -> str:
    """Figure, seconds, operations and energy of every row of a task."""
    titles = (
        escape(task["figure"]),
        "runs",
        "fit,\u00a0s",
        "predict,\u00a0s",
        "synaptic operations a step",
        "energy a step,\u00a0nJ",
    )
    head = ['<th scope="col">Method</th>']
    head += [f'<th scope="col" class="number">{title}</th>' for title in titles]
    lower = bool(task["lower_is_better"])
    best = min(
        (row for kind in ("model", "control", "floor") if (row := best_row(rows, kind, lower=lower))),
        key=lambda row: row["metrics"]["score"]["mean"] * (1 if lower else -1),
        default=None,
    )
    body = [_row(row, is_best=row is best) for row in rows]
    return table(head, body, label=f"Results on {task['title']}", kind="wide results")


def _row(row: Mapping[str, Any], *, is_best: bool) -> str:
    metrics = row["metrics"]
    cells = (
        spread_html(metrics["score"]),
        str(metrics["score"]["n"]),
        f"{metrics['fit_s']['mean']:.2f}",
        f"{metrics['predict_s']['mean']:.2f}",
        f"{metrics['synops_per_sample']['mean']:,.0f}",
        f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
    )
    tag = "" if row["kind"] == "model" else f'<span class="tag {row["kind"]}">{row["kind"]}</span>'
    tag += '<span class="tag best">best</span>' if is_best else ""
    values = "".join(f'<td class="number">{cell}</td>' for cell in cells)
    kind = f"{row['kind']} best" if is_best else row["kind"]
    name = f'<span class="name">{escape(row["name"])}{tag}</span><br><small>{escape(row["note"])}</small>'
    return f'<tr class="{kind}"><th scope="row">{name}</th>{values}</tr>'
