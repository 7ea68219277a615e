"""The tables of the page: results of all rows, errors for each class, and new speakers one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from spikelab.report.fragments import escape, spread, table
from spikelab.report.rows import KINDS, in_order
from spikelab.report.speech.verdict import best_row, find_pair, paired_text

__all__ = ["class_table", "cost_table", "recurrence_table", "result_table", "voices_table"]

Row = Mapping[str, Any]


def result_table(result: Mapping[str, Any]) -> str:
    """Accuracy and errors of every row, grouped by kind; with one protocol, what it costs beside them."""
    protocols = result["protocols"]
    titles = []
    for one in protocols:
        title = f"right, {one['title']},\u00a0%" if len(protocols) > 1 else "right answers,\u00a0%"
        titles += [title, f"errors of {one['test']:,}"]
    titles += ["errors against the floor*"]

    def cells(row: Row) -> list[str]:
        found = []
        for one in protocols:
            judged = row["protocols"][one["key"]]
            found += [spread(judged["accuracy"], scale=100.0), spread(judged["errors"])]
        beside = escape(paired_text(result["pairs"], row["key"], "pooled_input"))
        return [*found, beside.replace(" / ", "<br>")]

    if len(protocols) > 1:
        return _grouped(result["rows"], titles, cells, "Results of all methods")
    both = [*titles, *_cost_titles(result)]
    return _grouped(result["rows"], both, lambda row: [*cells(row), *_costs(row)], "Results of all methods")


def cost_table(result: Mapping[str, Any]) -> str:
    """Runs, seconds, operations and energy of every row, grouped by kind."""
    return _grouped(result["rows"], _cost_titles(result), _costs, "What the methods cost")


def _cost_titles(result: Mapping[str, Any]) -> list[str]:
    return [
        "runs",
        "fit,\u00a0s",
        f"predict {result['split']['test']:,},\u00a0s",
        "synaptic operations an utterance",
        "energy an utterance,\u00a0nJ",
    ]


def _costs(row: Row) -> list[str]:
    metrics = row["metrics"]
    return [
        str(metrics["errors"]["n"]),
        f"{metrics['fit_s']['mean']:.2f}",
        f"{metrics['predict_s']['mean']:.2f}",
        f"{metrics['synops_per_sample']['mean']:,.0f}",
        f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
    ]


def _grouped(
    rows: Sequence[Row], titles: Sequence[str], cells: Callable[[Row], Sequence[str]], label: str
) -> str:
    """A table of all rows with a heading for each kind; the best model is marked."""
    head = [
        '<th scope="col">Method</th>',
        *(f'<th scope="col" class="number">{escape(title)}</th>' for title in titles),
    ]
    best = best_row(rows, "model")
    body: list[str] = []
    kind = ""
    for row in in_order(rows):
        if row["kind"] != kind:
            kind = row["kind"]
            title = f'<th scope="colgroup" colspan="{len(head)}"><span>{KINDS[kind]}</span></th>'
            body.append(f'<tr class="group">{title}</tr>')
        body.append(_result_row(row, cells(row), is_best=row is best))
    return table(head, body, label=label, kind="wide results")


def _result_row(row: Row, cells: Sequence[str], *, is_best: bool) -> str:
    tag = "" if row["kind"] == "model" else f'<span class="tag {row["kind"]}">{row["kind"]}</span>'
    tag += '<span class="tag best">best</span>' if is_best else ""
    text = row["note"]
    note = f"<br><small>{escape(text)}</small>" if text else ""
    values = "".join(f'<td class="number">{cell}</td>' for cell in cells)
    kind = f"{row['kind']} best" if is_best else row["kind"]
    name = f'<span class="name">{escape(row["name"])}{tag}</span>{note}'
    return f'<tr class="{kind}"><th scope="row">{name}</th>{values}</tr>'


def class_table(rows: Sequence[Row], classes: Sequence[object], protocol: str, noun: str) -> str:
    """Mean errors of each row for each class, shaded by the share of that class's utterances."""
    sizes: list[float] = []
    body: list[str] = []
    for row in in_order(rows):
        judged = row["protocols"][protocol]
        n = judged["errors"]["n"]
        totals = [sum(line) / n for line in judged["confusion"]]
        wrong = [
            total - line[i] / n
            for i, (total, line) in enumerate(zip(totals, judged["confusion"], strict=True))
        ]
        sizes = sizes or totals
        cells = "".join(
            _cell(f"{w:.1f}".removesuffix(".0") if w else "0", w / t if t else 0.0)
            for w, t in zip(wrong, totals, strict=True)
        )
        body.append(_shaded_row(row, cells))
    head = [f'<th scope="col">Errors for {noun}</th>']
    for name, size in zip(classes, sizes, strict=True):
        head.append(f'<th scope="col" class="cell">{escape(name)}<br><small>of {size:.0f}</small></th>')
    return table(head, body, label=f"Errors of each method for each {noun}", kind="wide speakers")


