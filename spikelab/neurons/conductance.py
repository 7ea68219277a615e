"""Leaky integrate-and-fire neurons with synaptic conductances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.conductance import LIF_CONDUCTANCE, SUBSTEPS

from ..units import require_choice, steps_from_ms
from .base import Neuron, Values
from .checks import Check, non_negative, positive, require_below
from .propagators import decay_factor

__all__ = ["ConductanceLIF"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ConductanceLIF(Neuron):
    r"""Leaky integrate-and-fire neuron whose synapses are conductances that decay exponentially.

    Every parameter in ms, pF, nS, mV or pA may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    c_mem_pf : pF
        Membrane capacitance.
    g_leak_ns : nS
        Leak conductance; the membrane time constant is ``c_mem_pf / g_leak_ns`` ms.
    tau_ref_ms : ms
        Absolute refractory period; rounded to whole steps.
    v_rest_mv, v_reset_mv, v_thresh_mv : mV
        Reversal potential of the leak, reset and threshold.
    e_exc_mv, e_inh_mv : mV
        Reversal potentials of the receptors.
    tau_syn_exc_ms, tau_syn_inh_ms : ms
        Time constants of the conductances of the receptors ``exc`` and ``inh``.
    i_ext_pa : pA
        Constant external current.
    threshold : {">=", ">"}
        Comparison that makes a spike; NEST uses ``>=``.
    v_init_mv : mV, optional
        Potential before the first step; the leak's reversal potential by default.

    Notes
    -----
    .. math:: C \dot v = -g_L (v - E_L) - g_{exc} (v - E_{exc}) - g_{inh} (v - E_{inh}) + I_{ext} + I, \qquad
       \tau_s \dot g_s = -g_s

    A spike of weight w, in nS, raises g by \|w\|: weights onto ``inh`` are negative here, as for currents.
    The conductances are exact, the potential takes two steps of the classical Runge-Kutta method of order 4
    in a time step. The step should not be much longer than the shortest synaptic time constant: the
    documentation states the errors. Defaults and order are those of NEST's ``iaf_cond_exp``.

    References
    ----------
    H. Meffin, A. N. Burkitt, D. B. Grayden, "An analytical model for the 'large, fluctuating synaptic
    conductance state' typical of neocortical neurons in vivo", J. Comput. Neurosci. 16 (2004), equation 1.
    """

    c_mem_pf: Values = 250.0
    g_leak_ns: Values = 16.6667
    tau_ref_ms: Values = 2.0
    v_rest_mv: Values = -70.0
    v_reset_mv: Values = -60.0
    v_thresh_mv: Values = -55.0
    e_exc_mv: Values = 0.0
    e_inh_mv: Values = -85.0
    tau_syn_exc_ms: Values = 0.2
    tau_syn_inh_ms: Values = 2.0
    i_ext_pa: Values = 0.0
    threshold: Literal[">=", ">"] = ">="
    v_init_mv: Values | None = None

    checks: ClassVar[Mapping[str, Check]] = {
        "c_mem_pf": positive("pF", "Cortical cells are near 250.0."),
        "g_leak_ns": positive("nS", "Cortical cells are near 15.0."),
        "tau_ref_ms": non_negative("ms", "2.0 is common."),
        "tau_syn_exc_ms": positive("ms", "Fast synapses are near 2.0."),
        "tau_syn_inh_ms": positive("ms", "Fast synapses are near 2.0."),
    }
    weight_unit = "nS"

    def _check_choices(self) -> None:
        require_choice("ConductanceLIF", "threshold", self.threshold, (">=", ">"))

    def _check_together(self) -> None:
        remedy = "The neuron would fire for ever."
        require_below(self._owner(), "v_reset_mv", self.v_reset_mv, "v_thresh_mv", self.v_thresh_mv, remedy)

    @property
    def model(self) -> Model:
        """The kernel model."""
        return replace(LIF_CONDUCTANCE, static={"inclusive": self.threshold == ">="})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step."""
        p, substep = self._numbers(), dt_ms / SUBSTEPS
        return {
            "g_leak_ns": p.g_leak_ns,
            "per_pf": 1.0 / p.c_mem_pf,
            "v_rest_mv": p.v_rest_mv,
            "v_reset_mv": p.v_reset_mv,
            "v_thresh_mv": p.v_thresh_mv,
            "e_exc_mv": p.e_exc_mv,
            "e_inh_mv": p.e_inh_mv,
            "i_ext_pa": p.i_ext_pa,
            "ref_steps": steps_from_ms(p.tau_ref_ms, dt_ms, self._owner(), "tau_ref_ms"),
            "substep_ms": substep,
            "half_decay_exc": decay_factor(p.tau_syn_exc_ms, 0.5 * substep),
            "half_decay_inh": decay_factor(p.tau_syn_inh_ms, 0.5 * substep),
        }

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        p = self._numbers()
        start = p.v_rest_mv if p.v_init_mv is None else p.v_init_mv
        return {"v_mv": start, "ref": 0, "g_exc_ns": 0.0, "g_inh_ns": 0.0}
