"""Voltage-based plasticity: against the equations step by step, and as a function of frequency."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikelab as sl

DT = 0.1
REST = -70.6


def pairing(rule, pre_ms, post_ms, duration_ms, *, delay=1, device="cpu", current=None, w0=0.5):
    """A target that fires with its teacher: weight, potential and the steps of its spikes."""
    net = sl.Network()
    source, teacher = net.input("source", 1, sl.SpikeInput()), net.input("teacher", 1, sl.SpikeInput())
    cell = sl.LIF(v_rest_mv=REST, v_reset_mv=REST, v_thresh_mv=-30.0, tau_mem_ms=20.0, tau_ref_ms=DT)
    target = net.add("target", 1, cell)
    net.connect(teacher, target, weight=300.0, delay_ms=0.0)
    net.connect(source, target, weight=w0, delay_ms=delay * DT, plasticity=rule)
    inputs = {}
    steps = round(duration_ms / DT)
    for name, times in (("source", pre_ms), ("teacher", post_ms)):
        inputs[name] = np.zeros((steps, 1, 1))
        inputs[name][np.round(np.asarray(times) / DT).astype(int)] = 1
    if current is not None:
        held = net.input("current", 1)
        net.connect(held, target, weight=1.0, receptor="current")
        inputs["current"] = np.asarray(current).reshape(-1, 1, 1)
    sim = sl.Simulator(net, dt_ms=DT, dtype="float64", device=device)
    result = sim.run(inputs=inputs, record=sl.Record(traces=("v_mv",)))["target"]
    return sim.weights()["source", "target", 0][0], result["v_mv"][:, 0, 0], result.spikes.step


def equations(rule, pre, post, v, delay, w):
    """The rule in plain Python; `pre` and `post` are steps, `v` the potential after each step."""
    u_minus, u_plus = [v[0]], [v[0]]  # the filters before the first step
    for value in v:
        u_minus.append(u_minus[-1] + (1 - math.exp(-DT / rule.tau_minus_ms)) * (value - u_minus[-1]))
        u_plus.append(u_plus[-1] + (1 - math.exp(-DT / rule.tau_plus_ms)) * (value - u_plus[-1]))
    height = rule.spike_mv - rule.v_reset_mv

    def above(x, threshold):
        return max(x - threshold, 0.0)

    def trace(times, now, tau):
        return sum(math.exp(-(now - k) * DT / tau) for k in times if k < now)

    def filtered(values, tau, now):
        bump = height * (1 - math.exp(-rule.spike_ms / tau))
        return values[now] + bump * trace(post, now, tau)

    for step in range(delay, len(v)):
        seen = step - delay  # the target is seen after the dendrite's delay
        x = trace(pre, step, rule.tau_x_ms) / rule.tau_x_ms
        plus = above(filtered(u_plus, rule.tau_plus_ms, seen), rule.theta_minus_mv)
        if seen in post:
            w += rule.a_ltp * x * rule.spike_ms * (rule.spike_mv - rule.theta_plus_mv) * plus
        if step in pre:
            w -= rule.a_ltd * above(filtered(u_minus, rule.tau_minus_ms, seen), rule.theta_minus_mv)
        w += rule.a_ltp * x * DT * above(v[seen], rule.theta_plus_mv) * plus
        w = min(max(w, rule.w_min), rule.w_max)
    return w


@pytest.mark.parametrize("device", ["reference", "cpu"])
@pytest.mark.parametrize("delay", [1, 7])
def test_two_neurons_follow_the_equations(device, delay):
    rule = sl.Clopath(w_max=1.0, a_ltd=14e-4, a_ltp=8e-4)
    # a current that lifts the potential over both thresholds, with and without spikes
    current = 500.0 * (1 + np.sin(np.arange(600) * 0.02))
    pre_ms = [3.0, 10.0, 20.0, 20.1, 31.0, 45.0, 50.0]
    w, v, post = pairing(rule, pre_ms, [12.0, 33.0, 45.0], 60.0, delay=delay, device=device, current=current)
    assert v.max() > rule.theta_plus_mv + 1 and post.size >= 3
    pre = [round(t / DT) for t in pre_ms]
    expected = equations(rule, pre, post.tolist(), v, delay, 0.5)
    assert w == pytest.approx(expected, abs=1e-13) and abs(w - 0.5) > 1e-3


def test_one_pair_by_hand():
    rule = sl.Clopath(w_max=1.0)
    # target at 10 ms, source at 20 ms + delay: the filter holds the pulse of 103.6 mV and 2 ms
    w, v, post = pairing(rule, [20.0], [10.0], 30.0, w0=0.5)
    after = math.exp(-(200 - 1 - 100) * DT / 10.0)  # the dendrite's delay of a step
    depolarised = 103.6 * (1 - math.exp(-0.2)) * after
    assert post.tolist() == [100] and v.max() < REST + 1
    # the source's own potential comes later than its spike
    assert w == pytest.approx(0.5 - 14e-5 * depolarised, abs=1e-9)


def change(rule, lag_ms, rate_hz, pairs=8):
    """Of the weight by pairs; the dendrite shows the target's spikes to the synapse 1 ms late."""
    times = 20.0 + 1e3 / rate_hz * np.arange(pairs)
    pre, post = (times, times + lag_ms - 1.0) if lag_ms > 0 else (times - lag_ms + 1.0, times)
    duration_ms = times[-1] + 30.0
    # the published neuron has a current of 400 pA and 40 ms after each spike, which depolarises it
    since = np.arange(round(duration_ms / DT))[:, None] * DT - post
    current = np.where(since > 0, 400.0 * np.exp(-since.clip(0) / 40.0), 0.0).sum(axis=1)
    w, _, _ = pairing(rule, pre, post, duration_ms, delay=10, current=current)
    return w - 0.5


def test_pairs_depend_on_their_frequency_as_published():
    """Clopath et al. 2010, figure 2: cause before effect needs a frequency, and wins at high ones."""
    rule = sl.Clopath(w_max=1.0)
    up = [change(rule, 10.0, rate) for rate in (5.0, 20.0, 50.0)]
    down = [change(rule, -10.0, rate) for rate in (5.0, 20.0, 50.0)]
    assert abs(up[0]) < 0.2 * abs(down[0]) and up[0] < up[1] < up[2]
    assert down[0] < 0 and down[1] < 0 < down[2]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.Clopath(w_max=1.0, tau_x_ms=0.0), "tau_x_ms must be > 0 ms"),
        (lambda: sl.Clopath(w_max=1.0, a_ltd=-1.0), "a_ltd must be >= 0 1/mV. Depression is subtracted"),
        (lambda: sl.Clopath(w_max=1.0, w_min=-1.0), "w_min must be >= 0. The rule is one of magnitudes"),
        (lambda: sl.Clopath(w_max=1.0, spike_mv=-80.0), "v_reset_mv.* must lie below spike_mv"),
        (lambda: sl.Clopath(), "w_max"),
    ],
)
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises((sl.ParameterError, TypeError), match=text):
        make()


def test_the_record_is_saved(tmp_path):
    net = sl.Network()
    source = net.input("source", 1, sl.SpikeInput())
    net.connect(source, net.add("t", 1, sl.AdEx()), weight=0.5, plasticity=sl.Clopath(w_max=1.0, a_ltd=1e-4))
    sl.Simulator(net, device="reference").save(tmp_path / "sim")
    (again,) = sl.Simulator.load(tmp_path / "sim", device="reference").net.projections.values()
    assert again.plasticity == sl.Clopath(w_max=1.0, a_ltd=1e-4)
