"""This library's side of a benchmark of networks, in a process of its own like the others."""

from __future__ import annotations

import time
from typing import Any

from .protocol import answer, memory_now

__all__ = ["simulate"]


def simulate(task: dict[str, Any]) -> dict[str, Any]:
    """Build, run the warm part, time the rest; see `protocol`."""
    from ...record import Record
    from ...simulator import Simulator
    from ..networks import make

    def simulator(**changes: Any) -> Simulator:
        net = make(task["function"], **{**task["arguments"], **changes})
        return Simulator(
            net, task["dt_ms"], dtype=task["dtype"], threads=task["threads"], window_loop=task["window_loop"]
        )

    if task["warm_ms"]:
        # Compiled code counts neither as time nor as memory of the network: a small one loads it first.
        simulator(scale=0.01).run(task["dt_ms"])
    before, started = memory_now(), time.perf_counter()
    sim = simulator()
    build_s, built = time.perf_counter() - started, memory_now()
    if task["warm_ms"]:
        sim.run(task["warm_ms"], record=Record(spikes="none"))
    started = time.perf_counter()
    result = sim.run(task["duration_ms"])
    simulate_s = time.perf_counter() - started
    learned = [p for p in sim.net.projections.values() if p.plasticity is not None]
    weights = [sim.connections(p).weight for p in learned]
    return {
        "build_s": build_s,
        "simulate_s": simulate_s,
        "weights": [[float(w.mean()), float(w.std())] for w in weights],
        "before": before,
        "built": built,
        "spikes": {name: (part.spikes.step, part.spikes.neuron) for name, part in result.items()},
    }


if __name__ == "__main__":
    answer(simulate)
