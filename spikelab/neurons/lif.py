"""Leaky integrate-and-fire neurons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.lif import LIF_DELTA, LIF_EXP, LIF_UNITLESS

from ..errors import ParameterError
from ..units import (
    require_choice,
    require_finite,
    require_flag,
    require_integer,
    require_non_negative,
    require_positive,
    steps_from_ms,
)
from .base import Neuron
from .propagators import current_gain, decay_factor, drive_gain

__all__ = ["LIF", "UnitlessLIF"]

Values = float | np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class LIF(Neuron):
    r"""Leaky integrate-and-fire neuron with delta or exponential synaptic currents.

    Parameters
    ----------
    tau_mem_ms : float or array [neuron], ms
        Membrane time constant.
    c_mem_pf : float or array [neuron], pF
        Membrane capacitance.
    tau_ref_ms : float or array [neuron], ms
        Absolute refractory period; rounded to whole steps.
    v_rest_mv, v_reset_mv, v_thresh_mv : float or array [neuron], mV
        Resting, reset and threshold potential.
    i_ext_pa : float or array [neuron], pA
        Constant external current.
    synapse : {"delta", "exp"}
        ``"delta"``: a spike moves the membrane by its weight in mV. ``"exp"``: a spike
        adds its weight in pA to a current that decays with the receptor's time constant.
    tau_syn_exc_ms, tau_syn_inh_ms : float or array [neuron], ms
        Time constants of the receptors ``exc`` and ``inh`` (``synapse="exp"`` only).
    threshold : {">=", ">"}
        Comparison that makes a spike; NEST uses ``>=``.
    v_init_mv : float or array [neuron], mV, optional
        Potential before the first step; the resting potential by default.

    Notes
    -----
    .. math:: \tau_m \dot v = -(v - v_{rest}) + (\tau_m / C)\,(I_{exc} + I_{inh} + I_{ext}),
       \qquad \tau_s \dot I_s = -I_s

    integrated exactly over a step. The defaults are those of NEST's ``iaf_psc_delta`` and
    ``iaf_psc_exp``. With delta synapses, spikes that arrive while the neuron is refractory
    are lost.

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

    tau_mem_ms: Values = 10.0
    c_mem_pf: Values = 250.0
    tau_ref_ms: Values = 2.0
    v_rest_mv: Values = -70.0
    v_reset_mv: Values = -70.0
    v_thresh_mv: Values = -55.0
    i_ext_pa: Values = 0.0
    synapse: Literal["delta", "exp"] = "delta"
    tau_syn_exc_ms: Values = 2.0
    tau_syn_inh_ms: Values = 2.0
    threshold: Literal[">=", ">"] = ">="
    v_init_mv: Values | None = None

    def __post_init__(self) -> None:
        self._freeze_arrays()
        require_choice("LIF", "synapse", self.synapse, ("delta", "exp"))
        require_choice("LIF", "threshold", self.threshold, (">=", ">"))
        require_positive("LIF", "tau_mem_ms", self.tau_mem_ms, "ms", "Cortical cells are near 20.0.")
        require_positive("LIF", "c_mem_pf", self.c_mem_pf, "pF", "Cortical cells are near 250.0.")
        require_non_negative("LIF", "tau_ref_ms", self.tau_ref_ms, "ms", "2.0 is common.")
        for name in ("tau_syn_exc_ms", "tau_syn_inh_ms"):
            require_positive("LIF", name, getattr(self, name), "ms", "Fast synapses are near 2.0.")
        for name in ("v_rest_mv", "v_reset_mv", "v_thresh_mv", "i_ext_pa"):
            require_finite("LIF", name, getattr(self, name))
        if self.v_init_mv is not None:
            require_finite("LIF", "v_init_mv", self.v_init_mv)
        if np.any(np.asarray(self.v_reset_mv) >= np.asarray(self.v_thresh_mv)):
            need = f"lie below v_thresh_mv={self.v_thresh_mv!r}"
            raise ParameterError(
                "LIF", "v_reset_mv", self.v_reset_mv, need, "The neuron would fire for ever."
            )

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
        model = LIF_DELTA if self.synapse == "delta" else LIF_EXP
        return replace(model, static={"inclusive": self.threshold == ">="})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Propagators of one step."""
        decay = decay_factor(self.tau_mem_ms, dt_ms)
        gain = drive_gain(self.tau_mem_ms, self.c_mem_pf, dt_ms)
        constants = {
            "decay": decay,
            "v_drive_mv": (1.0 - decay) * self.v_rest_mv + gain * self.i_ext_pa,
            "gain": gain,
            "v_reset_mv": self.v_reset_mv,
            "v_thresh_mv": self.v_thresh_mv,
            "ref_steps": steps_from_ms(self.tau_ref_ms, dt_ms, "LIF", "tau_ref_ms"),
        }
        if self.synapse == "exp":
            for name, tau in (("exc", self.tau_syn_exc_ms), ("inh", self.tau_syn_inh_ms)):
                constants[f"gain_{name}"] = current_gain(self.tau_mem_ms, tau, self.c_mem_pf, dt_ms)
                constants[f"decay_{name}"] = decay_factor(tau, dt_ms)
        return constants

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        start = self.v_rest_mv if self.v_init_mv is None else self.v_init_mv
        state: dict[str, Any] = {"v_mv": start, "ref": 0}
        return state if self.synapse == "delta" else {**state, "i_exc_pa": 0.0, "i_inh_pa": 0.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitlessLIF(Neuron):
    r"""Leaky integrate-and-fire as machine-learning libraries write it; made by :meth:`LIF.unitless`.

    Parameters
    ----------
    beta : float or array [neuron]
        Share of the potential that is kept in a step, in [0, 1].
    threshold : float or array [neuron]
        Potential above which the neuron fires.
    reset : {"subtract", "zero"}
        What a spike does to the potential.
    reset_delay : {0, 1}
        Steps between a spike and its reset; snnTorch's ``Leaky`` uses 1.
    inclusive : bool
        Whether the threshold itself makes a spike.

    Notes
    -----
    .. math:: v[k] = \beta\, v[k-1] + I[k], \qquad s[k] = [v[k] > \theta]

    with the reset at once (``reset_delay=0``) or as part of the next step.
    """

    beta: Values = 0.9
    threshold: Values = 1.0
    reset: Literal["subtract", "zero"] = "subtract"
    reset_delay: int = 0
    inclusive: bool = False

    def __post_init__(self) -> None:
        self._freeze_arrays()
        owner = "LIF.unitless"
        require_finite(owner, "beta", self.beta)
        if np.any(np.asarray(self.beta) < 0) or np.any(np.asarray(self.beta) > 1):
            raise ParameterError(owner, "beta", self.beta, "lie in [0, 1]", "0.9 is common.")
        require_positive(owner, "threshold", self.threshold)
        require_choice(owner, "reset", self.reset, ("subtract", "zero"))
        if require_integer(owner, "reset_delay", self.reset_delay, low=0) > 1:
            raise ParameterError(owner, "reset_delay", self.reset_delay, "be 0 or 1 steps")
        object.__setattr__(self, "inclusive", require_flag(owner, "inclusive", self.inclusive))

    default_dt_ms = 1.0

    @property
    def model(self) -> Model:
        """The kernel model."""
        static = {
            "inclusive": self.inclusive,
            "subtract": self.reset == "subtract",
            "delayed": self.reset_delay == 1,
        }
        return replace(LIF_UNITLESS, static=static)

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step; they do not depend on its length."""
        return {"beta": self.beta, "threshold": self.threshold}

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return {"v": 0.0}
