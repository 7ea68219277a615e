"""Voltage-based spike-timing-dependent plasticity, as functions of one synapse."""

from __future__ import annotations

from typing import Any

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import max

__all__ = ["CLOPATH"]


def above(x: Any, threshold: Any) -> Any:
    return max(x - threshold, 0.0)


def clopath_pre(s, p, pre, post):  # type: ignore[no-untyped-def]
    u_minus = post.u_minus + p.bump_minus_mv * post.spikes_minus
    return s.next(w=s.w - p.a_ltd * above(u_minus, p.theta_minus_mv))


def clopath_post(s, p, pre, post):  # type: ignore[no-untyped-def]
    # the time that the potential spends in the spike, which no step of the neuron shows
    u_plus = post.u_plus + p.bump_plus_mv * post.spikes_plus
    return s.next(w=s.w + p.a_ltp * p.spike_area * pre.x * above(u_plus, p.theta_minus_mv))


def clopath_step(s, p, pre, post, third):  # type: ignore[no-untyped-def]
    u_plus = post.u_plus + p.bump_plus_mv * post.spikes_plus
    area = p.dt_by_tau_x * above(post.v_mv, p.theta_plus_mv)
    return s.next(w=s.w + p.a_ltp * area * pre.x * above(u_plus, p.theta_minus_mv))


CLOPATH = Rule(
    name="clopath",
    constants=dict.fromkeys(
        (
            "a_ltd", "a_ltp", "theta_minus_mv", "theta_plus_mv", "tau_x_ms", "tau_minus_ms", "tau_plus_ms",
            "bump_minus_mv", "bump_plus_mv", "spike_area", "dt_by_tau_x", "w_min", "w_max",
        ),
        Type.REAL,
    ),
    on_pre=clopath_pre,
    on_post=clopath_post,
    on_step=clopath_step,
    pre={"x": Trace("tau_x_ms")},
    post={
        "u_minus": Trace("tau_minus_ms", of="v_mv"),
        "u_plus": Trace("tau_plus_ms", of="v_mv"),
        "spikes_minus": Trace("tau_minus_ms"),
        "spikes_plus": Trace("tau_plus_ms"),
    },
    post_values=("v_mv",),
)  # fmt: skip
