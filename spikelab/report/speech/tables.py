"""The two tables of the page: results of all rows, and errors for each speaker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.report.fragments import escape, spread, table
from spikelab.report.rows import KINDS, in_order
from spikelab.report.speech.verdict import best_row

__all__ = ["result_table", "speaker_table"]


def result_table(rows: Sequence[Mapping[str, Any]], test_size: int) -> str:
    """Accuracy, errors, seconds, operations and energy of every row, grouped by kind."""
    titles = (
        "right answers,\u00a0%",
        f"errors of {test_size}",
        "runs",
        "fit,\u00a0s",
        f"predict all {test_size},\u00a0s",
        "synaptic operations an utterance",
        "energy an utterance,\u00a0nJ",
    )
    head = [
        '<th scope="col">Method</th>',
        *(f'<th scope="col" class="number">{title}</th>' for title in titles),
    ]
    best = {kind: best_row(rows, kind) for kind in ("model", "floor")}
    body: list[str] = []
    kind = ""
    for row in in_order(rows):
        if row["kind"] != kind:
            kind = row["kind"]
            title = f'<th scope="colgroup" colspan="{len(head)}"><span>{KINDS[kind]}</span></th>'
            body.append(f'<tr class="group">{title}</tr>')
        body.append(_result_row(row, is_best=row is best["model"]))
    return table(head, body, label="Results of all methods", kind="wide results")


def _result_row(row: Mapping[str, Any], *, is_best: bool) -> str:
    metrics = row["metrics"]
    cells = (
        spread(metrics["accuracy"], scale=100.0),
        spread(metrics["errors"]),
        str(metrics["errors"]["n"]),
        f"{metrics['fit_s']['mean']:.2f}",
        f"{metrics['predict_s']['mean']:.2f}",
        f"{metrics['synops_per_sample']['mean']:,.0f}",
        f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
    )
    tag = "" if row["kind"] == "model" else f'<span class="tag {row["kind"]}">{row["kind"]}</span>'
    tag += '<span class="tag best">best</span>' if is_best else ""
    text = row["note"]
    note = f"<br><small>{escape(text)}</small>" if text else ""
    values = "".join(f'<td class="number">{cell}</td>' for cell in cells)
    kind = f"{row['kind']} best" if is_best else row["kind"]
    name = f'<span class="name">{escape(row["name"])}{tag}</span>{note}'
    return f'<tr class="{kind}"><th scope="row">{name}</th>{values}</tr>'


def speaker_table(rows: Sequence[Mapping[str, Any]], classes: Sequence[object]) -> str:
    """Mean errors of each row for each speaker, shaded by the share of that speaker's utterances."""
    sizes: list[float] = []
    body: list[str] = []
    for row in in_order(rows):
        n = row["metrics"]["errors"]["n"]
        totals = [sum(line) / n for line in row["confusion"]]
        wrong = [
            total - line[i] / n for i, (total, line) in enumerate(zip(totals, row["confusion"], strict=True))
        ]
        sizes = sizes or totals
        cells = "".join(_cell(w, total) for w, total in zip(wrong, totals, strict=True))
        body.append(f'<tr><th scope="row"><span class="name">{escape(row["name"])}</span></th>{cells}</tr>')
    head = ['<th scope="col">Errors for speaker</th>']
    for name, size in zip(classes, sizes, strict=True):
        head.append(f'<th scope="col" class="cell">{escape(name)}<br><small>of {size:.0f}</small></th>')
    return table(head, body, label="Errors of each method for each speaker", kind="wide speakers")


def _cell(wrong: float, total: float) -> str:
    share = wrong / total if total else 0.0
    # Half opacity at most keeps the number readable on both themes.
    shade = f'<span class="shade" style="opacity:{0.1 + 0.4 * share:.2f}"></span>' if wrong else ""
    text = f"{wrong:.1f}".removesuffix(".0") if wrong else "0"
    return f'<td class="cell">{shade}<span class="value">{text}</span></td>'
