"""Layers of spiking neurons over a few time steps, from kernels of the simulator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from spikelab_kernels.dispatch import backend
from spikelab_kernels.layout import Tiles, tile_weights, words_for
from spikelab_kernels.population_spec import PopulationSpec, tiles

from ..errors import ParameterError
from ..neurons import Neuron
from ..simulator.paths import takes_matrix
from ..simulator.workers import Workers, row_ranges
from .presentation import Floats, Presentation
from .stack import Layer, Stack

__all__ = ["SpikingStack"]

Bits = npt.NDArray[np.uint64]

# Weights are rounded to 16 bits of the largest one when a spike takes them along: sums of spikes are exact.
_LARGEST = 2**15 - 1
# Steps of 1 that values of the input are rounded to.
_GRID = 2.0**20
_NO_INDEX = np.empty(0, np.uint32)


class SpikingStack(Stack):
    """Hidden layers of spiking neurons, and a readout of their spikes a step.

    Values of the input are currents that stay for all steps; each spike passes all layers in its step. Spikes
    are summed in integers, so that no thread and no batch changes them.

    Parameters
    ----------
    hidden, readout
        As of `Stack`; hidden layers have no bias.
    neurons : sequence of Neuron
        One record for each hidden layer, with one receptor.
    steps : int
        Time steps of a presentation.
    dt_ms : float, ms
        Length of a step.
    threads : int, optional
    device : {"cpu", "reference"}
    """

    kind: ClassVar[Literal["spiking", "rate"]] = "spiking"

    def __init__(
        self,
        hidden: Sequence[Layer],
        readout: Layer,
        neurons: Sequence[Neuron],
        *,
        steps: int = 10,
        dt_ms: float = 1.0,
        threads: int | None = None,
        device: str = "cpu",
    ):
        super().__init__(hidden, readout)
        for neuron in neurons:
            if neuron.kind != "spiking" or len(neuron.receptors) != 1:
                need = "spike and have one receptor"
                raise ParameterError(
                    "SpikingStack", "neurons", neuron, need, "Use LIF.unitless(), or synapse='delta'."
                )
        self.neurons, self.steps, self.dt_ms = list(neurons), steps, dt_ms
        self.workers, self.backend = Workers(threads), backend(device)
        self._populations: dict[tuple[int, int], _Population] = {}

    def present(self, x: Floats, depth: int | None = None) -> Presentation:
        """As `Stack.present`."""
        seen, out, synops, spikes = [np.asarray(x, self.dtype)], [], 0, [0]
        bits: Bits | None = None
        for index in range(len(self.hidden) if depth is None else depth):
            population, layer = self._population(index, len(x)), self.hidden[index]
            if bits is None:
                synops += seen[0].size * layer.n_out
                bits = population.run(_current(seen[0], layer.weight), None)
            else:
                synops += spikes[-1] * layer.n_out
                bits = population.run(None, self._deliver(bits, layer, population.sums))
            counts = np.zeros((len(x), layer.n_out), np.int32)
            self.backend.count_spikes(bits, counts, 0, len(x))
            spikes.append(int(counts.sum()))
            out.append((counts / self.dtype.type(self.steps)).astype(self.dtype))
            seen.append(out[-1])
        logits = self.read(seen[-1]) if depth is None else np.empty((len(x), 0), self.dtype)
        return Presentation(seen, out, [], logits, sum(spikes), synops + spikes[-1] * logits.shape[1])

    def _population(self, index: int, batch: int) -> _Population:
        known = self._populations.get((index, batch))
        if known is None:
            n = self.hidden[index].n_out
            known = self._populations[index, batch] = _Population(self, self.neurons[index], n, batch, index)
        return known

    def _deliver(self, bits: Bits, layer: Layer, sums: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], float]:
        """Sums of the weights that the spikes take along, and their quantum."""
        steps, batch = bits.shape[:2]
        quantum = quantum_of(layer.weight)
        table: Tiles = tile_weights(np.rint(layer.weight / quantum).astype(sums.dtype))
        spikes = int(self.backend.count_bits(bits))
        matrix = takes_matrix(table, spikes, steps * batch)
        kernel = self.backend.deliver_matrix if matrix else self.backend.deliver_dense
        flat = sums.reshape(steps, batch, -1)
        flat[:] = 0
        threads = self.workers.count(spikes * table.targets // 8)
        call: Callable[..., None] = partial(kernel, bits, *table, 0, 0, flat)
        self.workers.run([partial(call, lo, hi) for lo, hi in row_ranges(batch, threads)], threads)
        return sums, quantum


def _current(x: Floats, weight: Floats) -> Floats:
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


class _Population:
    """State and slabs of one hidden layer for one batch size."""

    def __init__(self, stack: SpikingStack, neuron: Neuron, n: int, batch: int, index: int):
        self._workers, self._backend, self._first = stack.workers, stack.backend, index == 0
        self._initial = neuron.initial()
        arrays = frozenset(name for name, value in neuron.prepare(stack.dt_ms).items() if np.ndim(value))
        dtype = stack.dtype.name
        self._spec = PopulationSpec(neuron.model, dtype, arrays, not self._first, self._first, "bits")
        self._n, self._steps, self._batch = n, stack.steps, batch
        self._state = {
            name: np.empty((batch, n), self._spec.state_dtype(name)) for name in neuron.model.state
        }
        self._constants = neuron.prepare(stack.dt_ms)
        self._quanta = np.ones((1, n), stack.dtype)
        keys = np.full(n, index, np.uint64)
        self._keys = keys, np.arange(n, dtype=np.uint64)
        shape = (stack.steps, batch, 1, n)
        self.sums = np.empty((0, 0, 0, 0) if self._first else shape, self._spec.sum_dtype)
        self._analog = np.empty(shape if self._first else (0, 0, 0, 0), stack.dtype)
        self._bits = np.empty((stack.steps, batch, words_for(n)), np.uint64)
        self._samples = np.zeros(batch, np.uint32)

    def run(self, current: Floats | None, arrived: tuple[npt.NDArray[Any], float] | None) -> Bits:
        """Spikes [step, sample, word] of one presentation from the initial state."""
        for name, values in self._state.items():
            values[:] = np.asarray(self._initial[name])
        sums = analog = None
        if current is not None:
            analog = self._analog
            analog[:] = current[:, None]
        if arrived is not None:
            sums, quantum = arrived
            self._quanta[:] = quantum
        kernel = self._backend.population_kernel(self._spec)
        run = kernel(self._state, self._constants, self._quanta, *self._keys)
        threads = self._workers.count(self._steps * self._batch * self._n)
        cut = tiles(self._batch, self._n, self._spec.state_bytes(), threads)
        call = partial(run, self._steps, sums, analog, _NO_INDEX, {}, self._bits, self._samples, 0)
        self._workers.run([partial(call, tile) for tile in cut], threads)
        return self._bits
