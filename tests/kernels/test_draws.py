"""Values by their number: the streams as they were, any range without those before it, bounds kept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from spikelab_kernels import philox
from spikelab_kernels.math import inverse_normal_cdf_f64

KEY = np.uint64(0xFEDCBA9876543210)
INF = np.inf
LAWS = {
    "draw_uniform": ((-1.0, 3.0), stats.uniform(-1.0, 4.0)),
    "draw_normal": ((2.0, 0.5, -INF, INF), stats.norm(2.0, 0.5)),
    "draw_normal above": ((1.5, 0.75, 0.1, INF), stats.truncnorm(-1.4 / 0.75, INF, 1.5, 0.75)),
    "draw_normal narrow": ((0.0, 1.0, 1.5, 2.0), stats.truncnorm(1.5, 2.0)),
    "draw_lognormal": ((0.3, 0.4, -INF, INF), stats.lognorm(0.4, scale=np.exp(0.3))),
    "draw_exponential": ((2.5, -INF, INF), stats.expon(scale=2.5)),
}


def drawn(backend, name, n, start=0, key=KEY):
    """`n` values from number `start` on, into an array that holds NaN before."""
    out = np.full(n, np.nan)
    values = map(np.float64, LAWS[name][0])
    getattr(backend, name.split()[0])(*values, key, np.uint64(start), out)
    return out


@pytest.mark.parametrize("start", [0, 1, 2, 3, 4, 1023, 2**34 - 5, 2**40 + 7])
@pytest.mark.parametrize("n", [0, 1, 3, 4, 5, 63, 1000])
def test_words_are_those_of_the_plain_stream(backend, n, start):
    out = np.full(n, 7, np.uint32)
    backend.draw_words(KEY, np.uint64(start), np.uint64(0), out)
    assert np.array_equal(out, philox.words(int(KEY), n, start))
    backend.draw_integers(KEY, np.uint64(start), np.uint64(12_345), out)
    assert np.array_equal(out, philox.integers(int(KEY), n, 12_345, start))


def test_attempts_have_words_of_their_own(backend):
    plain, other = np.empty(40, np.uint32), np.empty(40, np.uint32)
    backend.draw_words(KEY, np.uint64(3), np.uint64(0), plain)
    backend.draw_words(KEY, np.uint64(3), np.uint64(2), other)
    blocks = philox.philox4x32(np.arange(11), 0, 2, 0, int(KEY) & 0xFFFFFFFF, int(KEY) >> 32)
    assert np.array_equal(other, np.stack(blocks, axis=-1).ravel()[3:43])
    assert not np.isin(plain, other).any()


@pytest.mark.parametrize("name", LAWS)
def test_both_backends_draw_the_same_bits(backend, reference, name):
    for n in (63, 5000):
        assert drawn(backend, name, n, 5).tobytes() == drawn(reference, name, n, 5).tobytes()


@pytest.mark.parametrize("name", LAWS)
def test_a_range_does_not_depend_on_where_it_starts(backend, name):
    whole = drawn(backend, name, 3000)
    for start, n in ((0, 1), (1, 63), (1021, 1030), (2999, 1)):
        assert np.array_equal(drawn(backend, name, n, start), whole[start : start + n])


def test_values_without_bounds_come_from_the_inverse_cdf(backend):
    uniform = philox.uniforms(int(KEY), 500)
    assert np.array_equal(drawn(backend, "draw_uniform", 500), -1.0 + 4.0 * uniform)
    assert np.array_equal(drawn(backend, "draw_normal", 500), 2.0 + 0.5 * inverse_normal_cdf_f64(uniform))


@pytest.mark.parametrize("name", LAWS)
def test_the_law(backend, name):
    values = drawn(backend, name, 8000)
    assert stats.kstest(values, LAWS[name][1].cdf).pvalue > 1e-3
    low, high = LAWS[name][1].support()
    assert low <= values.min() < values.max() <= high


def test_only_values_outside_are_drawn_again(backend):
    free, bounded = (np.empty(2000) for _ in range(2))
    backend.draw_normal(np.float64(0.0), np.float64(1.0), -INF, INF, KEY, np.uint64(9), free)
    backend.draw_normal(np.float64(0.0), np.float64(1.0), -1.0, 1.5, KEY, np.uint64(9), bounded)
    inside = (free >= -1.0) & (free <= 1.5)
    assert 0.7 < inside.mean() < 0.9
    assert np.array_equal(free[inside], bounded[inside])
    assert np.unique(bounded).size == 2000


@pytest.mark.parametrize("word", [0, 322122546, 322122547, 2**31, 3972844748, 3972844749, 2**32 - 1])
def test_the_middle_and_the_tails_of_the_quantile_meet(word):
    """The words at which the two forms of the quantile change over."""
    from spikelab_kernels.math import central_quantile_f64, tail_quantile_f64

    u = philox.uniform(np.array([word], np.uint32))
    part = central_quantile_f64 if 322122547 <= word <= 3972844748 else tail_quantile_f64
    assert part(u).tobytes() == inverse_normal_cdf_f64(u).tobytes()
