r"""Adaptive exponential integrate-and-fire, through the spike without stiffness.

The potential is advanced in the coordinate

.. math:: y = \ln(1 + e^{-(V - V_T)/\Delta_T}), \qquad V = V_T - \Delta_T \ln(e^y - 1),

which is linear in V below the threshold and the exponential of -V above it. With the
other currents I(V, t) the equation C dV/dt = g_L Delta_T exp((V - V_T)/Delta_T) + I
becomes

.. math:: \dot y = -\frac{1}{C \Delta_T}\left[(1 - e^{-y})\, I + g_L \Delta_T\, e^{-y}\right],

in which nothing blows up: y falls through the peak in a straight line, at the rate g_L / C.
Where it crosses the peak, the reset and the jump of w act at that time within the step,
and the rest of the step starts from there. Synaptic variables are exact.
"""

from __future__ import annotations

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import abs, exp, expm1, log, max, min, real, where
from spikelab_kernels.models.lif import countdown

__all__ = ["ADEX_CONDUCTANCE", "ADEX_CURRENT", "SUBSTEPS"]

#: Of the loop in ``adex``, for which the constants are prepared.
SUBSTEPS = 2


def coordinate(p, v):  # type: ignore[no-untyped-def]
    z = (p.v_thresh_mv - v) * p.per_delta
    return max(z, 0.0) + log(1.0 + exp(-abs(z)))


def potential(p, y):  # type: ignore[no-untyped-def]
    return p.v_thresh_mv - p.delta_mv * (y + log(-expm1(-y)))


def slopes(p, y, w, exc, inh, current):  # type: ignore[no-untyped-def]
    """Of y and w; beyond the peak y goes on in the straight line in which it came."""
    y = max(y, p.y_peak)
    share = -expm1(-y)
    v = p.v_thresh_mv - p.delta_mv * (y + log(share))
    synaptic = where(p.conductance, exc * (p.e_exc_mv - v) + inh * (p.e_inh_mv - v), exc + inh)
    flow = p.g_leak_ns * (p.v_rest_mv - v) + synaptic - w + current
    dy = -(share * flow + p.rise_pa * (1.0 - share)) * p.per_pf * p.per_delta
    return dy, (p.a_ns * (v - p.v_rest_mv) - w) * p.per_tau_w


def advance(p, h, y, w, exc, inh, mid_exc, mid_inh, end_exc, end_inh, current):  # type: ignore[no-untyped-def]
    """One step of the classical Runge-Kutta method over h ms."""
    k1, l1 = slopes(p, y, w, exc, inh, current)
    k2, l2 = slopes(p, y + 0.5 * h * k1, w + 0.5 * h * l1, mid_exc, mid_inh, current)
    k3, l3 = slopes(p, y + 0.5 * h * k2, w + 0.5 * h * l2, mid_exc, mid_inh, current)
    k4, l4 = slopes(p, y + h * k3, w + h * l3, end_exc, end_inh, current)
    return y + h * (k1 + 2.0 * (k2 + k3) + k4) / 6.0, w + h * (l1 + 2.0 * (l2 + l3) + l4) / 6.0


def adex(p, v, w, ref, first_exc, first_inh, current):  # type: ignore[no-untyped-def]
    """Potential, adaptation current and synaptic variables after a step, and whether the neuron fires."""
    y = coordinate(p, v)
    start_w = w
    exc = first_exc
    inh = first_inh
    fired = False
    left = 0.0
    for k in range(2):
        mid_exc = exc * p.half_decay_exc
        mid_inh = inh * p.half_decay_inh
        end_exc = mid_exc * p.half_decay_exc
        end_inh = mid_inh * p.half_decay_inh
        end_y, end_w = advance(p, p.substep_ms, y, w, exc, inh, mid_exc, mid_inh, end_exc, end_inh, current)
        hit = end_y <= p.y_peak and not fired
        part = min(max((y - p.y_peak) / (y - end_y), 0.0), 1.0)
        left = where(hit, (real(2 - k) - part) * p.substep_ms, left)
        w = where(fired, w, where(hit, w + part * (end_w - w) + p.b_pa, end_w))
        fired = fired or hit
        y = where(fired, y, end_y)
        exc = end_exc
        inh = end_inh
    active = ref == 0
    fired = fired and active
    # what is left of the step after a spike: from the reset on, or at the reset where refractoriness follows
    from_exc = first_exc * exp((left - p.dt_ms) * p.per_tau_exc)
    from_inh = first_inh * exp((left - p.dt_ms) * p.per_tau_inh)
    mid_exc = from_exc * exp(-0.5 * left * p.per_tau_exc)
    mid_inh = from_inh * exp(-0.5 * left * p.per_tau_inh)
    rest_y, rest_w = advance(p, left, p.y_reset, w, from_exc, from_inh, mid_exc, mid_inh, exc, inh, current)
    held = not active or (fired and p.ref_steps > 0)
    decay = exp(-where(active, left, p.dt_ms) * p.per_tau_w)
    held_w = p.w_reset_pa + (where(active, w, start_w) - p.w_reset_pa) * decay
    v = where(held, p.v_reset_mv, potential(p, max(where(fired, rest_y, y), p.y_peak)))
    w = where(held, held_w, where(fired, rest_w, w))
    return v, w, exc, inh, fired


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
        "per_delta", "rise_pa", "y_peak", "y_reset", "a_ns", "b_pa", "per_tau_w", "w_reset_pa", "i_ext_pa",
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
