"""``spikelab bench brunel``: Brunel's network beside NEST and Brian2.

Every side builds the network by its own rules, in a process of its own, and is timed once a tenth of a second
of its activity is over. The rates are compared before anything is printed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..network import Network
from .document import write_document
from .networks.brunel import brunel
from .options import Peers, common_options, network_options
from .peers.rows import figures, mean_rate_hz, print_figures
from .peers.run import choose_sides, run_in_turn

__all__ = ["command"]

_WARM_MS = 100.0
# Rates of two sides differ by chance and by nothing else: this share, and what few spikes add.
_TOLERANCE, _COUNTING = 0.02, 5.0


@click.command(help="Time Brunel's network beside NEST and Brian2 (where installed).")
@network_options(scale=1.0, seconds=1.0)
@common_options("nest", "brian2", rounds=3)
def command(
    scale: float,
    seconds: float,
    threads: tuple[int, ...],
    dtypes: tuple[str, ...],
    rounds: int,
    path: Path | None,
    peers: Peers,
) -> None:
    """Run, compare, print."""
    net, duration_ms = brunel(scale), 1e3 * seconds
    sides = choose_sides(peers, threads, dtypes)
    runs = run_in_turn(
        sides, "brunel", {"scale": scale}, rounds=rounds, duration_ms=duration_ms, warm_ms=_WARM_MS
    )
    rows = figures(runs, net, duration_ms)
    n = sum(population.n for population in net.populations.values())
    _check(rows, net, n * seconds * rounds)
    said = "Rates of all sides agree. " if len(peers.versions) else ""
    print_figures(
        f"Brunel's network, {n:,} neurons, {rows[0]['synapses'] / 1e6:.3g} M synapses, {seconds:g} s, "
        f"medians of {rounds} rounds",
        rows,
        net,
        f"{said}{peers.note()}",
    )
    if path is not None:
        setting = {"scale": scale, "seconds": seconds, "rounds": rounds, "warm_ms": _WARM_MS}
        write_document(path, "brunel", setting, rows, peers=peers.as_dict())


def _check(rows: list[dict[str, Any]], net: Network, neuron_seconds: float) -> None:
    """Refuse to compare the speed of networks that do different things."""
    expected = mean_rate_hz(rows[-1], net)
    allowed = _TOLERANCE * expected + _COUNTING * (expected / neuron_seconds) ** 0.5
    for row in rows:
        rate = mean_rate_hz(row, net)
        if abs(rate - expected) > allowed:
            raise click.ClickException(
                f"{row['name']} fires at {rate:.2f} Hz and {rows[-1]['name']} at {expected:.2f} Hz: "
                "nothing is compared."
            )
