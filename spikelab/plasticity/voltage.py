"""Spike-timing-dependent plasticity that reads the potential of the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.voltage_rules import CLOPATH

from ..errors import ParameterError
from ..neurons.checks import Check, non_negative, positive, require_below
from ..neurons.propagators import decay_factor
from .base import Plasticity

__all__ = ["Clopath"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Clopath(Plasticity):
    r"""Voltage-based plasticity: the target's potential decides, and its spikes only as part of it.

    For targets with a potential ``v_mv``, such as :class:`AdEx`.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    a_ltd : float, 1/mV
        Depression by a spike of the source and a filtered potential 1 mV above ``theta_minus_mv``.
    a_ltp : float, 1/mV^2
        Potentiation.
    theta_minus_mv, theta_plus_mv : float, mV
        Thresholds of the filtered potentials and of the potential itself.
    tau_x_ms : float, ms
        Time constant of the trace of the source's spikes.
    tau_minus_ms, tau_plus_ms : float, ms
        Time constants of the two filtered potentials.
    spike_mv, spike_ms : float
        Potential and duration of a spike, which the neuron models here replace by a reset: a spike counts as
        a pulse from ``v_reset_mv`` to ``spike_mv``. NEST holds ``V_clamp = 33`` mV for ``t_clamp = 2`` ms.
    v_reset_mv : float, mV
        Potential of the neuron right after a spike.

    Notes
    -----
    With the source's spikes X and their trace x, the potential u, and its low-pass filters
    :math:`\bar u_-` and :math:`\bar u_+`,

    .. math:: \dot w = -A_{LTD}\, X\, [\bar u_- - \theta_-]_+
       + A_{LTP}\, x\, [u - \theta_+]_+ [\bar u_+ - \theta_-]_+, \qquad \tau_x \dot x = -x + X.

    A pulse of duration d and height h moves a filter by :math:`h (1 - e^{-d / \tau})`, which then decays, and
    adds :math:`A_{LTP}\, x\, d\,(u_{spike} - \theta_+)\,[\bar u_+ - \theta_-]_+`, with the filter as it was
    before this spike. The defaults are the published ones of the visual cortex. The homeostatic factor of
    :math:`A_{LTD}` is left out, as in NEST's default.

    References
    ----------
    C. Clopath, L. Busing, E. Vasilaki, W. Gerstner, "Connectivity reflects coding: a model of voltage-based
    STDP with homeostasis", Nat. Neurosci. 13 (2010), equations 1 to 3 and table 1.
    """

    a_ltd: float = 14e-5
    a_ltp: float = 8e-5
    theta_minus_mv: float = -70.6
    theta_plus_mv: float = -45.3
    tau_x_ms: float = 15.0
    tau_minus_ms: float = 10.0
    tau_plus_ms: float = 7.0
    spike_mv: float = 33.0
    spike_ms: float = 2.0
    v_reset_mv: float = -70.6

    checks: ClassVar[Mapping[str, Check]] = {
        "a_ltd": non_negative("1/mV", "Depression is subtracted already."),
        "a_ltp": non_negative("1/mV^2"),
        "tau_x_ms": positive("ms", "15.0 is published."),
        "tau_minus_ms": positive("ms", "10.0 is published."),
        "tau_plus_ms": positive("ms", "7.0 is published."),
        "spike_ms": non_negative("ms", "2.0 is published."),
    }

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return CLOPATH

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule: every number of the record, and what a spike adds to each quantity."""
        height = self.spike_mv - self.v_reset_mv
        return {
            **super().prepare(dt_ms),
            "bump_minus_mv": height * (1.0 - float(decay_factor(self.tau_minus_ms, self.spike_ms))),
            "bump_plus_mv": height * (1.0 - float(decay_factor(self.tau_plus_ms, self.spike_ms))),
            # the trace of the source jumps by 1 / tau_x in the paper and by 1 here
            "spike_area": self.spike_ms / self.tau_x_ms * max(self.spike_mv - self.theta_plus_mv, 0.0),
            "dt_by_tau_x": dt_ms / self.tau_x_ms,
        }

    def _check_together(self) -> None:
        owner = self._owner()
        require_below(owner, "v_reset_mv", self.v_reset_mv, "spike_mv", self.spike_mv)
        if self.w_min < 0:
            raise ParameterError(owner, "w_min", self.w_min, "be >= 0", "The rule is one of magnitudes.")
