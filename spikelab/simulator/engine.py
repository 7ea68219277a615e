"""The time loop: chunks of steps, components in order, each in windows of its shortest delay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.population_spec import tiles

from ..build import Built
from ..build.links import ArrivalLink, DenseLink
from ..generators import SpikingSource
from .arrivals import ArrivalRunner
from .block_runner import BlockRunner, Tile
from .currents import current_runners
from .delivery import Delivery
from .drives import DriveRunner
from .history import BitHistory
from .paths import PathTally
from .playback import PlaybackRunner
from .recorder import Recorder
from .sources import InputRunner
from .timers import Timers
from .workers import Workers

__all__ = ["Engine"]

_Events = tuple[np.ndarray, np.ndarray, np.ndarray]

_SLAB_BYTES = 8 << 20
_MAX_CHUNK = 256
#: What the spikes under way cost in a window, in neuron-steps each: about one cell of edges.
_EVENT_WORK = 50


class Engine:
    """Everything that moves: blocks, inputs, spikes under way and the number of steps done.

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
        self.paths = PathTally(built.events, built.analog)
        self.timers = Timers()
        self.windows = _windows(built, batch)
        self.chunk = _chunk_steps(built, batch)
        self.blocks = [self._runner(i) for i in range(len(built.blocks))]
        self.inputs = {
            name: InputRunner(item, built, batch, backend) for name, item in built.net.inputs.items()
        }
        self.histories = _histories(built, batch, self.chunk, self.inputs)
        links = [link for link in built.events if isinstance(link, ArrivalLink)]
        self.arrivals = [ArrivalRunner(link, batch, backend) for link in links]
        self._sent_by = _by_source(self.arrivals)
        self._sent_to = [[a for a in self.arrivals if a.link.target == i] for i in range(len(built.blocks))]
        self._drives = [DriveRunner(built, i, backend) for i in range(len(built.blocks))]
        self._delivery = Delivery(built, self.blocks, self.histories, backend, workers, path, self.paths)
        self._members = [
            [i for i, block in enumerate(built.blocks) if block.component == place]
            for place in range(len(built.order))
        ]
        self.step = 0
        self.reset()

    def _runner(self, place: int) -> BlockRunner:
        block = self.built.blocks[place]
        if isinstance(self.built.net.populations[next(iter(block.ranges))].neuron, SpikingSource):
            source = PlaybackRunner(self.built, place, self.batch, self.backend)
            return cast(BlockRunner, source)  # it offers what is asked of a block that receives nothing
        window = self.windows[block.component] or self.chunk
        return BlockRunner(self.built, place, self.batch, self.chunk, window, self.backend)

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step; `reseed` other than 0 draws other noise."""
        self.step, self.reseed = 0, reseed
        self.paths.reset()
        self.timers.reset()
        for group in (self.blocks, self._drives, self.inputs.values(), self.arrivals):
            for part in group:
                part.reset(reseed)
        for history in self.histories.values():
            history.kept()[:] = 0

    def snapshot(self) -> dict[str, np.ndarray]:
        """Copies of everything that moves, by names that a file can hold."""
        arrays = {"clock": np.array([self.step, self.reseed], np.int64)}
        for i, runner in enumerate(self.blocks):
            arrays |= {f"block/{i}/state/{name}": values.copy() for name, values in runner.state.items()}
            arrays |= {f"block/{i}/{name}": values.copy() for name, values in runner.under_way().items()}
        for name, item in self.inputs.items():
            if item.level is not None:
                arrays[f"input/{name}/level"] = item.level.copy()
        for node, history in self.histories.items():
            arrays[f"sent/{node}"] = history.kept().copy()
        for i, arrival in enumerate(self.arrivals):
            arrays |= {f"link/{i}/{name}": values for name, values in arrival.under_way(self.step).items()}
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
        for node, history in self.histories.items():
            history.kept()[:] = arrays[f"sent/{node}"]
        for i, arrival in enumerate(self.arrivals):
            prefix = f"link/{i}/"
            own = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
            arrival.restore(own, self.step)

    def move_to(self, other: Engine) -> None:
        """Let `other`, built from other weights, go on from here."""
        other.restore(self.snapshot())
        other.paths, other.timers = self.paths, self.timers

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
        self._threads = [self.workers.count(work) for work in self._work(steps)]
        self._feed_inputs(steps, done, data, sample_ids)
        for place in range(len(self.built.order)):
            window = self.windows[place] or steps
            for first in range(0, steps, window):
                self._run_window(place, first, min(window, steps - first), done, sample_ids, recorder)
            self._record(place, steps, done, recorder)
        for runner in self.blocks:
            runner.shift(steps)
        for history in self.histories.values():
            history.shift(steps)
        self.step += steps

    def _work(self, steps: int) -> list[int]:
        """Neuron-steps of a window of each component, with those that the spikes under way are worth."""
        work = [0] * len(self.built.order)
        for i, block in enumerate(self.built.blocks):
            place = block.component
            window = self.windows[place] or steps
            waiting = sum(arrival.waiting for arrival in self._sent_to[i])
            work[place] += window * self.batch * block.n + waiting * _EVENT_WORK
        return work

    def _feed_inputs(
        self, steps: int, done: int, data: Mapping[str, np.ndarray], sample_ids: np.ndarray
    ) -> None:
        for name, runner in self.inputs.items():
            if runner.encoder is None:
                self._delivery.values(name, data[name], 0, (runner.hold, done, steps))
            else:
                bits = self.histories[name].rows(0, steps)
                bits[:] = runner.bits(data[name], done, steps, self.step, sample_ids)
                self._send_spikes(name, bits, runner.n_out, 0)
                self._tally(name, bits)

    def _tally(self, node: int | str, bits: np.ndarray) -> None:
        """Count the spikes of a chunk for the sparse projections of a node."""
        for arrival in self._sent_by.get(node, ()):
            places = bits.shape[0] * bits.shape[1] * arrival.link.n_source
            self.paths.add(arrival.link, False, int(self.backend.count_bits(bits)), places)

    def _run_window(
        self,
        place: int,
        first: int,
        steps: int,
        done: int,
        sample_ids: np.ndarray,
        recorder: Recorder,
    ) -> None:
        calls: list[Callable[[], None]] = []
        pending = []
        threads = self._threads[place]
        for i in self._members[place]:
            runner, record = self.blocks[i], recorder.block(i)
            rows = record.trace_rows(done + first, steps)
            index, traces = self._all_values(i, steps, rows) if runner.sends_values else (record.index, rows)
            output = recorder.output(i, runner.sends_spikes)
            out = self.histories[i].rows(first, steps) if output == "bits" else record.counts
            advance = runner.run(first, steps, self.step + first, sample_ids, output, out, index, traces)
            calls += self._tasks(i, first, steps, sample_ids, advance, threads)
            pending.append((i, output, rows, traces))
        self.workers.run(calls, threads)
        for i, output, rows, traces in pending:
            runner = self.blocks[i]
            if runner.sends_values:
                for name, kept in rows.items():
                    kept[:] = traces[name][:, :, recorder.block(i).index]
                self._delivery.values(i, traces[runner.block.model.output], first, (1, 0, steps))
            if output == "bits" and runner.sends_spikes:
                self._send_spikes(i, self.histories[i].rows(first, steps), runner.block.n, first)

    def _tasks(
        self,
        i: int,
        first: int,
        steps: int,
        sample_ids: np.ndarray,
        advance: Callable[[Tile], None],
        threads: int,
    ) -> list[Callable[[], None]]:
        """What block `i` does in a window, in pieces that do not depend on one another.

        Neurons that share a part of the tables go through the window together, from what arrives to their
        spikes, so that one parallel region does. Without tables the pieces are tiles.
        """
        runner, now = self.blocks[i], self.step + first
        sums = None if runner.sums is None else runner.sums[:steps]
        kept = runner.state_bytes if steps > 1 else 0  # in one step no state is met twice
        if sums is not None:
            with self.timers.phase("drive"):
                sums[:] = 0
                self._drives[i].add(sums, now, sample_ids)
            with self.timers.phase("deliver"):
                self._delivery.pull(i, first, sums)
        if sums is not None and len(runner.parts) > 1:
            return [
                partial(self._run_part, i, part, sums, now, advance, kept)
                for part in range(len(runner.parts))
            ]
        if sums is not None:
            self._gather(i, 0, sums, now)
        work = tiles(self.batch, runner.block.n, kept, threads)
        return [partial(self._update, advance, tile, place) for place, tile in enumerate(work)]

    def _run_part(
        self,
        i: int,
        part: int,
        sums: np.ndarray,
        now: int,
        advance: Callable[[Tile], None],
        kept: int,
    ) -> None:
        self._gather(i, part, sums, now)
        lo, hi = self.blocks[i].parts[part]
        for row_lo, row_hi, col_lo, col_hi in tiles(self.batch, hi - lo, kept):
            self._update(advance, (row_lo, row_hi, lo + col_lo, lo + col_hi), part)

    def _gather(self, i: int, part: int, sums: np.ndarray, now: int) -> None:
        """Sum the spikes that reach one part of block `i` in a window."""
        with self.timers.phase("deliver", part):
            for arrival in self._sent_to[i]:
                arrival.deliver(part, now, sums)

    def _update(self, advance: Callable[[Tile], None], tile: Tile, worker: int) -> None:
        with self.timers.phase("update", worker):
            advance(tile)

    def _all_values(
        self, i: int, steps: int, rows: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Where the kernel writes, at every step, the values that a rate block sends and those to be kept."""
        runner = self.blocks[i]
        shape = (steps, self.batch, runner.block.n)
        names = {runner.block.model.output, *rows}
        return np.arange(runner.block.n, dtype=np.uint32), {
            name: np.empty(shape, runner.state[name].dtype) for name in names
        }

    def _send_spikes(self, node: int | str, bits: np.ndarray, n: int, first: int) -> None:
        """Put spikes of a node, sent from row `first` of the chunk on, on their way through tables."""
        if node in self._sent_by:
            with self.timers.phase("send"):
                step, batch, source = self.backend.bits_to_events(bits, n, 0)
                for arrival in self._sent_by[node]:
                    arrival.push(step, batch, source, self.step + first)

    def _record(self, place: int, steps: int, done: int, recorder: Recorder) -> None:
        """Keep what the recorder wants of the spikes of a chunk, and count those that were sent."""
        with self.timers.phase("record"):
            for i in self._members[place]:
                runner, record = self.blocks[i], recorder.block(i)
                if recorder.output(i, runner.sends_spikes) != "bits":
                    continue
                bits = self.histories[i].rows(0, steps)
                self._tally(i, bits)
                if record.keeps_events:
                    record.add_events(self.backend.bits_to_events(bits, runner.block.n, 0), done)
                if record.counts is not None:
                    self.backend.count_spikes(bits, record.counts, 0, self.batch)


