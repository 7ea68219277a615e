"""``spikelab bench NAME``: every figure the project states is one command."""

from __future__ import annotations

import click

from spikelab.cli.groups import LateCommand, LateGroup

__all__ = ["bench"]


@click.group(
    cls=LateGroup,
    noun="benchmark",
    late={
        "lif": LateCommand("spikelab.bench.lif:command", "LIF layer beside snnTorch and plain NumPy."),
        "reservoir": LateCommand("spikelab.bench.reservoir:command", "Echo states beside reservoirpy."),
    },
)
def bench() -> None:
    """Measure a claim again, on this machine."""
