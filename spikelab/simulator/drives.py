"""Poisson noise onto one block at run time."""

from __future__ import annotations

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build import Built
from ..seeding import sub_key

__all__ = ["DriveRunner"]


class DriveRunner:
    """The drives of one block.

    Parameters
    ----------
    built : Built
        The network.
    place : int
        Which block.
    backend : Backend
        Where kernels come from.
    """

    def __init__(self, built: Built, place: int, backend: Backend):
        self.tables = [table for table in built.drives if table.block == place]
        self.backend = backend
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Draw from the streams of the drives, or, with `reseed` other than 0, from others."""
        self._keys = [
            np.array([sub_key(key, "reseed", reseed) if reseed else key for key in table.keys], np.uint64)
            for table in self.tables
        ]

    def add(self, out: np.ndarray, lo: int, hi: int, step0: int, sample_ids: np.ndarray) -> None:
        """Add the noise of a window to its sums [step, batch, receptor, neuron], from step `step0` on.

        Only neurons from `lo` up to `hi` get theirs; ranges that do not overlap may be done in threads.
        """
        for table, keys in zip(self.tables, self._keys, strict=True):
            self.backend.poisson_drives(
                out, np.int64(step0), sample_ids, table.lo, table.hi, table.receptor, table.weight, keys,
                table.start, table.stop, table.entry, table.table, table.guide, table.first, table.thresholds,
                np.int64(0), np.int64(out.shape[1]), np.int64(lo), np.int64(hi),
            )  # fmt: skip
