"""From recipe to arrays: delays and refractory steps by hand, quanta at their bound, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import spikelab as sl
from spikelab.build import build
from spikelab.build.links import ArrivalLink, DenseLink

from .nets import NETS, assert_equal, run, simulator, values

RELAY = {"threshold": 0.5, "beta": 0.0}  # fires in the step in which a spike of weight 1 arrives


def impulse(steps=20, n=1, at=0):
    x = np.zeros((steps, 1, n))
    x[at] = 1
    return x


def fired(net, x, dt_ms=1.0, **options):
    """Steps in which each population fired."""
    result = sl.Simulator(net, dt_ms, **options).run(inputs={"in": x})
    return {name: sorted(set(part.spikes.step.tolist())) for name, part in result.items()}


@pytest.fixture(params=["cpu", "reference"])
def device(request):
    return request.param


class TestDelays:
    @pytest.mark.parametrize("delay_ms, steps", [(None, 0), (0.0, 0), (1.0, 1), (7.0, 7)])
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_a_spike_of_step_k_arrives_in_step_k_plus_d(self, delay_ms, steps, dtype, device):
        net = sl.Network()
        cell = net.add("cell", 1, sl.LIF(tau_ref_ms=0.0))
        net.connect(net.input("in", 1, sl.SpikeInput()), cell, weight=3.0, delay_ms=delay_ms)
        sim = sl.Simulator(net, 1.0, dtype=dtype, device=device)
        v = sim.run(inputs={"in": impulse(at=4)}, record=sl.Record(traces=["v_mv"]))["cell"]["v_mv"]
        expected = np.zeros(20)
        expected[4 + steps :] = 3.0 * np.exp(-np.arange(16 - steps) / 10.0)
        np.testing.assert_allclose(v[:, 0, 0] + 70.0, expected, atol=1e-4)

    def test_layers_fire_in_one_step_whatever_the_order_of_their_adding(self, device):
        net = sl.Network()
        names = ["d", "b", "a", "c"]
        cells = {name: net.add(name, 2, sl.LIF.unitless(**RELAY)) for name in names}
        for source, target in ("cd", "ab", "bc"):
            net.connect(cells[source], cells[target], sl.OneToOne())
        net.connect(net.input("in", 2, sl.SpikeInput()), cells["a"], sl.OneToOne())
        assert fired(net, impulse(n=2, at=3), device=device) == {name: [3] for name in names}
        assert [c.populations for c in build(net, 1.0).order] == [("a",), ("b",), ("c",), ("d",)]

    def test_delays_add_up_along_a_path_and_around_a_loop(self, device):
        net = sl.Network()
        inp = net.input("in", 1, sl.SpikeInput())
        a, b, c = (net.add(name, 1, sl.LIF.unitless(**RELAY)) for name in "abc")
        net.connect(inp, a, delay_ms=2.0)
        net.connect(a, b, delay_ms=3.0)
        net.connect(b, a)  # on a cycle: one step
        net.connect(b, c)  # off it: none
        expected = {"a": [2, 6, 10, 14, 18], "b": [5, 9, 13, 17], "c": [5, 9, 13, 17]}
        assert fired(net, impulse(), device=device) == expected

    def test_edges_of_one_projection_have_their_own_delays(self, device):
        net = sl.Network()
        cells = net.add("cells", 3, sl.LIF.unitless(**RELAY))
        inp = net.input("in", 2, sl.SpikeInput())
        net.connect(inp, cells, delay_ms=np.array([[1.0, 4.0, 0.0], [2.0, 4.0, 11.0]]))
        dense = sl.Simulator(net, 1.0, device=device).run(inputs={"in": impulse(n=2)})["cells"].spikes.dense()
        assert [np.flatnonzero(dense[:, 0, i]).tolist() for i in range(3)] == [[1, 2], [4], [0, 11]]

    def test_arrivals_of_many_steps_meet(self, device):
        net = sl.Network()
        pool = net.add("pool", 1, sl.LeakyIntegrator(tau_mem_ms=1e9))
        inp = net.input("in", 1, sl.SpikeInput())
        for delay in (0.0, 1.0, 5.0):
            net.connect(inp, pool, weight=2.0**delay, delay_ms=delay)
        sim = sl.Simulator(net, 1.0, device=device)
        v = sim.run(inputs={"in": impulse(8, at=1)}, record=sl.Record(traces=["v"]))["pool"]["v"][:, 0, 0]
        np.testing.assert_allclose(v, [0, 1, 3, 3, 3, 3, 35, 35], rtol=1e-6)

    def test_a_delay_longer_than_a_chunk(self):
        net = sl.Network()
        cell = net.add("cell", 1, sl.LIF.unitless(**RELAY))
        net.connect(net.input("in", 1, sl.SpikeInput()), cell, delay_ms=300.0)
        sim = sl.Simulator(net, 1.0)
        sim._engine.chunk = 256
        steps = sim.run(inputs={"in": impulse(700) + impulse(700, at=390)})["cell"].spikes.step
        assert steps.tolist() == [300, 690]

    def test_no_delay_around_a_cycle_is_refused(self):
        net = sl.Network()
        a, b = (net.add(name, 3, sl.LIF()) for name in "ab")
        net.connect(a, b, delay_ms=1.0)
        net.connect(b, a, delay_ms=0.0)
        text = r"connect\('b', 'a'\)\(delay_ms=0\.0\): delay_ms must be at least one step of 0\.1 ms, because"
        with pytest.raises(sl.ParameterError, match=text):
            sl.Simulator(net)

    def test_a_distribution_may_not_fall_below_a_step_on_a_cycle(self):
        net = sl.Network()
        cells = net.add("cells", 20, sl.LIF())
        net.connect(cells, cells, delay_ms=sl.Uniform(0.01, 3.0))
        with pytest.raises(
            sl.ParameterError, match=r"at least one step of 0\.5 ms.*Use delay_ms=0\.5 or more"
        ):
            sl.Simulator(net, 0.5)

    def test_a_delay_off_the_grid_warns_to_what_it_is_rounded(self):
        net = sl.Network()
        cells = net.add("cells", 2, sl.LIF(tau_ref_ms=1.0))
        net.connect(cells, cells, delay_ms=1.3)
        text = re.escape("1.3 ms is not a multiple of dt_ms=0.5; rounded to 1.5 ms (3 steps)")
        with pytest.warns(UserWarning, match=text):
            assert [link.max_delay for link in build(net, 0.5).events] == [3]

    def test_a_delay_beyond_what_a_row_holds(self):
        net = sl.Network()
        cells = net.add("cells", 2, sl.LIF())
        net.connect(cells, cells, delay_ms=7000.0)
        with pytest.raises(sl.ParameterError, match=r"be at most 65535 steps\. Use a larger dt_ms"):
            sl.Simulator(net)


@pytest.mark.parametrize("tau_ref_ms", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("synapse, weight", [("delta", 20.0), ("exp", 9000.0)])
def test_refractory_steps_are_counted(tau_ref_ms, synapse, weight, device):
    # A spike that suffices in every step: the cell fires, rests for the steps, and fires again.
    net = sl.Network()
    cell = net.add("cell", 1, sl.LIF(synapse=synapse, tau_ref_ms=tau_ref_ms))
    net.connect(net.input("in", 1, sl.SpikeInput()), cell, weight=weight)
    steps = fired(net, np.ones((20, 1, 1)), device=device)["cell"]
    first = 0 if synapse == "delta" else 1  # a current moves the membrane in the step after
    assert steps == list(range(first, 20, 1 + int(tau_ref_ms)))


class TestQuanta:
    @pytest.mark.parametrize("dtype, bits", [("float32", 30), ("float64", 62)])
    @pytest.mark.parametrize("weight", [1.0, 1.0 - 2.0**-30, 0.7, 1e-20, 1e20])
    def test_sums_at_the_bound_do_not_overflow(self, dtype, bits, weight, device):
        n = 1000
        net = sl.Network()
        pool = net.add("pool", 2, sl.LeakyIntegrator())
        inp = net.input("in", n, sl.SpikeInput())
        net.connect(inp, pool, weight=weight)
        net.connect(inp, pool, sl.FixedIndegree(n, allow_multapses=True), weight=weight)
        built = build(net, 1.0, dtype)
        quantum = built.quanta[0][0, 0]
        assert 2 * n * weight / quantum < 2.0**bits <= 4 * n * weight / quantum
        sim = sl.Simulator(net, 1.0, dtype=dtype, device=device)
        v = sim.run(inputs={"in": np.ones((1, 1, n))}, record=sl.Record(traces=["v"]))["pool"]["v"]
        np.testing.assert_allclose(
            v, 2 * n * weight, rtol=2.0**-23 if dtype == "float32" else 2.0**-52, atol=n * quantum
        )

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_a_drive_counts_towards_the_bound(self, dtype):
        net = sl.Network()
        pool = net.add("pool", 63, sl.LeakyIntegrator(tau_mem_ms=1e-3))
        net.drive(pool, sl.PoissonDrive(rate_hz=1e5, weight=-3.0))
        net.connect(net.input("in", 1, sl.SpikeInput()), pool, weight=-500.0)
        sim = sl.Simulator(net, 1.0, dtype=dtype)
        v = sim.run(inputs={"in": np.ones((200, 1, 1))}, record=sl.Record(traces=["v"]))["pool"]["v"]
        counts = (v + 500.0) / -3.0
        np.testing.assert_allclose(counts, np.rint(counts), atol=2e-4)
        assert counts.mean() == pytest.approx(100.0, abs=1.0)
        assert counts.var() == pytest.approx(100.0, rel=0.1)

    def test_small_weights_survive_beside_large_ones_of_another_receptor(self):
        net = sl.Network()
        cells = net.add("cells", 1, sl.LIF(synapse="exp"))
        inp = net.input("in", 1, sl.SpikeInput())
        net.connect(inp, cells, weight=1e-6)
        net.connect(inp, cells, weight=-1e6)
        sim = sl.Simulator(net, 1.0)
        result = sim.run(inputs={"in": impulse(1)}, record=sl.Record(traces=["i_exc_pa", "i_inh_pa"]))[
            "cells"
        ]
        assert result["i_exc_pa"][0, 0, 0] == np.float32(1e-6)
        assert result["i_inh_pa"][0, 0, 0] == -1e6


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dense_and_sparse_links_give_the_same_spikes(dtype):
    weight = np.random.default_rng(0).uniform(0.3, 3.0, (12, 63))
    results = []
    for kind in (DenseLink, ArrivalLink):
        net = sl.Network()
        cells = net.add("cells", 63, sl.LIF())
        inp = net.input("in", 12, sl.SpikeInput())
        if kind is DenseLink:
            net.connect(inp, cells, weight=weight, delay_ms=2.0)
        else:  # the same in two halves
            for half in (slice(0, 5), slice(5, 12)):
                part = np.zeros_like(weight)
                part[half] = weight[half]
                net.connect(inp, cells, sl.FromArray(part), delay_ms=2.0)
        sim = simulator(net, 2, dtype=dtype)
        assert [type(link) for link in sim._built.events] == [kind]
        spikes = {"in": values(60, 2, 12) < 0.1}
        results.append(sim.run(inputs=spikes, record=sl.Record(traces=["v_mv"])))
    assert len(results[0]["cells"].spikes) > 50
    assert_equal(*results)


def test_one_cell_in_one_row_has_a_state_of_its_own():
    # broadcasting has nothing to copy here, and the initial values are the recipe's own array
    net = sl.Network()
    cells = net.add("cells", 3, sl.LIF(v_init_mv=np.array([-60.0, -61.0, -62.0])))
    alone = net.add("alone", 1, sl.LIF.unitless())
    sim = sl.Simulator(net, 1.0, dtype="float64")
    first = sim.run(5.0, record=sl.Record(traces=["v_mv"]))
    sim.reset()
    assert sim.state()["cells"]["v_mv"].tolist() == [[-60.0, -61.0, -62.0]]
    assert_equal(first, sim.run(5.0, record=sl.Record(traces=["v_mv"])))
    assert cells.neuron.v_init_mv.tolist() == [-60.0, -61.0, -62.0] and alone.n == 1


def test_the_recipe_is_copied():
    net, data = NETS["layers"](2)
    sim = simulator(net, 2)
    net.connect(net.populations["one"], net.populations["two"], weight=100.0)
    assert_equal(run("layers"), sim.run(inputs=data, record=sl.Record(traces=["v_mv"])))


def test_parameters_may_differ_between_neurons_and_populations():
    net = sl.Network()
    one = net.add("one", 2, sl.LIF(tau_mem_ms=np.array([5.0, 20.0]), v_init_mv=-60.0))
    two = net.add("two", 1, sl.LIF(tau_mem_ms=50.0, v_init_mv=-60.0))
    net.connect(one, two)
    net.connect(two, one)
    sim = sl.Simulator(net, 1.0, dtype="float64")
    assert len(sim._built.blocks) == 1  # of one model on one cycle: one kernel call
    result = sim.run(10.0, record=sl.Record(traces=["v_mv"]))
    together = np.concatenate([result[p]["v_mv"][-1, 0] for p in (one, two)])
    np.testing.assert_allclose(
        together + 70.0, 10.0 * np.exp(-10.0 / np.array([5.0, 20.0, 50.0])), rtol=1e-12
    )


def test_default_time_steps():
    for neuron, dt_ms in ((sl.LIF(), 0.1), (sl.LIF.unitless(), 1.0), (sl.LeakyTanh(), 1.0)):
        net = sl.Network()
        net.add("cells", 1, neuron)
        assert sl.Simulator(net).dt_ms == dt_ms


def two_inputs(encoder=None):
    net = sl.Network()
    cells = net.add("cells", 3, sl.LIF())
    net.connect(net.input("a", 2, encoder), cells)
    net.connect(net.input("b", 4, sl.PoissonEncoder(), frame_ms=5.0), cells)
    return net


GOOD = {"a": np.zeros((10, 2, 2)), "b": np.zeros((2, 2, 4))}


def with_bad(name, array):
    return {**GOOD, name: array}


def bad_place():
    array = np.zeros((10, 2, 2))
    array[7, 1, 0] = np.nan
    return array


BAD_DATA = {
    r"inputs\['a'\] must have three axes \[time, batch, feature\], not 2\. Pass x\[:, None, :\]": with_bad(
        "a", np.zeros((10, 2))
    ),
    r"not 1\. Pass x\.reshape\(time, batch, feature\)": with_bad("a", np.zeros(10)),
    r"array of shape \(10, 3, 2\).*must have 2 batch rows, as the simulator\. Make it with Simulator": (
        with_bad("a", np.zeros((10, 3, 2)))
    ),
    r"array of shape \(2, 2, 5\).*must have 4 features, as the input": with_bad("b", np.zeros((2, 2, 5))),
    r"array of shape \(0, 2, 2\).*must have at least one row of time": with_bad("a", np.zeros((0, 2, 2))),
    r"inputs\['a'\]\[7, 1, 0\]=nan\): inputs\['a'\]\[7, 1, 0\] must be finite": with_bad("a", bad_place()),
    r"inputs\['a'\] must hold real numbers": with_bad("a", np.zeros((10, 2, 2), complex)),
    r"inputs\['a'\] must be a regular array": with_bad("a", [[1.0], [1.0, 2.0]]),
    r"inputs='c'\): inputs must name an input of the network\. It has 'a', 'b'": with_bad("c", np.zeros(3)),
    r"inputs must hold data for 'b'\. Pass inputs=\{'b': x\}": {"a": GOOD["a"]},
    r"inputs\['b'\]='15 ms'\): inputs\['b'\] must agree with a, which lasts 10 ms": with_bad(
        "b", np.zeros((3, 2, 4))
    ),
    r"inputs must map names of inputs to arrays\. Pass inputs=\{'a': x\}": GOOD["a"],
}


@pytest.mark.parametrize("text", BAD_DATA)
def test_bad_data_are_named(text):
    sim = sl.Simulator(two_inputs(), 1.0, batch=2)
    with pytest.raises(sl.ParameterError, match=text):
        sim.run(inputs=BAD_DATA[text])
    assert sim.time_ms == 0.0
    sim.run(inputs=GOOD)


@pytest.mark.parametrize(
    "options, text",
    [
        ({"duration_ms": 12.0}, r"inputs\['a'\] must agree with duration_ms, which lasts 12 ms"),
        ({"duration_ms": -1.0}, "duration_ms must be >= 0 ms"),
        ({"duration_ms": float("nan")}, "duration_ms must be finite"),
        (
            {"sample_ids": [1]},
            r"sample_ids must be 2 integers in 0 \.\.\. 2\*\*32 - 1, one for each batch row",
        ),
        ({"sample_ids": [0, -1]}, "sample_ids must be 2 integers"),
        ({"sample_ids": [0, 2**32]}, "sample_ids must be 2 integers"),
        ({"sample_ids": [0.5, 1.0]}, "sample_ids must be 2 integers"),
        ({"record": "v_mv"}, r"record must be a Record\. Write Record\(traces=\[\"v_mv\"\]\)"),
        ({"record": sl.Record(traces=["u"])}, r"traces='u'.*There are 'ref', 'v_mv'"),
    ],
)
def test_bad_options_of_a_run(options, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.Simulator(two_inputs(), 1.0, batch=2).run(inputs=GOOD, **options)


def test_a_network_without_inputs_needs_a_duration():
    net = sl.Network()
    net.add("cells", 1, sl.LIF())
    with pytest.raises(
        sl.ParameterError, match=r"duration_ms must be given\. The network has no inputs that set"
    ):
        sl.Simulator(net).run()


def test_spikes_are_0_or_1():
    sim = sl.Simulator(two_inputs(sl.SpikeInput()), 1.0, batch=2)
    with pytest.raises(sl.ParameterError, match=r"must be 0 or 1\. Use a PoissonEncoder for intensities"):
        sim.run(inputs=with_bad("a", np.full((10, 2, 2), 0.5)))


def test_values_beyond_float32_are_named():
    sim = sl.Simulator(two_inputs(), 1.0, batch=2)
    with pytest.raises(sl.ParameterError, match=r"inputs\['a'\]\[0, 0, 0\].* must be finite in float32"):
        sim.run(inputs=with_bad("a", np.full((10, 2, 2), 1e300)))


KEY = ("a", "cells", 0)


@pytest.mark.parametrize(
    "options, text",
    [
        ({"batch": 0}, r"Simulator\(batch=0\): batch must be an integer >= 1"),
        ({"batch": 2.0}, "batch must be an integer >= 1"),
        ({"threads": 0}, r"Simulator\(threads=0\): threads must be an integer >= 1"),
        ({"dtype": "float16"}, r"Simulator\(dtype='float16'\): dtype must be 'float32' or 'float64'"),
        ({"device": "tpu"}, r"device='tpu'\): device must be one of 'cpu', 'reference'"),
        ({"dt_ms": 0.0}, r"Simulator\(dt_ms=0\.0\): dt_ms must be > 0 ms\. 0\.1 is common"),
        ({"dt_ms": float("inf")}, "dt_ms must be finite"),
        (
            {"weights": {KEY: np.ones(5)}},
            r"weights\[\('a', 'cells', 0\)\] must have one value for each of the 6 edg",
        ),
        ({"weights": {KEY: np.full(6, np.nan)}}, r"weights\[\('a', 'cells', 0\)\]\[0\] must be finite"),
        ({"weights": {KEY: ["x"] * 6}}, r"weights\[\('a', 'cells', 0\)\] must hold real numbers"),
        (
            {"weights": {("a", "b", 0): np.ones(5)}},
            r"weights must name projections of the network\. It has \('a'",
        ),
    ],
)
def test_bad_options_of_a_simulator(options, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.Simulator(two_inputs(), **{"dt_ms": 1.0, **options})


def test_bad_networks():
    with pytest.raises(
        sl.ParameterError, match=r"net must be a Network\. Make one by spikelab\.Network\(seed=0\)"
    ):
        sl.Simulator({"cells": 3})
    with pytest.raises(sl.ParameterError, match=r"net must have a population\. Add one by net\.add"):
        sl.Simulator(sl.Network())


def test_bad_weights_change_nothing():
    sim = sl.Simulator(two_inputs(), 1.0, batch=2)
    with pytest.raises(sl.ParameterError, match="must have one value for each of the 6 edges"):
        sim.set_weights({KEY: np.ones(7)})
    assert sim.weights()[KEY].tolist() == [1.0] * 6
    weights = sim.weights()
    (*_, projection) = (one for one in sim.net.projections.values() if one.name == KEY)
    assert weights[projection] is weights[KEY]
    with pytest.raises(sl.ParameterError, match=r"projection must be a projection of this network\. It has"):
        sim.connections(("b", "a", 0))


def test_weights_that_vanish_beside_a_large_one_are_reported():
    net = sl.Network()
    one, two = net.add("one", 2, sl.LIF()), net.add("two", 2, sl.LIF())
    net.connect(one, two, sl.FromArray(np.array([[1e6, 0.0], [0.0, 1e-4]])))
    text = (
        r"1 of 2 weights are too small to be told from 0 .* deliver nothing in float32\. Use dtype='float64'"
    )
    with pytest.warns(UserWarning, match=text):
        build(net, 1.0)
    build(net, 1.0, "float64")


def test_slabs_of_many_delays_are_counted_before_they_are_made(monkeypatch):
    net = sl.Network()
    pop = net.add("p", 1000, sl.LeakyTanh())
    net.connect(net.input("u", 1), pop)
    net.connect(pop, pop, sl.FixedIndegree(50), weight=0.01, delay_ms=sl.Uniform(1.0, 100.0))
    monkeypatch.setattr("spikelab.build.memory.physical_memory", lambda: 100_000_000)
    with pytest.raises(
        sl.ParameterError, match=r"GB of this machine; it asks for state and arrivals of 4 x 1000"
    ):
        sl.Simulator(net, batch=4)
