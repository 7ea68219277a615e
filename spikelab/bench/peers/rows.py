"""Figures of a benchmark of networks: one row a side, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...connect import FixedProbability
from ...network import Network
from ...parts import Projection
from ..table import print_table, ratio, spread
from .run import Run

__all__ = ["figures", "mean_rate_hz", "print_figures"]


def figures(runs: Sequence[Run], net: Network, duration_ms: float) -> list[dict[str, Any]]:
    """Return the row of each side: times, work, memory, rates, and how much longer each peer takes."""
    sizes = {population.name: population.n for population in net.populations.values()}
    synapses = sum(map(_count, net.projections.values()))
    fastest: dict[tuple[str, int], float] = {}
    for run in runs:
        if run.side.peer:
            fastest[run.side.peer, run.side.threads] = run.timing().median_s
    rows = []
    for run in runs:
        timing, rates_hz = run.timing(), run.rates_hz(sizes, duration_ms)
        events = _events(net, rates_hz, duration_ms)
        rows.append(
            {
                "name": run.side.name,
                "threads": run.side.threads,
                **timing.as_dict(),
                "build_s": run.median("build_s"),
                "total_s": list(run.total_s),
                "realtime_factor": timing.median_s / duration_ms * 1e3,
                "events": events,
                "ns_per_event": timing.median_s / max(events, 1.0) * 1e9,
                "synapses": synapses,
                "bytes_per_synapse": _memory(run) / synapses,
                "peak_bytes": _peak(run),
                "rates_hz": rates_hz,
                "version": run.answers[0].get("version"),
                **{f"speedup_{peer}": _over(fastest, peer, run) for peer in ("nest", "brian2")},
            }
        )
    return rows


def mean_rate_hz(row: dict[str, Any], net: Network) -> float:
    """Mean rate of all neurons of a row, Hz."""
    total = sum(population.n for population in net.populations.values())
    spikes: float = sum(rate * net.populations[name].n for name, rate in row["rates_hz"].items())
    return spikes / total


def print_figures(title: str, rows: Sequence[dict[str, Any]], net: Network, note: str) -> None:
    """Print one line a side."""
    columns = {"": "left"}
    headings = ("threads", "build s", "real time x", "spread", "ns / event", "B / synapse", "peak MB")
    columns |= dict.fromkeys((*headings, "rate Hz", "x NEST", "x Brian2"), "right")
    print_table(
        title,
        columns,
        (
            (
                row["name"],
                str(row["threads"]),
                f"{row['build_s']:.2f}",
                f"{row['realtime_factor']:.3g}",
                spread(row),
                f"{row['ns_per_event']:.2f}",
                f"{row['bytes_per_synapse']:.1f}",
                f"{row['peak_bytes'] / 1e6:.0f}",
                f"{mean_rate_hz(row, net):.2f}",
                ratio(row["speedup_nest"]),
                ratio(row["speedup_brian2"]),
            )
            for row in rows
        ),
        note,
        width=140,
    )


def _count(projection: Projection) -> float:
    """Synapses of a projection, the mean of them where each pair is drawn."""
    if isinstance(projection.pattern, FixedProbability):
        return projection.pattern.p * projection.source.n_out * projection.target.n
    return float(projection.edge_bound())


def _events(net: Network, rates_hz: dict[str, float], duration_ms: float) -> float:
    """Spikes times the synapses that each passes."""
    return sum(
        rates_hz[projection.source.name] * duration_ms * 1e-3 * _count(projection)
        for projection in net.projections.values()
    )


def _memory(run: Run) -> float:
    """Bytes that the network takes once built; of Brian2 what its whole program takes."""
    if run.side.peer == "brian2":
        return run.median("program_peak")
    return run.median("built") - run.median("before")


def _peak(run: Run) -> float:
    return run.median("program_peak" if run.side.peer == "brian2" else "peak")


def _over(times: dict[tuple[str, int], float], peer: str, run: Run) -> float | None:
    taken = times.get((peer, run.side.threads))
    return None if taken is None else taken / run.timing().median_s
