"""The pictures of the page, drawn from ``result.json`` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.plot.readouts import answer, confusion, ridge_path, scores
from spikelab.plot.spikes import raster_of
from spikelab.plot.states import stacked
from spikelab.report.fragments import escape, figure
from spikelab.report.svg import inline_svg
from spikelab.report.tables import in_order, speaker_table
from spikelab.report.verdict import best_row

__all__ = ["inside", "mistakes", "ridge", "scores_figure"]

Row = Mapping[str, Any]


def scores_figure(rows: Sequence[Row]) -> str:
    """Accuracies as points."""
    if not rows:
        return ""
    alt = "Accuracy: " + "; ".join(
        f"{row['name']} {100 * row['metrics']['accuracy']['mean']:.1f} percent" for row in in_order(rows)
    )
    svg = inline_svg(scores(in_order(rows)), name="scores", alt=alt)
    caption = (
        "The same accuracies as points; a bar through a point is the spread over seeds. "
        "<b>Filled</b>: with a reservoir (circle) or its control (square). <b>Hollow</b>: floor. "
        "The axis starts at 90 %, so that the differences can be seen."
    )
    return figure(svg, caption, narrow=True)


def inside(illustration: Mapping[str, Any]) -> str:
    """One utterance on its way: what goes in, the reservoir's states, the liquid's spikes."""
    utterance = illustration.get("utterance")
    if not utterance:
        return ""
    parts = [_utterance(utterance)]
    if "states" in illustration:
        parts.append(_states(illustration["states"]))
    if "raster" in illustration:
        parts.append(_raster(illustration["raster"]))
    if "answer" in illustration:
        parts.append(_answer(illustration["answer"]))
    text = (
        f"Utterance {utterance['index'] + 1} of the test set, spoken by speaker "
        f"{escape(utterance['speaker'])}: "
        f"{utterance['frames']} frames. Time runs to the right in every picture."
    )
    return f'<h2>Inside, for one utterance</h2><p>{text}</p><div class="grid">{"".join(parts)}</div>'


def _utterance(utterance: Mapping[str, Any]) -> str:
    values = utterance["values"]
    names = [str(i + 1) for i in range(len(values[0]))]
    drawn = stacked(values, names=names, xlabel="frame", ylabel="cepstrum", colour=2)
    svg = inline_svg(drawn, name="utterance", alt=f"{len(names)} cepstra over {len(values)} frames")
    return figure(svg, "<b>What goes in.</b> The 12 cepstra of each frame, each with its mean taken off.")


def _states(states: Mapping[str, Any]) -> str:
    names = [str(unit) for unit in states["units"]]
    drawn = stacked(states["values"], names=names, xlabel="frame", ylabel="unit")
    svg = inline_svg(drawn, name="states", alt=f"State of {len(names)} reservoir units over the same frames")
    caption = (
        f"<b>What the reservoir makes of it.</b> {len(names)} of its {states['n']} units "
        f"({escape(states['name'])}). "
        "Each follows the sound in a way of its own; the readout picks what tells the speakers apart."
    )
    return figure(svg, caption)


def _raster(raster: Mapping[str, Any]) -> str:
    count = len(raster["time_ms"])
    span = (float(raster["span_ms"][0]), float(raster["span_ms"][1]))
    drawn = raster_of(
        raster["time_ms"],
        raster["neuron"],
        n=raster["n"],
        span_ms=span,
        first_inhibitory=raster.get("first_inhibitory", 0),
    )
    alt = f"{count} spikes of {raster['n']} neurons over {span[1] - span[0]:g} milliseconds"
    rate_hz = 1000.0 * count / raster["n"] / (span[1] - span[0])
    caption = (
        f"<b>The same utterance in the liquid.</b> Every stroke is one spike: {count} spikes of "
        f"{raster['n']} "
        f"neurons, {rate_hz:.0f} a second each on average ({escape(raster['name'])}). "
        "Excitatory neurons drive their targets, inhibitory ones hold them back."
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
        wrong = sum(map(sum, best["confusion"])) - sum(line[i] for i, line in enumerate(best["confusion"]))
        drawn = confusion(best["confusion"], classes=[str(name) for name in classes], noun="speaker")
        alt = f"Confusion matrix of {best['name']}: {wrong} answers off the diagonal over {n} runs"
        caption = (
            f"<b>{escape(best['name'])}</b>, all {n} run{'' if n == 1 else 's'} added up. A row is "
            "the speaker "
            "who really spoke, a column the one who was named; right answers lie on the diagonal, and the "
            "shade is the share of the row."
        )
        parts.append(figure(inline_svg(drawn, name="confusion", alt=alt), caption, narrow=True))
    parts.append("<h3>Errors for each speaker</h3>")
    parts.append("<p>Mean over the runs; the stronger the shade, the larger the share.</p>")
    parts.append(speaker_table(rows, classes))
    return "".join(parts)


def ridge(paths: Mapping[str, Mapping[str, Any]]) -> str:
    """Ridge path of each model that recorded one."""
    if not paths:
        return ""
    parts = []
    for key, path in paths.items():
        drawn = ridge_path(path["alpha"], path["score"], chosen=path["chosen"], ylabel=path["label"])
        alt = f"{path['label']} against ridge strength for {path['name']}; {path['chosen']:.2g} was chosen"
        svg = inline_svg(drawn, name=f"ridge-{key}", alt=alt)
        parts.append(figure(svg, f"<b>{escape(path['name'])}</b>, first seed. Lower is better."))
    text = (
        "The readout has one knob, alpha: how strongly large weights are punished. Too little and it learns "
        "the training utterances by heart; too much and it can learn nothing. Each candidate is "
        "scored on the "
        "training utterances alone, and the best one is used."
    )
    return f'<h2>How cautious the readout is</h2><p>{text}</p><div class="grid">{"".join(parts)}</div>'
