"""Supervised spike-timing-dependent plasticity of first spikes, as functions of one synapse."""

from __future__ import annotations

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import log, where

__all__ = ["S2_STDP"]


def s2_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    # only the first spike of a sample decides which inputs came before it
    side = where(pre.seen > 0.0, 1.0, -1.0)
    return s.next(side=where(s.side == 0.0, side, s.side))


def s2_step(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    # the trace tells when the target fired; where it did not, the end of the sample stands for its spike
    fired = post.fired > 0.0
    first_ms = where(fired, p.window_ms + p.window_ms * log(where(fired, post.fired, 1.0)), p.window_ms)
    wanted_ms = third.mean_ms + where(third.label == p.label, p.earlier_ms, p.later_ms)
    error = (first_ms - wanted_ms) / p.window_ms
    side = where(s.side == 0.0, where(pre.seen > 0.0, 1.0, -1.0), s.side)
    step = where(side > 0.0, p.a_plus, -p.a_minus)
    return s.next(w=s.w + p.learning_rate * error * step, side=0.0)


S2_STDP = Rule(
    name="s2_stdp",
    constants=dict.fromkeys(
        (
            "learning_rate", "a_plus", "a_minus", "window_ms", "seen_ms", "label", "earlier_ms", "later_ms",
            "w_min", "w_max",
        ),
        Type.REAL,
    ),
    on_post=s2_post,
    on_step=s2_step,
    state={"side": ""},
    pre={"seen": Trace("seen_ms", raised="set")},
    post={"fired": Trace("window_ms", raised="set")},
    third=("label", "mean_ms"),
)  # fmt: skip
