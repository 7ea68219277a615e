"""Spikes in transit: sums edge by edge, for any window, order of spikes and kind of weight."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab_kernels.layout import ArrivalTable, sum_dtype

from .arrival_cases import arrival_table, expected_sums, random_edges

SOURCES, TARGETS, NEURONS, LO = 63, 70, 90, 15
STEPS, BATCH = 40, 3
NONE = np.zeros(0)


class Queue:
    """Arrays of one queue with poison where nothing stands yet."""

    def __init__(self, room):
        self.count = 0
        self.due = np.full(room, -(2**40), np.int64)
        self.row, self.sender, self.cell = (np.full(room, 2**31, np.uint32) for _ in range(3))

    def push(self, backend, table, events, step0):
        arrays = (self.due, self.row, self.sender, self.cell)
        self.count = backend.push_arrivals(
            *events,
            NONE,
            np.int64(step0),
            table.cell_ptr,
            table.cell_delay,
            np.int64(self.count),
            *arrays,
            NONE,
        )

    def deliver(self, backend, table, out, now):
        arrays = (self.due, self.row, self.sender, self.cell)
        self.count = backend.deliver_arrivals(
            np.int64(now), np.int64(self.count), *arrays, *table[:-1], out, np.int64(LO)
        )


def random_events(rng, density=0.1):
    return tuple(a.astype(np.uint32) for a in np.nonzero(rng.random((STEPS, BATCH, SOURCES)) < density))


def run_windows(backend, table, events, windows, real, shuffle=None):
    """Sums of all steps, from windows of the given lengths; spikes of a window are pushed before it."""
    sums, queue, now = [], Queue(events[0].size), 0
    for length in windows:
        new = np.flatnonzero((events[0] >= now) & (events[0] < now + length))
        if shuffle is not None:
            shuffle.shuffle(new)
        queue.push(
            backend,
            table,
            [(a[new] - (now if i == 0 else 0)).astype(np.uint32) for i, a in enumerate(events)],
            now,
        )
        out = np.zeros((length, BATCH, 2, NEURONS), sum_dtype(real))
        queue.deliver(backend, table, out, now)
        sums.append(out)
        now += length
    return np.concatenate(sums), queue


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["constant", "own", "narrow"])
@pytest.mark.parametrize("windows", [[STEPS], [1] * STEPS, [7, 1, 20, 12]])
def test_sums_are_those_of_every_edge_and_spike(backend, real, kind, windows):
    rng = np.random.default_rng(len(windows))
    edges = random_edges(rng, SOURCES, TARGETS, 900, weights=0 if kind == "constant" else 1000)
    narrow = {"weight_dtype": np.int32, "shift": 3} if kind == "narrow" else {}
    edges = edges._replace(weight=edges.weight << 3 if kind == "narrow" else edges.weight)
    table = arrival_table(edges, SOURCES, real, constant=kind == "constant", **narrow)
    events = random_events(rng)
    sums, _ = run_windows(backend, table, events, windows, real, shuffle=rng)
    expected = expected_sums(edges, events, STEPS, BATCH, 2, NEURONS, LO, sum_dtype(real))
    assert np.count_nonzero(expected) > 1000
    np.testing.assert_array_equal(sums, expected)
    assert not sums[..., :LO].any() and not sums[..., LO + TARGETS :].any()


def test_a_spike_leaves_the_queue_with_its_last_cell(backend):
    edges = random_edges(np.random.default_rng(0), SOURCES, TARGETS, 900)
    table = arrival_table(edges, SOURCES, np.float32)
    events = tuple(np.array([value], np.uint32) for value in (0, 1, 5))
    last = int(edges.delay[edges.source == 5].max())
    queue, out = Queue(1), np.zeros((1, BATCH, 2, NEURONS), np.int32)
    queue.push(backend, table, events, 100)
    for step in range(last + 1):
        assert queue.count == 1
        queue.deliver(backend, table, out, 100 + step)
    assert queue.count == 0


def test_what_a_slab_held_before_is_added_to(backend):
    edges = random_edges(np.random.default_rng(0), SOURCES, TARGETS, 900, longest=0)
    table = arrival_table(edges, SOURCES, np.float32)
    events = tuple(np.array([value], np.uint32) for value in (0, 1, 5))
    queue, out = Queue(1), np.full((1, BATCH, 2, NEURONS), 7, np.int32)
    queue.push(backend, table, events, 0)
    queue.deliver(backend, table, out, 0)
    expected = expected_sums(edges, events, 1, BATCH, 2, NEURONS, LO, np.int32)
    np.testing.assert_array_equal(out, 7 + expected)


def test_silent_sources_and_empty_tables_wait_for_nothing(backend):
    edges = random_edges(np.random.default_rng(0), SOURCES, TARGETS, 900)
    table = arrival_table(edges, SOURCES, np.float32)
    queue = Queue(1)
    queue.push(backend, table, tuple(np.array([value], np.uint32) for value in (0, 0, SOURCES - 1)), 0)
    assert queue.count == 0
    none = [np.zeros(0, array.dtype) for array in table[1:3]]
    empty = ArrivalTable(np.zeros(4, np.uint32), *none, np.zeros(1, np.uint32), *table[4:])
    queue.push(backend, empty, tuple(np.array([value], np.uint32) for value in (0, 0, 2)), 0)
    assert queue.count == 0
