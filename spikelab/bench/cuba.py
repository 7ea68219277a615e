"""``spikelab bench cuba``: a small network from start to finish, and the cost of a step by populations.

4,000 neurons for a second is what one tries first; what counts is how long one waits: from the start of the
interpreter to the end of the last process, compilation included where there is one. Ours is compiled before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..simulator import Simulator
from .document import write_document
from .networks.cuba import cuba, cuba_pieces
from .options import Peers, common_options, network_options, one_thread
from .peers.rows import figures, mean_rate_hz
from .peers.run import Run, choose_sides, run_in_turn
from .table import print_table, ratio, spread
from .timing import time_in_turn

__all__ = ["command", "time_pieces"]

_DT_MS = 0.1
_PARTS = (1, 10, 100)


@click.command(help="Time a small network from start to finish beside Brian2 and NEST (where installed).")
@network_options(scale=1.0, seconds=1.0)
@common_options("nest", "brian2", rounds=5)
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
    net, duration_ms = cuba(scale), 1e3 * seconds
    runs = run_in_turn(
        choose_sides(peers, threads, dtypes),
        "cuba",
        {"scale": scale},
        rounds=rounds,
        duration_ms=duration_ms,
        warm_ms=0.0,
        dt_ms=_DT_MS,
    )
    rows = figures(runs, net, duration_ms)
    for row, run in zip(rows, runs, strict=True):
        row |= _start_to_finish(run)
    n = sum(population.n for population in net.populations.values())
    columns = {"": "left"}
    columns |= dict.fromkeys(
        ("threads", "total s", "spread", "compile s", "build s", "simulate s", "rate Hz"), "right"
    )
    print_table(
        f"CUBA, {n:,} neurons, {seconds:g} s, start to finish, medians of {rounds} rounds",
        columns,
        (
            (
                row["name"],
                str(row["threads"]),
                f"{row['total']['median_s']:.2f}",
                spread(row["total"]),
                ratio(row["compile_s"]),
                f"{row['build_s']:.2f}",
                f"{row['median_s']:.3f}",
                f"{mean_rate_hz(row, net):.2f}",
            )
            for row in rows
        ),
        f"Kernels of spikelab are compiled. {peers.note()}",
    )
    with one_thread():
        pieces = time_pieces(_PARTS, scale, min(duration_ms, 200.0), rounds)
    _print_pieces(pieces)
    if path is not None:
        setting = {"scale": scale, "seconds": seconds, "rounds": rounds}
        write_document(path, "cuba", setting, rows, peers=peers.as_dict(), pieces=pieces)


def time_pieces(parts: Sequence[int], scale: float, duration_ms: float, rounds: int) -> list[dict[str, Any]]:
    """Time one network cut into more and more populations, after a check that all spike alike.

    Returns
    -------
    list of dict
        One row for each of `parts`: populations, projections, build and step times, and the time of a step
        over that of the first.

    Raises
    ------
    click.ClickException
        If a cut changes a spike.
    """
    sims = {count: Simulator(cuba_pieces(count, scale), _DT_MS, threads=1) for count in parts}
    trains = {count: _spikes(sim, min(duration_ms, 50.0)) for count, sim in sims.items()}
    for count in parts:
        if not np.array_equal(trains[count], trains[parts[0]]):
            raise click.ClickException(
                f"{count} populations spike otherwise than {parts[0]}: nothing is timed."
            )
    times = time_in_turn({str(count): _advance(sim, duration_ms) for count, sim in sims.items()}, rounds)
    steps = round(duration_ms / _DT_MS)
    return [
        {
            "populations": count,
            "projections": len(sims[count].net.projections),
            **times[str(count)].as_dict(),
            "us_per_step": times[str(count)].median_s / steps * 1e6,
            "over_first": times[str(count)].over(times[str(parts[0])]),
        }
        for count in parts
    ]


def _start_to_finish(run: Run) -> dict[str, Any]:
    compiles = [answer["compile_s"] for answer in run.answers if "compile_s" in answer]
    return {
        "total": run.timing("total_s").as_dict(),
        "compile_s": float(np.median(compiles)) if compiles else None,
    }


def _spikes(sim: Simulator, duration_ms: float) -> np.ndarray:
    """All spikes as rows (step, neuron), neurons numbered through, sorted."""
    result, first, found = sim.run(duration_ms), 0, []
    for part in result.values():
        found.append(np.stack([part.spikes.step, part.spikes.neuron + np.uint32(first)]))
        first += part.n
    pairs = np.concatenate(found, axis=1)
    return pairs[:, np.lexsort(pairs[::-1])]


def _advance(sim: Simulator, duration_ms: float) -> Callable[[], object]:
    return lambda: sim.run(duration_ms)


def _print_pieces(rows: Sequence[dict[str, Any]]) -> None:
    columns = dict.fromkeys(("populations", "projections", "us / step", "spread", "x first"), "right")
    print_table(
        "The same network in more populations, float32, one thread",
        columns,
        (
            (
                str(row["populations"]),
                str(row["projections"]),
                f"{row['us_per_step']:.1f}",
                spread(row),
                ratio(row["over_first"]),
            )
            for row in rows
        ),
        "Spikes are equal.",
    )
