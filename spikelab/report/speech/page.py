"""The page of the speech job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.report.fragments import escape
from spikelab.report.page import assemble, steps
from spikelab.report.rows import in_order
from spikelab.report.speech.pictures import inside, mistakes, ridge, scores_figure
from spikelab.report.speech.tables import result_table
from spikelab.report.speech.texts import STEPS, WORDS
from spikelab.report.speech.verdict import notes, verdict

__all__ = ["render"]

_METHOD = (
    "Nothing here is trained by backpropagation. A fixed random network turns the sound into many "
    "different echoes of itself; only the last step, a linear sum for each speaker, is fitted, by solving "
    "one system of equations."
)


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
    dataset, split = result["dataset"], result["split"]
    illustration = result.get("illustration", {})
    facts = {key: value for key, value in dataset.items() if key != "classes"}
    facts |= {f"split: {key}": value for key, value in split.items()}
    return assemble(
        result,
        kicker=dataset["name"],
        heading="Who is speaking?",
        lead=_lead(dataset, split),
        verdict=[verdict(rows, split["test"]), *notes(rows)],
        sections=[
            _outcome(result, rows),
            f"<h2>How it works</h2><p>{escape(_METHOD)}</p>{steps(STEPS)}",
            inside(illustration),
            mistakes(rows, dataset["classes"]),
            ridge(illustration.get("ridge_paths", {})),
        ],
        words=WORDS,
        details={"Data set, split and licence": facts},
    )


def _lead(dataset: Mapping[str, Any], split: Mapping[str, Any]) -> str:
    shortest, longest = dataset["frames"]
    return (
        f"The same two Japanese vowels, said by {len(dataset['classes'])} men. From {split['train']} "
        "utterances of known speakers each method below learns whose voice is whose; then it hears "
        f"{split['test']} new ones and names the speaker. All it gets is {dataset['features']} numbers a "
        f"frame (cepstra: the colour of the voice), {shortest} to {longest} frames an utterance."
    )


def _outcome(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    table = result_table(rows, result["split"]["test"])
    return (
        f"<h2>The result</h2><p>{_how_measured(result)}</p>{table}"
        f"<p><small>{_table_notes(result)}</small></p>{scores_figure(rows)}"
    )


def _how_measured(result: Mapping[str, Any]) -> str:
    split, count = result["split"], len(result["seeds"])
    parameters = [row["parameters"] for row in result["rows"] if row["parameters"]]
    changes = ""
    if parameters and all(values.get("deltas") for values in parameters):
        changes = " Beside each cepstrum they get its change since the frame before."
    return escape(
        f"Every method was fitted on the same {split['train']} utterances and tested on the same "
        f"{split['test']}, which it had never seen. Methods with random parts ran with {count} "
        f"seed{'' if count == 1 else 's'}; the table shows the mean ± the standard deviation over the runs."
        f"{changes} The settings that the job comes with were chosen within the {split['train']} utterances."
    )


def _table_notes(result: Mapping[str, Any]) -> str:
    model = result["energy_model"]
    return escape(
        "Best: the model with the fewest errors in this table, so that its own figure flatters it a little. "
        "Seconds: wall time on this machine, compilation not counted. "
        f"Energy: {model['accumulate_pj']} pJ an addition caused by a spike, "
        f"{model['multiply_accumulate_pj']} pJ a multiplication and addition; {model['counts']} "
        f"({model['source']}). A model of the arithmetic, not a measurement."
    )
