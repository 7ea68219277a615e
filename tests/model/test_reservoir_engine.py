"""A network that is one reservoir runs in the reservoir's kernel, and means what it means in any other."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.build import build
from spikelab.fused import fuse_built, is_fusable
from spikelab.simulator import simulator as module
from spikelab.simulator.engine import Engine
from spikelab.simulator.reservoir_engine import ReservoirEngine

from .nets import values

STATES = sl.Record(traces=("x",))
STEPS = 300  # more than a chunk


def echo(**options) -> sl.Network:
    return sl.Reservoir(63, spectral_radius=0.9, leak_rate=0.3, bias_scale=0.2, **options).network(3, seed=1)


def coupled() -> sl.Network:
    """Two populations that drive each other, two inputs, one of them in frames and through few edges."""
    net = sl.Network(seed=2)
    one = net.add("one", 20, sl.LeakyTanh(leak_rate=0.5))
    two = net.add("two", 31, sl.LeakyTanh(leak_rate=np.linspace(0.1, 1.0, 31), bias=0.1))
    slow, fast = net.input("slow", 4, frame_ms=5.0), net.input("fast", 2)
    net.connect(slow, two, sl.FixedIndegree(2), weight=sl.Uniform(-1.0, 1.0))
    net.connect(fast, one, weight=sl.Normal(0.0, 0.5))
    net.connect(fast, two, sl.FixedProbability(0.4), weight=0.3)
    for source, target in ((one, two), (two, one), (two, two)):
        net.connect(source, target, sl.FixedProbability(0.3), weight=sl.Uniform(-0.4, 0.4))
    return net


def data_of(net: sl.Network, batch: int) -> dict[str, np.ndarray]:
    rows = {name: STEPS // int(item.frame_ms or 1) for name, item in net.inputs.items()}
    return {
        name: 2.0 * values(rows[name], batch, item.n, seed) - 1.0
        for seed, (name, item) in enumerate(net.inputs.items())
    }


@pytest.mark.parametrize("make", [echo, coupled])
@pytest.mark.parametrize("batch", [1, 17])
@pytest.mark.parametrize(("dtype", "atol"), [("float32", 1e-5), ("float64", 1e-13)])
def test_states_are_those_of_the_general_engine(monkeypatch, make, batch, dtype, atol):
    net = make()
    data = data_of(net, batch)
    sims = [sl.Simulator(net, batch=batch, dtype=dtype)]
    assert isinstance(sims[0]._engine, ReservoirEngine)
    monkeypatch.setattr(module, "is_fusable", lambda built: False)
    sims.append(sl.Simulator(net, batch=batch, dtype=dtype))
    assert type(sims[1]._engine) is Engine
    fused, general = (sim.run(inputs=data, record=STATES) for sim in sims)
    for name in net.populations:
        assert np.ptp(general[name]["x"]) > 0.5
        np.testing.assert_allclose(fused[name]["x"], general[name]["x"], atol=atol, rtol=0)
        np.testing.assert_allclose(*(sim.state()[name]["x"] for sim in sims), atol=atol, rtol=0)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_a_run_in_two_parts_and_after_a_save_is_the_same_run(device, tmp_path):
    net = coupled()
    data = data_of(net, 2)
    whole = sl.Simulator(net, batch=2, device=device).run(inputs=data, record=STATES)
    sim = sl.Simulator(net, batch=2, device=device)
    cut = {"slow": 31, "fast": 155}
    first = sim.run(inputs={name: x[: cut[name]] for name, x in data.items()}, record=STATES)
    sim.save(tmp_path / "half.safetensors")
    rest = {name: x[cut[name] :] for name, x in data.items()}
    for later in (sim, sl.Simulator.load(tmp_path / "half.safetensors", device=device)):
        second = later.run(inputs=rest, record=STATES)
        for name in net.populations:
            joined = np.concatenate([first[name]["x"], second[name]["x"]])
            np.testing.assert_array_equal(joined, whole[name]["x"])


def test_only_the_neurons_asked_for_are_kept_and_weights_set_are_used():
    net = echo()
    data = data_of(net, 1)
    sim = sl.Simulator(net)
    few = sim.run(inputs=data, record=sl.Record(traces=("x",), neurons=[5, 62]))["reservoir"]["x"]
    sim.reset()
    every = sim.run(inputs=data, record=STATES)["reservoir"]["x"]
    np.testing.assert_array_equal(few, every[:, :, [5, 62]])
    sim.reset()
    sim.set_weights({name: 0.0 * w for name, w in sim.weights().items()})
    bias = sim.run(inputs=data, record=STATES)["reservoir"]["x"]
    assert np.ptp(bias[-1]) > 0
    np.testing.assert_allclose(bias[-1], bias[-2], atol=1e-6)


def test_without_recurrence_and_leak_there_is_no_memory():
    net = sl.Reservoir(20, spectral_radius=0.0, leak_rate=1.0).network(2, seed=0)
    x = values(10, 1, 2)
    states = sl.Simulator(net).run(inputs={"in": x}, record=STATES)["reservoir"]["x"]
    again = sl.Simulator(net).run(inputs={"in": x[7:]}, record=STATES)["reservoir"]["x"]
    np.testing.assert_array_equal(states[7:], again)
    assert fuse_built(build(net)).n_edges == 2 * 20


def other(kind: str) -> sl.Network:
    net = echo() if kind != "spikes" else sl.Network()
    match kind:
        case "spikes":
            pop = net.add("lif", 5, sl.LIF())
            net.connect(net.input("in", 2), pop, weight=1.0)
        case "two models":
            net.add("rate", 3, sl.LeakyIntegrator())
        case "delay":
            pop = net.populations["reservoir"]
            net.connect(pop, pop, weight=0.01, delay_ms=2.0)
        case "late input":
            net.connect(net.inputs["in"], net.populations["reservoir"], weight=0.1, delay_ms=1.0)
        case "spike input":
            net.connect(net.input("events", 2, sl.SpikeInput()), net.populations["reservoir"], weight=0.1)
        case "no input":
            net = sl.Network()
            net.add("alone", 4, sl.LeakyTanh())
    return net


@pytest.mark.parametrize("kind", ["spikes", "two models", "delay", "late input", "spike input", "no input"])
def test_other_networks_run_in_the_general_engine(kind):
    built = build(other(kind))
    assert not is_fusable(built)
    with pytest.raises(sl.ParameterError, match="must be one LeakyTanh population with real inputs"):
        fuse_built(built)
