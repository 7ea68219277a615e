"""Two neurons of few parameters: the perfect integrator and Izhikevich's model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.izhikevich import IZHIKEVICH
from spikelab_kernels.models.lif import LIF_DELTA

from ..units import require_choice, require_flag, steps_from_ms
from .base import Neuron, Values
from .checks import Check, non_negative, positive, require_below

__all__ = ["IF", "Izhikevich"]


@dataclass(frozen=True, kw_only=True, eq=False)
class IF(Neuron):
    r"""Integrate-and-fire without a leak: it adds up all that arrives.

    Every parameter in ms, pF, mV or pA may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    c_mem_pf : pF
        Membrane capacitance.
    tau_ref_ms : ms
        Absolute refractory period; rounded to whole steps.
    v_reset_mv, v_thresh_mv : mV
        Reset and threshold potential.
    i_ext_pa : pA
        Constant external current.
    threshold : {">=", ">"}
        Comparison that makes a spike.
    v_init_mv : mV, optional
        Potential before the first step; the reset potential by default.

    Notes
    -----
    .. math:: C \dot v = I_{ext} + I

    integrated exactly; a spike that arrives moves v by its weight in mV.

    References
    ----------
    W. Gerstner, W. M. Kistler, R. Naud, L. Paninski, "Neuronal Dynamics" (2014), section 1.3.
    """

    c_mem_pf: Values = 250.0
    tau_ref_ms: Values = 2.0
    v_reset_mv: Values = -70.0
    v_thresh_mv: Values = -55.0
    i_ext_pa: Values = 0.0
    threshold: Literal[">=", ">"] = ">="
    v_init_mv: Values | None = None

    checks: ClassVar[Mapping[str, Check]] = {
        "c_mem_pf": positive("pF", "Cortical cells are near 250.0."),
        "tau_ref_ms": non_negative("ms", "2.0 is common."),
    }
    weight_unit = "mV"

    def _check_choices(self) -> None:
        require_choice("IF", "threshold", self.threshold, (">=", ">"))

    def _check_together(self) -> None:
        remedy = "The neuron would fire for ever."
        require_below("IF", "v_reset_mv", self.v_reset_mv, "v_thresh_mv", self.v_thresh_mv, remedy)

    @property
    def model(self) -> Model:
        """The kernel model: that of the LIF with delta synapses, which forgets nothing here."""
        return replace(LIF_DELTA, static={"inclusive": self.threshold == ">="})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step."""
        p = self._numbers()
        gain = dt_ms / p.c_mem_pf
        return {
            "decay": 1.0,
            "v_drive_mv": gain * p.i_ext_pa,
            "gain": gain,
            "v_reset_mv": p.v_reset_mv,
            "v_thresh_mv": p.v_thresh_mv,
            "ref_steps": steps_from_ms(p.tau_ref_ms, dt_ms, "IF", "tau_ref_ms"),
        }

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        p = self._numbers()
        return {"v_mv": p.v_reset_mv if p.v_init_mv is None else p.v_init_mv, "ref": 0}


@dataclass(frozen=True, kw_only=True, eq=False)
class Izhikevich(Neuron):
    r"""Izhikevich's simple model, in the Euler forms of NEST's ``izhikevich``.

    Every parameter but ``consistent_integration`` may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    a : 1/ms
        Rate of the recovery variable u.
    b : 1/ms
        Its sensitivity to v.
    c_mv : mV
        Reset of v.
    d : mV/ms
        What a spike adds to u.
    v_peak_mv : mV
        Where a spike is said to be.
    i_ext_pa : float
        Constant external current; the paper's I, which enters dv/dt as it is.
    consistent_integration : bool
        True: one Euler step for both variables with the values before it, and a spike that arrives moves v by
        its weight at the end of the step. False: the paper's program, v in two half steps and u with the new
        v; a spike that arrives is a current of its weight over the step.
    v_init_mv : mV
        v before the first step.
    u_init : mV/ms, optional
        u before the first step; ``b * v_init_mv`` by default.

    Notes
    -----
    .. math:: \dot v = 0.04 v^2 + 5 v + 140 - u + I_{ext} + I, \qquad \dot u = a (b v - u)

    The results depend on the time step; the paper's is 1 ms.

    References
    ----------
    E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks 14 (2003),
    equations 1 to 3.
    """

    a: Values = 0.02
    b: Values = 0.2
    c_mv: Values = -65.0
    d: Values = 8.0
    v_peak_mv: Values = 30.0
    i_ext_pa: Values = 0.0
    consistent_integration: bool = True
    v_init_mv: Values = -65.0
    u_init: Values | None = None

    weight_unit = "mV"

    def _check_choices(self) -> None:
        name = "consistent_integration"
        object.__setattr__(self, name, require_flag("Izhikevich", name, self.consistent_integration))

    def _check_together(self) -> None:
        remedy = "The neuron would fire for ever."
        require_below("Izhikevich", "c_mv", self.c_mv, "v_peak_mv", self.v_peak_mv, remedy)

    @property
    def model(self) -> Model:
        """The kernel model."""
        return replace(IZHIKEVICH, static={"consistent": self.consistent_integration})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step."""
        p = self._numbers()
        names = ("a", "b", "c_mv", "d", "v_peak_mv", "i_ext_pa")
        return {**{name: getattr(p, name) for name in names}, "dt_ms": dt_ms}

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        p = self._numbers()
        return {"v_mv": p.v_init_mv, "u": p.b * p.v_init_mv if p.u_init is None else p.u_init}
