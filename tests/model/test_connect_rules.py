"""The rules of connection: laws of degrees and counts, blocks, and draws that stay as they are."""

import hashlib
import tracemalloc

import numpy as np
import pytest
from scipy import stats

import spikelab as sl
from spikelab.connect.sampling import most_poisson, most_successes
from spikelab.errors import ParameterError

GRID = np.stack(np.meshgrid(np.arange(25.0), np.arange(20.0)), -1).reshape(-1, 2)
# Edges, and the digest of source and target: what was drawn once is drawn for ever.
STORED = [
    (sl.AllToAll(), 50, 70, False, 3500, "9483055aba6cc5c8"),
    (sl.AllToAll(allow_autapses=False), 50, 50, True, 2450, "89b89437512307f4"),
    (sl.OneToOne(), 99, 99, True, 99, "d0974db60ea970aa"),
    (sl.FixedProbability(0.1), 1000, 630, False, 62805, "885df8d562db1c4c"),
    (sl.FixedProbability(1e-4), 3000, 5000, False, 1446, "6b8a5c9e05d5d6a3"),
    (sl.FixedProbability(0.5, allow_autapses=False), 300, 300, True, 44835, "78848414a84865ad"),
    (sl.FixedProbability(0.93), 300, 211, False, 58809, "6a05e67a196a226e"),
    (sl.FixedProbability(1.0, allow_autapses=False), 30, 30, True, 870, "ebf29a528e49ef23"),
    (sl.FixedIndegree(100), 1000, 630, False, 63000, "b960d5379c29fbb6"),
    (sl.FixedIndegree(7, allow_autapses=False), 500, 500, True, 3500, "5673133f691eb4f8"),
    (sl.FixedIndegree(60, False, False), 200, 200, True, 12000, "63770a26764f1fef"),
    (sl.FixedIndegree(100, allow_multapses=False), 1000, 630, False, 63000, "4f1cff98241d3828"),
    (sl.FixedIndegree(150, allow_multapses=False), 200, 100, False, 15000, "6bd04cf1cf44c8af"),
    (sl.FixedIndegree(1, allow_multapses=False), 200, 100, False, 100, "ac325076d2f998f5"),
    (sl.DistanceDependent(GRID, GRID, 0.6, 3.0), 500, 500, True, 6929, "abeca2d71b619235"),
]
RULES = [
    *(case[0] for case in STORED if case[2:4] == (500, True)),
    sl.FixedProbability(0.05),
    sl.FixedOutdegree(9),
    sl.FixedOutdegree(9, allow_autapses=False),
    sl.FixedOutdegree(70, allow_autapses=False, allow_multapses=False),
    sl.FixedTotalNumber(2000),
    sl.FixedTotalNumber(2000, allow_autapses=False),
    sl.FixedTotalNumber(2000, allow_multapses=False),
    sl.FixedTotalNumber(240_000, False, False),
    sl.PairwisePoisson(0.01),
    sl.PairwisePoisson(1.5, allow_autapses=False),
    sl.SymmetricProbability(0.04),
]


def digest(*arrays):
    state = hashlib.blake2b(digest_size=8)
    for array in arrays:
        state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()


@pytest.mark.parametrize("case", STORED, ids=lambda case: repr(case[0]))
def test_the_same_edges_are_drawn_for_ever(case):
    pattern, n_source, n_target, same, size, text = case
    edges = pattern.edges(n_source, n_target, 0x1234567890ABCDEF, same)
    assert (edges[0].size, digest(*edges)) == (size, text)


