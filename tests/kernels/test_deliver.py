"""Delivery: hand cases, both backends equal, any batch split, sums that must not depend on the backend."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab_kernels.layout import row_table, sum_dtype

STEPS, BATCH = 6, 5
SOURCES = 63


def make_rows(rng, n_source, addresses, delay, dtype, edges=700):
    """A random table with multapses and empty rows, and the same edges as separate arrays."""
    source = np.sort(rng.integers(0, n_source - 3, edges))
    address = rng.integers(0, addresses, edges)
    weight = rng.integers(-1000, 1000, edges).astype(dtype)
    return row_table(source, address, weight, delay, n_source), (source, address, weight, delay)


def make_events(rng, n_source, density=0.2):
    spikes = rng.random((STEPS, BATCH, n_source)) < density
    return spikes, tuple(a.astype(np.uint32) for a in np.nonzero(spikes))


def slab(rng, rows, addresses, dtype):
    """What earlier projections left behind, so that a kernel that overwrites is found."""
    return rng.integers(-50, 50, (rows, BATCH, addresses)).astype(dtype)


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("delay_kind", ["constant", "zero", "per edge"])
@pytest.mark.parametrize("addresses", [63, 1000])
def test_events_add_up_edge_by_edge(backend, real, delay_kind, addresses):
    rng = np.random.default_rng(addresses)
    delay = {"constant": 4, "zero": 0, "per edge": rng.integers(0, 9, 700)}[delay_kind]
    table, edges = make_rows(rng, SOURCES, addresses, delay, np.int32)
    assert table.delay.size == (700 if delay_kind == "per edge" else 0)
    spikes, events = make_events(rng, SOURCES)
    out = slab(rng, STEPS + 9, addresses, sum_dtype(real))
    expected = out.copy()
    for s, a, w, d in zip(*edges[:3], np.broadcast_to(edges[3], 700), strict=True):
        expected[d : d + STEPS, :, a] += (spikes[:, :, s] * w).astype(out.dtype)
    for lo, hi in ((0, 2), (2, 2), (2, 5)):
        backend.deliver_events(
            *events, *table[:4], np.int64(table.const_delay), out, np.int64(lo), np.int64(hi)
        )
    np.testing.assert_array_equal(out, expected)


def test_events_leave_other_batch_rows_alone(backend):
    rng = np.random.default_rng(1)
    table, _ = make_rows(rng, SOURCES, 40, 1, np.int32)
    out = slab(rng, STEPS + 1, 40, np.int32)
    before = out.copy()
    backend.deliver_events(
        *make_events(rng, SOURCES)[1], *table[:4], np.int64(1), out, np.int64(1), np.int64(3)
    )
    np.testing.assert_array_equal(out[:, [0, 3, 4]], before[:, [0, 3, 4]])
    assert (out[:, 1:3] != before[:, 1:3]).any()


def test_the_order_of_events_does_not_matter(backend):
    rng = np.random.default_rng(2)
    table, _ = make_rows(rng, SOURCES, 40, rng.integers(0, 5, 700), np.int64)
    _, events = make_events(rng, SOURCES)
    outs = np.zeros((2, STEPS + 5, BATCH, 40), np.int64)
    for out, order in zip(outs, (slice(None), slice(None, None, -1)), strict=True):
        shuffled = (np.ascontiguousarray(a[order]) for a in events)
        backend.deliver_events(*shuffled, *table[:4], np.int64(0), out, np.int64(0), np.int64(BATCH))
    np.testing.assert_array_equal(*outs)


@pytest.mark.parametrize("delay", [3, np.array([3, 0])])
def test_a_spike_that_arrives_too_late_is_refused(backend, delay):
    table = row_table(np.array([0, 0]), np.array([0, 1]), np.array([1, 1], np.int32), delay, 2)
    event = (np.array([1], np.uint32), np.zeros(1, np.uint32), np.zeros(1, np.uint32))
    out = np.zeros((4, 1, 2), np.int32)
    with pytest.raises(IndexError, match="arrives beyond the last row"):
        backend.deliver_events(*event, *table[:4], np.int64(3), out, np.int64(0), np.int64(1))


ALL = np.int64(1), np.int64(0), np.int64(STEPS)  # hold, first, steps: every row for one step


def analog_case(real, n_source=63, targets=65):
    """Values over many orders of magnitude, zeros and signed zeros: any other order of the sum shows."""
    rng = np.random.default_rng(n_source)
    x = rng.standard_normal((STEPS, BATCH, n_source)) * 10.0 ** rng.integers(-4, 5, (1, 1, n_source))
    weight = rng.standard_normal((n_source, targets)) * (rng.random((n_source, targets)) < 0.4)
    x[:, :, ::7], x[:, :, ::11] = 0.0, -0.0
    return x.astype(real), weight.astype(real), rng.standard_normal((STEPS + 3, BATCH, targets)).astype(real)


def by_hand(x, weight, delay, out, hold=1, first=0, steps=STEPS):
    """The fixed order, one scalar operation at a time."""
    for t, b, j in np.ndindex(steps, x.shape[1], weight.shape[1]):
        acc = x.dtype.type(0)
        for s in range(x.shape[2]):
            acc = acc + x[(first + t) // hold, b, s] * weight[s, j]
        out[t + delay, b, j] += acc


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("split", [[(0, 5)], [(0, 1), (1, 3), (3, 5)]])
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("held", [(1, 0, STEPS), (3, 2, STEPS - 1), (20, 5, 2)])
def test_analog_sums_have_one_order(backend, real, split, form, held):
    x, weight, out = analog_case(real)
    expected = out.copy()
    by_hand(x, weight, 2, expected, *held)
    held = tuple(np.int64(value) for value in held)
    table = row_table(*np.nonzero(weight), weight[np.nonzero(weight)], 2, x.shape[2])
    for lo, hi in split:
        rows = np.int64(lo), np.int64(hi)
        if form == "dense":
            backend.deliver_analog(x, *held, weight, np.int64(2), out, np.int64(0), *rows)
        else:
            backend.deliver_analog_sparse(
                x, *held, table.ptr, table.target, table.weight, np.int64(2), out, *rows
            )
    assert out.dtype == real
    assert out.tobytes() == expected.tobytes()


def test_another_order_would_show_in_the_analog_case():
    x, weight, _ = analog_case(np.float32)
    forward, backward = np.zeros((2, STEPS, BATCH, weight.shape[1]), np.float32)
    by_hand(x, weight, 0, forward)
    by_hand(x[:, :, ::-1], weight[::-1], 0, backward)
    assert (forward != backward).mean() > 0.3


def test_analog_writes_only_its_addresses(backend):
    x, weight, _ = analog_case(np.float32)
    out = np.full((STEPS, BATCH, 80), np.nan, np.float32)
    out[:, :, 10:75] = 0
    backend.deliver_analog(x, *ALL, weight, np.int64(0), out, np.int64(10), np.int64(0), np.int64(BATCH))
    assert np.isfinite(out[:, :, 10:75]).all()
    assert np.isnan(out[:, :, :10]).all()
    assert np.isnan(out[:, :, 75:]).all()


def test_values_that_arrive_too_late_are_refused(backend):
    x, weight, out = analog_case(np.float32)
    table = row_table(*np.nonzero(weight), weight[np.nonzero(weight)], 0, x.shape[2])
    rows = np.int64(0), np.int64(1)
    with pytest.raises(IndexError, match="arrive beyond the last row"):
        backend.deliver_analog(x, *ALL, weight, np.int64(4), out, np.int64(0), *rows)
    with pytest.raises(IndexError, match="arrive beyond the last row"):
        backend.deliver_analog_sparse(x, *ALL, table.ptr, table.target, table.weight, np.int64(4), out, *rows)


def test_wide_pointers_and_narrow_weights_are_taken(backend):
    # Tables of 2**32 edges have uint64 pointers; float64 mode may keep int32 weights under int64 sums.
    rng = np.random.default_rng(4)
    table, _ = make_rows(rng, SOURCES, 40, 1, np.int32)
    _, events = make_events(rng, SOURCES)
    outs = np.zeros((2, STEPS + 1, BATCH, 40), np.int64)
    for out, ptr in zip(outs, (table.ptr, table.ptr.astype(np.uint64)), strict=True):
        backend.deliver_events(*events, ptr, *table[1:4], np.int64(1), out, np.int64(0), np.int64(BATCH))
    np.testing.assert_array_equal(*outs)
    assert outs.any()


def test_a_row_table_is_sorted_and_narrow():
    source, address = np.array([2, 0, 2, 2]), np.array([1, 70_000, 0, 5])
    table = row_table(source, address, np.array([1, 2, 3, 4], np.int32), np.array([1, 5, 1, 0]), 4)
    assert table.ptr.tolist() == [0, 1, 1, 4, 4]
    assert table.target.tolist() == [70_000, 5, 0, 1]
    assert table.weight.tolist() == [2, 4, 3, 1]
    assert table.delay.tolist() == [5, 0, 1, 1]
    assert (table.ptr.dtype, table.target.dtype, table.delay.dtype) == (np.uint32, np.uint32, np.uint16)
    same = row_table(source, address % 9, np.arange(4), np.full(4, 3), 4)
    assert (same.delay.size, same.const_delay, same.target.dtype) == (0, 3, np.uint16)
    empty = row_table(source[:0], address[:0], np.zeros(0), 0, 2)
    assert empty.ptr.tolist() == [0, 0, 0]
