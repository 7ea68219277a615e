"""``spikelab compare``: rules without backpropagation beside backprop and floors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from spikelab.cli.job_command import carry_out, wide_console

__all__ = ["compare"]

_MOST_SEEDS = 10_000
# Columns that a terminal has room for: all stand on the page.
_SHOWN = (0, 1, 2, 3, 4, 5, 9, 12)


@click.command(short_help="Compare rules without backpropagation with backprop.")
@click.argument("dataset", type=click.Choice(["digits"]))
@click.option(
    "--arms", default="all", show_default=True, help="Keys of arms with commas between, or all of them."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("out") / "compare",
    show_default=True,
    help="Folder for result.json, report.html and finished trials, which a second run takes up.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="First seed.")
@click.option(
    "--seeds", type=click.IntRange(1, _MOST_SEEDS), default=None, help="How many.  [default: 3; quick: 2]"
)
@click.option("--epochs", type=click.IntRange(min=1), default=None, help="For every arm.")
@click.option(
    "--tune",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Trials of settings for each arm, on validation data.",
)
@click.option("--quick", is_flag=True, help="Three epochs and two seeds: a look.")
@click.pass_context
def compare(ctx: click.Context, /, output: Path, **options: Any) -> None:
    """Train every arm on DATASET under equal conditions, and say what became of popular claims.

    Equal are the architecture, first weights, order of data, epochs, tuning trials and threads. Ctrl-C keeps
    what is finished; the same command goes on from there.
    """
    from spikelab.cli.jobs.compare import run_compare
    from spikelab.report.compare.page import render

    carry_out(ctx, "compare", run_compare, render, _show, output=output, folder=output / "trials", **options)


def _show(result: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from spikelab.report.compare.tables import COLUMNS, cells, groups
    from spikelab.report.compare.verdict import sentences

    console = wide_console()
    title = f"{result['dataset']['name']}: {result['split']['test']:,} test samples"
    table = Table(title=escape(title), title_justify="left")
    table.add_column("arm", no_wrap=True)
    for i in _SHOWN:
        table.add_column(COLUMNS[i], justify="right", no_wrap=True)
    for _, rows in groups(result):
        for row in rows:
            found = cells(row)
            table.add_row(escape(row["name"]), *(escape(found[i]) for i in _SHOWN))
        table.add_section()
    console.print(table)
    for one in result["skipped"]:
        console.print(f"Skipped: {one['name']} ({one['reason']}).", highlight=False, markup=False)
    for text in sentences(result):
        console.print(text, highlight=False, markup=False)
    claims = Table(title="Claims", title_justify="left")
    for name in ("claim", "network", "verdict", "number"):
        claims.add_column(name)
    for one in result["claims"]:
        claims.add_row(*(escape(one[name]) for name in ("claim", "kind", "verdict", "number")))
    console.print(claims)
