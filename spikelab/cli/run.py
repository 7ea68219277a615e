"""``spikelab run``: a job on a data set, with its result as JSON, page and table."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spikelab.cli.groups import INTERRUPTED, LateGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["run", "speech"]


@click.group(cls=LateGroup, noun="dataset")
def run() -> None:
    """Run a job on a data set and write its report."""


@run.command(short_help="Recognise nine speakers by their vowels (Japanese Vowels, bundled).")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("out/speech"),
    show_default=True,
    help="Folder for result.json and report.html.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="First seed.")
@click.option(
    "--seeds", type=click.IntRange(min=1), default=None, help="How many seeds.  [default: 5; quick: 2]"
)
@click.option("--quick", is_flag=True, help="Smaller networks and two seeds: a look in a few seconds.")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change a parameter of a row (esn.*, esn_ensemble.*, lsm.*), such as esn.reservoir.n=200. "
    "May be repeated.",
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
    from spikelab.report.document import write_json, write_text
    from spikelab.report.page import render

    _prepare(output)
    with progress() as meter:
        result = run_speech(
            seed=seed, seeds=seeds, quick=quick, settings=settings, meter=meter, command=_command_line()
        )
    write_json(output / "result.json", result)
    write_text(output / "report.html", render(result))
    _print_table(result)
    click.echo(f"Wrote {output / 'result.json'} and {output / 'report.html'} after {result['wall_s']:.1f} s.")
    if result["interrupted"]:
        click.echo("Interrupted: only finished trials are in the result.", err=True)
        ctx.exit(INTERRUPTED)


def _prepare(output: Path) -> None:
    """Make the folder before the work, so that a bad path costs no minute."""
    from spikelab.errors import ParameterError

    try:
        output.mkdir(parents=True, exist_ok=True)
        probe = output / ".spikelab-write-test"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ParameterError(
            "run speech", "output", str(output), "be a folder that can be written", f"{reason}."
        ) from error


def _command_line() -> str:
    return shlex.join(["spikelab", *sys.argv[1:]])


def _print_table(result: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from spikelab.report.verdict import verdict

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
    console = Console()
    # A pipe has no width of its own; 80 columns would cut the figures.
    console = console if console.is_terminal else Console(width=132)
    console.print(table)
    console.print(verdict(result["rows"], test_size), highlight=False, markup=False)
