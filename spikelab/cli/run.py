"""``spikelab run``: a job on a data set, with its result as JSON, page and table."""

from __future__ import annotations

import click

from spikelab.cli.groups import LateCommand, LateGroup

__all__ = ["run"]


@click.group(
    cls=LateGroup,
    noun="job",
    late={
        "anomaly": LateCommand("spikelab.cli.run_anomaly:anomaly", "Find what is unusual in a series."),
        "forecast": LateCommand("spikelab.cli.run_forecast:forecast", "Continue chaotic series."),
        "speech": LateCommand("spikelab.cli.run_speech:speech", "Recognise speakers or words by sound."),
        "stdp-mnist": LateCommand("spikelab.cli.run_stdp:stdp", "Learn digits without labels, by STDP."),
    },
)
def run() -> None:
    """Run a job on a data set and write its report."""
