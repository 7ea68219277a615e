"""STDP of neurons that fire once: all that counts is whether the source was first."""

from __future__ import annotations

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import where

__all__ = ["LATENCY"]


def latency_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    room = (s.w - p.w_min) * (p.w_max - s.w) * p.per_range
    return s.next(w=s.w + where(pre.x >= p.least, p.a_plus, -p.a_minus) * room)


LATENCY = Rule(
    name="latency",
    constants=dict.fromkeys(
        ("a_plus", "a_minus", "window_ms", "least", "per_range", "w_min", "w_max"), Type.REAL
    ),
    on_post=latency_post,
    pre={"x": Trace("window_ms", raised="set")},
)
