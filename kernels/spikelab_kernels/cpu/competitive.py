"""Samples shown to a competitive network, in Numba: the call of the module generated for each form."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.cache import flatten, load_text
from spikelab_kernels.competitive_spec import CompetitiveNet, CompetitiveSpec
from spikelab_kernels.cpu.competitive_text import ROOM, competitive_text, trace_room

__all__ = ["competitive_kernel"]


@cache
def competitive_kernel(spec: CompetitiveSpec) -> Callable[..., Callable[..., None]]:
    """Compile `spec`; the reference says what the functions mean."""
    kernel = load_text("competitive", flatten(competitive_text(spec))).run_samples
    real, units = np.dtype(spec.rule.dtype).type, np.dtype(spec.exc.sum_dtype).type

    def bind(net: CompetitiveNet) -> Callable[..., None]:
        fixed: list[Any] = [real(net.constants[name]) for name in spec.rule.constants]
        fixed += [table for tau in spec.rule.taus for table in net.decay[tau]]
        for layer, form in ((net.exc, spec.exc), (net.inh, spec.inh)):
            fixed += [layer.state[name][0] for name in form.model.state]
            fixed += [layer.first[name] for name in form.model.state if name in layer.first]
            fixed += form.typed_constants(layer.constants)
            fixed += [np.ascontiguousarray(layer.quanta, form.dtype), layer.rng_key, layer.rng_element]
        ways = [np.int64(net.receptor), np.int64(net.delay)]
        for way in (net.out, net.back):
            ways += [np.int64(way.receptor), units(way.weight), np.int64(way.delay)]
        ways.append(np.int64(net.spares))
        bounds = [real(net.scale), real(net.w_min), real(net.w_max), np.float64(net.total)]

        def run(
            first: int,
            last: int,
            n_steps: int,
            learning: bool,
            x: np.ndarray,
            probability: float,
            key: int,
            bits: np.ndarray,
            sample_ids: np.ndarray,
            exc_counts: np.ndarray,
            inh_counts: np.ndarray,
            exc_trains: np.ndarray,
            inh_trains: np.ndarray,
        ) -> None:
            span = np.int64(first), np.int64(last), np.int64(n_steps), np.bool_(learning)
            given = x, np.float64(probability), np.uint64(key), bits, sample_ids
            out = exc_counts, inh_counts, exc_trains, inh_trains
            room = workspace(spec, net, n_steps, learning)
            kernel(*span, *given, net.weights, *bounds, *ways, *out, *room, *fixed)

        return run

    return bind


def workspace(spec: CompetitiveSpec, net: CompetitiveNet, n_steps: int, learning: bool) -> list[np.ndarray]:
    """Room for a call: arrays made here are no work for the compiler.

    The input spikes of step t of a sample stand in ``rows`` from ``ptr[t]`` on. Who fired in the last steps
    and what arrives in the next ones stands in row ``t & mask``. ``live`` lists the neurons that have fired
    in this sample, ``last`` has the step in which each did last; ``eight`` are the bytes of ``fired`` as
    words.
    """
    (n_in, n_exc), n_inh = net.weights.shape, net.inh.rng_key.size
    units, keep = spec.exc.sum_dtype, 1 << max(net.delay, net.out.delay, net.back.delay).bit_length()
    blocks = (n_in + 63) // 32 * 8
    room: dict[str, np.ndarray] = {
        "blocks": np.zeros(blocks, np.uint64),
        "thresholds": np.zeros((4, blocks), np.int64),
        "places": np.zeros((4, blocks), np.uint32),
        "flags": np.zeros((4, blocks), np.uint8),
        "rows": np.empty(n_steps * n_in + 8, np.uint32),
        "ptr": np.zeros(n_steps + 1, np.int64),
        "pending": np.zeros((keep, n_exc), units),
        "column_sums": np.zeros(n_exc),
        "fixed": np.zeros((0 if learning else n_in, n_exc), units),
    }
    for name, n in (("in", n_in), ("exc", n_exc)):
        room[f"{name}_live"] = np.zeros(n, np.uint32)
        room[f"{name}_last"] = np.zeros(n, np.int64)
    for name, n, layer in (("exc", n_exc, net.exc), ("inh", n_inh, net.inh)):
        room[f"{name}_at"] = np.zeros((keep, n + 8), np.uint32)
        room[f"{name}_count"] = np.zeros(keep, np.int64)
        room[f"{name}_sums"] = np.zeros((layer.quanta.shape[0], n), units)
        room[f"{name}_fired"] = np.zeros(n // 8 * 8 + 8, np.uint8)
        room[f"{name}_eight"] = room[f"{name}_fired"].view(np.uint64)
    traces = [
        np.zeros(n, spec.rule.dtype)
        for n, names in zip((n_in, n_exc), trace_room(spec), strict=True)
        for _ in names
    ]
    return [*(room[name] for name in ROOM), *traces]
