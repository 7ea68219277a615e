"""One population by itself: what arrives is given for every step, without a network around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikelab.neurons import Neuron
from spikelab_kernels.dispatch import backend
from spikelab_kernels.population_spec import PopulationSpec

QUANTUM = 2.0**-10


def run_neurons(
    cell: Neuron,
    dt_ms: float,
    arrivals: dict[str, np.ndarray] | None = None,
    steps: int | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    n: int = 1,
    seed: int = 0,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Every state after every step [step, neuron], and the spikes [step, neuron].

    ``arrivals`` maps inputs to arrays [step] or [step, neuron]: sums of weights for receptors, which are
    rounded to ``QUANTUM``, and values for currents.
    """
    model, given = cell.model, arrivals or {}
    steps = len(next(iter(given.values()))) if steps is None else steps
    planes = {
        name: np.broadcast_to(np.asarray(values, float).reshape(steps, -1), (steps, n))
        for name, values in given.items()
    }
    empty = np.zeros((steps, n))
    made = {name: np.array(value) if np.ndim(value) else value for name, value in cell.prepare(dt_ms).items()}
    arrays = frozenset(name for name in model.constants if np.ndim(made[name]))
    spec = PopulationSpec(model, dtype, arrays, bool(model.receptors), bool(model.currents), "uint8")
    state = {
        name: np.array(np.broadcast_to(np.asarray(value), (1, n)), dtype=spec.state_dtype(name), order="C")
        for name, value in cell.initial().items()
    }
    sums = np.stack([np.rint(planes.get(name, empty) / QUANTUM) for name in model.receptors] or [empty], 1)
    values = [empty] * len(model.receptors) + [planes.get(name, empty) for name in model.currents]
    analog = np.stack(values, 1)[:, None].astype(dtype) if model.currents else None
    traces: dict[str, Any] = {name: np.empty((steps, 1, n), values.dtype) for name, values in state.items()}
    spikes = np.empty((steps, 1, n), np.uint8)
    quanta = np.full((max(len(model.receptors), 1), n), QUANTUM)
    keys, elements = np.full(n, seed, np.uint64), np.arange(n, dtype=np.uint64)
    run = backend(device).population_kernel(spec)(state, made, quanta, keys, elements)
    run(
        steps,
        sums[:, None].astype(spec.sum_dtype),
        analog,
        np.arange(n, dtype=np.uint32),
        traces,
        spikes,
        np.zeros(1, np.uint32),
        0,
        (0, 1, 0, n),
    )
    return {name: values[:, 0] for name, values in traces.items()}, spikes[:, 0]
