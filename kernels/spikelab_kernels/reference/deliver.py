"""Delivery of spikes and analog values through projections, in plain NumPy.

A spike of step k that travels for d steps is added to row k + d of the slab. Spikes are summed in integers,
so that any order gives the same sum. Analog values are summed in a fixed order instead: the sources of a
target ascending, ``acc = 0; acc = acc + x[s] * w[s]``, each product and each sum rounded by itself, then
``out = out + acc`` once a call. An absent edge and an edge of weight zero give the same bits, for a finite
``x``: a sum that starts from +0.0 is never -0.0, so adding a zero of either sign changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["deliver_analog", "deliver_analog_sparse", "deliver_events"]

Array = NDArray[Any]


def deliver_events(
    step: NDArray[np.uint32],
    batch: NDArray[np.uint32],
    source: NDArray[np.uint32],
    ptr: Array,
    target: Array,
    weight: Array,
    delay: NDArray[np.uint16],
    const_delay: int,
    out: Array,
    row_lo: int,
    row_hi: int,
) -> None:
    """Add the row of every spiking source to the slab, at the spike's step plus the edge's delay.

    Parameters
    ----------
    step, batch, source : array [event], uint32
        `step` counts from row 0 of `out`.
    ptr, target, weight, delay, const_delay
        A row table, see `spikelab_kernels.layout.RowTable`.
    out : array [time, batch, address], int32 or int64, quanta
        Added to. It has a row for the latest arrival.
    row_lo, row_hi : int
        Events of other batch rows are left alone.

    Raises
    ------
    IndexError
        If a spike arrives beyond the last row of `out`.
    """
    for k, b, s in zip(step.tolist(), batch.tolist(), source.tolist(), strict=True):
        if row_lo <= b < row_hi:
            edges = slice(int(ptr[s]), int(ptr[s + 1]))
            delays = delay[edges].astype(np.int64) if delay.size else const_delay
            if ptr[s] < ptr[s + 1] and k + np.max(delays) >= out.shape[0]:
                raise IndexError("deliver_events: a spike arrives beyond the last row of out")
            np.add.at(out, (k + delays, b, target[edges]), weight[edges])


def deliver_analog(
    x: Array,
    hold: int,
    first: int,
    steps: int,
    weight: Array,
    delay: int,
    out: Array,
    address0: int,
    row_lo: int,
    row_hi: int,
) -> None:
    """Add ``x @ weight`` to the slab, the sources of each target in ascending order.

    Parameters
    ----------
    x : array [row, batch, source], real, finite
    hold : int
        Steps that a row of `x` lasts. Its products are made once.
    first, steps : int
        Steps ``first`` to ``first + steps`` of the data are delivered, to rows of `out` from `delay` on.
    weight : array [source, target], real
    delay : int, steps
    out : array [steps + delay or more, batch, address], real
        Added to.
    address0 : int
        Address of the first target in `out`.
    row_lo, row_hi : int
        Batch rows to work on.

    Raises
    ------
    IndexError
        If values would arrive beyond the last row of `out`.
    """
    rows = slice(row_lo, row_hi)
    if steps + delay > out.shape[0]:
        raise IndexError("deliver_analog: values arrive beyond the last row of out")
    acc = np.zeros((steps, row_hi - row_lo, weight.shape[1]), out.dtype)
    held = x[np.arange(first, first + steps) // hold, rows]
    for s in range(weight.shape[0]):
        acc += held[:, :, s, None] * weight[s]
    out[delay : delay + steps, rows, address0 : address0 + weight.shape[1]] += acc


def deliver_analog_sparse(
    x: Array,
    hold: int,
    first: int,
    steps: int,
    ptr: Array,
    target: Array,
    weight: Array,
    delay: int,
    out: Array,
    row_lo: int,
    row_hi: int,
) -> None:
    """Add analog values through a row table of one delay; the bits are those of `deliver_analog`.

    Parameters
    ----------
    x, hold, first, steps
        As in `deliver_analog`.
    ptr, target, weight
        A row table with real weights, see `spikelab_kernels.layout.RowTable`. Edges that repeat are added
        one by one, in the table's order.
    delay : int, steps
        One for all edges. A projection with several delays is one call for each, on the earlier values
        ``x[k - d]``, in ascending order of d: only then is a run in two parts the same as one.
    out : array [steps + delay or more, batch, address], real
        Added to.
    row_lo, row_hi : int
        Batch rows to work on.

    Raises
    ------
    IndexError
        If values would arrive beyond the last row of `out`.
    """
    rows = slice(row_lo, row_hi)
    if steps + delay > out.shape[0]:
        raise IndexError("deliver_analog_sparse: values arrive beyond the last row of out")
    acc = np.zeros((steps, row_hi - row_lo, out.shape[2]), out.dtype)
    held = x[np.arange(first, first + steps) // hold, rows]
    for s in range(ptr.size - 1):
        for e in range(int(ptr[s]), int(ptr[s + 1])):
            acc[:, :, target[e]] += held[:, :, s] * weight[e]
    out[delay : delay + steps, rows] += acc
