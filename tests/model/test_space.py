"""Positions, patterns and values that depend on distance, and values per source."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

import spikelab as sl
from spikelab.errors import ParameterError


def two(positions, other=None, n=(400, 400), seed=2):
    """A network of two populations in space."""
    net = sl.Network(seed=seed)
    other = positions if other is None else other
    return net, net.add("one", n[0], sl.LIF(), positions), net.add("two", n[1], sl.LIF(), other)


def test_grids_stand_as_in_nest():
    flat = sl.Grid((3, 2), extent=(3.0, 1.0), center=(1.0, 0.0)).coordinates(6, 0)
    assert flat.tolist() == [[0, 0.25], [0, -0.25], [1, 0.25], [1, -0.25], [2, 0.25], [2, -0.25]]
    deep = sl.Grid((2, 2, 2)).coordinates(8, 0)
    assert deep[1].tolist() == [-0.25, 0.25, 0.25]
    assert deep[2].tolist() == [-0.25, -0.25, -0.25]
    assert deep[4].tolist() == [0.25, 0.25, -0.25]


def test_free_positions_are_kept_or_drawn_from_the_seed():
    values = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(sl.FreePositions(values).coordinates(3, 0), values)
    values[0] = 99.0
    drawn = sl.FreePositions(sl.Uniform(-0.5, 0.5), axes=3, extent=(1, 1, 1), periodic=True)
    net, one, other = two(drawn)
    assert one.coordinates().shape == (400, 3)
    assert np.array_equal(one.coordinates(), net.clone().populations["one"].coordinates())
    assert not np.array_equal(one.coordinates(), other.coordinates())
    assert not np.array_equal(one.coordinates(), two(drawn, seed=3)[1].coordinates())
    assert stats.kstest(one.coordinates().ravel(), stats.uniform(-0.5, 1.0).cdf).pvalue > 1e-3
    assert sl.Network().add("plain", 3, sl.LIF()).coordinates() is None


LAWS = [
    (0.3, lambda d: np.where(d <= 0.35, 0.3, 0.0), 0.35),
    (sl.GaussianOfDistance(0.9, 0.15), lambda d: 0.9 * np.exp(-0.5 * (d / 0.15) ** 2), None),
    (sl.ExponentialOfDistance(0.9, 0.1), lambda d: 0.9 * np.exp(-d / 0.1), None),
    (
        sl.GaussianOfDistance(0.5, 0.2, base=0.1),
        lambda d: (d <= 0.4) * (0.1 + 0.5 * np.exp(-0.5 * (d / 0.2) ** 2)),
        0.4,
    ),
    (sl.LinearOfDistance(0.8, -2.0), lambda d: np.clip(0.8 - 2.0 * d, 0.0, 1.0), None),
    (sl.LinearOfDistance(0.0, 1.0, high=0.4), lambda d: np.minimum(d, 0.4), None),
]


@pytest.mark.parametrize("space", [
    sl.Grid((20, 20), periodic=True),
    sl.Grid((20, 20)),
    sl.FreePositions(sl.Normal(0.0, 0.2)),
    sl.FreePositions(sl.Uniform(-0.5, 0.5), axes=3, extent=(1.0, 1.0, 1.0), periodic=True),
], ids=repr)  # fmt: skip
@pytest.mark.parametrize("law", LAWS, ids=lambda law: repr(law[0]))
def test_the_number_of_edges_at_each_distance(space, law):
    net, one, other = two(space)
    made = net.connect(one, other, sl.Spatial(law[0], radius=law[2]))
    edges = made.edges()
    gap = np.abs(one.coordinates()[:, None] - other.coordinates())
    if space.periodic:
        gap = np.minimum(gap, 1.0 - gap)
    # On a grid pairs stand at the radius itself; rounding must not decide about them.
    apart = np.linalg.norm(gap, axis=-1) - 1e-12
    probability = law[1](apart)
    matrix = np.zeros(apart.shape)
    matrix[edges.source, edges.target] = 1
    assert len(edges) == matrix.sum()
    assert not matrix[probability == 0.0].any()
    cuts = np.quantile(apart, np.linspace(0, 1, 9))
    z = [
        (matrix[ring].sum() - probability[ring].sum())
        / np.sqrt(max((probability * (1 - probability))[ring].sum(), 1.0))
        for ring in ((apart >= lo) & (apart < hi) for lo, hi in pairwise(cuts))
    ]
    assert np.abs(z).max() < 4.0


def test_a_recurrent_pattern_without_autapses_and_in_blocks():
    net = sl.Network(seed=4)
    cells = net.add("cells", 400, sl.LIF(), sl.Grid((20, 20), periodic=True))
    made = net.connect(cells, cells, sl.Spatial(1.0, radius=0.05, allow_autapses=False))
    edges = made.edges()
    # The four neighbours of each cell, at just the radius.
    assert (np.bincount(edges.source) == 4).all()
    assert (np.bincount(edges.target) == 4).all()
    assert (edges.source != edges.target).all()
    assert np.array_equal(np.concatenate([block.target for block in made.edge_blocks(450)]), edges.target)
    assert made.edge_count() is None
    assert made.edge_bound() == 1600


@pytest.mark.parametrize("space", [
    sl.Grid((60, 50), periodic=True),
    sl.FreePositions(sl.Normal(0.0, 0.2)),
    sl.FreePositions(sl.Uniform(-0.5, 0.5), axes=3, extent=(1.0, 1.0, 1.0), periodic=True),
], ids=repr)  # fmt: skip
@pytest.mark.parametrize("law", [*LAWS[:3], LAWS[5]], ids=lambda law: repr(law[0]))
def test_bounds_of_many_pairs_hold_without_drawing(space, law):
    net = sl.Network(seed=4)
    cells = net.add("cells", 3000, sl.LIF(), space)
    made = net.connect(cells, cells, sl.Spatial(law[0], radius=law[2]))
    edges = sum(block.source.size for block in made.edge_blocks())
    assert edges <= made.edge_bound() <= min(4 * edges, 9_000_000)


@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("kind", [sl.SpatialIndegree, sl.SpatialOutdegree])
def test_degrees_in_space_are_exact_and_near(kind, autapses, multapses):
    net = sl.Network(seed=4)
    cells = net.add("cells", 400, sl.LIF(), sl.Grid((20, 20), periodic=True))
    law = sl.GaussianOfDistance(0.5, 0.1)
    made = net.connect(cells, cells, kind(8, autapses, multapses, probability=law, radius=0.16))
    edges = made.edges()
    assert made.edge_count() == len(edges) == 3200
    degree = np.bincount(edges.target if kind is sl.SpatialIndegree else edges.source, minlength=400)
    assert (degree == 8).all()
    gap = np.abs(cells.coordinates()[edges.source] - cells.coordinates()[edges.target])
    assert np.linalg.norm(np.minimum(gap, 1.0 - gap), axis=1).max() < 0.16 + 1e-9
    steps = np.diff(edges.source.astype(np.int64) * 400 + edges.target)
    assert (steps >= 0).all()
    assert (steps > 0).all() == (not multapses)
    assert (edges.source == edges.target).any() == autapses
    for size in (77, 1000):
        pieces = list(made.edge_blocks(size))
        assert np.array_equal(np.concatenate([block.source for block in pieces]), edges.source)
        assert np.array_equal(np.concatenate([block.target for block in pieces]), edges.target)


def test_a_neuron_with_too_few_neighbours_is_named():
    place = np.zeros((5, 2))
    place[3] = 9.0
    net = sl.Network()
    cells = net.add("cells", 5, sl.LIF(), sl.FreePositions(place))
    made = net.connect(cells, cells, sl.SpatialIndegree(2, allow_autapses=False, radius=1.0))
    with pytest.raises(ParameterError, match=r"k must leave target 3 enough sources to choose from. Lower k"):
        made.edges()


def test_weights_and_delays_follow_distance():
    fine, coarse = (sl.Grid((side, side), extent=(2.0, 2.0), periodic=True) for side in (20, 10))
    net, one, other = two(fine, coarse, (400, 100))
    delay = sl.LinearOfDistance(start=0.5, slope=2.0)
    made = net.connect(one, other, sl.FixedIndegree(30), sl.GaussianOfDistance(1.0, 0.4, base=0.2), delay)
    edges = made.edges()
    gap = np.abs(one.coordinates()[edges.source] - other.coordinates()[edges.target])
    apart = np.linalg.norm(np.minimum(gap, 2.0 - gap), axis=1)
    assert edges.weight == pytest.approx(0.2 + np.exp(-0.5 * (apart / 0.4) ** 2), rel=1e-12)
    assert edges.delay_ms == pytest.approx(0.5 + 2.0 * apart, rel=1e-12)
    assert apart.max() > 1.2
    assert made.per_source_weight() is None


def test_functions_of_distance_can_be_called():
    assert sl.GaussianOfDistance(2.0, 1.0).at([0.0, 1.0]) == pytest.approx([2.0, 2.0 * np.exp(-0.5)])
    assert sl.LinearOfDistance(1.0, -1.0, low=0.0).at(np.array([[0.5], [2.0]])).tolist() == [[0.5], [0.0]]
    assert sl.GaussianOfDistance(-2.0, 1.0, base=1.0).bounds == (-1.0, 1.0)
    assert sl.LinearOfDistance(1.0, -1.0, low=0.0).bounds == (0.0, 1.0)
    assert sl.LinearOfDistance(1.0, 2.0).bounds == (1.0, np.inf)


def test_all_edges_of_a_source_share_a_value():
    net, one, other = two(None)
    given = np.linspace(-1.0, 1.0, 400)
    for values in (given, sl.LogNormal(0.0, 0.5), sl.Constant(3.0)):
        made = net.connect(one, other, sl.FixedProbability(0.1), sl.PerSource(values), sl.PerSource(given**2))
        edges, weights = made.edges(), made.per_source_weight()
        assert np.array_equal(edges.weight, weights[edges.source])
        assert np.array_equal(edges.delay_ms, (given**2)[edges.source])
        if values is given:
            assert np.array_equal(weights, given)
        pieces = [made.weights_in(block) for block in made.edge_blocks(700)]
        assert np.array_equal(np.concatenate(pieces), edges.weight)
    assert net.connect(one, other, weight=2.0).per_source_weight() is None
    rate = sl.Network().add("rate", 30, sl.LeakyTanh())
    made = rate._network.connect(
        rate, rate, sl.FixedIndegree(5), sl.PerSource(sl.Normal(0, 1)), spectral_radius=0.5
    )
    edges = made.edges()
    assert np.array_equal(edges.weight, made.per_source_weight()[edges.source])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.Grid((3,)), r"Grid\(shape=\(3,\)\): shape must have two or three numbers"),
        (lambda: sl.Grid((3, 0)), r"shape\[1\] must be an integer >= 1"),
        (lambda: sl.Grid((3, 3), extent=(1.0,)), "extent must have 2 numbers, one for each axis"),
        (lambda: sl.Grid((3, 3), extent=(1.0, 0.0)), r"extent\[1\] must be > 0"),
        (lambda: sl.Network().add("a", 8, sl.LIF(), sl.Grid((3, 3))), "shape must hold n=8 neurons"),
        (lambda: sl.Network().add("a", 8, sl.LIF(), (3, 3)), "positions must be positions or None. Pass sp"),
        (lambda: sl.FreePositions([1.0, 2.0]), r"values must have shape \(neuron, axis\)"),
        (lambda: sl.FreePositions([[1.0, np.nan]]), r"values\[0, 1\] must be finite"),
        (lambda: sl.FreePositions([[1.0]]), "axes must be 2 or 3"),
        (lambda: sl.FreePositions(np.ones((3, 2)), axes=3), "axes must be 2 or 3, as the coordinates have"),
        (lambda: sl.FreePositions([[0, 0], [0, 2]], extent=(1, 1)), r"values\[1, 1\] must lie within ext"),
        (lambda: sl.FreePositions(sl.Uniform(0, 1), periodic=True), "extent must be given where space"),
        (lambda: two(sl.FreePositions([[0, 0], [0, 2]])), "values must have 400 rows, one for each neuron"),
        (lambda: sl.Spatial("near"), "probability must be a real number. Give a number, or a function"),
        (lambda: sl.Spatial(1.5), r"probability must lie in \[0, 1\]"),
        (lambda: sl.Spatial(0.5, radius=0.0), "radius must be > 0"),
        (lambda: sl.Spatial(0.5).edges(3, 3, 0, True), "positions must be known to draw edges"),
        (lambda: sl.SpatialIndegree(3, radius=-1.0), "radius must be > 0"),
        (lambda: sl.SpatialOutdegree(2.5), "k must be an integer >= 0"),
        (lambda: sl.SpatialIndegree(3).edges(3, 3, 0, True), "positions must be known to draw edges"),
        (lambda: sl.SpatialIndegree(4, allow_multapses=False).check(3, 3, True), "k must be <= 3, the"),
        (lambda: sl.GaussianOfDistance(1.0, 0.0), "std must be > 0"),
        (lambda: sl.ExponentialOfDistance(np.inf, 1.0), "peak must be finite"),
        (lambda: sl.LinearOfDistance(1.0, 1.0, low=2.0, high=1.0), "high must be > low=2.0"),
        (lambda: sl.PerSource([[1.0]]), "values must have one axis, source, or be a distribution"),
        (lambda: sl.PerSource([1.0, np.nan]), r"values\[1\] must be finite"),
        (lambda: sl.PerSource("a"), "values must be a real number. Give an array"),
    ],
)  # fmt: skip
def test_bad_values_are_refused(make, text):
    with pytest.raises(ParameterError, match=text):
        make()


GRID, FREE = sl.Grid((20, 20)), sl.FreePositions(sl.Uniform(0.0, 1.0), axes=3)


@pytest.mark.parametrize(
    ("ends", "options", "text"),
    [
        ((None, None), {"pattern": sl.Spatial(0.5)}, "positions must be given for 'one', which depends"),
        ((GRID, None), {"weight": sl.LinearOfDistance(1, 1)}, "positions must be given for 'two'"),
        ((None, GRID), {"delay_ms": sl.LinearOfDistance(1, 1)}, "positions must be given for 'one'"),
        ((GRID, FREE), {"pattern": sl.Spatial(0.5)}, "have as many axes as the source, and the same period"),
        ((GRID, sl.Grid((20, 20), periodic=True)), {"pattern": sl.Spatial(0.5)}, "the same period or none"),
        ((GRID, GRID), {"delay_ms": sl.LinearOfDistance(1, -2)}, "delay_ms must be >= 0 ms throughout"),
        ((GRID, GRID), {"weight": sl.PerSource(np.ones(3))}, "weight must have 400, one for each source"),
        ((GRID, GRID), {"delay_ms": sl.PerSource([-1.0] * 400)}, "delay_ms must be >= 0 ms throughout"),
        (
            (GRID, GRID),
            {"weight": sl.PerSource([-1.0] * 400), "receptor": "exc"},
            "weight must be >= 0 for receptor='exc'",
        ),
        (
            (GRID, GRID),
            {"pattern": sl.FromArray(np.eye(400)), "weight": sl.PerSource(np.ones(400))},
            "weight must be a number with FromArray",
        ),
    ],
)  # fmt: skip
def test_bad_connections_are_refused_and_leave_no_trace(ends, options, text):
    net = sl.Network()
    cell = sl.LIF(synapse="exp")
    one, other = (net.add(name, 400, cell, end) for name, end in zip(("one", "two"), ends, strict=True))
    with pytest.raises(ParameterError, match=text):
        net.connect(one, other, **options)
    assert not net.projections


def test_repr_shows_space_and_synapses():
    net, one, other = two(sl.Grid((20, 20), periodic=True))
    net.connect(one, other, sl.Spatial(0.5), sl.PerSource(np.ones(400)), failure_probability=0.2)
    text = repr(net)
    assert "LIF, Grid(shape=(20, 20), " in text
    assert "Spatial(probability=0.5), weight PerSource(...), fails with probability 0.2" in text
