"""The LIF against its differential equation, solved on paper.

Between inputs the equation is linear, and the simulator integrates it exactly: the values on the
grid are those of the solution, for every step length.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import spikelab as sl

STEPS_MS = [0.05, 0.1, 0.25, 1.0]
TAU, C, REST, THRESH = 10.0, 250.0, -70.0, -55.0


def run(neuron, dt_ms, duration_ms, n=1, weight=None, delay_ms=0.0, traces=("v_mv",)):
    """Run `n` cells; with a weight, one spike is sent in the first step."""
    net = sl.Network()
    cells = net.add("cells", n, neuron)
    inputs = None
    if weight is not None:
        spike = net.input("spike", 1, sl.SpikeInput())
        net.connect(spike, cells, weight=weight, delay_ms=delay_ms)
        inputs = {"spike": np.zeros((round(duration_ms / dt_ms), 1, 1))}
        inputs["spike"][0] = 1
    sim = sl.Simulator(net, dt_ms, dtype="float64")
    result = sim.run(None if inputs else duration_ms, inputs=inputs, record=sl.Record(traces=traces))
    return result["cells"]


def first_crossing(i_pa, v_start, tau_ms=TAU):
    """Time at which the potential reaches the threshold, ms; infinite below the rheobase."""
    v_inf = REST + tau_ms / C * i_pa
    return tau_ms * math.log((v_inf - v_start) / (v_inf - THRESH)) if v_inf > THRESH else math.inf


@pytest.mark.parametrize("dt_ms", STEPS_MS)
@pytest.mark.parametrize("tau_ref_ms", [0.0, 2.0])
@pytest.mark.parametrize("v_reset_mv", [-70.0, -60.0])
def test_the_rate_of_a_constant_current(dt_ms, tau_ref_ms, v_reset_mv):
    # none of these periods lies within 1e-9 ms of the grid, where rounding would decide
    currents = np.array([0.0, 374.0, 376.3, 400.1, 500.7, 900.9, 3000.3])
    cells = sl.LIF(i_ext_pa=currents, tau_ref_ms=tau_ref_ms, v_reset_mv=v_reset_mv)
    spikes = run(cells, dt_ms, 500.0, currents.size).spikes
    for neuron, current in enumerate(currents):
        first = first_crossing(current, REST)
        if math.isinf(first):
            assert not spikes.of(neuron).size
            continue
        # the threshold is tested at the end of a step; while refractory the potential rests
        up = math.ceil(first / dt_ms)
        period = math.ceil(first_crossing(current, v_reset_mv) / dt_ms) + round(tau_ref_ms / dt_ms)
        steps = np.arange(up, round(500.0 / dt_ms) + 1, period)
        np.testing.assert_allclose(spikes.of(neuron), steps * dt_ms, rtol=0, atol=1e-9)


def test_the_rate_converges_to_that_of_continuous_time():
    current, tau_ref = 700.3, 2.0
    exact = 1e3 / (tau_ref + first_crossing(current, REST))
    errors = []
    for dt_ms in (1.0, 0.1, 0.01):
        spikes = run(sl.LIF(i_ext_pa=current, tau_ref_ms=tau_ref), dt_ms, 300.0).spikes.of(0)
        errors.append(abs(1e3 / np.diff(spikes).mean() - exact) / exact)
        assert errors[-1] <= dt_ms / 5.0
    assert errors[-1] < 1e-3


@pytest.mark.parametrize("dt_ms", STEPS_MS)
@pytest.mark.parametrize("synapse", ["delta", "exp"])
def test_the_response_to_a_constant_current(dt_ms, synapse):
    taus = np.array([1.0, 10.0, 333.0])
    cells = sl.LIF(synapse=synapse, tau_mem_ms=taus, i_ext_pa=10.0, v_init_mv=-65.0)
    part = run(cells, dt_ms, 50.0, 3)
    v_inf = REST + taus / C * 10.0
    expected = v_inf + (-65.0 - v_inf) * np.exp(-part.time_ms[:, None] / taus)
    np.testing.assert_allclose(part["v_mv"][:, 0], expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("dt_ms", STEPS_MS)
def test_the_potential_after_a_delta_synapse(dt_ms):
    part = run(sl.LIF(), dt_ms, 40.0, weight=3.7, delay_ms=5.0)
    since = part.time_ms - (dt_ms + 5.0)  # the spike is stamped with the end of its step
    expected = np.where(since > -1e-9, 3.7 * np.exp(-since / TAU), 0.0)
    np.testing.assert_allclose(part["v_mv"][:, 0, 0] - REST, expected, rtol=0, atol=1e-10)


def psp(since_ms, weight_pa, tau_syn_ms):
    """Potential after a current of `weight_pa` that decays with `tau_syn_ms`, mV."""
    t = np.maximum(since_ms, 0.0)
    gap = 1.0 / TAU - 1.0 / tau_syn_ms
    # (exp(-t / tau_syn) - exp(-t / tau_m)) / gap, free of cancellation; t exp(-t / tau_m) in the limit
    area = t if gap == 0.0 else np.expm1(gap * t) / gap
    return weight_pa / C * np.exp(-t / TAU) * area


@pytest.mark.parametrize("dt_ms", STEPS_MS)
@pytest.mark.parametrize("tau_syn_ms", [0.5, 2.0, 9.0, 10.0, 25.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_potential_after_an_exponential_synapse(dt_ms, tau_syn_ms, sign):
    which = {"tau_syn_exc_ms" if sign > 0 else "tau_syn_inh_ms": tau_syn_ms}
    weight = sign * 40.0
    traces = ("v_mv", "i_exc_pa", "i_inh_pa")
    part = run(sl.LIF(synapse="exp", **which), dt_ms, 60.0, weight=weight, delay_ms=5.0, traces=traces)
    since = part.time_ms - (dt_ms + 5.0)
    current = np.where(since > -1e-9, weight * np.exp(-since / tau_syn_ms), 0.0)
    hit, other = ("i_exc_pa", "i_inh_pa") if sign > 0 else ("i_inh_pa", "i_exc_pa")
    np.testing.assert_allclose(part[hit][:, 0, 0], current, rtol=0, atol=1e-10)
    assert not part[other].any()
    expected = psp(since, weight, tau_syn_ms)
    assert abs(expected).max() > 0.01
    np.testing.assert_allclose(part["v_mv"][:, 0, 0] - REST, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("dt_ms", STEPS_MS)
def test_nothing_jumps_where_the_time_constants_meet(dt_ms):
    away = np.array([0.0, 1e-15, 1e-13, 1e-10, 1e-8, 1e-6, 1e-3])
    taus = np.concatenate([TAU * (1.0 + away), TAU * (1.0 - away)])
    part = run(sl.LIF(synapse="exp", tau_syn_exc_ms=taus), dt_ms, 30.0, taus.size, weight=100.0)
    v = part["v_mv"][:, 0] - REST
    since = part.time_ms - dt_ms
    # digits of the potential near rest bound what can be seen
    for column, tau in zip(v.T, taus, strict=True):
        np.testing.assert_allclose(column, psp(since, 100.0, tau), rtol=0, atol=1e-10)
    # d psp / d tau_syn is below 1 mV / ms here
    slope = abs(v - v[:, :1]).max(axis=0)
    assert (slope <= abs(taus - TAU) * 1.0 + 2e-13).all()


@pytest.mark.parametrize("dt_ms", STEPS_MS)
def test_steps_agree_with_each_other_on_their_common_grid(dt_ms):
    fine = run(sl.LIF(synapse="exp", i_ext_pa=50.0), 0.05, 30.0, weight=60.0, delay_ms=3.0 - 0.05)
    part = run(sl.LIF(synapse="exp", i_ext_pa=50.0), dt_ms, 30.0, weight=60.0, delay_ms=3.0 - dt_ms)
    every = int(Fraction(str(dt_ms)) / Fraction("0.05"))
    np.testing.assert_allclose(part["v_mv"], fine["v_mv"][every - 1 :: every], rtol=0, atol=1e-10)


@pytest.mark.parametrize("threshold", [">=", ">"])
def test_the_threshold_itself(threshold):
    # a spike of exactly threshold - rest reaches it without rounding
    cells = sl.LIF(threshold=threshold, v_rest_mv=0.0, v_reset_mv=0.0, v_thresh_mv=8.0)
    assert len(run(cells, 0.1, 1.0, weight=8.0).spikes) == (threshold == ">=")
    assert len(run(cells, 0.1, 1.0, weight=8.0 * (1 + 2**-52)).spikes) == 1


@pytest.mark.parametrize("synapse", ["delta", "exp"])
def test_float32_follows_float64(synapse):
    net = sl.Network()
    cells = net.add("cells", 1, sl.LIF(synapse=synapse, i_ext_pa=100.0))
    net.connect(net.input("u", 1, sl.SpikeInput()), cells, weight=1.5 if synapse == "delta" else 60.0)
    inputs = {"u": (np.arange(300) % 40 == 3).astype(float).reshape(-1, 1, 1)}
    single, double = (
        sl.Simulator(net, 0.1, dtype=d).run(inputs=inputs, record=sl.Record(traces=["v_mv"]))["cells"]["v_mv"]
        for d in ("float32", "float64")
    )
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    # half a unit in the last place of 70 mV a step, forgotten with the membrane: 4e-6 * 100, a few times
    np.testing.assert_allclose(single, double, rtol=0, atol=1e-3)
