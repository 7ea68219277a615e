"""Residuals of a series and the scores made of them, in plain NumPy: the meaning of the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from spikelab_kernels.reference.reservoir import _matrix, _step

__all__ = ["detect_run", "score_run"]

Array = npt.NDArray[Any]


def detect_run(
    x: Array,
    mean: Array,
    scale: Array,
    clip: float,
    targets: Array,
    washout: int,
    ptr: Array,
    source: Array,
    weight: Array,
    column_source: Array,
    column_weight: Array,
    bias: Array,
    leak: Array,
    coef: Array,
    intercept: Array,
    z: Array,
    pending: Array,
    held: Array,
    clock: Array,
    residual: Array,
) -> None:
    """Run a reservoir along a series and compare each point with what the readout predicted for it.

    A missing value (NaN) of a predicted channel is replaced by its prediction, any other by the last value
    of its channel.

    Parameters
    ----------
    x : array [time, channel], float64
        NaN where missing.
    mean, scale : array [channel], float64
        The reservoir sees ``(x - mean) / scale``.
    clip : float
        It sees no value farther from zero; residuals are formed of the values as they are.
    targets : array [target], int64
        Channels that are predicted.
    washout : int
        Points at the start that have no residual.
    ptr, source, weight, bias, leak
        As in `reservoir_run`.
    column_source, column_weight : array [edge of the row, neuron]
        The same table by columns, rows filled up with zeros to one length, a multiple of four; or empty.
    coef : array [target, feature], float64
        Readout of ``[state]`` or ``[state, input]``.
    intercept : array [target], float64
    z : array [neuron + channel], float32 or float64
        State and input of the last point; replaced.
    pending : array [horizon, target], float64
        Predictions of the next points; the one for point t stands in row ``t % horizon``; replaced.
    held : array [channel], float64
        Last scaled values; replaced.
    clock : array [1], int64
        Points since the state was zero; replaced.
    residual : array [time, target], float64
        Written: value less prediction, scaled; NaN where either is missing.
    """
    n, horizon = bias.size, pending.shape[0]
    matrix = _matrix(ptr, source, weight, z.size)
    for t, point in enumerate(x):
        now = int(clock[0])
        predicted = pending[now % horizon].copy()
        missing = np.isnan(point)
        held[~missing] = ((point - mean) / scale)[~missing]
        residual[t] = np.nan
        if now >= horizon:
            gaps = missing[targets]
            if now >= washout:
                residual[t, ~gaps] = (held[targets] - predicted)[~gaps]
            held[targets[gaps]] = predicted[gaps]
        z[n:] = np.clip(held, -clip, clip)
        z[:n] = _step(z[None, :n], z[None, n:], matrix, bias, leak)[0]
        pending[now % horizon] = intercept + coef @ z[: coef.shape[1]].astype(np.float64)
        clock[0] = now + 1


def score_run(
    residual: Array,
    centre: Array,
    scale: Array,
    combine: int,
    tail: bool,
    floor: float,
    long: Array,
    short: Array,
    smooth: Array,
    counts: Array,
    sums: Array,
    last: Array,
    out: Array,
) -> None:
    """Turn residuals into scores.

    Parameters
    ----------
    residual : array [time, channel], float64
        NaN where missing: the channel is left out; where all are missing the last score stands.
    centre, scale : array [channel], float64
        The strength of a point is made of ``|residual - centre| / scale`` of its channels,
    combine : int
        as their root mean square (0), mean (1) or largest (2).
    tail : bool
        Whether the strength is replaced by ``-log10 Q((m - M) / S)``: m its mean over the short window, M and
        S mean and standard deviation over the long one, Q the tail of the normal distribution.
    floor : float
        Least S.
    long, short, smooth : array [window], float64
        The last strengths, again, and the last values; the score is the mean of the smoothing window.
    counts : array [3, 2], int64
        Of each window the values in it and the place of the next; replaced.
    sums : array [3, 3], float64
        Of each window (shift, sum, sum of squares) of the values less the shift; the reference writes
        (mean, 0, 0).
    last : array [1], float64
        The last score; replaced.
    out : array [time], float64
        Written: the scores.
    """
    for t, row in enumerate(residual):
        apart = np.abs(row - centre) / scale
        apart = apart[~np.isnan(apart)]
        if apart.size:
            means = (np.sqrt(np.mean(apart**2)), np.mean(apart), np.max(apart))
            value = strength = float(means[combine])
            if tail:
                past, recent = _push(long, counts[0], strength), _push(short, counts[1], strength)
                sums[0, 0], sums[1, 0] = past.mean(), recent.mean()
                value = float(-log_ndtr(-(recent.mean() - past.mean()) / max(past.std(), floor)) / np.log(10))
            last[0] = sums[2, 0] = _push(smooth, counts[2], value).mean()
        out[t] = last[0]


def _push(ring: Array, counts: Array, value: float) -> Array:
    """Let a value into a window and return what is in it."""
    ring[counts[1]] = value
    counts[0] = min(counts[0] + 1, ring.size)
    counts[1] = (counts[1] + 1) % ring.size
    return ring[: counts[0]]
