"""Rules of triplets, of inhibition and of traces with an offset, as functions of one synapse."""

from __future__ import annotations

from typing import Any

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import pow, where

__all__ = ["INHIBITORY", "TRACE_BOTH", "TRACE_POST", "TRIPLET"]


def triplet_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w - post.o1 * (p.a2_minus + p.a3_minus * pre.r2))


def triplet_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + pre.r1 * (p.a2_plus + p.a3_plus * post.o2))


def inhibitory_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.eta * (post.y - p.alpha))


def inhibitory_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.eta * pre.x)


def above(p: Any, w: Any) -> Any:
    """What is left of the range above the weight, to the power mu."""
    room = p.w_max - w
    return where(p.mu_is_zero, 1.0, where(p.mu_is_one, room, pow(room, p.mu)))


def below(p: Any, w: Any) -> Any:
    """What is left of the range below the weight, to the power mu."""
    room = w - p.w_min
    return where(p.mu_is_zero, 1.0, where(p.mu_is_one, room, pow(room, p.mu)))


def trace_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w - p.nu_pre * post.y * below(p, s.w))


def trace_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.nu_post * (pre.x - p.x_offset) * above(p, s.w))


TRIPLET = Rule(
    name="triplet",
    constants=dict.fromkeys(
        (
            "a2_plus", "a3_plus", "a2_minus", "a3_minus", "tau_plus_ms", "tau_minus_ms",
            "tau_pre_triplet_ms", "tau_post_triplet_ms", "w_min", "w_max",
        ),
        Type.REAL,
    ),
    on_pre=triplet_pre,
    on_post=triplet_post,
    pre={"r1": Trace("tau_plus_ms"), "r2": Trace("tau_pre_triplet_ms")},
    post={"o1": Trace("tau_minus_ms"), "o2": Trace("tau_post_triplet_ms")},
)  # fmt: skip

INHIBITORY = Rule(
    name="inhibitory",
    constants=dict.fromkeys(("eta", "alpha", "tau_ms", "w_min", "w_max"), Type.REAL),
    on_pre=inhibitory_pre,
    on_post=inhibitory_post,
    pre={"x": Trace("tau_ms")},
    post={"y": Trace("tau_ms")},
)

_TRACE = dict.fromkeys(
    ("nu_pre", "nu_post", "x_offset", "mu", "tau_pre_ms", "tau_post_ms", "w_min", "w_max"), Type.REAL
)
_MU = {"mu_is_zero": False, "mu_is_one": False}

TRACE_BOTH = Rule(
    name="trace",
    constants=_TRACE,
    static=_MU,
    on_pre=trace_pre,
    on_post=trace_post,
    pre={"x": Trace("tau_pre_ms")},
    post={"y": Trace("tau_post_ms")},
)
# Without a change at spikes of the source nobody reads the target's trace.
TRACE_POST = Rule(
    name="trace_post", constants=_TRACE, static=_MU, on_post=trace_post, pre={"x": Trace("tau_pre_ms")}
)
