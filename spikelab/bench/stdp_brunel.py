"""Brunel's network with synapses that learn, beside its static twins and beside NEST's of both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .networks import make
from .options import Peers
from .peers.rows import figures, mean_rate_hz
from .peers.run import Side, run_in_turn
from .table import print_table, ratio, spread

__all__ = ["measure_brunel"]

_WARM_MS = 100.0
# Rates of two sides of one kind differ by chance and by nothing else; so do the mean weights.
_RATE_TOLERANCE, _WEIGHT_TOLERANCE, _COUNTING = 0.03, 0.02, 5.0
_KINDS = {
    "static": {"plastic": False},
    "static, a weight each": {"plastic": False, "spread": True},
    "plastic": {"plastic": True},
}


def measure_brunel(
    scale: float,
    seconds: float,
    rounds: int,
    peers: Peers,
    *,
    threads: Sequence[int] = (1,),
    dtypes: Sequence[str] = ("float32", "float64"),
    arguments: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Run static and plastic sides in turn, compare what they did, print a table and return its rows.

    Parameters
    ----------
    scale, seconds : float
        Share of the 12,500 neurons, and simulated time.
    rounds : int
        Rounds; every side runs once in each.
    peers : Peers
        NEST takes part if it is among them.
    threads, dtypes : sequence
        As for the other benchmarks of networks.
    arguments : dict, optional
        Further arguments of `networks.brunel.stdp_brunel`.

    Raises
    ------
    click.ClickException
        If sides of one kind fire at different rates, or their weights went to different places.
    """
    given, duration_ms = {"scale": scale, **(arguments or {})}, 1e3 * seconds
    runs = run_in_turn(
        _sides(peers, threads, dtypes),
        "stdp_brunel",
        given,
        rounds=rounds,
        duration_ms=duration_ms,
        warm_ms=_WARM_MS,
    )
    net = make("stdp_brunel", **given)
    rows = figures(runs, net, duration_ms)
    taken = {_key(run.side): run.timing().median_s for run in runs}
    for row, run in zip(rows, runs, strict=True):
        peer, kind, count, dtype = _key(run.side)
        row["kind"] = kind
        row["rate_hz"] = mean_rate_hz(row, net)
        for name, static in (("over_static", "static"), ("over_spread", "static, a weight each")):
            row[name] = _ratio(row["median_s"], taken.get((peer, static, count, dtype)))
        row["speedup_nest"] = _ratio(taken.get(("nest", kind, count, "float64")), row["median_s"])
        row["weights"] = [answer["weights"] for answer in run.answers]
    n = sum(population.n for population in net.populations.values())
    _check(rows, n * seconds * rounds)
    rule = net.projections["exc", "exc", 0].plasticity
    print_table(
        f"Brunel's network with STDP from excitatory to excitatory neurons, {n:,} neurons, "
        f"{rows[0]['synapses'] / 1e6:.3g} M synapses, {seconds:g} s, medians of {rounds} rounds",
        {"": "left"} | dict.fromkeys(_COLUMNS, "right"),
        (_cells(row) for row in rows),
        f"Step of a pair {rule.a_plus:g} of {rule.w_max:g} mV, times what is left to each bound; windows of "
        f"{rule.tau_plus_ms:g} ms. {peers.note()}",
        width=180,
    )
    return rows


_COLUMNS = (
    "threads", "build s", "real time x", "spread", "ns / event", "B / synapse", "rate Hz", "weights mV",
    "x static", "x a weight each", "x NEST",
)  # fmt: skip


def _sides(peers: Peers, threads: Sequence[int], dtypes: Sequence[str]) -> list[Side]:
    sides = []
    for count in threads:
        for kind, given in _KINDS.items():
            for dtype in dtypes:
                name = f"spikelab {dtype}, {kind}"
                sides.append(Side(name, threads=count, dtype=dtype, arguments=given))
            if "nest" in peers and "spread" not in given:
                sides.append(Side(f"NEST, {kind}", "nest", threads=count, arguments=given))
    return sides


def _key(side: Side) -> tuple[str, str, int, str]:
    kind = next(kind for kind, given in _KINDS.items() if given == side.arguments)
    return side.peer, kind, side.threads, side.dtype


def _ratio(time: float | None, of: float | None) -> float | None:
    return None if time is None or of is None else time / of


def _mean_weight(row: dict[str, Any]) -> tuple[float, float]:
    """Mean and standard deviation of the weights that learn, over the rounds."""
    first = [weights[0] for weights in row["weights"]]
    return sum(mean for mean, _ in first) / len(first), sum(std for _, std in first) / len(first)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    learned = "-"
    if row["kind"] == "plastic":
        learned = "{:.4f} ± {:.4f}".format(*_mean_weight(row))
    return (
        row["name"],
        str(row["threads"]),
        f"{row['build_s']:.2f}",
        f"{row['realtime_factor']:.3g}",
        spread(row),
        f"{row['ns_per_event']:.2f}",
        f"{row['bytes_per_synapse']:.1f}",
        f"{row['rate_hz']:.2f}",
        learned,
        ratio(row["over_static"]),
        ratio(row["over_spread"]),
        ratio(row["speedup_nest"]),
    )


def _check(rows: list[dict[str, Any]], neuron_seconds: float) -> None:
    """Refuse to compare the speed of networks that do different things."""
    for kind in _KINDS:
        first, *others = (row for row in rows if row["kind"] == kind)
        allowed = _RATE_TOLERANCE * first["rate_hz"] + _COUNTING * (first["rate_hz"] / neuron_seconds) ** 0.5
        for row in others:
            if abs(row["rate_hz"] - first["rate_hz"]) > allowed:
                raise click.ClickException(
                    f"{row['name']} fires at {row['rate_hz']:.2f} Hz and {first['name']} at "
                    f"{first['rate_hz']:.2f} Hz: nothing is compared."
                )
            if kind == "plastic":
                (own, _), (other, _) = _mean_weight(first), _mean_weight(row)
                if abs(own - other) > _WEIGHT_TOLERANCE * own:
                    raise click.ClickException(
                        f"{row['name']} has a mean weight of {other:.4f} mV and {first['name']} of "
                        f"{own:.4f} mV: nothing is compared."
                    )
