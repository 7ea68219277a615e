"""Networks that NEST has run by its own rules of connection: which, for how long, and what is compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import spikelab as sl
from spikelab.bench.networks import make
from spikelab.bench.peers.run import Run, Side, run_in_turn

DT_MS = 0.1


@dataclass(frozen=True)
class Case:
    """How a network is run: arguments of its function, uncounted and counted time, seeds of NEST."""

    arguments: dict[str, Any] = field(default_factory=dict)
    warm_ms: float = 100.0
    duration_ms: float = 1000.0
    seeds: int = 5


NETWORKS = {
    "brunel": Case({"scale": 0.2, "weight_mv": 0.2}),
    "coba": Case(seeds=3),
    "cuba": Case(seeds=12),
    "microcircuit": Case({"scale": 0.1}, 500.0, 2000.0),
}


def run_nest(name: str, seeds: int) -> Run:
    """Run `seeds` realisations in NEST."""
    case = NETWORKS[name]
    (run,) = run_in_turn(
        [Side("NEST", "nest")],
        name,
        case.arguments,
        rounds=seeds,
        duration_ms=case.duration_ms,
        warm_ms=case.warm_ms,
        dt_ms=DT_MS,
        keep_spikes=True,
    )
    return run


def run_own(name: str, seed: int) -> dict[str, np.ndarray]:
    """Run one realisation in spikelab, and return `figures_of` it."""
    case = NETWORKS[name]
    sim = sl.Simulator(make(name, **case.arguments, seed=seed), DT_MS)
    sim.run(case.warm_ms, record=sl.Record(spikes="none"))
    result = sim.run(case.duration_ms)
    return figures_of(name, {p: (part.spikes.step, part.spikes.neuron) for p, part in result.items()})


def figures_of(name: str, spikes: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Spike counts of neurons, and of the microcircuit CV and correlation: ``POPULATION/QUANTITY``."""
    case, found = NETWORKS[name], {}
    for population in make(name, **case.arguments).populations.values():
        step, neuron = spikes[population.name]
        counts = np.bincount(neuron, minlength=population.n)
        found[f"{population.name}/counts"] = counts.astype(np.uint16)
        if name == "microcircuit":
            trains = sl.metrics.SpikeTrains((step + 1.0) * DT_MS, neuron, population.n, case.duration_ms)
            statistics = sl.metrics.spike_statistics(trains, pairs=3000)
            for quantity in ("cv", "correlation"):
                found[f"{population.name}/{quantity}"] = statistics.of(quantity).astype(np.float32)
    return found
