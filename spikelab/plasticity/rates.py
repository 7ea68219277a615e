"""Rules between rate units, and from real inputs to rate units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.rate_rules import ANTI_HEBB, HEBB, OJA, SOFT_HEBB
from spikelab_kernels.models.rate_rules import BCM as BCM_RULE

from ..errors import ParameterError
from ..neurons.checks import Check, non_negative, positive
from .base import Plasticity

__all__ = ["BCM", "AntiHebb", "Hebb", "Oja", "RateRule", "SoftHebb"]


@dataclass(frozen=True, kw_only=True, repr=False)
class RateRule(Plasticity):
    """What the rules between rate units have in common: weights of both signs, and a change in every step.

    In a step, x is the value that arrives, which is as old as the connection's delay, and y what the target
    becomes in this step.
    """

    w_min: float = -1.0
    w_max: float = 1.0
    learning_rate: float = 1e-3

    checks: ClassVar[Mapping[str, Check]] = {
        "learning_rate": non_negative("", "AntiHebb is Hebb with the other sign.")
    }

    @property
    def softmax_temperature(self) -> float:
        """Temperature of the softmax of the layer, for a rule that reads its shares."""
        return 1.0

    def _check_together(self) -> None:
        for name, meant in (("delay_kind", "dendritic"), ("coincident", "ignore")):
            if getattr(self, name) != meant:
                need = "be left as it is between rate units"
                raise ParameterError(self._owner(), name, getattr(self, name), need, "It is about spikes.")


@dataclass(frozen=True, kw_only=True, repr=False)
class Hebb(RateRule):
    r"""Plain Hebbian learning: what is active together grows together, up to the bounds.

    Parameters
    ----------
    w_min, w_max : float
        Bounds; nothing else keeps the weights finite.
    learning_rate : float
        Step :math:`\eta`.

    Notes
    -----
    .. math:: \Delta w = \eta\, x\, y

    References
    ----------
    W. Gerstner, W. M. Kistler, R. Naud, L. Paninski, "Neuronal Dynamics" (2014), equation 19.3.
    """

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return HEBB


@dataclass(frozen=True, kw_only=True, repr=False)
class AntiHebb(RateRule):
    r"""Anti-Hebbian learning, which makes units dissimilar: lateral connections decorrelate.

    Parameters
    ----------
    w_min, w_max, learning_rate
        As for :class:`Hebb`.

    Notes
    -----
    .. math:: \Delta w = -\eta\, x\, y

    References
    ----------
    P. Foldiak, "Forming sparse representations by local anti-Hebbian learning", Biol. Cybern. 64 (1990).
    """

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return ANTI_HEBB


@dataclass(frozen=True, kw_only=True, repr=False)
class Oja(RateRule):
    r"""Hebbian learning with a decay that gives the weights of a linear unit the length 1.

    Parameters
    ----------
    w_min, w_max, learning_rate
        As for :class:`Hebb`.

    Notes
    -----
    .. math:: \Delta w = \eta\, y\, (x - y\, w)

    A linear unit, y = w x, turns its weights to the first principal component of x.

    References
    ----------
    E. Oja, "A simplified neuron model as a principal component analyzer", J. Math. Biol. 15 (1982),
    equation 3.
    """

    w_min: float = -10.0
    w_max: float = 10.0

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return OJA


@dataclass(frozen=True, kw_only=True, repr=False)
class BCM(RateRule):
    r"""The rule of Bienenstock, Cooper and Munro: strong activity strengthens, weak activity weakens.

    Parameters
    ----------
    w_min, w_max, learning_rate
        As for :class:`Hebb`.
    tau_theta_ms : float, ms
        Time constant of the threshold between the two, which must follow faster than the weights.
    decay : float
        Share that a weight loses for each unit of ``learning_rate``.

    Notes
    -----
    .. math:: \Delta w = \eta\, (x\, y\, (y - \theta) - \epsilon\, w), \qquad
       \tau_\theta \dot\theta = y^2 - \theta

    A unit becomes selective: of a few patterns it comes to answer to one.

    References
    ----------
    E. L. Bienenstock, L. N. Cooper, P. W. Munro, "Theory for the development of neuron selectivity",
    J. Neurosci. 2 (1982), equation 3; N. Intrator, L. N. Cooper, "Objective function formulation of the BCM
    theory of visual cortical plasticity", Neural Networks 5 (1992) (the threshold as the mean square).
    """

    w_min: float = -10.0
    w_max: float = 10.0
    tau_theta_ms: float = 100.0
    decay: float = 0.0

    checks: ClassVar[Mapping[str, Check]] = {
        **RateRule.checks,
        "tau_theta_ms": positive("ms", "100.0 is a hundred patterns of 1 ms."),
        "decay": non_negative(),
    }

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return BCM_RULE


@dataclass(frozen=True, kw_only=True, repr=False)
class SoftHebb(RateRule):
    r"""Soft winner-take-all: a layer whose units share each input out among themselves.

    Parameters
    ----------
    w_min, w_max, learning_rate
        As for :class:`Hebb`.
    temperature : float
        Temperature :math:`\tau` of the softmax; towards 0 one unit takes all.
    norm_power : float
        Power q of the distance of a unit's weights from the length 1, with which its learning slows down; 0
        for a fixed step.

    Notes
    -----
    With the drive :math:`u_k = w_k \cdot x` of unit k,

    .. math:: \Delta w_k = \eta_k\, y_k\, (x - u_k w_k), \qquad
       y = \pm \mathrm{softmax}(u / \tau), \qquad \eta_k = \eta\, \bigl|\|w_k\| - 1\bigr|^q

    with a plus for the unit of the largest drive and a minus for all others. The softmax is over the target
    population and u what the projection gives it in the step; the output of the units does not matter.

    References
    ----------
    T. Moraitis, D. Toichkin, A. Journe, Y. Chua, Q. Guo, "SoftHebb: Bayesian inference in unsupervised
    Hebbian soft winner-take-all networks", Neuromorph. Comput. Eng. 2 (2022); A. Journe, H. Garcia Rodriguez,
    Q. Guo, T. Moraitis, "Hebbian deep learning without feedback", ICLR 2023 (the sign of the losers, and the
    step that depends on the length).
    """

    w_min: float = -10.0
    w_max: float = 10.0
    learning_rate: float = 0.03
    temperature: float = 1.0
    norm_power: float = 0.5

    checks: ClassVar[Mapping[str, Check]] = {
        **RateRule.checks,
        "temperature": positive("", "1.0 shares, 0.01 chooses."),
        "norm_power": non_negative("", "0.0 is a fixed step."),
    }

    @property
    def rule(self) -> Rule:
        """The kernel rule with the power that is none substituted."""
        return replace(SOFT_HEBB, static={"fixed_rate": self.norm_power == 0.0})

    @property
    def softmax_temperature(self) -> float:
        """Temperature of the softmax of the layer."""
        return self.temperature
