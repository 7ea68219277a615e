"""The pictures of the page, drawn from ``result.json`` alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelab.plot.learning import learning_curve
from spikelab.plot.plasticity import receptive_fields
from spikelab.plot.readouts import confusion, scores
from spikelab.report.fragments import escape, figure
from spikelab.report.stdp.tables import groups
from spikelab.report.stdp.verdict import find_row, percent
from spikelab.report.svg import inline_svg

__all__ = ["curve_figure", "fields_figure", "mistakes_figure", "scores_figure"]

Row = Mapping[str, Any]

# Rows below that are left out when the axis is chosen: chance would hide all differences.
_NEAR_CHANCE = 0.5


def scores_figure(result: Row) -> str:
    """Accuracies of all rows as points."""
    rows = [row for _, some in groups(result) for row in some]
    if not rows:
        return ""
    lowest = _axis_start([row["metrics"]["accuracy"]["mean"] for row in rows])
    alt = "Accuracy: " + "; ".join(f"{row['name']} {percent(row)}" for row in rows)
    caption = (
        "<b>The accuracies as points.</b> A bar through a point is the standard deviation over seeds. "
        "Circles are models, squares controls, hollow diamonds floors: what a floor reaches needs no "
        f"neurons. The axis starts at {100 * lowest:.0f} %; what lies below stands at its edge."
    )
    return figure(inline_svg(scores(rows, lowest=lowest), name="scores", alt=alt), caption, narrow=True)


def _axis_start(values: list[float]) -> float:
    seen = [value for value in values if value > _NEAR_CHANCE]
    return max(0.0, math.floor(100 * (2 * min(seen) - max(seen))) / 100) if seen else 0.0


def fields_figure(illustration: Row) -> str:
    """What each neuron of the smallest network has learned to see."""
    fields = illustration.get("fields")
    if not fields:
        return ""
    rows, columns = fields["shape"]
    weights = np.asarray(fields["weights"], np.float64)
    drawn = receptive_fields(weights, (rows, columns), most=weights.shape[1], labels=fields["labels"])
    alt = f"Weights of {weights.shape[1]} neurons as images of {rows} by {columns} pixels, with their classes"
    caption = (
        f"<b>Receptive fields.</b> Each square is one of the {fields['n']} neurons of the smallest network, "
        "first seed: the darker a pixel, the stronger its connection. In the corner stands the class that "
        "the neuron was given afterwards. Labels played no part in how these came about."
    )
    return figure(inline_svg(drawn, name="fields", alt=alt), caption, narrow=True)


def curve_figure(illustration: Row) -> str:
    """Accuracy after more and more images, beside the network whose weights stay."""
    curve = illustration.get("curve")
    if not curve:
        return ""
    learning, control = ([100 * value for value in curve[name]] for name in ("learning", "control"))
    drawn = learning_curve(
        {"STDP": learning}, {"weights stay": control}, x=curve["samples"], xlabel="images seen"
    )
    drawn.axes[0].set_xscale("log")
    alt = (
        f"Accuracy of {curve['n']} neurons after {curve['samples'][0]:,} to {curve['samples'][-1]:,} images: "
        f"from {learning[0]:.0f} to {learning[-1]:.0f} percent with learning, "
        f"{control[0]:.0f} to {control[-1]:.0f} percent where weights stay"
    )
    caption = (
        f"<b>Learning curve</b> of {curve['n']:,} neurons, first seed, beside the same network whose weights "
        "stay as they were drawn while its thresholds adapt. Everything here comes from the training part: "
        f"{curve['judges']:,} of its images that this run did not learn from are the judges."
    )
    return figure(inline_svg(drawn, name="curve", alt=alt), caption, narrow=True)


def mistakes_figure(result: Row) -> str:
    """What the largest network takes for what."""
    row = next((row for n in reversed(result["neurons"]) if (row := find_row(result, f"stdp_{n}"))), None)
    if row is None:
        return ""
    n, names = row["metrics"]["errors"]["n"], result["dataset"]["classes"]
    runs = f"{n} run{'' if n == 1 else 's'}"
    alt = f"Confusion matrix of {row['name']}, {runs} added up"
    caption = (
        f"<b>{escape(row['name'])}</b>, {runs} added up. A row is the class that was right, a column the one "
        "that was answered; right answers lie on the blue diagonal."
    )
    drawn = confusion(row["confusion"], classes=names)
    return figure(inline_svg(drawn, name="confusion", alt=alt), caption, narrow=True)