def test_the_same_values_are_drawn_for_ever():
    assert digest(sl.Uniform(-1.5, 2.25).sample(10_007, 0xFEDCBA0987654321)) == "4102761c5c9b43d1"
    assert digest(sl.Normal(0.3, 1.7).sample(10_007, 0xFEDCBA0987654321)) == "61fac0b3683ab7e0"


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        (sl.FixedTotalNumber(2_000_000), 0),
        (sl.FixedProbability(0.5), 0),
        (sl.FixedOutdegree(1000), 0),
        (sl.PairwisePoisson(0.5), 0),
        (sl.AllToAll(), 0),
        (sl.FixedIndegree(1000), 4),
        (sl.SymmetricProbability(0.5), 4),
        (sl.FixedIndegree(400, allow_multapses=False), 8),
    ],
    ids=repr,
)
def test_drawing_in_blocks_holds_few_bytes_an_edge(rule, held):
    for _ in rule.blocks(1100, 1100, 1, True, 2**14):  # what is loaded by the first call is no part of a draw
        pass
    tracemalloc.start()
    edges = sum(block[0].size for block in rule.blocks(2000, 2000, 1, True, 2**14))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert edges > 700_000
    assert peak < held * edges + 4e6


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_edges_are_sorted_in_range_and_do_not_depend_on_the_blocks(rule):
    source, target = rule.edges(500, 500, 7, True)
    flat = source.astype(np.int64) * 500 + target
    assert source.dtype == target.dtype == np.uint32
    assert max(source.max(), target.max()) < 500
    steps = np.diff(flat)
    assert (steps >= 0).all()
    if not getattr(rule, "allow_multapses", isinstance(rule, sl.PairwisePoisson)):
        assert (steps > 0).all()
    if isinstance(rule, sl.SymmetricProbability) or not getattr(rule, "allow_autapses", True):
        assert (source != target).all()
    if hasattr(rule, "count"):
        assert rule.count(500, 500, True) == source.size
    else:
        assert source.size <= rule.bound(500, 500, True)
    other = rule.edges(500, 500, 8, True)
    assert not (np.array_equal(other[0], source) and np.array_equal(other[1], target))
    for size in (77, 1000):
        blocks = list(rule.blocks(500, 500, 7, True, size))
        assert np.array_equal(np.concatenate([block[0] for block in blocks]), source)
        assert np.array_equal(np.concatenate([block[1] for block in blocks]), target)


def chi2(counts, law):
    """p-value of counts against a law, in eight bins of about equal probability."""
    cuts = np.unique(law.ppf(np.linspace(0, 1, 9)[1:-1]))
    probability = np.diff(np.concatenate([[0.0], law.cdf(cuts), [1.0]]))
    observed = np.bincount(np.searchsorted(cuts, counts), minlength=cuts.size + 1)
    return stats.chisquare(observed, probability * counts.size).pvalue


def degrees(edges, n_source, n_target):
    return np.bincount(edges[0], minlength=n_source), np.bincount(edges[1], minlength=n_target)


@pytest.mark.parametrize("multapses", [True, False])
def test_outdegrees_are_exact_and_indegrees_binomial(multapses):
    rule = sl.FixedOutdegree(30, allow_multapses=multapses)
    out, in_ = degrees(rule.edges(900, 400, 3, False), 900, 400)
    assert (out == 30).all()
    law = stats.binom(900 * 30, 1 / 400) if multapses else stats.binom(900, 30 / 400)
    assert chi2(in_, law) > 1e-3


@pytest.mark.parametrize("multapses", [True, False])
def test_a_total_number_spreads_evenly_over_the_pairs(multapses):
    edges = sl.FixedTotalNumber(60_000, allow_multapses=multapses).edges(700, 500, 5, False)
    out, in_ = degrees(edges, 700, 500)
    assert edges[0].size == 60_000
    share = (lambda n: stats.binom(60_000, 1 / n)) if multapses else None
    assert chi2(out, share(700) if multapses else stats.hypergeom(350_000, 60_000, 500)) > 1e-3
    assert chi2(in_, share(500) if multapses else stats.hypergeom(350_000, 60_000, 700)) > 1e-3
    flat = edges[0] * 500.0 + edges[1]
    assert stats.kstest(flat / 350_000, "uniform").pvalue > 1e-3
    repeats = np.unique(flat, return_counts=True)[1]
    # Of 350,000 pairs chosen 0.171 times each, 4,580 are expected more than once.
    more = (repeats > 1).sum()
    assert abs(more - 4580) < 250 if multapses else more == 0


def test_every_pair_of_a_total_number_is_equally_likely():
    counts = np.zeros((4, 4))
    for key in range(1500):
        for rule in (sl.FixedTotalNumber(5, False, True), sl.FixedTotalNumber(3, False, False)):
            np.add.at(counts, rule.edges(4, 4, key, True), 1)
    assert (np.diag(counts) == 0).all()
    assert stats.chisquare(counts[~np.eye(4, dtype=bool)]).pvalue > 1e-3


