"""``spikelab bench layers``: fully connected layers of LIF neurons beside snnTorch and a plain product.

All sides run on one thread, with the same weights and the same input spikes. Every layer is scaled to fire as
often as the input, because the work depends on it. The weights are multiples of a power of two, so that every
side's sums are exact, and the spikes of all layers must be equal before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np

from spikelab_kernels.cost import deliver_dense, deliver_matrix
from spikelab_kernels.dispatch import backend
from spikelab_kernels.layout import tile_weights

from ..feedforward import layers
from ..neurons import LIF
from ..record import Record
from ..simulator import Simulator
from .document import write_document
from .options import Peers, common_options, one_thread
from .table import print_table, ratio, spread
from .timing import Timing, speedup, time_in_turn

__all__ = ["LayersBench", "break_even", "command"]

_BETA, _THRESHOLD = 0.9, 1.0
_SIDES = {"spikelab": "auto", "event path": "event", "matrix path": "matrix"}
_NUMPY, _SNNTORCH = "NumPy, product over all steps", "snnTorch"


class LayersBench:
    """The network, its input and its weights; each method returns one side as a callable.

    Parameters
    ----------
    sizes : tuple of int
        Input and layers.
    steps, batch : int
        Time steps and batch rows.
    density : float
        Share of the inputs, and of the neurons of each layer, that spike in a step.
    grid : int
        Weights are multiples of ``2**-grid``.
    """

    def __init__(self, sizes: tuple[int, ...], steps: int, batch: int, density: float, grid: int = 12):
        rng = np.random.default_rng(0)
        self.x = rng.random((steps, batch, sizes[0])) < density
        self.weights: list[np.ndarray] = []
        self.spikes: list[np.ndarray] = [self.x.astype(np.float32)]
        for shape in pairwise(sizes):
            self.weights.append(_scaled(rng.standard_normal(shape), self.spikes[-1], density, 2.0**-grid))
            self.spikes.append(_layer(_currents(self.spikes[-1], self.weights[-1])))
        self.sizes, self.steps, self.batch = sizes, steps, batch

    def simulator(self, path: str = "auto") -> Simulator:
        """Our network on one thread."""
        cell = LIF.unitless(_BETA, _THRESHOLD, reset_delay=1)
        net = layers(*self.sizes, neuron=cell, weights=self.weights)
        return Simulator(net, batch=self.batch, threads=1, dense_path=path)

    def spikelab(self, sim: Simulator) -> Callable[[], object]:
        """Our run from the first state, which keeps the spikes of the last layer."""
        record = Record(populations=[list(sim.net.populations)[-1]])

        def side() -> object:
            sim.reset()
            return sim.run(inputs={"in": self.x}, record=record)

        return side

    def numpy(self) -> Callable[[], np.ndarray]:
        """One product over all steps for each layer, then its neurons step by step, in place."""

        def side() -> np.ndarray:
            spikes = self.x.astype(np.float32)
            for weight in self.weights:
                spikes = _layer(_currents(spikes, weight))
            return spikes

        return side

    def snntorch(self, every: bool = False) -> Callable[[], list[np.ndarray]]:
        """snnTorch's layers step by step, as its documentation does; spikes of the last layer or of all."""
        import snntorch
        import torch

        torch.set_num_threads(1)
        x = torch.from_numpy(self.spikes[0])
        linear = [torch.nn.Linear(weight.shape[0], weight.shape[1], bias=False) for weight in self.weights]
        for layer, weight in zip(linear, self.weights, strict=True):
            layer.weight.data = torch.from_numpy(np.ascontiguousarray(weight.T))
        leaky = [snntorch.Leaky(beta=_BETA, threshold=_THRESHOLD, reset_mechanism="subtract") for _ in linear]

        def side() -> list[np.ndarray]:
            with torch.no_grad():
                potentials = [layer.init_leaky() for layer in leaky]
                seen: list[list[torch.Tensor]] = [[] for _ in leaky]
                for spikes in x:
                    for i, layer in enumerate(leaky):
                        spikes, potentials[i] = layer(linear[i](spikes), potentials[i])
                        if every or i == len(leaky) - 1:
                            seen[i].append(spikes)
                return [torch.stack(rows).numpy() for rows in seen if rows]

        return side

    def check(self, peers: Container[str]) -> None:
        """Refuse to time sides that do not agree in every spike of every layer."""
        for name, path in _SIDES.items():
            result = self.simulator(path).run(inputs={"in": self.x})
            for part, expected in zip(result.values(), self.spikes[1:], strict=True):
                self._compare(f"{part.name} ({name})", part.spikes.dense(), expected)
        if "snntorch" in peers:
            for i, spikes in enumerate(self.snntorch(every=True)(), start=1):
                self._compare(f"snnTorch's layer {i}", spikes, self.spikes[i])

    @staticmethod
    def _compare(name: str, spikes: np.ndarray, expected: np.ndarray) -> None:
        wrong = int(np.count_nonzero(spikes != expected))
        if wrong:
            raise click.ClickException(f"{wrong} spikes of {name} differ: nothing is timed.")

    def floor_s(self, rate: float) -> float:
        """Seconds for the additions alone of the path that needs fewer, at `rate` additions a second."""
        least = 0
        for spikes, weight in zip(self.spikes, self.weights, strict=False):
            shape = (self.steps, self.batch, weight.shape[0], weight.shape[1])
            count = int(spikes.sum())
            padded = np.zeros((*spikes.shape[:2], -(-spikes.shape[2] // 4) * 4), bool)
            padded[:, :, : spikes.shape[2]] = spikes
            groups = int(padded.reshape(*spikes.shape[:2], -1, 4).any(axis=3).sum())
            costs = deliver_dense(*shape, count), deliver_matrix(*shape, count, groups)
            least += min(cost.flops for cost in costs)
        return least / rate


def addition_rate() -> Callable[[], object]:
    """Sums of rows that lie in the first-level cache, for `_RATE_ADDITIONS` additions."""
    tiles = tile_weights(np.ones((64, 64), np.int32))
    bits = np.full((1, 512, 1), ~np.uint64(0))
    out = np.zeros((1, 512, 64), np.int32)
    return lambda: backend("cpu").deliver_dense(bits, *tiles, 0, 0, out, 0, 512)


_RATE_ADDITIONS = 512 * 64 * 64


def _currents(spikes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    steps, batch, n = spikes.shape
    product: np.ndarray = (spikes.reshape(-1, n) @ weight).reshape(steps, batch, -1)
    return product


def _layer(currents: np.ndarray) -> np.ndarray:
    """Spikes of snnTorch's ``Leaky`` with reset by subtraction: array [time, batch, neuron], float32."""
    v = np.zeros(currents.shape[1:], np.float32)
    spikes = np.zeros_like(currents)
    fired = spikes[0].copy()
    for t, current in enumerate(currents):
        v *= np.float32(_BETA)
        v += current
        v -= fired  # the reset of the step before; the threshold is 1
        np.greater(v, np.float32(_THRESHOLD), out=spikes[t])
        fired = spikes[t]
    return spikes


def _scaled(weight: np.ndarray, spikes: np.ndarray, density: float, grid: float) -> np.ndarray:
    """Multiples of `grid`, scaled by bisection so that the neurons spike as often as `density`."""
    some = slice(0, min(16, spikes.shape[1]))
    currents = _currents(np.ascontiguousarray(spikes[:, some]), weight.astype(np.float32))
    low, high = 2.0**-10, 2.0**4
    for _ in range(14):
        gain = float(np.sqrt(low * high))
        fires = _layer(currents * np.float32(gain)).mean()
        low, high = (gain, high) if fires < density else (low, gain)
    return (np.rint(weight * gain / grid) * grid).astype(np.float32)


def break_even(rows: list[dict[str, Any]]) -> float | None:
    """Density at which both paths take the same time, between those of `rows`, or None."""
    times: dict[float, dict[str, float]] = {}
    for row in rows:
        times.setdefault(row["density"], {})[row["name"]] = row["median_s"]
    points = [(p, np.log(t["event path"] / t["matrix path"])) for p, t in sorted(times.items())]
    for (p, lower), (q, upper) in pairwise(points):
        if lower < 0 <= upper:
            return float(np.exp(np.interp(0.0, [lower, upper], np.log([p, q]))))
    return None


def _time(bench: LayersBench, density: float, rounds: int, peers: Container[str]) -> list[dict[str, Any]]:
    bench.check(peers)
    sims = {name: bench.simulator(path) for name, path in _SIDES.items()}
    sides: dict[str, Callable[[], object]] = {name: bench.spikelab(sim) for name, sim in sims.items()}
    if "numpy" in peers:
        sides[_NUMPY] = bench.numpy()
    if "snntorch" in peers:
        sides[_SNNTORCH] = bench.snntorch()
    times = time_in_turn({"rate": addition_rate(), **sides}, rounds)
    floor_s = bench.floor_s(_RATE_ADDITIONS / times.pop("rate").median_s)
    active = [float(spikes.mean()) for spikes in bench.spikes]
    return [_row(name, times, density, active, floor_s, sims) for name in times]


def _row(
    name: str,
    times: Mapping[str, Timing],
    density: float,
    active: list[float],
    floor_s: float,
    sims: Mapping[str, Simulator],
) -> dict[str, Any]:
    uses = sims[name].paths().values() if name in sims else ()
    return {
        "name": name,
        "density": density,
        "active": active,
        **times[name].as_dict(),
        "floor_s": floor_s,
        "times_floor": times[name].median_s / floor_s,
        "speedup_numpy": speedup(times, _NUMPY, times[name]),
        "speedup_snntorch": speedup(times, _SNNTORCH, times[name]),
        "matrix_share": [use.matrix / max(use.event + use.matrix, 1) for use in uses] or None,
    }


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    shares = row["matrix_share"]
    path = "-" if shares is None else " ".join("em"[round(share)] for share in shares)
    return (
        f"{100 * row['density']:g} %",
        row["name"],
        f"{row['median_s'] * 1e3:.1f}",
        spread(row),
        f"{row['times_floor']:.1f}",
        ratio(row["speedup_numpy"]),
        ratio(row["speedup_snntorch"]),
        path,
    )


@click.command(help="Time fully connected layers of LIF neurons beside snnTorch and NumPy, one thread each.")
@click.option("--sizes", default="784,1024,1024,10", show_default=True, help="Input and layers.")
@click.option("--time", "steps", type=click.IntRange(min=1), default=100, show_default=True, help="Steps.")
@click.option("--batch", type=click.IntRange(min=1), default=64, show_default=True, help="Batch rows.")
@click.option("--active", default="2,5,13,30", show_default=True, help="Per cent of inputs that spike.")
@click.option(
    "--grid", type=click.IntRange(4, 20), default=12, show_default=True,
    help="Weights are multiples of 2**-grid; up to about 15 they take 16 bits.",
)  # fmt: skip
@common_options("numpy", "snntorch")
def command(
    sizes: str, steps: int, batch: int, active: str, grid: int, rounds: int, path: Path | None, peers: Peers
) -> None:
    """Check, time, print."""
    n = tuple(int(number) for number in _numbers("--sizes", sizes, 1, 2**20))
    densities = [number / 100 for number in _numbers("--active", active, 0.1, 99.0)]
    if len(n) < 2:
        raise click.BadParameter("the input and one layer at least are needed.", param_hint="'--sizes'")
    rows: list[dict[str, Any]] = []
    with one_thread():
        for density in densities:
            rows += _time(LayersBench(n, steps, batch, density, grid), density, rounds, peers)
    meet = break_even(rows)
    said = f"Both paths take the same time near {100 * meet:.0f} % active." if meet else ""
    columns = {"active": "right", "": "left"}
    columns |= dict.fromkeys(("ms", "spread", "x floor", "x NumPy", "x snnTorch", "path"), "right")
    print_table(
        f"LIF layers {sizes}, T={steps}, batch {batch}, one thread, medians of {rounds} rounds",
        columns,
        (_cells(row) for row in rows),
        f"Spikes of all sides and layers are equal. {said} Paths: e event, m matrix. {peers.note()}",
    )
    if path is not None:
        setting = {"sizes": list(n), "time": steps, "batch": batch, "grid": grid, "rounds": rounds}
        write_document(path, "layers", setting, rows, peers=peers.as_dict(), break_even=meet)


def _numbers(option: str, text: str, low: float, high: float) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    whole = option != "--sizes" or all(value == int(value) for value in values if abs(value) < high)
    if not values or not whole or not all(low <= value <= high for value in values):
        need = f"numbers between {low:.7g} and {high:.7g} with commas between are needed, not {text!r}."
        raise click.BadParameter(need, param_hint=f"'{option}'")
    return values
