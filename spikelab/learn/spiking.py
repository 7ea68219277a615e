"""Layers of spiking neurons over a few time steps, from kernels of the simulator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from spikelab_kernels.dispatch import backend
from spikelab_kernels.layout import tile_weights, words_for
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
# Steps in which a layer runs ahead of the next one.
_WINDOW = 16
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
        self._populations: dict[tuple[int, int, bool], _Population] = {}

    def __getstate__(self) -> dict[str, Any]:
        # Threads belong to this process, and kernels are bound to their buffers.
        return vars(self) | {"workers": Workers(self.workers.threads), "_populations": {}}

    def present(
        self, x: Floats, depth: int | None = None, push: Sequence[Floats] | None = None
    ) -> Presentation:
        """As `Stack.present`; memory does not grow with the number of steps.

        `push` holds currents [sample, neuron] that each hidden layer gets beside its input in all steps.
        """
        seen = np.asarray(x, self.dtype)
        hidden = self.hidden[:depth]
        ways = [self._population(index, len(x), push is not None) for index in range(len(hidden))]
        for index, (way, layer) in enumerate(zip(ways, hidden, strict=True)):
            way.begin(seen, layer.weight, None if push is None else push[index])
        for first in range(0, self.steps, _WINDOW):
            width, bits = min(_WINDOW, self.steps - first), None
            for way in ways:
                bits = way.run(bits, first, width)
        rates = [(way.counts / self.dtype.type(self.steps)).astype(self.dtype) for way in ways]
        activity = [seen, *rates]
        spikes = [int(way.counts.sum()) for way in ways]
        logits = self.read(activity[-1]) if depth is None else np.empty((len(x), 0), self.dtype)
        synops = seen.size * hidden[0].n_out if hidden else 0
        onto = [*(layer.n_out for layer in hidden[1:]), logits.shape[1]]
        synops += sum(count * targets for count, targets in zip(spikes, onto, strict=True))
        return Presentation(activity, rates, [], logits, sum(spikes), synops)

    def _population(self, index: int, batch: int, pushed: bool) -> _Population:
        key = index, batch, pushed
        if key not in self._populations:
            n = self.hidden[index].n_out
            self._populations[key] = _Population(self, self.neurons[index], n, batch, index, pushed)
        return self._populations[key]


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

    def __init__(self, stack: SpikingStack, neuron: Neuron, n: int, batch: int, index: int, pushed: bool):
        self._workers, self._backend, self._first = stack.workers, stack.backend, index == 0
        self._initial, self._constants = neuron.initial(), neuron.prepare(stack.dt_ms)
        arrays = frozenset(name for name, value in self._constants.items() if np.ndim(value))
        dtype = stack.dtype.name
        analog = self._first or pushed
        self._spec = PopulationSpec(neuron.model, dtype, arrays, not self._first, analog, "bits")
        self._n, self._batch = n, batch
        self._state = {
            name: np.empty((batch, n), self._spec.state_dtype(name)) for name in neuron.model.state
        }
        self._quanta = np.ones((1, n), stack.dtype)
        self._keys = np.full(n, index, np.uint64), np.arange(n, dtype=np.uint64)
        steps = min(_WINDOW, stack.steps)
        kind = stack.dtype if self._first else self._spec.sum_dtype
        self._arrived = np.empty((steps, batch, 1, n), kind)
        self._push = np.empty((steps, batch, 1, n), stack.dtype) if pushed and not self._first else None
        self._bits = np.empty((steps, batch, words_for(n)), np.uint64)
        self._samples = np.zeros(batch, np.uint32)
        self.counts = np.zeros((batch, n), np.int32)

    def begin(self, x: Floats, weight: Floats, push: Floats | None) -> None:
        """Start from the initial state; the first layer gets the values `x` in all steps, each its `push`."""
        for name, values in self._state.items():
            values[:] = np.asarray(self._initial[name])
        self.counts[:] = 0
        if self._first:
            current = _current(x, weight)
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
