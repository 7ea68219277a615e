"""``spikelab bench neurons``: what a step of every neuron model costs, and a model of one's own beside them.

A population by itself, on one thread, with spikes arriving in 2 % of the steps and spike bits going out.
The models under ``@neuron`` are a quadratic integrate-and-fire neuron and the LIF with delta synapses
written again, whose potentials are checked to be those of the built-in one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from spikelab_kernels.dispatch import backend
from spikelab_kernels.layout import words_for
from spikelab_kernels.population_spec import PopulationSpec, tiles

from ..language import where
from ..neurons import (
    IF,
    LIF,
    AdaptiveLIF,
    AdEx,
    ConductanceLIF,
    DiehlCookLIF,
    EscapeLIF,
    HomeostaticLIF,
    Izhikevich,
    Neuron,
    neuron,
)
from .document import write_document
from .options import common_options, one_thread
from .table import print_table, ratio, spread
from .timing import Timing, time_in_turn

__all__ = ["CELLS", "command", "side"]

_DT_MS = 0.1
_NOTHING = np.empty(0, np.uint32)
_BASE = "LIF, delta"


@dataclass(frozen=True)
class QIFParams:
    """Of a quadratic integrate-and-fire neuron."""

    tau_mem_ms: float = 10.0
    drive: float = 0.1
    v_peak: float = 10.0


@neuron(params=QIFParams, state={"v": -10.0})
def qif(s, p, inp, rng):  # type: ignore[no-untyped-def]
    """The neuron of the how-to page."""
    v = s.v + p.dt_ms / p.tau_mem_ms * (s.v * s.v + p.drive) + inp.input
    spiked = v >= p.v_peak
    return s.next(v=where(spiked, -p.v_peak, v)), spiked


@neuron(
    params=QIFParams,
    state={"v_mv": -70.0, "ref": 0},
    prepare=lambda params, dt_ms: {
        name: float(value) if name != "ref_steps" else value for name, value in LIF().prepare(dt_ms).items()
    },
    currents=("current",),
)
def own_lif(s, p, inp, rng):  # type: ignore[no-untyped-def]
    """The built-in LIF with delta synapses, written by a user."""
    v = where(s.ref == 0, p.decay * s.v_mv + p.v_drive_mv + p.gain * inp.current + inp.input, s.v_mv)
    spiked = v >= p.v_thresh_mv
    ref = where(spiked, p.ref_steps, where(s.ref == 0, 0, s.ref - 1))
    return s.next(v_mv=where(spiked, p.v_reset_mv, v), ref=ref), spiked


CELLS: dict[str, Neuron] = {
    _BASE: LIF(),
    "the same under @neuron": own_lif(),
    "quadratic IF under @neuron": qif(),
    "LIF, exp": LIF(synapse="exp"),
    "LIF, alpha": LIF(synapse="alpha"),
    "IF": IF(),
    "Izhikevich": Izhikevich(i_ext_pa=10.0),
    "AdaptiveLIF": AdaptiveLIF(i_ext_pa=400.0),
    "EscapeLIF": EscapeLIF(),
    "DiehlCookLIF": DiehlCookLIF(),
    "HomeostaticLIF": HomeostaticLIF(i_ext_pa=400.0),
    "ConductanceLIF": ConductanceLIF(i_ext_pa=300.0),
    "AdEx": AdEx(i_ext_pa=700.0),
}


def side(cell: Neuron, dtype: str, n: int, steps: int) -> Callable[[], Mapping[str, np.ndarray]]:
    """A run of `n` neurons from their first state as a callable that returns their last."""
    model, made = cell.model, cell.prepare(_DT_MS)
    spec = PopulationSpec(model, dtype, frozenset(), sums=True, output="bits")
    rng = np.random.default_rng(0)
    sums = (rng.random((steps, 1, len(model.receptors), n)) < 0.02).astype(spec.sum_dtype)
    sign = np.array([-1.0 if name == "inh" else 1.0 for name in model.receptors])
    quanta = np.repeat(sign[:, None], n, axis=1)
    keys, samples = np.arange(n, dtype=np.uint64), np.zeros(1, np.uint32)
    bits = np.empty((steps, 1, words_for(n)), np.uint64)
    kernel = backend("cpu").population_kernel(spec)

    def run() -> Mapping[str, np.ndarray]:
        state = {
            name: np.array(np.broadcast_to(value, (1, n)), dtype=spec.state_dtype(name), order="C")
            for name, value in cell.initial().items()
        }
        advance = kernel(state, made, quanta, keys, keys)
        for tile in tiles(1, n, spec.state_bytes()):
            advance(steps, sums, None, _NOTHING, {}, bits, samples, 0, tile)
        return state

    return run


def _check(dtype: str, n: int, steps: int) -> None:
    built_in, own = (side(CELLS[name], dtype, n, steps)()["v_mv"] for name in list(CELLS)[:2])
    if not np.array_equal(built_in, own):
        raise click.ClickException("the LIF under @neuron does not do what the built-in one does")


def _rows(times: Mapping[str, Timing], neuron_steps: int) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            **timing.as_dict(),
            "ns_per_neuron_step": timing.median_s / neuron_steps * 1e9,
            "times_lif": timing.over(times[_BASE]),
        }
        for name, timing in times.items()
    ]


@click.command(help="Time a step of every neuron model, and of models written by a user, on one thread.")
@click.option("--neurons", type=click.IntRange(min=1), default=8192, show_default=True, help="Neurons.")
@click.option("--steps", type=click.IntRange(min=1), default=200, show_default=True, help="Steps of 0.1 ms.")
@click.option(
    "--dtype", type=click.Choice(["float32", "float64"]), default="float32", show_default=True, help="Width."
)
@click.option("--only", metavar="TEXT", default="", help="Models whose name has this in it, and the LIF.")
@common_options()
def command(neurons: int, steps: int, dtype: str, only: str, rounds: int, path: Path | None) -> None:
    """Check, time, print."""
    chosen = {name: cell for name, cell in CELLS.items() if only in name or name == _BASE}
    with one_thread():
        _check(dtype, neurons, steps)
        sides = {name: side(cell, dtype, neurons, steps) for name, cell in chosen.items()}
        rows = _rows(time_in_turn(sides, rounds), neurons * steps)
    print_table(
        f"{neurons} neurons, {steps} steps, {dtype}, one thread, medians of {rounds} rounds",
        {"model": "left"} | dict.fromkeys(("ns / step", "spread", "x LIF, delta"), "right"),
        (
            (row["name"], f"{row['ns_per_neuron_step']:.2f}", spread(row), ratio(row["times_lif"]))
            for row in rows
        ),
        "The LIF under @neuron has the potentials of the built-in one.",
    )
    if path is not None:
        setting = {"neurons": neurons, "steps": steps, "dtype": dtype, "rounds": rounds}
        write_document(path, "neurons", setting, rows)
