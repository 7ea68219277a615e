"""Leaky-tanh reservoirs in plain NumPy: the meaning of the kernels of the same names."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab_kernels.math import tanh_f32, tanh_f64

__all__ = ["reservoir_free_run", "reservoir_run"]

Array = npt.NDArray[Any]

_TINY = 1e-30


def _matrix(ptr: Array, source: Array, weight: Array, n_columns: int) -> Array:
    """Write the table of rows as one matrix [neuron, neuron + input]."""
    if source.size == 0 and weight.size:
        return weight.reshape(-1, n_columns)
    matrix = np.zeros((ptr.size - 1, n_columns), dtype=weight.dtype)
    np.add.at(matrix, (np.repeat(np.arange(ptr.size - 1), np.diff(ptr)), source), weight)
    return matrix


def _step(state: Array, u: Array, matrix: Array, bias: Array, leak: Array) -> Array:
    """``x' = (1 - a) x + a tanh(W x + W_in u + b)`` for states [batch, neuron]."""
    tanh = tanh_f32 if state.dtype == np.float32 else tanh_f64
    current = np.concatenate([state, u], axis=1) @ matrix.T + bias
    new = (1 - leak) * state + leak * tanh(current)
    return np.where(np.abs(new) >= _TINY, new, 0).astype(state.dtype)


def reservoir_run(
    x: Array,
    lengths: Array,
    state: Array,
    ptr: Array,
    source: Array,
    weight: Array,
    bias: Array,
    leak: Array,
    step0: int,
    bounds: Array,
    sums: Array,
    states: Array,
    row_lo: int,
    row_hi: int,
) -> None:
    """Advance leaky-tanh reservoirs ``x' = (1 - a) x + a tanh(W x + W_in u + b)`` over a batch of series.

    Parameters
    ----------
    x : array [time, batch, input], float32 or float64
        Input; what stands behind a series' end is never used.
    lengths : array [batch], uint32
        Steps of each series, counted from step 0 of the series, not of this call.
    state : array [batch, neuron], like `x`
        State before the first step; replaced by the state at the end of the series (or of this call).
    ptr : array [neuron + 1], uint32
    source : array [edge], uint16 or uint32
        Column of ``[state, input]``; length 0 for a dense table.
    weight : array [edge], like `x`
    bias, leak : array [neuron], like `x`
    step0 : int
        Steps that the series have already run.
    bounds : array [batch, segment + 1], uint32
        Segment s covers the steps ``bounds[s] <= step < bounds[s + 1]``.
    sums : array [batch, segment, neuron], float64
        The states of each segment are added here; no segment, no sums.
    states : array [time or 0, batch, neuron], like `x`
        Every state up to each series' end; the rest is left as it is. No rows, nothing kept.
    row_lo, row_hi : int
        Only these rows of the batch are run, so that ranges can run in threads.
    """
    matrix = _matrix(ptr, source, weight, state.shape[1] + x.shape[2])
    rows = np.arange(row_lo, row_hi)
    for t in range(x.shape[0]):
        now = step0 + t
        rows = rows[now < lengths[rows].astype(np.int64)]
        if rows.size == 0:
            break
        new = _step(state[rows], x[t, rows], matrix, bias, leak)
        state[rows] = new
        if states.shape[0]:
            states[t, rows] = new
        inside = (bounds[rows, :-1] <= now) & (now < bounds[rows, 1:])
        sums[rows] += inside[:, :, None] * new[:, None, :].astype(np.float64)


def reservoir_free_run(
    first: Array,
    state: Array,
    ptr: Array,
    source: Array,
    weight: Array,
    bias: Array,
    leak: Array,
    readout: Array,
    intercept: Array,
    out: Array,
    row_lo: int,
    row_hi: int,
) -> None:
    """Run reservoirs on their own forecast: the readout of each step is the input of the next.

    Parameters
    ----------
    first : array [batch, input], float32 or float64
        Input of the first step.
    state : array [batch, neuron], like `first`
        State before the first step; replaced by the state after the last.
    ptr, source, weight, bias, leak
        As in `reservoir_run`.
    readout : array [input, feature], like `first`
        Weights on the state (``feature == N``) or on state and input (``feature == N + I``).
    intercept : array [input], like `first`
    out : array [time, batch, input], like `first`
        The forecast: ``out[t]`` is read after step t and fed to step t + 1.
    row_lo, row_hi : int
        Rows of the batch to run.
    """
    matrix = _matrix(ptr, source, weight, state.shape[1] + first.shape[1])
    rows = slice(row_lo, row_hi)
    u = first[rows]
    for t in range(out.shape[0]):
        state[rows] = _step(state[rows], u, matrix, bias, leak)
        features = np.concatenate([state[rows], u], axis=1)[:, : readout.shape[1]]
        out[t, rows] = features @ readout.T + intercept
        u = out[t, rows]
