"""Patterns, distributions and spectral radius."""

import numpy as np
import pytest
from scipy import sparse, stats

import spikelab as sl
from spikelab.connect import Pattern, spectral_radius_of
from spikelab.errors import ParameterError

PATTERNS = [
    sl.AllToAll(),
    sl.AllToAll(allow_autapses=False),
    sl.OneToOne(),
    sl.FixedProbability(0.07),
    sl.FixedProbability(0.9, allow_autapses=False),
    sl.FixedIndegree(5),
    sl.FixedIndegree(60, allow_autapses=False, allow_multapses=False),
    sl.FixedIndegree(9, allow_multapses=False),
    sl.FromArray(np.where(np.arange(63 * 63).reshape(63, 63) % 7, 0.0, 2.0)),
    sl.DistanceDependent(np.eye(63), np.eye(63), c=0.5, lambda_=2.0),
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=repr)
def test_edges_are_sorted_in_range_and_the_same_again(pattern):
    source, target = pattern.edges(63, 63, 2**63 + 5, True)
    assert isinstance(pattern, Pattern)
    assert source.dtype == target.dtype == np.uint32
    assert source.size > 0
    assert source.max() < 63
    assert target.max() < 63
    flat = source.astype(np.int64) * 63 + target
    assert (np.diff(flat) >= 0).all()
    again = pattern.edges(63, 63, 2**63 + 5, True)
    assert np.array_equal(source, again[0])
    assert np.array_equal(target, again[1])
    if not getattr(pattern, "allow_autapses", True):
        assert (source != target).all()
    if not getattr(pattern, "allow_multapses", not isinstance(pattern, sl.FixedIndegree)):
        assert (np.diff(flat) > 0).all()


@pytest.mark.parametrize(
    "pattern", [p for p in PATTERNS if isinstance(p, (sl.FixedProbability, sl.FixedIndegree))], ids=repr
)
def test_another_key_draws_other_edges(pattern):
    one, two = pattern.edges(63, 63, 1, True), pattern.edges(63, 63, 2, True)
    assert not (np.array_equal(one[0], two[0]) and np.array_equal(one[1], two[1]))


def test_autapses_are_left_out_of_recurrent_projections_only():
    assert sl.AllToAll(allow_autapses=False).edges(5, 5, 0, False)[0].size == 25
    assert sl.AllToAll(allow_autapses=False).edges(5, 5, 0, True)[0].size == 20
    assert sl.OneToOne().edges(3, 3, 0, True)[1].tolist() == [0, 1, 2]


@pytest.mark.parametrize("p", [0.001, 0.1, 0.6])
def test_fixed_probability_has_binomial_degrees(p):
    n_source, n_target = 1000, 630
    source, target = sl.FixedProbability(p).edges(n_source, n_target, 11, False)
    assert abs(source.size - p * n_source * n_target) < 4 * np.sqrt(p * (1 - p) * n_source * n_target)
    for degree, other in (
        (np.bincount(target, minlength=n_target), n_source),
        (np.bincount(source, minlength=n_source), n_target),
    ):
        assert _chi2_of_counts(degree, stats.binom(other, p)) > 1e-3
    flat = source.astype(np.int64) * n_target + target
    assert stats.kstest(flat / (n_source * n_target), "uniform").pvalue > 1e-3


def test_fixed_probability_ends():
    assert sl.FixedProbability(0.0).edges(10, 10, 0, False)[0].size == 0
    assert sl.FixedProbability(1.0).edges(10, 7, 0, False)[0].size == 70
    assert sl.FixedProbability(1e-12).edges(10, 7, 0, False)[0].size == 0
    assert sl.FixedProbability(1 - 1e-12).edges(10, 7, 0, False)[0].size == 70


@pytest.mark.parametrize(
    ("k", "multapses"), [(10, True), (10, False), (150, False), (250, False), (300, False)]
)
def test_fixed_indegree_is_exact_and_its_outdegrees_are_even(k, multapses):
    n_source, n_target = 300, 1000
    pattern = sl.FixedIndegree(k, allow_multapses=multapses)
    source, target = pattern.edges(n_source, n_target, 3, False)
    assert (np.bincount(target, minlength=n_target) == k).all()
    degree = np.bincount(source, minlength=n_source)
    if k == n_source:
        assert (degree == n_target).all()
    elif multapses:
        assert stats.chisquare(degree).pvalue > 1e-3
    else:
        assert _chi2_of_counts(degree, stats.binom(n_target, k / n_source)) > 1e-3


def test_distinct_sources_make_every_set_equally_likely():
    # 3 of 6: twenty sets, each target draws one.
    source, target = sl.FixedIndegree(3, allow_multapses=False).edges(6, 20_000, 5, False)
    sets = np.zeros(20_000, np.int64)
    np.add.at(sets, target, 1 << source)
    _, counts = np.unique(sets, return_counts=True)
    assert counts.size == 20
    assert stats.chisquare(counts).pvalue > 1e-3


