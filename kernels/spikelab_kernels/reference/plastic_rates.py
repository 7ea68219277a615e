"""Rules between rate units in plain NumPy: all synapses at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.ir.numpy_printer import print_rule
from spikelab_kernels.rate_spec import RateSpec

__all__ = ["rate_plasticity_kernel"]


@cache
def rate_plasticity_kernel(spec: RateSpec) -> Callable[..., None]:
    """Compile `spec` to a function that runs ``on_step`` once on every synapse of some sources.

    The function is ``run(state, ptr, neuron, pre, post, third, constants, row_lo, row_hi)``:

    - ``state``: dict of arrays [edge], real, by source; ``w`` and the rule's states, changed in place.
    - ``ptr``: array [source + 1], uint64; edges of source i are ``ptr[i]`` up to ``ptr[i + 1]``.
    - ``neuron``: array [edge], uint32, target of each edge; empty and unused for a dense spec, in which edge
      j of a row reaches target j.
    - ``pre``, ``post``: dict of arrays [batch, source] and [batch, target], real.
    - ``third``, ``constants``: dict of numbers.
    - ``row_lo, row_hi``: the sources; ranges may run side by side.

    Every batch row is given the states as they stood before. The new states are the means over the rows, in
    float64 and in the order of the rows; then the weight is put back between its bounds.
    """
    namespace: dict[str, Any] = {}
    exec(compile(print_rule(spec.program), f"<{spec.rule.name}>", "exec"), namespace)
    update, real = namespace["update"], np.dtype(spec.dtype).type

    def run(
        state: Mapping[str, np.ndarray],
        ptr: np.ndarray,
        neuron: np.ndarray,
        pre: Mapping[str, np.ndarray],
        post: Mapping[str, np.ndarray],
        third: Mapping[str, float],
        constants: Mapping[str, float],
        row_lo: int,
        row_hi: int,
    ) -> None:
        degree = np.diff(ptr[row_lo : row_hi + 1]).astype(np.int64)
        edges = slice(int(ptr[row_lo]), int(ptr[row_hi]))
        source = np.repeat(np.arange(row_lo, row_hi), degree)
        target = neuron[edges]
        if spec.dense:
            target = np.concatenate([np.arange(n) for n in degree]) if degree.size else degree
        s = {name: state[name][edges] for name in spec.states}
        p = {name: real(constants[name]) for name in spec.constants}
        signals = {name: real(third[name]) for name in spec.read("third")}
        batch = len(next(iter({**pre, **post}.values())))
        total = {name: np.zeros(source.size) for name in spec.program.next_state}
        for b in range(batch):
            x = {name: pre[name][b, source] for name in spec.read("pre")}
            y = {name: post[name][b, target] for name in spec.read("post")}
            with np.errstate(all="ignore"):
                new = update(s, p, x, y, signals)
            for name, values in new.items():
                total[name] += values
        for name, values in total.items():
            mean = (values / batch).astype(spec.dtype)
            state[name][edges] = np.clip(mean, p["w_min"], p["w_max"]) if name == "w" else mean

    return run
