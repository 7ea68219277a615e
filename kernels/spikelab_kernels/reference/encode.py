"""Encoders in plain NumPy: numbers in, spike bits out.

Time: row t of the output is step ``step0 + t`` of the simulation, which is what the random counter sees.
Every row of ``x`` lasts `hold` steps, so that a slow input is not repeated in memory; row t of the output
reads row ``(offset + t) // hold`` of ``x``, and its phase within the frame is ``(offset + t) % hold``. A
caller that works in chunks passes the steps done so far as `offset`: the chunks then equal the whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels.philox import step_words
from spikelab_kernels.reference.bits import pack_bits

__all__ = ["encode_delta", "encode_latency", "encode_poisson"]

Array = NDArray[Any]
Bits = NDArray[np.uint64]


def encode_poisson(
    x: Array,
    probability: float,
    hold: int,
    key: int,
    sample_ids: NDArray[np.uint32],
    step0: int,
    offset: int,
    bits: Bits,
    row_lo: int,
    row_hi: int,
) -> None:
    """Spike in each step with probability ``x * probability``: at most one spike a step and element.

    Parameters
    ----------
    x : array [frame, batch, neuron], real
        Intensity. Below 0 counts as 0; a product above 1 counts as 1.
    probability : float
        Probability of a spike in a step at ``x = 1``: rate times dt, so that the mean rate is exact.
    hold : int, steps
        Duration of a row of `x`.
    key : int
        64-bit key of the encoder.
    sample_ids : array [batch], uint32
    step0 : int
        Step of the first row of `bits`.
    offset : int, steps
        Steps between the start of ``x[0]`` and the first row of `bits`.
    bits : array [time, batch, word], uint64
        Output; overwritten in the given batch rows.
    row_lo, row_hi : int
        Batch rows to work on.

    Notes
    -----
    The decision is one of integers: the word is below ``ceil(x * (probability * 2**32))``, the product
    taken in float64.
    """
    rows = slice(row_lo, row_hi)
    product = np.asarray(x[:, rows], np.float64) * (np.float64(probability) * 2.0**32)
    threshold = np.ceil(np.clip(product, 0.0, 2.0**32)).astype(np.uint64)
    words = _words(key, x.shape[2], bits.shape[0], step0, sample_ids[rows])
    frame, _ = _clock(bits.shape[0], offset, hold)
    pack_bits(words < threshold[frame], bits[:, rows])


def encode_latency(
    x: Array, silent_below: float, hold: int, offset: int, bits: Bits, row_lo: int, row_hi: int
) -> None:
    """One spike in each frame of `hold` steps, the earlier the larger ``x``; none below a threshold.

    Parameters
    ----------
    x : array [frame, batch, neuron], real
        Intensity in [0, 1]; values beyond are taken as the nearer end.
    silent_below : float
        An element with a smaller `x` stays silent in the frame.
    hold : int, steps
        Duration of a frame.
    offset : int, steps
        Steps between the start of ``x[0]`` and the first row of `bits`.
    bits : array [time, batch, word], uint64
        Output; overwritten in the given batch rows.
    row_lo, row_hi : int
        Batch rows to work on.

    Notes
    -----
    The spike falls on phase ``floor((1 - x) * (hold - 1) + 0.5)`` of the frame, worked in float64.
    """
    rows = slice(row_lo, row_hi)
    value = np.asarray(x[:, rows], np.float64)
    phase = np.floor((1.0 - np.clip(value, 0.0, 1.0)) * (hold - 1) + 0.5)
    phase = np.where(value >= silent_below, phase, -1.0)
    frame, now = _clock(bits.shape[0], offset, hold)
    pack_bits(phase[frame] == now[:, None, None], bits[:, rows])


def encode_delta(
    x: Array, threshold: float, hold: int, offset: int, level: Array, bits: Bits, row_lo: int, row_hi: int
) -> None:
    """Send on delta: a spike for each step of `threshold` that the input has moved from the level sent.

    Parameters
    ----------
    x : array [frame, batch, neuron], real
    threshold : float
        Above zero, in the unit of `x`; used in the dtype of `level`.
    hold : int, steps
        Duration of a row of `x`.
    offset : int, steps
        Steps between the start of ``x[0]`` and the first row of `bits`.
    level : array [batch, neuron], real
        State: the level that a receiver would know, changed in place. NaN: nothing was sent yet, and the
        first value is taken over in silence.
    bits : array [time, batch, word], uint64
        Output; overwritten in the given batch rows. Channel n tells of a rise of element n, channel
        ``n_element + n`` of a fall. A channel sends at most one spike a step and catches up in the next.
    row_lo, row_hi : int
        Batch rows to work on.
    """
    rows = slice(row_lo, row_hi)
    n, delta = x.shape[2], level.dtype.type(threshold)
    known, spikes = level[rows], np.zeros((1, row_hi - row_lo, 2 * n), bool)
    frame, _ = _clock(bits.shape[0], offset, hold)
    for t, f in enumerate(frame):
        value = x[f, rows]
        known[...] = np.where(np.isnan(known), value, known)
        up, down = value - known >= delta, known - value >= delta
        known[...] = np.where(up, known + delta, np.where(down, known - delta, known))
        spikes[0, :, :n], spikes[0, :, n:] = up, down
        pack_bits(spikes, bits[t : t + 1, rows])


def _clock(steps: int, offset: int, hold: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Frame and phase of each step."""
    now = np.arange(offset, offset + steps, dtype=np.intp)
    return now // hold, now % hold


def _words(key: int, n: int, steps: int, step0: int, sample_ids: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """One word for each step, batch row and element."""
    step = np.arange(steps, dtype=np.uint64) + np.uint64(step0)
    return step_words(key, n, step[:, None], sample_ids)
