"""A saved simulator goes on with the same spikes, on this machine or another, whatever happened."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass

import numpy as np
import pytest

import spikelab as sl
from spikelab.language import where

from .nets import NETS, STEPS, assert_equal, assert_same_state, cut, record, run, simulator, values


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_saved_in_mid_run(name, dtype, tmp_path):
    expected = run(name, dtype=dtype)
    net, data = NETS[name](2)
    sim = simulator(net, 2, dtype=dtype)
    first = sim.run(inputs=cut(data, 0, 25), record=record(name))
    sim.save(tmp_path / "state")
    loaded = sl.Simulator.load(tmp_path / "state")
    assert loaded.net == sim.net
    assert (loaded.dt_ms, loaded.dtype, loaded.batch, loaded.time_ms) == (1.0, dtype, 2, 25.0)
    assert_equal(expected, first, loaded.run(inputs=cut(data, 25, STEPS), record=record(name)))
    sim.run(inputs=cut(data, 25, STEPS))
    assert_same_state(sim, loaded)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("twin", [copy.deepcopy, lambda sim: pickle.loads(pickle.dumps(sim))])
def test_a_copy_made_in_mid_run_goes_its_own_way(name, twin):
    expected = run(name)
    net, data = NETS[name](2)
    sim = simulator(net, 2, threads=2, dense_path="matrix")
    first = sim.run(inputs=cut(data, 0, 25), record=record(name))
    made = twin(sim)
    sim.run(inputs=cut(data, 25, STEPS))
    assert (made.threads, made.time_ms) == (2, 25.0)
    assert_equal(expected, first, made.run(inputs=cut(data, 25, STEPS), record=record(name)))


def test_loaded_on_another_device_with_other_threads(tmp_path):
    expected = run("recurrent")
    net, data = NETS["recurrent"](2)
    sim = simulator(net, 2)
    first = sim.run(inputs=cut(data, 0, 25), record=record("recurrent"))
    sim.save(tmp_path / "state")
    for options in ({"threads": 2}, {"device": "reference"}):
        loaded = sl.Simulator.load(tmp_path / "state", **options)
        assert_equal(expected, first, loaded.run(inputs=cut(data, 25, STEPS), record=record("recurrent")))


def test_reseed_is_saved(tmp_path):
    net, data = NETS["recurrent"](2)
    sim = simulator(net, 2)
    sim.reset(reseed=4)
    expected = sim.run(inputs=data)
    sim.reset(reseed=4)
    first = sim.run(inputs=cut(data, 0, 25))
    sim.save(tmp_path / "state")
    loaded = sl.Simulator.load(tmp_path / "state")
    assert_equal(expected, first, loaded.run(inputs=cut(data, 25, STEPS)))


def chain(weight=30.0):
    """One spike a step onto a cell, 9 steps under way."""
    net = sl.Network()
    inp = net.input("in", 1, sl.SpikeInput())
    cell = net.add("cell", 2, sl.LIF(v_thresh_mv=1e12))
    net.connect(inp, cell, weight=weight, delay_ms=9.0)
    return net


ONES = {"in": np.ones((6, 1, 1))}
RECORD = sl.Record(traces=["v_mv"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factor", [2.0**-20, 0.3, 1.0, 3.0, 2.0**20])
def test_spikes_under_way_meet_the_new_weights(factor, dtype, tmp_path):
    sim = simulator(chain(), 1, dtype=dtype)
    sim.run(inputs=ONES)
    key = ("in", "cell", 0)
    sim.set_weights({key: sim.weights()[key] * factor})
    sim.run(inputs=ONES)
    sim.save(tmp_path / "state")
    loaded = sl.Simulator.load(tmp_path / "state")
    traces = [
        s.run(inputs={"in": np.zeros((12, 1, 1))}, record=RECORD)["cell"]["v_mv"] for s in (sim, loaded)
    ]
    np.testing.assert_array_equal(*traces)
    v, expected = 0.0, []
    for k in range(24):
        weight = 30.0 * factor if 9 <= k < 21 else 0.0
        v = v * np.exp(-0.1) + weight
        expected.append(v)
    rtol, atol = (1e-5, 1e-4) if dtype == "float32" else (1e-12, 1e-12)
    np.testing.assert_allclose(traces[0][:, 0, 1] + 70.0, expected[12:], rtol=rtol, atol=atol)


@pytest.mark.parametrize("slow", [30.0, sl.Normal(50.0, 5.0)])
def test_spikes_under_way_find_tables_of_another_kind(slow):
    """New weights can part the tables of two projections, or join them; none of their spikes gets lost."""
    net = sl.Network(seed=1)
    source = net.add("source", 40, sl.SpikeSource(times_ms=[[1.0 + i] for i in range(40)]))
    cell = net.add("cell", 30, sl.LIF(v_thresh_mv=1e12))
    fast = net.connect(source, cell, sl.FixedIndegree(5), weight=30.0, delay_ms=1.0)
    net.connect(source, cell, sl.FixedIndegree(5), weight=slow, delay_ms=20.0)
    expected = simulator(net, 1).run(80.0, record=RECORD)["cell"]["v_mv"][30:]
    sim = simulator(net, 1)
    own = sim.weights()[fast.name]
    sim.run(30.0)
    sim.set_weights({fast: own * np.linspace(0.5, 1.5, own.size)})
    sim.set_weights({fast: own})
    np.testing.assert_array_equal(sim.run(50.0, record=RECORD)["cell"]["v_mv"], expected)


@pytest.mark.parametrize("first", [0, 2])
def test_values_under_way_arrive_where_weights_of_both_signs_part_receptors(first):
    net = sl.Network(seed=1)
    inputs = [net.input(name, 3) for name in "abc"[first:]]
    cell = net.add("cell", 4, sl.ConductanceLIF(v_thresh_mv=1e12))
    for source in inputs:
        net.connect(source, cell, weight=sl.Uniform(1.0, 2.0), delay_ms=20.0)
    ones, zeros = ({source.name: np.full((20, 1, 3), x) for source in inputs} for x in (1.0, 0.0))
    sim = simulator(net, 1)
    own = sim.weights()
    sim.run(inputs=ones)
    before = sim.snapshot()
    expected = sim.run(inputs=zeros, record=RECORD)["cell"]["v_mv"]
    assert np.ptp(expected) > 1.0
    sim.restore(before)
    sim.set_weights({name: values * np.where(np.arange(12) % 2, 1, -1) for name, values in own.items()})
    sim.restore(sim.snapshot())
    np.testing.assert_allclose(sim.run(inputs=zeros, record=RECORD)["cell"]["v_mv"], expected, rtol=1e-6)


def test_new_weights_are_saved(tmp_path):
    net, data = NETS["layers"](2)
    key = ("one", "two", 0)
    sim = simulator(net, 2)
    doubled = 2.0 * sim.weights()[key]
    sim.set_weights({key: doubled})
    expected = sim.run(inputs=data)
    assert not np.array_equal(expected["two"].counts, run("layers")["two"].counts)
    assert_equal(expected, simulator(net, 2, weights={key: doubled}).run(inputs=data))
    sim.reset()
    first = sim.run(inputs=cut(data, 0, 25))
    sim.save(tmp_path / "state")
    loaded = sl.Simulator.load(tmp_path / "state")
    np.testing.assert_array_equal(loaded.weights()[key], doubled)
    assert_equal(expected, first, loaded.run(inputs=cut(data, 25, STEPS)))


@dataclass(frozen=True)
class QIFParams:
    tau_mem_ms: float = 10.0
    v_peak: float = 10.0
    noisy: bool = True


@sl.neuron(params=QIFParams, state={"v": -0.5, "count": 0})
def qif(s, p, inp, rng):
    v = s.v + p.dt_ms / p.tau_mem_ms * (s.v * s.v + rng.uniform()) + inp.input
    spiked = v >= p.v_peak
    return s.next(v=where(spiked, -p.v_peak, v), count=s.count + 1), spiked


def custom():
    net = sl.Network(seed=1)
    cells = net.add("cells", 63, qif(tau_mem_ms=np.linspace(3.0, 9.0, 63)))
    net.connect(cells, cells, sl.FixedIndegree(5), weight=0.1, delay_ms=3.0)
    return simulator(net, 2)


def test_a_model_of_ones_own(tmp_path):
    sim = custom()
    expected = sim.run(60.0)
    assert expected["cells"].counts.sum() > 100
    sim.reset()
    first = sim.run(31.0)
    sim.save(tmp_path / "state")
    loaded = sl.Simulator.load(tmp_path / "state", models={"qif": qif})
    assert_equal(expected, first, loaded.run(29.0))


def test_a_model_that_is_not_given_is_named(tmp_path):
    custom().save(tmp_path / "state")
    text = r"hold the neuron model 'qif'\. Pass models=\{'qif': qif\} with the function made by @neuron"
    with pytest.raises(sl.CheckpointError, match=text):
        sl.Simulator.load(tmp_path / "state")


@sl.neuron(params=QIFParams, state={"v": -0.5, "other": 0.0})
def another(s, p, inp, rng):
    return s.next(v=s.v + inp.input, other=s.other), s.v > p.v_peak


def test_another_model_under_the_same_name_is_refused(tmp_path):
    custom().save(tmp_path / "state")
    with pytest.raises(sl.CheckpointError, match=r"models must fit the saved network, which lacks .*other"):
        sl.Simulator.load(tmp_path / "state", models={"qif": another})


def test_what_a_file_cannot_describe_is_refused(tmp_path):
    class Odd(sl.LIF):
        pass

    net = sl.Network()
    net.add("cells", 2, Odd())
    with pytest.raises(sl.ParameterError, match=r"net must consist of records of spikelab and plain values"):
        sl.Simulator(net).save(tmp_path / "state")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "state"
    net, data = NETS["recurrent"](2)
    sim = simulator(net, 2)
    sim.run(inputs=cut(data, 0, 25))
    sim.save(path)
    return path.read_bytes()


class TestDamage:
    def load(self, tmp_path, content):
        (tmp_path / "state").write_bytes(content)
        return sl.Simulator.load(tmp_path / "state")

    @pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9999])
    def test_truncated(self, share, saved, tmp_path):
        with pytest.raises(sl.CheckpointError, match="path must be whole"):
            self.load(tmp_path, saved[: int(share * len(saved))])

    @pytest.mark.parametrize("place", [-1, -1001, -9_001])
    def test_altered(self, place, saved, tmp_path):
        content = bytearray(saved)
        content[place] ^= 4
        with pytest.raises(sl.CheckpointError, match="path must be unaltered"):
            self.load(tmp_path, bytes(content))

    def test_foreign(self, tmp_path):
        with pytest.raises(sl.CheckpointError, match="path must be a spikelab checkpoint"):
            self.load(tmp_path, b"\x80\x04\x95 a pickle, or anything else, of some length")

    def test_a_checkpoint_of_something_else(self, tmp_path):
        sl.write_checkpoint(tmp_path / "state", {"weights": np.ones(3)}, {"kind": "readout"})
        with pytest.raises(sl.CheckpointError, match=r"be a saved simulator\. Pass a file written by Simu"):
            sl.Simulator.load(tmp_path / "state")

    def test_missing(self, tmp_path):
        with pytest.raises(sl.CheckpointError, match="path must exist"):
            sl.Simulator.load(tmp_path / "nothing")

    def test_a_recipe_of_another_version(self, saved, tmp_path):
        (tmp_path / "state").write_bytes(saved)
        arrays, meta = sl.read_checkpoint(tmp_path / "state")
        meta["recipe"]["populations"][0][2]["record"] = "LIFOfTomorrow"
        sl.write_checkpoint(tmp_path / "state", arrays, meta)
        with pytest.raises(sl.CheckpointError, match="hold a recipe of this version"):
            sl.Simulator.load(tmp_path / "state")


_LOOP = """
    import sys
    sys.path.insert(0, sys.argv[2])
    import numpy as np
    import nets
    import spikelab as sl

    net, _ = nets.NETS["recurrent"](1)
    sim = sl.Simulator(net, 1.0)
    while True:
        step = round(sim.time_ms)
        sim.run(inputs={"wave": nets.values(4000, 1, 4)[step : step + 10]})
        sim.save(sys.argv[1])