def _histories(
    built: Built, batch: int, chunk: int, inputs: Mapping[str, InputRunner]
) -> dict[int | str, BitHistory]:
    """Room for the spikes of every node that has some, as far back as its dense projections look."""
    past: dict[int | str, int] = {}
    for link in built.events:
        if isinstance(link, DenseLink):
            past[link.source] = max(past.get(link.source, 0), link.delay)
    sizes: dict[int | str, int] = {i: block.n for i, block in enumerate(built.blocks) if block.spiking}
    sizes |= {name: item.n_out for name, item in inputs.items() if item.encoder is not None}
    return {node: BitHistory(chunk, past.get(node, 0), batch, n) for node, n in sizes.items()}


def _by_source(arrivals: list[ArrivalRunner]) -> dict[int | str, list[ArrivalRunner]]:
    groups: dict[int | str, list[ArrivalRunner]] = {}
    for arrival in arrivals:
        groups.setdefault(arrival.link.source, []).append(arrival)
    return groups


def _windows(built: Built, batch: int) -> list[int]:
    """Steps of a window of each component: its shortest delay, and no more than the cache holds; 0 where
    no spike comes back, and a window is a chunk."""
    item = 4 if built.dtype == "float32" else 8
    windows = []
    for place, component in enumerate(built.order):
        width = sum(b.n * max(b.n_receptors, 1) for b in built.blocks if b.component == place)
        most = max(1, min(_MAX_CHUNK, _SLAB_BYTES // (width * item * batch)))
        windows.append(max(1, min(built.min_delay[place], most)) if component.cyclic else 0)
    return windows


def _chunk_steps(built: Built, batch: int) -> int:
    """Steps for which what outlives a window fits in the cache; at least the longest delay, which moves each
    time."""
    width = longest = 0
    for i, block in enumerate(built.blocks):
        delays = [link.delay for link in built.analog if link.target == i]
        acyclic = not built.order[block.component].cyclic
        values = bool(delays) or (acyclic and bool(current_runners(built, i)))
        width += block.n * (max(block.n_receptors, 1) * acyclic + block.n_inputs * values)
        longest = max([longest, *delays])
    item = 4 if built.dtype == "float32" else 8
    fits = _SLAB_BYTES // (width * item * batch) if width else _MAX_CHUNK
    return max(1, min(longest, _MAX_CHUNK), min(_MAX_CHUNK, fits))
