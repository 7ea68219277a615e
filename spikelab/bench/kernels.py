"""``spikelab bench kernels``: every kernel beside what this machine could do at best.

Each kernel is first run on a small case beside its NumPy reference. Its floor is the least time in which the
bytes it must move could be copied and its additions and multiplications be done (`spikelab_kernels.cost`),
at rates that are measured on the spot, on one thread. A kernel that is far from its floor spends its time on
what the floor does not count; the table names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from spikelab_kernels.dispatch import backend

from .document import write_document
from .kernel_cases import CASES
from .options import common_options, one_thread
from .roofs import Roofs, measure_roofs
from .table import print_table, spread
from .timing import time_in_turn

__all__ = ["check", "command", "measure"]

_TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


def check(name: str) -> None:
    """Refuse to time a kernel that differs from its reference on a small case."""
    own, reference = (CASES[name](backend(kind), True) for kind in ("cpu", "reference"))
    own.call()
    reference.call()
    for mine, other in zip(own.outputs, reference.outputs, strict=True):
        exact = mine.dtype.kind in "iu"
        tolerance = 0.0 if exact else _TOLERANCE[own.dtype]
        if not np.allclose(mine, other, rtol=tolerance, atol=tolerance, equal_nan=True):
            raise click.ClickException(f"{name} differs from its reference: nothing is timed.")


def measure(names: Iterable[str], rounds: int) -> tuple[list[dict[str, Any]], Roofs]:
    """Time the kernels in turn, and the roofs before and after them.

    The share of the roof is that of the best round, as the roof is the best of many: both are what is left
    where nothing else runs.
    """
    works = {name: CASES[name](backend("cpu"), False) for name in names}
    roofs = measure_roofs()
    times = time_in_turn({name: work.call for name, work in works.items()}, rounds)
    roofs = roofs.best(measure_roofs())
    rows = []
    for name, work in works.items():
        floor = roofs.floor(work.cost, work.footprint, work.dtype)
        rows.append(
            {
                "name": work.kernel,
                "size": work.size,
                **times[name].as_dict(),
                "bytes": work.cost.bytes,
                "flops": work.cost.flops,
                "events": work.cost.events,
                "floor_s": floor.seconds,
                "of_roof": floor.seconds / times[name].min_s,
                "roof": floor.binds,
                "limits": work.limits,
            }
        )
    return rows, roofs


@click.command(help="Time every kernel beside the floor that this machine sets, on one thread.")
@click.option("--only", metavar="TEXT", default="", help="Kernels whose name has this in it.")
@common_options()
def command(only: str, rounds: int, path: Path | None) -> None:
    """Check, time, print."""
    names = [name for name in CASES if only in name]
    if not names:
        known = ", ".join(dict.fromkeys(name.partition(",")[0] for name in CASES))
        raise click.BadParameter(f"no kernel has {only!r} in its name: {known}", param_hint="--only")
    with one_thread():
        for name in names:
            check(name)
        rows, roofs = measure(names, rounds)
    columns = {"kernel": "left", "size": "left"}
    columns |= dict.fromkeys(("us", "spread", "MB", "GB/s", "GFLOP/s", "% of roof"), "right")
    print_table(
        f"Kernels, one thread, medians of {rounds} rounds",
        {**columns, "roof": "left", "besides": "left"},
        (_cells(row) for row in rows),
        f"Every kernel gives what its reference gives. Roofs: {roofs}; % of the roof: the best round.",
        width=170,
    )
    if path is not None:
        write_document(path, "kernels", {"rounds": rounds}, rows, roofs=roofs.as_dict())


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    seconds = row["median_s"]
    return (
        row["name"],
        row["size"],
        f"{seconds * 1e6:,.0f}",
        spread(row),
        f"{row['bytes'] / 1e6:.2f}",
        f"{row['bytes'] / seconds / 1e9:.1f}",
        f"{row['flops'] / seconds / 1e9:.2f}",
        f"{100 * row['of_roof']:.0f}",
        row["roof"],
        row["limits"],
    )
