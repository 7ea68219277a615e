"""Spike-timing-dependent plasticity that a reward turns into changes of weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.plasticity_reward import REWARD, REWARD_AGAINST_MEAN, REWARD_AGAINST_SIGNAL

from ..neurons.checks import Check, positive
from ..units import require_probability
from .base import Plasticity

__all__ = ["RewardSTDP"]


@dataclass(frozen=True, kw_only=True, repr=False)
class RewardSTDP(Plasticity):
    r"""Pairs of spikes make a synapse eligible; a reward turns what is left of it into a change.

    The reward is the signal ``reward`` of ``Simulator.run(..., signals={"reward": ...})`` or
    ``Simulator.signal(reward=...)``.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    learning_rate : float
        Change by a reward of 1 and an eligibility of 1, in the unit of the weights.
    a_plus, a_minus : float
        Eligibility by one pair of spikes without distance, source first and target first.
    tau_plus_ms, tau_minus_ms : float, ms
        Widths of the two windows.
    tau_c_ms : float, ms
        How long a synapse stays eligible; 25 to 1000 are published.
    baseline : {"none", "mean", "signal"}
        What is subtracted from a reward: nothing; the running mean of the rewards so far, which each reward
        moves by ``baseline_rate``; or the signal ``baseline``.
    baseline_rate : float
        Share of a new reward in the running mean, from 0 to 1.

    Notes
    -----
    .. math::

        \dot c = -c / \tau_c, \quad
        \text{on post: } \Delta c = A_+ x, \quad
        \text{on pre: } \Delta c = -A_- y, \quad
        \text{on reward: } \Delta w = \eta\,(R - \bar R)\,c, \; \Delta \bar R = b\,(R - \bar R).

    A reward acts in the steps in which a signal is not 0. A reward of 0 that is to count in the mean is given
    by ``Simulator.signal(reward=0.0)``. A reward that is held for n steps acts n times.

    References
    ----------
    E. M. Izhikevich, "Solving the distal reward problem through linkage of STDP and dopamine signaling",
    Cereb. Cortex 17 (2007) 2443-2452, equations 1 and 2; R. V. Florian, Neural Comput. 19 (2007) 1468-1502
    (MSTDPET); N. Frémaux, H. Sprekeler, W. Gerstner, J. Neurosci. 30 (2010) 13326-13337 (why a
    baseline is needed).

    Examples
    --------
    >>> RewardSTDP(w_max=1.0).when
    'signal'
    """

    learning_rate: float = 0.01
    a_plus: float = 1.0
    a_minus: float = 1.0
    tau_plus_ms: float = 20.0
    tau_minus_ms: float = 20.0
    tau_c_ms: float = 1000.0
    baseline: Literal["none", "mean", "signal"] = "none"
    baseline_rate: float = 0.05

    checks: ClassVar[Mapping[str, Check]] = {
        "tau_plus_ms": positive("ms", "20.0 is common."),
        "tau_minus_ms": positive("ms", "20.0 is common."),
        "tau_c_ms": positive("ms", "1000.0 bridges a second."),
        "baseline_rate": require_probability,
    }
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"baseline": ("none", "mean", "signal")}

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        rules = {"none": REWARD, "mean": REWARD_AGAINST_MEAN, "signal": REWARD_AGAINST_SIGNAL}
        return rules[self.baseline]
