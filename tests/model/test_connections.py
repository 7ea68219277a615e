"""Edges as arrays and as a table."""

import sys

import numpy as np
import pytest

import spikelab as sl
from spikelab.errors import ParameterError


@pytest.fixture
def edges():
    net = sl.Network(seed=1)
    cells = net.add("cells", 20, sl.LIF())
    return net.connect(cells, cells, sl.FixedIndegree(3), sl.Normal(1.0, 0.1), sl.Uniform(0.5, 2.0)).edges()


def test_four_arrays(edges):
    made = sl.Connections.of(edges)
    source, target, weight, delay_ms = made
    assert source is edges.source
    assert target is edges.target
    assert np.array_equal(weight, edges.weight)
    assert np.array_equal(delay_ms, edges.delay_ms)
    made.weight[0] = 99.0
    assert edges.weight[0] != 99.0
    assert sl.Connections.of(edges, weight=np.arange(60.0)).weight.tolist() == list(range(60))


def test_one_delay_and_none_become_arrays():
    net = sl.Network()
    cells = net.add("cells", 4, sl.LIF())
    one, none = (net.connect(cells, cells, sl.OneToOne(), delay_ms=delay).edges() for delay in (1.5, None))
    assert sl.Connections.of(one).delay_ms.tolist() == [1.5] * 4
    assert sl.Connections.of(none, least_delay_ms=0.1).delay_ms.tolist() == [0.1] * 4


def test_a_table(edges):
    pytest.importorskip("pandas")
    table = sl.Connections.of(edges).to_dataframe()
    assert list(table.columns) == ["source", "target", "weight", "delay_ms"]
    assert (table.groupby("target").size() == 3).all()


def test_a_table_needs_pandas(edges, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ParameterError, match=r"pandas must be installed. spikelab does not depend on it"):
        sl.Connections.of(edges).to_dataframe()


def test_a_simulator_hands_out_its_weights_and_least_delays():
    net = sl.Network(seed=1)
    cells, far = net.add("cells", 20, sl.LIF()), net.add("far", 20, sl.LIF())
    there = net.connect(cells, far, sl.FixedIndegree(3), sl.Normal(1.0, 0.1))
    back = net.connect(cells, cells, sl.FixedIndegree(3), delay_ms=sl.Uniform(0.5, 2.0))
    around = net.connect(cells, cells, sl.OneToOne())
    sim = sl.Simulator(net, dt_ms=0.5)
    assert np.array_equal(sim.connections(there).weight, there.edges().weight)
    assert (sim.connections(there).delay_ms == 0.0).all()
    assert (sim.connections(around).delay_ms == 0.5).all()
    assert np.array_equal(sim.connections(back).delay_ms, back.edges().delay_ms)
    sim.set_weights({there: np.arange(60.0)})
    assert np.array_equal(sim.connections(there).weight, np.arange(60.0))
