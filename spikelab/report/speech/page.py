"""The page of the speech job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.report.fragments import escape, fold
from spikelab.report.page import assemble, steps
from spikelab.report.rows import in_order
from spikelab.report.speech.inside import inside
from spikelab.report.speech.pictures import mistakes, ridge, scores_figure, voices
from spikelab.report.speech.tables import cost_table, recurrence_table, result_table
from spikelab.report.speech.texts import METHOD, NOUN, STEPS, TITLE, WORDS
from spikelab.report.speech.verdict import notes, recurrence, units, verdict

__all__ = ["render"]


def render(result: Mapping[str, Any]) -> str:
    """The page of a speech result.

    Parameters
    ----------
    result : mapping
        The content of ``result.json``, as read back from the file or as it was made.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing.
    """
    rows = in_order(result["rows"])
    dataset, split, kind = result["dataset"], result["split"], result["kind"]
    illustration = result.get("illustration", {})
    facts = {key: value for key, value in dataset.items() if key != "classes"}
    facts |= {f"split: {key}": value for key, value in split.items()}
    method = METHOD.format(noun=NOUN[kind])
    stages = [(title, text.format(noun=NOUN[kind]), learns) for title, text, learns in STEPS[kind]]
    return assemble(
        result,
        kicker=dataset["name"],
        heading=TITLE[kind],
        lead=_lead(result),
        verdict=[*verdict(result), *notes(result)],
        sections=[
            _outcome(result, rows),
            f"<h2>How it works</h2><p>{escape(method)}</p>{steps(stages)}",
            inside(illustration, kind),
            _memory(result),
            mistakes(result),
            voices(result),
            ridge(illustration.get("ridge_paths", {})),
        ],
        words=WORDS[kind],
        details={"Data set, split and licence": facts},
    )


def _lead(result: Mapping[str, Any]) -> str:
    dataset, split = result["dataset"], result["split"]
    shortest, longest = dataset["frames"]
    if result["kind"] == "speakers":
        return (
            f"The same two Japanese vowels, said by {len(dataset['classes'])} men. From {split['train']} "
            "utterances of known speakers each method below learns whose voice is whose; then it hears "
            f"{split['test']} new ones and names the speaker. All it gets is {dataset['features']} numbers a "
            f"frame (cepstra: the colour of the voice), {shortest} to {longest} frames an utterance."
        )
    voices = len(dataset["speakers"])
    said = f" said by {voices} speakers" if voices > 1 else ""
    return (
        f"{len(dataset['classes'])} words ({_listed(dataset['classes'])}){said}: "
        f"{dataset['recordings']:,} recordings of {dataset['seconds'][0]:.1f} to {dataset['seconds'][1]:.1f} "
        "seconds. Each method below learns from a part of them which word is which; then it hears others and "
        f"says the word. All it gets is {dataset['features']} numbers for every {dataset['hop_ms']:g} ms: "
        "how strong each pitch is, and how it changes."
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    return f"{shown}, …" if len(names) > 12 else shown


def _outcome(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    several = len(result["protocols"]) > 1
    figures = "".join(scores_figure(rows, one, several) for one in result["protocols"])
    figures = f'<div class="grid">{figures}</div>' if several else figures
    costs = fold("What the methods cost", cost_table(result)) if several else ""
    return (
        f"<h2>The result</h2>{_how_measured(result)}{result_table(result)}"
        f"<p><small>{_table_notes(result)}</small></p>{figures}{costs}"
    )


def _how_measured(result: Mapping[str, Any]) -> str:
    split, count = result["split"], len(result["seeds"])
    seeds = (
        f"Methods with random parts ran with {count} seed{'' if count == 1 else 's'}; the table shows the "
        "mean ± the standard deviation over the runs."
    )
    if result["kind"] == "speakers":
        parameters = [row["parameters"] for row in result["rows"] if row["parameters"]]
        changes = ""
        if parameters and all(values.get("deltas") for values in parameters):
            changes = " Beside each cepstrum they get its change since the frame before."
        text = (
            f"Every method was fitted on the same {split['train']} utterances and tested on the same "
            f"{split['test']}, which it had never seen. {seeds}{changes} The settings that the job comes "
            f"with were chosen within the {split['train']} utterances."
        )
        return f"<p>{escape(text)}</p>"
    items = "".join(
        f"<li><b>{escape(one['title'].capitalize())}.</b> {escape(one['text'])} {one['train']:,} utterances "
        f"to learn from{' each time' if len(one['folds']) > 1 else ''}, {one['test']:,} in the test.</li>"
        for one in result["protocols"]
    )
    text = (
        f"{seeds} One set of settings serves all speakers and splits; those that the job comes with were "
        "chosen on training recordings of the spoken digits (FSDD) alone."
    )
    return f"<ul>{items}</ul><p>{escape(text)}</p>"


def _table_notes(result: Mapping[str, Any]) -> str:
    model = result["energy_model"]
    floor = next((row["name"] for row in result["rows"] if row["key"] == "pooled_input"), None)
    beside = ""
    if floor is not None:
        beside = (
            f"* {floor}: errors more (+) or fewer (-) on the same utterances, ± the standard error of that "
            "difference over the utterances. "
        )
    return escape(
        f"{beside}Best: the model with the fewest errors in this table, so that its own figure flatters it a "
        "little. Seconds: wall time of one fit on this machine, the ear and compilation not counted. "
        f"Energy: {model['accumulate_pj']} pJ an addition caused by a spike, "
        f"{model['multiply_accumulate_pj']} pJ a multiplication and addition; {model['counts']} "
        f"({model['source']}). A model of the arithmetic, not a measurement."
    )


def _memory(result: Mapping[str, Any]) -> str:
    table = recurrence_table(result)
    if not table:
        return ""
    words = result["kind"] == "words"
    sound = (
        "the ear already tells how each pitch changes over five frames, and "
        if words
        else "where changes from frame to frame are fed in they tell the nearest past, and "
    )
    text = (
        "A reservoir mixes the present with the past. Does that help here? Each reservoir has a memoryless "
        "twin: the same random units and input connections, the same summary and readout, but no connections "
        "among the units and, for smooth values, no leak; a spiking neuron keeps its membrane. So the twin "
        "sees every frame on its own. It is told much of the past in other ways, though: "
        f"{sound}the summary cuts the utterance into parts, so that the order of sounds is known without any "
        "memory in the network. What is left for recurrence is the difference in this table; positive: the "
        "twin makes more errors. The twin has its reservoir's settings; none were sought for it alone."
    )
    sentences = [
        sentence
        for one in result["protocols"]
        for sentence in (*recurrence(result, one), *units(result, one))
    ]
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<h2>What recurrence adds, and what it does not</h2><p>{escape(text)}</p>{table}<ul>{told}</ul>"
