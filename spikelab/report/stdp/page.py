"""The page of the STDP job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spikelab.report.fragments import escape
from spikelab.report.page import assemble, steps
from spikelab.report.stdp.pictures import curve_figure, fields_figure, mistakes_figure, scores_figure
from spikelab.report.stdp.tables import readout_table, result_table
from spikelab.report.stdp.texts import METHOD, STEPS, WORDS
from spikelab.report.stdp.verdict import sentences

__all__ = ["render"]


def render(result: Mapping[str, Any]) -> str:
    """The page of a result of the STDP job.

    Parameters
    ----------
    result : mapping
        The content of ``result.json``, as read back from the file or as it was made.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing.
    """
    dataset, split, shown = result["dataset"], result["split"], result["illustration"]
    facts = {key: value for key, value in dataset.items() if key not in ("classes", "key")}
    facts |= {f"split: {key}": value for key, value in split.items()}
    return assemble(
        result,
        kicker=dataset["name"],
        heading="Can neurons learn to see without being told?",
        lead=_lead(result),
        verdict=sentences(result),
        sections=[
            f"<h2>The result</h2><p>{_how_measured(result)}</p>{result_table(result)}"
            f"<p><small>{_notes(result)}</small></p>{scores_figure(result)}",
            f"<h2>How it works</h2><p>{escape(METHOD)}</p>{steps(STEPS)}",
            f"<h2>What was learned</h2>{fields_figure(shown)}{curve_figure(shown)}" if shown else "",
            f"<h2>The same counts, read out in other ways</h2><p>{_readouts()}</p>{readout_table(result)}",
            f"<h2>What is taken for what</h2>{mistakes_figure(result)}",
        ],
        words=WORDS,
        details={"Data set, split and licence": facts},
    )


def _lead(result: Mapping[str, Any]) -> str:
    dataset, split = result["dataset"], result["split"]
    return (
        f"Spiking neurons look at {split['train']:,} images of {len(dataset['classes'])} classes "
        f"({dataset['pixels']} pixels), one after another, and learn from each what made them fire. Nobody "
        f"tells them what an image shows. Then they are asked about {split['test']:,} new ones."
    )


def _how_measured(result: Mapping[str, Any]) -> str:
    count = len(result["seeds"])
    return escape(
        f"Split: {result['split']['text']}. Methods with random parts ran with {count} "
        f"seed{'' if count == 1 else 's'}; the table shows the mean ± the standard deviation over them, and "
        "an interval that holds the seeds' and the test images' share in the luck. The settings that the job "
        "comes with were chosen on the last 10,000 training images of MNIST, with the other 50,000 to learn "
        "from; the test images were not touched for that."
    )


def _notes(result: Mapping[str, Any]) -> str:
    model = result["energy_model"]
    return escape(
        "Learning: wall seconds of showing the training images while the network learns; fit: those, and the "
        "pass over some of them (label_samples) that gives neurons their classes (for a fitted readout its "
        "solution, too), on this machine, compilation not counted. Rows that read the counts of another row "
        "repeat its seconds. "
        f"Energy of an answer: {model['accumulate_pj']} pJ an addition caused by a spike, "
        f"{model['multiply_accumulate_pj']} pJ a multiplication and addition; {model['counts']} "
        f"({model['source']}). A model of the arithmetic, not a measurement."
    )


def _readouts() -> str:
    return escape(
        "The vote of a row is the one named in its note. Here every network's spike counts are read out by "
        "all of them, and by a ridge regression, which is fitted to the labels. How much of an accuracy is "
        "the readout's own can be seen from the networks whose weights never learned."
    )
