"""The traits are proved: what a rule reads, and what happens where a pseudo-derivative raises."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import numpy as np
import pytest

import spikelab as sl
from spikelab import plasticity
from spikelab_kernels.models import plasticity_factors

KINDS = [getattr(plasticity, name) for name in plasticity.__all__]
RULES = [
    kind(w_max=1.0)
    for kind in KINDS
    if inspect.isclass(kind) and issubclass(kind, sl.Plasticity) and not inspect.isabstract(kind)
    if kind is not plasticity.CustomSynapse
] + [
    sl.ThreeFactor(w_max=1.0, pre=pre, post="g", third=third, g=g)
    for pre in ("spike", "trace")
    for third in ("one", "reward")
    for g in ("identity", "rectified", "sigmoid", "surrogate")
]


def functions(rule):
    """The functions of a rule as Python, each with the numbers that it may see and no other."""
    kernel = rule.rule
    p = SimpleNamespace(**rule.prepare(0.1), **kernel.static)
    s = SimpleNamespace(w=0.4, **dict.fromkeys(kernel.state, 0.3), next=lambda **new: new)
    sides = [
        SimpleNamespace(spike=1.0, **dict.fromkeys([*traces, *values], 0.2))
        for traces, values in ((kernel.pre, kernel.pre_values), (kernel.post, kernel.post_values))
    ]
    third = SimpleNamespace(**dict.fromkeys(kernel.third, 1.0))
    for name in ("on_pre", "on_post", "on_step"):
        function = getattr(kernel, name)
        if function is not None:
            yield function, (s, p, *sides, *([third] if name == "on_step" else []))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule.name)
def test_a_rule_sees_its_two_neurons_its_own_state_and_what_is_broadcast(rule):
    assert rule.traits.local and not rule.traits.weight_transport and rule.traits.update_lock == 0
    assert rule.traits.state_per_synapse == 1 + len(rule.rule.state)
    for function, seen in functions(rule):
        new = function(*seen)
        assert set(new) <= {"w", *rule.rule.state}
        assert all(np.isfinite(float(value)) for value in new.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.rule.name}-{getattr(rule, 'g', '')}")
def test_a_pseudo_derivative_is_declared(rule, monkeypatch):
    def refuse(u):
        raise AssertionError("a pseudo-derivative was evaluated")

    monkeypatch.setattr(plasticity_factors, "surrogate", refuse)
    # where() of Python evaluates both sides, which the translation does not: take the side that is meant
    monkeypatch.setattr(plasticity_factors, "g", lambda p, v: _g(p, v, plasticity_factors.surrogate))
    used = False
    for function, seen in functions(rule):
        try:
            function(*seen)
        except AssertionError:
            used = True
    assert used == rule.traits.uses_pseudo_derivative


def _g(p, v, surrogate):
    plain = p.g_is_identity or p.g_is_rectified or p.g_is_sigmoid
    return v if plain else surrogate(v)


@pytest.mark.parametrize(
    "rule", [sl.STDP(w_max=1.0), sl.RewardSTDP(w_max=1.0)], ids=lambda r: type(r).__name__
)
def test_other_layers_weights_change_nothing(rule):
    """No weight transport and no update lock: the first layer learns the same, whatever lies behind it."""

    signals = {"reward": 0.1} if rule.rule.third else {}

    def first_layer(behind):
        net = sl.Network(seed=2)
        source = net.input("source", 20, sl.PoissonEncoder(max_rate_hz=100.0))
        cell = sl.LIF(tau_mem_ms=20.0, v_rest_mv=0.0, v_reset_mv=0.0, v_thresh_mv=1.0)
        hidden, out = net.add("hidden", 10, cell), net.add("out", 5, cell)
        net.connect(source, hidden, weight=0.3, delay_ms=1.0, plasticity=rule)
        net.connect(hidden, out, weight=behind, delay_ms=1.0, plasticity=rule)
        sim = sl.Simulator(net, 1.0, device="reference")
        sim.run(inputs={"source": np.ones((200, 1, 20))}, signals=signals)
        return sim.weights()["source", "hidden", 0]

    weak = first_layer(0.0)
    np.testing.assert_array_equal(weak, first_layer(0.9))
    assert np.ptp(weak) > 0
