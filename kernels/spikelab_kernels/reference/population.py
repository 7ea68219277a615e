"""A population over time in plain NumPy: one step after the other, all neurons at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.ir.numpy_printer import print_numpy
from spikelab_kernels.philox import philox4x32, uniform
from spikelab_kernels.population_spec import PopulationSpec

__all__ = ["population_kernel"]


@cache
def population_kernel(spec: PopulationSpec) -> Callable[..., Callable[..., None]]:
    """Compile `spec`; the function returned is described in ``kernels/README.md``.

    ``bind(state, constants, quanta, rng_key, rng_element)`` takes what stays the same from call to call and
    returns ``run(n_steps, sums, analog, trace_index, traces, out, sample_ids, step0, tile)``, which advances
    ``state`` in place.
    """
    namespace: dict[str, Any] = {}
    exec(compile(print_numpy(spec.program), f"<{spec.model.name}>", "exec"), namespace)
    step_function = namespace["step"]

    def bind(
        state: Mapping[str, np.ndarray],
        constants: Mapping[str, Any],
        quanta: np.ndarray,
        rng_key: np.ndarray,
        rng_element: np.ndarray,
    ) -> Callable[..., None]:
        typed = dict(zip(spec.constants, spec.typed_constants(constants), strict=True))

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
            rows, cols = slice(tile[0], tile[1]), slice(tile[2], tile[3])
            shape = (tile[1] - tile[0], tile[3] - tile[2])
            p = {name: value[cols] if name in spec.arrays else value for name, value in typed.items()}
            inside = (trace_index >= tile[2]) & (trace_index < tile[3])
            for t in range(n_steps):
                # copies: a new state may be an old one as it stands, and states are written one by one
                s = {name: values[rows, cols].copy() for name, values in state.items()}
                inp = {
                    name: _arrivals(spec, place, quanta, t, rows, cols, sums, analog)
                    for place, name in enumerate(spec.model.inputs)
                }
                draws = _draws(spec, rng_key[cols], rng_element[cols], sample_ids[rows], step0 + t)
                with np.errstate(all="ignore"):
                    new, spiked = step_function(s, p, inp, draws)
                for name, values in new.items():
                    state[name][rows, cols] = np.broadcast_to(values, shape)
                _write_spikes(spec, np.broadcast_to(spiked, shape), out, t, tile)
                for name, values in traces.items():
                    values[t][rows, inside] = state[name][rows][:, trace_index[inside]]

        return run

    return bind


def _arrivals(
    spec: PopulationSpec,
    place: int,
    quanta: np.ndarray,
    t: int,
    rows: slice,
    cols: slice,
    sums: np.ndarray | None,
    analog: np.ndarray | None,
) -> Any:
    """``real(sum) * quantum + analog`` for one input at step `t`; a current has no sums."""
    arriving = []
    if sums is not None and place < len(spec.model.receptors):
        quantum = quanta[place, cols].astype(spec.dtype)
        arriving.append(sums[t, rows, place, cols].astype(spec.dtype) * quantum)
    if analog is not None:
        arriving.append(analog[t, rows, place, cols])
    return sum(arriving[1:], start=arriving[0]) if arriving else np.dtype(spec.dtype).type(0.0)


def _draws(
    spec: PopulationSpec, key: np.ndarray, element: np.ndarray, sample_ids: np.ndarray, step: int
) -> list[np.ndarray]:
    """Uniform numbers of one step: draw d is word d & 3 of block d >> 2."""
    low, high = np.uint64(step & 0xFFFFFFFF), np.uint64((step >> 32) << 16 & 0xFFFFFFFF)
    k0, k1 = key & np.uint64(0xFFFFFFFF), key >> np.uint64(32)
    blocks = [
        philox4x32(element[None], low, sample_ids[:, None], high | np.uint64(block), k0[None], k1[None])
        for block in range(-(-spec.program.n_draws // 4))
    ]
    return [uniform(blocks[draw >> 2][draw & 3], spec.dtype) for draw in range(spec.program.n_draws)]


def _write_spikes(
    spec: PopulationSpec, spiked: np.ndarray, out: np.ndarray | None, t: int, tile: tuple[int, int, int, int]
) -> None:
    rows, cols = slice(tile[0], tile[1]), slice(tile[2], tile[3])
    if spec.output == "none":
        return
    assert out is not None
    if spec.output == "counts":
        out[rows, cols] += spiked
    elif spec.output == "bits":
        words = slice(tile[2] // 64, -(-tile[3] // 64))
        padded = np.zeros((spiked.shape[0], (words.stop - words.start) * 64), np.uint8)
        padded[:, : spiked.shape[1]] = spiked
        out[t, rows, words] = np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
    else:
        out[t, rows, cols] = spiked