@pytest.mark.parametrize("mean", [0.003, 0.4, 2.5])
def test_pairs_have_a_poisson_number_of_edges(mean):
    source, target = sl.PairwisePoisson(mean).edges(300, 400, 6, False)
    counts = np.bincount(source.astype(np.int64) * 400 + target, minlength=120_000)
    most = int(stats.poisson(mean).isf(1e-3))
    observed = np.bincount(np.minimum(counts, most), minlength=most + 1)
    law = stats.poisson(mean)
    expected = np.append(law.pmf(np.arange(most)), law.sf(most - 1)) * counts.size
    assert stats.chisquare(observed, expected).pvalue > 1e-3
    without = sl.PairwisePoisson(mean, allow_autapses=False).edges(200, 200, 6, True)
    assert (without[0] != without[1]).all()


def test_symmetric_edges_come_in_pairs():
    source, target = sl.SymmetricProbability(0.07).edges(600, 600, 4, True)
    matrix = np.zeros((600, 600), bool)
    matrix[source, target] = True
    assert source.size == matrix.sum()
    assert np.array_equal(matrix, matrix.T)
    assert chi2(matrix.sum(axis=0), stats.binom(599, 0.07)) > 1e-3


def test_ends_of_the_ranges():
    for rule in (
        sl.FixedTotalNumber(0), sl.FixedTotalNumber(0, False, False), sl.FixedOutdegree(0),
        sl.FixedIndegree(0), sl.PairwisePoisson(0.0), sl.PairwisePoisson(1e-300),
        sl.SymmetricProbability(0.0),
    ):  # fmt: skip
        assert rule.edges(5, 5, 0, True)[0].size == 0
    assert sl.SymmetricProbability(1.0).edges(5, 5, 0, True)[0].size == 20
    assert sl.FixedTotalNumber(20, False, False).edges(5, 5, 0, True)[0].size == 20
    assert sl.FixedOutdegree(4, False, False).edges(5, 5, 0, True)[1].size == 20
    assert sl.PairwisePoisson(3.0, allow_autapses=False).edges(1, 1, 0, True)[0].size == 0
    # Numbers of pairs that 32 bits do not hold.
    source, target = sl.FixedTotalNumber(1000).edges(2**31 - 1, 2**31 - 1, 0, False)
    for side in (source, target):
        assert stats.kstest(side / 2**31, "uniform").pvalue > 1e-3 if side is target else side.max() > 2**30


def test_bounds_hold_and_are_close():
    for n, p in ((10, 0.5), (1000, 0.01), (10**9, 1e-8), (10**8, 0.1)):
        assert stats.binom(n, p).sf(most_successes(n, p)) < 1e-12
    assert most_successes(10**8, 0.1) < 1.003e7
    assert most_successes(10**8, 1.0) == 10**8
    for mean in (0.0, 0.5, 1e6):
        assert stats.poisson(mean).sf(most_poisson(mean)) < 1e-12


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: sl.FixedOutdegree(5, allow_multapses=False).check(9, 4, False),
            r"FixedOutdegree\(k=5\): k must be <= 4, the targets a source can choose from. Lower k, or allow",
        ),
        (lambda: sl.FixedOutdegree(-1), "k must be an integer >= 0"),
        (
            lambda: sl.FixedTotalNumber(21, False, False).check(5, 5, True),
            r"FixedTotalNumber\(n=21\): n must be <= 20, the pairs to choose from",
        ),
        (lambda: sl.FixedTotalNumber(1, allow_autapses=False).check(1, 1, True), "n must be <= 0, the pairs"),
        (lambda: sl.FixedTotalNumber(1.5), "n must be an integer >= 0"),
        (lambda: sl.FixedTotalNumber(1, allow_multapses=3), "allow_multapses must be True or False"),
        (lambda: sl.PairwisePoisson(-0.5), "mean must be >= 0. It is a mean number of edges"),
        (lambda: sl.PairwisePoisson(np.inf), "mean must be finite"),
        (
            lambda: sl.SymmetricProbability(0.5).check(5, 5, False),
            "p must connect a population to itself. Between two populations draw a matrix",
        ),
        (lambda: sl.SymmetricProbability(2.0), r"p must lie in \[0, 1\]"),
    ],
)
def test_bad_values_are_refused(make, text):
    with pytest.raises(ParameterError, match=text):
        make()
