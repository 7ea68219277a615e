"""The neuron of Diehl & Cook: steps by hand, input lost while refractory, a threshold that remembers."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl

from .neuron_runs import QUANTUM, run_neurons


def grid(values: object) -> np.ndarray:
    return np.rint(np.asarray(values, float) / QUANTUM) * QUANTUM


def by_hand(arrivals: np.ndarray, theta: float = 0.0, jump: float = 0.5, tau_theta: float = 50.0):
    """The equations as sentences, in Python's numbers; 2 steps of refractoriness."""
    v, left, rows = -65.0, 0, []
    for weight in arrivals.tolist():
        v = -65.0 + (v + 65.0) * np.exp(-1.0 / 100.0)
        theta *= np.exp(-1.0 / tau_theta)
        if left == 0:
            v += weight
        spiked = left == 0 and v >= -52.0 + theta
        left = 2 if spiked else max(left - 1, 0)
        if spiked:
            v, theta = -60.0, theta + jump
        rows.append((v, theta, spiked))
    return [np.array(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_steps_by_hand(device):
    arrivals = grid(np.random.default_rng(1).exponential(3.0, 400))
    arrivals[10:14] = 20.0
    v, theta, spiked = by_hand(arrivals)
    cell = sl.DiehlCookLIF(tau_ref_ms=2.0, theta_plus_mv=0.5, tau_theta_ms=50.0)
    states, fired = run_neurons(cell, 1.0, {"input": arrivals}, device=device)
    assert fired[:, 0].tolist() == spiked.tolist() and 20 < spiked.sum() < 200
    np.testing.assert_allclose(states["v_mv"][:, 0], v, rtol=0, atol=1e-12)
    np.testing.assert_allclose(states["theta_mv"][:, 0], theta, rtol=0, atol=1e-12)


def test_the_threshold_itself_makes_a_spike_and_a_refractory_membrane_decays_without_input():
    given = grid([13.0, 20.0, 20.0, 0.0])
    cell = sl.DiehlCookLIF(tau_ref_ms=2.0, theta_plus_mv=0.0)
    states, fired = run_neurons(cell, 1.0, {"input": given})
    assert fired[:, 0].tolist() == [1, 0, 0, 0]
    decayed = -65.0 + 5.0 * np.exp(-np.arange(4) / 100.0)
    np.testing.assert_allclose(states["v_mv"][:, 0], decayed, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_theta_falls_at_its_rate_over_a_million_steps(dtype):
    start = 20.0
    cell = sl.DiehlCookLIF(theta_init_mv=start, tau_theta_ms=1e7)
    states, _ = run_neurons(cell, 1.0, steps=1_000_000, dtype=dtype)
    end = float(states["theta_mv"][-1, 0])
    assert end == pytest.approx(start * np.exp(-0.1), rel=3e-7 if dtype == "float32" else 1e-12)


def test_a_frozen_neuron_keeps_its_threshold_and_fires_alike_while_it_would_not_have_moved():
    cell = sl.DiehlCookLIF(theta_init_mv=1.25, theta_plus_mv=0.1, tau_theta_ms=200.0)
    arrivals = grid(np.random.default_rng(2).exponential(3.0, 300))
    states, fired = run_neurons(cell.frozen(), 1.0, {"input": arrivals}, dtype="float32")
    assert (states["theta_mv"] == np.float32(1.25)).all() and fired.sum() > 5
    still = sl.DiehlCookLIF(theta_init_mv=1.25, theta_plus_mv=0.0, tau_theta_ms=1e300)
    assert np.array_equal(run_neurons(still, 1.0, {"input": arrivals}, dtype="float32")[1], fired)
    moved = run_neurons(cell, 1.0, {"input": arrivals}, dtype="float32")[0]["theta_mv"]
    assert moved.max() > 1.25 > moved.min()
    assert cell.frozen().model == cell.model and cell.frozen().frozen() == cell.frozen()


def test_a_threshold_that_never_moves_costs_nothing_and_changes_nothing():
    arrivals = grid(np.random.default_rng(3).exponential(3.0, 300))
    plain = sl.DiehlCookLIF(theta_plus_mv=0.0)
    tiny = sl.DiehlCookLIF(theta_plus_mv=1e-300)
    assert not plain.model.static["adapts"] and tiny.model.static["adapts"]
    runs = [run_neurons(cell, 1.0, {"input": arrivals}) for cell in (plain, tiny)]
    assert np.array_equal(runs[0][1], runs[1][1]) and runs[0][1].any()
    assert np.array_equal(runs[0][0]["v_mv"], runs[1][0]["v_mv"])


def test_what_outlives_a_sample_is_a_state():
    cell = sl.DiehlCookLIF(theta_init_mv=[1.0, 2.0])
    assert set(cell.kept) < set(cell.initial()) and set(cell.initial()) == set(cell.model.state)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.DiehlCookLIF(theta_plus_mv=-1.0), r"theta_plus_mv must be >= 0 mV.* 0.05 is the paper's"),
        (lambda: sl.DiehlCookLIF(tau_theta_ms=0.0), "tau_theta_ms must be > 0 ms"),
        (lambda: sl.DiehlCookLIF(v_rest_mv=-50.0), "v_rest_mv must lie below v_thresh_mv=-52.0. The neuron"),
        (lambda: sl.DiehlCookLIF(theta_init_mv=[1.0, np.nan]), r"theta_init_mv\[1\].* must be finite"),
        (lambda: sl.DiehlCookLIF(adapt=1), "adapt must be True or False"),
        (lambda: sl.DiehlCookLIF(theta_plus=1.0), "theta_plus must be one of its parameters. Did you mean"),
    ],
)
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()
