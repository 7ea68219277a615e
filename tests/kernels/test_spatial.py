"""Distance: hand cases, laws, and pairs that do not depend on cells or radius."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from spikelab_kernels import philox

KEY = np.uint64(0xFEDCBA9876543210)
INF = np.inf


def in_space(place):
    """Points of a plane have 0 as their first coordinate."""
    return np.ascontiguousarray(np.pad(place, ((0, 0), (3 - place.shape[1], 0))))


def cells_of(place, count, periodic):
    """Targets by cells of a unit box around the origin: what the kernel takes."""
    flat = len(count) == 2
    cells = np.array((1, *count) if flat else count, np.int64)
    side, place = 1.0 / cells, in_space(place)
    at = np.clip(np.floor((place + 0.5) / side).astype(np.int64), 0, cells - 1)
    number = np.ravel_multi_index(tuple(at.T), tuple(cells))
    member = np.argsort(number, kind="stable")
    ptr = np.searchsorted(number[member], np.arange(int(cells.prod()) + 1)).astype(np.uint64)
    corner, period = np.full(3, -0.5), np.full(3, 1.0 if periodic else INF)
    period[0] = INF if flat else period[0]
    return np.ascontiguousarray(place[member].T), member.astype(np.uint32), ptr, corner, side, cells, period


def connect(backend, source, target, count, periodic, radius, law, room=100_000, first=0, drop=0):
    ends = [np.full(room, 2**32 - 1, np.uint32) for _ in range(2)]
    kind, numbers = law
    given = np.float64(radius), np.int64(kind), np.array(numbers, np.float64), KEY
    cells = cells_of(target, count, periodic)
    n, after = backend.draw_near(in_space(source), *cells, *given, np.int64(first), np.int64(drop), *ends)
    return ends[0][:n], ends[1][:n], int(after)


def places(n, axes, start=0):
    return philox.uniforms(3, n * axes, start=start).reshape(n, axes) - 0.5


def test_distances_by_hand(backend):
    source, target = np.array([[0.0, 0.0], [0.45, -0.4]]), np.array([[0.3, 0.4], [-0.45, 0.4]])
    ends = np.array([0, 1, 1], np.uint32), np.array([0, 1, 0], np.uint32)
    out = np.full(3, np.nan)
    backend.measure_distances(source, target, np.full(2, INF), *ends, out)
    assert out == pytest.approx([0.5, np.hypot(0.9, 0.8), np.hypot(0.15, 0.8)], rel=1e-15)
    backend.measure_distances(source, target, np.ones(2), *ends, out)
    assert out == pytest.approx([0.5, np.hypot(0.1, 0.2), np.hypot(0.15, 0.2)], rel=1e-14)


@pytest.mark.parametrize("n", [1, 63, 1000])
def test_laws(backend, reference, n):
    distance = np.linspace(0.0, 3.0, n)
    cases = [
        (0, (0.3, 0, 0, -INF, INF), np.full(n, 0.3)),
        (1, (0.8, 0.5, 0.1, -INF, INF), 0.1 + 0.8 * np.exp(-0.5 * (distance / 0.5) ** 2)),
        (2, (0.8, 0.5, 0.1, -INF, INF), 0.1 + 0.8 * np.exp(-distance / 0.5)),
        (3, (1.0, -0.5, 0, -INF, INF), 1.0 - 0.5 * distance),
        (3, (1.0, -0.5, 0, 0.2, 0.9), np.clip(1.0 - 0.5 * distance, 0.2, 0.9)),
    ]
    for kind, law, expected in cases:
        out, twin = np.full(n, np.nan), np.full(n, np.nan)
        backend.weigh_distances(np.int64(kind), np.array(law, np.float64), distance, out)
        reference.weigh_distances(np.int64(kind), np.array(law, np.float64), distance, twin)
        assert out.tobytes() == twin.tobytes()
        assert out == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize(
    ("axes", "count", "radius"),
    [(2, (4, 5), 0.2), (2, (1, 1), INF), (2, (2, 3), 0.6), (3, (3, 2, 4), 0.3), (3, (5, 5, 5), 0.15)],
)
def test_both_backends_draw_the_same_pairs(backend, reference, axes, count, radius, periodic):
    source, target = places(63, axes), places(90, axes, 1000)
    law = (1, (0.9, 0.25, 0.0, -INF, INF))
    one = connect(backend, source, target, count, periodic, radius, law)
    two = connect(reference, source, target, count, periodic, radius, law)
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])
    assert one[2] == two[2] == 63
    assert one[0].size > 50
    flat = one[0] * 90.0 + one[1]
    assert (np.diff(flat) > 0).all()


def test_sources_outside_the_cells_find_what_is_near(backend, reference):
    source = np.array([[-3.0, 0.0], [0.6, 0.6], [0.5, 0.5], [-0.55, 0.9], [1e100, 0.0]])
    target = np.array([[-0.5, -0.5], [0.5, 0.5], [0.0, 0.0]])
    around = {(s, t) for s in (1, 2) for t in (0, 1)}
    for periodic, expected in ((False, {(1, 1), (2, 1)}), (True, around)):
        sources = source[1:4] if periodic else source
        found = connect(backend, sources, target, (5, 5), periodic, 0.2, (0, (1.0, 0, 0, -INF, INF)))
        pairs = {(int(s) + periodic, int(t)) for s, t in zip(*found[:2], strict=True)}
        assert pairs == expected


def test_pieces_continue_the_whole(backend):
    source = places(50, 2)
    law = (0, (0.3, 0, 0, -INF, INF))
    whole = connect(backend, source, source, (4, 4), True, 0.4, law)
    parts, at = [], 0
    while at < 50:
        part = connect(backend, source, source, (4, 4), True, 0.4, law, room=70, first=at)
        assert part[2] > at
        parts.append(part)
        at = part[2]
    assert len(parts) > 3
    for side in range(2):
        assert np.array_equal(np.concatenate([part[side] for part in parts]), whole[side])


def test_neither_cells_nor_a_wider_radius_change_a_pair(backend):
    source = places(80, 2)
    law = (0, (0.4, 0, 0, -INF, INF))
    narrow = connect(backend, source, source, (4, 4), False, 0.2, law)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(
            narrow[:2], connect(backend, source, source, (9, 2), False, 0.2, law)[:2], strict=True
        )
    )
    wide = connect(backend, source, source, (1, 1), False, INF, law)
    apart = np.linalg.norm(source[wide[0]] - source[wide[1]], axis=1) <= 0.2
    assert np.array_equal(wide[0][apart], narrow[0])
    assert np.array_equal(wide[1][apart], narrow[1])


def test_ends_of_the_probability(backend):
    source = places(30, 3)
    for p, expected in ((0.0, 0), (-0.5, 0), (1.0, 900), (7.0, 900), (2.0**-33, 0)):
        found = connect(backend, source, source, (2, 2, 2), False, INF, (0, (p, 0, 0, -INF, INF)))
        assert found[0].size == expected
    without = connect(backend, source, source, (2, 2, 2), False, INF, (0, (1.0, 0, 0, -INF, INF)), drop=1)
    assert without[0].size == 870
    assert (without[0] != without[1]).all()


def choose(backend, chooser, other, count, periodic, radius, law, k, drop=0, distinct=0):
    rows = np.full((chooser.shape[0], k), 2**32 - 1, np.uint32)
    kind, numbers = law
    given = np.float64(radius), np.int64(kind), np.array(numbers, np.float64), KEY
    flags = np.int64(drop), np.int64(distinct)
    done = backend.choose_near(in_space(chooser), *cells_of(other, count, periodic), *given, *flags, rows)
    return rows, int(done)


@pytest.mark.parametrize("distinct", [0, 1])
@pytest.mark.parametrize("periodic", [False, True])
def test_both_backends_choose_the_same(backend, reference, periodic, distinct):
    one, two = places(63, 2), places(200, 2, 1000)
    law = (1, (0.9, 0.2, 0.0, -INF, INF))
    rows, done = choose(backend, one, two, (6, 5), periodic, 0.4, law, 9, distinct=distinct)
    twin, _ = choose(reference, one, two, (6, 5), periodic, 0.4, law, 9, distinct=distinct)
    assert done == 63
    assert np.array_equal(rows, twin)
    assert np.array_equal(
        rows, choose(backend, one, two, (2, 3), periodic, 0.4, law, 9, distinct=distinct)[0]
    )
    steps = np.diff(rows.astype(np.int64), axis=1)
    assert (steps > 0).all() if distinct else (steps >= 0).all() and (steps == 0).any()


def test_choices_stop_where_there_are_too_few(backend):
    one = np.array([[0.0, 0.0], [0.4, 0.4], [0.0, 0.1]])
    flat = (0, (1.0, 0, 0, -INF, INF))
    assert choose(backend, one, one, (3, 3), False, 0.2, flat, 2, drop=1)[1] == 1
    assert choose(backend, one, one, (3, 3), False, 0.2, flat, 2, distinct=1)[1] == 1
    rows, done = choose(backend, one, one, (3, 3), False, 0.2, flat, 1, distinct=1)
    assert done == 3
    assert rows[1].tolist() == [1]
    assert choose(backend, one, one, (3, 3), False, 0.2, (0, (0.0, 0, 0, -INF, INF)), 1)[1] == 0
    assert choose(backend, one, one, (3, 3), False, 0.2, flat, 0, drop=1)[1] == 3


def test_choices_follow_the_law(backend):
    other = np.array([[0.1, 0.0], [0.2, 0.0], [0.3, 0.0], [0.45, 0.0]])
    law = (3, (1.0, -2.0, 0, 0.0, INF))
    chooser = np.zeros((4000, 2))
    rows, _ = choose(backend, chooser, other, (2, 2), False, 0.4, law, 5)
    counts = np.bincount(rows.ravel(), minlength=4)
    assert counts[3] == 0
    assert stats.chisquare(counts[:3], np.array([0.8, 0.6, 0.4]) / 1.8 * rows.size).pvalue > 1e-3
    rows, _ = choose(backend, chooser, other, (2, 2), False, 0.4, law, 2, distinct=1)
    left_out = 3 - rows.sum(axis=1)
    # The last of three to come in is the one that two draws without repetition leave out.
    w = np.array([0.8, 0.6, 0.4])
    p = [
        sum(w[a] / w.sum() * w[b] / (w.sum() - w[a]) for a, b in ((i, j), (j, i)))
        for i, j in ((1, 2), (0, 2), (0, 1))
    ]
    assert stats.chisquare(np.bincount(left_out), np.array(p) * 4000).pvalue > 1e-3
