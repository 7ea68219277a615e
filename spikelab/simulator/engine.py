"""The time loop: chunks of steps, components in order, each in windows of its shortest delay."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build import Built
from ..build.links import ArrivalLink, DenseLink, PlasticLink, RateLink
from ..generators import SpikingSource
from .arrivals import ArrivalRunner, under_way, ways
from .block_runner import BlockRunner
from .currents import current_drives
from .delivery import Delivery
from .drives import DriveRunner
from .history import BitHistory
from .learning import Learning
from .paths import PathTally
from .plastic import PlasticRunner
from .plastic_rates import RatePlasticRunner
from .playback import PlaybackRunner
from .recorder import Recorder
from .sources import InputRunner
from .timers import Timers
from .window import BlockWindow, Call, Runner, Tables, send
from .window_loop import WindowLoop
from .workers import Workers

__all__ = ["Engine"]

_SLAB_BYTES = 8 << 20
_MAX_CHUNK = 256
#: Plastic weights are copied before each chunk, so that an error can go back: with many of them, seldom.
_MANY_WEIGHTS, _LONG_CHUNK = 4 << 20, 2048
#: What the spikes under way cost in a window, in neuron-steps each: about one cell of edges.
_EVENT_WORK = 50

Backup = tuple[dict[str, np.ndarray], list[Any]]
"""Copies of what moves, and of what each projection that learns has."""


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
    loop : {"auto", "always", "never"}
        Whether windows of small components run in one call; the result does not depend on it.
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
        self.built, self.batch, self.backend, self.workers = built, batch, backend, workers
        self.paths = PathTally([*built.events, *built.plastic], built.analog)
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
        self._ways = ways(self.arrivals)
        self.plastic = [PlasticRunner(link, batch, backend) for link in built.plastic]
        self.rates = [RatePlasticRunner(link, batch, self.chunk, backend) for link in built.rates]
        self.learning = Learning(built, self.plastic, self.rates, batch, self.timers, workers, backend)
        self._delivery = Delivery(built, self.blocks, self.histories, backend, workers, path, self.paths)
        self._drives = [DriveRunner(built, i, backend) for i in range(len(built.blocks))]
        self._block_windows = [self._window(i) for i in range(len(built.blocks))]
        for i, window in enumerate(self._block_windows):
            window.ask(self.learning.asked(i), self.chunk)
        self._members = [
            [
                window
                for window, block in zip(self._block_windows, built.blocks, strict=True)
                if block.component == place
            ]
            for place in range(len(built.order))
        ]
        self._loops = {
            place: WindowLoop(members, self.windows[place], self.arrivals, self.timers, backend, loop)
            for place, members in enumerate(self._members)
            if self.windows[place] and WindowLoop.suits(members, self.windows[place], self.tables)
        }
        self.step = self.run_steps = 0
        self.reset()

    @property
    def learners(self) -> list[PlasticRunner | RatePlasticRunner]:
        """All projections whose weights change."""
        return [*self.plastic, *self.rates]

    @property
    def tables(self) -> list[Tables]:
        """All tables that spikes go through."""
        return [*self.arrivals, *self.plastic]

    def _runner(self, place: int) -> Runner:
        block = self.built.blocks[place]
        if isinstance(self.built.net.populations[next(iter(block.ranges))].neuron, SpikingSource):
            return PlaybackRunner(self.built, place, self.batch, self.backend)
        window = self.windows[block.component] or self.chunk
        return BlockRunner(self.built, place, self.batch, self.chunk, window, self.backend)

    def _window(self, i: int) -> BlockWindow:
        runner, history = self.blocks[i], self.histories.get(i)
        drives, tables = self._drives[i], self.tables
        ends = drives, tables, self.rates
        return BlockWindow(i, runner, *ends, history, self._delivery, self.timers, self.backend)

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step; `reseed` other than 0 draws other noise."""
        self.step, self.began, self.reseed, self.wall_s = 0, 0, reseed, 0.0
        sizes = {table.link.source: table.link.n_source for table in self.tables}
        self.sent = {node: np.zeros((self.batch, n), np.int32) for node, n in sizes.items()}
        self.paths.reset()
        self.timers.reset()
        for group in (self.blocks, self._drives, self.inputs.values(), self.tables, self.rates):
            for part in group:
                part.reset(reseed)
        self.learning.reset()
        for history in self.histories.values():
            history.kept()[:] = 0
        for loop in self._loops.values():
            loop.reset()

    def start_sample(self) -> None:
        """Back to step 0 with nothing under way; weights, and what neurons have learned, stay."""
        self.step = self.began = 0
        for runner in self.blocks:
            runner.start_sample()
        for group in (self.inputs.values(), self.arrivals, self._drives):
            for part in group:
                part.reset(self.reseed)
        for learner in self.learners:
            learner.forget()
        for history in self.histories.values():
            history.kept()[:] = 0
        self.learning.reset()

    def adapt(self, on: bool) -> None:
        """Let weights and neurons change with what they do, or not."""
        if on == self.learning.on:
            return
        self.learning.on = on
        for runner in self.blocks:
            runner.adapts = on
        for loop in self._loops.values():
            loop.reset()

    def backup(self) -> Backup:
        """Copies of everything that moves, for `revert` of this very engine: `snapshot` takes longer."""
        return self._moving(), [learner.backup(self.step) for learner in self.learners]

    def revert(self, backup: Backup) -> None:
        """Go back to what `backup` returned."""
        moving, learners = backup
        self._take(moving)
        for learner, own in zip(self.learners, learners, strict=True):
            learner.revert(own, self.step)

    def snapshot(self) -> dict[str, np.ndarray]:
        """Copies of everything that moves, by names that a file can hold."""
        arrays = self._moving()
        for i, learner in enumerate(self.learners):
            moving = learner.under_way(self.step)
            arrays |= {f"plastic/{i}/{name}": values for name, values in moving.items()}
        return arrays

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `snapshot` returned."""
        self._take(arrays)
        for i, learner in enumerate(self.learners):
            learner.restore(_under(f"plastic/{i}/", arrays), self.step)

    def _moving(self) -> dict[str, np.ndarray]:
        """Copies of what moves, but for what learns."""
        arrays = {"clock": np.array([self.step, self.reseed], np.int64)}
        for i, runner in enumerate(self.blocks):
            arrays |= {f"block/{i}/state/{name}": values.copy() for name, values in runner.state.items()}
            arrays |= {f"block/{i}/{name}": values for name, values in runner.under_way().items()}
        for name, item in self.inputs.items():
            if item.level is not None:
                arrays[f"input/{name}/level"] = item.level.copy()
        for node, history in self.histories.items():
            arrays[f"sent/{node}"] = history.kept().copy()
        for i, way in enumerate(self._ways):
            arrays |= {f"link/{i}/{name}": values for name, values in under_way(way, self.step).items()}
        return arrays | self.learning.snapshot()

    def _take(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `_moving` returned; what learns is reset."""
        on = self.learning.on
        self.reset(int(arrays["clock"][1]))
        self.adapt(on)
        self.step = self.began = int(arrays["clock"][0])
        for i, runner in enumerate(self.blocks):
            for name, values in runner.state.items():
                values[:] = arrays[f"block/{i}/state/{name}"]
            runner.restore(_under(f"block/{i}/", arrays))
        for name, item in self.inputs.items():
            if item.level is not None:
                item.level[:] = arrays[f"input/{name}/level"]
        for node, history in self.histories.items():
            history.kept()[:] = arrays[f"sent/{node}"]
        for i, way in enumerate(self._ways):
            for arrival in way:
                arrival.restore(_under(f"link/{i}/", arrays), self.step)
        self.learning.restore(arrays)

    def move_to(self, other: Engine) -> None:
        """Let `other`, built from other weights, go on from here."""
        other.restore(self.snapshot())
        other.began, other.wall_s, other.sent = self.began, self.wall_s, self.sent
        other.paths.go_on(self.paths)
        other.timers.go_on(self.timers)

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
        for arrival in self.arrivals:
            arrival.sample_ids = sample_ids
        self._feed_inputs(steps, done, data, sample_ids)
        for place, members in enumerate(self._members):
            span = self.windows[place] or steps
            threads = self.workers.count(self._work(members, span))
            for window in members:
                window.begin(recorder)
            loop = self._loops.get(place)
            if loop is not None and loop.ready(self.run_steps // span, self.workers.threads or 1):
                loop.run(steps, self.step, sample_ids)
            else:
                for first in range(0, steps, span):
                    width = min(span, steps - first)
                    self._run_window(members, first, width, done, sample_ids, threads)
                    now = self.step + first
                    self.learning.learn(place, self._block_windows, first, width, now, done + first, threads)
            for window in members:
                window.keep(steps, done)
                self._tally(window.place, steps)
        self.learning.end_chunk(self._block_windows, steps, self.step + steps)
        for runner in self.blocks:
            runner.shift(steps)
        for history in self.histories.values():
            history.shift(steps)
        self.step += steps

    def _run_window(
        self,
        members: list[BlockWindow],
        first: int,
        steps: int,
        done: int,
        sample_ids: np.ndarray,
        threads: int,
    ) -> None:
        calls: list[Call] = []
        for window in members:
            calls += window.calls(first, steps, self.step + first, done, sample_ids, threads)
        self.workers.run(calls, threads)
        for window in members:
            window.finish(first, steps, self.step + first)

    def _work(self, members: list[BlockWindow], span: int) -> int:
        """Neuron-steps of a window, with those that the spikes under way are worth."""
        neurons = sum(window.runner.block.n for window in members)
        return span * self.batch * neurons + _EVENT_WORK * sum(window.waiting for window in members)

    def _feed_inputs(
        self, steps: int, done: int, data: Mapping[str, np.ndarray], sample_ids: np.ndarray
    ) -> None:
        started = perf_counter()
        for name, runner in self.inputs.items():
            if runner.encoder is None:
                self._delivery.values(name, data[name], 0, (runner.hold, done, steps))
                for rates in self.rates:
                    if rates.link.source == name:
                        rates.push(data[name], self.step, runner.hold, done, steps)
            else:
                bits = self.histories[name].rows(0, steps)
                bits[:] = runner.bits(data[name], done, steps, self.step, sample_ids)
                reached = [table for table in self.tables if table.link.source == name]
                if reached:
                    send(reached, bits, runner.n_out, self.step, self.backend)
                    self._tally(name, steps)
        self.timers.add("input", 0, perf_counter() - started)

    def _tally(self, node: int | str, steps: int) -> None:
        """Count the spikes of a chunk that a node sends through tables."""
        if node not in self.sent:
            return
        bits, sent = self.histories[node].rows(0, steps), self.sent[node]
        self.backend.count_spikes(bits, sent, 0, self.batch)
        spikes = int(self.backend.count_bits(bits))
        for table in self.tables:
            if table.link.source == node:
                self.paths.add(table.link, False, spikes, steps * sent.size)

    def events(self) -> int:
        """Synaptic events since the last reset: spikes times the edges of their source."""
        return sum(
            int(self.sent[table.link.source].sum(axis=0, dtype=np.int64) @ table.link.out_degree())
            for table in self.tables
        )


def _under(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}


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


def _windows(built: Built, batch: int) -> list[int]:
    """Steps of a window of each component: its shortest delay, and no more than the cache holds; 0 where
    no spike comes back, and a window is a chunk."""
    item = 4 if built.dtype == "float32" else 8
    windows = []
    for place, shortest in enumerate(built.min_delay):
        width = sum(b.n * max(b.n_receptors, 1) for b in built.blocks if b.component == place)
        most = max(1, min(_MAX_CHUNK, _SLAB_BYTES // (width * item * batch)))
        links: list[PlasticLink | RateLink] = [*built.plastic, *built.rates]
        spans = [link.span for link in links if built.blocks[link.target].component == place]
        if spans:  # what a neuron does changes what it gets
            shortest = min([shortest, *spans]) if shortest else min(spans)
        windows.append(min(shortest, most))
    return windows


def _chunk_steps(built: Built, batch: int) -> int:
    """Steps for which what outlives a window fits in the cache; at least the longest delay, which moves each
    time."""
    width = longest = 0
    for i, block in enumerate(built.blocks):
        delays = [link.delay for link in built.analog if link.target == i]
        acyclic = not built.min_delay[block.component]
        values = bool(delays) or (acyclic and bool(current_drives(built, i)))
        width += block.n * (max(block.n_receptors, 1) * acyclic + block.n_inputs * values)
        longest = max([longest, *delays])
    item = 4 if built.dtype == "float32" else 8
    most = _LONG_CHUNK if sum(link.edges for link in built.plastic) * item > _MANY_WEIGHTS else _MAX_CHUNK
    fits = _SLAB_BYTES // (width * item * batch) if width else most
    return max(1, min(longest, most), min(most, fits))
