"""``spikelab run forecast``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from spikelab.cli.job_command import carry_out, job_options, wide_console

__all__ = ["TASK_NAMES", "forecast"]

TASK_NAMES = ("all", "narma10", "mackey-glass", "lorenz63")


@click.command(short_help="Forecast chaotic series and follow a nonlinear filter (made by formula).")
@click.option("--task", type=click.Choice(TASK_NAMES), default="all", show_default=True, help="What to run.")
@job_options(
    "forecast",
    quick="Small networks, short series and two seeds: a look in a few seconds.",
    rows="narma10_esn.*, mackey_glass_linear.*, lorenz63_memoryless.* ...",
)
@click.pass_context
def forecast(ctx: click.Context, /, **options: Any) -> None:
    """Forecast with echo state networks, beside linear floors and a control without memory.

    NARMA10 is followed from its input; Mackey-Glass and Lorenz's system are continued on the model's own
    forecasts. Formulas make the series, so there is nothing to download. Ctrl-C keeps what is finished.
    """
    from spikelab.cli.jobs.forecast import run_forecast
    from spikelab.report.forecast.page import render

    carry_out(ctx, "forecast", run_forecast, render, _show, **options)


def _show(result: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from spikelab.report.forecast.figures import spread_text
    from spikelab.report.forecast.verdict import verdict

    console = wide_console()
    for name, task in result["tasks"].items():
        table = Table(title=f"{task['title']}: {task['figure']}", title_justify="left")
        table.add_column("row", no_wrap=True)
        table.add_column("kind")
        for heading in (task["figure"], "runs", "fit s", "predict s", "SynOps/step", "nJ/step"):
            table.add_column(heading, justify="right")
        for row in result["rows"]:
            metrics = row["metrics"]
            if row["task"] == name:
                table.add_row(
                    escape(row["name"]),
                    row["kind"],
                    spread_text(metrics["score"]),
                    str(metrics["score"]["n"]),
                    f"{metrics['fit_s']['mean']:.2f}",
                    f"{metrics['predict_s']['mean']:.2f}",
                    f"{metrics['synops_per_sample']['mean']:,.0f}",
                    f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
                )
        console.print(table)
    for text in verdict(result):
        console.print(text, highlight=False, markup=False)
