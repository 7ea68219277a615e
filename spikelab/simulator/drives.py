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
        self.drives = [drive for drive in built.drives if drive.block == place]
        self.backend = backend
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Draw from the streams of the drives, or, with `reseed` other than 0, from others."""
        keys = [sub_key(drive.key, "reseed", reseed) if reseed else drive.key for drive in self.drives]
        self._keys = [np.uint64(key) for key in keys]

    def add(self, out: np.ndarray, step0: int, sample_ids: np.ndarray) -> None:
        """Add the noise of a window to its sums [step, batch, receptor, neuron], from step `step0` on."""
        for drive, key in zip(self.drives, self._keys, strict=True):
            self.backend.poisson_drive(
                out[:, :, drive.receptor, drive.lo : drive.hi], drive.weight, drive.thresholds, key,
                sample_ids, step0, 0, out.shape[1],
            )  # fmt: skip
