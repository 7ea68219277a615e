"""Delivery of spikes through dense matrices, in plain NumPy: two ways to one integer product.

Sums are integers, so that both ways, every order and every split give the same. Which way is faster depends
on how many sources spike: `deliver_dense` adds a row of weights for each spike, `deliver_matrix` a sum of
rows for each group of four sources in which any spikes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels.reference.bits import bits_to_dense

__all__ = ["deliver_dense", "deliver_matrix"]

Array = NDArray[Any]


def deliver_dense(
    bits: NDArray[np.uint64],
    weight: Array,
    shift: int,
    targets: int,
    address0: int,
    delay: int,
    out: Array,
    row_lo: int,
    row_hi: int,
) -> None:
    """Add the weights of the sources that spike, one row of weights for each spike.

    Parameters
    ----------
    bits : array [time, batch, word], uint64
        Spikes of the sources.
    weight, shift, targets
        Tiles, see `spikelab_kernels.layout.Tiles`.
    address0 : int
        Address of the first target in `out`.
    delay : int, steps
    out : array [time + delay or more, batch, address], int32 or int64, quanta
        Added to.
    row_lo, row_hi : int
        Batch rows to work on.

    Raises
    ------
    IndexError
        If a spike would arrive beyond the last row of `out`.
    """
    _require_rows(bits, delay, out)
    for t, b, s in np.argwhere(_spikes(bits, weight, row_lo, row_hi)):
        row = weight[:, s].reshape(-1)[:targets].astype(out.dtype) << shift
        out[delay + t, row_lo + b, address0 : address0 + targets] += row


def deliver_matrix(
    bits: NDArray[np.uint64],
    weight: Array,
    shift: int,
    targets: int,
    address0: int,
    delay: int,
    out: Array,
    row_lo: int,
    row_hi: int,
) -> None:
    """Add the same as `deliver_dense` through tables of the sums of each four rows of weights.

    The sources are taken in groups of four. The sums of all 16 subsets of a group's rows are made once; a row
    of spikes then adds one of them for each group.

    Parameters
    ----------
    bits, weight, shift, targets, address0, delay, out, row_lo, row_hi
        As in `deliver_dense`.

    Raises
    ------
    IndexError
        If a spike would arrive beyond the last row of `out`.

    References
    ----------
    V. L. Arlazarov, E. A. Dinic, M. A. Kronrod, I. A. Faradzev, "On economical construction of the transitive
    closure of a directed graph", Soviet Mathematics Doklady 11 (1970): the method of four Russians.
    """
    _require_rows(bits, delay, out)
    spikes = _spikes(bits, weight, row_lo, row_hi)
    steps, height, sources = spikes.shape
    groups = -(-sources // 4)
    member = np.zeros((steps, height, groups * 4), np.int64)
    member[:, :, :sources] = spikes
    rows = np.zeros((groups * 4, targets), out.dtype)
    rows[:sources] = weight.transpose(1, 0, 2).reshape(sources, -1)[:, :targets]
    subset = (np.arange(16)[:, None] >> np.arange(4)) & 1
    addresses = slice(address0, address0 + targets)
    for group in range(groups):
        members = slice(4 * group, 4 * group + 4)
        table = (subset.astype(out.dtype) @ rows[members]) << shift
        chosen = member[:, :, members] @ (1 << np.arange(4))
        out[delay : delay + steps, row_lo:row_hi, addresses] += table[chosen]


def _require_rows(bits: NDArray[np.uint64], delay: int, out: Array) -> None:
    if bits.shape[0] + delay > out.shape[0]:
        raise IndexError("spikes arrive beyond the last row of out")


def _spikes(bits: NDArray[np.uint64], weight: Array, row_lo: int, row_hi: int) -> NDArray[np.uint8]:
    spikes = np.empty((bits.shape[0], row_hi - row_lo, weight.shape[1]), np.uint8)
    bits_to_dense(bits[:, row_lo:row_hi], spikes)
    return spikes