def test_indegree_without_autapses_chooses_evenly_among_the_others():
    counts = np.zeros((4, 4))
    for key in range(600):
        source, target = sl.FixedIndegree(2, allow_autapses=False).edges(4, 4, key, True)
        np.add.at(counts, (source, target), 1)
    assert (np.diag(counts) == 0).all()
    assert stats.chisquare(counts[~np.eye(4, dtype=bool)]).pvalue > 1e-3


def test_distance_dependence_follows_its_law():
    line = np.linspace(0.0, 4.0, 400)[:, None]
    c, reach = 0.8, 1.5
    source, target = sl.DistanceDependent(line, line, c=c, lambda_=reach).edges(400, 400, 9, False)
    apart = np.abs(line - line.T)
    made = np.zeros((400, 400))
    made[source, target] = 1
    probability = c * np.exp(-((apart / reach) ** 2))
    for low in np.arange(0.0, 4.0, 0.5):
        ring = (apart >= low) & (apart < low + 0.5)
        expected, spread = probability[ring].sum(), np.sqrt((probability * (1 - probability))[ring].sum())
        assert abs(made[ring].sum() - expected) < 4 * spread


def test_from_array_keeps_edges_and_weights():
    dense = np.array([[0.0, -2.0, 1.0], [0.5, 0.0, 0.0]])
    pattern = sl.FromArray(dense)
    source, target = pattern.edges(2, 3, 0, False)
    assert source.tolist() == [0, 0, 1]
    assert target.tolist() == [1, 2, 0]
    assert pattern.weights.tolist() == [-2.0, 1.0, 0.5]
    assert pattern.bounds == (-2.0, 1.0)
    twice = sparse.coo_array(([1.0, 2.0, 0.0], ([1, 1, 0], [0, 0, 2])), shape=(2, 3))
    pattern = sl.FromArray(twice)
    assert pattern.edges(2, 3, 0, False)[0].tolist() == [0, 1]
    assert pattern.weights.tolist() == [0.0, 3.0]
    dense[0, 1] = 99.0
    twice.data[:] = 99.0
    assert pattern.weights.tolist() == [0.0, 3.0]
    with pytest.raises(ValueError, match="read-only"):
        pattern.matrix.data[0] = 1.0


def test_distributions_have_their_shape():
    n = 20_000
    assert stats.kstest(sl.Uniform(-1.0, 3.0).sample(n, 1), stats.uniform(-1.0, 4.0).cdf).pvalue > 1e-3
    assert stats.kstest(sl.Normal(2.0, 0.5).sample(n, 2), stats.norm(2.0, 0.5).cdf).pvalue > 1e-3
    cut = sl.Normal(1.5, 0.75, low=0.1, high=2.5).sample(n, 3)
    assert (
        stats.kstest(cut, stats.truncnorm((0.1 - 1.5) / 0.75, (2.5 - 1.5) / 0.75, 1.5, 0.75).cdf).pvalue
        > 1e-3
    )
    assert cut.min() >= 0.1
    assert cut.max() <= 2.5
    narrow = sl.Normal(0.0, 1.0, low=1.5, high=2.0).sample(n, 4)
    assert stats.kstest(narrow, stats.truncnorm(1.5, 2.0).cdf).pvalue > 1e-3
    assert (sl.Normal(2.0, 0.0).sample(3, 1) == 2.0).all()
    assert sl.Constant(2).sample(3, 1).tolist() == [2.0, 2.0, 2.0]
    for made in (sl.Uniform(0, 1), sl.Normal(0, 1), sl.Constant(0)):
        assert made.sample(0, 1).shape == (0,)
        assert made.sample(3, 1).dtype == np.float64


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.FixedProbability(1.5), r"FixedProbability\(p=1.5\): p must lie in \[0, 1\]"),
        (lambda: sl.FixedProbability(np.nan), "p must be finite"),
        (lambda: sl.FixedIndegree(2.5), r"FixedIndegree\(k=2.5\): k must be an integer >= 0"),
        (
            lambda: sl.FixedIndegree(5, allow_multapses=False).check(4, 4, False),
            "k must be <= 4, the sources",
        ),
        (lambda: sl.FixedIndegree(4, False, False).check(4, 4, True), "k must be <= 3, the sources"),
        (lambda: sl.FixedIndegree(1, allow_autapses=False).check(1, 1, True), "k must be <= 0"),
        (lambda: sl.OneToOne().edges(2, 3, 0, False), "n_target must equal n_source=2"),
        (
            lambda: sl.FromArray(np.ones((2, 3))).check(3, 2, False),
            r"shape \(source, target\) = \(3, 2\). Transpose",
        ),
        (lambda: sl.FromArray(np.ones(3)), "matrix must have 2 axes"),
        (lambda: sl.FromArray(np.array([[1.0, 2.0], [np.nan, 1.0]])), r"matrix\[1, 0\] must be finite"),
        (lambda: sl.FromArray(sparse.csr_array(([np.inf], ([2], [1])), shape=(4, 4))), r"matrix\[2, 1\]"),
        (
            lambda: sl.FromArray(sparse.csr_array(([1.0], [7], [0, 1]), shape=(1, 1))),
            r"matrix must hold indices that lie within its shape \(1, 1\)",
        ),
        (
            lambda: sl.FromArray(sparse.csr_array((np.ones(2), [0, 1], [0, 9_999_999, 2]), shape=(2, 2))),
            "matrix must hold indices that lie",
        ),
        (lambda: sl.FromArray(np.ones((2, 2), complex)), "matrix must hold real numbers"),
        (lambda: sl.FromArray(sparse.csr_array(np.ones((2, 2), complex))), "matrix must hold real numbers"),
        (lambda: sl.Uniform(1.0, 1.0), r"Uniform\(high=1.0\): high must be > low=1.0. .*Constant"),
        (lambda: sl.Normal(0.0, -1.0), "std must be >= 0"),
        (
            lambda: sl.Normal(0.0, 1.0, low=9.0),
            r"low must leave, with high=inf, at least 2% of the distribution",
        ),
        (lambda: sl.Normal(0.0, 1.0, low=1.0, high=0.0), "high must be > low"),
        (lambda: sl.Constant(np.inf), "value must be finite"),
        (lambda: sl.DistanceDependent(np.ones(3), np.ones((3, 1)), 0.1, 1.0), r"shape \(neuron, axis\)"),
        (
            lambda: sl.DistanceDependent(np.ones((3, 2)), np.ones((3, 1)), 0.1, 1.0),
            "must have 2 axes of space",
        ),
        (lambda: sl.DistanceDependent(np.ones((3, 1)), np.ones((3, 1)), 0.1, 0.0), "lambda_ must be > 0"),
        (
            lambda: sl.DistanceDependent(np.ones((3, 1)), np.ones((3, 1)), 0.1, 1.0).check(3, 4, False),
            "have 4 rows",
        ),
    ],
)
def test_bad_values_are_refused(make, text):
    with pytest.raises(ParameterError, match=text):
        make()


