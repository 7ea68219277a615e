"""``report.html``: one page that stands alone and explains itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from string import Template
from typing import Any

from spikelab.report.fragments import escape, fold, key_table
from spikelab.report.pictures import inside, mistakes, ridge, scores_figure
from spikelab.report.tables import in_order, result_table
from spikelab.report.texts import glossary, steps
from spikelab.report.verdict import notes, verdict

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
    dataset, split = result["dataset"], result["split"]
    illustration = result.get("illustration", {})
    template = Template(_read("page.html"))
    return template.substitute(
        title=f"Who is speaking? spikelab on {escape(dataset['name'])}",
        style=_read("page.css"),
        dataset=escape(dataset["name"]),
        lead=_lead(dataset, split),
        banners=_banners(result),
        verdict=_verdict(rows, split["test"]),
        how_measured=_how_measured(result),
        result_table=result_table(rows, split["test"]),
        table_notes=_table_notes(result),
        scores_figure=scores_figure(rows),
        steps=steps(),
        inside=inside(illustration),
        mistakes=mistakes(rows, dataset["classes"]),
        ridge=ridge(illustration.get("ridge_paths", {})),
        command=escape(result["command"]),
        again="The same seeds give the same networks and, on the same machine, the same answers.",
        details=_details(result, rows),
        glossary=glossary(),
        footer=_footer(result),
    )


def _read(name: str) -> str:
    return resources.files("spikelab.report").joinpath(name).read_text(encoding="utf-8").strip()


def _lead(dataset: Mapping[str, Any], split: Mapping[str, Any]) -> str:
    shortest, longest = dataset["frames"]
    return escape(
        f"The same two Japanese vowels, said by {len(dataset['classes'])} men. From {split['train']} "
        "utterances of known speakers each method below learns whose voice is whose; then it hears "
        f"{split['test']} new ones and names the speaker. All it gets is {dataset['features']} numbers a "
        f"frame (cepstra: the colour of the voice), {shortest} to {longest} frames an utterance."
    )


def _banners(result: Mapping[str, Any]) -> str:
    texts = []
    if result["interrupted"]:
        texts.append("This run was interrupted: the rows below are what was finished.")
    if result["quick"]:
        texts.append("A quick run (--quick): smaller networks and fewer seeds. Do not quote its numbers.")
    return "".join(f'<p class="banner" role="note">{escape(text)}</p>' for text in texts)


def _verdict(rows: Sequence[Mapping[str, Any]], test_size: int) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in (verdict(rows, test_size), *notes(rows)))


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


def _details(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    parameters = "".join(
        f"<h3>{escape(row['name'])}</h3>{key_table(row['parameters'], label=row['name'])}"
        for row in rows
        if row["parameters"]
    )
    dataset = {key: value for key, value in result["dataset"].items() if key != "classes"}
    dataset |= {f"split: {key}": value for key, value in result["split"].items()}
    run = {
        "seeds": result["seeds"],
        "quick": result["quick"],
        "interrupted": result["interrupted"],
        "wall_s": f"{result['wall_s']:.1f}",
        "started": result["started"],
    }
    return "".join(
        (
            fold("Parameters of every method", parameters or "<p>None.</p>"),
            fold("Versions", key_table(result["versions"], label="Versions")),
            fold("Machine and run", key_table({**result["machine"], **run}, label="Machine and run")),
            fold("Data set, split and licence", key_table(dataset, label="Data set")),
        )
    )


def _footer(result: Mapping[str, Any]) -> str:
    version = result["versions"]["spikelab"]
    return escape(
        f"Made by spikelab {version}, {_moment(result['started'])}, in {result['wall_s']:.0f} s. "
        "The numbers, also those behind the pictures, are in result.json beside this page."
    )


def _moment(started: str) -> str:
    """``2026-01-02 03:04 UTC``."""
    return f"{datetime.fromisoformat(started).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
