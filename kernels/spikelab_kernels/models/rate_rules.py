"""Rules between rate units, each written once as a function of one synapse.

``pre.rate`` is what arrives in a step and ``post.rate`` what the target becomes in it. For rules of a whole
layer, ``post.drive`` is what the projection gives the target in the step, ``post.share`` its part of the
layer's softmax, negative for all but the largest, and ``post.norm`` the length of its weights.
"""

from __future__ import annotations

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import abs, pow, where

__all__ = ["ANTI_HEBB", "BCM", "HEBB", "OJA", "SOFT_HEBB"]


def hebb(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * pre.rate * post.rate)


def anti_hebb(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w - p.learning_rate * pre.rate * post.rate)


def oja(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    return s.next(w=s.w + p.learning_rate * post.rate * (pre.rate - post.rate * s.w))


def bcm(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    grown = pre.rate * post.rate * (post.rate - post.theta)
    return s.next(w=s.w + p.learning_rate * (grown - p.decay * s.w))


def soft_hebb(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    step = p.learning_rate * where(p.fixed_rate, 1.0, pow(abs(post.norm - 1.0), p.norm_power))
    return s.next(w=s.w + step * post.share * (pre.rate - post.drive * s.w))


_LEARNS = {"learning_rate": Type.REAL}

HEBB = Rule("hebb", _LEARNS, on_step=hebb, pre_values=("rate",), post_values=("rate",))
ANTI_HEBB = Rule("anti_hebb", _LEARNS, on_step=anti_hebb, pre_values=("rate",), post_values=("rate",))
OJA = Rule("oja", _LEARNS, on_step=oja, pre_values=("rate",), post_values=("rate",))
BCM = Rule(
    "bcm",
    {**_LEARNS, "tau_theta_ms": Type.REAL, "decay": Type.REAL},
    on_step=bcm,
    pre_values=("rate",),
    post_values=("rate",),
    post={"theta": Trace("tau_theta_ms", of="rate^2")},
)
SOFT_HEBB = Rule(
    "soft_hebb",
    {**_LEARNS, "norm_power": Type.REAL},
    on_step=soft_hebb,
    pre_values=("rate",),
    post_values=("share", "drive", "norm"),
    static={"fixed_rate": False},
)