@pytest.mark.parametrize("n", [63, 250])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csc_matrix])
def test_spectral_radius_is_what_was_asked_for(n, kind):
    source, target = sl.FixedProbability(0.1).edges(n, n, 4, True)
    dense = np.zeros((n, n))
    dense[source, target] = sl.Normal(0.0, 1.0).sample(source.size, 5)
    before = dense.copy()
    scaled = sl.scale_to_spectral_radius(kind(dense), 0.9)
    assert type(scaled) is type(kind(dense))
    full = scaled.toarray() if sparse.issparse(scaled) else scaled
    assert np.abs(np.linalg.eigvals(full)).max() == pytest.approx(0.9, rel=1e-9)
    assert np.array_equal(dense, before)
    assert np.array_equal(full, _dense(sl.scale_to_spectral_radius(kind(dense), 0.9)))


def test_spectral_radius_of_a_large_ring_falls_back_where_arnoldi_does_not_converge():
    # Every eigenvalue of a ring has modulus 1.
    ring = sparse.csr_array(
        (np.full(150, 2.0), (np.arange(150), (np.arange(150) + 1) % 150)), shape=(150, 150)
    )
    assert spectral_radius_of(ring) == pytest.approx(2.0, rel=1e-9)


def test_float32_stays_float32():
    assert sl.scale_to_spectral_radius(np.eye(3, dtype=np.float32), 0.5).dtype == np.float32
    assert sl.scale_to_spectral_radius(np.eye(3, dtype=int), 0.5).tolist() == (0.5 * np.eye(3)).tolist()


def test_a_matrix_without_eigenvalues_is_refused():
    with pytest.raises(
        ParameterError, match=r"must have an eigenvalue other than zero. No path of edges returns"
    ):
        sl.scale_to_spectral_radius(np.triu(np.ones((200, 200)), 1), 0.9)
    with pytest.raises(ParameterError, match="must have an eigenvalue other than zero"):
        sl.scale_to_spectral_radius(np.zeros((5, 5)), 0.9)
    with pytest.raises(ParameterError, match="matrix must be square"):
        sl.scale_to_spectral_radius(np.ones((5, 4)), 0.9)
    with pytest.raises(ParameterError, match="radius must be > 0"):
        sl.scale_to_spectral_radius(np.eye(5), 0.0)


def _dense(matrix):
    return matrix.toarray() if sparse.issparse(matrix) else matrix


def _chi2_of_counts(degree, law):
    """p-value of degrees against a law, in eight bins of about equal probability."""
    cuts = np.unique(law.ppf(np.linspace(0, 1, 9)[1:-1]))
    probability = np.diff(np.concatenate([[0.0], law.cdf(cuts), [1.0]]))
    observed = np.bincount(np.searchsorted(cuts, degree), minlength=cuts.size + 1)
    return stats.chisquare(observed, probability * degree.size).pvalue


def test_a_cycle_without_eigenvalues_cannot_be_scaled():
    """Its radius is zero, and rounding may make of it what it likes."""
    with pytest.raises(ParameterError, match="have an eigenvalue other than zero"):
        sl.scale_to_spectral_radius(np.array([[1.0, 1.0], [-1.0, -1.0]]), 0.9)
