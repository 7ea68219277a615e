"""What a simulator refuses, by its words, and that nothing is lost by it."""

from __future__ import annotations

import signal
import threading

import numpy as np
import pytest

import spikelab as sl
from spikelab.simulator.workers import Workers

from .nets import NETS, assert_equal, cut, record, simulator

STOP = 30


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_a_chunk_that_fails_half_way_leaves_no_trace(name, error, monkeypatch):
    net, data = NETS[name](2)
    expected = simulator(net, 2).run(inputs=data, record=record(name))
    sim = simulator(net, 2)
    first = sim.run(inputs=cut(data, 0, STOP), record=record(name))
    runner = type(sim._engine.blocks[-1])
    whole = runner.shift

    def fail(self, steps):
        whole(self, steps)
        raise error

    with monkeypatch.context() as patch, pytest.raises(error):
        patch.setattr(runner, "shift", fail)
        sim.run(inputs=cut(data, STOP, 60), record=record(name))
    assert sim.time_ms == STOP
    assert_equal(expected, first, sim.run(inputs=cut(data, STOP, 60), record=record(name)))


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no way to wake the main thread")
def test_ctrl_c_waits_for_the_threads():
    waits, ended = threading.Event(), []

    def slow():
        waits.wait()
        threading.Event().wait(0.05)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        threading.Event().wait(0.2)
        ended.append(True)

    # a shell that starts the tests in the background has them ignore the signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            Workers(2).run([waits.set, slow], 2)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended


def test_an_error_in_a_thread_is_raised():
    done = []
    with pytest.raises(ZeroDivisionError):
        Workers(3).run([lambda: None, lambda: 1 // 0, lambda: done.append(True)], 3)
    assert done


ZEROS = np.zeros((1, 1, 2))


def run(**options):
    return lambda sim: sim.run(**{"inputs": {"in": ZEROS}, **options})


def one() -> sl.Simulator:
    net = sl.Network()
    pop = net.add("p", 3, sl.LIF())
    net.connect(net.input("in", 2, sl.SpikeInput()), pop, weight=1.0)
    return sl.Simulator(net, 1.0)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (run(duration_ms=[1.0, 2.0]), r"duration_ms must be a single number"),
        (run(progress="yes"), r"^Simulator.run\(progress='yes'\)"),
        (run(sample_ids=[[1], [2, 3]]), r"sample_ids must be 1 integers"),
        (run(inputs={"in": ZEROS + 0.5}), r"inputs\['in'\]\[0, 0, 0\]=0\.5\).* must be 0 or 1"),
        (
            run(inputs={"in": np.ma.masked_array(ZEROS, mask=[[[0, 1]]])}),
            r"inputs\['in'\] must have every value\. Fill the gaps",
        ),
        (lambda sim: sim.set_weights([1.0]), r"weights must map names of projections to arrays"),
        (lambda sim: sim.connections(["in", "p", 0]), r"projection must be a projection of this network"),
        (lambda sim: sim.reset(2**63), r"reseed must be an integer <= 9223372036854775807"),
        (lambda sim: sl.Simulator(sim.net, batch=10**400), r"batch must be an integer <= 4294967295"),
        (lambda sim: sl.Simulator(sim.net, weights=[1.0]), r"weights must map names of projections"),
        (lambda sim: sl.Simulator(sim.net, device="gpu"), r"device must be one of 'cpu', 'reference'"),
    ],
)
def test_bad_values(call, text):
    with pytest.raises(sl.ParameterError, match=text):
        call(one())


@pytest.mark.parametrize("name", ["spectral_radius", "leak_rate", "input_scale", "bias_scale"])
@pytest.mark.parametrize("value", [[0.5], "half", True, None])
def test_reservoirs_take_single_numbers(name, value):
    with pytest.raises(sl.ParameterError, match=rf"^Reservoir\({name}=.*\): {name} must"):
        sl.Reservoir(**{name: value})


@pytest.mark.parametrize("name", ["reach", "frame_ms", "dt_ms", "bias_pa", "inhibitory"])
@pytest.mark.parametrize("value", [[0.5], "half", True, None])
def test_liquids_take_single_numbers(name, value):
    with pytest.raises(sl.ParameterError, match=rf"^LiquidReservoir\({name}=.*\): {name} must"):
        sl.LiquidReservoir(**{name: value})


def snapshot_of(n, batch=1):
    net = sl.Network()
    net.add("p", n, sl.LIF())
    return sl.Simulator(net, batch=batch).snapshot()


@pytest.mark.parametrize(
    ("snapshot", "text"),
    [
        (5, "snapshot must be a snapshot .* Pass what Simulator.snapshot returned"),
        ({}, "It holds 'clock' of shape None, the simulator"),
        (snapshot_of(2), r"It holds 'block/0/state/v_mv' of shape \(1, 2\), the simulator \(3, 2\)"),
        (snapshot_of(3, 3), r"of shape \(3, 3\), the simulator \(3, 2\)"),
        ({**snapshot_of(2, 3), "more": np.ones(3)}, r"'more' of shape \(3,\), the simulator None"),
    ],
)
def test_a_snapshot_of_something_else_is_refused(snapshot, text):
    net = sl.Network()
    net.add("p", 2, sl.LIF())
    sim = sl.Simulator(net, batch=3)
    before = sim.snapshot()
    with pytest.raises(sl.ParameterError, match=text):
        sim.restore(snapshot)
    for name, values in sim.snapshot().items():
        np.testing.assert_array_equal(values, before[name])


@pytest.mark.parametrize(("dtype", "weight"), [("float32", 3e38), ("float64", 1.5e308)])
@pytest.mark.parametrize("n", [3, 20])  # tables, and a matrix
@pytest.mark.parametrize("drive", [True, False])
def test_weights_whose_sum_overflows_are_refused(dtype, weight, n, drive):
    net = sl.Network()
    cell, inp = net.add("cell", n, sl.LIF()), net.input("in", 5, sl.SpikeInput())
    if drive:
        net.drive(cell, sl.PoissonDrive(rate_hz=100.0, weight=weight))
    else:
        net.connect(inp, cell, weight=-weight)
    text = rf"^population 'cell'\(weights=.*\): weights must add up to what {dtype} can hold"
    with pytest.raises(sl.ParameterError, match=text):
        sl.Simulator(net, dtype=dtype)
