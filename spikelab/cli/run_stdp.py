"""``spikelab run stdp-mnist``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from spikelab.cli.job_command import carry_out, job_options, wide_console

__all__ = ["stdp"]


@click.command(name="stdp-mnist", short_help="Learn digits without labels, by STDP.")
@click.option(
    "--dataset",
    type=click.Choice(["mnist", "fashion_mnist", "digits"]),
    default="mnist",
    show_default=True,
    help="MNIST or Fashion-MNIST (see `spikelab data`), or the small digits that scikit-learn brings.",
)
@click.option(
    "--neurons",
    type=click.IntRange(2, 100_000),
    multiple=True,
    help="Size of a network. May be repeated.  [default: 100, 400 and 1600; quick: 100]",
)
@job_options(
    "stdp-mnist",
    quick="The smallest network, two seeds, and the first few thousand images: a look in a minute.",
    rows="stdp_100.*, stdp_400.*, stdp_1600.*, logistic.*",
    example="stdp_400.epochs=2",
    seeds="3; quick: 2",
)
@click.pass_context
def stdp(ctx: click.Context, /, **options: Any) -> None:
    """Learn digits by STDP (Diehl & Cook 2015), beside controls that cannot learn and plain methods.

    Ctrl-C keeps what is finished.
    """
    from spikelab.cli.jobs.stdp import run_stdp
    from spikelab.report.stdp.page import render

    carry_out(ctx, "stdp-mnist", run_stdp, render, _show, **options)


def _show(result: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from spikelab.report.stdp.verdict import sentences

    console = wide_console()
    title = f"{result['dataset']['name']}: {result['split']['test']:,} test images"
    table = Table(title=escape(title), title_justify="left")
    table.add_column("row", no_wrap=True)
    for name in ("accuracy %", "95 % interval", "runs", "fit s", "predict s", "SynOps/sample", "nJ/sample"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in result["rows"]:
        metrics, (low, high) = row["metrics"], row["interval"]
        accuracy = metrics["accuracy"]
        table.add_row(
            escape(row["name"]),
            f"{100 * accuracy['mean']:.2f} ± {100 * accuracy['std']:.2f}",
            f"{100 * low:.1f} to {100 * high:.1f}",
            str(accuracy["n"]),
            f"{metrics['fit_s']['mean']:.1f}",
            f"{metrics['predict_s']['mean']:.2f}",
            f"{metrics['synops_per_sample']['mean']:,.0f}",
            f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
        )
    console.print(table)
    for text in sentences(result):
        console.print(text, highlight=False, markup=False)