"""


def test_killed_while_it_saves(tmp_path):
    folder = os.path.dirname(__file__)
    path = tmp_path / "state"
    steps = []
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(_LOOP), str(path), folder])
    try:
        while len(steps) < 3:  # look at what a reader sees meanwhile: always a whole file
            assert child.poll() is None
            if path.exists():
                shutil.copy(path, tmp_path / "seen")
                step = sl.Simulator.load(tmp_path / "seen").time_ms
                steps += [step] if step not in steps else []
            time.sleep(0)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    loaded = sl.Simulator.load(path)
    done = round(loaded.time_ms)
    assert steps == sorted(steps) and 0 < done < 3900 and done % 10 == 0
    data = values(4000, 1, 4)
    net, _ = NETS["recurrent"](1)
    whole = sl.Simulator(net, 1.0)
    whole.run(inputs={"wave": data[:done]})
    assert_same_state(whole, loaded)
    rest = {"wave": data[done : done + 50]}
    assert_equal(whole.run(inputs=rest), loaded.run(inputs=rest))


def test_unused_model_parameters_round_trip(tmp_path):
    net = sl.Network(seed=3)
    cells = net.add("cells", 4, sl.LIF(tau_mem_ms=np.array([5.0, 6.0, 7.0, 8.0]), v_init_mv=-60.0))
    net.connect(cells, cells, sl.FromArray(np.eye(4) * 2.0), delay_ms=sl.Uniform(1.0, 3.0))
    net.connect(cells, cells, sl.OneToOne(), weight=sl.Normal(0.0, 1.0, low=-np.inf), delay_ms=2.0)
    sim = simulator(net, 1)
    sim.save(tmp_path / "state")
    assert sl.Simulator.load(tmp_path / "state").net == net
