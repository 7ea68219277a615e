"""``spikelab run speech``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from spikelab.cli.job_command import command_line, finish, job_options, prepare_folder, wide_console

__all__ = ["speech"]


@click.command(short_help="Recognise nine speakers by their vowels (Japanese Vowels, bundled).")
@job_options(
    "speech",
    quick="Smaller networks and two seeds: a look in a few seconds.",
    rows="esn.*, esn_ensemble.*, lsm.*",
)
@click.pass_context
def speech(
    ctx: click.Context, output: Path, seed: int, seeds: int | None, quick: bool, settings: tuple[str, ...]
) -> None:
    """Recognise nine speakers by their vowels, beside floors and a control.

    The data set (Japanese Vowels, 270 + 370 utterances) is bundled. Ctrl-C keeps what is finished.
    """
    from spikelab.cli.jobs.speech import run_speech
    from spikelab.cli.progress import progress
    from spikelab.report.speech.page import render

    prepare_folder("speech", output)
    with progress() as meter:
        result = run_speech(
            seed=seed, seeds=seeds, quick=quick, settings=settings, meter=meter, command=command_line()
        )
    finish(ctx, output, result, render, _show)


def _show(result: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from spikelab.report.speech.verdict import verdict

    test_size = result["split"]["test"]
    table = Table(title=f"{result['dataset']['name']}: {test_size} test utterances", title_justify="left")
    table.add_column("row", no_wrap=True)
    table.add_column("kind")
    for name in ("accuracy %", "errors", "runs", "fit s", "predict s", "SynOps/sample", "nJ/sample"):
        table.add_column(name, justify="right")
    for row in result["rows"]:
        metrics = row["metrics"]
        accuracy, errors = metrics["accuracy"], metrics["errors"]
        table.add_row(
            escape(row["name"]),
            row["kind"],
            f"{100 * accuracy['mean']:.2f} ± {100 * accuracy['std']:.2f}",
            f"{errors['mean']:.1f} ± {errors['std']:.1f}",
            str(errors["n"]),
            f"{metrics['fit_s']['mean']:.2f}",
            f"{metrics['predict_s']['mean']:.2f}",
            f"{metrics['synops_per_sample']['mean']:,.0f}",
            f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
        )
    console = wide_console()
    console.print(table)
    console.print(verdict(result["rows"], test_size), highlight=False, markup=False)
