"""One block at run time: its state, what arrives, and the call of its kernel."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.layout import words_for
from spikelab_kernels.population_spec import PopulationSpec, tiles

from ..build import Built
from ..seeding import sub_key
from .workers import Workers

__all__ = ["BlockRunner"]

_NO_INDEX = np.empty(0, np.uint32)


class BlockRunner:
    """State and slabs of one block.

    Parameters
    ----------
    built : Built
        The network.
    place : int
        Which block.
    batch : int
        Batch rows.
    chunk : int
        Most steps of one call of the engine.
    backend : Backend
        Where kernels come from.
    workers : Workers
        Threads.

    Attributes
    ----------
    state : dict of str to array [batch, neuron]
    sums : array [step, batch, receptor, neuron], int, or None
        Spikes that arrive in the steps of the chunk and, by delays, after it.
    analog : array of the same shape, real, or None
    """

    def __init__(self, built: Built, place: int, batch: int, chunk: int, backend: Backend, workers: Workers):
        self.block = built.blocks[place]
        self.dtype = built.dtype
        self.backend = backend
        self.workers = workers
        self.batch = batch
        self.tail = built.max_delay[place]
        shape = (chunk + self.tail, batch, max(self.block.n_receptors, 1), self.block.n)
        gets_sums = any(link.target == place for link in built.events) or any(
            drive.block == place for drive in built.drives
        )
        gets_analog = any(link.target == place for link in built.analog)
        base = self._spec("none", gets_sums, gets_analog)
        self.sums = np.zeros(shape, base.sum_dtype) if gets_sums else None
        self.analog = np.zeros(shape, self.dtype) if gets_analog else None
        self.quanta = np.ascontiguousarray(built.quanta[place], dtype=self.dtype)
        self.sends_values = not self.block.spiking and any(link.source == place for link in built.analog)
        self.sends_spikes = self.block.spiking and any(link.source == place for link in built.events)
        self.reset()
        self._bits: np.ndarray | None = None

    def _spec(self, output: str, sums: bool, analog: bool) -> PopulationSpec:
        return PopulationSpec(self.block.model, self.dtype, self.block.arrays, sums, analog, output)

    def _initial(self, spec: PopulationSpec) -> dict[str, np.ndarray]:
        shape = (self.batch, self.block.n)
        return {
            name: np.ascontiguousarray(
                np.broadcast_to(np.asarray(value), shape), dtype=spec.state_dtype(name)
            )
            for name, value in self.block.initial.items()
        }

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, with nothing under way."""
        self.state = self._initial(self._spec("none", False, False))
        self.rng_key = self.block.rng_key
        if reseed:
            new = {int(key): sub_key(int(key), "reseed", reseed) for key in np.unique(self.block.rng_key)}
            self.rng_key = np.array([new[int(key)] for key in self.block.rng_key], np.uint64)
        for slab in (self.sums, self.analog):
            if slab is not None:
                slab[:] = 0

    def run(
        self,
        first: int,
        steps: int,
        step0: int,
        sample_ids: np.ndarray,
        output: str,
        trace_index: np.ndarray = _NO_INDEX,
        traces: dict[str, np.ndarray] | None = None,
        counts: np.ndarray | None = None,
    ) -> np.ndarray | None:
        """Advance by `steps` from row `first` of the slabs.

        Returns
        -------
        array [step, batch, word], uint64, or None
            Spike bits where ``output`` is ``"bits"``; valid until the next call.
        """
        spec = self._spec(output, self.sums is not None, self.analog is not None)
        kernel = self.backend.population_kernel(spec)
        out = self._output(output, steps, counts)
        threads = self.workers.count(steps * self.batch * self.block.n)
        rows = slice(first, first + steps)
        arguments: tuple[Any, ...] = (
            steps,
            self.state,
            self.block.constants,
            self.quanta,
            None if self.sums is None else self.sums[rows],
            None if self.analog is None else self.analog[rows],
            trace_index,
            traces or {},
            out,
            self.rng_key,
            self.block.rng_element,
            sample_ids,
            step0,
        )
        work = tiles(self.batch, self.block.n, spec.state_bytes(), threads)
        self.workers.run([partial(kernel, *arguments, tile) for tile in work], threads)
        return out if output == "bits" else None

    def _output(self, output: str, steps: int, counts: np.ndarray | None) -> np.ndarray | None:
        if output == "counts":
            return counts
        if output != "bits":
            return None
        if self._bits is None or self._bits.shape[0] < steps:
            self._bits = np.empty((steps, self.batch, words_for(self.block.n)), np.uint64)
        return self._bits[:steps]

    def shift(self, steps: int) -> None:
        """Make the row after the first `steps` the first; what is still under way moves along."""
        for slab in (self.sums, self.analog):
            if slab is not None:
                slab[: self.tail] = slab[steps : steps + self.tail].copy()
                slab[self.tail : steps + self.tail] = 0

    def under_way(self) -> dict[str, np.ndarray]:
        """What will arrive after the steps done so far: arrays [step, batch, receptor, neuron]."""
        slabs = {"sums": self.sums, "analog": self.analog}
        return {name: slab[: self.tail] for name, slab in slabs.items() if slab is not None}
