"""What is kept of one block while a run goes on, until it is taken into memory or to disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from ..build.blocks import Block
from ..io.shard import Events, Piece
from ..record import Kept

__all__ = ["BlockRecord", "Grid"]

_EMPTY = np.empty(0, np.uint32)


class Grid(NamedTuple):
    """Times at which something is kept.

    Attributes
    ----------
    t0_step : int
        Steps before the run.
    every : int
        Steps between rows of traces; a row is kept of the steps that end at its multiples.
    bin_steps : int
        Steps of a bin of rates; 0 where none are kept.
    """

    t0_step: int
    every: int
    bin_steps: int

    def row(self, done: int) -> int:
        """Rows of traces of the first `done` steps of the run, and of all steps before."""
        return (self.t0_step + done) // self.every

    def bins(self, first: int, done: int) -> tuple[int, int]:
        """Bins that the steps from `first` to `done` of the run touch, counted from the one it began in."""
        if not self.bin_steps:
            return 0, 0
        start = self.t0_step // self.bin_steps
        end = -(-(self.t0_step + done) // self.bin_steps)
        return (self.t0_step + first) // self.bin_steps - start, end - start


class BlockRecord:
    """What is kept of one block.

    Parameters
    ----------
    block : Block
        The block.
    kept : mapping of str to Kept
        What is kept of each population.
    grid : Grid
        When.
    n_steps, batch : int
        Size of the run.
    dtype : str
        Width of the reals.

    Attributes
    ----------
    index : array [kept neuron], uint32
        Neurons of the block whose traces are kept.
    keeps_events : bool
        Whether `add_events` is to be called.
    counts : array [batch, neuron], int32, or None
        Spikes of each neuron, to be added to.
    """

    def __init__(
        self,
        block: Block,
        kept: Mapping[str, Kept],
        grid: Grid,
        n_steps: int,
        batch: int,
        dtype: str,
    ):
        self.block, self.batch, self._grid = block, batch, grid
        self._kept = {name: kept[name] for name in block.ranges}
        self._ends = np.array([hi for _, hi in block.ranges.values()])
        chosen = self._kept.values()
        places = [block.ranges[name][0] + k.neurons for name, k in self._kept.items() if k.traces]
        self.index = np.unique(np.concatenate([np.empty(0, np.int64), *places])).astype(np.uint32)
        names = tuple(dict.fromkeys(trace for k in chosen for trace in k.traces))
        self._dtypes = {name: np.dtype(block.model.state[name].storage(dtype)) for name in names}
        self._rows: dict[str, np.ndarray] = {}
        self._every_step: dict[str, np.ndarray] = {}
        self._first_row, self._chunk_first = grid.row(0), 0
        self._events_kept = np.array([k.spikes == "events" for k in chosen]) & block.spiking
        self.keeps_events = block.spiking and (bool(self._events_kept.any()) or bool(grid.bin_steps))
        counted = block.spiking and any(k.spikes == "counts" for k in chosen)
        self.counts = np.zeros((batch, block.n), np.int32) if counted else None
        n_bins = grid.bins(0, n_steps)[1] if block.spiking else 0
        self._bins = np.zeros((n_bins, batch, len(block.ranges)), np.int64)
        self._new: list[tuple[int, Events]] = []
        self._events: list[tuple[int, Events]] = []
        self.n_events = 0
        self._marked: np.ndarray | None = None

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of all traces."""
        return sum(kind.itemsize for kind in self._dtypes.values()) * self.batch * self.index.size

    def reserve(self, rows: int) -> None:
        """Make room for rows of traces; it grows where there are more."""
        self._rows = {name: self._room(name, rows) for name in self._dtypes}

    def trace_rows(self, first: int, steps: int) -> dict[str, np.ndarray]:
        """Where the kernel writes the traces of these steps of the run."""
        if self._grid.every > 1:
            lo = first - self._chunk_first
            return {name: self._scratch(name, lo + steps)[lo : lo + steps] for name in self._rows}
        lo = self._grid.row(first) - self._first_row
        return {name: self._make_room(name, lo + steps)[lo : lo + steps] for name in self._rows}

    def add_events(self, events: Events, first: int) -> None:
        """Keep spikes whose steps count from step `first` of the run."""
        if events[0].size:
            self._new.append((first, events))

    def end_chunk(self, done: int) -> None:
        """Fold what was written up to step `done` of the run into what is kept."""
        self._pick_rows(done)
        for first, events in self._new:
            self._fold(first, *events)
        self._new.clear()
        self._chunk_first = done

    def mark(self) -> None:
        """Remember what was counted so far, for `drop_chunk`."""
        self._marked = None if self.counts is None else self.counts.copy()

    def drop_chunk(self) -> None:
        """Forget what was written of a chunk that did not end."""
        self._new.clear()
        if self.counts is not None:
            self.counts[:] = 0 if self._marked is None else self._marked

    def take(self, first: int, done: int) -> dict[str, Piece]:
        """Hand over what was kept of the steps from `first` to `done` of the run; forget the spikes."""
        split = _Split(self._events, self._ends, self.batch, first)
        row_lo, row_hi = self._grid.row(first), self._grid.row(done)
        assert row_lo == self._first_row
        rows = {name: values[: row_hi - row_lo] for name, values in self._rows.items()}
        bin_lo, bin_hi = self._grid.bins(first, done)
        binned = self.block.spiking and self._grid.bin_steps > 0
        pieces = {}
        for place, (name, (lo, hi)) in enumerate(self.block.ranges.items()):
            kept = self._kept[name]
            counts = self.counts[:, lo:hi] if kept.spikes == "counts" and self.counts is not None else None
            bins = self._bins[bin_lo:bin_hi, :, place] if binned else None
            pieces[name] = Piece(
                split.loader(place) if self._events_kept[place] else None,
                counts,
                bins,
                {trace: _columns(rows[trace], self.index, kept.neurons + lo) for trace in kept.traces},
            )
        self._first_row, self._events, self.n_events = row_hi, [], 0
        return pieces

    def begin_anew(self) -> None:
        """Count from zero; what `take` handed over is no longer needed."""
        self._bins[:] = 0
        self._marked = None
        if self.counts is not None:
            self.counts[:] = 0

    def _fold(self, first: int, step: np.ndarray, batch: np.ndarray, neuron: np.ndarray) -> None:
        chosen = not self._events_kept.all()
        if self._grid.bin_steps or chosen:
            place = np.searchsorted(self._ends, neuron, side="right")
            if self._grid.bin_steps:
                self._count(first, step, batch, place)
            if chosen:
                mine = self._events_kept[place]
                step, batch, neuron = step[mine], batch[mine], neuron[mine]
        if step.size:
            # rows of a batch of one are all zero
            self._events.append((first, (step, batch if self.batch > 1 else _EMPTY, neuron)))
            self.n_events += step.size

    def _count(self, first: int, step: np.ndarray, batch: np.ndarray, place: np.ndarray) -> None:
        """Count spikes, sorted by step, of the populations at `place` in their bins."""
        lo, hi = self._grid.bins(first, first + int(step[-1]) + 1)
        began = self._grid.t0_step // self._grid.bin_steps + lo
        bin_ = (step + np.int64(self._grid.t0_step + first)) // self._grid.bin_steps - began
        shape = (hi - lo, *self._bins.shape[1:])
        flat = (bin_ * shape[1] + batch) * shape[2] + place
        self._bins[lo:hi] += np.bincount(flat, minlength=shape[0] * shape[1] * shape[2]).reshape(shape)

    def _pick_rows(self, done: int) -> None:
        """Take the rows on the grid of what was written at every step."""
        if self._grid.every == 1 or not self._rows:
            return
        ends = np.arange(self._grid.row(self._chunk_first) + 1, self._grid.row(done) + 1) * self._grid.every
        if not ends.size:
            return
        written = ends - 1 - self._grid.t0_step - self._chunk_first
        lo = self._grid.row(self._chunk_first) - self._first_row
        for name in self._rows:
            kept = self._make_room(name, lo + ends.size)
            kept[lo : lo + ends.size] = self._every_step[name][written]

    def _room(self, name: str, rows: int) -> np.ndarray:
        return np.empty((rows, self.batch, self.index.size), self._dtypes[name])

    def _make_room(self, name: str, rows: int) -> np.ndarray:
        kept = self._rows[name]
        if kept.shape[0] < rows:
            self._rows[name] = self._room(name, max(rows, kept.shape[0] * 2))
            self._rows[name][: kept.shape[0]] = kept
        return self._rows[name]

    def _scratch(self, name: str, rows: int) -> np.ndarray:
        held = self._every_step.get(name)
        if held is None or held.shape[0] < rows:
            self._every_step[name] = self._room(name, rows if held is None else max(rows, 2 * held.shape[0]))
            if held is not None:
                self._every_step[name][: held.shape[0]] = held
        return self._every_step[name]


