"""Gather what a run keeps, chunk by chunk, and make the result of it."""

from __future__ import annotations

import numpy as np

from ..build import Built
from ..build.blocks import Block
from ..build.memory import require_memory
from ..parts import Population
from ..record import Kept, Record
from ..result import PopulationResult, Result, Spikes

__all__ = ["Recorder"]

Events = tuple[np.ndarray, np.ndarray, np.ndarray]


class Recorder:
    """What is kept of every block during one run.

    Parameters
    ----------
    built : Built
        The network.
    record : Record
        What the user asked for.
    n_steps, batch : int
        Size of the run.
    """

    def __init__(self, built: Built, record: Record, n_steps: int, batch: int):
        self.built = built
        self.n_steps, self.batch = n_steps, batch
        models = {name: block.model for block in built.blocks for name in block.ranges}
        self.kept = record.resolve(built.net, lambda population: models[population.name].state)
        self._blocks = [_BlockRecord(block, self.kept, n_steps, batch, built.dtype) for block in built.blocks]

    def output(self, place: int, needs_bits: bool) -> str:
        """Output kind that a block's kernel must have."""
        wanted = {self.kept[name].spikes for name in self.built.blocks[place].ranges}
        if needs_bits or "events" in wanted:
            return "bits" if self.built.blocks[place].spiking else "none"
        return "counts" if "counts" in wanted and self.built.blocks[place].spiking else "none"

    def block(self, place: int) -> _BlockRecord:
        return self._blocks[place]

    def result(self, n_steps: int, t0_step: int, interrupted: bool, wall_s: float) -> Result:
        """Make the result of the first `n_steps` steps."""
        parts: dict[str, PopulationResult] = {}
        for name, population in self.built.net.populations.items():
            record = next(r for r in self._blocks if name in r.block.ranges)
            parts[name] = record.population(population, self.kept[name], self.built.dt_ms, n_steps, t0_step)
        return Result(self.built.dt_ms, t0_step, n_steps, self.batch, parts, interrupted, wall_s)


class _BlockRecord:
    def __init__(self, block: Block, kept: dict[str, Kept], n_steps: int, batch: int, dtype: str):
        self.block, self.batch = block, batch
        chosen = {name: kept[name] for name in block.ranges}
        self.names = tuple(dict.fromkeys(trace for k in chosen.values() for trace in k.traces))
        places = [block.ranges[name][0] + k.neurons for name, k in chosen.items() if k.traces] or [
            np.empty(0, np.int64)
        ]
        self.index = np.unique(np.concatenate(places)).astype(np.uint32)
        shape = (n_steps, batch, self.index.size)
        width = sum(np.dtype(block.model.state[name].storage(dtype)).itemsize for name in self.names)
        what = f"traces of {self.index.size} neurons over {n_steps} steps and {batch} batch rows"
        remedy = "Keep fewer neurons with Record(neurons=...), or run in pieces."
        require_memory(n_steps * batch * self.index.size * width, "Simulator.run", "record", what, remedy)
        self.traces = {name: np.empty(shape, block.model.state[name].storage(dtype)) for name in self.names}
        self.keeps_events = any(k.spikes == "events" for k in chosen.values())
        self.counts = (
            np.zeros((batch, block.n), np.int32)
            if block.spiking and any(k.spikes == "counts" for k in chosen.values())
            else None
        )
        self.events: list[Events] = []

    def trace_rows(self, first: int, steps: int) -> dict[str, np.ndarray]:
        """Where the traces of these steps belong."""
        return {name: trace[first : first + steps] for name, trace in self.traces.items()}

    def add_events(self, events: Events, first: int) -> None:
        step, batch, neuron = events
        if step.size:
            self.events.append((step + np.uint32(first), batch, neuron))

    def population(
        self, population: Population, kept: Kept, dt_ms: float, n_steps: int, t0_step: int
    ) -> PopulationResult:
        lo, hi = self.block.ranges[population.name]
        events = counts = None
        if self.block.spiking and kept.spikes == "events":
            shape = (n_steps, self.batch, population.n)
            events = Spikes(*self._events_of(lo, hi), dt_ms, shape, t0_step)
        elif self.block.spiking and kept.spikes == "counts" and self.counts is not None:
            counts = self.counts[:, lo:hi]
        columns = np.searchsorted(self.index, (kept.neurons + lo).astype(np.uint32))
        everything = columns.size == self.index.size and np.array_equal(columns, np.arange(columns.size))
        traces = {
            name: self.traces[name][:n_steps] if everything else self.traces[name][:n_steps, :, columns]
            for name in kept.traces
        }
        return PopulationResult(
            population.name,
            population.n,
            dt_ms,
            n_steps,
            self.batch,
            events,
            counts,
            traces,
            kept.neurons,
            t0_step,
        )

    def _events_of(self, lo: int, hi: int) -> Events:
        empty = (np.empty(0, np.uint32),) * 3
        step, batch, neuron = (np.concatenate(parts) for parts in zip(*(self.events or [empty]), strict=True))
        if lo == 0 and hi == self.block.n:
            return step, batch, neuron
        inside = (neuron >= lo) & (neuron < hi)
        return step[inside], batch[inside], neuron[inside] - np.uint32(lo)
