"""LIF neurons with exponential, alpha-shaped and adaptation currents against matrix exponentials.

Between spikes the equations are linear with constant coefficients: the oracle is SciPy's ``expm`` of their
matrix, written down from the equations, with none of the library's propagators.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.linalg import expm

import spikelab as sl
from spikelab_kernels.philox import draw_words, uniform

from .neuron_runs import QUANTUM, run_neurons

N, STEPS = 4, 600
COMMON = {
    "tau_mem_ms": np.array([10.0, 15.0, 8.0, 20.0]),
    "c_mem_pf": np.array([250.0, 200.0, 300.0, 150.0]),
    "v_rest_mv": np.array([-70.0, -65.0, -72.0, -68.0]),
    "i_ext_pa": np.array([100.0, 200.0, 800.0, 50.0]),
    "v_init_mv": np.array([-70.0, -60.0, -66.0, -75.0]),
}
# the first neuron's synapse is as slow as its membrane, the second's almost
SYNAPSES = {
    "tau_syn_exc_ms": np.array([10.0, 15.0 + 1e-7, 0.5, 3.0]),
    "tau_syn_inh_ms": np.array([2.0, 5.0, 12.0, 8.0]),
}
ADAPTATION = {"tau_thresh_ms": np.array([5.0, 50.0, 200.0, 20.0]), "thresh_jump_mv": 1.5}
CURRENT = {
    "tau_adapt_ms": np.array([10.0, 100.0, 30.0, 60.0]),
    "adapt_jump_pa": np.array([0.0, 60.0, 90.0, 5.0]),
}
CELLS = {
    "exp": sl.LIF(synapse="exp", **COMMON, **SYNAPSES),
    "alpha": sl.LIF(synapse="alpha", **COMMON, **SYNAPSES),
    "adaptive": sl.AdaptiveLIF(**COMMON, **SYNAPSES, **ADAPTATION, **CURRENT),
    "escape": sl.EscapeLIF(**COMMON, **SYNAPSES, rate_at_thresh_hz=200.0, width_mv=3.0),
}


def one(cell, i):
    """The record of neuron `i` alone."""
    values = {f.name: getattr(cell, f.name) for f in fields(cell)}
    return replace(cell, **{name: v[i] for name, v in values.items() if isinstance(v, np.ndarray)})


def arrivals(strength=300.0):
    rng = np.random.default_rng(3)
    on = rng.random((3, STEPS, N)) < np.array([0.06, 0.03, 1.0])[:, None, None]
    size = np.round(rng.uniform(0.3, 1.0, (3, STEPS, N)) * strength / QUANTUM) * QUANTUM
    return {"exc": on[0] * size[0], "inh": on[1] * -size[1], "current": rng.normal(50.0, 100.0, (STEPS, N))}


def generator(p):
    """Of (v - rest, exc, its slope, inh, its slope, w, external current): slopes feed the currents."""
    taus = [p.tau_mem_ms, p.tau_syn_exc_ms, p.tau_syn_exc_ms, p.tau_syn_inh_ms, p.tau_syn_inh_ms]
    matrix = np.diag([-1.0 / tau for tau in [*taus, getattr(p, "tau_adapt_ms", 1.0), np.inf]])
    matrix[0, [1, 3, 6]], matrix[0, 5] = 1.0 / p.c_mem_pf, -1.0 / p.c_mem_pf
    matrix[1, 2] = matrix[3, 4] = 1.0
    return matrix


def integrate(p, given, dt, fires):
    """Potential and spikes of one neuron; ``fires(k, v, raised)`` decides."""
    move = expm(generator(p) * dt)
    alpha = getattr(p, "synapse", "") == "alpha"
    x = np.zeros(7)
    x[0] = p.v_init_mv - p.v_rest_mv
    ref, raised, trace, spikes = 0, 0.0, [], []
    for k in range(STEPS):
        x[6] = p.i_ext_pa + given["current"][k]
        moved = move @ x
        if ref:
            moved[0] = x[0]
        x = moved
        for plane, name, tau in ((1, "exc", p.tau_syn_exc_ms), (3, "inh", p.tau_syn_inh_ms)):
            x[plane + alpha] += given[name][k] * (np.e / tau if alpha else 1.0)
        raised *= np.exp(-dt / getattr(p, "tau_thresh_ms", 1.0))
        spiked = fires(k, x[0] + p.v_rest_mv, raised, ref)
        ref = round(p.tau_ref_ms / dt) if spiked else max(ref - 1, 0)
        if spiked:
            x[0] = p.v_reset_mv - p.v_rest_mv
            x[5] += getattr(p, "adapt_jump_pa", 0.0)
            raised += getattr(p, "thresh_jump_mv", 0.0)
        trace.append(x[0] + p.v_rest_mv)
        spikes.append(spiked)
    return np.array(trace), np.array(spikes)


@pytest.mark.parametrize("dt_ms", [0.1, 1.0])
@pytest.mark.parametrize("name", CELLS)
def test_the_potential_is_that_of_the_matrix_exponential(name, dt_ms):
    given = arrivals(100.0 if name == "alpha" else 300.0)
    states, spikes = run_neurons(CELLS[name], dt_ms, given, n=N, seed=9)
    assert spikes.sum(axis=0).min() > 0 and spikes.mean() < 0.3
    for i in range(N):
        p = one(CELLS[name], i)

        def fires(k, v, raised, ref, p=p, i=i):
            if name != "escape":
                return v >= p.v_thresh_mv + raised
            rate = p.rate_at_thresh_hz * np.exp((v - p.v_thresh_mv) / p.width_mv)
            draw = uniform(draw_words(9, i, k, 0, 0))
            return not ref and draw < 1.0 - np.exp(-rate * 1e-3 * dt_ms)

        trace, fired = integrate(p, {key: values[:, i] for key, values in given.items()}, dt_ms, fires)
        np.testing.assert_array_equal(spikes[:, i], fired)
        np.testing.assert_allclose(states["v_mv"][:, i], trace, rtol=0, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CELLS)
def test_both_devices_make_the_same_bits(name, dtype):
    given = arrivals(100.0 if name == "alpha" else 300.0)
    (one_s, one_f), (two_s, two_f) = (
        run_neurons(CELLS[name], 0.1, given, dtype=dtype, device=device, n=N, seed=9)
        for device in ("cpu", "reference")
    )
    assert one_f.tobytes() == two_f.tobytes() and one_f.any()
    for state, values in one_s.items():
        assert values.tobytes() == two_s[state].tobytes(), state


@pytest.mark.parametrize("name", [name for name in CELLS if name != "escape"])
def test_float32_follows_float64_until_the_first_spike(name):
    given = arrivals(100.0 if name == "alpha" else 300.0)
    single, double = (run_neurons(CELLS[name], 0.1, given, dtype=d, n=N) for d in ("float32", "float64"))
    for i in range(N):
        first = int(np.argmax(double[1][:, i]))
        assert first > 10
        a, b = single[0]["v_mv"][:first, i], double[0]["v_mv"][:first, i]
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-3)


def test_an_adaptation_current_is_as_large_as_it_is_said_to_be():
    cell = sl.AdaptiveLIF(i_ext_pa=500.0, thresh_jump_mv=3.0, adapt_jump_pa=40.0, tau_adapt_ms=50.0)
    states, spikes = run_neurons(cell, 0.1, steps=3000)
    first = int(np.argmax(spikes[:, 0]))
    assert states["w_pa"][first, 0] == 40.0 and states["raised_mv"][first, 0] == 3.0
    assert states["w_pa"][first + 10, 0] == pytest.approx(40.0 * np.exp(-1.0 / 50.0), rel=1e-12)
    gaps = np.diff(np.flatnonzero(spikes[:, 0]))
    assert gaps[-1] > 1.5 * gaps[0]


def test_the_rate_of_chance_is_that_of_the_hazard():
    # far above threshold the membrane does not matter: refractoriness and a constant hazard remain
    cell = sl.EscapeLIF(v_thresh_mv=-70.0, width_mv=1e6, rate_at_thresh_hz=50.0, v_reset_mv=-70.5)
    _, spikes = run_neurons(cell, 0.1, steps=20_000, n=64, seed=4)
    expected = 64 * 2.0 / (1 / 50.0 + 0.002)
    assert abs(spikes.sum() - expected) < 4 * np.sqrt(expected)


def test_a_sharp_width_is_the_threshold():
    given = {"exc": arrivals()["exc"][:, :1]}
    sharp = sl.EscapeLIF(width_mv=1e-4, rate_at_thresh_hz=1e7, i_ext_pa=300.0)
    _, chance = run_neurons(sharp, 0.1, given)
    _, certain = run_neurons(sl.LIF(synapse="exp", i_ext_pa=300.0), 0.1, given)
    assert certain.sum() >= 5
    np.testing.assert_array_equal(chance, certain)
