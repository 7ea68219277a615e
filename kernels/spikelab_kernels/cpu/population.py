"""A population over time in Numba: the call of the module generated for each compiled form of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.cache import flatten, load_text
from spikelab_kernels.cpu.population_text import module_text
from spikelab_kernels.population_spec import PopulationSpec

__all__ = ["population_kernel"]


@cache
def population_kernel(spec: PopulationSpec) -> Callable[..., Callable[..., None]]:
    """Compile `spec`; the function returned is described in ``kernels/README.md``."""
    kernel = load_text(spec.model.name, flatten(module_text(spec))).population_run
    real = np.dtype(spec.dtype).type
    no_traces = {name: np.empty((0, 0, 0), spec.state_dtype(name)) for name in spec.model.state}
    alike = _is_uniform(spec)
    no_sums = np.empty((0, 0, 0, 0), spec.sum_dtype)
    no_analog = np.empty((0, 0, 0, 0), spec.dtype)
    no_output = np.empty(_output_shape(spec), spec.output_dtype)

    def bind(
        state: Mapping[str, np.ndarray],
        constants: Mapping[str, Any],
        quanta: np.ndarray,
        rng_key: np.ndarray,
        rng_element: np.ndarray,
    ) -> Callable[..., None]:
        n = rng_key.size
        as_one_row = alike and (spec.output != "bits" or n % 64 == 0)
        states = tuple(state[name] for name in spec.model.state)
        rows = tuple(values.reshape(1, -1) for values in states)
        fixed = (*spec.typed_constants(constants), np.ascontiguousarray(quanta, dtype=real))

        def run(
            n_steps: int,
            sums: np.ndarray | None,
            analog: np.ndarray | None,
            trace_index: np.ndarray,
            traces: Mapping[str, np.ndarray],
            out: np.ndarray | None,
            sample_ids: np.ndarray,
            step0: int,
            tile: tuple[int, int, int, int],
        ) -> None:
            held = states
            if as_one_row and not traces and tile[3] - tile[2] == n:
                # a short row costs more to enter than to run: the batch side by side is one long row
                analog = analog if analog is None else analog.reshape(analog.shape[0], 1, 1, -1)
                out = out if out is None else out.reshape(*out.shape[:-2], 1, -1)
                held, tile = rows, (0, 1, tile[0] * n, tile[1] * n)
            kept = [traces.get(name, empty) for name, empty in no_traces.items()] if traces else all_empty
            kernel(
                n_steps,
                *held,
                *fixed,
                no_sums if sums is None else sums,
                no_analog if analog is None else analog,
                trace_index,
                *kept,
                no_output if out is None else out,
                rng_key,
                rng_element,
                sample_ids,
                np.uint64(step0),
                *tile,
            )

        return run

    all_empty = list(no_traces.values())
    return bind


def _is_uniform(spec: PopulationSpec) -> bool:
    """Whether nothing but the state tells neurons and batch rows apart."""
    return not (spec.arrays or spec.sums or spec.program.n_draws) and len(spec.model.inputs) == 1


def _output_shape(spec: PopulationSpec) -> tuple[int, ...]:
    return (0, 0) if spec.output == "counts" else (0, 0, 0)
