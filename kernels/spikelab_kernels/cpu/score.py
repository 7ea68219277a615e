"""Residuals of a series point by point, and the scores made of them. The reference says what each means.

Every point is worked out alone and in order, so that scores do not depend on how a series is cut into calls.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from spikelab_kernels.cpu.reservoir import _step_one

__all__ = ["detect_run", "score_run"]

_SUM = {"nnan", "ninf", "nsz", "arcp", "reassoc", "contract"}

# From here on the tail of the normal distribution is taken from its asymptotic series: erfc ends at 27.
_FAR = 25.0
# Share of a window that is its upper tail, points that a tail is drawn from, least logarithmic excess of one.
_TAIL_SHARE = 0.02
_LEAST_POINTS = 50
_LEAST_TAIL = 3
_LEAST_EXCESS = 0.05
_LEAST_STRENGTH = 1e-9
# Greatest strength of a channel: the sums of squares of a window of them stay finite.
_MOST_STRENGTH = 1e100

# A window whose variance is a smaller share of its sum of squares has lost digits, after a value far from
# the others has left it or the level has moved.
_LOST = 1e-6


@njit(error_model="numpy", nogil=True, cache=True, fastmath=_SUM)
def _dot_features(row, z):
    total = 0.0
    for j in range(row.shape[0]):
        total += row[j] * z[j]
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def _predict(coef, intercept, z, predicted):
    for k in range(coef.shape[0]):
        predicted[k] = intercept[k] + _dot_features(coef[k], z)


@njit(error_model="numpy", nogil=True, cache=True)
def _compare(x, mean, scale, clip, targets, washout, pending, held, t, u, residual):
    """Scale one point into `u`, fill what is missing, and compare it with what was predicted for it."""
    slot = t % pending.shape[0]
    predicted = t >= pending.shape[0]
    for c in range(x.shape[0]):
        value = (x[c] - mean[c]) / scale[c]
        if not math.isnan(value):
            held[c] = value
    for k in range(targets.shape[0]):
        c = targets[k]
        residual[k] = np.nan
        if predicted and math.isnan(x[c]):
            held[c] = pending[slot, k]
        elif predicted and t >= washout:
            residual[k] = held[c] - pending[slot, k]
    for c in range(x.shape[0]):
        u[c] = min(max(held[c], -clip), clip)


@njit(error_model="numpy", nogil=True, cache=True)
def detect_run(x, mean, scale, clip, targets, washout, ptr, source, weight, column_source, column_weight,
               bias, leak, coef, intercept, z, pending, held, clock, residual):  # fmt: skip
    """Run a reservoir along a series and compare each point with what the readout predicted for it."""
    n = bias.shape[0]
    total = np.empty(n, dtype=z.dtype)
    counts = np.full(column_source.shape[0] // 4, n)
    columns = (counts[:0], counts, column_source, column_weight, bias, leak)
    for t in range(x.shape[0]):
        now = clock[0]
        _compare(x[t], mean, scale, clip, targets, washout, pending, held, now, z[n:], residual[t])
        _step_one(z, total, ptr, source, weight, columns)
        _predict(coef, intercept, z, pending[now % pending.shape[0]])
        clock[0] = now + 1


@njit(error_model="numpy", nogil=True, cache=True)
def _refresh(ring, count, sums):
    """Sum a window anew around its own mean, which ends what rounding has gathered."""
    total = 0.0
    for i in range(count):
        total += ring[i]
    sums[0] = total / count
    sums[1] = 0.0
    sums[2] = 0.0
    for i in range(count):
        apart = ring[i] - sums[0]
        sums[1] += apart
        sums[2] += apart * apart


@njit(error_model="numpy", nogil=True, cache=True)
def _push(ring, counts, sums, value):
    """Let a value into a window: ``sums`` is (shift, sum, sum of squares) of what is in it."""
    size = ring.shape[0]
    place = counts[1]
    apart = value - sums[0]
    before = sums[2] + apart * apart
    sums[1] += apart
    sums[2] = before
    if counts[0] == size:
        old = ring[place] - sums[0]
        sums[1] -= old
        sums[2] -= old * old
    else:
        counts[0] += 1
    ring[place] = value
    counts[1] = place + 1 if place + 1 < size else 0
    left = sums[2] - sums[1] * sums[1] / counts[0]
    if counts[1] == 0 or left < _LOST * before:
        _refresh(ring, counts[0], sums)


@njit(error_model="numpy", nogil=True, cache=True)
def _tail(z):
    """``-log10`` of the probability that a standard normal number exceeds z."""
    if z < _FAR:
        return -math.log10(0.5 * math.erfc(z / math.sqrt(2.0)))
    w = 1.0 / (z * z)
    series = 1.0 - w * (1.0 - 3.0 * w * (1.0 - 5.0 * w))
    return (0.5 * z * z + math.log(z * math.sqrt(2.0 * math.pi)) - math.log(series)) / math.log(10.0)


@njit(error_model="numpy", nogil=True, cache=True)
def _strength(row, centre, scale, combine):
    """One number of the residuals of all channels: root mean square, mean or largest; NaN where none is."""
    total = 0.0
    seen = 0
    for c in range(row.shape[0]):
        apart = abs(row[c] - centre[c]) / scale[c]
        if math.isnan(apart):
            continue
        apart = min(apart, _MOST_STRENGTH)
        seen += 1
        if combine == 0:
            total += apart * apart
        elif combine == 1:
            total += apart
        else:
            total = max(total, apart)
    if seen == 0:
        return np.nan
    if combine == 0:
        return math.sqrt(total / seen)
    return total / seen if combine == 1 else total


@njit(error_model="numpy", nogil=True, cache=True)
def _place(ordered, count, value):
    """Place of the first of the ascending values that is not below `value`."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(error_model="numpy", nogil=True, cache=True)
