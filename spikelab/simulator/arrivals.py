"""Spikes in transit through one link: pushed when they are sent, pulled when they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.layout import ArrivalTable

from ..build.links import ArrivalLink
from .short_term import Synapses

__all__ = ["ArrivalRunner", "under_way", "ways"]

_LEAST_ROOM = 256
_NONE = np.empty(0, np.float64)


class _Queue:
    """Entries of one table, as the kernels read them; `count` of them are in use."""

    def __init__(self, with_efficacy: bool) -> None:
        self.count = 0
        self.due = np.empty(_LEAST_ROOM, np.int64)
        self.row, self.sender, self.cell = (np.empty(_LEAST_ROOM, np.uint32) for _ in range(3))
        self.efficacy = np.empty(_LEAST_ROOM) if with_efficacy else _NONE

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.due, self.row, self.sender, self.cell, self.efficacy

    def make_room(self, more: int) -> None:
        if self.count + more > self.due.size:
            room = max(2 * self.due.size, self.count + more)
            self.due, self.row, self.sender, self.cell, self.efficacy = (
                np.concatenate([array[: self.count], np.empty(room - self.count, array.dtype)])
                if array.size
                else array
                for array in self.arrays
            )


class ArrivalRunner:
    """An arrival link at run time.

    Parameters
    ----------
    link : ArrivalLink
        Its tables, one a partition of the targets. No result depends on the partitions.
    batch : int
        Batch rows.
    backend : Backend
        Where kernels come from.

    Attributes
    ----------
    sample_ids : array [batch], uint32
        Samples of the batch rows, which choose the random words of failures.
    """

    def __init__(self, link: ArrivalLink, batch: int, backend: Backend):
        self.link, self.batch, self.backend = link, batch, backend
        self.sample_ids = np.arange(batch, dtype=np.uint32)
        self._plain = [_plain_arguments(lo, table) for lo, _, table in link.parts]
        self.synapses = None if link.transmission is None else Synapses(link.transmission, batch, backend)
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, with nothing under way."""
        self.queues = [_Queue(self.synapses is not None) for _ in self.link.parts]
        if self.synapses is not None:
            self.synapses.reset(reseed)

    @property
    def waiting(self) -> int:
        """Entries that wait, over all partitions."""
        return sum(queue.count for queue in self.queues)

    def tables(self) -> list[tuple[Any, ...]]:
        """First neuron and table of each part, as kernels of static synapses take them."""
        return [(lo, *arguments) for *arguments, lo in self._plain]

    def state(self) -> dict[str, np.ndarray]:
        """Copies of `u` and `x` of short-term plasticity: arrays [batch, source]; else nothing."""
        return {} if self.synapses is None else self.synapses.state()

    def push(self, step: np.ndarray, batch: np.ndarray, source: np.ndarray, step0: int) -> None:
        """Take spikes on their way.

        Parameters
        ----------
        step, batch, source : array [event], uint32
            Each at most once; `step` counts from `step0`, and those of a source ascend.
        step0 : int
            Absolute step.
        """
        if not step.size:
            return
        strength = _NONE if self.synapses is None else self.synapses.use(step, batch, source, step0)
        for (_, _, table), queue in zip(self.link.parts, self.queues, strict=True):
            queue.make_room(step.size)
            queue.count = int(
                self.backend.push_arrivals(
                    step, batch, source, strength, np.int64(step0), table.cell_ptr, table.cell_delay,
                    np.int64(queue.count), *queue.arrays,
                )
            )  # fmt: skip

    def deliver(self, part: int, t: int, out: np.ndarray) -> None:
        """Add what arrives in a window to the sums of one partition.

        Parameters
        ----------
        part : int
            Which of ``link.parts``; different parts may run in threads.
        t : int
            Absolute step of the first row of `out`.
        out : array [row, batch, receptor, neuron], int32 or int64, quanta
            Sums of the whole block, C-contiguous; only neurons of the partition are touched.
        """
        queue = self.queues[part]
        if queue.count == 0:
            return
        start = np.int64(t), np.int64(queue.count)
        if self.synapses is None:
            *table_arguments, lo = self._plain[part]
            kept = self.backend.deliver_arrivals(*start, *queue.arrays[:4], *table_arguments, out, lo)
        else:
            lo, _, table = self.link.parts[part]
            chance = self.synapses.failing, self.synapses.key, self.sample_ids
            kept = self.backend.deliver_efficacies(
                *start, *queue.arrays, *table[:6], table.number, table.group_receptor, table.group_weight,
                *chance, out, np.int64(lo),
            )  # fmt: skip
        queue.count = int(kept)

    def under_way(self, now: int) -> dict[str, np.ndarray]:
        """What moves in the link at step `now`, the same for any partitions.

        Returns
        -------
        dict
            Of the spikes with edges still to come, as they were sent: ``"age"`` (steps since then),
            ``"batch"`` and ``"source"`` (uint32); for synapses with a state also ``"efficacy"`` (float64)
            and that state.
        """
        spikes: list[list[np.ndarray]] = [[], [], [], []]
        for (_, _, table), queue in zip(self.link.parts, self.queues, strict=True):
            due, row, sender, cell, efficacy = (array[: queue.count] for array in queue.arrays)
            age = (now - (due - table.cell_delay[cell])).astype(np.uint32)
            for column, part in zip(spikes, (age, row, sender, efficacy), strict=True):
                column.append(part)
        arrays = dict(zip(("age", "batch", "source"), map(np.concatenate, spikes), strict=False))
        if self.synapses is not None:
            arrays["efficacy"] = np.concatenate(spikes[3])
        arrays = _once(arrays, self.link.n_source)
        return arrays if self.synapses is None else {**arrays, **self.synapses.moving()}

    def restore(self, arrays: Mapping[str, np.ndarray], now: int) -> None:
        """Take over what `under_way` returned; windows go on from step `now`."""
        age, batch, source = (arrays[name].astype(np.int64) for name in ("age", "batch", "source"))
        for (_, _, table), queue in zip(self.link.parts, self.queues, strict=True):
            cell = _first_cell(table, source, age)
            left = np.flatnonzero(cell < table.cell_ptr[source + 1])
            queue.count = 0
            queue.make_room(left.size)
            queue.count = left.size
            cell = cell[left]
            emitted = now - age[left]
            columns = (emitted + table.cell_delay[cell], batch[left], source[left], cell)
            for array, values in zip(queue.arrays, columns, strict=False):
                array[: left.size] = values
            if self.synapses is not None:
                queue.efficacy[: left.size] = arrays["efficacy"][left]
        if self.synapses is not None:
            self.synapses.restore(arrays)


