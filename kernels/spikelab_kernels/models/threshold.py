"""Leaky integrate-and-fire with a threshold that moves, or that is a matter of chance."""

from __future__ import annotations

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import exp, expm1, where
from spikelab_kernels.models.lif import EXP_CONSTANTS, EXP_STATE, countdown, exp_potential

__all__ = ["LIF_ADAPTIVE", "LIF_ESCAPE"]


def lif_adaptive(s, p, inp, rng):  # type: ignore[no-untyped-def]
    # the adaptation current flows outwards and moves the potential as a synaptic current does
    v = exp_potential(p, s, inp) - where(s.ref == 0, p.gain_adapt * s.w_pa, 0.0)
    i_exc = p.decay_exc * s.i_exc_pa + inp.exc
    i_inh = p.decay_inh * s.i_inh_pa + inp.inh
    raised = p.decay_thresh * s.raised_mv
    w = p.decay_adapt * s.w_pa
    threshold = p.v_thresh_mv + raised
    spiked = where(p.inclusive, v >= threshold, v > threshold)
    return s.next(
        v_mv=where(spiked, p.v_reset_mv, v),
        ref=countdown(p, s, spiked),
        i_exc_pa=i_exc,
        i_inh_pa=i_inh,
        raised_mv=raised + where(spiked, p.thresh_jump_mv, 0.0),
        w_pa=w + where(spiked, p.adapt_jump_pa, 0.0),
    ), spiked


def lif_escape(s, p, inp, rng):  # type: ignore[no-untyped-def]
    v = exp_potential(p, s, inp)
    i_exc = p.decay_exc * s.i_exc_pa + inp.exc
    i_inh = p.decay_inh * s.i_inh_pa + inp.inh
    hazard = p.hazard_step * exp((v - p.v_thresh_mv) * p.per_width)
    spiked = rng.uniform() < -expm1(-hazard) and s.ref == 0
    v_new = where(spiked, p.v_reset_mv, v)
    return s.next(
        v_mv=v_new,
        ref=countdown(p, s, spiked),
        i_exc_pa=i_exc,
        i_inh_pa=i_inh,
        # what the step was decided by, for rules of plasticity; no decision is made while refractory
        hazard=where(s.ref == 0, hazard, -1.0),
    ), spiked


LIF_ADAPTIVE = Model(
    name="lif_adaptive",
    step=lif_adaptive,
    state={**EXP_STATE, "raised_mv": Type.REAL, "w_pa": Type.REAL},
    constants={
        **EXP_CONSTANTS,
        "gain_adapt": Type.REAL,
        "decay_adapt": Type.REAL,
        "decay_thresh": Type.REAL,
        "thresh_jump_mv": Type.REAL,
        "adapt_jump_pa": Type.REAL,
    },
    receptors=("exc", "inh"),
    currents=("current",),
    static={"inclusive": True},
)

LIF_ESCAPE = Model(
    name="lif_escape",
    step=lif_escape,
    state={**EXP_STATE, "hazard": Type.REAL},
    constants={**EXP_CONSTANTS, "hazard_step": Type.REAL, "per_width": Type.REAL},
    receptors=("exc", "inh"),
    currents=("current",),
)
