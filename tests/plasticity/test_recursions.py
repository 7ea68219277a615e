"""Random trains, delays and every meaning of coincidence against sums over pairs of spikes."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import spikelab as sl

from .pairs import learn, trace, weights_after

N, STEPS = 12, 400
MODES = ["ignore", "pre_first", "include"]
# (delay of the source, delay of the target) at the synapse, from the delay of the connection
PASSING = {"dendritic": (0, 1), "axonal": (1, 0), "transmission": (0, 0)}


def trains(seed):
    rng = np.random.default_rng(seed)
    pre = [np.flatnonzero(rng.random(STEPS - 60) < 0.06).tolist() for _ in range(N)]
    post = [np.flatnonzero(rng.random(STEPS - 60) < 0.06).tolist() for _ in range(N)]
    for i in range(N):  # coincidences at the somata and, with a delay of 3, at the synapses
        pre[i], post[i] = sorted({*pre[i], 100, 203}), sorted({*post[i], 100, 200})
    return pre, post


def assert_learned(rule, changes, delay=(1, 2, 3, 5), seed=0, device="reference", dtype="float64"):
    """`changes` gives ``on_pre`` and ``on_post`` for trains of one synapse as they pass it."""
    pre, post = trains(seed)
    delays = np.resize(delay, N)
    ours = weights_after(rule, pre, post, STEPS, delay=delays, device=device, dtype=dtype)
    assert np.abs(ours - 0.5).max() > 1e-3
    for i, d in enumerate(delays.tolist()):
        d_pre, d_post = (side * d for side in PASSING[rule.delay_kind])
        passing = [t + d_pre for t in pre[i]], [t + d_post for t in post[i]]
        expected = learn(
            *passing, *changes(*passing), delays=(0, 0), bounds=(rule.w_min, rule.w_max),
            coincident=rule.coincident, steps=STEPS,
        )  # fmt: skip
        assert ours[i] == pytest.approx(expected, abs=1e-12 if dtype == "float64" else 2e-5), i


def pair(rule, pre, post):
    """Sums over all pairs, or over the last spike of the other side."""
    near, width = rule.pairing == "symmetric", rule.w_max - rule.w_min

    def on_pre(w, t, raised):
        share = ((w - rule.w_min) / width) ** rule.mu_minus
        return w - rule.a_minus * width * share * trace(post, t, rule.tau_minus_ms, raised, near)

    def on_post(w, t, raised):
        share = ((rule.w_max - w) / width) ** rule.mu_plus
        return w + rule.a_plus * width * share * trace(pre, t, rule.tau_plus_ms, raised, near)

    return on_pre, on_post


def presynaptic(rule, pre, post):
    def on_pre(w, t, raised):
        return w - rule.a_minus * trace(post, t, rule.tau_minus_ms, raised, nearest=True)

    def on_post(w, t, raised):
        last = max((s for s in post if s < t), default=-1)
        return w + rule.a_plus * trace([s for s in pre if s >= last], t, rule.tau_plus_ms, raised)

    return on_pre, on_post


def restricted(rule, pre, post):
    def on_pre(w, t, raised):
        last = max((s for s in post if s < t), default=None)
        # NEST's way: a spike of the target in this very step makes the one before it count again
        free = last is not None and (t in post or not any(last <= s < t for s in pre))
        return w - (rule.a_minus * math.exp((last - t) / rule.tau_minus_ms) if free else 0.0)

    def on_post(w, t, raised):
        last = max((s for s in pre if s < t), default=None)
        free = last is not None and not any(last < s < t for s in post)
        return w + (rule.a_plus * math.exp((last - t) / rule.tau_plus_ms) if free else 0.0)

    return on_pre, on_post


def anti(rule, pre, post):
    def on_pre(w, t, raised):
        return w + rule.a_plus * trace(post, t, rule.tau_plus_ms, raised)

    def on_post(w, t, raised):
        return w - rule.a_minus * trace(pre, t, rule.tau_minus_ms, raised)

    return on_pre, on_post


def symmetric(rule, pre, post):
    def change(times, w, t, raised):
        up, down = (trace(times, t, tau, raised) for tau in (rule.tau_plus_ms, rule.tau_minus_ms))
        return w + rule.a_plus * up - rule.a_minus * down

    return partial(change, post), partial(change, pre)


def triplet(rule, pre, post):
    near = rule.pairing == "nearest"

    def on_pre(w, t, raised):
        own = trace(pre, t, rule.tau_pre_triplet_ms, rule.coincident == "include", near)
        other = trace(post, t, rule.tau_minus_ms, raised, near)
        return w - other * (rule.a2_minus + rule.a3_minus * own)

    def on_post(w, t, raised):
        own = trace(post, t, rule.tau_post_triplet_ms, rule.coincident == "include", near)
        return w + trace(pre, t, rule.tau_plus_ms, raised, near) * (rule.a2_plus + rule.a3_plus * own)

    return on_pre, on_post


def inhibitory(rule, pre, post):
    alpha = 2.0 * rule.rate_hz * rule.tau_ms / 1000.0

    def on_pre(w, t, raised):
        return w + rule.eta * (trace(post, t, rule.tau_ms, raised) - alpha)

    def on_post(w, t, raised):
        return w + rule.eta * trace(pre, t, rule.tau_ms, raised)

    return on_pre, on_post


def offset(rule, pre, post):
    near = rule.raised == "set"

    def on_pre(w, t, raised):
        return w - rule.nu_pre * trace(post, t, rule.tau_post_ms, raised, near) * w**rule.mu

    def on_post(w, t, raised):
        x = trace(pre, t, rule.tau_pre_ms, raised, near)
        return w + rule.nu_post * (x - rule.x_offset) * (rule.w_max - w) ** rule.mu

    return on_pre, on_post


PAIR = dict(w_max=1.0, a_plus=0.02, a_minus=0.018, tau_plus_ms=15.0, tau_minus_ms=25.0)
TRIPLET = dict(w_max=1.0, a2_plus=0.01, a3_plus=0.02, a2_minus=0.012, a3_minus=0.01)
CASES = [
    (sl.STDP(**PAIR), pair),
    (sl.STDP(**PAIR, mu_plus=0.4, mu_minus=0.7, w_min=-0.5), pair),
    (sl.STDP(**PAIR, mu_plus=1.0, mu_minus=1.0, pairing="symmetric"), pair),
    (sl.STDP(**PAIR, mu_plus=0.0, mu_minus=1.0, delay_kind="axonal"), pair),
    (sl.STDP(**PAIR, pairing="presynaptic"), presynaptic),
    (sl.STDP(**PAIR, pairing="restricted"), restricted),
    (sl.AntiHebbianSTDP(**PAIR), anti),
    (sl.SymmetricSTDP(**PAIR | {"tau_minus_ms": 40.0}), symmetric),
    (sl.TripletSTDP(**TRIPLET, delay_kind="transmission"), triplet),
    (sl.TripletSTDP(**TRIPLET, pairing="nearest"), triplet),
    (sl.InhibitorySTDP(w_max=1.0, eta=0.02, rate_hz=10.0), inhibitory),
    (sl.TraceSTDP(w_max=1.0, nu_pre=0.01, nu_post=0.05, x_offset=0.2, mu=0.3, raised="add"), offset),
    (sl.TraceSTDP(w_max=1.0, nu_pre=0.0, nu_post=0.05, x_offset=0.3), offset),
]


def named(case):
    rule = case[0]
    return f"{type(rule).__name__}-{getattr(rule, 'pairing', '')}-{rule.delay_kind}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_rule_is_its_sum_over_pairs(case):
    rule, changes = case
    assert_learned(rule, partial(changes, rule))


@pytest.mark.parametrize("coincident", MODES[1:])
@pytest.mark.parametrize("case", [CASES[0], CASES[8], CASES[11]], ids=named)
def test_coincidence(case, coincident):
    rule = replace(case[0], coincident=coincident)
    assert_learned(rule, partial(case[1], rule), seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_compiled_rule_is_its_sum_over_pairs(case, dtype):
    rule, changes = case
    assert_learned(rule, partial(changes, rule), device="cpu", dtype=dtype, seed=2)
