r"""Adaptive exponential integrate-and-fire, through the spike without stiffness.

Below the upstroke, where the exponential is slow against the step, V and w take two steps of
the classical Runge-Kutta method of order 4, with synaptic variables that are exact.

In the upstroke, from ``z_late`` on, :math:`u = e^{-(V - V_T)/\Delta_T}` is advanced in place
of V. With the other currents I the equation C dV/dt = g_L Delta_T exp((V - V_T)/Delta_T) + I
becomes

.. math:: \dot u = -\frac{g_L}{C} - \frac{I}{C \Delta_T}\, u ,

linear, with I nearly constant while u falls from little to nothing: one step of the midpoint
rule. It crosses the peak almost in a straight line, which gives the time of the spike within
the step; the reset and the jump of w act there, and a step of the midpoint rule from the reset
covers the rest.
"""

from __future__ import annotations

from typing import Any

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import exp, log, max, min, where
from spikelab_kernels.models.lif import countdown

__all__ = ["ADEX_CONDUCTANCE", "ADEX_CURRENT", "SUBSTEPS"]

#: Of the loop in ``adex``, for which the constants are prepared.
SUBSTEPS = 2


def other_currents(p: Any, v: Any, w: Any, exc: Any, inh: Any, current: Any) -> Any:
    """All but the exponential, pA."""
    synaptic = where(p.conductance, exc * (p.e_exc_mv - v) + inh * (p.e_inh_mv - v), exc + inh)
    return p.g_leak_ns * (p.v_rest_mv - v) + synaptic - w + current


def slopes(p: Any, v: Any, w: Any, exc: Any, inh: Any, current: Any) -> Any:
    """Of V and w; the exponential is bounded where u is advanced instead."""
    z = min((v - p.v_thresh_mv) * p.per_delta, p.z_most)
    flow = p.rise_pa * exp(z) + other_currents(p, v, w, exc, inh, current)
    return flow * p.per_pf, (p.a_ns * (v - p.v_rest_mv) - w) * p.per_tau_w


def runge_kutta(
    p: Any,
    v: Any,
    w: Any,
    exc: Any,
    inh: Any,
    mid_exc: Any,
    mid_inh: Any,
    end_exc: Any,
    end_inh: Any,
    current: Any,
) -> Any:
    half = 0.5 * p.substep_ms
    k1, l1 = slopes(p, v, w, exc, inh, current)
    k2, l2 = slopes(p, v + half * k1, w + half * l1, mid_exc, mid_inh, current)
    k3, l3 = slopes(p, v + half * k2, w + half * l2, mid_exc, mid_inh, current)
    k4, l4 = slopes(p, v + p.substep_ms * k3, w + p.substep_ms * l3, end_exc, end_inh, current)
    sixth = p.substep_ms / 6.0
    return v + sixth * (k1 + 2.0 * (k2 + k3) + k4), w + sixth * (l1 + 2.0 * (l2 + l3) + l4)


def midpoint(
    p: Any, h: Any, v: Any, w: Any, exc: Any, inh: Any, mid_exc: Any, mid_inh: Any, current: Any
) -> Any:
    k1, l1 = slopes(p, v, w, exc, inh, current)
    k2, l2 = slopes(p, v + 0.5 * h * k1, w + 0.5 * h * l1, mid_exc, mid_inh, current)
    return v + h * k2, w + h * l2


def upstroke(p: Any, v: Any, w: Any, exc: Any, inh: Any, current: Any) -> Any:
    """V and w a step later or at the peak, and the share of the step until then; 1 or more: no peak."""
    u = exp((p.v_thresh_mv - v) * p.per_delta)
    # a bound below, so that strong inhibition does not turn the line round
    half = max(other_currents(p, v, w, exc, inh, current) * p.per_pf * p.per_delta * 0.5 * p.dt_ms, -0.25)
    share = (u - p.u_peak) / (p.fall + half * (u + p.u_peak))
    later = max((u * (1.0 - half) - p.fall) / (1.0 + half), p.u_peak)
    v_later = p.v_thresh_mv - p.delta_mv * log(later)
    # the mean of V on a straight line of u to its end, or the trapezoid
    v_mean = where(share < 1.0, v + p.delta_mv, 0.5 * (v + v_later))
    w_later = w + min(share, 1.0) * p.dt_ms * (p.a_ns * (v_mean - p.v_rest_mv) - w) * p.per_tau_w
    return v_later, w_later, share


