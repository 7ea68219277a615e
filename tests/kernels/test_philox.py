"""Philox: known answers, both forms equal, streams, distributions and the Poisson thresholds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikelab_kernels import philox
from spikelab_kernels.cpu import philox as cpu_philox
from spikelab_kernels.errors import ParameterError

KEY = 0xC0FFEE1234567890
ONES = 0xFFFFFFFF
# Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, words.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers(counter, key, expected):
    assert tuple(int(w) for w in philox.philox4x32(*counter, *key)) == expected
    lanes = [np.uint64(v) for v in (*counter, *key)]
    assert tuple(int(w) for w in cpu_philox.philox_block(*lanes)) == expected


def test_scalars_and_arrays_give_the_same_words_without_a_warning():
    whole = philox.philox4x32(np.arange(9), 2, 3, 4, ONES, ONES)
    for i in range(9):
        one = philox.philox4x32(i, 2, 3, 4, ONES, ONES)
        assert [int(w) for w in one] == [int(w[i]) for w in whole]


@pytest.mark.parametrize("n", [1, 3, 4, 63, 64, 1000])
@pytest.mark.parametrize("step", [0, 7, (5 << 32) | 9])
def test_step_words_are_the_same_in_both_forms(n, step):
    out = np.full(n, 0xDEADBEEF, np.uint32)
    cpu_philox.step_words(np.uint64(KEY), np.uint64(step), np.uint64(11), out)
    np.testing.assert_array_equal(out, philox.step_words(KEY, n, step, 11))


def test_draws_of_the_numba_form_are_the_numpy_ones():
    step, draws = (3 << 32) | 17, range(8)
    for draw in draws:
        block = cpu_philox.draw_block(
            np.uint64(KEY), np.uint64(5), np.uint64(step), np.uint64(2), np.uint64(draw >> 2)
        )
        assert int(block[draw & 3]) == int(philox.draw_words(KEY, 5, step, 2, draw))


def test_step_words_share_a_block_among_four_neighbours():
    for n, word in enumerate(philox.step_words(KEY, 10, 3, 2)):
        assert word == philox.draw_words(KEY, n >> 2, 3, 2, n & 3)


def test_words_differ_by_key_element_step_sample_and_draw():
    base = {"key": KEY, "element": 1, "step": 2, "sample": 3, "draw": 4}
    changed = [base | {name: value} for name in base for value in (1000, 2000)]
    changed += [base, base | {"step": 2 + (1 << 32)}, base | {"key": KEY ^ (1 << 63)}]
    assert len({int(philox.draw_words(**c)) for c in changed}) == len(changed)


@pytest.mark.parametrize("start", [0, 1, 2, 3, 4, 61, 2**34 - 5])
def test_a_stream_can_be_entered_anywhere(start):
    whole = philox.words(KEY, 100, start)
    np.testing.assert_array_equal(philox.words(KEY, 31, start + 33), whole[33:64])
    assert philox.words(KEY, 0, start).shape == (0,)


def test_uniforms_stay_inside_the_open_interval():
    extremes = np.array([0, ONES], np.uint32)
    for dtype, half in ((np.float32, 2.0**-24), (np.float64, 2.0**-33)):
        values = philox.uniform(extremes, dtype)
        assert values.dtype == dtype
        assert values.tolist() == [half, 1.0 - half]
    sample = philox.uniforms(KEY, 100_000)
    assert abs(sample.mean() - 0.5) < 5 * math.sqrt(1 / 12 / sample.size)
    assert abs(sample.var() - 1 / 12) < 5 * math.sqrt(1 / 180 / sample.size)


def test_normals_have_the_moments_of_a_normal():
    sample = philox.normals(KEY, 100_000)
    assert abs(sample.mean()) < 5 / math.sqrt(sample.size)
    assert abs(sample.var() - 1) < 5 * math.sqrt(2 / sample.size)
    assert abs((sample**4).mean() - 3) < 5 * math.sqrt(96 / sample.size)


@pytest.mark.parametrize("bound", [1, 2, 7, 1000, 2**32])
def test_integers_are_uniform_below_the_bound(bound):
    sample = philox.integers(KEY, 20_000, bound).astype(np.float64)
    assert sample.min() >= 0
    assert sample.max() < bound
    error = math.sqrt(bound**2 / 12 / sample.size)
    assert abs(sample.mean() - (bound - 1) / 2) <= 5 * error


def test_integers_refuse_an_empty_range():
    with pytest.raises(ParameterError, match=r"integers\(bound=0\): bound must lie between 1 and 2\*\*32"):
        philox.integers(KEY, 3, 0)


@pytest.mark.parametrize("lam", [1e-6, 0.3, 2.0, 30.0, 1000.0])
def test_poisson_table_has_the_moments_of_its_mean(lam):
    table = philox.poisson_table(lam).astype(np.float64)
    # P(count > k) = 1 - t_k / 2**32, and the mean is the sum of these, to 2**-33 for each of them.
    tail = 1.0 - table / 2.0**32
    assert abs(tail.sum() - lam) < (table.size + 40) * 2.0**-32
    second = ((2 * np.arange(table.size) + 1) * tail).sum()
    assert abs(second - lam - lam**2) < 1e-6 * (lam + lam**2) + 1e-8
    assert (np.diff(table) >= 0).all()


def test_poisson_table_matches_a_small_case_by_hand():
    expected = [round(2**32 * math.exp(-0.5) * p) for p in (1.0, 1.5, 1.625)]
    assert philox.poisson_table(0.5)[:3].tolist() == expected
    assert philox.poisson_table(0.0).size == 0


@pytest.mark.parametrize("lam", [-1.0, math.nan, math.inf, 1e5])
def test_poisson_table_refuses_a_mean_it_cannot_hold(lam):
    with pytest.raises(ParameterError, match="lam must lie between 0 and 10,000 events a step"):
        philox.poisson_table(lam)
