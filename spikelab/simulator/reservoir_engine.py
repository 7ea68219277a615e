"""The time loop of a network that is one leaky-tanh reservoir: a chunk is one call of its kernel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build import Built
from ..fused import fuse_built
from .engine import Engine
from .recorder import Recorder
from .workers import Workers

__all__ = ["ReservoirEngine"]


class ReservoirEngine(Engine):
    """An engine whose recurrent values stay inside the kernel instead of passing through a slab each step.

    Parameters
    ----------
    built : Built
        A network for which `spikelab.fused.is_fusable` holds.
    batch, backend, workers, path, loop
        As for `Engine`.
    """

    def __init__(
        self,
        built: Built,
        batch: int,
        backend: Backend,
        workers: Workers,
        path: str = "auto",
        loop: str = "auto",
    ):
        super().__init__(built, batch, backend, workers, path, loop)
        self._fused = fuse_built(built, backend.name)

    def advance(
        self,
        steps: int,
        done: int,
        data: Mapping[str, np.ndarray],
        sample_ids: np.ndarray,
        recorder: Recorder,
    ) -> None:
        """Run one chunk; parameters as in `Engine.advance`."""
        now = np.arange(done, done + steps)
        x = np.concatenate([data[name][now // item.hold] for name, item in self.inputs.items()], axis=2)
        (runner,) = self.blocks
        threads = self.workers.count(steps * self.batch * self._fused.n_edges)
        states = self._fused.run(x, runner.state["x"], threads=threads)
        record = recorder.block(0)
        for rows in record.trace_rows(done, steps).values():
            rows[:] = states[:, :, record.index]
        self.step += steps
