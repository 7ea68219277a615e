"""Reservoir kernels: the recursion itself, on odd sizes, in parts, with poisoned outputs."""

from __future__ import annotations

import numpy as np
import pytest

#: Rows of any length, rows of one length, all columns.
FORMS = ["sparse", "even", "dense"]


class Case:
    """Random matrices in the kernel's form, and the plain recursion beside them."""

    def __init__(self, n=63, n_inputs=3, batch=5, steps=50, dtype=np.float64, form="sparse", index=np.uint16):
        rng = np.random.default_rng(n + batch)
        columns = n + n_inputs
        self.matrix = rng.standard_normal((n, columns)) / np.sqrt(n)
        if form == "even":
            self.matrix *= np.argsort(np.argsort(rng.random((n, columns)), axis=1), axis=1) < 9
        elif form == "sparse":
            self.matrix *= rng.random((n, columns)) < 0.2
            self.matrix[n // 2] = 0.0  # a neuron that nothing reaches
        self.matrix = self.matrix.astype(dtype)
        rows, source = np.nonzero(self.matrix)
        if form == "dense":
            self.ptr, self.source = (np.arange(n + 1) * columns).astype(np.uint32), np.empty(0, index)
            self.weight = self.matrix.ravel().copy()
        else:
            self.ptr = np.searchsorted(rows, np.arange(n + 1)).astype(np.uint32)
            self.source, self.weight = source.astype(index), self.matrix[rows, source]
        self.bias = rng.uniform(-0.3, 0.3, n).astype(dtype)
        self.leak = rng.uniform(0.2, 1.0, n).astype(dtype)
        self.x = rng.standard_normal((steps, batch, n_inputs)).astype(dtype)
        self.lengths = rng.integers(1, steps + 1, batch).astype(np.uint32)
        self.lengths[0] = steps
        self.start = rng.uniform(-0.5, 0.5, (batch, n)).astype(dtype)
        self.n, self.dtype = n, dtype

    def bounds(self, segments):
        cuts = np.arange(segments + 1)[None] * self.lengths[:, None].astype(np.int64) // segments
        return cuts.astype(np.uint32)

    def run(self, backend, lo=0, hi=None, state=None, step0=0, segments=0, rows=None, x=None):
        x = np.ascontiguousarray((self.x if x is None else x)[lo:hi])
        batch = x.shape[1]
        state = self.start.copy() if state is None else state
        bounds = self.bounds(segments) if segments else np.zeros((batch, 1), np.uint32)
        sums = np.zeros((batch, segments, self.n))
        states = np.full((len(x), batch, self.n), np.nan, self.dtype)
        for first, last in rows or [(0, batch)]:
            backend.reservoir_run(
                x, self.lengths, state, self.ptr, self.source, self.weight, self.bias, self.leak,
                np.int64(step0), bounds, sums, states, np.int64(first), np.int64(last),
            )  # fmt: skip
        return states, state, sums

    def expected(self):
        matrix, x = self.matrix.astype(float), self.x.astype(float)
        leak, bias = self.leak.astype(float), self.bias.astype(float)
        states = np.full((*x.shape[:2], self.n), np.nan)
        for b, length in enumerate(self.lengths):
            state = self.start[b].astype(float)
            for t in range(length):
                current = matrix @ np.concatenate([state, x[t, b]]) + bias
                state = (1 - leak) * state + leak * np.tanh(current)
                states[t, b] = state
        return states


TOLERANCE = {np.float32: 2e-6, np.float64: 1e-13}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [1, 3, 5, 33])
@pytest.mark.parametrize("form", FORMS)
def test_states_follow_the_recursion_and_nothing_else_is_written(backend, dtype, batch, form):
    case = Case(batch=batch, dtype=dtype, form=form)
    states, state, _ = case.run(backend)
    expected = case.expected()
    np.testing.assert_allclose(states, expected, atol=TOLERANCE[dtype], rtol=0)
    assert states.dtype == dtype
    last = expected[case.lengths.astype(int) - 1, np.arange(batch)]
    np.testing.assert_allclose(state, last, atol=TOLERANCE[dtype], rtol=0)


@pytest.mark.parametrize("index", [np.uint16, np.uint32])
def test_index_width_changes_no_bit(backend, index):
    narrow, wide = Case(index=np.uint16), Case(index=index)
    np.testing.assert_array_equal(narrow.run(backend)[0], wide.run(backend)[0])


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("segments", [1, 4])
def test_segment_sums_are_those_of_the_states(backend, batch, segments):
    case = Case(batch=batch, steps=1000, n=17)
    states, _, sums = case.run(backend, segments=segments)
    bounds = case.bounds(segments)
    for b in range(batch):
        for s in range(segments):
            part = states[bounds[b, s] : bounds[b, s + 1], b]
            np.testing.assert_allclose(sums[b, s], part.sum(axis=0), rtol=1e-12, atol=1e-12)


