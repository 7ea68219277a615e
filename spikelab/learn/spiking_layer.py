"""One layer of spiking neurons in a few time steps, from kernels of the simulator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.layout import tile_weights, words_for
from spikelab_kernels.population_spec import PopulationSpec, tiles

from ..neurons import Neuron
from ..simulator.paths import takes_matrix
from ..simulator.workers import Workers, row_ranges
from .presentation import Floats

__all__ = ["WINDOW", "SpikingLayer", "held_current", "quantum_of"]

Bits = npt.NDArray[np.uint64]

#: Steps in which a layer runs ahead of the next one.
WINDOW = 16

# Weights are rounded to 16 bits of the largest one when a spike takes them along: sums of spikes are exact.
_LARGEST = 2**15 - 1
# Steps of 1 that values of the input are rounded to.
_GRID = 2.0**20
_NO_INDEX = np.empty(0, np.uint32)


def held_current(x: Floats, weight: Floats) -> Floats:
    """``x @ weight``, made once for all steps.

    Both are rounded to so few bits that no sum of their products is: every order gives the same float64.
    """
    quantum = quantum_of(weight)
    grid = np.rint(x.astype(np.float64) * _GRID) / _GRID
    current: Floats = (grid @ (np.rint(weight / quantum) * quantum).astype(np.float64)).astype(weight.dtype)
    return current


def quantum_of(weight: Floats) -> float:
    """The least power of two of which 16 bits count up to the largest weight."""
    largest = float(np.abs(weight).max(initial=0.0))
    return 2.0 ** int(np.ceil(np.log2(largest / _LARGEST))) if largest > 0.0 else 1.0


class SpikingLayer:
    """State and slabs of one hidden layer for one batch size.

    Parameters
    ----------
    neuron : Neuron
    shape : tuple (batch, n)
        Samples and neurons.
    steps : int
        Of a presentation.
    dt_ms : float, ms
    dtype : dtype
    index : int
        Place of the layer, of which its noise depends.
    held : bool
        Whether it gets currents that stay, not spikes.
    pushed : bool
        Whether further currents are added.
    workers, backend
        Threads and kernels.

    Attributes
    ----------
    counts : array [sample, neuron], int32
        Spikes of the presentation so far.
    """

    def __init__(
        self,
        neuron: Neuron,
        shape: tuple[int, int],
        *,
        steps: int,
        dt_ms: float,
        dtype: np.dtype[Any],
        index: int,
        held: bool,
        pushed: bool,
        workers: Workers,
        backend: Backend,
    ):
        self._workers, self._backend, self._held = workers, backend, held
        self._initial, self._constants = neuron.initial(), neuron.prepare(dt_ms)
        arrays = frozenset(name for name, value in self._constants.items() if np.ndim(value))
        self._spec = PopulationSpec(neuron.model, dtype.name, arrays, not held, held or pushed, "bits")
        batch, n = self._batch, self._n = shape
        self._state = {
            name: np.empty((batch, n), self._spec.state_dtype(name)) for name in neuron.model.state
        }
        self._quanta = np.ones((1, n), dtype)
        self._keys = np.full(n, index, np.uint64), np.arange(n, dtype=np.uint64)
        steps = min(WINDOW, steps)
        kind = dtype if self._held else self._spec.sum_dtype
        self._arrived = np.empty((steps, batch, 1, n), kind)
        self._push = np.empty((steps, batch, 1, n), dtype) if pushed and not self._held else None
        self._bits = np.empty((steps, batch, words_for(n)), np.uint64)
        self._samples = np.zeros(batch, np.uint32)
        self.counts = np.zeros((batch, n), np.int32)

    def begin(self, x: Any, weight: Floats, push: Floats | None) -> None:
        """Start from the initial state; where currents stay, they are ``x @ weight``; `push` is added."""
        for name, values in self._state.items():
            values[:] = np.asarray(self._initial[name])
        self.counts[:] = 0
        if self._held:
            current = held_current(x, weight)
            self._arrived[:] = (current if push is None else current + push)[:, None]
        else:
            quantum = quantum_of(weight)
            self._quanta[:] = quantum
            if self._push is not None:
                self._push[:] = np.asarray(push)[:, None]
            self._table = tile_weights(np.rint(weight / quantum).astype(self._spec.sum_dtype))
        kernel = self._backend.population_kernel(self._spec)
        self._advance = kernel(self._state, self._constants, self._quanta, *self._keys)

    def run(self, bits: Bits | None, first: int, steps: int) -> Bits:
        """Spikes [step, sample, word] of the steps from `first` on, counted; `bits` are those that arrive."""
        arrived, out = self._arrived[:steps], self._bits[:steps]
        if bits is not None:
            self._deliver(bits, arrived)
        more = None if self._push is None else self._push[:steps]
        sums, analog = (None, arrived) if bits is None else (arrived, more)
        threads = self._workers.count(steps * self._batch * self._n)
        cut = tiles(self._batch, self._n, self._spec.state_bytes(), threads)
        call = partial(self._advance, steps, sums, analog, _NO_INDEX, {}, out, self._samples, first)
        self._workers.run([partial(call, tile) for tile in cut], threads)
        self._backend.count_spikes(out, self.counts, 0, self._batch)
        return out

    def _deliver(self, bits: Bits, sums: npt.NDArray[Any]) -> None:
        """Sum the weights that spikes take along."""
        table, batch = self._table, self._batch
        spikes = int(self._backend.count_bits(bits))
        matrix = takes_matrix(table, spikes, bits.shape[0] * batch)
        kernel = self._backend.deliver_matrix if matrix else self._backend.deliver_dense
        flat = sums.reshape(bits.shape[0], batch, -1)
        flat[:] = 0
        threads = self._workers.count(spikes * table.targets // 8)
        call: Callable[..., None] = partial(kernel, bits, *table, 0, 0, flat)
        self._workers.run([partial(call, lo, hi) for lo, hi in row_ranges(batch, threads)], threads)
