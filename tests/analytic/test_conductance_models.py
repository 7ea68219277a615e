"""AdEx and the LIF with conductances against SciPy's LSODA at a relative tolerance of 1e-10."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.integrate import odeint, solve_ivp

import spikelab as sl

from .neuron_runs import QUANTUM, run_neurons

FINE = 0.01
#: Input arrives on the grid of 0.1 ms, at both step lengths.
COARSE = 0.1
DURATION = 150.0
EXACT = {"rtol": 1e-10, "atol": 1e-12}

ADEX = {
    "default": (sl.AdEx(i_ext_pa=500.0), 40.0),
    "driven": (sl.AdEx(i_ext_pa=1000.0), 100.0),
    "constant current": (sl.AdEx(i_ext_pa=1500.0), 0.0),
    "bursting": (sl.AdEx(i_ext_pa=1200.0, v_reset_mv=-48.0, tau_w_ms=30.0, b_pa=100.0), 5.0),
    "sharp": (sl.AdEx(i_ext_pa=900.0, delta_t_mv=0.5, v_peak_mv=-44.0, a_ns=0.0), 30.0),
    "broad": (sl.AdEx(i_ext_pa=400.0, delta_t_mv=5.0, v_peak_mv=20.0, tau_syn_exc_ms=3.0), 10.0),
    "currents": (sl.AdEx(synapse="current", i_ext_pa=700.0, tau_syn_exc_ms=2.0), 800.0),
}


@cache
def arrivals(size: float, seed: int = 0) -> dict[str, np.ndarray]:
    """Sums of weights in each coarse step."""
    rng = np.random.default_rng(seed)
    steps = round(DURATION / COARSE)
    on = rng.random((2, steps)) < np.array([[0.05], [0.02]])
    weight = np.round(rng.uniform(0.2, 1.0, (2, steps)) * size / QUANTUM) * QUANTUM
    return {"exc": on[0] * weight[0], "inh": on[1] * -weight[1]}


def flow(cell, exponential):
    """Right-hand side for (v, w, exc, inh); `exponential` is the current of the upstroke."""
    conductance = getattr(cell, "synapse", "conductance") == "conductance"
    a, tau_w = getattr(cell, "a_ns", 0.0), getattr(cell, "tau_w_ms", 1.0)

    def slope(t, y):
        v, w, exc, inh = y
        synaptic = exc * (cell.e_exc_mv - v) + inh * (cell.e_inh_mv - v) if conductance else exc + inh
        leak = cell.g_leak_ns * (cell.v_rest_mv - v)
        dv = (leak + exponential(v) + synaptic - w + cell.i_ext_pa) / cell.c_mem_pf
        dw = (a * (v - cell.v_rest_mv) - w) / tau_w
        return [dv, dw, -exc / cell.tau_syn_exc_ms, -inh / cell.tau_syn_inh_ms]

    return slope


@cache
def adex_by_lsoda(name: str, most: int = 10) -> tuple[np.ndarray, float, np.ndarray]:
    """Potential on the fine grid, the time of its first passage of V_T + 4 Delta_T, and spike times.

    LSODA up to that potential; from there, where its events fail, a method of order 8.
    """
    cell, size = ADEX[name]
    top = (cell.v_peak_mv - cell.v_thresh_mv) / cell.delta_t_mv + 2.0  # stages may lie beyond the peak

    def exponential(v):
        z = min((v - cell.v_thresh_mv) / cell.delta_t_mv, top)
        return cell.g_leak_ns * cell.delta_t_mv * np.exp(z)

    slope = flow(cell, exponential)

    def event(level):
        found = lambda t, y: y[0] - level  # noqa: E731
        found.terminal, found.direction = True, 1
        return found

    late, peak = event(cell.v_thresh_mv + 4.0 * cell.delta_t_mv), event(cell.v_peak_mv)
    given = arrivals(size)
    signed = np.stack([given["exc"], given["inh"] * (-1.0 if cell.synapse == "conductance" else 1.0)])
    stops = sorted({*np.flatnonzero(signed.any(axis=0)).tolist(), signed.shape[1] - 1})
    grid = np.arange(1, round(DURATION / FINE) + 1) * FINE
    trace = np.full(grid.size, np.nan)
    y, t, upstroke, passed, spikes = np.array([cell.v_rest_mv, 0.0, 0.0, 0.0]), 0.0, False, np.inf, []
    for stop in stops:
        end = (stop + 1) * COARSE
        while t < end - 1e-12:
            here = np.flatnonzero((grid > t + 1e-12) & (grid <= end + 1e-12))
            method = "DOP853" if upstroke else "LSODA"
            times = np.minimum(grid[here], end)
            run = solve_ivp(slope, (t, end), y, method, times, events=peak if upstroke else late, **EXACT)
            trace[here[: len(run.t)]] = run.y[0] if len(run.t) else 0.0
            if run.status == 0:
                t, y = end, run.y[:, -1].copy()
                continue
            t, y = float(run.t_events[0][0]), run.y_events[0][0].copy()
            passed = min(passed, t)
            if upstroke:
                spikes.append(t)
                y[0], y[1] = cell.v_reset_mv, y[1] + cell.b_pa
                if len(spikes) == most:
                    return trace, passed, np.array(spikes)
            upstroke = not upstroke
        y[2:] += signed[:, stop]
    return trace, passed, np.array(spikes)


def on_grid(given: dict[str, np.ndarray], dt_ms: float) -> dict[str, np.ndarray]:
    """The same input at the ends of the coarse steps, for another step length."""
    per = round(COARSE / dt_ms)
    spread = {name: np.zeros(values.size * per) for name, values in given.items()}
    for name, values in given.items():
        spread[name][per - 1 :: per] = values
    return spread


@pytest.mark.parametrize("dt_ms", [COARSE, FINE])
@pytest.mark.parametrize("name", ADEX)
def test_adex_follows_lsoda_to_the_spike_and_over_ten_spikes(name, dt_ms):
    cell, size = ADEX[name]
    states, fired = run_neurons(cell, dt_ms, on_grid(arrivals(size), dt_ms))
    trace, passed, spikes = adex_by_lsoda(name)
    before = int(min(passed, DURATION) / dt_ms)
    assert before * dt_ms > 5.0
    expected = trace[round(dt_ms / FINE) - 1 :: round(dt_ms / FINE)][:before]
    np.testing.assert_allclose(states["v_mv"][:before, 0], expected, rtol=0, atol=5e-4)
    assert len(spikes) >= (0 if name == "default" else 5)
    # a spike is stamped with the end of its step
    ours = (np.flatnonzero(fired[:, 0]) + 1) * dt_ms
    lag = ours[: len(spikes)] - spikes
    assert len(lag) == len(spikes) and (lag > -0.05 * dt_ms).all() and (lag < 1.05 * dt_ms).all()


@pytest.mark.parametrize("dt_ms", [COARSE, FINE])
def test_conductances_follow_lsoda(dt_ms):
    cell = sl.ConductanceLIF(i_ext_pa=600.0)
    given = arrivals(60.0)
    slope = flow(cell, lambda v: 0.0)
    states, fired = run_neurons(cell, dt_ms, on_grid(given, dt_ms))
    arriving = on_grid(given, dt_ms)
    y, ref, spikes, worst = np.array([cell.v_rest_mv, 0.0, 0.0, 0.0]), 0, [], 0.0
    for k in range(round(DURATION / dt_ms)):
        y = odeint(slope, y, [0.0, dt_ms], tfirst=True, **EXACT)[-1].copy()
        y[2] += arriving["exc"][k]
        y[3] -= arriving["inh"][k]
        if ref:
            y[0], ref = cell.v_reset_mv, ref - 1
        elif y[0] >= cell.v_thresh_mv:
            y[0], ref = cell.v_reset_mv, round(cell.tau_ref_ms / dt_ms)
            spikes.append(k)
        worst = max(worst, abs(y[0] - states["v_mv"][k, 0]))
    assert len(spikes) >= 5
    assert np.flatnonzero(fired[:, 0]).tolist() == spikes
    assert worst < 5e-4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cell", [sl.ConductanceLIF(i_ext_pa=500.0), ADEX["bursting"][0]])
def test_both_devices_make_the_same_bits(cell, dtype):
    given = {name: values[:400] for name, values in arrivals(5.0).items()}
    (one_s, one_f), (two_s, two_f) = (
        run_neurons(cell, 0.1, given, dtype=dtype, device=device, n=9) for device in ("cpu", "reference")
    )
    assert one_f.tobytes() == two_f.tobytes() and one_f.any()
    for state, values in one_s.items():
        assert np.isfinite(values).all()
        assert values.tobytes() == two_s[state].tobytes(), state


def test_currents_make_the_same_bits_on_both_devices():
    cell, size = ADEX["currents"]
    given = {name: values[:400] for name, values in arrivals(size).items()}
    one, two = (run_neurons(cell, 0.1, given, device=device)[0]["v_mv"] for device in ("cpu", "reference"))
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("tau_ref_ms", [0.0, 2.0])
def test_adex_rests_at_the_reset_while_refractory(tau_ref_ms):
    cell = sl.AdEx(i_ext_pa=1500.0, tau_ref_ms=tau_ref_ms, b_pa=50.0)
    states, fired = run_neurons(cell, 0.1, steps=300)
    first = int(np.argmax(fired[:, 0]))
    v, w = states["v_mv"][:, 0], states["w_pa"][:, 0]
    assert w[first] - w[first - 1] == pytest.approx(50.0, abs=1.0)
    if not tau_ref_ms:
        assert -60.0 <= v[first] < v[first + 1]
        return
    assert (v[first : first + 21] == -60.0).all() and v[first + 21] > -60.0
    held = 4.0 * (-60.0 + 70.6)  # where w goes while v is held
    decay = np.exp(-0.1 / 144.0)
    np.testing.assert_allclose(
        w[first + 1 : first + 21] - held, (w[first : first + 20] - held) * decay, rtol=1e-12
    )


@pytest.mark.parametrize("current", [-2000.0, 20_000.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adex_stays_finite_under_wild_input(current, dtype):
    given = {"exc": np.zeros(300), "inh": np.zeros(300), "current": np.zeros(300)}
    given["current"][50:200] = current
    given["exc"][::7], given["inh"][::11] = 2000.0, -100.0
    states, fired = run_neurons(sl.AdEx(), 0.1, given, dtype=dtype)
    assert all(np.isfinite(values).all() for values in states.values())
    assert fired.any() and states["v_mv"].max() < 40.0


def test_an_adex_without_input_rests():
    states, fired = run_neurons(sl.AdEx(v_init_mv=-70.6), 0.1, steps=1000)
    # the exponential is not quite 0 at the leak's potential
    assert not fired.any() and abs(states["v_mv"] + 70.6).max() < 1e-3
