"""Poisson drives: moments of the counts, equality with thresholds and words, any cut of the work."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikelab_kernels.layout import guide_tables
from spikelab_kernels.philox import poisson_table, step_words

KEYS = np.array([0xFEDCBA9876543210, 12345], np.uint64)
BATCH = 3
SAMPLES = np.array([4, 0, 1000], np.uint32)
FOREVER = 2**62


def tables(levels, numbers, bits=8):
    """Sampler of drives: tables of each of them."""
    entry = np.cumsum([0, *(len(one) for one in numbers)]).astype(np.int64)
    first = np.cumsum([0, *(one.size for one in levels)]).astype(np.uint32)
    table = np.concatenate(numbers).astype(np.uint32)
    return entry, table, guide_tables(levels, bits), first, np.concatenate(levels)


def run(backend, out, step0, drives, sampler, rows=(0, BATCH), cols=None):
    """`drives`: tuples (lo, hi, receptor, weight, start, stop)."""
    lo, hi, receptor, weight, start, stop = (np.array(column) for column in zip(*drives, strict=True))
    backend.poisson_drives(
        out, np.int64(step0), SAMPLES, lo, hi, receptor, weight.astype(out.dtype), KEYS[: len(drives)], start,
        stop, *sampler, *(np.int64(value) for value in (*rows, *(cols or (0, out.shape[3])))),
    )  # fmt: skip


@pytest.mark.parametrize("lam", [0.0, 0.02, 2.0, 40.0, 1000.0])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_counts_have_the_mean_and_variance_of_a_poisson_count(backend, lam, dtype):
    steps, n = 60, 501
    out = np.zeros((steps, BATCH, 1, n), dtype)
    run(backend, out, 0, [(0, n, 0, -3, 0, FOREVER)], tables([poisson_table(lam)], [[0]]))
    count = out / -3.0
    assert abs(count.mean() - lam) <= 5 * math.sqrt(lam / count.size)
    # Var of the sample variance of a Poisson count: (lam + 2 lam**2) / size.
    assert abs(count.var() - lam) <= 5 * math.sqrt((lam + 2 * lam**2) / count.size) + lam / count.size


@pytest.mark.parametrize("bits", [8, 12])
@pytest.mark.parametrize("n", [20, 4000])
def test_counts_are_the_thresholds_at_or_below_the_word(backend, n, bits):
    # Thresholds set on the very words: equality counts.
    words = step_words(int(KEYS[0]), n, 0, SAMPLES)[1]
    out = np.zeros((1, BATCH, 1, n), np.int64)
    run(backend, out, 0, [(0, n, 0, 1, 0, FOREVER)], tables([np.sort(words)], [[0]], bits))
    np.testing.assert_array_equal(out[0, 1, 0, np.argsort(words)], np.arange(1, n + 1))


@pytest.mark.parametrize("n", [1, 63, 1000])
def test_any_cut_of_the_work_draws_the_same(backend, reference, n):
    rng, step0 = np.random.default_rng(n), (7 << 32) - 3
    whole = rng.integers(-9, 9, (7, BATCH, 2, n + 5)).astype(np.int32)
    slab = whole.copy()
    sampler = tables([poisson_table(lam) for lam in (0.5, 8.0, 300.0)], [[1], rng.integers(0, 3, n)])
    drives = [(5, 5 + n, 0, 5, step0 + 2, step0 + 6), (3, 3 + n, 1, -2, 0, FOREVER)]
    run(reference, whole, step0, drives, sampler)
    for cols in ((0, 4), (4, 9), (9, n + 5)):
        for rows in ((0, 1), (1, 1), (1, BATCH)):
            for a, b in ((0, 2), (2, 7)):
                run(backend, slab[a:b], step0 + a, drives, sampler, rows, cols)
    np.testing.assert_array_equal(slab, whole)


def test_drives_draw_words_by_their_own_neurons_and_steps(backend):
    levels = poisson_table(1.5)
    out = np.zeros((3, BATCH, 2, 40), np.int32)
    run(backend, out, 10, [(7, 30, 1, 4, 11, 12)], tables([levels], [[0]]))
    words = step_words(int(KEYS[0]), 23, 11, SAMPLES)
    expected = np.zeros_like(out)
    expected[1, :, 1, 7:30] = 4 * np.searchsorted(levels, words, side="right")
    np.testing.assert_array_equal(out, expected)


def test_a_guide_says_where_to_search():
    guide = guide_tables([np.array([0, 5 << 24, (5 << 24) + 1, 2**32 - 1], np.uint32)], 8)[0]
    assert guide[:7].tolist() == [1, 1, 1, 1, 1, 2 | 1 << 15, 3]
    assert guide[255] == 3 | 1 << 15
