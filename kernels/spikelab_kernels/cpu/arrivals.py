"""Spikes in transit in Numba. The reference says what each function means.

The cells that are due lie all over the table: each is a wait for memory. They are listed first,
`ARRIVALS_LIST` at a time, and asked for while they are listed; then they are added. A cell is a run of edges
with one row of sums: its loop reads targets (and weights) in order and touches nothing else.
Indices are unsigned: signed ones cost twice the time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.prefetch import prefetch

__all__ = ["deliver_arrivals", "push_arrivals"]

ARRIVALS_1 = np.uint64(1)
ARRIVALS_LIST = 64
ARRIVALS_FULL = np.uint64(ARRIVALS_LIST)
ARRIVALS_AHEAD = np.uint64(16)
# What is asked for of a cell; the processor finds out by itself how a longer run goes on.
ARRIVALS_MOST = np.uint64(256)
ARRIVALS_TARGETS_A_LINE = np.uint64(32)
ARRIVALS_WEIGHTS_A_LINE = np.uint64(16)


@njit(error_model="numpy", nogil=True, cache=True)
def push_arrivals(
    step, batch, source, strength, step0, cell_ptr, cell_delay, count, due, row, sender, cell, efficacy
):
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
            if strength.size != 0:
                efficacy[place] = strength[k]
            place += ARRIVALS_1
    return np.int64(place)


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def ask_for_edges(first, last, target, weight):
    """Begin to load the edges of a cell."""
    last = min(last, first + ARRIVALS_MOST)
    for e in range(first, last, ARRIVALS_TARGETS_A_LINE):
        prefetch(target, e)
    if weight.size != 0:
        for e in range(first, last, ARRIVALS_WEIGHTS_A_LINE):
            prefetch(weight, e)


@njit(error_model="numpy", nogil=True, cache=True)
def add_cells(count, first, last, base, group, target, weight, shift, group_weight, flat):
    """Add listed cells to the sums."""
    for k in range(count):
        sums = flat[base[k] :]
        if weight.size == 0:
            quanta = group_weight[np.uint64(group[k])]
            for e in range(np.uint64(first[k]), np.uint64(last[k])):
                sums[target[e]] += quanta
        else:
            for e in range(np.uint64(first[k]), np.uint64(last[k])):
                sums[target[e]] += flat.dtype.type(weight[e]) << shift


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_arrivals(
    now, count, due, row, sender, cell, cell_ptr, cell_delay, cell_group, cell_edge, target, weight, shift,
    group_receptor, group_weight, out, lo,
):  # fmt: skip
    """Add all cells that are due before the end of a window, and drop the entries that have no more."""
    flat = out.reshape(out.size)
    receptors, neurons = np.uint64(out.shape[2]), np.uint64(out.shape[3])
    rows, offset = np.uint64(out.shape[1]), np.uint64(lo)
    until, entries = now + out.shape[0], np.uint64(count)
    first, last = np.empty(ARRIVALS_LIST, np.uint32), np.empty(ARRIVALS_LIST, np.uint32)
    base, group = np.empty(ARRIVALS_LIST, np.uint64), np.empty(ARRIVALS_LIST, np.uint16)
    kept, listed = np.uint64(0), np.uint64(0)
    for k in range(entries):
        if k + ARRIVALS_AHEAD < entries:
            ahead = np.uint64(cell[k + ARRIVALS_AHEAD])
            prefetch(cell_edge, ahead)
            prefetch(cell_delay, ahead)
        when, b, s, c = due[k], row[k], sender[k], np.uint64(cell[k])
        if when < until:
            end = np.uint64(cell_ptr[np.uint64(s) + ARRIVALS_1])
            emitted = when - np.int64(cell_delay[c])
            while when < until:
                g = np.uint64(cell_group[c])
                place = np.uint64(when - now) * rows + np.uint64(b)
                base[listed] = (place * receptors + np.uint64(group_receptor[g])) * neurons + offset
                group[listed] = np.uint16(g)
                first[listed], last[listed] = cell_edge[c], cell_edge[c + ARRIVALS_1]
                ask_for_edges(np.uint64(first[listed]), np.uint64(last[listed]), target, weight)
                listed += ARRIVALS_1
                if listed == ARRIVALS_FULL:
                    add_cells(listed, first, last, base, group, target, weight, shift, group_weight, flat)
                    listed = np.uint64(0)
                c += ARRIVALS_1
                if c == end:
                    break
                when = emitted + np.int64(cell_delay[c])
            if c == end:
                continue
        due[kept], row[kept], sender[kept], cell[kept] = when, b, s, np.uint32(c)
        kept += ARRIVALS_1
    add_cells(listed, first, last, base, group, target, weight, shift, group_weight, flat)
    return np.int64(kept)
