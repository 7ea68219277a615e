"""Arrival tables from blocks of edges are those of a slow sort, however the blocks are cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from .arrival_cases import arrival_table, random_edges

SOURCES, TARGETS = 63, 70
BOUNDS = [0, 25, 26, 70]


def rows_of(backend, edges, block, kinds, weight, numbers, kind_dtype=np.uint32):
    """Count, place and sort, in blocks of a size; what each step wrote."""
    source, target = edges.source.astype(np.uint32), edges.target.astype(np.uint32)
    parts = len(BOUNDS) - 1
    part_of = np.repeat(np.arange(parts), np.diff(BOUNDS)).astype(np.uint16)
    counts, bound = np.zeros((SOURCES, parts), np.uint32), np.zeros((2, TARGETS))
    cuts = [slice(lo, lo + block) for lo in range(0, source.size, block)]
    most = [
        backend.count_edges(
            source[cut], target[cut], edges.weight[cut].astype(float), part_of,
            np.int64(0), np.int64(1), counts, bound,
        )
        for cut in cuts
    ]  # fmt: skip
    ptr = np.zeros(counts.size + 1, np.uint64)
    ptr[1:] = np.cumsum(counts.T)
    cursor = np.ascontiguousarray(ptr[:-1].reshape(parts, SOURCES).T)
    out = (
        np.full(source.size, 2**16 - 1, np.uint16),
        np.full(source.size if weight.size else 0, -(2**30), weight.dtype),
        np.full(source.size, 2**15, kind_dtype),
        np.full(source.size if numbers else 0, 2**31, np.uint32),
    )
    for cut in cuts:
        backend.place_edges(
            np.int64(cut.start), source[cut], target[cut], weight[cut], kinds[cut], part_of,
            -np.array(BOUNDS[:-1]), cursor, *out,
        )  # fmt: skip
    cells = np.full(counts.size, 2**31, np.uint32)
    for lo, hi in ((0, 80), (80, 80), (80, counts.size)):
        backend.sort_rows(ptr, np.int64(lo), np.int64(hi), out[2], out[0], out[1], out[3], cells)
    return ptr, cells, out, bound, max(most)


@pytest.mark.parametrize("block", [1, 137, 2000])
@pytest.mark.parametrize("kind_dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("delays", ["many", "one"])
def test_tables_are_those_of_a_slow_sort(backend, block, kind_dtype, delays):
    rng = np.random.default_rng(block)
    edges = random_edges(rng, SOURCES, TARGETS, 900, least=9 if delays == "one" else 0)
    order = np.lexsort((edges.target, edges.source))
    edges = type(edges)(*(column[order] for column in edges))
    kinds = (edges.delay * 2 + edges.receptor).astype(np.uint32)
    ptr, cells, (target, weight, kind, number), bound, most = rows_of(
        backend, edges, block, kinds, edges.weight.astype(np.int32), True, kind_dtype
    )
    assert most == np.abs(edges.weight).max()
    expected = np.zeros((2, TARGETS))
    np.add.at(expected, ((edges.weight < 0).astype(int), edges.target), np.abs(edges.weight))
    np.testing.assert_array_equal(bound, expected)
    for part, (lo, hi) in enumerate(pairwise(BOUNDS)):
        inside = np.flatnonzero((edges.target >= lo) & (edges.target < hi))
        own = type(edges)(*(column[inside] for column in edges))
        table = arrival_table(own._replace(target=own.target - lo), SOURCES, np.float32)
        rows = slice(part * SOURCES, (part + 1) * SOURCES)
        cell_ptr = np.r_[0, np.cumsum(cells[rows])].astype(np.uint32)
        filled = [np.full(int(cell_ptr[-1]), 999, np.uint16) for _ in range(2)]
        ends = np.full(int(cell_ptr[-1]) + 1, 2**31, np.uint32)
        backend.fill_cells(
            ptr, np.int64(rows.start), np.int64(rows.stop), kind, np.int64(2), cell_ptr, *filled, ends
        )
        for name, value in zip(
            ("cell_ptr", "cell_delay", "cell_group", "cell_edge"), (cell_ptr, *filled, ends), strict=True
        ):
            np.testing.assert_array_equal(value, getattr(table, name), name)
        places = slice(int(ptr[rows.start]), int(ptr[rows.stop]))
        np.testing.assert_array_equal(target[places], table.target)
        np.testing.assert_array_equal(weight[places], table.weight)
        np.testing.assert_array_equal(edges.weight[number[places]], table.weight)


def test_equal_weights_and_kinds_cost_no_array(backend):
    source, target = np.array([0, 0, 2], np.uint32), np.array([1, 1, 0], np.uint32)
    part_of, counts, bound = np.zeros(2, np.uint16), np.zeros((3, 1), np.uint32), np.zeros((1, 2))
    whole = np.int64(0)
    most = backend.count_edges(source, target, np.array([-0.5]), part_of, whole, whole, counts, bound)
    assert most == 0.5 and counts[:, 0].tolist() == [2, 0, 1] and bound.tolist() == [[0.5, 1.0]]
    out = np.full(4, 9, np.uint16), np.zeros(0, np.int32), np.full(4, 9, np.uint16), np.zeros(0, np.uint32)
    cursor = np.array([[0], [9], [2]], np.uint64)
    kind = np.array([7], np.uint32)
    backend.place_edges(
        whole, source, target, np.zeros(0, np.int32), kind, part_of, np.array([5]), cursor, *out
    )
    assert out[0].tolist() == [6, 6, 5, 9] and out[2].tolist() == [7, 7, 7, 9]
    assert cursor[:, 0].tolist() == [2, 9, 3]


@pytest.mark.parametrize("span", [2**10, 2**16, 2**32])
def test_rows_of_few_edges_may_have_kinds_far_apart(backend, span):
    """Weights of each source on its own and delays of each edge make as many kinds as both together."""
    rng = np.random.default_rng(span)
    ptr = np.array([0, 40, 40, 41, 341], np.uint64)
    kind = np.r_[rng.integers(0, span, 321, np.uint32), np.full(20, span - 1, np.uint32)]
    rng.shuffle(kind[41:])
    edge = np.arange(kind.size, dtype=np.uint16)
    columns = [kind.copy(), edge.copy(), -edge.astype(np.int32), edge.astype(np.uint32)]
    cells = np.full(4, 99, np.uint32)
    backend.sort_rows(ptr, np.int64(0), np.int64(4), *columns, cells)
    order = np.concatenate([lo + np.argsort(kind[lo:hi], kind="stable") for lo, hi in pairwise(ptr.tolist())])
    for column, expected in zip(columns, (kind, edge, -edge.astype(np.int32), edge), strict=True):
        np.testing.assert_array_equal(column, expected[order])
    assert cells.tolist() == [np.unique(kind[lo:hi]).size for lo, hi in pairwise(ptr.tolist())]
