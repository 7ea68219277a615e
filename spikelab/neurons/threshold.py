"""Leaky integrate-and-fire neurons whose threshold moves, or is a matter of chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.threshold import LIF_ADAPTIVE, LIF_ESCAPE

from ..units import require_choice
from .base import Values
from .checks import Check, non_negative, positive
from .lif import Membrane
from .propagators import current_gain, decay_factor

__all__ = ["AdaptiveLIF", "EscapeLIF"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AdaptiveLIF(Membrane):
    r"""Leaky integrate-and-fire with exponential currents, an adapting threshold and an adaptation current.

    Every parameter in ms, pF, mV or pA may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    tau_mem_ms, c_mem_pf, tau_ref_ms, v_rest_mv, v_reset_mv, v_thresh_mv, i_ext_pa, v_init_mv
        As for :class:`LIF`.
    tau_syn_exc_ms, tau_syn_inh_ms : ms
        Time constants of the synaptic currents.
    tau_thresh_ms : ms
        Time constant with which the threshold falls back to ``v_thresh_mv``.
    thresh_jump_mv : mV
        What a spike adds to the threshold; 0 leaves it fixed.
    tau_adapt_ms : ms
        Time constant of the adaptation current.
    adapt_jump_pa : pA
        What a spike adds to the adaptation current, which flows outwards; 0 for none.
    threshold : {">=", ">"}
        Comparison that makes a spike.

    Notes
    -----
    .. math:: \tau_m \dot v = -(v - v_{rest}) + (\tau_m / C)\,(I_{exc} + I_{inh} + I_{ext} + I - w), \qquad
       \tau_a \dot w = -w, \qquad \tau_\theta \dot\theta = -\theta

    with a spike at :math:`v \ge v_{thresh} + \theta`, which sets v to ``v_reset_mv`` and adds the jumps to w
    and :math:`\theta`. All equations are linear and integrated exactly over a step. Both adaptations go on
    while the neuron is refractory.

    The moving threshold is that of Bellec et al., whose neuron subtracts the threshold where this one is
    reset; the current is one spike-induced current of Mihalas & Niebur.

    References
    ----------
    G. Bellec, D. Salaj, A. Subramoney, R. Legenstein, W. Maass, "Long short-term memory and
    learning-to-learn in networks of spiking neurons", NeurIPS 31 (2018), equations 1 and 2.
    S. Mihalas, E. Niebur, "A generalized linear integrate-and-fire neural model produces diverse spiking
    behaviors", Neural Computation 21 (2009), equations 2.1 and 2.2.
    """

    tau_thresh_ms: Values = 200.0
    thresh_jump_mv: Values = 2.0
    tau_adapt_ms: Values = 100.0
    adapt_jump_pa: Values = 0.0
    threshold: Literal[">=", ">"] = ">="

    checks: ClassVar[Mapping[str, Check]] = {
        **Membrane.checks,
        "tau_thresh_ms": positive("ms", "Adaptation takes some 100 ms."),
        "tau_adapt_ms": positive("ms", "Adaptation takes some 100 ms."),
    }

    def _check_choices(self) -> None:
        require_choice("AdaptiveLIF", "threshold", self.threshold, (">=", ">"))

    @property
    def model(self) -> Model:
        """The kernel model."""
        return replace(LIF_ADAPTIVE, static={"inclusive": self.threshold == ">="})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Propagators of one step."""
        p = self._numbers()
        return {
            **self._membrane(dt_ms),
            **self._exp_currents(dt_ms),
            "gain_adapt": current_gain(p.tau_mem_ms, p.tau_adapt_ms, p.c_mem_pf, dt_ms),
            "decay_adapt": decay_factor(p.tau_adapt_ms, dt_ms),
            "decay_thresh": decay_factor(p.tau_thresh_ms, dt_ms),
            "thresh_jump_mv": p.thresh_jump_mv,
            "adapt_jump_pa": p.adapt_jump_pa,
        }

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return {**self._exp_state(), "raised_mv": 0.0, "w_pa": 0.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class EscapeLIF(Membrane):
    r"""Leaky integrate-and-fire with exponential currents that fires by chance, the likelier the higher v.

    Every parameter in ms, pF, mV, pA or Hz may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    tau_mem_ms, c_mem_pf, tau_ref_ms, v_rest_mv, v_reset_mv, i_ext_pa, v_init_mv
        As for :class:`LIF`.
    v_thresh_mv : mV
        Potential at which the rate is ``rate_at_thresh_hz``.
    tau_syn_exc_ms, tau_syn_inh_ms : ms
        Time constants of the synaptic currents.
    rate_at_thresh_hz : Hz
        Rate of firing at the threshold.
    width_mv : mV
        Rise of the potential that raises the rate e-fold; towards 0 the threshold becomes sharp.

    Notes
    -----
    The membrane is that of ``LIF(synapse="exp")``. In a step in which it is not refractory the neuron fires
    with the probability

    .. math:: 1 - e^{-\rho\, dt}, \qquad \rho = \rho_0 \exp\!\big((v - v_{thresh}) / \Delta\big).

    NEST's ``iaf_psc_exp`` with ``delta > 0`` takes :math:`\rho\,dt` for the probability, which is the same
    for small steps, and may fire while it is refractory.

    The state ``hazard`` is :math:`\rho\,dt` of the step, with the potential before the reset; -1 in steps in
    which the neuron is refractory.

    References
    ----------
    W. Gerstner, W. M. Kistler, "Spiking Neuron Models" (2002), section 5.3, equation 5.41.
    R. Jolivet, A. Rauch, H.-R. Luscher, W. Gerstner, "Predicting spike timing of neocortical pyramidal
    neurons by simple threshold models", J. Comput. Neurosci. 21 (2006), equation 5.
    """

    rate_at_thresh_hz: Values = 100.0
    width_mv: Values = 2.0

    checks: ClassVar[Mapping[str, Check]] = {
        **Membrane.checks,
        "rate_at_thresh_hz": non_negative("Hz"),
        "width_mv": positive("mV", "LIF has a sharp threshold."),
    }

    @property
    def model(self) -> Model:
        """The kernel model."""
        return LIF_ESCAPE

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Propagators of one step."""
        p = self._numbers()
        return {
            **self._membrane(dt_ms),
            **self._exp_currents(dt_ms),
            "hazard_step": p.rate_at_thresh_hz * (1e-3 * dt_ms),
            "per_width": 1.0 / p.width_mv,
        }

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return {**self._exp_state(), "hazard": -1.0}
