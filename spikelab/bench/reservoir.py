"""``spikelab bench reservoir``: echo state networks beside reservoirpy, one thread each.

Both run the same matrices in float64, of the density that reservoirpy makes by default, on one long series
and on many short ones; the states are compared before anything is timed. A third side is this library's own
default: ten edges a unit, in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from scipy import sparse

from spikelab_kernels import cost
from spikelab_kernels.cost import Cost

from ..fused import FusedReservoir, fuse, fuse_network
from ..reservoir import Reservoir
from .document import write_document
from .options import Peers, common_options, one_thread
from .roofs import measure_roofs
from .table import print_table, ratio, spread
from .timing import speedup, time_in_turn

__all__ = ["ReservoirBench", "command"]

_OURS, _DEFAULT, _PEER = "same matrices, float64", "in-degree 10, float32", "reservoirpy"
_INPUTS, _LEAK, _DENSITY = 3, 0.3, 0.1
_SHORT = (270, 7, 30)  # how many, and their lengths: those of Japanese Vowels


class ReservoirBench:
    """Matrices and data of one size.

    Parameters
    ----------
    n : int
        Units.
    steps : int
        Steps of the long series.
    """

    def __init__(self, n: int, steps: int):
        self.n, self.steps = n, steps
        rng = np.random.default_rng(n)
        recurrent = sparse.random_array((n, n), density=_DENSITY, rng=rng, data_sampler=rng.standard_normal)
        self.recurrent = sparse.csr_array(recurrent * (0.9 / np.sqrt(_DENSITY * n)))
        self.inputs = rng.uniform(-1.0, 1.0, (n, _INPUTS))
        self.bias = rng.uniform(-0.5, 0.5, n)
        self.long = rng.standard_normal((steps, _INPUTS))
        count, shortest, longest = _SHORT
        self.short = [rng.standard_normal((k, _INPUTS)) for k in rng.integers(shortest, longest, count)]

    def same(self) -> FusedReservoir:
        """The matrices in the kernel's form."""
        return fuse(self.recurrent, self.inputs, self.bias, _LEAK, np.float64)

    def default(self) -> FusedReservoir:
        """What `Reservoir` makes of this size."""
        recipe = Reservoir(self.n, spectral_radius=0.9, leak_rate=_LEAK, bias_scale=0.5)
        return fuse_network(recipe.network(_INPUTS, seed=0))

    def peer(self) -> Any:
        """The matrices in reservoirpy's node."""
        from reservoirpy.nodes import Reservoir as Node

        node = Node(W=self.recurrent, Win=self.inputs, bias=self.bias, lr=_LEAK)
        node.run(self.long[:1])  # makes the state that `reset` needs
        return node

    def work(self, steps: int) -> dict[str, tuple[Cost, int, str]]:
        """Least work of our sides for `steps` steps in all: its cost, the bytes moved among, the dtype."""
        found = {}
        for name, fused in {_OURS: self.same(), _DEFAULT: self.default()}.items():
            real, index = fused.dtype.itemsize, fused.source.itemsize if fused.source.size else 0
            counted = cost.reservoir_run(
                steps, 1, self.n, _INPUTS, fused.n_edges, real_bytes=real, index_bytes=index, keep_states=True
            )
            table = fused.weight.nbytes + fused.source.nbytes + fused.ptr.nbytes
            found[name] = (counted, table + steps * self.n * real, fused.dtype.name)
        return found

    def sides(self, peer: bool) -> dict[str, dict[str, Callable[[], object]]]:
        """Callables of every side, for the long series and for the short ones."""
        made = {_OURS: self.same(), _DEFAULT: self.default()}
        sides: dict[str, dict[str, Callable[[], object]]] = {"one series": {}, "270 short series": {}}
        for name, fused in made.items():
            sides["one series"][name] = _run_long(fused, self.long)
            sides["270 short series"][name] = _run_short(fused, self.short)
        if peer:
            node = self.peer()
            sides["one series"][_PEER] = lambda: _fresh(node).run(self.long)
            sides["270 short series"][_PEER] = lambda: [_fresh(node).run(one) for one in self.short]
        return sides

    def check(self) -> None:
        """Refuse to time sides that do not agree."""
        own, other = _run_long(self.same(), self.long[:200])(), _fresh(self.peer()).run(self.long[:200])
        worst = float(np.abs(own[:, 0] - other).max())
        if worst > 1e-12:
            raise click.ClickException(f"N={self.n}: states differ by {worst:.1g}: nothing is timed.")


def _fresh(node: Any) -> Any:
    node.reset()
    return node


def _run_long(fused: FusedReservoir, x: np.ndarray) -> Callable[[], np.ndarray]:
    data = x.astype(fused.dtype)[:, None]
    return lambda: fused.run(data, fused.zeros(1))


def _run_short(fused: FusedReservoir, series: list[np.ndarray]) -> Callable[[], object]:
    data = [one.astype(fused.dtype) for one in series]
    return lambda: [block.states for block in fused.stream(data)]


@click.command(help="Time echo state networks beside reservoirpy (where installed), one thread each.")
@click.option("--units", multiple=True, type=click.IntRange(min=1), help="Sizes.  [default: 100, 500, 1000]")
@click.option(
    "--steps", type=click.IntRange(min=1), default=2000, show_default=True, help="Steps of the long series."
)
@common_options("reservoirpy")
def command(units: tuple[int, ...], steps: int, rounds: int, path: Path | None, peers: Peers) -> None:
    """Check, time, print."""
    peer = _PEER in peers
    rows: list[dict[str, Any]] = []
    with one_thread():
        roofs = measure_roofs()
        for n in units or (100, 500, 1000):
            bench = ReservoirBench(n, steps)
            if peer:
                bench.check()
            for work, sides in bench.sides(peer).items():
                total = steps if work == "one series" else sum(map(len, bench.short))
                times, least = time_in_turn(sides, rounds), bench.work(total)
                rows += [
                    {
                        "units": n,
                        "work": work,
                        "name": name,
                        **timing.as_dict(),
                        "us_per_step": timing.median_s / total * 1e6,
                        "of_roof": roofs.floor(*least[name]).seconds / timing.min_s
                        if name in least
                        else None,
                        "speedup_reservoirpy": speedup(times, _PEER, timing),
                    }
                    for name, timing in times.items()
                ]
    columns = {"N": "right", "work": "left", "side": "left"}
    columns |= dict.fromkeys(("ms", "spread", "us / step", "% of roof", "x reservoirpy"), "right")
    equal = "States of both libraries are equal to 1e-12. " if peer else ""
    print_table(
        f"Echo state networks, {_INPUTS} inputs, one thread, medians of {rounds} rounds",
        columns,
        (
            (
                str(row["units"]),
                row["work"],
                row["name"],
                f"{row['median_s'] * 1e3:.1f}",
                spread(row),
                f"{row['us_per_step']:.2f}",
                "-" if row["of_roof"] is None else f"{100 * row['of_roof']:.1f}",
                ratio(row["speedup_reservoirpy"]),
            )
            for row in rows
        ),
        f"{equal}Roofs: {roofs}. {peers.note()}",
        width=130,
    )
    if path is not None:
        setting = {"steps": steps, "rounds": rounds, "density": _DENSITY}
        write_document(path, "reservoir", setting, rows, peers=peers.as_dict(), roofs=roofs.as_dict())
