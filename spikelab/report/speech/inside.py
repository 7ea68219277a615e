"""One utterance on its way through the networks, drawn from ``result.json`` alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelab.plot.audio import cochleagram_of
from spikelab.plot.readouts import answer
from spikelab.plot.spikes import raster_of
from spikelab.plot.states import stacked
from spikelab.report.fragments import escape, figure
from spikelab.report.speech.texts import NOUN
from spikelab.report.svg import inline_svg

__all__ = ["inside"]


def inside(illustration: Mapping[str, Any], kind: str) -> str:
    """What goes in, the reservoir's states, the liquid's spikes, and the answer."""
    utterance = illustration.get("utterance")
    if not utterance:
        return ""
    if "levels" in utterance:
        parts = [_cochleagram(utterance, illustration.get("encoder"))]
        who = f", spoken by {escape(utterance['speaker'])}" if utterance["speaker"] else ""
        what = f"the word {escape(utterance['label'])}{who} (<code>{escape(utterance['name'])}</code>)"
    else:
        parts = [_cepstra(utterance)]
        what = f"spoken by speaker {escape(utterance['label'])}"
    if "states" in illustration:
        parts.append(_states(illustration["states"], NOUN[kind]))
    if "raster" in illustration:
        parts.append(_raster(illustration["raster"], utterance["frames"]))
    if "answer" in illustration:
        parts.append(_answer(illustration["answer"], NOUN[kind]))
    text = (
        f"Utterance {utterance['index'] + 1} of the test set, {what}: {utterance['frames']} frames, on its "
        "way through the networks of the first seed."
    )
    return f'<h2>Inside, for one utterance</h2><p>{text}</p><div class="grid">{"".join(parts)}</div>'


def _cochleagram(utterance: Mapping[str, Any], encoder: Mapping[str, Any] | None) -> str:
    levels = np.asarray(utterance["levels"])
    hop_ms = float(utterance["hop_ms"])
    spikes: dict[str, Any] = {}
    words = ""
    if encoder is not None:
        # A frame may last longer in the simulator than it did in the sound.
        scale = len(levels) * hop_ms / float(encoder["span_ms"][1])
        spikes = {
            "spike_ms": np.asarray(encoder["time_ms"], dtype=float) * scale,
            "spike_channel": encoder["neuron"],
            "n_channels": encoder["n"],
        }
        words = (
            f" Below, the spikes of the {encoder['n']} neurons that code the levels (first the levels from "
            "low to high pitch, then how they change): a stroke is one spike, and this is all that the "
            "liquid gets."
        )
    drawn = cochleagram_of(levels, centres_hz=utterance["centres_hz"], hop_ms=hop_ms, **spikes)
    alt = f"Cochleagram of {utterance['name']}: {levels.shape[1]} channels over {len(levels)} frames"
    if encoder is not None:
        alt += f", and {len(encoder['time_ms'])} spikes of its encoder"
    caption = (
        "<b>What the artificial ear hears.</b> Time runs to the right, pitch upwards; each of "
        f"{levels.shape[1]} channels is the brighter the stronger the sound is at its pitch.{words}"
    )
    return figure(inline_svg(drawn, name="utterance", alt=alt), caption)


def _cepstra(utterance: Mapping[str, Any]) -> str:
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


def _states(states: Mapping[str, Any], noun: str) -> str:
    names = [str(unit) for unit in states["units"]]
    drawn = stacked(states["values"], names=names, xlabel="frame", ylabel="unit")
    alt = f"{len(names)} stacked lines, states of reservoir units, each another curve over the same frames"
    svg = inline_svg(drawn, name="states", alt=alt)
    caption = (
        f"<b>What the reservoir makes of it.</b> {len(names)} of the {states['n']} units "
        f"({escape(states['name'])}), each about its own mean; states lie between -1 and 1. "
        f"Each unit follows the sound in a way of its own; the readout picks what tells one {noun} from "
        "another."
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
        f"{raster['n']} neurons, a stroke one spike: {count:,} in all, {rate_hz:.0f} a second from each "
        f"neuron on average. A frame lasts {duration_ms / frames:g} ms. Excitatory neurons drive their "
        "targets, inhibitory ones hold them back."
    )
    return figure(inline_svg(drawn, name="raster", alt=alt), caption)


def _answer(given: Mapping[str, Any], noun: str) -> str:
    drawn = answer(given["sums"], classes=given["classes"], right=given["right"], noun=noun)
    alt = f"Sums of the readout for {len(given['classes'])} answers; the largest is that of {given['answer']}"
    verdict = "the right one" if given["answer"] == given["right"] else f"wrong: it was {given['right']}"
    caption = (
        f"<b>What the readout answers.</b> One weighted sum for each {noun} ({escape(given['name'])}). "
        f"The largest wins: {noun} {escape(given['answer'])}, {escape(verdict)}."
    )
    return figure(inline_svg(drawn, name="answer", alt=alt), caption)
