"""Delivery of values: sums of one order, any batch split, the same bits from both backends."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab_kernels.layout import row_table

STEPS, BATCH = 6, 5

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
    table = row_table(*np.nonzero(weight), weight[np.nonzero(weight)], x.shape[2])
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
    table = row_table(*np.nonzero(weight), weight[np.nonzero(weight)], x.shape[2])
    rows = np.int64(0), np.int64(1)
    with pytest.raises(IndexError, match="arrive beyond the last row"):
        backend.deliver_analog(x, *ALL, weight, np.int64(4), out, np.int64(0), *rows)
    with pytest.raises(IndexError, match="arrive beyond the last row"):
        backend.deliver_analog_sparse(x, *ALL, table.ptr, table.target, table.weight, np.int64(4), out, *rows)


def test_a_row_table_is_sorted_and_narrow():
    source, address = np.array([2, 0, 2, 2]), np.array([5, 70_000, 0, 5])
    table = row_table(source, address, np.array([1.0, 2.0, 3.0, 4.0]), 4)
    assert table.ptr.tolist() == [0, 1, 1, 4, 4]
    assert table.target.tolist() == [70_000, 0, 5, 5]
    assert table.weight.tolist() == [2.0, 3.0, 1.0, 4.0]
    assert (table.ptr.dtype, table.target.dtype) == (np.uint32, np.uint32)
    assert row_table(source, address % 9, table.weight, 4).target.dtype == np.uint16
    empty = row_table(source[:0], address[:0], np.zeros(0), 2)
    assert empty.ptr.tolist() == [0, 0, 0] and not empty.target.size
