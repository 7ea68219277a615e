"""Spike-timing-dependent plasticity of pairs, written once as functions of one synapse.

The four ways of pairing are those of Morrison, Diesmann and Gerstner (2008), figure 7. All-to-all and
symmetric pairing differ in how the traces are raised only; the other two keep a number in the synapse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import pow, where

__all__ = [
    "ANTI_HEBBIAN", "PAIR_ALL", "PAIR_PRESYNAPTIC", "PAIR_RESTRICTED", "PAIR_SYMMETRIC", "SYMMETRIC",
    "nearest",
]  # fmt: skip


def potentiated(p: Any, w: Any, trace: Any) -> Any:
    """The weight after a step up, scaled by the room above it to the power mu_plus."""
    room = (p.w_max - w) * p.per_range
    share = where(p.plus_is_zero, 1.0, where(p.plus_is_one, room, pow(room, p.mu_plus)))
    return w + p.step_plus * share * trace


def depressed(p: Any, w: Any, trace: Any) -> Any:
    """The weight after a step down, scaled by the room below it to the power mu_minus."""
    room = (w - p.w_min) * p.per_range
    share = where(p.minus_is_zero, 1.0, where(p.minus_is_one, room, pow(room, p.mu_minus)))
    return w - p.step_minus * share * trace


def pair_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=depressed(p, s.w, post.y))


def pair_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=potentiated(p, s.w, pre.x))


def presynaptic_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=depressed(p, s.w, post.y), unpaired=s.unpaired + 1.0)


def presynaptic_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    # each spike of the source is paired with the first spike of the target that follows
    return s.next(w=potentiated(p, s.w, s.unpaired), unpaired=0.0)


def restricted_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=depressed(p, s.w, post.y * (1.0 - s.pre_was_last)), pre_was_last=1.0)


def restricted_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=potentiated(p, s.w, pre.x * s.pre_was_last), pre_was_last=0.0)


def anti_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=potentiated(p, s.w, post.y))


def anti_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    return s.next(w=depressed(p, s.w, pre.x))


def symmetric_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    down = where(p.only_up, 0.0, depressed(p, s.w, post.down) - s.w)
    return s.next(w=potentiated(p, s.w, post.up) + down)


def symmetric_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    down = where(p.only_up, 0.0, depressed(p, s.w, pre.down) - s.w)
    return s.next(w=potentiated(p, s.w, pre.up) + down)


_CONSTANTS = dict.fromkeys(
    (
        "w_min",
        "w_max",
        "per_range",
        "step_plus",
        "step_minus",
        "mu_plus",
        "mu_minus",
        "tau_plus_ms",
        "tau_minus_ms",
    ),
    Type.REAL,
)
_STATIC = dict.fromkeys(("plus_is_zero", "plus_is_one", "minus_is_zero", "minus_is_one", "only_up"), False)


def _rule(name: str, on_pre: Any, on_post: Any, **traces: Any) -> Rule:
    return Rule(name=name, constants=_CONSTANTS, static=_STATIC, on_pre=on_pre, on_post=on_post, **traces)


def nearest(rule: Rule) -> Rule:
    """The rule in which a spike sees no more than the last spike of the other side: traces are set to 1."""
    pre = {name: replace(trace, raised="set") for name, trace in rule.pre.items()}
    post = {name: replace(trace, raised="set") for name, trace in rule.post.items()}
    return replace(rule, name=f"{rule.name}_nearest", pre=pre, post=post)


_X, _Y = {"x": Trace("tau_plus_ms")}, {"y": Trace("tau_minus_ms")}

PAIR_ALL = _rule("pair", pair_pre, pair_post, pre=_X, post=_Y)
PAIR_SYMMETRIC = nearest(PAIR_ALL)
PAIR_PRESYNAPTIC = _rule(
    "pair_presynaptic",
    presynaptic_pre,
    presynaptic_post,
    state={"unpaired": "tau_plus_ms"},
    post={"y": Trace("tau_minus_ms", raised="set")},
)
PAIR_RESTRICTED = _rule(
    "pair_restricted",
    restricted_pre,
    restricted_post,
    state={"pre_was_last": ""},
    pre={"x": Trace("tau_plus_ms", raised="set")},
    post={"y": Trace("tau_minus_ms", raised="set")},
)
ANTI_HEBBIAN = _rule(
    "anti_hebbian", anti_pre, anti_post, pre={"x": Trace("tau_minus_ms")}, post={"y": Trace("tau_plus_ms")}
)
SYMMETRIC = _rule(
    "symmetric",
    symmetric_pre,
    symmetric_post,
    pre={"up": Trace("tau_plus_ms"), "down": Trace("tau_minus_ms")},
    post={"up": Trace("tau_plus_ms"), "down": Trace("tau_minus_ms")},
)
