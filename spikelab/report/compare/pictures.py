"""The pictures of the page, drawn from ``result.json`` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spikelab.plot.style import MUTED, SERIES, legend_above, new_axes
from spikelab.report.fragments import escape, figure
from spikelab.report.svg import inline_svg

__all__ = ["curves_figure", "price_figure"]

Row = Mapping[str, Any]

_NETWORKS = {"spiking": "spiking networks", "rate": "networks of values"}
# Lines of one picture: more cannot be told apart.
_MOST = 6
_PRICES = {
    "fit_s": ("seconds of learning", "Accuracy and time."),
    "learning_per_sample": ("learning operations a sample", "Accuracy and the work of learning."),
    "synops_per_sample": ("synaptic operations of an answer", "Accuracy and the work of an answer."),
}


def curves_figure(result: Row, kind: str) -> str:
    """Accuracy on the validation part over samples shown, for the arms of one kind of network."""
    rows = [row for row in result["rows"] if row["network"] == kind and _curve(row) is not None]
    first = [row for row in rows if row["group"] != "rule"]
    rules = sorted((row for row in rows if row["group"] == "rule"), key=_validation, reverse=True)
    drawn = [*first, *rules][:_MOST]
    if not drawn:
        return ""
    picture, axes = new_axes(height=3.2)
    for row, colour in zip(drawn, SERIES, strict=False):
        samples, scores = _curve(row) or ([], [])
        style = "-" if row["group"] == "rule" else "--"
        axes.plot(samples, scores, style, color=colour, linewidth=1.4, label=row["name"])
    axes.set(xlabel="samples shown", ylabel="validation accuracy (%)", xscale="log")
    legend_above(axes, 2)
    names = ", ".join(f"{row['name']} {100 * _validation(row):.1f} %" for row in drawn)
    alt = f"Validation accuracy over samples shown, {_NETWORKS[kind]}; at the end {names}"
    caption = (
        f"<b>Learning curves, {_NETWORKS[kind]}.</b> Means over seeds, on samples that no arm learns from. "
        "Dashed are frozen layers and backpropagation; of the rules, those with the best end are drawn."
    )
    return figure(inline_svg(picture, name=f"curves-{kind}", alt=alt), caption)


def price_figure(result: Row, measure: str) -> str:
    """Test accuracy over what it cost; no arm is better and cheaper than one on the line."""
    rows = [
        row
        for row in result["rows"]
        if row["metrics"][measure]["mean"] > 0 and row["metrics"]["accuracy"]["mean"] > 0
    ]
    if not rows:
        return ""
    label, title = _PRICES[measure]
    picture, axes = new_axes(height=3.4)
    points = [(row["metrics"][measure]["mean"], 100 * row["metrics"]["accuracy"]["mean"]) for row in rows]
    for name, colour, marker, some in _kinds(rows):
        axes.plot(
            [points[i][0] for i in some],
            [points[i][1] for i in some],
            marker,
            color=colour,
            label=name,
            markersize=6,
        )
    front = [
        i
        for i, (cost, score) in enumerate(points)
        if not any(_beats(other, (cost, score)) for other in points)
    ]
    front.sort(key=lambda i: points[i])
    axes.plot(
        [points[i][0] for i in front], [points[i][1] for i in front], color=MUTED, linewidth=0.8, zorder=0
    )
    axes.set(xlabel=label, ylabel="test accuracy (%)", xscale="log")
    legend_above(axes, 2)
    names = "; ".join(str(rows[i]["name"]) for i in front)
    alt = f"Test accuracy over {label}; on the line: {names}"
    caption = (
        f"<b>{title}</b> No arm is both better and cheaper than those on the line, from left to right: "
        f"{escape(names)}."
    )
    return figure(inline_svg(picture, name=f"price-{measure}", alt=alt), caption)


def _kinds(rows: Sequence[Row]) -> list[tuple[str, str, str, list[int]]]:
    """Name, colour, marker and places of the arms of each kind."""
    kinds = (
        ("rules, spikes", SERIES[0], "o", "rule", "spiking"),
        ("rules, values", SERIES[1], "o", "rule", "rate"),
        ("backprop", SERIES[2], "s", "backprop", ""),
        ("floors", SERIES[3], "D", "floor", ""),
    )
    found = []
    for name, colour, marker, group, kind in kinds:
        some = [i for i, r in enumerate(rows) if r["group"] == group and kind in ("", r["network"])]
        if some:
            found.append((name, colour, marker, some))
    return found


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[0] and one[1] >= other[1] and one != other


def _curve(row: Row) -> tuple[list[float], list[float]] | None:
    """Samples, and accuracy in per cent, the mean over seeds as far as all of them go."""
    curves = [curve for curve in row["curves"] if curve]
    if not curves:
        return None
    n = min(len(curve) for curve in curves)
    values = np.array([curve[:n] for curve in curves], np.float64)
    return values[0, :, 0].tolist(), (100 * values[:, :, 1].mean(axis=0)).tolist()


def _validation(row: Row) -> float:
    return float(row["metrics"]["validation"]["mean"])
