"""Leaky integrate-and-fire, each variant written once as a scalar step function.

Order within a step: the state moves with the currents of the step before, then the
currents decay and take up the spikes that arrive at the step's end, then the
threshold is tested. This is the order of NEST's ``iaf_psc_delta`` and ``iaf_psc_exp``.
"""

from __future__ import annotations

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import where

__all__ = ["LIF_DELTA", "LIF_EXP", "LIF_UNITLESS"]


def lif_delta(s, p, inp, rng):  # type: ignore[no-untyped-def]
    active = s.ref == 0
    v = where(active, p.decay * s.v_mv + p.v_drive_mv + p.gain * inp.current + inp.input, s.v_mv)
    spiked = where(p.inclusive, v >= p.v_thresh_mv, v > p.v_thresh_mv)
    ref = where(spiked, p.ref_steps, where(active, 0, s.ref - 1))
    return s.next(v_mv=where(spiked, p.v_reset_mv, v), ref=ref), spiked


def lif_exp(s, p, inp, rng):  # type: ignore[no-untyped-def]
    active = s.ref == 0
    pushed = p.decay * s.v_mv + p.v_drive_mv + p.gain * inp.current
    pushed = pushed + p.gain_exc * s.i_exc_pa + p.gain_inh * s.i_inh_pa
    v = where(active, pushed, s.v_mv)
    i_exc = p.decay_exc * s.i_exc_pa + inp.exc
    i_inh = p.decay_inh * s.i_inh_pa + inp.inh
    spiked = where(p.inclusive, v >= p.v_thresh_mv, v > p.v_thresh_mv)
    ref = where(spiked, p.ref_steps, where(active, 0, s.ref - 1))
    return s.next(v_mv=where(spiked, p.v_reset_mv, v), ref=ref, i_exc_pa=i_exc, i_inh_pa=i_inh), spiked


def lif_unitless(s, p, inp, rng):  # type: ignore[no-untyped-def]
    # a delayed reset needs no memory of the spike: until then the potential stands beyond the threshold
    over = p.delayed and where(p.inclusive, s.v >= p.threshold, s.v > p.threshold)
    v = p.beta * where(over and not p.subtract, 0.0, s.v) + inp.input
    v = where(over and p.subtract, v - p.threshold, v)
    spiked = where(p.inclusive, v >= p.threshold, v > p.threshold)
    after = where(p.subtract, v - p.threshold, 0.0)
    return s.next(v=where(spiked and not p.delayed, after, v)), spiked


_MEMBRANE = {
    "decay": Type.REAL,
    "v_drive_mv": Type.REAL,
    "gain": Type.REAL,
    "v_reset_mv": Type.REAL,
    "v_thresh_mv": Type.REAL,
    "ref_steps": Type.I32,
}

LIF_DELTA = Model(
    name="lif_delta",
    step=lif_delta,
    state={"v_mv": Type.REAL, "ref": Type.I32},
    constants=_MEMBRANE,
    receptors=("input",),
    currents=("current",),
    static={"inclusive": True},
)

LIF_EXP = Model(
    name="lif_exp",
    step=lif_exp,
    state={"v_mv": Type.REAL, "ref": Type.I32, "i_exc_pa": Type.REAL, "i_inh_pa": Type.REAL},
    constants={
        **_MEMBRANE,
        "gain_exc": Type.REAL,
        "gain_inh": Type.REAL,
        "decay_exc": Type.REAL,
        "decay_inh": Type.REAL,
    },
    receptors=("exc", "inh"),
    currents=("current",),
    static={"inclusive": True},
)

LIF_UNITLESS = Model(
    name="lif_unitless",
    step=lif_unitless,
    state={"v": Type.REAL},
    constants={"beta": Type.REAL, "threshold": Type.REAL},
    receptors=("input",),
    static={"inclusive": False, "subtract": True, "delayed": False},
)
