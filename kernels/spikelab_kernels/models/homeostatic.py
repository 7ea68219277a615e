"""Neurons that adapt themselves: units with intrinsic plasticity, and a threshold that keeps a rate.

What adapts is state of the neuron, so that no learning machinery is needed. A step computes the output with
what was adapted before it.
"""

from __future__ import annotations

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import max, tanh, where
from spikelab_kernels.models.lif import EXP_CONSTANTS, EXP_STATE, countdown, exp_potential

__all__ = ["IP_FERMI", "IP_TANH", "LIF_HOMEOSTATIC"]


def ip_tanh(s, p, inp, rng):  # type: ignore[no-untyped-def]
    y = tanh(s.gain * inp.input + s.bias)
    pull = p.mean_by_var - p.per_var * y * (p.two_var_plus_1 - y * y + p.mean * y)
    move = p.learning_rate * pull
    gain = s.gain + p.learning_rate / s.gain + move * inp.input
    # a gain that crossed 0 would be driven to minus infinity by its own 1 / gain
    gain = max(gain, p.least_gain)
    return s.next(x=p.keep * s.x + p.leak_rate * y, gain=gain, bias=s.bias + move), False


def ip_fermi(s, p, inp, rng):  # type: ignore[no-untyped-def]
    # 1 / (1 + exp(-z)) in the form that cannot overflow
    y = 0.5 + 0.5 * tanh(0.5 * (s.gain * inp.input + s.bias))
    move = p.learning_rate * (1.0 - (2.0 + p.per_mean) * y + p.per_mean * y * y)
    gain = max(s.gain + p.learning_rate / s.gain + move * inp.input, p.least_gain)
    return s.next(x=p.keep * s.x + p.leak_rate * y, gain=gain, bias=s.bias + move), False


def lif_homeostatic(s, p, inp, rng):  # type: ignore[no-untyped-def]
    v = exp_potential(p, s, inp)
    i_exc = p.decay_exc * s.i_exc_pa + inp.exc
    i_inh = p.decay_inh * s.i_inh_pa + inp.inh
    threshold = p.v_thresh_mv + s.theta_mv
    above = where(p.inclusive, v >= threshold, v > threshold)
    # the threshold may have sunk below the reset potential
    spiked = above and s.ref == 0
    return s.next(
        v_mv=where(spiked, p.v_reset_mv, v),
        ref=countdown(p, s, spiked),
        i_exc_pa=i_exc,
        i_inh_pa=i_inh,
        theta_mv=s.theta_mv + where(spiked, p.rise_mv, p.fall_mv),
    ), spiked


_ADAPTED = {"x": Type.REAL, "gain": Type.REAL, "bias": Type.REAL}
_COMMON = {"keep": Type.REAL, "leak_rate": Type.REAL, "learning_rate": Type.REAL, "least_gain": Type.REAL}

IP_TANH = Model(
    name="ip_tanh",
    step=ip_tanh,
    state=_ADAPTED,
    constants={
        **_COMMON,
        "mean": Type.REAL,
        "mean_by_var": Type.REAL,
        "per_var": Type.REAL,
        "two_var_plus_1": Type.REAL,
    },
    receptors=("input",),
    output="x",
)

IP_FERMI = Model(
    name="ip_fermi",
    step=ip_fermi,
    state=_ADAPTED,
    constants={**_COMMON, "per_mean": Type.REAL},
    receptors=("input",),
    output="x",
)

LIF_HOMEOSTATIC = Model(
    name="lif_homeostatic",
    step=lif_homeostatic,
    state={**EXP_STATE, "theta_mv": Type.REAL},
    constants={**EXP_CONSTANTS, "rise_mv": Type.REAL, "fall_mv": Type.REAL},
    receptors=("exc", "inh"),
    currents=("current",),
    static={"inclusive": True},
)
