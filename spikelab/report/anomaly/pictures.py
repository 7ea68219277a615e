"""The pictures of the page, drawn from ``result.json`` alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from spikelab.plot.anomaly import anomaly_scores
from spikelab.report.anomaly.tables import alarm_rate, alarm_table, drawn_names
from spikelab.report.fragments import escape, figure
from spikelab.report.svg import inline_svg

__all__ = ["series_section"]


def series_section(result: Mapping[str, Any]) -> str:
    """A picture of each series that was kept, a closer look at its marked stretches, and the alarms."""
    illustration = result.get("illustration", {})
    if not illustration:
        return ""
    names = drawn_names(result["rows"])
    shown, total = len(illustration["series"]), len(result["dataset"]["series"])
    if result["dataset"]["series"][0]["labelled"]:
        text = (
            "Top: the series; a dashed line ends the part that was learnt from, shaded stretches are what "
            "people marked. Below: the scores of the ESN and of the best plain method, with the threshold as "
            "a line. Triangles are alarms, filled where they are right."
        )
    else:
        text = (
            "Top: the series; a dashed line ends the part that was learnt from. Below: the score of the ESN, "
            "with the threshold as a line. Triangles are alarms."
        )
    if shown < total:
        text += (
            f" Of {total} series {shown} are drawn: the best for the ESN, two of the middle, and the worst."
        )
    made = "".join(_series(i, one, names) for i, one in enumerate(illustration["series"]))
    return f"<h2>A closer look</h2><p>{escape(text)}</p>{made}"


def _series(number: int, series: Mapping[str, Any], names: Mapping[str, str]) -> str:
    rows = series["rows"]
    why = f" ({series['why']})" if series["why"] else ""
    drawing = anomaly_scores(
        series["value"],
        {names[key]: row["score"] for key, row in rows.items()},
        windows=[tuple(window) for window in series["windows"]],
        levels={names[key]: _level(row) for key, row in rows.items()},
        alarms={names[key]: row["alarms"] for key, row in rows.items()},
        train_stop=series["train_stop"],
        rate_hz=series["rate_hz"],
        ylabel=series["channel"],
        others=series["others"],
    )
    said = []
    shown = 1 + len(series["others"])
    if shown < series["channels"]:
        said.append(f"{shown} of {series['channels']} channels {'is' if shown == 1 else 'are'} drawn.")
    for key, row in rows.items():
        rate = alarm_rate(row, series["rate_hz"])
        if math.isfinite(_level(row)):
            said.append(f"{names[key]}: {rate or str(row['alarms_in_all']) + ' alarms'}.")
        else:
            said.append(f"{names[key]}: highest score at row {row['highest']:,}.")
    name = f'<b style="overflow-wrap: anywhere">{escape(series["name"])}</b>'
    caption = f"{name}{escape(why)}. {escape(' '.join(said))}"
    svg = inline_svg(drawing, name=f"series{number}", alt=_alt(series))
    # On a narrow screen the picture scrolls: shrunk to it, its words could not be read.
    label = escape(f"Series {series['name']}")
    wide = (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">'
        f'<div style="min-width: 640px">{svg}</div></div>'
    )
    picture = figure(wide, caption)
    zooms = "".join(
        _zoom(f"series{number}zoom{i}", zoom, series, names) for i, zoom in enumerate(series["zooms"])
    )
    listed = "" if series["windows"] else alarm_table(series, names)
    return f'{picture}<div class="grid">{zooms}</div>{listed}'


def _zoom(name: str, zoom: Mapping[str, Any], series: Mapping[str, Any], names: Mapping[str, str]) -> str:
    start, stop = zoom["window"]
    places = zoom["value"]["at"]
    drawing = anomaly_scores(
        zoom["value"],
        {names[key]: curve for key, curve in zoom["rows"].items()},
        windows=[(a, b) for a, b in series["windows"] if a <= places[-1] and b >= places[0]],
        levels={names[key]: _level(row) for key, row in series["rows"].items()},
        alarms={
            names[key]: [at for at in row["alarms"] if places[0] <= at <= places[-1]]
            for key, row in series["rows"].items()
        },
        train_stop=series["train_stop"],
        ylabel=series["channel"],
        others=zoom["others"],
        width=4.8,
    )
    raised = any(start <= at < stop for row in series["rows"].values() for at in row["alarms"])
    marked = "Around an alarm" if raised else "Around the highest score"
    if series["windows"]:
        marked = "The marked stretch"
    alt = f"Rows {start} to {stop} of {series['name']} with the scores"
    return figure(inline_svg(drawing, name=name, alt=alt), f"{marked}, rows {start:,} to {stop:,}.")


def _level(row: Mapping[str, Any]) -> float:
    """The threshold; JSON has null for none."""
    return math.nan if row["level"] is None else float(row["level"])


def _alt(series: Mapping[str, Any]) -> str:
    marks = "; ".join(f"{start} to {stop}" for start, stop in series["windows"]) or "none"
    return f"Series {series['name']} with {series['points']} rows and its scores; marked stretches: {marks}"
