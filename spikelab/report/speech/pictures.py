"""The pictures of the page, drawn from ``result.json`` alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.plot.readouts import confusion, ridge_path, scores
from spikelab.report.fragments import escape, figure
from spikelab.report.rows import in_order
from spikelab.report.speech.tables import class_table, voices_table
from spikelab.report.speech.texts import NOUN
from spikelab.report.speech.verdict import best_row
from spikelab.report.svg import inline_svg

__all__ = ["mistakes", "ridge", "scores_figure", "voices"]

Row = Mapping[str, Any]

# Where the axis of accuracies begins at the latest: with no errors at all there would be no axis.
_LAST_START = 0.98


def scores_figure(rows: Sequence[Row], protocol: Row, several: bool = False) -> str:
    """Accuracies of one protocol as points."""
    if not rows:
        return ""
    shown = [{**row, "metrics": row["protocols"][protocol["key"]]} for row in in_order(rows)]
    alt = f"Accuracy, {protocol['title']}: " + "; ".join(
        f"{row['name']} {100 * row['metrics']['accuracy']['mean']:.1f} percent" for row in shown
    )
    lowest = _axis_start(shown)
    svg = inline_svg(scores(shown, lowest=lowest), name=f"scores-{protocol['key']}", alt=alt)
    title = (
        f"The accuracies as points: {escape(protocol['title'])}." if several else "The accuracies as points."
    )
    caption = (
        f"<b>{title}</b> A bar through a point is the standard deviation over seeds. Circles are models, "
        "squares controls, hollow diamonds floors: what a floor reaches needs no network. The axis starts at "
        f"{100 * lowest:.0f} %, so that the differences can be seen."
    )
    return figure(svg, caption, narrow=True)


def _axis_start(rows: Sequence[Row]) -> float:
    """A whole per cent that leaves the worst row, chance aside, in the middle of the axis or to its right."""
    accuracies = [row["metrics"]["accuracy"] for row in rows]
    low = [found["mean"] - found["std"] for found in accuracies if found["mean"] > 0.5]
    return min(_LAST_START, max(0.0, math.floor(100 * (2 * min(low) - 1)) / 100)) if low else 0.0


def mistakes(result: Row) -> str:
    """What was taken for what by the best model, and every row's errors for each class."""
    rows, classes, noun = result["rows"], result["dataset"]["classes"], NOUN[result["kind"]]
    if not rows:
        return ""
    several = len(result["protocols"]) > 1
    what = "Who is mistaken for whom" if result["kind"] == "speakers" else "Which word is mistaken for which"
    parts = [f"<h2>{what}</h2>"]
    shown = []
    for one in result["protocols"]:
        best = best_row(rows, "model", one["key"])
        if best is not None:
            shown.append(_confusion(best, one, [str(name) for name in classes], noun, several))
    parts.append(f'<div class="grid">{"".join(shown)}</div>' if several else "".join(shown))
    for one in result["protocols"]:
        where = f", {escape(one['title'])}" if several else ""
        parts.append(f"<h3>Errors for each {noun}{where}</h3>")
        parts.append(
            f"<p>How many utterances of each {noun} were given to another, the mean over the runs. The "
            f"stronger the shade, the larger the share of that {noun}'s utterances.</p>"
        )
        parts.append(class_table(rows, classes, one["key"], noun))
    return "".join(parts)


def _confusion(best: Row, protocol: Row, names: Sequence[str], noun: str, several: bool) -> str:
    judged = best["protocols"][protocol["key"]]
    n = judged["errors"]["n"]
    drawn = confusion(judged["confusion"], classes=names, noun=noun)
    runs = f"{n} run{'' if n == 1 else 's'}"
    where = f", {protocol['title']}" if several else ""
    common = _strongest(judged["confusion"], names, noun)
    alt = f"Confusion matrix of {best['name']}{where}, {runs} added up. {common}"
    caption = (
        f"<b>{escape(best['name'])}</b>{escape(where)}, {runs} added up. A row is the {noun} that was right, "
        "a column the one that was answered; right answers lie on the blue diagonal, and the shade is the "
        f"share of the row. {escape(common)}"
    )
    return figure(
        inline_svg(drawn, name=f"confusion-{protocol['key']}", alt=alt), caption, narrow=not several
    )


def _strongest(matrix: Sequence[Sequence[int]], names: Sequence[str], noun: str) -> str:
    """The mistake that takes the largest share of a class's utterances, in words."""
    wrong = [
        (count / sum(line), count, sum(line), names[i], names[j])
        for i, line in enumerate(matrix)
        for j, count in enumerate(line)
        if i != j and count
    ]
    if not wrong:
        return "There are no mistakes."
    _, count, total, right, named = max(wrong, key=lambda mistake: mistake[0])
    return f"The strongest confusion: {noun} {right} is taken for {named} in {count:,} of {total:,} cases."


def voices(result: Row) -> str:
    """How well each speaker is understood, where speakers are known."""
    names = result["dataset"].get("speakers", [])
    shown = [one for one in result["protocols"] if _has_speakers(result["rows"], one["key"], names)]
    if result["kind"] != "words" or not shown:
        return ""
    parts = ["<h2>Whose words are understood</h2>"]
    for one in shown:
        lead = (
            "Each column is a speaker who was left out of training: the figure says how well a voice is "
            "understood that was never heard before."
            if one["key"] == "speakers"
            else "Here other recordings of the same speaker were part of the training."
        )
        parts.append(f"<h3>{escape(one['title'].capitalize())}</h3><p>{lead}</p>")
        parts.append(voices_table(result["rows"], names, one["key"]))
    return "".join(parts)


def _has_speakers(rows: Sequence[Row], protocol: str, names: Sequence[str]) -> bool:
    return bool(names) and all(
        set(row["protocols"][protocol].get("speakers", {})) >= set(names) for row in rows
    )


def ridge(paths: Mapping[str, Mapping[str, Any]]) -> str:
    """Ridge path of each model that recorded one."""
    if not paths:
        return ""
    parts = []
    for key, path in paths.items():
        drawn = ridge_path(path["alpha"], path["score"], chosen=path["chosen"], ylabel=path["label"])
        alt = f"{path['label']} against ridge strength for {path['name']}; {path['chosen']:.2g} was chosen"
        svg = inline_svg(drawn, name=f"ridge-{key}", alt=alt)
        caption = (
            f"<b>{escape(path['name'])}</b>, first seed. Each point is one alpha that was tried; the ring "
            "marks the one in use. Lower is better."
        )
        parts.append(figure(svg, caption))
    text = (
        "The readout has one knob, alpha: how strongly large weights are punished. Too little and it learns "
        "the training utterances by heart; too much and it can learn nothing. The score estimates the error "
        "on new utterances from the training utterances alone; the alpha with the lowest score is used."
    )
    return f'<h2>How cautious the readout is</h2><p>{text}</p><div class="grid">{"".join(parts)}</div>'
