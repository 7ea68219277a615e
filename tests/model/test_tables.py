"""Tables from blocks of edges hold every edge of the recipe: delay, receptor and weight in quanta."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import spikelab as sl
from spikelab.build import build, placing, plan, streams
from spikelab.build.arrivals import ArrivalLink, partitions
from spikelab.errors import ParameterError

N_EXC, N_INH = 130, 63


def edges_of(link):
    """All edges of a link: array [column, edge] of source, target, delay, receptor, quanta; sorted."""
    columns = []
    for lo, hi, table in link.parts:
        length = np.diff(table.cell_edge.astype(np.int64))
        group = np.repeat(table.cell_group, length)
        cells = np.diff(table.cell_ptr.astype(np.int64))
        source = np.repeat(np.repeat(np.arange(link.n_source), cells), length)
        own = table.weight.astype(np.int64) << table.shift
        weight = own if table.weight.size else table.group_weight[group]
        delay, receptor = np.repeat(table.cell_delay, length), table.group_receptor[group]
        assert table.target.max(initial=0) < hi - lo
        columns.append([source, table.target.astype(np.int64) + lo, delay, receptor, weight])
        same_source = np.repeat(np.arange(link.n_source), cells)
        order = np.stack([same_source, table.cell_delay, table.cell_group]).astype(np.int64)
        assert (np.lexsort(order[::-1]) == np.arange(order.shape[1])).all()
    together = np.concatenate([np.stack(part).astype(np.int64) for part in columns], axis=1)
    return together[:, np.lexsort(together[::-1])]


def expected_edges(built, names, weights=None):
    """The same from the recipe's own lists."""
    (block,) = built.blocks
    columns = []
    for name in names:
        projection = built.net.projections[name]
        edges = projection.edges()
        weight = (weights or {}).get(name, edges.weight)
        lo, first = block.ranges[name[1]][0], block.ranges[name[0]][0]
        receptor = (weight < 0).astype(np.int64)
        target = edges.target.astype(np.int64) + lo
        units = np.rint(weight / built.quanta[0][receptor, target]).astype(np.int64)
        delay = np.rint(np.broadcast_to(edges.delay_ms, target.shape) / built.dt_ms).astype(np.int64)
        columns.append(np.stack([edges.source.astype(np.int64) + first, target, delay, receptor, units]))
    together = np.concatenate(columns, axis=1)
    return together[:, np.lexsort(together[::-1])]


