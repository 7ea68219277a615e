"""Windows of a cyclic part of a network, one after the other, in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from spikelab_kernels.reference.arrivals import deliver_arrivals, push_arrivals
from spikelab_kernels.reference.bits import bits_to_events
from spikelab_kernels.reference.drives import poisson_drives
from spikelab_kernels.reference.population import population_kernel
from spikelab_kernels.windows_spec import WindowsBlock, WindowsSpec

__all__ = ["windows_are_compiled", "windows_kernel"]

_NONE = np.empty(0, np.float64)
_NOTHING = np.empty(0, np.uint32)


def windows_are_compiled(spec: WindowsSpec) -> bool:
    """Whether `windows_kernel` takes no time: always, as nothing is compiled here."""
    return True


def windows_kernel(spec: WindowsSpec) -> Callable[..., Callable[..., tuple[int, bool]]]:
    """Compile `spec`.

    ``bind(blocks, tables)`` takes a `WindowsBlock` for each block and for each queue ``(lo, table...)``, the
    table as in `deliver_arrivals`. It returns ``run(first, n_steps, span, step0, sample_ids, count, entries,
    bits)``, which runs the windows of `span` steps from step `first` up to `n_steps` of a chunk that begins
    at the absolute step `step0`: noise and arrivals are summed, neurons advance, and their spikes are put on
    their way and into ``bits``, an array [step, batch, word] of the chunk for each block. `count` [queue],
    int64, and `entries`, arrays ``(due, row, sender, cell)`` for each queue, are what is under way.

    ``run`` returns the step that it reached, and whether a queue was full: the spikes of the last window,
    which stand in ``bits``, are then not yet on their way.
    """

    def bind(
        blocks: Sequence[WindowsBlock], tables: Sequence[tuple[Any, ...]]
    ) -> Callable[..., tuple[int, bool]]:
        advance = [
            population_kernel(form)(b.state, b.constants, b.quanta, b.rng_key, b.rng_element)
            for form, b in zip(spec.blocks, blocks, strict=True)
        ]

        def run(
            first: int,
            n_steps: int,
            span: int,
            step0: int,
            sample_ids: np.ndarray,
            count: np.ndarray,
            entries: Sequence[tuple[np.ndarray, ...]],
            bits: Sequence[np.ndarray],
        ) -> tuple[int, bool]:
            batch = sample_ids.size
            for t in range(first, n_steps, span):
                steps, now = min(span, n_steps - t), step0 + t
                for k, block in enumerate(blocks):
                    n = block.rng_key.size
                    sums = block.sums[:steps]
                    sums[:] = 0
                    if spec.driven[k]:
                        noise: Any = (*block.drives, 0, batch, 0, n)
                        poisson_drives(sums, now, sample_ids, *noise)
                    for q in spec.into[k]:
                        arguments = (*entries[q], *tables[q][1:], sums, tables[q][0])
                        count[q] = deliver_arrivals(now, int(count[q]), *arguments)
                    out = bits[k][t : t + steps]
                    advance[k](steps, sums, None, _NOTHING, {}, out, sample_ids, now, (0, batch, 0, n))
                sent = [
                    bits_to_events(bits[k][t : t + steps], blocks[k].rng_key.size, 0)
                    for k in range(len(blocks))
                ]
                for k, events in enumerate(sent):
                    if any(count[q] + events[0].size > entries[q][0].size for q in spec.out_of[k]):
                        return t + steps, True
                for k, events in enumerate(sent):
                    for q in spec.out_of[k]:
                        queue: Any = (_NONE, now, *tables[q][1:3], int(count[q]), *entries[q], _NONE)
                        count[q] = push_arrivals(*events, *queue)
            return n_steps, False

        return run

    return bind
