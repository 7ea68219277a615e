"""``spikelab bench microcircuit``: the cortical microcircuit beside NEST: speed, memory, distributions.

Every round has its own seed on every side. Rates, irregularity and correlation of populations are compared
as distributions: how far ours lie from NEST's, beside how far NEST's lie from each other for other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..metrics import SpikeStatistics, SpikeTrains, ks_distance, ks_spread, spike_statistics
from .document import write_document
from .networks.microcircuit import MICROCIRCUIT_RATES_HZ, microcircuit
from .options import Peers, common_options, network_options
from .peers.rows import figures, print_figures
from .peers.run import Run, choose_sides, run_in_turn
from .table import print_table

__all__ = ["command", "distances"]

_WARM_MS, _DT_MS = 500.0, 0.1
_QUANTITIES = {"rates_hz": "rate", "cv": "CV", "correlation": "correlation"}


@click.command(help="Time the cortical microcircuit beside NEST (where installed), and compare the activity.")
@network_options(scale=0.1, seconds=2.0)
@common_options("nest", rounds=3)
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
    net, duration_ms = microcircuit(scale, dt_ms=_DT_MS), 1e3 * seconds
    runs = run_in_turn(
        choose_sides(peers, threads, dtypes),
        "microcircuit",
        {"scale": scale},
        rounds=rounds,
        duration_ms=duration_ms,
        warm_ms=_WARM_MS,
        dt_ms=_DT_MS,
        keep_spikes=True,
    )
    rows = figures(runs, net, duration_ms)
    n = sum(population.n for population in net.populations.values())
    print_figures(
        f"Microcircuit, {n:,} neurons, {rows[0]['synapses'] / 1e6:.3g} M synapses, {seconds:g} s, "
        f"medians of {rounds} rounds",
        rows,
        net,
        peers.note(),
    )
    _print_rates(rows)
    sizes = {population.name: population.n for population in net.populations.values()}
    compared = _compare(runs, sizes, duration_ms) if "nest" in peers and rounds > 1 else []
    if compared:
        _print_distances(compared, rounds)
    if path is not None:
        setting = {"scale": scale, "seconds": seconds, "rounds": rounds, "warm_ms": _WARM_MS}
        write_document(path, "microcircuit", setting, rows, peers=peers.as_dict(), distances=compared)


def distances(
    ours: Sequence[SpikeStatistics], theirs: Sequence[SpikeStatistics], quantity: str
) -> dict[str, float]:
    """Compare one distribution, one sample a seed on both sides.

    Parameters
    ----------
    ours, theirs : sequence of SpikeStatistics
        At least two seeds each.
    quantity : str
        Such as "rates_hz".

    Returns
    -------
    dict of str to float
        Means of both sides, mean Kolmogorov-Smirnov distance "between" seeds of the two sides, mean and
        largest "spread" between seeds of the peer. NaN where a sample is empty.
    """
    samples = [[one.of(quantity) for one in side] for side in (ours, theirs)]
    found = {
        "ours": float(np.mean([one.mean(quantity) for one in ours])),
        "theirs": float(np.mean([one.mean(quantity) for one in theirs])),
        **dict.fromkeys(("between", "spread", "largest_spread"), float("nan")),
    }
    if all(sample.size for side in samples for sample in side):
        spread = ks_spread(samples[1])
        between = [ks_distance(own, other).distance for own in samples[0] for other in samples[1]]
        found |= {"between": float(np.mean(between)), "spread": spread.mean, "largest_spread": spread.largest}
    return found


def _compare(runs: Sequence[Run], sizes: Mapping[str, int], duration_ms: float) -> list[dict[str, Any]]:
    def statistics(run: Run, name: str) -> list[SpikeStatistics]:
        return [
            spike_statistics(
                SpikeTrains((spikes[name][0] + 1.0) * _DT_MS, spikes[name][1], sizes[name], duration_ms)
            )
            for spikes in run.spikes
        ]

    nest = next(run for run in runs if run.side.peer == "nest")
    own = next(run for run in runs if not run.side.peer)
    compared: list[dict[str, Any]] = []
    for name in sizes:
        ours, theirs = statistics(own, name), statistics(nest, name)
        compared += [
            {"population": name, "quantity": quantity, **distances(ours, theirs, quantity)}
            for quantity in _QUANTITIES
        ]
    return compared


def _print_rates(rows: Sequence[dict[str, Any]]) -> None:
    full = {"name": "NEST, full scale", "threads": "", "rates_hz": MICROCIRCUIT_RATES_HZ}
    columns = {"": "left", "threads": "right"} | dict.fromkeys(MICROCIRCUIT_RATES_HZ, "right")
    print_table(
        "Mean rates, Hz",
        columns,
        (
            (row["name"], str(row["threads"]), *(f"{rate:.3f}" for rate in row["rates_hz"].values()))
            for row in [*rows, full]
        ),
        "The last row is what the scaling of the weights aims at.",
    )


def _print_distances(compared: Sequence[dict[str, Any]], rounds: int) -> None:
    columns = {"": "left", "quantity": "left"}
    columns |= dict.fromkeys(("ours", "NEST", "distance", "spread", "largest"), "right")
    print_table(
        f"Distributions over neurons and pairs, {rounds} seeds a side",
        columns,
        (
            (
                row["population"],
                _QUANTITIES[row["quantity"]],
                *(_number(row[key], ".3g") for key in ("ours", "theirs")),
                *(_number(row[key], ".3f") for key in ("between", "spread", "largest_spread")),
            )
            for row in compared
        ),
        "Kolmogorov-Smirnov distances: ours to NEST, and between seeds of NEST, mean and largest.",
    )


def _number(value: float, form: str) -> str:
    """A number, or a dash where too few spikes made none."""
    return "-" if np.isnan(value) else format(value, form)
