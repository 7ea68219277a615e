"""Spikes in transit in Numba. The reference says what each function means.

A cell is a run of edges with one row of sums: its loop reads targets (and weights) in order and touches
nothing else. Indices are unsigned: signed ones cost twice the time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["deliver_arrivals", "push_arrivals"]

ARRIVALS_1 = np.uint64(1)


@njit(error_model="numpy", nogil=True, cache=True)
def push_arrivals(step, batch, source, step0, cell_ptr, cell_delay, count, due, row, sender, cell):
    """Append spikes to a queue; sources without edges are left out."""
    place = np.uint64(count)
    for k in range(step.size):
        s = np.uint64(source[k])
        first = np.uint64(cell_ptr[s])
        if first < np.uint64(cell_ptr[s + ARRIVALS_1]):
            due[place] = np.int64(step0) + np.int64(step[k]) + np.int64(cell_delay[first])
            row[place] = batch[k]
            sender[place] = source[k]
            cell[place] = np.uint32(first)
            place += ARRIVALS_1
    return np.int64(place)


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_arrivals(
    now, count, due, row, sender, cell, cell_ptr, cell_delay, cell_group, cell_edge, target, weight, shift,
    group_receptor, group_weight, out, lo,
):  # fmt: skip
    """Add all cells that are due before the end of a window, and drop the entries that have no more."""
    flat = out.reshape(out.size)
    receptors, neurons = np.uint64(out.shape[2]), np.uint64(out.shape[3])
    batch, offset = np.uint64(out.shape[1]), np.uint64(lo)
    until = now + out.shape[0]
    kept = np.uint64(0)
    for k in range(np.uint64(count)):
        when = due[k]
        if when >= until:
            due[kept], row[kept], sender[kept], cell[kept] = when, row[k], sender[k], cell[k]
            kept += ARRIVALS_1
            continue
        b, s, c = row[k], sender[k], np.uint64(cell[k])
        end = np.uint64(cell_ptr[np.uint64(s) + ARRIVALS_1])
        emitted = when - np.int64(cell_delay[c])
        while when < until:
            group = np.uint64(cell_group[c])
            place = np.uint64(when - now) * batch + np.uint64(b)
            base = (place * receptors + np.uint64(group_receptor[group])) * neurons + offset
            sums = flat[base:]
            first, last = np.uint64(cell_edge[c]), np.uint64(cell_edge[c + ARRIVALS_1])
            if weight.size == 0:
                quanta = group_weight[group]
                for e in range(first, last):
                    sums[target[e]] += quanta
            else:
                for e in range(first, last):
                    sums[target[e]] += out.dtype.type(weight[e]) << shift
            c += ARRIVALS_1
            if c == end:
                break
            when = emitted + np.int64(cell_delay[c])
        if c < end:
            due[kept], row[kept], sender[kept], cell[kept] = when, b, s, np.uint32(c)
            kept += ARRIVALS_1
    return np.int64(kept)
