"""The spikes of a node in the chunk that runs, and before it as far back as a dense projection looks."""

from __future__ import annotations

import numpy as np

from spikelab_kernels.layout import words_for

__all__ = ["BitHistory"]


class BitHistory:
    """Spike bits of a block or an input.

    Parameters
    ----------
    chunk : int
        Most steps of a chunk.
    past : int
        Steps before the chunk that are kept.
    batch, n : int
        Batch rows, neurons or channels.
    """

    def __init__(self, chunk: int, past: int, batch: int, n: int):
        self.past = past
        self._bits = np.zeros((past + chunk, batch, words_for(n)), np.uint64)

    def rows(self, first: int, steps: int) -> np.ndarray:
        """Steps from `first` of the chunk on, which may lie before it: a view [step, batch, word]."""
        start = self.past + first
        return self._bits[start : start + steps]

    def shift(self, steps: int) -> None:
        """End a chunk of `steps`."""
        if self.past:
            self._bits[: self.past] = self._bits[steps : steps + self.past].copy()

    def kept(self) -> np.ndarray:
        """What the next chunk may look back to: a view [step, batch, word]."""
        return self._bits[: self.past]