def _rank_tail(ordered, count, value):
    """``-log10`` of the chance that a strength like those in the window is as large as `value`."""
    above = count - _place(ordered, count, value)
    tail = max(_LEAST_TAIL, int(_TAIL_SHARE * count))
    if count < _LEAST_POINTS or above >= tail:
        return -math.log10((above + 1.0) / (count + 1.0))
    edge = max(ordered[count - tail - 1], _LEAST_STRENGTH)
    excess = 0.0
    for i in range(count - tail, count):
        excess += math.log(max(ordered[i] / edge, 1.0))
    excess = max(excess / tail, _LEAST_EXCESS)
    return -math.log10(tail / count) + math.log10(max(value / edge, 1.0)) / excess


@njit(error_model="numpy", nogil=True, cache=True)
def _push_ordered(ring, ordered, counts, value):
    """Let a value into a window that is also kept in order."""
    size = ring.shape[0]
    first = _place(ordered, counts[0], value)
    gap = counts[0]
    if counts[0] == size:
        gap = _place(ordered, size, ring[counts[1]])
    else:
        counts[0] += 1
    # Only what stands between the value that leaves and the one that comes is moved.
    if gap < first:
        first -= 1
        for i in range(gap, first):
            ordered[i] = ordered[i + 1]
    else:
        for i in range(gap, first, -1):
            ordered[i] = ordered[i - 1]
    ordered[first] = value
    ring[counts[1]] = value
    counts[1] = counts[1] + 1 if counts[1] + 1 < size else 0


@njit(error_model="numpy", nogil=True, cache=True)
def _mean(counts, sums):
    return sums[0] + sums[1] / counts[0]


@njit(error_model="numpy", nogil=True, cache=True)
def _value(kind, strength, floor, long, ordered, short, counts, sums):
    if kind == 0:
        return strength
    _push(short, counts[1], sums[1], strength)
    recent = _mean(counts[1], sums[1])
    if kind == 1:
        _push(long, counts[0], sums[0], strength)
        moved = sums[0, 1] / counts[0, 0]
        variance = max(sums[0, 2] / counts[0, 0] - moved * moved, 0.0)
        spread = max(math.sqrt(variance), floor)
        # A window of equal strengths has none that stands out.
        return _tail((recent - _mean(counts[0], sums[0])) / spread if spread > 0.0 else 0.0)
    value = _rank_tail(ordered, counts[0, 0], recent) if counts[0, 0] > 0 else 0.0
    _push_ordered(long, ordered, counts[0], recent)
    return value


@njit(error_model="numpy", nogil=True, cache=True)
def score_run(residual, centre, scale, combine, kind, floor, long, ordered, short, smooth, counts, sums, last,
              out):  # fmt: skip
    """Turn residuals into scores."""
    for t in range(residual.shape[0]):
        strength = _strength(residual[t], centre, scale, combine)
        if not math.isnan(strength):
            value = _value(kind, strength, floor, long, ordered, short, counts, sums)
            _push(smooth, counts[2], sums[2], value)
            last[0] = _mean(counts[2], sums[2])
        out[t] = last[0]
