"""Windows of a cyclic part of a network in Numba: the call of the module generated for each form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.cache import flatten, is_kept, load_text
from spikelab_kernels.cpu.windows_text import windows_text
from spikelab_kernels.windows_spec import WindowsBlock, WindowsSpec

__all__ = ["windows_are_compiled", "windows_kernel"]

_NAME = "windows"


def windows_are_compiled(spec: WindowsSpec) -> bool:
    """Whether an earlier call has left compiled code in the cache."""
    return is_kept(_NAME, flatten(windows_text(spec)))


@cache
def windows_kernel(spec: WindowsSpec) -> Callable[..., Callable[..., tuple[int, bool]]]:
    """Compile `spec`; the reference says what the functions mean."""
    kernel = load_text(_NAME, flatten(windows_text(spec))).run_windows

    def bind(
        blocks: Sequence[WindowsBlock], tables: Sequence[tuple[Any, ...]]
    ) -> Callable[..., tuple[int, bool]]:
        fixed = [
            (
                *(block.state[name] for name in form.model.state),
                *form.typed_constants(block.constants),
                np.ascontiguousarray(block.quanta, dtype=form.dtype),
                block.rng_key,
                block.rng_element,
                block.sums,
            )
            for form, block in zip(spec.blocks, blocks, strict=True)
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
            arguments: list[Any] = []
            for arrays, sent, block in zip(fixed, bits, blocks, strict=True):
                arguments += [*arrays, sent, *block.drives]
            for (lo, *table), queue in zip(tables, entries, strict=True):
                arguments += [np.int64(lo), *table, *queue]
            reached, full = kernel(first, n_steps, span, step0, sample_ids, count, *arguments)
            return int(reached), bool(full)

        return run

    return bind
