"""Poisson noise onto the neurons of a block, in plain NumPy: independent counts, added to synaptic sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels.philox import step_words

__all__ = ["poisson_drives"]

Array = NDArray[Any]


def poisson_drives(
    out: Array,
    step0: int,
    sample_ids: NDArray[np.uint32],
    lo: NDArray[np.int64],
    hi: NDArray[np.int64],
    receptor: NDArray[np.int64],
    weight: Array,
    key: NDArray[np.uint64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    entry: NDArray[np.int64],
    table: NDArray[np.uint32],
    guide: NDArray[np.uint16],
    first: NDArray[np.uint32],
    thresholds: NDArray[np.uint32],
    row_lo: int,
    row_hi: int,
    col_lo: int,
    col_hi: int,
) -> None:
    """Add an independent Poisson count times a weight to every target of every drive, batch row and step.

    Parameters
    ----------
    out : array [time, batch, receptor, neuron], int32 or int64, quanta
        Added to.
    step0 : int
        Step of the first row of `out`.
    sample_ids : array [batch], uint32
        Global index of the sample in every batch row.
    lo, hi : array [drive], int64
        Neurons that each drive reaches. Neuron `lo` is element 0 of its random stream.
    receptor : array [drive], int64
    weight : array [drive], dtype of `out`, quanta
    key : array [drive], uint64
    start, stop : array [drive], int64
        Steps in which the drive is active.
    entry : array [drive + 1], int64
        Tables of drive d are ``table[entry[d] : entry[d + 1]]``: one for all of its neurons, or one each.
    table : array [entry], uint32
    guide : array [table, 2**k], uint16
        Where the search for a word begins, see `spikelab_kernels.layout.guide_tables`.
    first : array [table + 1], uint32
        Thresholds of table i are ``thresholds[first[i] : first[i + 1]]``.
    thresholds : array [threshold], uint32
        From `spikelab_kernels.philox.poisson_table`. The count is the number of thresholds <= the word.
    row_lo, row_hi, col_lo, col_hi : int
        Batch rows and neurons to work on.
    """
    active = np.arange(step0, step0 + out.shape[0])
    for d in range(lo.size):
        n = int(hi[d] - lo[d])
        words = step_words(int(key[d]), n, active.astype(np.uint64)[:, None], sample_ids[row_lo:row_hi])
        counts = np.empty(words.shape, out.dtype)
        tables = np.broadcast_to(table[entry[d] : entry[d + 1]], n)
        for one in np.unique(tables):
            levels = thresholds[first[one] : first[one + 1]]
            counts[..., tables == one] = np.searchsorted(levels, words[..., tables == one], side="right")
        a, b = max(int(lo[d]), col_lo), min(int(hi[d]), col_hi)
        steps = (active >= start[d]) & (active < stop[d])
        part = counts[:, :, a - int(lo[d]) : max(b - int(lo[d]), a - int(lo[d]))]
        out[steps, row_lo:row_hi, receptor[d], a : max(a, b)] += part[steps] * weight[d]
