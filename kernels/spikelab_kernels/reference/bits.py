"""Spike bits in plain NumPy: pack, count, extract."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["bits_to_dense", "bits_to_events", "count_bits", "count_spikes", "events_to_bits", "pack_bits"]

Bits = NDArray[np.uint64]
Index = NDArray[np.uint32]


def pack_bits(dense: NDArray[Any], bits: Bits) -> None:
    """Set bit n of `bits` where ``dense[..., n]`` is not zero, clear every other bit.

    Parameters
    ----------
    dense : array [time, batch, neuron], bool or uint8
    bits : array [time, batch, word], uint64
        Output; the unused bits of the last word come out zero.
    """
    steps, batch, n = dense.shape
    padded = np.zeros((steps, batch, bits.shape[2] * 64), bool)
    padded[..., :n] = dense != 0
    as_bytes = np.packbits(padded, axis=-1, bitorder="little")
    bits[...] = as_bytes.view(np.dtype("<u8")).reshape(bits.shape)


def count_bits(bits: Bits) -> int:
    """Number of spikes in `bits`, array [time, batch, word], uint64."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def count_spikes(bits: Bits, counts: NDArray[np.int32], row_lo: int, row_hi: int) -> None:
    """Add the number of spikes of every neuron over time to `counts`, for batch rows row_lo to row_hi.

    Parameters
    ----------
    bits : array [time, batch, word], uint64
    counts : array [batch, neuron], int32
        Added to.
    row_lo, row_hi : int
    """
    rows = slice(row_lo, row_hi)
    counts[rows] += _unpacked(bits[:, rows], counts.shape[1]).sum(axis=0, dtype=counts.dtype)


def bits_to_events(bits: Bits, n: int, step0: int) -> tuple[Index, Index, Index]:
    """List the spikes in the order of step, batch row and neuron.

    Parameters
    ----------
    bits : array [time, batch, word], uint64
    n : int
        Number of neurons.
    step0 : int
        Step of the first row of `bits`.

    Returns
    -------
    step, batch, neuron : array [event], uint32
    """
    step, batch, neuron = np.nonzero(_unpacked(bits, n))
    return (step + step0).astype(np.uint32), batch.astype(np.uint32), neuron.astype(np.uint32)


def bits_to_dense(bits: Bits, dense: NDArray[Any]) -> None:
    """Write 1 where a neuron spikes and 0 elsewhere.

    Parameters
    ----------
    bits : array [time, batch, word], uint64
    dense : array [time, batch, neuron], uint8, float32 or float64
        Output.
    """
    dense[...] = _unpacked(bits, dense.shape[2])


def events_to_bits(step: Index, batch: Index, neuron: Index, bits: Bits) -> None:
    """Set the bits of events; `step` counts from the first row of `bits`, and no bit is cleared.

    Parameters
    ----------
    step, batch, neuron : array [event], uint32
    bits : array [time, batch, word], uint64
        Changed in place.
    """
    shift = (neuron & np.uint32(63)).astype(np.uint64)
    np.bitwise_or.at(bits, (step, batch, neuron >> np.uint32(6)), np.uint64(1) << shift)


def _unpacked(bits: Bits, n: int) -> NDArray[np.uint8]:
    as_bytes = np.ascontiguousarray(bits).astype(np.dtype("<u8"), copy=False).view(np.uint8)
    return np.unpackbits(as_bytes, axis=-1, bitorder="little")[..., :n]
