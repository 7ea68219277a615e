"""Synapses that change or fail: a plain recursion, words by edge number, and any cut of time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikelab_kernels.layout import sum_dtype
from spikelab_kernels.philox import draw_words

from .arrival_cases import arrival_table, expected_sums, random_edges

SOURCES, TARGETS, NEURONS, LO = 63, 70, 90, 15
STEPS, BATCH, KEY = 40, 3, 0x0123456789ABCDEF
SAMPLES = np.array([7, 0, 2**32 - 1], np.uint32)
NONE = np.zeros(0)


def random_events(rng, density=0.1):
    return tuple(a.astype(np.uint32) for a in np.nonzero(rng.random((STEPS, BATCH, SOURCES)) < density))


@pytest.mark.parametrize("cut", [STEPS, 7])
def test_use_and_resources_follow_the_recursion(backend, cut):
    rng, first, n, dt = np.random.default_rng(0), 5, 50, 0.1
    base, rec = rng.uniform(0.1, 0.9, n), rng.uniform(1.0, 300.0, n)
    fac = np.where(np.arange(n) % 3 == 0, 0.0, rng.uniform(1.0, 300.0, n))
    u, x = np.tile(base, (BATCH, 1)), np.ones((BATCH, n))
    last = np.full((BATCH, n), -1, np.int64)
    events = random_events(rng)
    efficacy = np.full(events[0].size, np.nan)
    for start in range(0, STEPS, cut):
        now = np.flatnonzero((events[0] >= start) & (events[0] < start + cut))
        part = np.full(now.size, np.nan)
        step = (events[0][now] - start).astype(np.uint32)
        backend.use_resources(
            step, events[1][now], events[2][now], np.int64(start), np.int64(first), np.float64(dt), base, rec,
            fac, u, x, last, part,
        )  # fmt: skip
        efficacy[now] = part
    state = {}
    for k, (t, b, s) in enumerate(zip(*(array.tolist() for array in events), strict=True)):
        i = s - first
        if not 0 <= i < n:
            assert efficacy[k] == 0
            continue
        now_u, now_x = base[i], 1.0
        if (b, i) in state:
            was_u, was_x, before = state[b, i]
            h = (t - before) * dt
            now_x = 1 + (was_x - was_x * was_u - 1) * math.exp(-h / rec[i])
            now_u = base[i] + was_u * (1 - base[i]) * (math.exp(-h / fac[i]) if fac[i] else 0.0)
        state[b, i] = now_u, now_x, t
        assert efficacy[k] == pytest.approx(now_u * now_x, rel=1e-12)
    for (b, i), (last_u, last_x, _) in state.items():
        assert (u[b, i], x[b, i]) == pytest.approx((last_u, last_x), rel=1e-12)


class Run:
    """Sums of all steps in windows, with an efficacy for each spike."""

    def __init__(self, backend, table, number, failing):
        self.backend, self.table, self.number, self.failing = backend, table, number, np.uint64(failing)

    def sums(self, events, strength, windows, real):
        room, count, now, parts = events[0].size, 0, 0, []
        queue = (np.full(room, -9, np.int64), *(np.full(room, 9**9, np.uint32) for _ in range(3)))
        efficacy, table = np.full(room, np.nan), self.table
        for length in windows:
            new = np.flatnonzero((events[0] >= now) & (events[0] < now + length))[::-1]
            step = (events[0][new] - np.uint32(now)).astype(np.uint32)
            count = self.backend.push_arrivals(
                step, events[1][new], events[2][new], strength[new], np.int64(now), table.cell_ptr,
                table.cell_delay, np.int64(count), *queue, efficacy,
            )  # fmt: skip
            out = np.zeros((length, BATCH, 2, NEURONS), sum_dtype(real))
            count = self.backend.deliver_efficacies(
                np.int64(now), np.int64(count), *queue, efficacy, *table[:6], self.number,
                table.group_receptor, table.group_weight, self.failing, np.uint64(KEY), SAMPLES, out,
                np.int64(LO),
            )  # fmt: skip
            parts.append(out)
            now += length
        return np.concatenate(parts)


def real_table(edges, real, constant):
    table = arrival_table(edges, SOURCES, real, constant=constant)
    return table._replace(weight=table.weight.astype(float), group_weight=table.group_weight.astype(float))


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("windows", [[STEPS], [7, 1, 20, 12]])
def test_weights_times_efficacies_are_rounded_half_to_even(backend, real, constant, windows):
    rng = np.random.default_rng(3)
    edges = random_edges(rng, SOURCES, TARGETS, 900, weights=0 if constant else 1000)
    events = random_events(rng)
    strength = rng.choice([0.5, 0.25, 0.3], events[0].size)
    run = Run(backend, real_table(edges, real, constant), np.zeros(0, np.uint32), 0)
    sums = run.sums(events, strength, windows, real)
    expected = np.zeros_like(sums)
    for value in np.unique(strength):
        chosen = tuple(array[strength == value] for array in events)
        rounded = edges._replace(weight=np.rint(edges.weight * value).astype(np.int64))
        expected += expected_sums(rounded, chosen, STEPS, BATCH, 2, NEURONS, LO, sum_dtype(real))
    np.testing.assert_array_equal(sums, expected)
    assert np.count_nonzero(sums) > 1000


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("windows", [[STEPS], [7, 1, 20, 12]])
def test_an_edge_fails_where_its_word_is_low(backend, constant, windows):
    rng = np.random.default_rng(4)
    edges = random_edges(rng, SOURCES, TARGETS, 900, weights=0 if constant else 1000)
    table, failing = real_table(edges, np.float32, constant), int(0.3 * 2**32)
    groups = np.unique(np.stack([edges.receptor, edges.weight * constant]), axis=1, return_inverse=True)[1]
    number = np.lexsort((groups.reshape(-1), edges.delay, edges.source)).astype(np.uint32)
    events = random_events(rng, 0.02)
    run = Run(backend, table, number, failing)
    sums = run.sums(events, np.ones(events[0].size), windows, np.float32)
    expected = np.zeros_like(sums)
    held = delivered = 0
    for t, b, s in zip(*(array.tolist() for array in events), strict=True):
        for e in np.flatnonzero(edges.source == s).tolist():
            word = int(draw_words(KEY, e >> 2, t, int(SAMPLES[b]), e & 3))
            held += word < failing
            delivered += word >= failing
            if word >= failing and t + edges.delay[e] < STEPS:
                expected[t + edges.delay[e], b, edges.receptor[e], LO + edges.target[e]] += edges.weight[e]
    np.testing.assert_array_equal(sums, expected)
    assert abs(held / (held + delivered) - 0.3) < 5 * math.sqrt(0.21 / (held + delivered))


@pytest.mark.parametrize(("failing", "kept"), [(0, True), (2**32, False)])
def test_none_or_all_can_fail(backend, failing, kept):
    rng = np.random.default_rng(5)
    edges = random_edges(rng, SOURCES, TARGETS, 900)
    events = random_events(rng)
    number = np.arange(900, dtype=np.uint32)
    sums = Run(backend, real_table(edges, np.float32, False), number, failing).sums(
        events, np.ones(events[0].size), [STEPS], np.float32
    )
    expected = expected_sums(edges, events, STEPS, BATCH, 2, NEURONS, LO, np.int32)
    np.testing.assert_array_equal(sums, expected * kept)
