"""Leaky integrate-and-fire with conductances that jump with a spike and decay exponentially.

The conductances are exact. The potential, whose equation is linear with coefficients
that change in time, takes two steps of the classical Runge-Kutta method of order 4.
"""

from __future__ import annotations

from typing import Any

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import where
from spikelab_kernels.models.lif import countdown

__all__ = ["LIF_CONDUCTANCE", "SUBSTEPS"]

#: Of the loop in ``lif_conductance``, for which the constants are prepared.
SUBSTEPS = 2


def slope(p: Any, v: Any, g_exc: Any, g_inh: Any, current: Any) -> Any:
    flow = p.g_leak_ns * (p.v_rest_mv - v) + g_exc * (p.e_exc_mv - v) + g_inh * (p.e_inh_mv - v) + current
    return flow * p.per_pf


def advance(p: Any, v: Any, g_exc: Any, g_inh: Any, current: Any) -> Any:
    mid_exc = g_exc * p.half_decay_exc
    mid_inh = g_inh * p.half_decay_inh
    end_exc = mid_exc * p.half_decay_exc
    end_inh = mid_inh * p.half_decay_inh
    k1 = slope(p, v, g_exc, g_inh, current)
    k2 = slope(p, v + 0.5 * p.substep_ms * k1, mid_exc, mid_inh, current)
    k3 = slope(p, v + 0.5 * p.substep_ms * k2, mid_exc, mid_inh, current)
    k4 = slope(p, v + p.substep_ms * k3, end_exc, end_inh, current)
    return v + p.substep_ms * (k1 + 2.0 * (k2 + k3) + k4) / 6.0, end_exc, end_inh


def lif_conductance(s, p, inp, rng):  # type: ignore[no-untyped-def]
    v = s.v_mv
    g_exc = s.g_exc_ns
    g_inh = s.g_inh_ns
    for _ in range(2):
        v, g_exc, g_inh = advance(p, v, g_exc, g_inh, p.i_ext_pa + inp.current)
    active = s.ref == 0
    v = where(active, v, p.v_reset_mv)
    spiked = active and where(p.inclusive, v >= p.v_thresh_mv, v > p.v_thresh_mv)
    return s.next(
        v_mv=where(spiked, p.v_reset_mv, v),
        ref=countdown(p, s, spiked),
        g_exc_ns=g_exc + inp.exc,
        g_inh_ns=g_inh - inp.inh,  # an inhibitory weight is negative, a conductance is not
    ), spiked


LIF_CONDUCTANCE = Model(
    name="lif_conductance",
    step=lif_conductance,
    state={"v_mv": Type.REAL, "ref": Type.I32, "g_exc_ns": Type.REAL, "g_inh_ns": Type.REAL},
    constants={
        "g_leak_ns": Type.REAL,
        "per_pf": Type.REAL,
        "v_rest_mv": Type.REAL,
        "v_reset_mv": Type.REAL,
        "v_thresh_mv": Type.REAL,
        "e_exc_mv": Type.REAL,
        "e_inh_mv": Type.REAL,
        "i_ext_pa": Type.REAL,
        "ref_steps": Type.I32,
        "substep_ms": Type.REAL,
        "half_decay_exc": Type.REAL,
        "half_decay_inh": Type.REAL,
    },
    receptors=("exc", "inh"),
    currents=("current",),
    static={"inclusive": True},
)
