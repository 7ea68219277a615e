"""Rules of the form pre × post × third factor, as functions of one synapse.

A product of which one side is a spike changes at that spike; a product of two traces or potentials grows in
every step by its value times the step. It moves the weight at once (``..._weight``), or an eligibility ``c``
that a reward turns into a change (``..._eligible``).
"""

from __future__ import annotations

from typing import Any

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import abs, exp, max, where

__all__ = ["three_factor"]


def surrogate(u: Any) -> Any:
    """The pseudo-derivative of a spike after Zenke and Ganguli (2018): it peaks at the threshold."""
    return 1.0 / ((1.0 + abs(u)) * (1.0 + abs(u)))


def g(p: Any, v_mv: Any) -> Any:
    """The function of the potential that is the target's factor."""
    u = (v_mv - p.v_centre_mv) * p.per_width
    other = where(p.g_is_sigmoid, 1.0 / (1.0 + exp(-u)), surrogate(u))
    return where(p.g_is_identity, u, where(p.g_is_rectified, max(u, 0.0), other))


def pre_one_weight(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate)


def pre_trace_weight(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * post.y)


def pre_g_weight(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * g(p, post.v_mv))


def post_trace_weight(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * pre.x)


def spikes_weight(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * (pre.spike * post.spike))


def one_weight(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * (p.dt_ms * pre.x))


def trace_weight(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * (p.dt_ms * pre.x * post.y))


def g_weight(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * (p.dt_ms * pre.x * g(p, post.v_mv)))


def pre_one_eligible(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(c=s.c + 1.0)


def pre_trace_eligible(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(c=s.c + post.y)


def pre_g_eligible(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(c=s.c + g(p, post.v_mv))


def post_trace_eligible(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(c=s.c + pre.x)


def rewarded(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * third.reward * s.c)


def spikes_rewarded(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    c = s.c + pre.spike * post.spike
    return s.next(c=c, w=s.w + p.learning_rate * third.reward * c)


def one_rewarded(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    c = s.c + p.dt_ms * pre.x
    return s.next(c=c, w=s.w + p.learning_rate * third.reward * c)


def trace_rewarded(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    c = s.c + p.dt_ms * pre.x * post.y
    return s.next(c=c, w=s.w + p.learning_rate * third.reward * c)


def g_rewarded(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    c = s.c + p.dt_ms * pre.x * g(p, post.v_mv)
    return s.next(c=c, w=s.w + p.learning_rate * third.reward * c)


# (pre, post): the function at a spike, which side's, then the one of every step; without and with a reward.
_AT_SPIKES = {
    ("spike", "one"): ("on_pre", pre_one_weight, pre_one_eligible),
    ("spike", "trace"): ("on_pre", pre_trace_weight, pre_trace_eligible),
    ("spike", "g"): ("on_pre", pre_g_weight, pre_g_eligible),
    ("trace", "spike"): ("on_post", post_trace_weight, post_trace_eligible),
}
_IN_STEPS = {
    ("spike", "spike"): (spikes_weight, spikes_rewarded),
    ("trace", "one"): (one_weight, one_rewarded),
    ("trace", "trace"): (trace_weight, trace_rewarded),
    ("trace", "g"): (g_weight, g_rewarded),
}
_CONSTANTS = (
    "learning_rate", "tau_pre_ms", "tau_post_ms", "tau_c_ms", "v_centre_mv", "per_width", "dt_ms",
    "w_min", "w_max",
)  # fmt: skip


def three_factor(pre: str, post: str, reward: bool, static: dict[str, bool]) -> Rule:
    """The rule for a factor of each side: spike or trace, and one, spike, trace or g."""
    functions: dict[str, Any] = {}
    if (pre, post) in _AT_SPIKES:
        side, weight, eligible = _AT_SPIKES[pre, post]
        functions = {side: eligible, "on_step": rewarded} if reward else {side: weight}
    else:
        functions = {"on_step": _IN_STEPS[pre, post][reward]}
    return Rule(
        name=f"{pre}_{post}_{'reward' if reward else 'one'}",
        constants=dict.fromkeys(_CONSTANTS, Type.REAL),
        state={"c": "tau_c_ms"} if reward else {},
        pre={"x": Trace("tau_pre_ms")} if pre == "trace" else {},
        post={"y": Trace("tau_post_ms")} if post == "trace" else {},
        post_values=("v_mv",) if post == "g" else (),
        third=("reward",) if reward else (),
        static=static,
        **functions,
    )