def adex(p: Any, v: Any, w: Any, ref: Any, first_exc: Any, first_inh: Any, current: Any) -> Any:
    """Potential, adaptation current and synaptic variables after a step, and whether the neuron fires."""
    early_v = v
    early_w = w
    exc = first_exc
    inh = first_inh
    for _ in range(2):
        mid_exc = exc * p.half_decay_exc
        mid_inh = inh * p.half_decay_inh
        end_exc = mid_exc * p.half_decay_exc
        end_inh = mid_inh * p.half_decay_inh
        early_v, early_w = runge_kutta(
            p, early_v, early_w, exc, inh, mid_exc, mid_inh, end_exc, end_inh, current
        )
        half_exc = exc
        half_inh = inh
        exc = end_exc
        inh = end_inh
    late_v, late_w, share = upstroke(p, v, w, half_exc, half_inh, current)
    late = (v - p.v_thresh_mv) * p.per_delta >= p.z_late
    active = ref == 0
    fired = active and where(late, share < 1.0, early_v >= p.v_peak_mv)
    left = where(late, (1.0 - max(share, 0.0)) * p.dt_ms, 0.0)
    moved_w = where(late, late_w, early_w) + where(fired, p.b_pa, 0.0)
    # the rest of the step: from the reset on, or at the reset where refractoriness follows
    back_exc = exp(min(0.5 * left * p.per_tau_exc, 40.0))
    back_inh = exp(min(0.5 * left * p.per_tau_inh, 40.0))
    mid_exc = exc * back_exc
    mid_inh = inh * back_inh
    rest_v, rest_w = midpoint(
        p, left, p.v_reset_mv, moved_w, mid_exc * back_exc, mid_inh * back_inh, mid_exc, mid_inh, current
    )
    held = not active or (fired and p.ref_steps > 0)
    held_w = where(active, moved_w, w) - p.w_reset_pa
    held_w = p.w_reset_pa + held_w * exp(-where(active, left, p.dt_ms) * p.per_tau_w)
    v_new = where(fired, rest_v, where(late, late_v, early_v))
    w_new = where(held, held_w, where(fired, rest_w, moved_w))
    return where(held, p.v_reset_mv, v_new), w_new, exc, inh, fired


def adex_conductance(s, p, inp, rng):  # type: ignore[no-untyped-def]
    current = p.i_ext_pa + inp.current
    v, w, exc, inh, fired = adex(p, s.v_mv, s.w_pa, s.ref, s.g_exc_ns, s.g_inh_ns, current)
    # an inhibitory weight is negative, a conductance is not
    return s.next(
        v_mv=v, w_pa=w, ref=countdown(p, s, fired), g_exc_ns=exc + inp.exc, g_inh_ns=inh - inp.inh
    ), fired


def adex_current(s, p, inp, rng):  # type: ignore[no-untyped-def]
    current = p.i_ext_pa + inp.current
    v, w, exc, inh, fired = adex(p, s.v_mv, s.w_pa, s.ref, s.i_exc_pa, s.i_inh_pa, current)
    return s.next(
        v_mv=v, w_pa=w, ref=countdown(p, s, fired), i_exc_pa=exc + inp.exc, i_inh_pa=inh + inp.inh
    ), fired


_STATE = {"v_mv": Type.REAL, "w_pa": Type.REAL, "ref": Type.I32}
_CONSTANTS = {
    name: Type.REAL
    for name in (
        "dt_ms", "substep_ms", "g_leak_ns", "per_pf", "v_rest_mv", "v_reset_mv", "v_thresh_mv", "delta_mv",
        "per_delta", "rise_pa", "v_peak_mv", "u_peak", "fall", "z_late", "z_most", "a_ns", "b_pa",
        "per_tau_w", "w_reset_pa", "i_ext_pa",
        "e_exc_mv", "e_inh_mv", "per_tau_exc", "per_tau_inh", "half_decay_exc", "half_decay_inh",
    )
} | {"ref_steps": Type.I32}  # fmt: skip

ADEX_CONDUCTANCE = Model(
    name="adex_conductance",
    step=adex_conductance,
    state={**_STATE, "g_exc_ns": Type.REAL, "g_inh_ns": Type.REAL},
    constants=_CONSTANTS,
    receptors=("exc", "inh"),
    currents=("current",),
    static={"conductance": True},
)

ADEX_CURRENT = Model(
    name="adex_current",
    step=adex_current,
    state={**_STATE, "i_exc_pa": Type.REAL, "i_inh_pa": Type.REAL},
    constants=_CONSTANTS,
    receptors=("exc", "inh"),
    currents=("current",),
    static={"conductance": False},
)
