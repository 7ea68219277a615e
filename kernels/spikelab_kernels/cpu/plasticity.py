"""Synapses that learn, in Numba: the call of the module generated for each rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from spikelab_kernels.cache import flatten, load_text
from spikelab_kernels.cpu.plasticity_text import module_text
from spikelab_kernels.plasticity_spec import PlasticitySpec, PlasticState

__all__ = ["plasticity_kernel"]


class Kernel(NamedTuple):
    """The functions of one rule on one partition."""

    learn: Callable[..., bool]
    catch_up: Callable[[int], None]
    step: Callable[[int, np.ndarray], None]
    send_before: Callable[[int, np.ndarray, np.ndarray], None]


@cache
def plasticity_kernel(spec: PlasticitySpec) -> Callable[[PlasticState], Kernel]:
    """Compile `spec`; ``bind(state)`` returns the functions that work on `state`."""
    module = load_text(spec.rule.name, flatten(module_text(spec)))

    def bind(state: PlasticState) -> Kernel:
        common = _arguments(spec, state)
        scale = np.dtype(spec.dtype).type(state.scale)

        def learn(t: int, steps: int, *more: Any) -> bool:
            return bool(module.learn(t, steps, *more, scale, state.sums, *common))

        def send_before(now: int, cells: np.ndarray, out: np.ndarray) -> None:
            module.send_before(now, cells, scale, out, *common)

        return Kernel(
            learn,
            lambda until: module.catch_up(until, *common),
            lambda now, third: module.step(now, third, *common),
            send_before,
        )

    return bind


def _arguments(spec: PlasticitySpec, state: PlasticState) -> list[Any]:
    """What all functions take, in the order of ``plasticity_text.signature``."""
    real = np.dtype(spec.dtype).type
    tables = [table for tau in spec.taus for table in state.decay[tau]]
    return [
        *(state.cell_source, state.cell_delay, state.cell_edge, state.target, state.w),
        *(state.synapse[name] for name in spec.rule.state),
        *(state.edge_last, state.cell_last, state.cell_done),
        *(state.pre[name] for name in spec.pre),
        state.post_step,
        *(state.post[name] for name in spec.post),
        *(state.pre_seen[name] for name in spec.pre_seen),
        *(state.post_seen[name] for name in spec.post_seen),
        *tables,
        *(real(state.constants[name]) for name in spec.constants),
        *(real(state.w_min), real(state.w_max)),
    ]
