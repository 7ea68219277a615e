"""Dense projections: both paths give the same spikes, and the choice between them is measured and told."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import spikelab as sl

SIZES = (63, 130, 65, 10)
STEPS = 24


def spikes_in(batch, density, seed=0):
    return np.random.default_rng([seed, batch]).random((STEPS, batch, SIZES[0])) < density


def network(seed=0, coarse=False):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0.02, 1.5 / a**0.5, (a, b)) for a, b in pairwise(SIZES)]
    if coarse:  # multiples of a power of two, which are kept in 16 bits
        weights = [np.round(w * 256) / 256 for w in weights]
    return sl.layers(*SIZES, neuron=sl.LIF.unitless(beta=0.9), weights=weights)


def run(net, x, path="auto", **options):
    sim = sl.Simulator(net, batch=x.shape[1], dense_path=path, **options)
    return sim, sim.run(inputs={"in": x}, record=sl.Record(traces=["v"]))


def assert_same(one, other):
    for name, part in one.items():
        np.testing.assert_array_equal(part.spikes.dense(), other[name].spikes.dense(), err_msg=name)
        np.testing.assert_array_equal(part["v"], other[name]["v"], err_msg=name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch", [1, 3, 65])
@pytest.mark.parametrize("density", [0.0, 0.05, 0.4, 1.0])
def test_both_paths_give_the_same_spikes_and_potentials(dtype, batch, density):
    net, x = network(), spikes_in(batch, density)
    event, first = run(net, x, "event", dtype=dtype)
    matrix, second = run(net, x, "matrix", dtype=dtype)
    assert_same(first, second)
    assert_same(first, run(net, x, dtype=dtype)[1])
    assert all(use.matrix == 0 for use in event.paths().values())
    assert all(use.event == 0 and use.matrix > 0 for use in matrix.paths().values())
    if density:
        assert all(len(part.spikes) for part in first.values())


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("path", ["event", "matrix"])
def test_the_reference_gives_the_same_spikes(path, coarse):
    net, x = network(coarse=coarse), spikes_in(3, 0.3)
    assert_same(run(net, x, path)[1], run(net, x, path, device="reference")[1])


@pytest.mark.parametrize("path", ["auto", "event", "matrix"])
@pytest.mark.parametrize("coarse", [False, True])
def test_threads_chunks_and_batches_change_nothing(path, coarse):
    net, x = network(coarse=coarse), spikes_in(65, 0.3)
    _, whole = run(net, x, path, threads=1)
    assert_same(whole, run(net, x, path, threads=3)[1])
    sim = sl.Simulator(net, batch=65, dense_path=path)
    record = sl.Record(traces=["v"])
    parts = [sim.run(inputs={"in": x[a:b]}, record=record) for a, b in ((0, 1), (1, 9), (9, STEPS))]
    for name, part in whole.items():
        dense = np.concatenate([p[name].spikes.dense() for p in parts])
        np.testing.assert_array_equal(dense, part.spikes.dense())
        np.testing.assert_array_equal(np.concatenate([p[name]["v"] for p in parts]), part["v"])
    some = run(net, np.ascontiguousarray(x[:, 7:10]), path)[1]
    for name, part in whole.items():
        np.testing.assert_array_equal(some[name].spikes.dense(), part.spikes.dense()[:, 7:10])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_signs_onto_two_receptors_give_what_a_sparse_projection_gives(dtype):
    x, cell = spikes_in(3, 0.3), sl.LIF(synapse="exp", tau_mem_ms=10.0)
    rng = np.random.default_rng(2)
    weight = rng.normal(100.0, 900.0, (SIZES[0], 70))
    results = []
    for pattern in (None, sl.FromArray(weight)):
        net = sl.Network()
        inp, cells = net.input("in", SIZES[0], sl.SpikeInput()), net.add("cells", 70, cell)
        net.connect(inp, cells, pattern, weight=1.0 if pattern else weight)
        # a second projection between the two, which can have no dense form beside another
        if pattern:
            net.connect(inp, cells, sl.FromArray(np.eye(SIZES[0], 70)), weight=0.0)
        for path in ("event", "matrix"):
            sim = sl.Simulator(net, 1.0, batch=3, dtype=dtype, dense_path=path)
            results.append(sim.run(inputs={"in": x}, record=sl.Record(traces=["v_mv"])))
            assert sim.paths()["in", "cells", 0].form == ("sparse" if pattern else "dense")
    assert len(results[0]["cells"].spikes) > 50
    for other in results[1:]:
        np.testing.assert_array_equal(other["cells"].spikes.dense(), results[0]["cells"].spikes.dense())
        np.testing.assert_array_equal(other["cells"]["v_mv"], results[0]["cells"]["v_mv"])


def test_density_chooses_the_path_and_paths_tells_it():
    sim = sl.Simulator(network(), batch=64)
    for density, matrix in ((0.01, False), (0.9, True)):
        sim.reset()
        sim.run(inputs={"in": spikes_in(64, density)})
        use = sim.paths()["in", "layer1", 0]
        assert (use.matrix > 0, use.event > 0) == (matrix, not matrix)
        assert use.density == pytest.approx(density, rel=0.1)
        assert use.form == "dense"
    sim.reset()
    use = sim.paths()["in", "layer1", 0]
    assert (use.event, use.matrix) == (0, 0)
    assert np.isnan(use.density)


def test_a_few_rows_do_not_pay_for_tables():
    sim, _ = run(network(), spikes_in(1, 0.5)[:4])
    assert sim.paths()["in", "layer1", 0].matrix == 0


def test_paths_names_sparse_projections_and_values_too():
    net = sl.Network()
    inp, raw = net.input("x", 20, sl.SpikeInput()), net.input("raw", 3)
    one, two = net.add("one", 30, sl.LIF.unitless()), net.add("two", 30, sl.LIF.unitless())
    net.connect(inp, one, sl.FixedIndegree(4), weight=0.6)
    net.connect(raw, one, weight=0.1)
    net.connect(one, two, weight=0.1)
    sim = sl.Simulator(net, batch=2)
    sim.run(inputs={"x": np.ones((10, 2, 20)), "raw": np.ones((10, 2, 3))})
    forms = {name: use.form for name, use in sim.paths().items()}
    assert forms == {("x", "one", 0): "sparse", ("raw", "one", 0): "values", ("one", "two", 0): "dense"}
    assert sim.paths()["x", "one", 0].density == 1.0
    assert sim.paths()["raw", "one", 0].event == 0


def test_another_path_goes_on_from_a_saved_state(tmp_path):
    net, x = network(), spikes_in(3, 0.3)
    _, whole = run(net, x, "matrix")
    sim = sl.Simulator(net, batch=3, dense_path="event")
    sim.run(inputs={"in": x[:10]})
    sim.save(tmp_path / "net")
    rest = sl.Simulator.load(tmp_path / "net").run(inputs={"in": x[10:]})
    for name, part in whole.items():
        np.testing.assert_array_equal(rest[name].spikes.dense(), part.spikes.dense()[10:])


@pytest.mark.parametrize("path", ["event", "matrix"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_near_the_bound_of_the_quantum_do_not_overflow(path, dtype):
    # every weight as large as the bound allows: the sum of all is its largest value
    n = 1000
    weight = np.full((n, 8), 1.0 - 2.0**-20)
    weight[:, 4:] *= -1
    net = sl.layers(n, 8, neuron=sl.LIF.unitless(beta=0.0, threshold=1e9), weights=[weight])
    sim = sl.Simulator(net, dtype=dtype, dense_path=path)
    v = sim.run(inputs={"in": np.ones((1, 1, n))}, record=sl.Record(traces=["v"]))["layer1"]["v"][0, 0]
    np.testing.assert_allclose(v, weight.sum(axis=0), rtol=1e-6 if dtype == "float32" else 1e-15)


def test_weights_replaced_in_the_middle_keep_their_paths():
    net, x = network(), spikes_in(3, 0.3)
    results = []
    for path in ("event", "matrix"):
        sim = sl.Simulator(net, batch=3, dense_path=path)
        sim.run(inputs={"in": x[:8]})
        sim.set_weights({name: 0.5 * values for name, values in sim.weights().items()})
        results.append(sim.run(inputs={"in": x[8:]}, record=sl.Record(traces=["v"])))
        assert sim.paths()["in", "layer1", 0].event == (2 if path == "event" else 0)
    assert_same(*results)


def test_memory_is_bounded_by_the_chunk_and_weighed_before():
    with pytest.raises(sl.ParameterError, match="GB of this machine"):
        sl.Simulator(sl.layers(2, 1000), batch=2**31)


def test_an_unknown_path_is_refused():
    with pytest.raises(sl.ParameterError, match="dense_path must be one of 'auto', 'event', 'matrix'"):
        sl.Simulator(network(), dense_path="gemm")


@pytest.mark.parametrize(
    "x", [np.ones((2, 1, 63), np.uint8) * 2, np.full((2, 1, 63), 0.5), np.full((2, 1, 63), -1)]
)
def test_data_that_are_no_spikes_are_refused_in_any_type(x):
    with pytest.raises(sl.ParameterError, match=r"inputs\['in'\]\[0, 0, 0\] must be 0 or 1"):
        sl.Simulator(network()).run(inputs={"in": x})
    x = x.astype(float)
    x[1, 0, 5] = np.nan
    with pytest.raises(sl.ParameterError, match=r"\[1, 0, 5\].* must be finite"):
        sl.Simulator(network()).run(inputs={"in": x})