class _Split:
    """The spikes of a block by population, sorted out once, when the first of them is asked for."""

    def __init__(self, events: list[tuple[int, Events]], ends: np.ndarray, batch: int, first: int):
        self._events, self._ends, self._batch, self._first = events, ends, batch, first
        self._parts: list[Events] | None = None

    def loader(self, place: int) -> Callable[[], Events]:
        """What returns the spikes of one population."""
        return lambda: self._all()[place]

    def _all(self) -> list[Events]:
        if self._parts is None:
            self._parts = self._sorted()
            self._events = []
        return self._parts

    def _sorted(self) -> list[Events]:
        steps = [step + np.uint32(first - self._first) for first, (step, _, _) in self._events]
        step = np.concatenate([_EMPTY, *steps])
        batch, neuron = (np.concatenate([_EMPTY, *(e[k] for _, e in self._events)]) for k in (1, 2))
        if self._batch == 1:
            batch = np.zeros_like(step)
        if self._ends.size == 1:
            return [(step, batch, neuron)]
        place = np.searchsorted(self._ends, neuron, side="right").astype(np.uint16)
        order = np.argsort(place, kind="stable")
        bounds = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=self._ends.size))])
        starts = [0, *self._ends[:-1].tolist()]
        step, batch, neuron = step[order], batch[order], neuron[order]
        return [
            (step[lo:hi], batch[lo:hi], neuron[lo:hi] - np.uint32(start))
            for lo, hi, start in zip(bounds[:-1], bounds[1:], starts, strict=True)
        ]


def _columns(rows: np.ndarray, index: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Columns of the neurons `wanted` of rows that hold those of `index`."""
    places = np.searchsorted(index, wanted.astype(np.uint32))
    everything = places.size == index.size and np.array_equal(places, np.arange(places.size))
    return rows if everything else rows[:, :, places]