def voices_table(rows: Sequence[Row], speakers: Sequence[str], protocol: str) -> str:
    """Right answers of each row for each speaker, in per cent, the mean over the runs."""
    body = []
    for row in in_order(rows):
        found = row["protocols"][protocol].get("speakers", {})
        shares = [found[name]["mean"] for name in speakers]
        cells = "".join(_cell(f"{100 * share:.1f}", 1.0 - share) for share in shares)
        body.append(_shaded_row(row, cells))
    head = ['<th scope="col">Right, % of</th>']
    head += [f'<th scope="col" class="cell">{escape(name)}</th>' for name in speakers]
    return table(head, body, label="Right answers for each speaker", kind="wide speakers")


def recurrence_table(result: Mapping[str, Any]) -> str:
    """Each reservoir beside its memoryless twin, in every protocol."""
    by_key = {row["key"]: row for row in result["rows"]}
    body = []
    left_out = any(name for one in result["protocols"] for name in one["folds"])
    for one in result["protocols"]:
        for row in in_order(result["rows"]):
            twin = by_key.get(row.get("twin", ""))
            pair = find_pair(result["pairs"], one["key"], twin["key"], row["key"]) if twin else None
            if twin is None or pair is None:
                continue
            errors = [spread(each["protocols"][one["key"]]["errors"]) for each in (twin, row)]
            more = f"{pair['errors']['mean']:+.1f} ± {pair['items_std']:.1f}"
            folds = pair["folds"].values()
            voices = f"{sum(fold > 0 for fold in folds)} of {len(folds)}" if folds else "–"
            cells = [*errors, escape(more), f"{pair['errors']['std']:.1f}", *([voices] if left_out else [])]
            title = escape(f"{twin['name']}, {one['title']}")
            values = "".join(f'<td class="number">{cell}</td>' for cell in cells)
            body.append(f'<tr><th scope="row"><span class="name">{title}</span></th>{values}</tr>')
    if not body:
        return ""
    titles = [
        "errors",
        "errors of the memoryless twin",
        "paired difference ± standard error over utterances",
        "its spread over seeds",
        *(["new speakers for whom recurrence is better"] if left_out else []),
    ]
    head = ['<th scope="col">Reservoir</th>']
    head += [f'<th scope="col" class="number">{title}</th>' for title in titles]
    return table(head, body, label="What recurrence adds", kind="wide results")


def _shaded_row(row: Row, cells: str) -> str:
    return f'<tr><th scope="row"><span class="name">{escape(row["name"])}</span></th>{cells}</tr>'


def _cell(text: str, share: float) -> str:
    # Half opacity at most keeps the number readable on both themes.
    shade = f'<span class="shade" style="opacity:{0.1 + 0.4 * share:.2f}"></span>' if share > 0 else ""
    return f'<td class="cell">{shade}<span class="value">{text}</span></td>'
