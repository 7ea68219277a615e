"""Encoders in Numba. The reference says what each function means."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.bits import pack_row
from spikelab_kernels.cpu.philox import fill_words

__all__ = ["encode_delta", "encode_latency", "encode_poisson"]

ENCODE_FULL = 4294967296.0


@njit(error_model="numpy", nogil=True, cache=True)
def spike_thresholds(x, scale, thresholds):
    """Integer thresholds of one row of intensities; those that pad the last group are zero."""
    for i in range(x.size):
        product = np.float64(x[i]) * scale
        product = product if product > 0.0 else 0.0
        product = product if product < ENCODE_FULL else ENCODE_FULL
        thresholds[i] = np.int64(np.ceil(product))
    for i in range(x.size, thresholds.size):
        thresholds[i] = 0


@njit(error_model="numpy", nogil=True, cache=True)
def encode_row(thresholds, key, step, sample, words, row):
    """Compare 64 random words at a time with their thresholds; a group that cannot spike draws nothing."""
    for w in range(row.size):
        group = thresholds[w * 64 : w * 64 + 64]
        highest = np.int64(0)
        for i in range(64):
            highest |= group[i]
        word = np.uint64(0)
        if highest != 0:
            fill_words(key, np.uint64(w * 16), step, sample, words)
            for i in range(64):
                word |= np.uint64(np.int64(words[i]) < group[i]) << np.uint64(i)
        row[w] = word


@njit(error_model="numpy", nogil=True, cache=True)
def encode_poisson(x, probability, hold, key, sample_ids, step0, offset, bits, row_lo, row_hi):
    """Spike in each step with probability ``x * probability``: at most one spike a step and element."""
    scale = np.float64(probability) * ENCODE_FULL
    thresholds = np.empty(bits.shape[2] * 64, np.int64)
    words = np.empty(64, np.uint32)
    for b in range(row_lo, row_hi):
        last = -1
        for t in range(bits.shape[0]):
            frame = (offset + t) // hold
            if frame != last:
                spike_thresholds(x[frame, b], scale, thresholds)
                last = frame
            encode_row(
                thresholds, np.uint64(key), np.uint64(step0 + t), np.uint64(sample_ids[b]), words, bits[t, b]
            )


@njit(error_model="numpy", nogil=True, cache=True)
def latency_phases(x, silent_below, hold, phases):
    """Phase of the spike of each element, -1 for none."""
    for i in range(x.size):
        value = np.float64(x[i])
        clipped = value if value > 0.0 else 0.0
        clipped = clipped if clipped < 1.0 else 1.0
        phase = np.int64((1.0 - clipped) * (hold - 1) + 0.5)
        phases[i] = phase if value >= silent_below else -1


@njit(error_model="numpy", nogil=True, cache=True)
def encode_latency(x, silent_below, hold, offset, bits, row_lo, row_hi):
    """One spike in each frame of `hold` steps, the earlier the larger ``x``; none below a threshold."""
    n = x.shape[2]
    phases = np.empty(n, np.int64)
    spikes = np.empty(n, np.uint8)
    for b in range(row_lo, row_hi):
        last = -1
        for t in range(bits.shape[0]):
            frame = (offset + t) // hold
            phase = (offset + t) % hold
            if frame != last:
                latency_phases(x[frame, b], silent_below, hold, phases)
                last = frame
            for i in range(n):
                spikes[i] = phases[i] == phase
            pack_row(spikes, bits[t, b])


@njit(error_model="numpy", nogil=True, cache=True)
def delta_row(x, delta, level, spikes):
    """One step of send-on-delta for one row: moves `level`, writes the rises, then the falls, to `spikes`."""
    n = x.size
    rises, falls = spikes[:n], spikes[n:]
    for i in range(n):
        value = x[i]
        known = level[i] if level[i] == level[i] else value
        up = value - known >= delta
        down = known - value >= delta
        raised = known + delta
        lowered = known - delta
        level[i] = raised if up else (lowered if down else known)
        rises[i] = up
        falls[i] = down


@njit(error_model="numpy", nogil=True, cache=True)
def encode_delta(x, threshold, hold, offset, level, bits, row_lo, row_hi):
    """Send on delta: a spike for each step of `threshold` that the input has moved from the level sent."""
    delta = np.empty(1, level.dtype)
    delta[0] = threshold  # in the dtype of the state: a float64 here would change every comparison
    spikes = np.empty(2 * x.shape[2], np.uint8)
    for b in range(row_lo, row_hi):
        for t in range(bits.shape[0]):
            delta_row(x[(offset + t) // hold, b], delta[0], level[b], spikes)
            pack_row(spikes, bits[t, b])
