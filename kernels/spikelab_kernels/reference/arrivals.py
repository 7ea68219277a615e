"""Spikes in transit, in plain NumPy: pushed at emission, pulled in the window of steps in which they arrive.

A spike in transit is an *entry* of a queue: the absolute step at which its next cell of edges is due, its
batch row, its source and the number of that cell (see `spikelab_kernels.layout.ArrivalTable`). Each table
has a queue of its own. What is delivered depends neither on the order of the entries nor on how time is cut
into windows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["deliver_arrivals", "push_arrivals"]

Array = NDArray[Any]


def push_arrivals(
    step: NDArray[np.uint32],
    batch: NDArray[np.uint32],
    source: NDArray[np.uint32],
    strength: NDArray[np.float64],
    step0: int,
    cell_ptr: NDArray[np.uint32],
    cell_delay: NDArray[np.uint16],
    count: int,
    due: NDArray[np.int64],
    row: NDArray[np.uint32],
    sender: NDArray[np.uint32],
    cell: NDArray[np.uint32],
    efficacy: NDArray[np.float64],
) -> int:
    """Append spikes to a queue; sources without edges are left out.

    Parameters
    ----------
    step, batch, source : array [event], uint32
        `step` counts from `step0`.
    strength : array [event] or [0], float64
        Efficacy of each spike, where the queue keeps it.
    step0 : int
        Absolute step.
    cell_ptr, cell_delay
        Of an arrival table.
    count : int
        Entries that the queue holds.
    due, row, sender, cell : array [capacity], int64 and uint32
        The queue. It has room for all events.
    efficacy : array [capacity] or [0], float64
        Its efficacies.

    Returns
    -------
    int
        Entries that the queue holds now.
    """
    events = zip(step.tolist(), batch.tolist(), source.tolist(), strict=True)
    for event, (k, b, s) in enumerate(events):
        if cell_ptr[s] < cell_ptr[s + 1]:
            first = int(cell_ptr[s])
            due[count], row[count], sender[count], cell[count] = (
                step0 + k + int(cell_delay[first]),
                b,
                s,
                first,
            )
            if strength.size:
                efficacy[count] = strength[event]
            count += 1
    return count


def deliver_arrivals(
    now: int,
    count: int,
    due: NDArray[np.int64],
    row: NDArray[np.uint32],
    sender: NDArray[np.uint32],
    cell: NDArray[np.uint32],
    cell_ptr: NDArray[np.uint32],
    cell_delay: NDArray[np.uint16],
    cell_group: NDArray[np.uint16],
    cell_edge: NDArray[np.uint32],
    target: NDArray[np.uint16],
    weight: Array,
    shift: int,
    group_receptor: NDArray[np.uint16],
    group_weight: Array,
    out: Array,
    lo: int,
) -> int:
    """Add all cells that are due before the end of a window, and drop the entries that have no more.

    Parameters
    ----------
    now : int
        Absolute step of the first row of `out`. Nothing is due before it.
    count : int
        Entries that the queue holds.
    due, row, sender, cell : array [capacity]
        The queue; changed in place.
    cell_ptr ... group_weight
        An arrival table.
    out : array [time, batch, receptor, neuron], int32 or int64, quanta
        Added to.
    lo : int
        Neuron that is target 0 of the table.

    Returns
    -------
    int
        Entries that remain.
    """
    kept = 0
    for k in range(count):
        when, b, s, c = int(due[k]), int(row[k]), int(sender[k]), int(cell[k])
        emitted, end = when - int(cell_delay[c]), int(cell_ptr[s + 1])
        while c < end and when < now + out.shape[0]:
            group, edges = int(cell_group[c]), slice(int(cell_edge[c]), int(cell_edge[c + 1]))
            if weight.size:
                quanta = weight[edges].astype(out.dtype) << out.dtype.type(shift)
            else:
                quanta = group_weight[group]
            np.add.at(
                out[when - now, b, int(group_receptor[group])], lo + target[edges].astype(np.int64), quanta
            )
            c += 1
            when = emitted + int(cell_delay[c]) if c < end else when
        if c < end:
            due[kept], row[kept], sender[kept], cell[kept] = when, b, s, c
            kept += 1
    return kept
