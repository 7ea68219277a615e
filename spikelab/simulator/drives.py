"""Poisson noise onto one block at run time."""

from __future__ import annotations

from typing import Any

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

    Attributes
    ----------
    arguments : tuple
        What `poisson_drives` is told of the drives; empty where there are none.
    """

    def __init__(self, built: Built, place: int, backend: Backend):
        self._table = next((table for table in built.drives if table.block == place), None)
        self.backend = backend
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Draw from the streams of the drives, or, with `reseed` other than 0, from others."""
        self.arguments: tuple[Any, ...] = ()
        if self._table is not None:
            table = self._table
            keys = [sub_key(key, "reseed", reseed) if reseed else key for key in table.keys]
            self.arguments = (
                table.lo, table.hi, table.receptor, table.weight, np.array(keys, np.uint64), table.start,
                table.stop, table.entry, table.table, table.guide, table.first, table.thresholds,
            )  # fmt: skip

    def add(self, out: np.ndarray, lo: int, hi: int, step0: int, sample_ids: np.ndarray) -> None:
        """Add the noise of a window to its sums [step, batch, receptor, neuron], from step `step0` on.

        Only neurons from `lo` up to `hi` get theirs; ranges that do not overlap may be done in threads.
        """
        if self.arguments:
            ranges = (np.int64(0), np.int64(out.shape[1]), np.int64(lo), np.int64(hi))
            self.backend.poisson_drives(out, np.int64(step0), sample_ids, *self.arguments, *ranges)
