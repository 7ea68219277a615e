"""The adaptive exponential integrate-and-fire neuron."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.adex import ADEX_CONDUCTANCE, ADEX_CURRENT, SUBSTEPS

from ..units import require_choice, steps_from_ms
from .base import Neuron, Values
from .checks import Check, non_negative, positive, require_below
from .propagators import decay_factor, exponential, logarithm

__all__ = ["AdEx"]

# What is left at the peak must not vanish in float32; from there it is less than 1e-20 ms to infinity.
_LEAST = 1e-30
# The exponential is late once it grows e-fold in so many substeps: up to here Runge-Kutta follows it.
_STIFF = 0.3


@dataclass(frozen=True, kw_only=True, eq=False)
class AdEx(Neuron):
    r"""Adaptive exponential integrate-and-fire neuron.

    Every parameter in ms, pF, nS, mV or pA may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    c_mem_pf : pF
        Membrane capacitance.
    g_leak_ns : nS
        Leak conductance.
    v_rest_mv : mV
        Reversal potential of the leak, :math:`E_L`.
    v_thresh_mv : mV
        Threshold of the exponential, :math:`V_T`.
    delta_t_mv : mV
        Slope factor :math:`\Delta_T`.
    v_peak_mv, v_reset_mv : mV
        Where a spike is said to be, and the reset.
    a_ns : nS
        Subthreshold adaptation.
    b_pa : pA
        What a spike adds to the adaptation current.
    tau_w_ms : ms
        Time constant of adaptation.
    tau_ref_ms : ms
        Absolute refractory period; rounded to whole steps, which follow the step of the spike.
    e_exc_mv, e_inh_mv : mV
        Reversal potentials of the receptors (``synapse="conductance"`` only).
    tau_syn_exc_ms, tau_syn_inh_ms : ms
        Time constants of the receptors ``exc`` and ``inh``.
    i_ext_pa : pA
        Constant external current.
    synapse : {"conductance", "current"}
        What a spike adds its weight to: a conductance in nS, or a current in pA; both decay exponentially.
    v_init_mv, w_init_pa : mV, pA, optional
        Potential and adaptation current before the first step; :math:`E_L` and 0 by default.

    Notes
    -----
    .. math:: C \dot v = -g_L (v - E_L) + g_L \Delta_T\, e^{(v - V_T)/\Delta_T} - w + I_{syn} + I_{ext} + I,
       \qquad \tau_w \dot w = a (v - E_L) - w

    At :math:`v \ge V_{peak}` v is reset and w rises by b. Below the upstroke v and w take two steps of the
    classical Runge-Kutta method in a time step, the synaptic variables being exact. In the upstroke
    :math:`e^{-(v - V_T)/\Delta_T}`, whose equation is linear and slow, is advanced in place of v. The reset
    acts at the time within the step at which the peak is crossed, as in NEST, where an adaptive integrator
    stops there; so ``v_mv`` after a spike has already moved away from the reset. A neuron fires at most once
    in a step. Defaults are those of NEST's ``aeif_cond_exp`` and ``aeif_psc_exp``.

    References
    ----------
    R. Brette, W. Gerstner, "Adaptive exponential integrate-and-fire model as an effective description of
    neuronal activity", J. Neurophysiol. 94 (2005), equations 1 to 3.
    """

    c_mem_pf: Values = 281.0
    g_leak_ns: Values = 30.0
    v_rest_mv: Values = -70.6
    v_thresh_mv: Values = -50.4
    delta_t_mv: Values = 2.0
    v_peak_mv: Values = 0.0
    v_reset_mv: Values = -60.0
    a_ns: Values = 4.0
    b_pa: Values = 80.5
    tau_w_ms: Values = 144.0
    tau_ref_ms: Values = 0.0
    e_exc_mv: Values = 0.0
    e_inh_mv: Values = -85.0
    tau_syn_exc_ms: Values = 0.2
    tau_syn_inh_ms: Values = 2.0
    i_ext_pa: Values = 0.0
    synapse: Literal["conductance", "current"] = "conductance"
    v_init_mv: Values | None = None
    w_init_pa: Values = 0.0

    checks: ClassVar[Mapping[str, Check]] = {
        "c_mem_pf": positive("pF", "Cortical cells are near 250.0."),
        "g_leak_ns": positive("nS", "Cortical cells are near 15.0."),
        "delta_t_mv": positive("mV", "LIF and ConductanceLIF have the sharp threshold of the limit 0."),
        "tau_w_ms": positive("ms", "100.0 is common."),
        "tau_ref_ms": non_negative("ms"),
        "tau_syn_exc_ms": positive("ms", "Fast synapses are near 2.0."),
        "tau_syn_inh_ms": positive("ms", "Fast synapses are near 2.0."),
    }

    def _check_choices(self) -> None:
        require_choice("AdEx", "synapse", self.synapse, ("conductance", "current"))

    def _check_together(self) -> None:
        remedy = "A spike ends at the peak, beyond the threshold and the reset."
        for name in ("v_reset_mv", "v_thresh_mv"):
            require_below("AdEx", name, getattr(self, name), "v_peak_mv", self.v_peak_mv, remedy)

    @property
    def weight_unit(self) -> str:  # type: ignore[override]
        """Unit of the weights of spikes that arrive here."""
        return "nS" if self.synapse == "conductance" else "pA"

    @property
    def model(self) -> Model:
        """The kernel model."""
        return ADEX_CONDUCTANCE if self.synapse == "conductance" else ADEX_CURRENT

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step."""
        p, substep = self._numbers(), dt_ms / SUBSTEPS
        fall = dt_ms * p.g_leak_ns / p.c_mem_pf
        late = np.maximum(logarithm(_STIFF * SUBSTEPS / fall), 0.0)
        return {
            "dt_ms": dt_ms,
            "substep_ms": substep,
            "g_leak_ns": p.g_leak_ns,
            "per_pf": 1.0 / p.c_mem_pf,
            "v_rest_mv": p.v_rest_mv,
            "v_reset_mv": p.v_reset_mv,
            "v_thresh_mv": p.v_thresh_mv,
            "delta_mv": p.delta_t_mv,
            "per_delta": 1.0 / p.delta_t_mv,
            "rise_pa": p.g_leak_ns * p.delta_t_mv,
            "v_peak_mv": p.v_peak_mv,
            "u_peak": np.maximum(exponential((p.v_thresh_mv - p.v_peak_mv) / p.delta_t_mv), _LEAST),
            "fall": fall,
            "z_late": late,
            "z_most": late + 1.5,
            "a_ns": p.a_ns,
            "b_pa": p.b_pa,
            "per_tau_w": 1.0 / p.tau_w_ms,
            "w_reset_pa": p.a_ns * (p.v_reset_mv - p.v_rest_mv),
            "i_ext_pa": p.i_ext_pa,
            "e_exc_mv": p.e_exc_mv,
            "e_inh_mv": p.e_inh_mv,
            "per_tau_exc": 1.0 / p.tau_syn_exc_ms,
            "per_tau_inh": 1.0 / p.tau_syn_inh_ms,
            "half_decay_exc": decay_factor(p.tau_syn_exc_ms, 0.5 * substep),
            "half_decay_inh": decay_factor(p.tau_syn_inh_ms, 0.5 * substep),
            "ref_steps": steps_from_ms(p.tau_ref_ms, dt_ms, "AdEx", "tau_ref_ms"),
        }

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        p = self._numbers()
        start = p.v_rest_mv if p.v_init_mv is None else p.v_init_mv
        state = {"v_mv": start, "w_pa": p.w_init_pa, "ref": 0}
        if self.synapse == "conductance":
            return {**state, "g_exc_ns": 0.0, "g_inh_ns": 0.0}
        return {**state, "i_exc_pa": 0.0, "i_inh_pa": 0.0}
