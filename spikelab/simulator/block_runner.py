"""One block at run time: its state, what arrives, and the call of its kernel."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.layout import words_for
from spikelab_kernels.population_spec import PopulationSpec, tiles

from ..build import Built
from ..build.links import AnalogLink
from ..seeding import sub_key
from .memory import require_memory
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
    lanes : list of array [step, batch, input, neuron], real
        Real values that arrive. Sums of floats depend on their order, and which of several links
        delivers first depends on the chunks: from three links on, each has a lane of its own, and
        the lanes are added in the order of the links. Two commute and share one.
    """

    def __init__(self, built: Built, place: int, batch: int, chunk: int, backend: Backend, workers: Workers):
        self.block = built.blocks[place]
        self.dtype = built.dtype
        self.backend = backend
        self.workers = workers
        self.batch = batch
        self.tail = built.max_delay[place]
        shape = (chunk + self.tail, batch, max(self.block.n_receptors, 1), self.block.n)
        analog_shape = (*shape[:2], max(self.block.n_inputs, 1), self.block.n)
        gets_sums = any(link.target == place for link in built.events) or any(
            drive.block == place for drive in built.drives
        )
        self._links = [link for link in built.analog if link.target == place]
        base = self._spec("none", gets_sums, bool(self._links))
        n_lanes = min(len(self._links), 1) if len(self._links) <= 2 else len(self._links)
        slabs = gets_sums * math.prod(shape) + n_lanes * math.prod(analog_shape)
        slabs *= np.dtype(self.dtype).itemsize
        require_memory(
            batch * self.block.n * base.state_bytes() + slabs,
            "Simulator",
            "batch",
            f"state and arrivals of {batch} x {self.block.n} neurons over delays of {self.tail} steps",
            "Use a smaller batch, or fewer different delays between rate neurons.",
        )
        self.sums = np.zeros(shape, base.sum_dtype) if gets_sums else None
        self.lanes = [np.zeros(analog_shape, self.dtype) for _ in range(n_lanes)]
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
            # a copy in any case: what is broadcast may be the recipe's own array
            name: np.array(np.broadcast_to(np.asarray(value), shape), dtype=spec.state_dtype(name), order="C")
            for name, value in self.block.initial.items()
        }

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, with nothing under way."""
        self.state = self._initial(self._spec("none", False, False))
        self.rng_key = self.block.rng_key
        if reseed:
            new = {int(key): sub_key(int(key), "reseed", reseed) for key in np.unique(self.block.rng_key)}
            self.rng_key = np.array([new[int(key)] for key in self.block.rng_key], np.uint64)
        for slab in self._slabs().values():
            slab[:] = 0

    def _slabs(self) -> dict[str, np.ndarray]:
        lanes = {f"analog{i}": lane for i, lane in enumerate(self.lanes)}
        return lanes if self.sums is None else {"sums": self.sums, **lanes}

    def lane(self, link: AnalogLink) -> np.ndarray:
        """Where the values of `link` arrive."""
        return self.lanes[0 if len(self.lanes) == 1 else self._links.index(link)]

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
        spec = self._spec(output, self.sums is not None, bool(self.lanes))
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
            self._arrived(rows),
            trace_index,
            traces or {},
            out,
            self.rng_key,
            self.block.rng_element,
            sample_ids,
            step0,
        )
        kept = spec.state_bytes() if steps > 1 else 0  # in one step no state is met twice
        work = tiles(self.batch, self.block.n, kept, threads)
        self.workers.run([partial(kernel, *arguments, tile) for tile in work], threads)
        return out if output == "bits" else None

    def _arrived(self, rows: slice) -> np.ndarray | None:
        if len(self.lanes) < 2:
            return self.lanes[0][rows] if self.lanes else None
        total = self.lanes[0][rows].copy()
        for lane in self.lanes[1:]:
            total += lane[rows]
        return total

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
        for slab in self._slabs().values():
            slab[: self.tail] = slab[steps : steps + self.tail].copy()
            slab[self.tail : steps + self.tail] = 0

    def awaits_spikes(self) -> np.ndarray:
        """Which receptors of which populations spikes are on their way to: array [receptor, neuron], bool."""
        awaits = np.zeros((max(self.block.n_receptors, 1), self.block.n), np.bool_)
        if self.sums is not None:
            each = np.any(self.sums[: self.tail], axis=(0, 1))
            for lo, hi in self.block.ranges.values():
                awaits[:, lo:hi] = np.any(each[:, lo:hi], axis=1, keepdims=True)
        return awaits

    def under_way(self) -> dict[str, np.ndarray]:
        """What will arrive after the steps done so far: arrays [step, batch, receptor, neuron]."""
        return {name: slab[: self.tail] for name, slab in self._slabs().items()}
