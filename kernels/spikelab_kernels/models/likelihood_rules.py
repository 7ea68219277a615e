"""Gradient ascent on the likelihood of an escape-rate neuron's spikes, as functions of one synapse.

The sensitivity z of the potential to the weight obeys the equation of the membrane, with the trace of the
source's spikes in place of the synaptic current: it moves with the trace as it stood after the step before,
rests while the neuron is refractory, and is 0 after a reset. ``told`` is 1 until the step is over: a signal
that is given between two steps changes weights and moves nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import expm1, where

__all__ = ["LIKELIHOOD"]


def sensitivity(s: Any, p: Any, pre: Any, post: Any) -> Any:
    """How far the potential at the decision moves with the weight, mV per unit of the weight."""
    return where(post.hazard >= 0.0, p.decay * s.z + p.gain_before * pre.x, s.z)


def residual(p: Any, fires: Any, hazard: Any) -> Any:
    """Derivative by the potential of the log-likelihood of a step with or without a spike, 1/mV.

    It is 0 where nothing is decided.
    """
    # h / (1 - exp(-h)) is 1 for no hazard, where the quotient is 0 / 0
    chance = -expm1(-hazard)
    drawn = where(chance > 0.0, hazard / where(chance > 0.0, chance, 1.0), 1.0)
    return where(hazard >= 0.0, p.per_width * (fires * drawn - hazard), 0.0)


def after(z: Any, post: Any) -> Any:
    return where(post.spike > 0.0, 0.0, z)


def eligible(s: Any, p: Any, post: Any, z: Any) -> Any:
    """The eligibility after a step, which a signal between two steps does not count again."""
    return where(s.told > 0.0, s.e, s.e + residual(p, post.spike, post.hazard) * z)


def likelihood_reward(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    z = sensitivity(s, p, pre, post)
    e = eligible(s, p, post, z)
    now = where(s.told > 0.0, s.z, after(z, post))
    return s.next(z=now, e=e, told=1.0, w=s.w + p.learning_rate * third.reward * e)


def likelihood_novelty(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    z = sensitivity(s, p, pre, post)
    e = eligible(s, p, post, z)
    now = where(s.told > 0.0, s.z, after(z, post))
    return s.next(z=now, e=e, told=1.0, w=s.w + p.learning_rate * third.novelty * e)


def likelihood_target(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    z = sensitivity(s, p, pre, post)
    step = where(s.told > 0.0, 0.0, p.learning_rate * residual(p, third.target, post.hazard) * z)
    return s.next(z=where(s.told > 0.0, s.z, after(z, post)), told=1.0, w=s.w + step)


_TARGET = Rule(
    name="likelihood_target",
    constants=dict.fromkeys(
        (
            "learning_rate", "decay", "gain_before", "per_width", "tau_syn_ms", "tau_e_ms", "tau_told_ms",
            "w_min", "w_max",
        ),
        Type.REAL,
    ),
    on_step=likelihood_target,
    state={"z": "", "told": "tau_told_ms"},
    pre={"x": Trace("tau_syn_ms")},
    post_values=("hazard",),
    third=("target",),
)  # fmt: skip
_ELIGIBLE = replace(_TARGET, state={**_TARGET.state, "e": "tau_e_ms"})
#: By the name of the signal.
LIKELIHOOD = {
    "reward": replace(_ELIGIBLE, name="likelihood_reward", on_step=likelihood_reward, third=("reward",)),
    "novelty": replace(_ELIGIBLE, name="likelihood_novelty", on_step=likelihood_novelty, third=("novelty",)),
    "target": _TARGET,
}
