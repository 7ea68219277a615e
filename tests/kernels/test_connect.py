"""Places of edges: hand cases, the laws of gaps and sums, pieces that continue, both backends bit-equal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from spikelab_kernels import philox

KEY = np.uint64(0xFEDCBA9876543210)


def gaps(backend, n, p=0.2, limit=10**12, start=0, last=-1):
    out = np.full(n, -7, np.int64)
    kept = backend.place_gaps(
        KEY, np.uint64(start), np.float64(np.log1p(-p)), np.int64(limit), np.int64(last), out
    )
    return kept, out


def sums(backend, n, scale=2.0, limit=10**12, start=0, level=0.0):
    out = np.full(n, -7, np.int64)
    level = backend.place_sums(
        KEY, np.uint64(start), np.float64(level), np.float64(scale), np.int64(limit), out
    )
    return level, out


@pytest.mark.parametrize("n", [1, 63, 1000, 3001])
def test_both_backends_place_the_same(backend, reference, n):
    for p in (1e-6, 0.2, 0.9):
        assert gaps(backend, n, p)[0] == n
        assert np.array_equal(gaps(backend, n, p)[1], gaps(reference, n, p)[1])
    assert sums(backend, n)[0] == sums(reference, n)[0]
    assert np.array_equal(sums(backend, n)[1], sums(reference, n)[1])


def test_logarithms(backend, reference):
    values = np.concatenate(
        [np.geomspace(1e-300, 1.0, 5000), np.linspace(0.4, 2.0, 5001), [0.7071067811865476]]
    )
    logs, twin = values.copy(), values.copy()
    backend.take_logs(logs)
    reference.take_logs(twin)
    assert logs.tobytes() == twin.tobytes()
    assert np.abs(logs - np.log(values)).max() < 3e-13
    assert np.abs(logs - np.log(values))[5000:].max() < 1e-15


@pytest.mark.parametrize("place", [gaps, sums])
def test_pieces_continue_the_whole(backend, place):
    whole = place(backend, 2500)[1]
    at, state = 0, {}
    for n in (1, 1023, 1024, 452):
        end, piece = place(backend, n, start=at, **state)
        assert np.array_equal(piece, whole[at : at + n])
        state = {"last": piece[-1]} if place is gaps else {"level": end}
        at += n


def test_gaps_are_geometric_and_end_at_the_limit(backend):
    places = gaps(backend, 20_000)[1]
    steps = np.diff(places, prepend=-1)
    assert steps.min() == 1
    observed = np.bincount(np.minimum(steps, 20))[1:]
    law = stats.geom(0.2)
    expected = np.append(law.pmf(np.arange(1, 20)), law.sf(19)) * steps.size
    assert stats.chisquare(observed, expected).pvalue > 1e-3
    limit = int(places[2000])
    kept, cut = gaps(backend, 20_000, limit=limit)
    assert kept == 2000
    assert np.array_equal(cut[:2000], places[:2000])
    assert gaps(backend, 5, p=1e-15, limit=100)[0] == 0


def test_partial_sums_are_a_poisson_process(backend):
    level, places = sums(backend, 20_000, scale=100.0)
    assert stats.kstest(np.diff(places), stats.expon(scale=100.0).cdf).statistic < 0.015
    assert level == pytest.approx(backend.sum_exponentials(KEY, np.uint64(0), np.int64(20_000)), rel=1e-12)
    assert backend.sum_exponentials(KEY, np.uint64(3), np.int64(1)) == pytest.approx(
        sums(backend, 4)[0] - sums(backend, 3)[0], rel=1e-12
    )
    assert sums(backend, 50, limit=20)[1].max() == 20


def test_splitting_by_hand(backend):
    def split(place, row, self_pairs):
        source, target = (np.full(len(place), 77, np.uint32) for _ in range(2))
        n = backend.split_places(
            np.array(place, np.int64), np.int64(row), np.int64(self_pairs), source, target
        )
        return list(zip(source[:n].tolist(), target[:n].tolist(), strict=True))

    assert split([0, 2, 4, 5, 11, 11], 4, 0) == [(0, 0), (0, 2), (1, 0), (1, 1), (2, 3), (2, 3)]
    assert split([0, 2, 4, 5, 11, 11], 4, 1) == [(0, 2), (1, 0), (2, 3), (2, 3)]
    assert split([0, 1, 2, 3, 4, 5], 2, 2) == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert split([], 4, 0) == []


def test_the_triangle_by_hand(backend):
    first, second = (np.full(6, 77, np.uint32) for _ in range(2))
    backend.split_triangle(np.arange(6), np.int64(4), first, second)
    assert first.tolist() == [0, 0, 0, 1, 1, 2]
    assert second.tolist() == [1, 2, 3, 2, 3, 3]
    backend.split_triangle(np.array([2, 5]), np.int64(4), first[:2], second[:2])
    assert (first[:2].tolist(), second[:2].tolist()) == ([0, 2], [3, 3])


def test_counting_sort_keeps_the_order_within_a_row(backend):
    row, value = np.array([2, 0, 2, 2, 0], np.uint32), np.array([9, 8, 7, 6, 5], np.uint32)
    count = np.zeros(4, np.uint64)
    backend.count_rows(row, count)
    assert count.tolist() == [2, 0, 3, 0]
    cursor = np.array([0, 2, 2, 5], np.uint64)
    out = np.full(5, 77, np.uint32)
    backend.place_values(row, value, cursor, out)
    assert out.tolist() == [8, 5, 9, 7, 6]
    assert cursor.tolist() == [2, 2, 5, 5]


@pytest.mark.parametrize(("n", "k", "bound"), [(1, 1, 1), (5, 3, 3), (63, 9, 20), (40, 200, 450)])
def test_repeats_are_drawn_again_until_none_is_left(backend, reference, n, k, bound):
    rows = np.sort(philox.integers(5, n * k, bound).reshape(n, k), axis=1)
    twin = rows.copy()
    left, other = np.arange(n), np.arange(n)
    for attempt in range(400):
        key = np.uint64(1000 + attempt)
        done = backend.redraw_repeats(key, np.uint64(bound), rows, left)
        assert done == reference.redraw_repeats(key, np.uint64(bound), twin, other)
        assert np.array_equal(rows, twin)
        assert np.array_equal(left[:done], other[:done])
        left, other = left[:done], other[:done]
        if not done:
            break
    assert not left.size
    assert (np.diff(rows.astype(np.int64), axis=1) > 0).all()
    assert rows.max() < bound
