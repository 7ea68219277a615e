"""The tables of the page: all rows, all series, and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.report.anomaly.measures import best_row, measures_of, value_text
from spikelab.report.fragments import escape, spread, table
from spikelab.report.rows import KINDS, in_order

__all__ = ["alarm_rate", "alarm_table", "alarm_text", "drawn_names", "result_table", "series_table"]


def result_table(result: Mapping[str, Any]) -> str:
    """Every figure of every row, grouped by kind."""
    measures = measures_of(result)
    titles = (*(measure.title for measure in measures.values()), "runs", "fit,\u00a0s", "score,\u00a0s")
    head = [
        '<th scope="col">Method</th>',
        *(f'<th scope="col" class="number">{text}</th>' for text in titles),
    ]
    best = best_row(result["rows"], "model", result["measure"])
    body: list[str] = []
    kind = ""
    for row in in_order(result["rows"]):
        if row["kind"] != kind:
            kind = row["kind"]
            title = f'<th scope="colgroup" colspan="{len(head)}"><span>{KINDS[kind]}</span></th>'
            body.append(f'<tr class="group">{title}</tr>')
        metrics = row["metrics"]
        cells = [
            spread(metrics[name], scale=measure.scale, digits=measure.digits) if name in metrics else "–"
            for name, measure in measures.items()
        ]
        cells += [str(metrics["fit_s"]["n"])]
        cells += [f"{metrics[name]['mean']:.2f}" for name in ("fit_s", "predict_s")]
        values = "".join(f'<td class="number">{cell}</td>' for cell in cells)
        tag = "" if kind == "model" else f'<span class="tag {kind}">{kind}</span>'
        note = f"<br><small>{escape(row['note'])}</small>" if row["note"] else ""
        name = f'<span class="name">{escape(row["name"])}{tag}</span>{note}'
        mark = f"{kind} best" if row is best else kind
        body.append(f'<tr class="{mark}"><th scope="row">{name}</th>{values}</tr>')
    return table(head, body, label="Results of all methods", kind="wide results")


def series_table(result: Mapping[str, Any], name: str) -> str:
    """One figure of every row for every series."""
    measure = measures_of(result)[name]
    rows = in_order(result["rows"])
    head = ['<th scope="col">Series</th>']
    head += [f'<th scope="col" class="number">{escape(row["name"])}</th>' for row in rows]
    if result["dataset"]["key"] == "nab":
        head.append('<th scope="col" class="number">could be had</th>')
    body = []
    for i, facts in enumerate(result["dataset"]["series"]):
        values = [row["series"][i].get(name) for row in rows]
        if result["dataset"]["key"] == "nab":
            values.append(rows[0]["series"][i].get("nab_best"))
        texts = ("–" if value is None else value_text(measure, value) for value in values)
        cells = "".join(f'<td class="number">{text}</td>' for text in texts)
        body.append(f'<tr><th scope="row">{escape(facts["name"])}</th>{cells}</tr>')
    return table(head, body, label=f"{measure.title}, by series", kind="wide results")


def alarm_table(series: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Where the drawn rows raise alarms in a series."""
    head = ['<th scope="col">Method</th>', '<th scope="col">Alarms at row (the first is 0)</th>']
    body = []
    for key, row in series["rows"].items():
        text = escape(alarm_text(row, len(row["alarms"])))
        body.append(f'<tr><th scope="row">{escape(names[key])}</th><td class="text">{text}</td></tr>')
    return table(head, body, label="Alarms", kind="plain")


def alarm_text(row: Mapping[str, Any], most: int) -> str:
    """The first alarms of a drawn row, with the time where the series has a clock."""
    places = [f"{at:,}" for at in row["alarms"][:most]]
    if row["alarm_times"]:
        places = [f"{at} ({time})" for at, time in zip(places, row["alarm_times"], strict=False)]
    more = row["alarms_in_all"] - len(places)
    return (", ".join(places) or "none") + (f" and {more:,} more" if more else "")


def alarm_rate(row: Mapping[str, Any], rate_hz: float | None) -> str:
    """False alarms as a rate, in days where the series has a clock."""
    if row["false"] is None or not row["normal_points"]:
        return ""
    count, points = row["false"], row["normal_points"]
    alarms = f"{count:,} false alarm{'' if count == 1 else 's'}"
    if rate_hz:
        days = points / rate_hz / 86400.0
        if days < 1.0:
            return f"{alarms} in {24.0 * 60.0 * days:,.0f} minutes ({count / days:,.0f} a day)"
        return f"{alarms} in {days:,.1f} days ({count / days:.2f} a day)"
    return f"{alarms} in {points:,} normal points"


def drawn_names(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names of rows by key."""
    return {row["key"]: row["name"] for row in rows}
