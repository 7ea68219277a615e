"""Spike bits: round trips, counts and events for sizes that do not fill a word."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab_kernels.layout import words_for

SIZES = [1, 63, 64, 65, 130, 1000]


def raster(n, density=0.2, steps=5, batch=3):
    return np.random.default_rng(n).random((steps, batch, n)) < density


def packed(backend, dense):
    bits = np.full((*dense.shape[:2], words_for(dense.shape[2])), 2**64 - 1, np.uint64)
    backend.pack_bits(dense, bits)
    return bits


def test_neuron_n_is_bit_n_of_its_word(backend):
    dense = np.zeros((1, 1, 70), np.uint8)
    dense[0, 0, [0, 5, 63, 64, 69]] = 1
    assert packed(backend, dense)[0, 0].tolist() == [1 + (1 << 5) + (1 << 63), 1 + (1 << 5)]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_pack_and_unpack_are_inverse(backend, n, dtype):
    dense = raster(n)
    out = np.full(dense.shape, 77, dtype)
    backend.bits_to_dense(packed(backend, dense), out)
    np.testing.assert_array_equal(out, dense.astype(dtype))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("density", [0.0, 0.01, 0.5, 1.0])
def test_counts(backend, n, density):
    dense = raster(n, density)
    bits = packed(backend, dense)
    assert backend.count_bits(bits) == dense.sum()
    counts = np.full((3, n), 10, np.int32)
    backend.count_spikes(bits, counts, 1, 3)
    assert (counts[0] == 10).all()
    np.testing.assert_array_equal(counts[1:], 10 + dense[:, 1:].sum(axis=0))


@pytest.mark.parametrize("n", SIZES)
def test_events_are_sorted_and_make_the_bits_again(backend, n):
    dense = raster(n)
    bits = packed(backend, dense)
    step, batch, neuron = backend.bits_to_events(bits, n, 1000)
    assert [a.dtype for a in (step, batch, neuron)] == [np.uint32] * 3
    np.testing.assert_array_equal(np.stack([step - 1000, batch, neuron]), np.nonzero(dense))
    again = np.zeros_like(bits)
    backend.events_to_bits(step - np.uint32(1000), batch, neuron, again)
    np.testing.assert_array_equal(again, bits)


def test_bits_beyond_the_last_neuron_are_not_read(backend):
    bits = np.full((2, 1, 2), 2**64 - 1, np.uint64)
    assert backend.bits_to_events(bits, 70, 0)[2].tolist() == [*range(70)] * 2
    counts = np.zeros((1, 70), np.int32)
    backend.count_spikes(bits, counts, 0, 1)
    assert (counts == 2).all()


def test_no_spike_gives_empty_events(backend):
    assert [a.size for a in backend.bits_to_events(np.zeros((4, 2, 1), np.uint64), 9, 0)] == [0, 0, 0]
