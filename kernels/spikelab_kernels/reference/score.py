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
    kind: int,
    floor: float,
    long: Array,
    ordered: Array,
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
        The strength of a point is made of ``|residual - centre| / scale`` of its channels, at most 1e100,
    combine : int
        as their root mean square (0), mean (1) or largest (2).
    kind : int
        What the strength is replaced by, with m its mean over the short window: nothing (0);
        ``-log10 Q((m - M) / S)`` (1), M and S mean and standard deviation of the strengths in the long
        window, Q the tail of the normal distribution; ``-log10`` of the chance of m (2) by its rank among the
        values of m in the long window, which it then enters, or by a power law fitted to their upper tail.
    floor : float
        Least S; where S is 0 the quotient is taken as 0.
    long, short, smooth : array [window], float64
        The last strengths (or values of m), the last strengths, the last values; the score is the mean of
        the smoothing window.
    ordered : array [window], float64
        The long window in ascending order (2 only).
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
        apart = np.minimum(np.abs(row - centre) / scale, 1e100)
        apart = apart[~np.isnan(apart)]
        if apart.size:
            value = strength = float((np.sqrt(np.mean(apart**2)), np.mean(apart), np.max(apart))[combine])
            if kind:
                sums[1, 0] = recent = _push(short, counts[1], strength).mean()
            if kind == 1:
                past = _push(long, counts[0], strength)
                sums[0, 0] = past.mean()
                spread = max(past.std(), floor)
                z = (recent - past.mean()) / spread if spread > 0 else 0.0
                value = float(-log_ndtr(-z) / np.log(10))
            if kind == 2:
                value = _rank_tail(ordered[: counts[0, 0]], recent)
                past = _push(long, counts[0], recent)
                ordered[: past.size] = np.sort(past)
            last[0] = sums[2, 0] = _push(smooth, counts[2], value).mean()
        out[t] = last[0]


def _rank_tail(ordered: Array, value: float) -> float:
    """``-log10`` of the chance of a value: by its rank, or by Hill's estimate where few are above it."""
    n = ordered.size
    if n == 0:
        return 0.0
    above, tail = int((ordered >= value).sum()), max(3, int(0.02 * n))
    if n < 50 or above >= tail:
        return float(-np.log10((above + 1) / (n + 1)))
    edge = max(ordered[n - tail - 1], 1e-9)
    excess = max(float(np.log(np.maximum(ordered[n - tail :] / edge, 1.0)).mean()), 0.05)
    return float(-np.log10(tail / n) + np.log10(max(value / edge, 1.0)) / excess)


def _push(ring: Array, counts: Array, value: float) -> Array:
    """Let a value into a window and return what is in it."""
    ring[counts[1]] = value
    counts[0] = min(counts[0] + 1, ring.size)
    counts[1] = (counts[1] + 1) % ring.size
    return ring[: counts[0]]
