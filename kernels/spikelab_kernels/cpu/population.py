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
def population_kernel(spec: PopulationSpec) -> Callable[..., None]:
    """Compile `spec`; the function returned is described in ``kernels/README.md``."""
    kernel = load_text(spec.model.name, flatten(module_text(spec))).population_run
    real = np.dtype(spec.dtype).type
    no_traces = {name: np.empty((0, 0, 0), spec.state_dtype(name)) for name in spec.model.state}
    alike = _is_uniform(spec)
    nothing = np.empty((0, 0, 0, 0), spec.sum_dtype)
    empty_analog = np.empty((0, 0, 0, 0), spec.dtype)
    no_output = np.empty(_output_shape(spec), spec.output_dtype)

    def run(
        n_steps: int,
        state: Mapping[str, np.ndarray],
        constants: Mapping[str, Any],
        quanta: np.ndarray,
        sums: np.ndarray | None,
        analog: np.ndarray | None,
        trace_index: np.ndarray,
        traces: Mapping[str, np.ndarray],
        out: np.ndarray | None,
        rng_key: np.ndarray,
        rng_element: np.ndarray,
        sample_ids: np.ndarray,
        step0: int,
        tile: tuple[int, int, int, int],
    ) -> None:
        n = rng_key.size
        if alike and not traces and tile[3] - tile[2] == n and (spec.output != "bits" or n % 64 == 0):
            state, analog, out, tile = _as_one_row(state, analog, out, tile)
        kernel(
            np.int64(n_steps),
            *(state[name] for name in spec.model.state),
            *spec.typed_constants(constants),
            np.ascontiguousarray(quanta, dtype=real),
            nothing if sums is None else sums,
            empty_analog if analog is None else analog,
            trace_index,
            *(traces.get(name, empty) for name, empty in no_traces.items()),
            no_output if out is None else out,
            rng_key,
            rng_element,
            sample_ids,
            np.uint64(step0),
            *(np.int64(bound) for bound in tile),
        )

    return run


def _is_uniform(spec: PopulationSpec) -> bool:
    """Whether nothing but the state tells neurons and batch rows apart."""
    return not (spec.arrays or spec.sums or spec.program.n_draws) and len(spec.model.inputs) == 1


def _as_one_row(
    state: Mapping[str, np.ndarray],
    analog: np.ndarray | None,
    out: np.ndarray | None,
    tile: tuple[int, int, int, int],
) -> tuple[dict[str, np.ndarray], np.ndarray | None, np.ndarray | None, tuple[int, int, int, int]]:
    """The batch side by side as one long row: a short row costs more to enter than to run."""
    n = tile[3]
    rows = {name: values.reshape(1, -1) for name, values in state.items()}
    if analog is not None:
        analog = analog.reshape(analog.shape[0], 1, 1, -1)
    if out is not None:
        out = out.reshape(*out.shape[:-2], 1, -1)
    return rows, analog, out, (0, 1, tile[0] * n, tile[1] * n)


def _output_shape(spec: PopulationSpec) -> tuple[int, ...]:
    return (0, 0) if spec.output == "counts" else (0, 0, 0)
