"""Leaky integrate-and-fire neurons with synaptic currents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.lif import LIF_ALPHA, LIF_DELTA, LIF_DELTA_HELD, LIF_EXP

from ..errors import ParameterError
from ..units import require_choice, require_flag, steps_from_ms
from .base import Neuron, Values
from .checks import Check, non_negative, positive, require_below
from .propagators import alpha_jump, current_gain, decay_factor, drive_gain, slope_gain
from .unitless import UnitlessLIF

__all__ = ["LIF", "Membrane"]

_MODELS = {"delta": LIF_DELTA, "exp": LIF_EXP, "alpha": LIF_ALPHA}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Membrane(Neuron):
    """The linear membrane and the synaptic currents that LIF neurons have in common."""

    tau_mem_ms: Values = 10.0
    c_mem_pf: Values = 250.0
    tau_ref_ms: Values = 2.0
    v_rest_mv: Values = -70.0
    v_reset_mv: Values = -70.0
    v_thresh_mv: Values = -55.0
    i_ext_pa: Values = 0.0
    tau_syn_exc_ms: Values = 2.0
    tau_syn_inh_ms: Values = 2.0
    v_init_mv: Values | None = None

    checks: ClassVar[Mapping[str, Check]] = {
        "tau_mem_ms": positive("ms", "Cortical cells are near 20.0."),
        "c_mem_pf": positive("pF", "Cortical cells are near 250.0."),
        "tau_ref_ms": non_negative("ms", "2.0 is common."),
        "tau_syn_exc_ms": positive("ms", "Fast synapses are near 2.0."),
        "tau_syn_inh_ms": positive("ms", "Fast synapses are near 2.0."),
    }
    weight_unit = "pA"

    def _check_together(self) -> None:
        remedy = "The neuron would fire for ever."
        require_below(self._owner(), "v_reset_mv", self.v_reset_mv, "v_thresh_mv", self.v_thresh_mv, remedy)

    def _membrane(self, dt_ms: float) -> dict[str, Any]:
        """Propagators of the membrane."""
        p = self._numbers()
        decay = decay_factor(p.tau_mem_ms, dt_ms)
        gain = drive_gain(p.tau_mem_ms, p.c_mem_pf, dt_ms)
        return {
            "decay": decay,
            "v_drive_mv": (1.0 - decay) * p.v_rest_mv + gain * p.i_ext_pa,
            "gain": gain,
            "v_reset_mv": p.v_reset_mv,
            "v_thresh_mv": p.v_thresh_mv,
            "ref_steps": steps_from_ms(p.tau_ref_ms, dt_ms, self._owner(), "tau_ref_ms", stacklevel=4),
        }

    def _exp_currents(self, dt_ms: float) -> dict[str, Any]:
        """Propagators of currents that decay exponentially."""
        p, constants = self._numbers(), {}
        for name, tau in (("exc", p.tau_syn_exc_ms), ("inh", p.tau_syn_inh_ms)):
            constants[f"gain_{name}"] = current_gain(p.tau_mem_ms, tau, p.c_mem_pf, dt_ms)
            constants[f"decay_{name}"] = decay_factor(tau, dt_ms)
        return constants

    def _exp_state(self) -> dict[str, Any]:
        p = self._numbers()
        start = p.v_rest_mv if p.v_init_mv is None else p.v_init_mv
        return {"v_mv": start, "ref": 0, "i_exc_pa": 0.0, "i_inh_pa": 0.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class LIF(Membrane):
    r"""Leaky integrate-and-fire neuron with delta, exponential or alpha-shaped synaptic currents.

    Every parameter in ms, pF, mV or pA may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    tau_mem_ms : ms
        Membrane time constant.
    c_mem_pf : pF
        Membrane capacitance.
    tau_ref_ms : ms
        Absolute refractory period; rounded to whole steps.
    v_rest_mv, v_reset_mv, v_thresh_mv : mV
        Resting, reset and threshold potential.
    i_ext_pa : pA
        Constant external current.
    tau_syn_exc_ms, tau_syn_inh_ms : ms
        Time constants of the receptors ``exc`` and ``inh`` (not for ``synapse="delta"``).
    v_init_mv : mV, optional
        Potential before the first step; the resting potential by default.
    synapse : {"delta", "exp", "alpha"}
        ``"delta"``: a spike moves the membrane by its weight in mV. ``"exp"``: a spike
        adds its weight in pA to a current that decays with the receptor's time constant.
        ``"alpha"``: a current that rises and falls, with its peak, the weight in pA, after one
        time constant.
    threshold : {">=", ">"}
        Comparison that makes a spike; NEST uses ``>=``.
    refractory_input : bool
        With delta synapses: whether spikes that arrive while the neuron is refractory act, decayed
        as the membrane, when it is over. Otherwise they are lost.

    Notes
    -----
    .. math:: \tau_m \dot v = -(v - v_{rest}) + (\tau_m / C)\,(I_{exc} + I_{inh} + I_{ext} + I)

    with the input ``current`` :math:`I`, held for a step, and for exponential and alpha-shaped currents

    .. math:: \tau_s \dot I_s = -I_s, \qquad \tau_s \dot I_s = -I_s + \tau_s A_s, \; \tau_s \dot A_s = -A_s,

    where a spike of weight w adds w to I, or e w / tau_s to the slope A of the alpha-shaped current.

    All are integrated exactly over a step. The defaults are those of NEST's ``iaf_psc_delta``,
    ``iaf_psc_exp`` and ``iaf_psc_alpha``.

    References
    ----------
    S. Rotter, M. Diesmann, Biol. Cybern. 81 (1999), section 3.1.2.

    Examples
    --------
    >>> LIF(tau_mem_ms=-1.0)
    Traceback (most recent call last):
    ...
    spikelab_kernels.errors.ParameterError: LIF(tau_mem_ms=-1.0): tau_mem_ms must be > 0 ms. ...
    """

    synapse: Literal["delta", "exp", "alpha"] = "delta"
    threshold: Literal[">=", ">"] = ">="
    refractory_input: bool = False

    def _check_choices(self) -> None:
        require_choice("LIF", "synapse", self.synapse, tuple(_MODELS))
        require_choice("LIF", "threshold", self.threshold, (">=", ">"))
        if require_flag("LIF", "refractory_input", self.refractory_input) and self.synapse != "delta":
            need = f"be False with synapse={self.synapse!r}"
            remedy = "A synaptic current outlasts the refractory period by itself."
            raise ParameterError("LIF", "refractory_input", True, need, remedy)

    @classmethod
    def unitless(
        cls,
        beta: Values = 0.9,
        threshold: Values = 1.0,
        *,
        reset: Literal["subtract", "zero"] = "subtract",
        reset_delay: int = 0,
        inclusive: bool = False,
    ) -> UnitlessLIF:
        """The machine-learning form, without units; see :class:`UnitlessLIF`."""
        return UnitlessLIF(
            beta=beta, threshold=threshold, reset=reset, reset_delay=reset_delay, inclusive=inclusive
        )

    @property
    def weight_unit(self) -> str:  # type: ignore[override]
        """Unit of the weights of spikes that arrive here."""
        return "mV" if self.synapse == "delta" else "pA"

    @property
    def model(self) -> Model:
        """The kernel model."""
        model = LIF_DELTA_HELD if self.refractory_input else _MODELS[self.synapse]
        return replace(model, static={"inclusive": self.threshold == ">="})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Propagators of one step."""
        constants = self._membrane(dt_ms)
        if self.synapse == "delta":
            return constants
        constants |= self._exp_currents(dt_ms)
        p = self._numbers()
        if self.synapse == "alpha":
            for name, tau in (("exc", p.tau_syn_exc_ms), ("inh", p.tau_syn_inh_ms)):
                constants[f"gain_slope_{name}"] = slope_gain(p.tau_mem_ms, tau, p.c_mem_pf, dt_ms)
                constants[f"mix_{name}"] = dt_ms * constants[f"decay_{name}"]
                constants[f"jump_{name}"] = alpha_jump(tau)
        return constants

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        state = self._exp_state()
        if self.synapse == "alpha":
            return {**state, "slope_exc_pa_per_ms": 0.0, "slope_inh_pa_per_ms": 0.0}
        if self.synapse == "exp":
            return state
        return {"v_mv": state["v_mv"], "ref": 0, **({"held_mv": 0.0} if self.refractory_input else {})}
