"""``spikelab run anomaly``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from spikelab.cli.job_command import carry_out, job_options, wide_console

__all__ = ["anomaly"]

_MOST_ALARMS = 20  # on a terminal; the page has more


@click.command(short_help="Find what is unusual in a series: heart beats, servers, telemetry, your CSV.")
@click.option(
    "--dataset",
    metavar="[demo|ecg|nab|ucr|smap|FILE.csv]",
    default="demo",
    show_default=True,
    help="Series to watch; the demo is bundled.",
)
@click.option("--column", multiple=True, help="Column of a CSV to watch; may be repeated.  [default: all]")
@click.option("--time-column", help="Column of a CSV with the time.  [default: time, timestamp, date]")
@click.option("--label-column", help="Column of a CSV with 1 for abnormal.  [default: label, anomaly]")
@click.option(
    "--nan",
    type=click.Choice(("keep", "error", "interpolate", "drop")),
    default="keep",
    show_default=True,
    help="What becomes of missing values of a CSV.",
)
@click.option(
    "--train",
    type=click.IntRange(min=1),
    help="Rows of a CSV, from its start, that are taken as normal.  [default: a quarter]",
)
@click.option(
    "--save-model",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the fitted detector of a single series, ready to go on.",
)
@job_options(
    "anomaly",
    quick="A smaller network, two seeds, six series at most: a look in a few seconds.",
    rows="esn.*, autoregression.*, windowed_gaussian.*, ...",
)
@click.pass_context
def anomaly(
    ctx: click.Context,
    /,
    column: tuple[str, ...],
    time_column: str | None,
    label_column: str | None,
    nan: str,
    train: int | None,
    **options: Any,
) -> None:
    """Find what is unusual in series, beside plain detectors and a control.

    The demo is an excerpt of a heart beat that proves nothing; ecg, nab, ucr and smap are tests
    (`spikelab data list` says how to get them). A CSV without labels gets a list of alarms. Ctrl-C keeps what
    is finished.
    """
    from spikelab.cli.jobs.anomaly import run_anomaly
    from spikelab.cli.jobs.anomaly_tasks import CsvOptions
    from spikelab.report.anomaly.page import render

    csv = CsvOptions(column or None, time_column, label_column, nan, train)
    carry_out(ctx, "anomaly", run_anomaly, render, _show, options=csv, **options)


def _show(result: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from spikelab.report.anomaly.measures import measures_of, value_text
    from spikelab.report.anomaly.verdict import sentences

    measures = {name: measure for name, measure in measures_of(result).items() if measure.short}
    dataset = result["dataset"]
    table = Table(title=escape(f"{dataset['name']}: {dataset['coverage']}"), title_justify="left")
    table.add_column("row", no_wrap=True)
    table.add_column("kind")
    for title in (*(measure.short for measure in measures.values()), "runs", "fit s", "score s"):
        table.add_column(title, justify="right")
    for row in result["rows"]:
        metrics = row["metrics"]
        cells = []
        for name, measure in measures.items():
            if name not in metrics:
                cells.append("-")
                continue
            spread = f" ± {value_text(measure, metrics[name]['std'])}" if metrics[name]["n"] > 1 else ""
            cells.append(value_text(measure, metrics[name]["mean"]) + spread)
        cells += [str(metrics["fit_s"]["n"])]
        cells += [f"{metrics[name]['mean']:.2f}" for name in ("fit_s", "predict_s")]
        table.add_row(escape(row["name"]), row["kind"], *cells)
    console = wide_console()
    console.print(table)
    verdict, *more = sentences(result)
    for text in (verdict, *_alarms(result), *more):
        console.print(text, highlight=False, markup=False)
    saved = result["saved_model"]
    if saved is not None:
        click.echo(f"Wrote {saved['path']}: spikelab.load_model goes on with it behind the last row.")


def _alarms(result: Mapping[str, Any]) -> list[str]:
    """Where the model of a series without labels raises alarms."""
    from spikelab.report.anomaly.tables import alarm_text

    drawn = result["illustration"].get("series", [])
    if len(result["dataset"]["series"]) > 1 or result["dataset"]["series"][0]["labelled"]:
        return []
    esn = [one["rows"]["esn"] for one in drawn if one["rows"].get("esn", {}).get("alarms")]
    return [f"Alarms at row (the first is 0): {alarm_text(row, _MOST_ALARMS)}" for row in esn]
