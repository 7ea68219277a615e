"""Gather what a run keeps, chunk by chunk, and make the result of it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from ..build import Built
from ..build.memory import physical_memory, require_memory
from ..errors import ParameterError
from ..io.recording import RecordingWriter
from ..io.shard import Piece, Shard
from ..record import Record
from ..result import PopulationResult, Result, Spikes, WeightSamples
from ..units import steps_from_ms
from .block_record import BlockRecord, Grid

__all__ = ["Recorder"]

#: A shard is written when it has this many bytes, or after this many seconds.
_SHARD_BYTES = 64 << 20
_SHARD_S = 60.0
_EVENT_BYTES = 12
_MEMORY_SHARE = 4
# Where the system does not tell its memory.
_MOST_EVENTS = 100_000_000


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
    t0_step : int
        Steps before the run.
    weights_of : callable, optional
        ``weights_of(name)`` returns the weights of a projection now, array [edge].

    Raises
    ------
    ParameterError
        If what would be kept does not fit into memory, or cannot be appended to a recording.
    """

    def __init__(
        self,
        built: Built,
        record: Record,
        n_steps: int,
        batch: int,
        t0_step: int = 0,
        weights_of: Callable[[Any], np.ndarray] | None = None,
    ):
        self.built, self.n_steps, self.batch, self.t0_step = built, n_steps, batch, t0_step
        models = {name: block.model for block in built.blocks for name in block.ranges}
        self.kept = record.resolve(built.net, lambda population: models[population.name].state)
        self._grid = Grid(
            t0_step, _steps(record, "interval_ms", built) or 1, _steps(record, "rate_bin_ms", built)
        )
        self._streams = record.to is not None
        self._blocks = [
            BlockRecord(block, self.kept, self._grid, n_steps, batch, built.dtype) for block in built.blocks
        ]
        self._reserve()
        self._most = _most_events() if record.max_events is None else record.max_events
        self._weights_of, self._weights = weights_of, {name: list[np.ndarray]() for name in record.weights}
        self._weight_every = _steps(record, "weights_interval_ms", built)
        self._weight_steps: list[int] = []
        self.done = 0  # steps of the run that ended
        self._written, self._since = 0, time.monotonic()
        self._writer = RecordingWriter(record.to, self._layout()) if record.to is not None else None
        self._sample_weights(0)

    def _reserve(self) -> None:
        rows = 0 if self._streams else self._grid.row(self.n_steps) - self._grid.row(0)
        for record in self._blocks:
            what = f"traces of {record.index.size} neurons, {rows} rows of {self.batch} batch rows"
            remedy = (
                "Keep fewer neurons with Record(neurons=...), an interval_ms, or write them with to=folder."
            )
            require_memory(rows * record.row_bytes, "Simulator.run", "record", what, remedy)
            record.reserve(rows)

    def output(self, place: int, needs_bits: bool) -> str:
        """Output kind that a block's kernel must have."""
        record, spiking = self._blocks[place], self.built.blocks[place].spiking
        if spiking and (needs_bits or record.keeps_events):
            return "bits"
        return "none" if record.counts is None else "counts"

    def block(self, place: int) -> BlockRecord:
        return self._blocks[place]

    def limit(self, length: int) -> int:
        """Steps of the next chunk, so that it ends where weights are looked at."""
        if not (self._weights and self._weight_every):
            return length
        return min(length, self._weight_every - (self.t0_step + self.done) % self._weight_every)

    @property
    def full(self) -> bool:
        """Whether the run has to stop because memory holds as many spikes as it may."""
        return not self._streams and sum(record.n_events for record in self._blocks) > self._most

    def end_chunk(self, done: int) -> None:
        """Take over what was written up to step `done` of the run; write a shard where one is due.

        Raises
        ------
        RecordingError
            If the disk does not take it; the error says what is kept, and holds the rest.
        """
        for record in self._blocks:
            record.end_chunk(done)
            record.mark()
        self.done = done
        self._sample_weights(done)
        if self._writer is not None and (
            self._held_bytes() >= _SHARD_BYTES or time.monotonic() - self._since >= _SHARD_S
        ):
            self._write_shard()

    def drop_chunk(self) -> None:
        """Forget what was written of a chunk that did not end."""
        for record in self._blocks:
            record.drop_chunk()

    def result(self, interrupted: bool, wall_s: float) -> Result:
        """Make the result of the steps that ended."""
        if not self._weight_every and not self._weight_steps:
            self._sample_weights(self.n_steps)
        if self._writer is not None:
            self._write_shard()
            return self._writer.result(self.t0_step, self.done, interrupted, wall_s)
        if self.full:
            warnings.warn(
                f"Simulator.run(record=Record(max_events={self._most})): there were more spikes, so "
                f"the run stopped after {self.done * self.built.dt_ms:g} ms; it can go on from there. Keep "
                'them on disk with Record(to=folder), keep spikes="counts", or raise max_events.',
                UserWarning,
                stacklevel=3,
            )
        return self._made(self._held(0), interrupted, wall_s)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """On an error of the run, write what had been simulated before."""
        if kind is None or self._writer is None or self._writer.failed:
            return
        self.drop_chunk()
        self._write_shard()

    def _held(self, first: int) -> Shard:
        """What is held of the steps from `first` on."""
        pieces = {n: piece for r in self._blocks for n, piece in r.take(first, self.done).items()}
        ordered = {name: pieces[name] for name in self.built.net.populations}
        weights = {name: self._samples(name) for name in self._weights}
        return Shard(self.t0_step + first, self.done - first, ordered, weights)

    def _made(self, held: Shard, interrupted: bool = False, wall_s: float = 0.0) -> Result:
        t0, n_steps = held.first_step, held.n_steps
        parts = {name: self._population(name, piece, t0, n_steps) for name, piece in held.pieces.items()}
        return Result(self.built.dt_ms, t0, n_steps, self.batch, parts, interrupted, wall_s, held.weights)

    def _population(self, name: str, piece: Piece, t0_step: int, n_steps: int) -> PopulationResult:
        population, dt_ms = self.built.net.populations[name], self.built.dt_ms
        shape = (n_steps, self.batch, population.n)
        return PopulationResult(
            name, population.n, dt_ms, n_steps, self.batch,
            None if piece.events is None else Spikes.lazy(piece.events, dt_ms, shape, t0_step),
            piece.counts, piece.traces, self.kept[name].neurons, t0_step,
            self._grid.every, piece.bins, max(self._grid.bin_steps, 1),
        )  # fmt: skip

    def _sample_weights(self, done: int) -> None:
        if not self._weights:
            return
        every = self._weight_every
        now, due = self.t0_step + self.done, done == self.n_steps
        if every:
            due = now % every == 0
        if due and (not self._weight_steps or self._weight_steps[-1] != now):
            assert self._weights_of is not None
            self._weight_steps.append(now)
            for name, samples in self._weights.items():
                samples.append(self._weights_of(name))

    def _samples(self, name: Any) -> WeightSamples:
        values = self._weights[name]
        steps = np.array(self._weight_steps[: len(values)], np.float64)
        return WeightSamples(steps * self.built.dt_ms, np.array(values) if values else np.empty((0, 0)))

    def _held_bytes(self) -> int:
        rows = self._grid.row(self.done) - self._grid.row(self._written)
        weights = sum(sample.nbytes for samples in self._weights.values() for sample in samples)
        return weights + sum(r.n_events * _EVENT_BYTES + r.row_bytes * rows for r in self._blocks)

    def _write_shard(self) -> None:
        """Write what is held, and forget it; on failure it is kept in the error."""
        if self._writer is None or self.done == self._written:
            return
        self._since, held = time.monotonic(), self._held(self._written)
        self._writer.write(held, lambda: self._made(held))
        self._written = self.done
        for record in self._blocks:
            record.begin_anew()
        self._weights, self._weight_steps = {name: [] for name in self._weights}, []

    def _layout(self) -> dict[str, Any]:
        """What a recording says of the network and of what is kept."""
        spiking = {name: block.spiking for block in self.built.blocks for name in block.ranges}
        return {
            "dt_ms": self.built.dt_ms, "batch": self.batch, "t0_step": self.t0_step,
            "every": self._grid.every, "bin_steps": self._grid.bin_steps,
            "weights": [list(name) for name in self._weights],
            "populations": [
                {
                    "name": name, "n": population.n, "traces": list(self.kept[name].traces),
                    "neurons": self.kept[name].neurons.tolist() if self.kept[name].traces else [],
                    "spikes": self.kept[name].spikes if spiking[name] else "none",
                    "rates": bool(self._grid.bin_steps) and spiking[name],
                }
                for name, population in self.built.net.populations.items()
            ],
        }  # fmt: skip


def _steps(record: Record, parameter: str, built: Built) -> int:
    """An interval of the record in whole steps, at least one; 0 where there is none."""
    value: float | None = getattr(record, parameter)
    if value is None:
        return 0
    if value < 0.5 * built.dt_ms * (1.0 + 1e-9):
        need = f"be at least one step of {built.dt_ms:g} ms"
        raise ParameterError("Record", parameter, value, need, "Give more, or take a smaller dt_ms.")
    return steps_from_ms(value, built.dt_ms, "Record", parameter)


def _most_events() -> int:
    """Spikes that a share of the machine's memory holds."""
    total = physical_memory()
    return _MOST_EVENTS if total is None else total // (_MEMORY_SHARE * _EVENT_BYTES)
