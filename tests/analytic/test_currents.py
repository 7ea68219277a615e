"""A current that is held for a step, against the same current as a parameter, and who may send one."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl

SYNAPSES = ["delta", "exp"]


def driven(neuron, values, dtype="float64", device="cpu", spikes=False):
    """Cells under one column of `values` each, pA, and under common spikes."""
    net = sl.Network()
    cells = net.add("cells", values.shape[1], neuron)
    net.connect(net.input("pa", values.shape[1]), cells, sl.OneToOne(), receptor="current")
    inputs = {"pa": values[:, None, :]}
    if spikes:
        net.connect(net.input("spike", 1, sl.SpikeInput()), cells, weight=2.0)
        inputs["spike"] = (np.arange(len(values)) % 17 == 3).astype(float)[:, None, None]
    sim = sl.Simulator(net, 0.1, dtype=dtype, device=device)
    return sim.run(inputs=inputs, record=sl.Record(traces=["v_mv"]))["cells"]


@pytest.mark.parametrize("synapse", SYNAPSES)
def test_a_held_current_is_the_constant_current(synapse):
    currents = np.array([0.0, 120.0, -80.0, 700.3])
    part = driven(sl.LIF(synapse=synapse), np.tile(currents, (400, 1)))
    net = sl.Network()
    net.add("cells", 4, sl.LIF(synapse=synapse, i_ext_pa=currents))
    other = sl.Simulator(net, 0.1, dtype="float64").run(40.0, record=sl.Record(traces=["v_mv"]))["cells"]
    assert len(other.spikes) > 3
    np.testing.assert_array_equal(part.spikes.step, other.spikes.step)
    np.testing.assert_allclose(part["v_mv"], other["v_mv"], rtol=0, atol=1e-10)


@pytest.mark.parametrize("synapse", SYNAPSES)
def test_a_current_acts_in_its_own_step(synapse):
    values = np.zeros((30, 1))
    values[10] = 100.0
    v = driven(sl.LIF(synapse=synapse), values)["v_mv"][:, 0, 0] + 70.0
    assert not v[:10].any()
    jump = 100.0 * 10.0 / 250.0 * -np.expm1(-0.01)
    np.testing.assert_allclose(v[10:], jump * np.exp(-0.01 * np.arange(20)), rtol=0, atol=1e-12)


@pytest.mark.parametrize("synapse", SYNAPSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_currents_beside_spikes_make_the_same_bits_on_both_devices(synapse, dtype):
    values = np.random.default_rng(0).normal(500.0, 400.0, (300, 5))
    one, two = (
        driven(sl.LIF(synapse=synapse), values, dtype, device, True) for device in ("cpu", "reference")
    )
    assert len(one.spikes) > 5
    assert one["v_mv"].tobytes() == two["v_mv"].tobytes()


def test_spikes_are_no_current():
    net = sl.Network()
    cells = net.add("cells", 2, sl.LIF(synapse="exp"))
    assert cells.neuron.inputs == ("exc", "inh", "current")
    with pytest.raises(sl.ParameterError, match="receptor must be a receptor of 'cells'"):
        net.connect(cells, cells, receptor="current")
    values = net.input("x", 2)
    assert net.connect(values, cells, receptor="current").receptor == "current"
    with pytest.raises(sl.ParameterError, match="receptor must be a receptor of 'cells'"):
        net.connect(values, cells, receptor="amperes")
