"""The perfect integrator, Izhikevich's model and the alpha-shaped potential, by hand."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import spikelab as sl
from spikelab.neurons.propagators import alpha_jump, slope_gain

from .neuron_runs import run_neurons


@pytest.mark.parametrize("tau_syn_ms", [10.0, 10.0 + 1e-9, 9.0, 2.0, 0.11, 0.09, 1e-3, 1e-300, 50.0, 1e9])
@pytest.mark.parametrize("dt_ms", [0.1, 1.0, 30.0])
def test_the_gain_of_a_slope_is_exact_up_to_its_limits(tau_syn_ms, dt_ms):
    with mpmath.workdps(400):
        tau_m, tau_s, dt, c = (mpmath.mpf(x) for x in (10.0, tau_syn_ms, dt_ms, 250.0))
        x = dt * (1 / tau_s - 1 / tau_m)
        shape = mpmath.mpf(1) / 2 if x == 0 else (1 - (1 + x) * mpmath.exp(-x)) / x**2
        exact = float(dt**2 / c * mpmath.exp(-dt / tau_m) * shape)
    assert slope_gain(10.0, tau_syn_ms, 250.0, dt_ms) == pytest.approx(exact, rel=2e-14, abs=0.0)


@pytest.mark.parametrize("dt_ms", [0.05, 0.5])
def test_the_potential_after_an_alpha_synapse(dt_ms):
    tau_m, tau_s, weight = 10.0, 2.0, 40.0
    steps = round(60.0 / dt_ms)
    given = {"exc": np.zeros(steps)}
    given["exc"][0] = weight
    states, _ = run_neurons(sl.LIF(synapse="alpha", tau_syn_exc_ms=tau_s), dt_ms, given)
    t = np.arange(steps) * dt_ms
    current = weight * np.e * t / tau_s * np.exp(-t / tau_s)
    np.testing.assert_allclose(states["i_exc_pa"][:, 0], current, rtol=0, atol=1e-11)
    assert abs(current.max() - weight) < 0.05 * weight  # the weight is the peak, after tau_syn
    gap = 1.0 / tau_s - 1.0 / tau_m
    area = np.exp(-t / tau_m) * (1.0 - (1.0 + gap * t) * np.exp(-gap * t)) / gap**2
    expected = weight * alpha_jump(tau_s) / 250.0 * area
    np.testing.assert_allclose(states["v_mv"][:, 0] + 70.0, expected, rtol=0, atol=1e-10)


def test_the_integrator_counts_what_it_gets():
    cell = sl.IF(i_ext_pa=100.0, tau_ref_ms=1.0)
    states, fired = run_neurons(cell, 0.1, steps=1000)
    # 15 mV at 0.04 mV a step, then ten steps of rest
    up = int(np.ceil(15.0 / 0.04 - 1e-9))
    assert np.flatnonzero(fired[:, 0]).tolist() == list(range(up - 1, 1000, up + 10))
    np.testing.assert_allclose(states["v_mv"][: up - 1, 0], -70.0 + 0.04 * np.arange(1, up), rtol=1e-12)
    given = {"input": np.zeros(500), "current": np.full(500, 50.0)}
    given["input"][[10, 200]] = 3.0, -2.0
    states, fired = run_neurons(sl.IF(), 0.1, given)
    assert not fired.any()
    assert states["v_mv"][-1, 0] == pytest.approx(-70.0 + 1.0 + 500 * 0.1 / 250.0 * 50.0, rel=1e-12)


def izhikevich_2003(a, b, c, d, current, dt, steps):
    """The program of the paper, with one step length for both variables."""
    v, u, trace, spikes = -65.0, b * -65.0, [], []
    for k in range(steps):
        v += 0.5 * dt * (0.04 * v * v + 5.0 * v + 140.0 - u + current[k])
        v += 0.5 * dt * (0.04 * v * v + 5.0 * v + 140.0 - u + current[k])
        u += dt * a * (b * v - u)
        if v >= 30.0:
            v, u = c, u + d
            spikes.append(k)
        trace.append(v)
    return trace, spikes


@pytest.mark.parametrize(
    "kind",
    [(0.02, 0.2, -65.0, 8.0), (0.02, 0.2, -55.0, 4.0), (0.1, 0.2, -65.0, 2.0), (0.02, 0.2, -50.0, 2.0)],
)
@pytest.mark.parametrize("dt_ms", [1.0, 0.25])
def test_izhikevich_as_published(kind, dt_ms):
    current = np.where(np.arange(400) > 50, 10.0, 0.0)
    a, b, c, d = kind
    trace, spikes = izhikevich_2003(a, b, c, d, current, dt_ms, 400)
    cell = sl.Izhikevich(a=a, b=b, c_mv=c, d=d, consistent_integration=False)
    states, fired = run_neurons(cell, dt_ms, {"current": current})
    assert len(spikes) > 2 and np.flatnonzero(fired[:, 0]).tolist() == spikes
    np.testing.assert_allclose(states["v_mv"][:, 0], trace, rtol=0, atol=1e-9)


def test_izhikevich_with_one_euler_step_for_both():
    v, u, trace = -65.0, -13.0, []
    for _ in range(2000):
        v, u = v + 0.1 * (0.04 * v * v + 5.0 * v + 140.0 - u + 10.0), u + 0.1 * 0.02 * (0.2 * v - u)
        if v >= 30.0:
            v, u = -65.0, u + 8.0
        trace.append(v)
    states, fired = run_neurons(sl.Izhikevich(i_ext_pa=10.0), 0.1, steps=2000)
    assert fired.sum() > 3
    np.testing.assert_allclose(states["v_mv"][:, 0], trace, rtol=0, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "cell",
    [sl.IF(i_ext_pa=300.0), sl.Izhikevich(i_ext_pa=8.0), sl.LIF(refractory_input=True, i_ext_pa=350.0)],
    ids=["IF", "Izhikevich", "LIF held"],
)
def test_both_devices_make_the_same_bits(cell, dtype):
    given = {"input": np.random.default_rng(0).normal(0.1, 0.5, (600, 9))}
    (one_s, one_f), (two_s, two_f) = (
        run_neurons(cell, 0.1, given, dtype=dtype, device=device, n=9) for device in ("cpu", "reference")
    )
    assert one_f.any() and one_f.tobytes() == two_f.tobytes()
    for state, values in one_s.items():
        assert values.tobytes() == two_s[state].tobytes(), state
