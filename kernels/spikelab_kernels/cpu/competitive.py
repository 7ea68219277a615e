"""Samples shown to a competitive network, in Numba: the call of the module generated for each form."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.cache import flatten, load_text
from spikelab_kernels.competitive_spec import CompetitiveNet, CompetitiveSpec
from spikelab_kernels.cpu.competitive_text import competitive_text

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
            kernel(*span, *given, net.weights, *bounds, *ways, *out, *fixed)

        return run

    return bind