def test_a_long_float32_sum_keeps_its_digits(backend):
    case = Case(n=5, batch=1, steps=20_000, dtype=np.float32)
    states, _, sums = case.run(backend, segments=1)
    np.testing.assert_allclose(sums[0, 0], states[:, 0].sum(axis=0, dtype=np.float64), rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", FORMS)
def test_a_run_in_two_parts_is_the_same_run(backend, batch, dtype, form):
    case = Case(batch=batch, dtype=dtype, form=form)
    whole, end, sums = case.run(backend, segments=3)
    first, state, sums_1 = case.run(backend, hi=17, segments=3)
    second, state, sums_2 = case.run(backend, lo=17, state=state, step0=17, segments=3)
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    np.testing.assert_array_equal(state, end)
    np.testing.assert_allclose(sums_1 + sums_2, sums, rtol=1e-5, atol=1e-6)


def test_batch_splits_agree_in_float32(backend):
    case = Case(batch=33, dtype=np.float32)
    whole, _, _ = case.run(backend)
    split, _, _ = case.run(backend, rows=[(0, 1), (1, 8), (8, 33)])
    np.testing.assert_allclose(split, whole, rtol=1e-5, atol=1e-6)


def test_input_behind_the_end_of_a_series_has_no_effect(backend):
    case = Case()
    clean, state, sums = case.run(backend, segments=2)
    spoiled = case.x.copy()
    for b, length in enumerate(case.lengths):
        spoiled[length:, b] = 1e6
    again, state_2, sums_2 = case.run(backend, segments=2, x=spoiled)
    np.testing.assert_array_equal(again, clean)
    np.testing.assert_array_equal(state_2, state)
    np.testing.assert_array_equal(sums_2, sums)


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_state_that_dies_away_becomes_zero_before_it_is_subnormal(backend, batch, dtype):
    case = Case(batch=batch, steps=1000, dtype=dtype)
    case.bias[:], case.x[:], case.weight[:] = 0.0, 0.0, 0.2 * case.weight
    case.lengths[:] = 1000
    states, state, _ = case.run(backend)
    assert (state == 0).all()
    assert np.abs(states[states != 0]).min() >= np.float32(1e-30)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("with_input", "form"), [(False, "sparse"), (True, "sparse"), (True, "even")])
def test_free_run_is_a_run_driven_by_its_own_output(backend, dtype, with_input, form):
    case = Case(batch=3, dtype=dtype, form=form)
    case.lengths[:] = 50
    rng = np.random.default_rng(1)
    width = case.n + 3 * with_input
    readout = (rng.standard_normal((3, width)) / np.sqrt(width)).astype(dtype)
    intercept = rng.standard_normal(3).astype(dtype)
    out = np.full((50, 3, 3), np.nan, dtype)
    state = case.start.copy()
    backend.reservoir_free_run(
        case.x[0], state, case.ptr, case.source, case.weight, case.bias, case.leak, readout, intercept,
        out, np.int64(0), np.int64(3),
    )  # fmt: skip
    driven = np.concatenate([case.x[:1], out[:-1]])
    states, end, _ = case.run(backend, x=driven)
    features = np.concatenate([states, driven], axis=2)[:, :, :width]
    np.testing.assert_allclose(out, features @ readout.T + intercept, atol=10 * TOLERANCE[dtype], rtol=0)
    np.testing.assert_allclose(state, end, atol=TOLERANCE[dtype], rtol=0)


def test_free_run_in_two_parts_is_the_same_run(backend):
    case = Case(batch=2, dtype=np.float32)
    readout = np.random.default_rng(1).standard_normal((3, case.n)).astype(np.float32) / 8
    intercept = np.zeros(3, np.float32)

    def run(first, state, steps):
        out = np.full((steps, 2, 3), np.nan, np.float32)
        backend.reservoir_free_run(
            first, state, case.ptr, case.source, case.weight, case.bias, case.leak, readout, intercept, out,
            np.int64(0), np.int64(2),
        )  # fmt: skip
        return out

    whole = run(case.x[0], case.start.copy(), 30)
    state = case.start.copy()
    first = run(case.x[0], state, 11)
    second = run(first[-1].copy(), state, 19)
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
