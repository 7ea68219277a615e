"""Rules that compare one trace with a constant: inhibition that balances, and unsupervised features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.plasticity_pair import nearest
from spikelab_kernels.models.plasticity_traces import INHIBITORY, TRACE_BOTH, TRACE_POST

from ..neurons.checks import Check, non_negative, positive
from .base import Plasticity

__all__ = ["InhibitorySTDP", "TraceSTDP"]


@dataclass(frozen=True, kw_only=True, repr=False)
class InhibitorySTDP(Plasticity):
    r"""Inhibition that brings its target to a rate.

    Near spikes strengthen, whichever comes first, and each spike of the source alone weakens. A projection
    with negative weights is given the bounds of their magnitudes.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    eta : float
        Change by one pair without distance, in the unit of the weights.
    rate_hz : float, Hz
        Rate :math:`\rho_0` of the target at which the changes cancel.
    tau_ms : float, ms
        Time constant of both traces.

    Notes
    -----
    .. math::

        \text{on pre: } \Delta w = \eta\,(y - 2 \rho_0 \tau), \qquad \text{on post: } \Delta w = \eta\,x .

    NEST: ``vogels_sprekeler_synapse`` (``alpha`` :math:`= 2 \rho_0 \tau`), which puts the weight back below
    its upper bound between the two parts of the change at a spike of the source; here the sum is bounded.

    References
    ----------
    T. P. Vogels, H. Sprekeler, F. Zenke, C. Clopath, W. Gerstner, "Inhibitory plasticity balances excitation
    and inhibition in sensory pathways and memory networks", Science 334 (2011) 1569-1573, equation 1.

    Examples
    --------
    >>> round(InhibitorySTDP(w_max=1.0, rate_hz=3.0).prepare(0.1)["alpha"], 12)
    0.12
    """

    eta: float = 0.001
    rate_hz: float = 3.0
    tau_ms: float = 20.0

    checks: ClassVar[Mapping[str, Check]] = {
        "rate_hz": non_negative("Hz", "3.0 balances a sparse network."),
        "tau_ms": positive("ms", "20.0 is common."),
    }

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return INHIBITORY

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule: every number of the record, and ``alpha``."""
        return {**super().prepare(dt_ms), "alpha": 2.0 * self.rate_hz * self.tau_ms / 1000.0}


@dataclass(frozen=True, kw_only=True, repr=False)
class TraceSTDP(Plasticity):
    r"""Plasticity of a trace against an offset, as Diehl and Cook learn digits by it.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    nu_post : float
        Rate of learning at spikes of the target.
    nu_pre : float
        Rate of forgetting at spikes of the source; with 0 they change nothing.
    x_offset : float
        What is subtracted from the trace of the source, so that inputs which were silent lose
        (:math:`x_{tar}`).
    mu : float
        Power of the room that is left above (and for ``nu_pre`` below) the weight: 0 is additive.
    tau_pre_ms, tau_post_ms : float, ms
        Time constants of the traces of the source and of the target.
    raised : {"set", "add"}
        Whether a spike sets its trace to 1 or adds 1 to it.

    Notes
    -----
    .. math::

        \text{on post: } \Delta w = \nu_{post} (x - x_{tar}) (w_{max} - w)^{\mu}, \qquad
        \text{on pre: } \Delta w = -\nu_{pre}\, y\, (w - w_{min})^{\mu} .

    With ``x_offset=0, mu=0, coincident="include"`` it is BindsNET's ``PostPre``, whose ``nu`` is
    ``(nu_pre, nu_post)``.

    References
    ----------
    P. U. Diehl, M. Cook, "Unsupervised learning of digit recognition using spike-timing-dependent
    plasticity", Front. Comput. Neurosci. 9 (2015) 99, section 2.3.

    Examples
    --------
    >>> TraceSTDP(w_max=1.0, nu_pre=0.0).rule.on_pre is None
    True
    """

    nu_post: float = 0.01
    nu_pre: float = 0.0001
    x_offset: float = 0.0
    mu: float = 0.0
    tau_pre_ms: float = 20.0
    tau_post_ms: float = 20.0
    raised: Literal["set", "add"] = "set"

    checks: ClassVar[Mapping[str, Check]] = {
        "mu": non_negative("", "0.0 is additive, 1.0 multiplicative."),
        "tau_pre_ms": positive("ms", "20.0 is common."),
        "tau_post_ms": positive("ms", "20.0 is common."),
    }
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"raised": ("set", "add")}

    @property
    def rule(self) -> Rule:
        """The kernel rule with its static fields substituted."""
        rule = TRACE_POST if self.nu_pre == 0.0 else TRACE_BOTH
        rule = nearest(rule) if self.raised == "set" else rule
        return replace(rule, static={"mu_is_zero": self.mu == 0.0, "mu_is_one": self.mu == 1.0})
