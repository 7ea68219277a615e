"""``spikelab run speech``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from spikelab.cli.job_command import carry_out, job_options, wide_console

__all__ = ["speech"]


@click.command(short_help="Recognise speakers by their vowels, or spoken words.")
@click.option(
    "--dataset",
    default="vowels",
    show_default=True,
    metavar="vowels|fsdd|PATH",
    help="Japanese Vowels (bundled), spoken digits (see `spikelab data`), or a folder of WAV files: one "
    "sub-folder for each class, or files named CLASS_SPEAKER_TAKE.wav.",
)
@click.option(
    "--protocol",
    type=click.Choice(["official", "speakers", "both"]),
    default=None,
    help="How recordings are tested: on the official (or a held-out) part, on each speaker in turn who is "
    "left out of training, or both.  [default: both where speakers are known]",
)
@click.option(
    "--save-model",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write a recogniser for `spikelab predict` there.",
)
@click.option(
    "--save-row",
    default=None,
    metavar="KEY",
    help="Of which row.  [default: the model with the fewest errors]",
)
@job_options(
    "speech",
    quick="Smaller networks, two seeds, and of recordings a few of each: a look in seconds.",
    rows="esn.*, esn_ensemble.*, lsm.*, pooled_input.*; of recordings also encoded_input.*, front_end.*",
)
@click.pass_context
def speech(ctx: click.Context, /, **options: Any) -> None:
    """Recognise speakers by their vowels, or spoken words, beside floors and controls.

    Ctrl-C keeps what is finished.
    """
    from spikelab.cli.jobs.speech import run_speech
    from spikelab.report.speech.page import render

    carry_out(ctx, "speech", run_speech, render, _show, **options)


def _show(result: Mapping[str, Any]) -> None:
    from spikelab.report.speech.verdict import notes, verdict

    console = wide_console()
    if len(result["protocols"]) == 1:
        console.print(_table(result, costs=True))
    else:
        console.print(_table(result, costs=False))
        console.print(_costs(result))
    floor = next((row["name"] for row in result["rows"] if row["key"] == "pooled_input"), "no floor finished")
    console.print(
        f"* {floor}: errors more (+) or fewer (-) on the same utterances, ± the standard error over them.",
        highlight=False,
    )
    for text in (*verdict(result), *notes(result)):
        console.print(text, highlight=False, markup=False)
    saved = result["saved_model"]
    if saved is not None:
        fitted = f"fitted to {saved['recordings']} recordings"
        click.echo(f"Wrote {saved['path']}, {fitted}: spikelab predict {saved['path']} FILE.wav")


def _table(result: Mapping[str, Any], *, costs: bool) -> Any:
    """Right answers and errors in every protocol, each beside the floor, with the costs if wanted."""
    from spikelab.report.speech.verdict import paired_text

    protocols = result["protocols"]
    sizes = " and ".join(f"{one['test']:,} ({one['title']})" for one in protocols)
    table = _new_table(f"{result['dataset']['name']}: test utterances: {sizes}")
    for one in protocols:
        title = one["title"].replace(" ", "\n", 1) + " %" if len(protocols) > 1 else "accuracy %"
        names = (title, "errors", "to the\nfloor*")
        for name in names:
            table.add_column(name, justify="right", no_wrap=True)
    if costs:
        _add_cost_columns(table)
    for row in result["rows"]:
        cells = []
        for one in protocols:
            judged = row["protocols"][one["key"]]
            accuracy, errors = judged["accuracy"], judged["errors"]
            pairs = [pair for pair in result["pairs"] if pair["protocol"] == one["key"]]
            cells.append(f"{100 * accuracy['mean']:.2f} ± {100 * accuracy['std']:.2f}")
            cells.append(f"{errors['mean']:.1f} ± {errors['std']:.1f}")
            cells.append(paired_text(pairs, row["key"], "pooled_input"))
        table.add_row(_name(row), *cells, *(_cost_cells(row) if costs else ()))
    return table


def _costs(result: Mapping[str, Any]) -> Any:
    table = _new_table("Costs")
    _add_cost_columns(table)
    for row in result["rows"]:
        table.add_row(_name(row), *_cost_cells(row))
    return table


def _new_table(title: str) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left")
    table.add_column("row", no_wrap=True)
    return table


def _name(row: Mapping[str, Any]) -> str:
    from rich.markup import escape

    return escape(row["name"])


def _add_cost_columns(table: Any) -> None:
    for name in ("runs", "fit s", "predict s", "SynOps/sample", "nJ/sample"):
        table.add_column(name, justify="right")


def _cost_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    metrics = row["metrics"]
    return (
        str(metrics["errors"]["n"]),
        f"{metrics['fit_s']['mean']:.2f}",
        f"{metrics['predict_s']['mean']:.2f}",
        f"{metrics['synops_per_sample']['mean']:,.0f}",
        f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
    )
