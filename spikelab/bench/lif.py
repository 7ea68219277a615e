"""``spikelab bench lif``: a layer of LIF neurons over time, beside snnTorch and a plain NumPy loop.

All sides run on one thread and are given the same float32 currents ``[time, batch, neuron]``; the
neuron is snnTorch's ``Leaky`` with reset by subtraction. Spikes are compared before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from pathlib import Path
from typing import Any

import click
import numpy as np

from spikelab_kernels.dispatch import backend
from spikelab_kernels.layout import words_for
from spikelab_kernels.population_spec import PopulationSpec, tiles

from ..neurons import LIF
from .document import write_document
from .options import Peers, common_options, one_thread
from .table import print_table, ratio, spread
from .timing import Timing, speedup, time_in_turn

__all__ = ["LayerBench", "command"]

_BETA, _THRESHOLD = 0.9, 1.0
_FLOOR, _NUMPY, _SNNTORCH = "read currents (floor)", "NumPy in place", "snnTorch Leaky"
_NOTHING = np.empty(0, np.uint32)


class LayerBench:
    """The layer and its currents; each method returns one side as a callable.

    Parameters
    ----------
    time, batch, n : int
        Steps, batch rows and neurons.
    """

    def __init__(self, time: int = 1000, batch: int = 64, n: int = 1024):
        self.shape = (time, batch, n)
        rng = np.random.default_rng(0)
        self.currents = rng.normal(0.1, 0.4, self.shape).astype(np.float32)

    def spikelab(self, output: str, out: np.ndarray | None = None) -> Callable[[], np.ndarray]:
        """Our kernel with one kind of output; `out` is reused, else made anew in every call."""
        time, batch, n = self.shape
        cell = LIF.unitless(_BETA, _THRESHOLD, reset="subtract", reset_delay=1)
        spec = PopulationSpec(cell.model, "float32", sums=False, analog=True, output=output)
        bind = backend("cpu").population_kernel(spec)
        slab = self.currents.reshape(time, batch, 1, n)
        shape = {"counts": (batch, n), "bits": (time, batch, words_for(n))}.get(output, self.shape)
        work = tiles(batch, n, spec.state_bytes())
        keys, samples = np.zeros(n, np.uint64), np.zeros(batch, np.uint32)
        quanta = np.ones((1, n), np.float32)

        def side() -> np.ndarray:
            kind = np.zeros if output == "counts" else np.empty
            spikes: np.ndarray = kind(shape, spec.output_dtype) if out is None else out
            state = {"v": np.zeros((batch, n), np.float32)}
            run = bind(state, cell.prepare(1.0), quanta, keys, keys)
            for tile in work:
                run(time, None, slab, _NOTHING, {}, spikes, samples, 0, tile)
            return spikes

        return side

    def numpy(self) -> Callable[[], np.ndarray]:
        """A plain loop that works in place and returns counts."""

        def side() -> np.ndarray:
            _, batch, n = self.shape
            v = np.zeros((batch, n), np.float32)
            spikes = np.zeros((batch, n), np.float32)
            counts = np.zeros((batch, n), np.float32)
            for current in self.currents:
                v *= np.float32(_BETA)
                v += current
                v -= spikes  # the reset of the step before; the threshold is 1
                np.greater(v, np.float32(_THRESHOLD), out=spikes)
                counts += spikes
            return counts

        return side

    def snntorch(self) -> Callable[[], np.ndarray]:
        """snnTorch's own layer, called step by step as its documentation does; returns all spikes."""
        import snntorch
        import torch

        torch.set_num_threads(1)
        currents = torch.from_numpy(self.currents)
        layer = snntorch.Leaky(beta=_BETA, threshold=_THRESHOLD, reset_mechanism="subtract")

        def side() -> np.ndarray:
            with torch.no_grad():
                mem = layer.init_leaky()
                spikes = []
                for current in currents:
                    spike, mem = layer(current, mem)
                    spikes.append(spike)
                result: np.ndarray = torch.stack(spikes).numpy()
            return result

        return side

    def read(self) -> Callable[[], object]:
        """Read all currents once with as little arithmetic as there is: the floor of any such layer."""
        flat = self.currents.reshape(-1)
        return lambda: float(np.dot(flat, flat))

    def check(self, peers: Container[str]) -> None:
        """Refuse to time sides that do not agree."""
        spikes = self.spikelab("real")()
        counts = spikes.sum(axis=0)
        wrong = {
            "counts": not np.array_equal(self.spikelab("counts")(), counts),
            "NumPy": "numpy" in peers and not np.array_equal(self.numpy()(), counts),
            "snnTorch": "snntorch" in peers and not np.array_equal(self.snntorch()(), spikes),
        }
        for name, differs in wrong.items():
            if differs:
                raise click.ClickException(f"{name} gives other spikes than spikelab: nothing is timed.")


def _sides(bench: LayerBench, peers: Container[str]) -> dict[str, Callable[[], object]]:
    sides: dict[str, Callable[[], object]] = {
        _FLOOR: bench.read(),
        "counts": bench.spikelab("counts"),
        "bits": bench.spikelab("bits"),
        "uint8 spikes": bench.spikelab("uint8"),
        "float32 spikes, fresh": bench.spikelab("real"),
        "float32 spikes, reused": bench.spikelab("real", np.empty(bench.shape, np.float32)),
    }
    if "numpy" in peers:
        sides[_NUMPY] = bench.numpy()
    return {**sides, _SNNTORCH: bench.snntorch()} if "snntorch" in peers else sides


def _rows(times: dict[str, Timing], bench: LayerBench) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            **timing.as_dict(),
            "ns_per_neuron_step": timing.median_s * 1e9 / bench.currents.size,
            "times_floor": timing.over(times[_FLOOR]),
            "speedup_numpy": speedup(times, _NUMPY, timing),
            "speedup_snntorch": speedup(times, _SNNTORCH, timing),
        }
        for name, timing in times.items()
    ]


@click.command(
    help="Time a LIF layer beside snnTorch (where installed) and a plain NumPy loop, one thread each."
)
@click.option("--time", "steps", type=click.IntRange(min=1), default=1000, show_default=True, help="Steps.")
@click.option("--batch", type=click.IntRange(min=1), default=64, show_default=True, help="Batch rows.")
@click.option("--neurons", type=click.IntRange(min=1), default=1024, show_default=True, help="Neurons.")
@common_options("numpy", "snntorch")
def command(steps: int, batch: int, neurons: int, rounds: int, path: Path | None, peers: Peers) -> None:
    """Check, time, print."""
    bench = LayerBench(steps, batch, neurons)
    with one_thread():
        bench.check(peers)
        rows = _rows(time_in_turn(_sides(bench, peers), rounds), bench)
    columns = {"": "left"}
    columns |= dict.fromkeys(("ms", "spread", "ns / step", "x floor", "x NumPy", "x snnTorch"), "right")
    print_table(
        f"LIF layer, T={steps}, batch {batch}, N={neurons}, one thread, medians of {rounds} rounds",
        columns,
        (
            (
                row["name"],
                f"{row['median_s'] * 1e3:.1f}",
                spread(row),
                f"{row['ns_per_neuron_step']:.3f}",
                f"{row['times_floor']:.2f}",
                ratio(row["speedup_numpy"]),
                ratio(row["speedup_snntorch"]),
            )
            for row in rows
        ),
        f"Spikes of all sides are equal. {peers.note()}",
    )
    if path is not None:
        setting = {"time": steps, "batch": batch, "neurons": neurons, "rounds": rounds}
        write_document(path, "lif", setting, rows, peers=peers.as_dict())
