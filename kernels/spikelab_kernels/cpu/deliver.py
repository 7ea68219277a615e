"""Delivery of analog values in Numba. The reference says what each function means.

Indices are unsigned: signed ones cost twice the time. Rows are sliced before the inner loop, which keeps
the loops in a form that vectorises. No fastmath: it would contract to FMA and change the sums.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["deliver_analog", "deliver_analog_sparse"]


@njit(error_model="numpy", nogil=True, cache=True)
def accumulate_analog(x, weight, acc):
    """``acc = x @ weight`` for one row, sources ascending; four to a pass keep the order of each sum."""
    for j in range(acc.size):
        acc[j] = 0.0
    whole = x.size // 4 * 4
    for s in range(0, whole, 4):
        x0, x1, x2, x3 = x[s], x[s + 1], x[s + 2], x[s + 3]
        w0, w1, w2, w3 = weight[s], weight[s + 1], weight[s + 2], weight[s + 3]
        for j in range(acc.size):
            acc[j] = (((acc[j] + x0 * w0[j]) + x1 * w1[j]) + x2 * w2[j]) + x3 * w3[j]
    for s in range(whole, x.size):
        x0 = x[s]
        w0 = weight[s]
        for j in range(acc.size):
            acc[j] = acc[j] + x0 * w0[j]


@njit(error_model="numpy", nogil=True, cache=True)
def accumulate_analog_sparse(x, ptr, target, weight, acc):
    """``acc = x @ weights`` of a row table for one row, sources ascending."""
    acc[:] = 0.0
    for s in range(ptr.size - 1):
        value = x[s]
        if value == 0.0:
            continue
        for e in range(np.uint64(ptr[s]), np.uint64(ptr[s + 1])):
            acc[target[e]] = acc[target[e]] + value * weight[e]


@njit(error_model="numpy", nogil=True, cache=True)
def add_to(row, acc):
    """``row += acc``."""
    for j in range(acc.size):
        row[j] = row[j] + acc[j]


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_analog(x, hold, first, steps, weight, delay, out, address0, row_lo, row_hi):
    """Add ``x @ weight`` to the slab, the sources of each target in ascending order."""
    if steps + delay > out.shape[0]:
        raise IndexError("deliver_analog: values arrive beyond the last row of out")
    targets = weight.shape[1]
    acc = np.empty(targets, out.dtype)
    for b in range(row_lo, row_hi):
        held = -1
        for t in range(steps):
            if (first + t) // hold != held:
                held = (first + t) // hold
                accumulate_analog(x[held, b], weight, acc)
            add_to(out[t + delay, b, address0 : address0 + targets], acc)


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_analog_sparse(x, hold, first, steps, ptr, target, weight, delay, out, row_lo, row_hi):
    """Add analog values through a row table of one delay; the bits are those of `deliver_analog`."""
    if steps + delay > out.shape[0]:
        raise IndexError("deliver_analog_sparse: values arrive beyond the last row of out")
    acc = np.empty(out.shape[2], out.dtype)
    for b in range(row_lo, row_hi):
        held = -1
        for t in range(steps):
            if (first + t) // hold != held:
                held = (first + t) // hold
                accumulate_analog_sparse(x[held, b], ptr, target, weight, acc)
            add_to(out[t + delay, b], acc)
