"""Products of three factors: numbers worked out by hand, and products that are rules of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikelab as sl

from .pairs import trace, weights_after

PRE, POST, STEPS = [10, 11, 40], [20, 40], 60
FAST = dict(w_max=5.0, learning_rate=0.01, tau_pre_ms=10.0, tau_post_ms=20.0, tau_c_ms=30.0)


def learned(reward=None, **factors):
    signals = {} if reward is None else {"reward": reward}
    rule = sl.ThreeFactor(**FAST, third="one" if reward is None else "reward", **factors)
    return weights_after(rule, [PRE], [POST], STEPS, delay=0, signals=signals)[0] - 0.5


# What the product adds in each step; a value that lasts adds its value times the step of 1 ms.
PRODUCTS = {
    ("trace", "spike"): lambda t: trace(PRE, t, 10.0) * (t in POST),
    ("spike", "one"): lambda t: float(t in PRE),
    ("spike", "trace"): lambda t: trace(POST, t, 20.0) * (t in PRE),
    ("spike", "spike"): lambda t: float(t in PRE and t in POST),
    ("trace", "one"): lambda t: trace(PRE, t, 10.0),
    ("trace", "trace"): lambda t: trace(PRE, t, 10.0) * trace(POST, t, 20.0),
}


@pytest.mark.parametrize("factors", PRODUCTS, ids="-".join)
def test_a_product_is_summed(factors):
    pre, post = factors
    expected = 0.01 * sum(PRODUCTS[factors](t) for t in range(STEPS))
    assert learned(pre=pre, post=post) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("factors", PRODUCTS, ids="-".join)
def test_a_reward_takes_what_is_left_of_the_product(factors):
    pre, post = factors
    reward = np.zeros(STEPS)
    reward[[25, 50]] = 1.0, -0.5
    left = [
        sum(PRODUCTS[factors](s) * math.exp((s - t) / 30.0) for s in range(t + 1)) * reward[t]
        for t in (25, 50)
    ]
    expected = 0.01 * sum(left)
    assert learned(reward, pre=pre, post=post) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("g", ["identity", "rectified", "sigmoid", "surrogate"])
@pytest.mark.parametrize("pre", ["spike", "trace"])
def test_a_function_of_the_potential(g, pre):
    """The target rests at v = 0 and is moved by the source's spikes alone."""
    rule = sl.ThreeFactor(
        **FAST, pre=pre, post="g", g=g, v_centre_mv=0.1, v_width_mv=0.2, delay_kind="transmission"
    )
    (ours,) = weights_after(rule, [PRE], [[]], STEPS, delay=1, w0=0.5)
    u = lambda v: (v - 0.1) / 0.2  # noqa: E731
    functions = {
        "identity": u,
        "rectified": lambda v: max(u(v), 0.0),
        "sigmoid": lambda v: 1.0 / (1.0 + math.exp(-u(v))),
        "surrogate": lambda v: 1.0 / (1.0 + abs(u(v))) ** 2,
    }
    w, v, coming = 0.5, 0.0, 0.0
    for t in range(STEPS):
        v, coming = v * math.exp(-1.0) + coming, 0.0
        x = float(t in PRE) if pre == "spike" else trace(PRE, t, 10.0)
        w += 0.01 * x * functions[g](v)
        # a spike carries the weight as it is after its step; it arrives a step later
        coming = w if t in PRE else 0.0
    assert ours == pytest.approx(w, abs=1e-8)  # what arrives is rounded to its quantum
    assert abs(w - 0.5) > 1e-3
