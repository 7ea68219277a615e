"""Dense delivery: the event and the matrix path are one integer product, whatever the sizes and splits."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab_kernels.layout import LANE_BYTES, sum_dtype, tile_weights, words_for

from .arrival_cases import Edges, expected_sums

PATHS = ("deliver_dense", "deliver_matrix")
STEPS, BATCH = 6, 5


def packed(backend, spikes):
    bits = np.zeros((*spikes.shape[:2], words_for(spikes.shape[2])), np.uint64)
    backend.pack_bits(spikes, bits)
    return bits


def deliver(backend, path, bits, weight, out, address0=0, delay=0, rows=None):
    rows = (0, bits.shape[1]) if rows is None else rows
    tiles, *numbers = tile_weights(weight)
    before, after = ([np.int64(value) for value in part] for part in ((*numbers, address0, delay), rows))
    getattr(backend, path)(bits, tiles, *before, out, *after)


def random_weight(rng, shape, dtype, largest=1000):
    return rng.integers(-largest, largest, shape).astype(dtype)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize(("n_source", "targets"), [(1, 1), (63, 1), (64, 63), (65, 64), (130, 1000)])
def test_both_paths_are_the_integer_matrix_product(backend, path, real, n_source, targets):
    rng = np.random.default_rng(targets)
    dtype, delay, address0 = sum_dtype(real), 2, 7
    weight = random_weight(rng, (n_source, targets), dtype)
    spikes = rng.random((STEPS, BATCH, n_source)) < 0.3
    # what earlier projections left behind, so that a kernel that overwrites is found
    out = random_weight(rng, (STEPS + delay + 1, BATCH, targets + 10), dtype, 50)
    expected = out.copy()
    expected[delay : delay + STEPS, :, address0 : address0 + targets] += spikes.astype(dtype) @ weight
    for rows in ((0, 1), (1, 1), (1, 5)):
        deliver(backend, path, packed(backend, spikes), weight, out, address0, delay, rows)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("density", [0.0, 0.02, 0.5, 1.0])
@pytest.mark.parametrize("batch", [1, 3, 65])
def test_any_activity_and_more_rows_than_one_block_of_tables(backend, path, density, batch):
    rng = np.random.default_rng(batch)
    weight = random_weight(rng, (70, 65), np.int32)
    spikes = rng.random((9, batch, 70)) < density
    out = np.zeros((9, batch, 65), np.int32)
    deliver(backend, path, packed(backend, spikes), weight, out)
    np.testing.assert_array_equal(out, spikes.astype(np.int32) @ weight)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("dtype", "bound"), [(np.int32, 2**30), (np.int64, 2**62)])
def test_sums_up_to_the_bound_of_the_quantum_are_exact(backend, path, dtype, bound):
    # float32 would be exact up to 2**24, float64 up to 2**53: these sums are odd and far above
    n = 67
    weight = np.full((n, 3), bound // n, dtype)
    weight[:, 1] *= -1
    weight[::2, 2] *= -1
    weight[0] += 1
    out = np.zeros((1, 1, 3), dtype)
    deliver(backend, path, packed(backend, np.ones((1, 1, n), bool)), weight, out)
    assert out[0, 0].tolist() == [sum(column) for column in weight.T.tolist()]
    assert abs(out[0, 0, 0]) > 2 ** (24 if dtype == np.int32 else 53)


@pytest.mark.parametrize("path", PATHS)
def test_weights_that_wrap_on_the_way_come_out_right(backend, path):
    # a sum of part of the sources may leave the range that the whole sum stays in
    weight = np.array([[2**31 - 1], [2**31 - 1], [-(2**31)], [-(2**31) + 5]], np.int64).astype(np.int32)
    out = np.zeros((1, 1, 1), np.int32)
    with np.errstate(over="ignore"):
        deliver(backend, path, packed(backend, np.ones((1, 1, 4), bool)), weight, out)
    assert out.item() == 3


@pytest.mark.parametrize("path", PATHS)
def test_neither_path_writes_beyond_its_targets_or_rows(backend, path):
    rng = np.random.default_rng(5)
    weight = random_weight(rng, (40, 66), np.int32)
    out = np.zeros((STEPS + 2, BATCH, 100), np.int32)
    bits = packed(backend, np.ones((STEPS, BATCH, 40), bool))
    deliver(backend, path, bits, weight, out, 20, 1, (1, 4))
    outside = np.ones(out.shape, bool)
    outside[1 : STEPS + 1, 1:4, 20:86] = False
    assert not out[outside].any()
    assert out[~outside].any()


@pytest.mark.parametrize("path", PATHS)
def test_bits_beyond_the_sources_are_ignored(backend, path):
    out = np.zeros((1, 1, 5), np.int32)
    bits = np.full((1, 1, 1), ~np.uint64(0))
    deliver(backend, path, bits, np.ones((9, 5), np.int32), out)
    assert out.tolist() == [[[9] * 5]]


@pytest.mark.parametrize("path", PATHS)
def test_chunks_make_the_same_sums_as_a_whole(backend, path):
    rng = np.random.default_rng(6)
    weight = random_weight(rng, (70, 30), np.int64)
    bits = packed(backend, rng.random((STEPS, BATCH, 70)) < 0.4)
    whole, parts = np.zeros((2, STEPS, BATCH, 30), np.int64)
    deliver(backend, path, bits, weight, whole)
    for first, last in ((0, 1), (1, 4), (4, STEPS)):
        deliver(backend, path, bits[first:last], weight, parts[first:last])
    np.testing.assert_array_equal(whole, parts)


@pytest.mark.parametrize("path", PATHS)
def test_dense_and_sparse_give_the_same_sums(backend, path):
    rng = np.random.default_rng(3)
    weight = random_weight(rng, (63, 50), np.int32, 99) * (rng.random((63, 50)) < 0.3)
    weight = weight.astype(np.int32)
    spikes = rng.random((STEPS, BATCH, 63)) < 0.2
    events = tuple(a.astype(np.uint32) for a in np.nonzero(spikes))
    source, target = np.nonzero(weight)
    edges = Edges(source, target, np.full(source.size, 2), np.zeros_like(source), weight[source, target])
    dense = np.zeros((STEPS + 2, BATCH, 50), np.int32)
    deliver(backend, path, packed(backend, spikes), weight, dense, 0, 2)
    sparse = expected_sums(edges, events, STEPS + 2, BATCH, 1, 50, 0, np.int32)
    np.testing.assert_array_equal(dense, sparse[:, :, 0])


@pytest.mark.parametrize("path", PATHS)
def test_spikes_that_arrive_too_late_are_refused(backend, path):
    bits, weight = np.zeros((STEPS, 1, 1), np.uint64), np.zeros((9, 5), np.int32)
    with pytest.raises(IndexError, match="arrive beyond the last row"):
        deliver(backend, path, bits, weight, np.zeros((STEPS + 1, 1, 5), np.int32), 0, 2)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_tiles_hold_the_matrix_and_zeros(dtype):
    weight = np.arange(-9, 3 * 70 - 9, dtype=dtype).reshape(3, 70) * 1001 + 1
    tiles = tile_weights(weight)
    lanes = LANE_BYTES // weight.itemsize
    assert tiles.weight.shape == (-(-70 // lanes), 3, lanes)
    assert (tiles.weight.dtype, tiles.shift, tiles.targets) == (dtype, 0, 70)
    flat = tiles.weight.transpose(1, 0, 2).reshape(3, -1)
    np.testing.assert_array_equal(flat[:, :70], weight)
    assert not flat[:, 70:].any()


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("values", "narrow", "shift"),
    [([1, -3, 0], True, 0), ([32767, -32768, 1], True, 0), ([32768, 1, 0], False, 0),
     ([32768, -8, 0], True, 3), ([-(2**30), 2**29, 0], True, 29), ([2**30, 1, 0], False, 0),
     ([0, 0, 0], True, 0), ([-32769, 1, 0], False, 0)],
)  # fmt: skip
def test_small_multiples_of_a_power_of_two_are_kept_in_16_bits(dtype, values, narrow, shift):
    tiles = tile_weights(np.array([values], dtype))
    assert tiles.weight.dtype == (np.int16 if narrow else dtype)
    assert tiles.shift == shift
    whole = tiles.weight[0, 0].astype(dtype) << tiles.shift
    assert whole[:3].tolist() == values


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize(("largest", "shift"), [(200, 0), (32767, 5), (200, 20), (40_000, 2)])
def test_narrow_weights_deliver_what_wide_ones_do(backend, path, real, largest, shift):
    rng = np.random.default_rng(shift)
    dtype = sum_dtype(real)
    weight = random_weight(rng, (70, 67), dtype, largest) << shift
    spikes = rng.random((STEPS, BATCH, 70)) < 0.3
    out = random_weight(rng, (STEPS, BATCH, 67), dtype, 50)
    expected = out + (spikes.astype(np.int64) @ weight).astype(dtype)
    deliver(backend, path, packed(backend, spikes), weight, out)
    np.testing.assert_array_equal(out, expected)


def test_the_vector_of_the_cpu_kernels_is_as_wide_as_a_tile():
    from spikelab_kernels.cpu.vector import VECTOR_BYTES

    assert VECTOR_BYTES == LANE_BYTES