WEIGHTS = {
    "constant": lambda n: 0.5,
    "by source": lambda n: sl.PerSource(np.repeat([0.25, -0.5, 1.0], -(-n // 3))[:n]),
    "drawn": lambda n: sl.Normal(0.3, 0.2),
    "listed": lambda n: np.random.default_rng(0).normal(0.0, 1.0, (n, N_EXC)),
    "rows of a list": lambda n: np.repeat(np.linspace(0.1, 2.0, n)[:, None], N_EXC, axis=1),
}
DELAYS = {"one": 1.5, "drawn": sl.Uniform(0.1, 6.0)}


def network(weight, delay):
    """Two populations of one block, whose second target has constant weights beside."""
    net = sl.Network(seed=5)
    exc, inh = net.add("exc", N_EXC, sl.LIF(synapse="exp")), net.add("inh", N_INH, sl.LIF(synapse="exp"))
    for source in (exc, inh):
        net.connect(
            source, exc, sl.FixedIndegree(12), weight=WEIGHTS[weight](source.n), delay_ms=DELAYS[delay]
        )
        net.connect(source, inh, sl.FixedProbability(0.1), weight=-0.75, delay_ms=0.3)
    net.connect(exc, exc, sl.FixedProbability(0.05), weight=0.125, delay_ms=6.5)
    return net


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("weight", WEIGHTS)
def test_tables_hold_the_edges_of_the_recipe(weight, delay, dtype, monkeypatch):
    net = network(weight, delay)
    built = build(net, 0.1, dtype, threads=3)
    own = [link for link in built.events if link.parts[0][2].weight.size]
    assert bool(own) == (weight in ("drawn", "listed"))
    for link in built.events:
        assert isinstance(link, ArrivalLink) and len(link.parts) == 3
        expected = expected_edges(built, link.projections)
        np.testing.assert_array_equal(edges_of(link), expected)
        assert (link.min_delay, link.max_delay) == (expected[2].min(), expected[2].max())
    assert {name for link in built.events for name in link.projections} == set(net.projections)
    monkeypatch.setattr(plan, "_KEPT", 0)  # edges are drawn twice
    monkeypatch.setattr(streams, "_BLOCK", 211)
    for link, again in zip(built.events, build(net, 0.1, dtype).events, strict=True):
        np.testing.assert_array_equal(edges_of(link), edges_of(again))


def test_weights_that_replace_the_recipe_go_by_edge_number():
    net = network("constant", "drawn")
    name = ("exc", "exc", 0)
    given = np.random.default_rng(1).normal(0.0, 1.0, len(net.projections[name].edges()))
    built = build(net, 0.1, weights={name: given})
    (link,) = [one for one in built.events if name in one.projections]
    assert link.projections == (name,)
    np.testing.assert_array_equal(edges_of(link), expected_edges(built, [name], {name: given}))
    for wrong in (given[:-1], np.append(given, 1.0), given[None]):
        with pytest.raises(ParameterError, match=f"have one value for each of the {given.size} edges"):
            build(net, 0.1, weights={name: wrong})


def test_quanta_are_those_of_the_largest_sum_of_weights():
    net = network("drawn", "drawn")
    built = build(net, 0.1)
    bound = np.zeros((2, N_EXC + N_INH))
    for name, projection in net.projections.items():
        edges, lo = projection.edges(), built.blocks[0].ranges[name[1]][0]
        place = (edges.weight < 0).astype(int), edges.target.astype(int) + lo
        np.add.at(bound, place, np.abs(edges.weight))
    for lo, hi in built.blocks[0].ranges.values():
        for receptor in range(2):
            most = bound[receptor, lo:hi].max()
            expected = 2.0 ** (np.floor(np.log2(most)) + 1 - 30) if most else 1.0
            assert (built.quanta[0][receptor, lo:hi] == expected).all()


def test_long_delays_and_many_weights_take_wider_kinds():
    net = sl.Network(seed=1)
    cells = net.add("cells", 90, sl.LIF(synapse="exp"))
    weight = sl.PerSource(np.linspace(0.1, 1.0, 90))
    net.connect(cells, cells, sl.FixedIndegree(20), weight=weight, delay_ms=sl.Uniform(1.0, 300.0))
    built = build(net, 0.1)
    (link,) = built.events
    assert not link.parts[0][2].weight.size and link.parts[0][2].group_weight.size == 90
    np.testing.assert_array_equal(edges_of(link), expected_edges(built, link.projections))


def test_drawn_weights_are_not_taken_for_one_where_a_block_has_one_edge(monkeypatch):
    net = sl.Network(seed=1)
    cells = net.add("cells", 90, sl.LIF(synapse="exp"))
    net.connect(cells, cells, sl.FixedIndegree(20), weight=sl.Normal(0.5, 0.1), delay_ms=1.0)
    monkeypatch.setattr(streams, "_BLOCK", 90 * 20 - 1)
    built = build(net, 0.1)
    np.testing.assert_array_equal(
        edges_of(built.events[0]), expected_edges(built, built.events[0].projections)
    )


def test_more_weights_than_groups_stand_with_their_edges(monkeypatch):
    monkeypatch.setattr(placing, "_MOST_GROUPS", 3)
    net = network("rows of a list", "drawn")
    built = build(net, 0.1)
    for link in built.events:
        np.testing.assert_array_equal(edges_of(link), expected_edges(built, link.projections))
    assert any(link.parts[0][2].weight.size for link in built.events)


def test_a_projection_without_edges_waits_for_nothing():
    net = sl.Network(seed=1)
    cells = net.add("cells", 90, sl.LIF(synapse="exp"))
    net.connect(cells, cells, sl.FixedProbability(0.0), weight=0.5, delay_ms=1.0)
    net.connect(cells, cells, sl.FixedIndegree(3), weight=0.5, delay_ms=2.0)
    (link,) = build(net, 0.1).events
    assert link.edges == 270 and (link.min_delay, link.max_delay) == (20, 20)


def test_weights_on_a_grid_take_32_bits_of_64():
    net = sl.Network(seed=1)
    cells = net.add("cells", 90, sl.LIF(synapse="exp"))
    weight = np.random.default_rng(0).integers(1, 2**12, (90, 90)) / 64.0
    net.connect(cells, cells, sl.FixedIndegree(20), weight=weight, delay_ms=1.0)
    built = build(net, 0.1, "float64")
    (link,) = built.events
    assert link.parts[0][2].weight.dtype == np.int32 and link.parts[0][2].shift > 30
    np.testing.assert_array_equal(edges_of(link), expected_edges(built, link.projections))


@pytest.mark.parametrize(
    ("n", "threads", "edges"), [(1, 1, 0), (63, 4, 0), (1000, 3, 0), (200_000, 2, 0), (9000, 1, 2**33)]
)
def test_ranges_cover_all_targets_in_whole_words(n, threads, edges):
    ranges = partitions(n, threads, edges)
    assert ranges[0][0] == 0 and ranges[-1][1] == n
    assert all(a[1] == b[0] and a[1] % 64 == 0 for a, b in pairwise(ranges))
    assert all(0 < hi - lo <= 2**16 for lo, hi in ranges)
    assert len(ranges) == min(-(-n // 64), max(threads, -(-n // 2**16), -(-edges // 2**31)))


def test_tables_that_cannot_fit_are_refused_with_the_figure(monkeypatch):
    monkeypatch.setattr("spikelab.build.memory.physical_memory", lambda: 10_000)
    with pytest.raises(
        ParameterError, match=r"net must fit into the 0\.0 GB .* tables of up to [\d,]+ synapses"
    ):
        build(network("drawn", "drawn"), 0.1)


def test_state_counts_beside_the_tables_before_anything_is_built(monkeypatch):
    monkeypatch.setattr("spikelab.build.memory.physical_memory", lambda: 100_000_000)
    build(network("drawn", "drawn"), 0.1)
    with pytest.raises(ParameterError, match=r"synapses and [\d.]+ GB of state"):
        build(network("drawn", "drawn"), 0.1, batch=1_000_000)


def test_no_block_of_edges_outlives_the_build():
    net = network("constant", "one")
    bytes_an_edge = [link.nbytes / link.edges for link in build(net, 0.1).events]
    assert max(bytes_an_edge) < 6  # of short cells here; 2 for a target, and nothing for a weight
