"""The time loop: chunks of steps, components in order, each in pieces of its shortest delay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build import Built
from ..build.links import AnalogLink, DenseLink, EventLink
from ..seeding import sub_key
from .block_runner import BlockRunner
from .paths import PathTally, takes_matrix
from .recorder import Recorder
from .sources import InputRunner
from .workers import Workers, row_ranges

__all__ = ["Engine"]

_Events = tuple[np.ndarray, np.ndarray, np.ndarray]

_NO_EVENTS = (np.empty(0, np.uint32),) * 3
_SLAB_BYTES = 8 << 20
_MAX_CHUNK = 256


class Engine:
    """Everything that moves: blocks, inputs and the number of steps done.

    Parameters
    ----------
    built : Built
        The network.
    batch : int
        Batch rows.
    backend : Backend
        Where kernels come from.
    workers : Workers
        Threads; the result does not depend on them.
    path : {"auto", "event", "matrix"}
        Which way spikes take through dense projections; the result does not depend on it.
    """

    def __init__(self, built: Built, batch: int, backend: Backend, workers: Workers, path: str = "auto"):
        self.built, self.batch, self.backend, self.workers = built, batch, backend, workers
        self._path = path
        self.paths = PathTally(built.events, built.analog)
        self.chunk = _chunk_steps(built, batch)
        self.blocks = [
            BlockRunner(built, i, batch, self.chunk, backend, workers) for i in range(len(built.blocks))
        ]
        self.inputs = {
            name: InputRunner(item, built, batch, backend) for name, item in built.net.inputs.items()
        }
        self._members = [
            [i for i, block in enumerate(built.blocks) if block.component == place]
            for place in range(len(built.order))
        ]
        self._events_from = _by_source(built.events)
        self._analog_from = _by_source(built.analog)
        self.step = 0
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step; `reseed` other than 0 draws other noise."""
        self.step, self.reseed = 0, reseed
        self.paths.reset()
        self._drive_keys = [sub_key(d.key, "reseed", reseed) if reseed else d.key for d in self.built.drives]
        for runner in self.blocks:
            runner.reset(reseed)
        for item in self.inputs.values():
            item.reset(reseed)

    def snapshot(self) -> dict[str, np.ndarray]:
        """Copies of everything that moves, by names that a file can hold."""
        arrays = {"clock": np.array([self.step, self.reseed], np.int64)}
        for i, runner in enumerate(self.blocks):
            arrays |= {f"block/{i}/state/{name}": values.copy() for name, values in runner.state.items()}
            arrays |= {f"block/{i}/{name}": values.copy() for name, values in runner.under_way().items()}
        for name, item in self.inputs.items():
            if item.level is not None:
                arrays[f"input/{name}/level"] = item.level.copy()
        return arrays

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `snapshot` returned."""
        self.reset(int(arrays["clock"][1]))
        self.step = int(arrays["clock"][0])
        for i, runner in enumerate(self.blocks):
            for name, values in runner.state.items():
                values[:] = arrays[f"block/{i}/state/{name}"]
            for name, slab in runner.under_way().items():
                slab[:] = arrays[f"block/{i}/{name}"]
        for name, item in self.inputs.items():
            if item.level is not None:
                item.level[:] = arrays[f"input/{name}/level"]

    def quanta_under_way(self) -> list[np.ndarray]:
        """Quanta of the receptors that spikes are on their way to, else 0: arrays [receptor, neuron]."""
        return [
            quanta * runner.awaits_spikes()
            for quanta, runner in zip(self.built.quanta, self.blocks, strict=True)
        ]

    def move_to(self, other: Engine) -> None:
        """Let `other`, built from other weights, go on from here."""
        arrays = self.snapshot()
        for i, (old, new) in enumerate(zip(self.built.quanta, other.built.quanta, strict=True)):
            sums = arrays.get(f"block/{i}/sums")
            if sums is not None:  # a coarser quantum rounds, an equal one must keep every bit
                coarse = np.rint(sums * (old / new)).astype(sums.dtype)
                arrays[f"block/{i}/sums"] = np.where(old == new, sums, coarse)
        other.restore(arrays)
        other.paths = self.paths

    def advance(
        self,
        steps: int,
        done: int,
        data: Mapping[str, np.ndarray],
        sample_ids: np.ndarray,
        recorder: Recorder,
    ) -> None:
        """Run one chunk.

        Parameters
        ----------
        steps : int
            At most ``self.chunk``.
        done : int
            Steps of this run before the chunk.
        data : mapping of str to array [row, batch, feature]
            What `run` was given, whole.
        sample_ids : array [batch], uint32
        recorder : Recorder
        """
        self._feed_inputs(steps, done, data, sample_ids)
        self._feed_drives(steps, sample_ids)
        for place, component in enumerate(self.built.order):
            piece = self.built.min_delay[place] if component.cyclic else steps
            piece = max(piece, 1)
            for first in range(0, steps, piece):
                length = min(piece, steps - first)
                for i in self._members[place]:
                    self._run_block(i, first, length, done, sample_ids, recorder)
        for runner in self.blocks:
            runner.shift(steps)
        self.step += steps

    def _run_block(
        self, i: int, first: int, length: int, done: int, sample_ids: np.ndarray, recorder: Recorder
    ) -> None:
        runner, record = self.blocks[i], recorder.block(i)
        output = recorder.output(i, runner.sends_spikes)
        index, traces, values = record.index, record.trace_rows(done + first, length), None
        if runner.sends_values:  # all neurons are needed; what is kept is taken from them
            name = runner.block.model.output
            index = np.arange(runner.block.n, dtype=np.uint32)
            kept, shape = traces, (length, self.batch, runner.block.n)
            traces = {n: np.empty(shape, runner.state[n].dtype) for n in {name, *kept}}
            values = traces[name]
        bits = runner.run(first, length, self.step + first, sample_ids, output, index, traces, record.counts)
        if values is not None:
            for name, rows in kept.items():
                rows[:] = traces[name][:, :, record.index]
            self._deliver_values(i, values, first, (1, 0, length))
        if bits is not None:
            events = self._events(i, bits, runner.block.n, record.keeps_events)
            if record.keeps_events:
                record.add_events(events, done + first)
            if output == "bits" and record.counts is not None:
                self.backend.count_spikes(bits, record.counts, 0, self.batch)
            self._deliver_spikes(i, events, bits, first)

    def _feed_inputs(
        self, steps: int, done: int, data: Mapping[str, np.ndarray], sample_ids: np.ndarray
    ) -> None:
        for name, runner in self.inputs.items():
            if runner.encoder is None:
                self._deliver_values(name, data[name], 0, (runner.hold, done, steps))
            else:
                bits = runner.bits(data[name], done, steps, self.step, sample_ids)
                self._deliver_spikes(name, self._events(name, bits, runner.n_out), bits, 0)

    def _feed_drives(self, steps: int, sample_ids: np.ndarray) -> None:
        for drive, key in zip(self.built.drives, self._drive_keys, strict=True):
            sums = self.blocks[drive.block].sums
            assert sums is not None
            out = sums[:steps, :, drive.receptor, drive.lo : drive.hi]
            call = partial(
                self.backend.poisson_drive,
                out,
                drive.weight,
                drive.thresholds,
                np.uint64(key),
                sample_ids,
                self.step,
            )
            self._split(out.size, call)

    def _events(self, node: int | str, bits: np.ndarray, n: int, kept: bool = False) -> _Events:
        """The spikes of a node as events, where they are kept or a sparse projection delivers them."""
        if kept or any(isinstance(link, EventLink) for link in self._events_from.get(node, ())):
            events: _Events = self.backend.bits_to_events(bits, n, 0)
            return events
        return _NO_EVENTS

    def _deliver_spikes(self, node: int | str, events: _Events, bits: np.ndarray, first: int) -> None:
        links = self._events_from.get(node, ())
        spikes = int(self.backend.count_bits(bits)) if links else 0
        for link in links:
            self._deliver_one(link, events, bits, first, spikes)

    def _deliver_one(
        self, link: EventLink | DenseLink, events: _Events, bits: np.ndarray, first: int, spikes: int
    ) -> None:
        out = self._slab(self.blocks[link.target].sums, first)
        rows = bits.shape[0] * bits.shape[1]
        matrix = isinstance(link, DenseLink) and self._takes_matrix(link, spikes, rows)
        self.paths.add(link, matrix, spikes, rows * link.n_source)
        if not spikes:
            return
        if isinstance(link, DenseLink):
            kernel = self.backend.deliver_matrix if matrix else self.backend.deliver_dense
            deliver = partial(kernel, bits, *link.tiles, link.address, link.delay, out)
            work = min(spikes, rows * link.n_source // 4) * link.tiles.targets // 8
        else:
            table, work = link.table, spikes * 64
            deliver = partial(
                self.backend.deliver_events, *events, table.ptr, table.target, table.weight, table.delay,
                table.const_delay, out,
            )  # fmt: skip
        self._split(work, deliver)

    def _takes_matrix(self, link: DenseLink, spikes: int, rows: int) -> bool:
        return self._path == "matrix" or (self._path == "auto" and takes_matrix(link, spikes, rows))

    def _deliver_values(
        self, node: int | str, values: np.ndarray, first: int, held: tuple[int, int, int]
    ) -> None:
        """Deliver real values that arrive from slab row `first` on; `held` as in :meth:`_deliver_analog`."""
        for link in self._analog_from.get(node, ()):
            self._deliver_analog(link, values, first, held)

    def _deliver_analog(
        self, link: AnalogLink, values: np.ndarray, first: int, held: tuple[int, int, int]
    ) -> None:
        """Deliver `values` [row, batch, source]; `held`: steps of a row, first step of the data, steps."""
        out = self._slab(self.blocks[link.target].lane(link), first)
        x = np.ascontiguousarray(values[:, :, link.lo : link.hi])
        hold, _, steps = held
        rows = -(-steps // hold) * self.batch
        if link.dense is not None:
            matrix = link.dense
            deliver = partial(self.backend.deliver_analog, x, *held, matrix, link.delay, out, link.address)
            work = (rows * x.shape[2] + 4 * steps * self.batch) * matrix.shape[1] // 8
        else:
            assert link.table is not None
            table = link.table
            deliver = partial(
                self.backend.deliver_analog_sparse, x, *held, table.ptr, table.target, table.weight,
                link.delay, out,
            )  # fmt: skip
            work = rows * table.target.size // 4 + steps * self.batch * out.shape[2] // 2
        self._split(work, deliver)

    def _slab(self, slab: np.ndarray | None, first: int) -> np.ndarray:
        assert slab is not None
        return slab[first:].reshape(slab.shape[0] - first, self.batch, -1)

    def _split(self, work: int, call) -> None:  # type: ignore[no-untyped-def]
        """Run ``call(row_lo, row_hi)`` over the batch rows, in threads where it is worth while."""
        threads = self.workers.count(work)
        self.workers.run([partial(call, lo, hi) for lo, hi in row_ranges(self.batch, threads)], threads)


def _by_source(links: Sequence[Any]) -> dict[int | str, list[Any]]:
    """Links of each node, in their order."""
    groups: dict[int | str, list[Any]] = {}
    for link in links:
        groups.setdefault(link.source, []).append(link)
    return groups


def _chunk_steps(built: Built, batch: int) -> int:
    """Steps for which what arrives fits in the cache; at least the longest delay, which moves each time."""
    width = sum(batch * max(block.n_receptors, 1) * block.n for block in built.blocks)
    item = 4 if built.dtype == "float32" else 8
    longest = max(built.max_delay, default=0)
    return max(1, min(longest, _MAX_CHUNK), min(_MAX_CHUNK, _SLAB_BYTES // (width * item)))
