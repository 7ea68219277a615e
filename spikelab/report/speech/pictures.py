"""The pictures of the page, drawn from ``result.json`` alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.plot.readouts import answer, confusion, ridge_path, scores
from spikelab.plot.spikes import raster_of
from spikelab.plot.states import stacked
from spikelab.report.fragments import escape, figure
from spikelab.report.rows import in_order
from spikelab.report.speech.tables import speaker_table
from spikelab.report.speech.verdict import best_row
from spikelab.report.svg import inline_svg

__all__ = ["inside", "mistakes", "ridge", "scores_figure"]

Row = Mapping[str, Any]


def scores_figure(rows: Sequence[Row]) -> str:
    """Accuracies as points."""
    if not rows:
        return ""
    alt = "Accuracy: " + "; ".join(
        f"{row['name']} {100 * row['metrics']['accuracy']['mean']:.1f} percent" for row in in_order(rows)
    )
    lowest = _axis_start(rows)
    svg = inline_svg(scores(in_order(rows), lowest=lowest), name="scores", alt=alt)
    caption = (
        "<b>The same accuracies as points.</b> A bar through a point is the standard deviation over seeds. "
        "Circles are models, squares controls, hollow diamonds floors: what a floor reaches needs no "
        f"reservoir. The axis starts at {100 * lowest:.0f} %, so that the differences can be seen."
    )
    return figure(svg, caption, narrow=True)


def _axis_start(rows: Sequence[Row]) -> float:
    """A whole per cent that leaves the worst row, chance aside, in the middle of the axis or to its right."""
    accuracies = [row["metrics"]["accuracy"] for row in rows]
    low = [found["mean"] - found["std"] for found in accuracies if found["mean"] > 0.5]
    return max(0.0, math.floor(100 * (2 * min(low) - 1)) / 100) if low else 0.0


def inside(illustration: Mapping[str, Any]) -> str:
    """One utterance on its way: what goes in, the reservoir's states, the liquid's spikes."""
    utterance = illustration.get("utterance")
    if not utterance:
        return ""
    parts = [_utterance(utterance)]
    if "states" in illustration:
        parts.append(_states(illustration["states"]))
    if "raster" in illustration:
        parts.append(_raster(illustration["raster"], utterance["frames"]))
    if "answer" in illustration:
        parts.append(_answer(illustration["answer"]))
    text = (
        f"Utterance {utterance['index'] + 1} of the test set, spoken by speaker "
        f"{escape(utterance['speaker'])}: {utterance['frames']} frames, on its way through the networks of "
        "the first seed."
    )
    return f'<h2>Inside, for one utterance</h2><p>{text}</p><div class="grid">{"".join(parts)}</div>'


def _utterance(utterance: Mapping[str, Any]) -> str:
    values = utterance["values"]
    names = [str(i + 1) for i in range(len(values[0]))]
    drawn = stacked(values, names=names, xlabel="frame", ylabel="cepstrum", colour=2)
    alt = f"{len(names)} stacked lines, the cepstra, that change slowly over {len(values)} frames"
    svg = inline_svg(drawn, name="utterance", alt=alt)
    caption = (
        f"<b>What goes in.</b> Time runs to the right; each line is one of the {len(names)} cepstra, "
        "about its own mean. The bar on the right gives the scale of all lines."
    )
    return figure(svg, caption)


def _states(states: Mapping[str, Any]) -> str:
    names = [str(unit) for unit in states["units"]]
    drawn = stacked(states["values"], names=names, xlabel="frame", ylabel="unit")
    alt = f"{len(names)} stacked lines, states of reservoir units, each another curve over the same frames"
    svg = inline_svg(drawn, name="states", alt=alt)
    caption = (
        f"<b>What the reservoir makes of it.</b> {len(names)} of the {states['n']} units "
        f"({escape(states['name'])}), each about its own mean; states lie between -1 and 1. "
        "Each unit follows the sound in a way of its own; the readout picks what tells the speakers apart."
    )
    return figure(svg, caption)


def _raster(raster: Mapping[str, Any], frames: int) -> str:
    count = len(raster["time_ms"])
    span = (float(raster["span_ms"][0]), float(raster["span_ms"][1]))
    drawn = raster_of(
        raster["time_ms"],
        raster["neuron"],
        n=raster["n"],
        span_ms=span,
        first_inhibitory=raster.get("first_inhibitory", 0),
    )
    duration_ms = span[1] - span[0]
    alt = f"Raster of {count} spikes of {raster['n']} neurons over {duration_ms:g} milliseconds"
    rate_hz = 1000.0 * count / raster["n"] / duration_ms
    caption = (
        f"<b>The same utterance in the liquid</b> ({escape(raster['name'])}). A line of strokes is one of "
        f"{raster['n']} neurons, a stroke one spike: {count} in all, {rate_hz:.0f} a second from each neuron "
        f"on average. A frame lasts {duration_ms / frames:g} ms. Excitatory neurons drive their targets, "
        "inhibitory ones hold them back."
    )
    return figure(inline_svg(drawn, name="raster", alt=alt), caption)


def _answer(given: Mapping[str, Any]) -> str:
    drawn = answer(given["sums"], classes=given["classes"], right=given["right"], noun="speaker")
    alt = (
        f"Sums of the readout for {len(given['classes'])} speakers; the largest is that of {given['answer']}"
    )
    verdict = "the right one" if given["answer"] == given["right"] else f"wrong: it was {given['right']}"
    caption = (
        f"<b>What the readout answers.</b> One weighted sum for each speaker ({escape(given['name'])}). "
        f"The largest wins: speaker {escape(given['answer'])}, {escape(verdict)}."
    )
    return figure(inline_svg(drawn, name="answer", alt=alt), caption)


def mistakes(rows: Sequence[Row], classes: Sequence[object]) -> str:
    """Who was taken for whom by the best model, and every row's errors for each speaker."""
    if not rows:
        return ""
    parts = ["<h2>Who is mistaken for whom</h2>"]
    best = best_row(rows, "model")
    if best is not None:
        n = best["metrics"]["errors"]["n"]
        names = [str(name) for name in classes]
        drawn = confusion(best["confusion"], classes=names, noun="speaker")
        runs = f"{n} run{'' if n == 1 else 's'}"
        common = _strongest(best["confusion"], names)
        alt = f"Confusion matrix of {best['name']}, {runs} added up. {common}"
        caption = (
            f"<b>{escape(best['name'])}</b>, {runs} added up. A row is the speaker who spoke, a column the "
            "one who was named; right answers lie on the blue diagonal, and the shade is the share of the "
            f"row. {escape(common)}"
        )
        parts.append(figure(inline_svg(drawn, name="confusion", alt=alt), caption, narrow=True))
    parts.append("<h3>Errors for each speaker</h3>")
    parts.append(
        "<p>How many utterances of each speaker were given to somebody else, the mean over the runs. The "
        "stronger the shade, the larger the share of that speaker's utterances.</p>"
    )
    parts.append(speaker_table(rows, classes))
    return "".join(parts)


def _strongest(matrix: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """The mistake that takes the largest share of a speaker's utterances, in words."""
    wrong = [
        (count / sum(line), count, sum(line), names[i], names[j])
        for i, line in enumerate(matrix)
        for j, count in enumerate(line)
        if i != j and count
    ]
    if not wrong:
        return "There are no mistakes."
    _, count, total, spoke, named = max(wrong, key=lambda mistake: mistake[0])
    return f"The strongest confusion: speaker {spoke} is taken for {named} in {count} of {total} cases."


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
