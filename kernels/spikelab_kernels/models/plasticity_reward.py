"""Spike-timing-dependent plasticity that waits for a reward, as functions of one synapse."""

from __future__ import annotations

from dataclasses import replace

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type

__all__ = ["REWARD", "REWARD_AGAINST_MEAN", "REWARD_AGAINST_SIGNAL"]


def reward_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(c=s.c - p.a_minus * post.y)


def reward_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(c=s.c + p.a_plus * pre.x)


def reward_step(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * third.reward * s.c)


def reward_step_signal(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * (third.reward - third.baseline) * s.c)


def reward_step_mean(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    # the mean of the rewards before this one, which is the same number in every synapse
    surprise = third.reward - s.expected
    return s.next(w=s.w + p.learning_rate * surprise * s.c, expected=s.expected + p.baseline_rate * surprise)


_CONSTANTS = dict.fromkeys(
    (
        "a_plus", "a_minus", "tau_plus_ms", "tau_minus_ms", "tau_c_ms", "learning_rate", "baseline_rate",
        "w_min", "w_max",
    ),
    Type.REAL,
)  # fmt: skip

REWARD = Rule(
    name="reward",
    constants=_CONSTANTS,
    on_pre=reward_pre,
    on_post=reward_post,
    on_step=reward_step,
    state={"c": "tau_c_ms"},
    pre={"x": Trace("tau_plus_ms")},
    post={"y": Trace("tau_minus_ms")},
    third=("reward",),
)
REWARD_AGAINST_SIGNAL = replace(
    REWARD, name="reward_against_signal", on_step=reward_step_signal, third=("reward", "baseline")
)
REWARD_AGAINST_MEAN = replace(
    REWARD,
    name="reward_against_mean",
    on_step=reward_step_mean,
    state={"c": "tau_c_ms", "expected": ""},
)
