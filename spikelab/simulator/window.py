"""One block in the windows of a run: what it gathers, how it moves, what it sends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.population_spec import tiles

from .arrivals import ArrivalRunner
from .block_runner import BlockRunner, Tile
from .delivery import Delivery
from .drives import DriveRunner
from .history import BitHistory
from .plastic import PlasticRunner
from .plastic_rates import RatePlasticRunner
from .playback import PlaybackRunner
from .recorder import Recorder
from .timers import Timers

__all__ = ["BlockWindow", "Call", "Runner", "Tables", "send"]

Call = Callable[[], None]
Runner = BlockRunner | PlaybackRunner
Tables = ArrivalRunner | PlasticRunner
"""Spikes in transit through the tables of a link."""
_Rows = Mapping[str, np.ndarray]


class BlockWindow:
    """A block with all that reaches it and all that it reaches. A window may be one step: it is kept lean.

    Parameters
    ----------
    place : int
        Which block.
    runner : BlockRunner or PlaybackRunner
        Its state.
    drives : DriveRunner
        Its noise.
    tables : sequence of ArrivalRunner and PlasticRunner
        All tables of the network.
    rates : sequence of RatePlasticRunner
        All projections of real values whose weights change.
    history : BitHistory or None
        Where its spikes go.
    delivery : Delivery
        Matrices and real values.
    timers : Timers
        Where time is counted.
    backend : Backend
        Where kernels come from.
    """

    def __init__(
        self,
        place: int,
        runner: Runner,
        drives: DriveRunner,
        tables: Sequence[Tables],
        rates: Sequence[RatePlasticRunner],
        history: BitHistory | None,
        delivery: Delivery,
        timers: Timers,
        backend: Backend,
    ):
        self.place, self.runner, self.history = place, runner, history
        self._drives, self._delivery, self._timers, self._backend = drives, delivery, timers, backend
        self._into = [table for table in tables if table.link.target == place]
        self._out_of = [table for table in tables if table.link.source == place]
        self._rates_into = [one for one in rates if one.link.target == place]
        self._rates_out = [one for one in rates if one.link.source == place]
        self.matrices = delivery.reaches(place)
        self._asked: dict[str, np.ndarray] = {}
        self._tiles: dict[tuple[int, bool], list[Tile]] = {}
        self._part_tiles: dict[bool, list[list[Tile]]] = {}

    @property
    def waiting(self) -> int:
        """Spikes under way to the block."""
        return sum(table.waiting for table in self._into)

    @property
    def keeps_traces(self) -> bool:
        """Whether values of the block's neurons are kept in this run."""
        return bool(self._record.index.size)

    @property
    def drive_arguments(self) -> tuple[Any, ...]:
        """What the kernel of Poisson noise is told of the block."""
        return self._drives.arguments

    def bits(self, first: int, steps: int) -> np.ndarray:
        """Spikes of the chunk: a view [step, batch, word]."""
        assert self.history is not None
        return self.history.rows(first, steps)

    def ask(self, names: Iterable[str], chunk: int) -> None:
        """Keep these state variables of all neurons at each step of a chunk, for rules that read them."""
        runner = self.runner
        shape = (chunk, runner.batch, runner.block.n)
        self._asked = {name: np.zeros(shape, runner.state[name].dtype) for name in sorted(names)}

    def values(self, names: Iterable[str], first: int, steps: int) -> dict[str, np.ndarray]:
        """State variables that were asked for in these rows of the chunk: arrays [step, batch, neuron]."""
        return {name: self._asked[name][first : first + steps] for name in names}

    def begin(self, recorder: Recorder) -> None:
        """Take over what is to be kept of a run."""
        self._rows: dict[str, np.ndarray] = {}
        self._traces = self._rows
        self._record = recorder.block(self.place)
        self._output = recorder.output(self.place, self.runner.sends_spikes)

    def calls(
        self, first: int, steps: int, now: int, done: int, sample_ids: np.ndarray, threads: int
    ) -> list[Call]:
        """What the block does in the window of `steps` that begins `first` steps into the chunk.

        Neurons that share a part of the tables go through the window together, from what arrives to their
        spikes, so that one parallel region does; without tables the pieces are tiles. No piece depends on
        another one.
        """
        runner = self.runner
        self._rows = self._record.trace_rows(done + first, steps)
        index, self._traces = self._record.index, self._rows
        if runner.sends_values or self._asked:
            index, self._traces = self._all_values(first, steps)
        out = self._record.counts
        if self._output == "bits" and self.history is not None:
            out = self.history.rows(first, steps)
        if self._rates_into:
            assert isinstance(runner, BlockRunner)  # nothing reaches a source
            runner.learned[:] = 0
            for rates in self._rates_into:
                rates.deliver(now, runner.learned.reshape(runner.batch, -1))
        advance = runner.run(first, steps, now, sample_ids, self._output, out, index, self._traces)
        sums = runner.sums
        if sums is None:
            return [partial(self._update, advance, [tile], part)
                    for part, tile in enumerate(self._cut(threads, steps > 1))]  # fmt: skip
        sums = sums[:steps]
        if self.matrices:
            started = perf_counter()
            sums[:] = 0
            self._delivery.pull(self.place, first, sums)
            self._timers.add("deliver", 0, perf_counter() - started)
        if len(runner.parts) > 1:
            parts = self._cut_parts(steps > 1)
            return [
                partial(self._run_part, part, now, sums, sample_ids, advance, cut)
                for part, cut in enumerate(parts)
            ]
        self._gather(0, now, sums, sample_ids)
        return [partial(self._update, advance, [tile], part)
                for part, tile in enumerate(self._cut(threads, steps > 1))]  # fmt: skip

    def finish(self, first: int, steps: int, now: int) -> None:
        """Hand on what the window made."""
        if self._traces is not self._rows:
            for name, kept in self._rows.items():
                kept[:] = self._traces[name][:, :, self._record.index]
        if self.runner.sends_values:
            values = self._traces[self.runner.block.model.output]
            self._delivery.values(self.place, values, first, (1, 0, steps))
            for rates in self._rates_out:
                rates.push(values, now)
        if self._out_of and self.history is not None:
            started = perf_counter()
            send(self._out_of, self.history.rows(first, steps), self.runner.block.n, now, self._backend)
            self._timers.add("send", 0, perf_counter() - started)

    def keep(self, steps: int, done: int) -> None:
        """Record the spikes of a chunk of `steps`."""
        if self._output == "bits" and self.history is not None:
            started = perf_counter()
            bits = self.history.rows(0, steps)
            if self._record.keeps_events:
                self._record.add_events(self._backend.bits_to_events(bits, self.runner.block.n, 0), done)
            if self._record.counts is not None:
                self._backend.count_spikes(bits, self._record.counts, 0, bits.shape[1])
            self._timers.add("record", 0, perf_counter() - started)

    def _all_values(self, first: int, steps: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Where the kernel writes, at every step, the values that are sent, asked for and to be kept."""
        n, state = self.runner.block.n, self.runner.state
        traces = self.values(self._asked, first, steps)
        sent = (self.runner.block.model.output,) if self.runner.sends_values else ()
        for name in {*sent, *self._rows} - set(traces):
            traces[name] = np.empty((steps, self.runner.batch, n), state[name].dtype)
        return np.arange(n, dtype=np.uint32), traces

    def _cut(self, threads: int, long: bool) -> list[Tile]:
        """Tiles of the whole block; in a single step no state is met twice, and one tile a thread is best."""
        known = self._tiles.get((threads, long))
        if known is None:
            kept = self.runner.state_bytes if long else 0
            known = tiles(self.runner.batch, self.runner.block.n, kept, threads)
            self._tiles[threads, long] = known
        return known

    def _cut_parts(self, long: bool) -> list[list[Tile]]:
        """Tiles of each part."""
        known = self._part_tiles.get(long)
        if known is None:
            batch, kept = self.runner.batch, self.runner.state_bytes if long else 0
            known = self._part_tiles[long] = [
                [(top, end, lo + left, lo + right) for top, end, left, right in tiles(batch, hi - lo, kept)]
                for lo, hi in self.runner.parts
            ]
        return known

    def _gather(self, part: int, now: int, sums: np.ndarray, sample_ids: np.ndarray) -> None:
        """Sum what reaches one part in a window: noise, and spikes through tables."""
        lo, hi = self.runner.parts[part]
        started = perf_counter()
        if not self.matrices:
            sums[..., lo:hi] = 0
        self._drives.add(sums, lo, hi, now, sample_ids)
        drawn = perf_counter()
        for table in self._into:
            table.deliver(part, now, sums)
        self._timers.add("drive", part, drawn - started)
        self._timers.add("deliver", part, perf_counter() - drawn)

    def _run_part(
        self,
        part: int,
        now: int,
        sums: np.ndarray,
        sample_ids: np.ndarray,
        advance: Callable[[Tile], None],
        cut: list[Tile],
    ) -> None:
        self._gather(part, now, sums, sample_ids)
        self._update(advance, cut, part)

    def _update(self, advance: Callable[[Tile], None], cut: list[Tile], part: int) -> None:
        started = perf_counter()
        for tile in cut:
            advance(tile)
        self._timers.add("update", part, perf_counter() - started)


def send(tables: Sequence[Tables], bits: np.ndarray, n: int, now: int, backend: Backend) -> None:
    """Put spikes, bits [step, batch, word] of `n` sources from step `now` on, on their way."""
    step, batch, source = backend.bits_to_events(bits, n, 0)
    if step.size:
        for table in tables:
            table.push(step, batch, source, now)
