"""Delivery of analog values through projections, in plain NumPy.

Values are summed in a fixed order: the sources of a target ascending, ``acc = 0; acc = acc + x[s] * w[s]``,
each product and each sum rounded by itself, then ``out = out + acc`` once a call. An absent edge and an edge
of weight zero give the same bits, for a finite ``x``: a sum that starts from +0.0 is never -0.0, so adding a
zero of either sign changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["deliver_analog", "deliver_analog_sparse"]

Array = NDArray[Any]


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
