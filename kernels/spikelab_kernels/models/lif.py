"""Leaky integrate-and-fire, each variant written once as a scalar step function.

Order within a step: the state moves with the currents of the step before, then the
currents decay and take up the spikes that arrive at the step's end, then the
threshold is tested. This is the order of NEST's ``iaf_psc_delta``, ``iaf_psc_exp``
and ``iaf_psc_alpha``.
"""

from __future__ import annotations

from typing import Any

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import where

__all__ = [
    "EXP_CONSTANTS", "EXP_STATE", "LIF_ALPHA", "LIF_DELTA", "LIF_DELTA_HELD", "LIF_EXP", "LIF_UNITLESS",
    "countdown", "exp_potential",
]  # fmt: skip


def over(p: Any, v: Any) -> Any:
    return where(p.inclusive, v >= p.v_thresh_mv, v > p.v_thresh_mv)


def countdown(p: Any, s: Any, spiked: Any) -> Any:
    """Steps of refractoriness that are left."""
    return where(spiked, p.ref_steps, where(s.ref == 0, 0, s.ref - 1))


def exp_potential(p: Any, s: Any, inp: Any) -> Any:
    """Potential after a step of exponential currents; it rests while the neuron is refractory."""
    pushed = p.decay * s.v_mv + p.v_drive_mv + p.gain * inp.current
    pushed = pushed + p.gain_exc * s.i_exc_pa + p.gain_inh * s.i_inh_pa
    return where(s.ref == 0, pushed, s.v_mv)


def lif_delta(s, p, inp, rng):  # type: ignore[no-untyped-def]
    v = where(s.ref == 0, p.decay * s.v_mv + p.v_drive_mv + p.gain * inp.current + inp.input, s.v_mv)
    spiked = over(p, v)
    return s.next(v_mv=where(spiked, p.v_reset_mv, v), ref=countdown(p, s, spiked)), spiked


def lif_delta_held(s, p, inp, rng):  # type: ignore[no-untyped-def]
    active = s.ref == 0
    moved = p.decay * s.v_mv + p.v_drive_mv + p.gain * inp.current + inp.input + s.held_mv
    v = where(active, moved, s.v_mv)
    spiked = over(p, v)
    # what arrives while refractory decays as the membrane would, until the membrane takes it up
    held = where(active, 0.0, (s.held_mv + inp.input) * p.decay)
    v_new = where(spiked, p.v_reset_mv, v)
    return s.next(v_mv=v_new, ref=countdown(p, s, spiked), held_mv=held), spiked


def lif_exp(s, p, inp, rng):  # type: ignore[no-untyped-def]
    v = exp_potential(p, s, inp)
    i_exc = p.decay_exc * s.i_exc_pa + inp.exc
    i_inh = p.decay_inh * s.i_inh_pa + inp.inh
    spiked = over(p, v)
    v_new = where(spiked, p.v_reset_mv, v)
    return s.next(v_mv=v_new, ref=countdown(p, s, spiked), i_exc_pa=i_exc, i_inh_pa=i_inh), spiked


def lif_alpha(s, p, inp, rng):  # type: ignore[no-untyped-def]
    pushed = p.decay * s.v_mv + p.v_drive_mv + p.gain * inp.current
    pushed = pushed + p.gain_exc * s.i_exc_pa + p.gain_slope_exc * s.slope_exc_pa_per_ms
    pushed = pushed + p.gain_inh * s.i_inh_pa + p.gain_slope_inh * s.slope_inh_pa_per_ms
    v = where(s.ref == 0, pushed, s.v_mv)
    i_exc = p.decay_exc * s.i_exc_pa + p.mix_exc * s.slope_exc_pa_per_ms
    i_inh = p.decay_inh * s.i_inh_pa + p.mix_inh * s.slope_inh_pa_per_ms
    slope_exc = p.decay_exc * s.slope_exc_pa_per_ms + p.jump_exc * inp.exc
    slope_inh = p.decay_inh * s.slope_inh_pa_per_ms + p.jump_inh * inp.inh
    spiked = over(p, v)
    return s.next(
        v_mv=where(spiked, p.v_reset_mv, v),
        ref=countdown(p, s, spiked),
        i_exc_pa=i_exc,
        i_inh_pa=i_inh,
        slope_exc_pa_per_ms=slope_exc,
        slope_inh_pa_per_ms=slope_inh,
    ), spiked


def lif_unitless(s, p, inp, rng):  # type: ignore[no-untyped-def]
    # a delayed reset needs no memory of the spike: until then the potential stands beyond the threshold
    was_over = p.delayed and where(p.inclusive, s.v >= p.threshold, s.v > p.threshold)
    v = p.beta * where(was_over and not p.subtract, 0.0, s.v) + inp.input
    v = where(was_over and p.subtract, v - p.threshold, v)
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
EXP_STATE = {"v_mv": Type.REAL, "ref": Type.I32, "i_exc_pa": Type.REAL, "i_inh_pa": Type.REAL}
EXP_CONSTANTS = {
    **_MEMBRANE,
    "gain_exc": Type.REAL,
    "gain_inh": Type.REAL,
    "decay_exc": Type.REAL,
    "decay_inh": Type.REAL,
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

LIF_DELTA_HELD = Model(
    name="lif_delta_held",
    step=lif_delta_held,
    state={"v_mv": Type.REAL, "ref": Type.I32, "held_mv": Type.REAL},
    constants=_MEMBRANE,
    receptors=("input",),
    currents=("current",),
    static={"inclusive": True},
)

LIF_EXP = Model(
    name="lif_exp",
    step=lif_exp,
    state=EXP_STATE,
    constants=EXP_CONSTANTS,
    receptors=("exc", "inh"),
    currents=("current",),
    static={"inclusive": True},
)

LIF_ALPHA = Model(
    name="lif_alpha",
    step=lif_alpha,
    state={**EXP_STATE, "slope_exc_pa_per_ms": Type.REAL, "slope_inh_pa_per_ms": Type.REAL},
    constants={
        **EXP_CONSTANTS,
        "gain_slope_exc": Type.REAL,
        "gain_slope_inh": Type.REAL,
        "mix_exc": Type.REAL,
        "mix_inh": Type.REAL,
        "jump_exc": Type.REAL,
        "jump_inh": Type.REAL,
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