def ways(runners: Iterable[ArrivalRunner]) -> list[list[ArrivalRunner]]:
    """Runners by what they have under way, so that it is the same for any weights.

    Into how many tables the static synapses between a node and a block are sorted depends on their weights:
    all of these take the same spikes. Synapses that change or fail stand alone.
    """
    found: dict[tuple[Any, ...], list[ArrivalRunner]] = {}
    for runner in runners:
        link = runner.link
        own = () if link.transmission is None else link.projections
        found.setdefault((link.source, link.target, own), []).append(runner)
    return list(found.values())


def under_way(way: Sequence[ArrivalRunner], now: int) -> dict[str, np.ndarray]:
    """What moves in the runners of a way at step `now`; each of them takes it over with `restore`."""
    first, *others = (runner.under_way(now) for runner in way)
    if not others:
        return first
    together = {name: np.concatenate([first[name], *(other[name] for other in others)]) for name in first}
    return _once(together, way[0].link.n_source)


def _once(spikes: Mapping[str, np.ndarray], n_source: int) -> dict[str, np.ndarray]:
    """Spikes of several tables, each once and the oldest first; those of one table already stand so."""
    age, batch, source = (spikes[name].astype(np.int64) for name in ("age", "batch", "source"))
    key = (batch - age * (1 + batch.max(initial=0))) * n_source + source
    if (key[1:] > key[:-1]).all():
        return {name: values.copy() for name, values in spikes.items()}
    order = np.argsort(key, kind="stable")
    first = order[np.diff(key[order], prepend=key.min() - 1) != 0]
    return {name: values[first] for name, values in spikes.items()}


def _first_cell(table: ArrivalTable, source: np.ndarray, age: np.ndarray) -> np.ndarray:
    """First cell of each source with a delay of at least `age` steps, or the end of its cells."""
    cell: np.ndarray = table.cell_ptr[source].astype(np.int64)
    end = table.cell_ptr[source + 1].astype(np.int64)
    delay = np.append(table.cell_delay, np.uint16(0))
    while True:  # as many rounds as a spike has cells behind it
        behind = (cell < end) & (delay[cell] < age)
        if not behind.any():
            return cell
        cell += behind


def _plain_arguments(lo: int, table: ArrivalTable) -> tuple[Any, ...]:
    """A table as `deliver_arrivals` takes it, and its first target; scalars in one type, or it would compile
    again."""
    shift = table.group_weight.dtype.type(table.shift)
    return *table[:6], shift, table.group_receptor, table.group_weight, np.int64(lo)
