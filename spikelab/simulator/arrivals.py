"""Spikes in transit through one link: pushed when they are sent, pulled when they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.layout import ArrivalTable

from ..build.links import ArrivalLink

__all__ = ["ArrivalRunner"]

_LEAST_ROOM = 256


class _Queue:
    """Entries of one table, as the kernels read them; `count` of them are in use."""

    def __init__(self) -> None:
        self.count = 0
        self.due = np.empty(_LEAST_ROOM, np.int64)
        self.row, self.sender, self.cell = (np.empty(_LEAST_ROOM, np.uint32) for _ in range(3))

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.due, self.row, self.sender, self.cell

    def make_room(self, more: int) -> None:
        if self.count + more > self.due.size:
            room = max(2 * self.due.size, self.count + more)
            self.due, self.row, self.sender, self.cell = (
                np.concatenate([array[: self.count], np.empty(room - self.count, array.dtype)])
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
    """

    def __init__(self, link: ArrivalLink, batch: int, backend: Backend):
        self.link, self.batch, self.backend = link, batch, backend
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, with nothing under way."""
        self._queues = [_Queue() for _ in self.link.parts]

    @property
    def waiting(self) -> int:
        """Entries that wait, over all partitions."""
        return sum(queue.count for queue in self._queues)

    def push(self, step: np.ndarray, batch: np.ndarray, source: np.ndarray, step0: int) -> None:
        """Take spikes on their way.

        Parameters
        ----------
        step, batch, source : array [event], uint32
            Each at most once; `step` counts from `step0`.
        step0 : int
            Absolute step.
        """
        for (_, _, table), queue in zip(self.link.parts, self._queues, strict=True):
            queue.make_room(step.size)
            queue.count = int(
                self.backend.push_arrivals(
                    step, batch, source, np.int64(step0), table.cell_ptr, table.cell_delay,
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
        queue = self._queues[part]
        if queue.count == 0:
            return
        lo, _, table = self.link.parts[part]
        queue.count = int(
            self.backend.deliver_arrivals(
                np.int64(t), np.int64(queue.count), *queue.arrays, *_table_arguments(table), out, np.int64(lo)
            )
        )

    def under_way(self, now: int) -> dict[str, np.ndarray]:
        """Spikes with edges still to come at step `now`: arrays [spike], the same for any partitions.

        Returns
        -------
        dict
            ``"age"`` (steps since the spike was sent, uint32), ``"batch"`` and ``"source"`` (uint32), sorted.
        """
        spikes = [
            (now - (queue.due[: queue.count] - table.cell_delay[queue.cell[: queue.count]]),
             queue.row[: queue.count], queue.sender[: queue.count])
            for (_, _, table), queue in zip(self.link.parts, self._queues, strict=True)
        ]  # fmt: skip
        together = [np.concatenate([part[i] for part in spikes]).astype(np.int64) for i in range(3)]
        age, batch, source = np.unique(np.stack(together), axis=1).astype(np.uint32)
        return {"age": age, "batch": batch, "source": source}

    def restore(self, arrays: Mapping[str, np.ndarray], now: int) -> None:
        """Take over what `under_way` returned; windows go on from step `now`."""
        for (_, _, table), queue in zip(self.link.parts, self._queues, strict=True):
            age, batch, source = (arrays[name].astype(np.int64) for name in ("age", "batch", "source"))
            cell, end = table.cell_ptr[source].astype(np.int64), table.cell_ptr[source + 1].astype(np.int64)
            while True:  # as many rounds as a spike has cells behind it
                ahead = np.minimum(cell, max(table.cell_delay.size - 1, 0))
                behind = (
                    (cell < end) & (table.cell_delay[ahead] < age) if table.cell_delay.size else cell < end
                )
                if not behind.any():
                    break
                cell += behind
            left = cell < end
            queue.count = 0
            queue.make_room(int(left.sum()))
            queue.count = n = int(left.sum())
            queue.due[:n] = now - age[left] + table.cell_delay[cell[left]]
            queue.row[:n], queue.sender[:n], queue.cell[:n] = batch[left], source[left], cell[left]


def _table_arguments(table: ArrivalTable) -> tuple[Any, ...]:
    """A table as the delivery kernel takes it; scalars in one type, or it would compile again."""
    *head, shift, receptor, weight = table
    return *head, table.group_weight.dtype.type(shift), receptor, weight
