"""Spike-timing-dependent plasticity of pairs of spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.plasticity_pair import (
    ANTI_HEBBIAN,
    PAIR_ALL,
    PAIR_PRESYNAPTIC,
    PAIR_RESTRICTED,
    PAIR_SYMMETRIC,
    SYMMETRIC,
    nearest,
)

from ..neurons.checks import Check, non_negative, positive
from .base import Plasticity

__all__ = ["STDP", "AntiHebbianSTDP", "PairRule", "SymmetricSTDP"]


@dataclass(frozen=True, kw_only=True, repr=False)
class PairRule(Plasticity):
    """What the rules of pairs have in common: two exponential windows, and how a change meets the bounds."""

    a_plus: float = 0.005
    a_minus: float = 0.00525
    tau_plus_ms: float = 20.0
    tau_minus_ms: float = 20.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0

    checks: ClassVar[Mapping[str, Check]] = {
        "a_plus": non_negative("", "The rule says which order of spikes lowers the weight."),
        "a_minus": non_negative("", "The rule says which order of spikes lowers the weight."),
        "tau_plus_ms": positive("ms", "20.0 is common."),
        "tau_minus_ms": positive("ms", "20.0 is common."),
        "mu_plus": non_negative("", "0.0 is additive, 1.0 multiplicative."),
        "mu_minus": non_negative("", "0.0 is additive, 1.0 multiplicative."),
    }

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule: every number of the record, the range of the weights and the steps in it."""
        width = self.w_max - self.w_min
        steps = {"step_plus": self.a_plus * width, "step_minus": self.a_minus * width}
        return {**super().prepare(dt_ms), "per_range": 1.0 / width, **steps}

    def _static(self, rule: Rule) -> Rule:
        """The rule with the powers that are no powers substituted."""
        known = {
            "plus_is_zero": self.mu_plus == 0.0,
            "plus_is_one": self.mu_plus == 1.0,
            "minus_is_zero": self.mu_minus == 0.0,
            "minus_is_one": self.mu_minus == 1.0,
            "only_up": self.a_minus == 0.0,
        }
        return replace(rule, static=known)


@dataclass(frozen=True, kw_only=True, repr=False)
class STDP(PairRule):
    r"""Spike-timing-dependent plasticity of pairs: cause before effect strengthens.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    a_plus, a_minus : float
        Change by one pair of spikes without distance, as a share of the range ``w_max - w_min``.
    tau_plus_ms, tau_minus_ms : float, ms
        Widths of the two windows.
    mu_plus, mu_minus : float
        Powers of the room that is left above and below the weight: 0 is the additive rule, 1 the
        multiplicative one, between them the power law.
    pairing : {"all_to_all", "symmetric", "presynaptic", "restricted"}
        Which pairs count. ``"all_to_all"``: all. ``"symmetric"``: each spike with the last one of the other
        side. ``"presynaptic"``: each spike of the source with the last before and the first after it.
        ``"restricted"``: spikes of both sides that follow each other without another between them.

    Notes
    -----
    With :math:`u = (w - w_{min}) / (w_{max} - w_{min})` and the traces x of the source and y of the target,

    .. math::

        \text{on post: } \Delta u = A_+ (1 - u)^{\mu_+} x, \qquad
        \text{on pre: } \Delta u = -A_- u^{\mu_-} y,

    where x decays with ``tau_plus_ms`` and y with ``tau_minus_ms``. The defaults are those of Song, Miller
    and Abbott. NEST: ``stdp_synapse`` (``a_plus = lambda``, ``a_minus = alpha * lambda``),
    ``stdp_nn_symm_synapse``, ``stdp_nn_pre_centered_synapse``, ``stdp_nn_restr_synapse``.

    References
    ----------
    S. Song, K. D. Miller, L. F. Abbott, Nat. Neurosci. 3 (2000) 919-926, equation 1 and figure 1; R. Gütig,
    R. Aharonov, S. Rotter, H. Sompolinsky, J. Neurosci. 23 (2003) 3697-3714, equations 1 and 2 (powers);
    A. Morrison, M. Diesmann, W. Gerstner, Biol. Cybern. 98 (2008) 459-478, figure 7 (pairings).

    Examples
    --------
    >>> STDP(w_max=1.0, mu_plus=1.0, mu_minus=1.0).traits.local
    True
    """

    pairing: Literal["all_to_all", "symmetric", "presynaptic", "restricted"] = "all_to_all"

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "pairing": ("all_to_all", "symmetric", "presynaptic", "restricted")
    }

    @property
    def rule(self) -> Rule:
        """The kernel rule with its static fields substituted."""
        return self._static(
            {
                "all_to_all": PAIR_ALL,
                "symmetric": PAIR_SYMMETRIC,
                "presynaptic": PAIR_PRESYNAPTIC,
                "restricted": PAIR_RESTRICTED,
            }[self.pairing]
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class AntiHebbianSTDP(PairRule):
    r"""Pairs the other way round: cause before effect weakens.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    a_plus, tau_plus_ms, mu_plus : float
        Window of the target before the source, which strengthens; as in :class:`STDP`.
    a_minus, tau_minus_ms, mu_minus : float
        Window of the source before the target, which weakens.
    pairing : {"all_to_all", "symmetric"}
        All pairs, or each spike with the last one of the other side.

    Notes
    -----
    .. math::

        \text{on post: } \Delta u = -A_- u^{\mu_-} x, \qquad
        \text{on pre: } \Delta u = A_+ (1 - u)^{\mu_+} y,

    where x decays with ``tau_minus_ms`` and y with ``tau_plus_ms``; u as in :class:`STDP`.

    References
    ----------
    C. C. Bell, V. Z. Han, Y. Sugawara, K. Grant, Nature 387 (1997) 278-281; P. D. Roberts, C. C. Bell, Biol.
    Cybern. 87 (2002) 392-403 (windows of this sign).
    """

    pairing: Literal["all_to_all", "symmetric"] = "all_to_all"

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"pairing": ("all_to_all", "symmetric")}

    @property
    def rule(self) -> Rule:
        """The kernel rule with its static fields substituted."""
        return self._static(nearest(ANTI_HEBBIAN) if self.pairing == "symmetric" else ANTI_HEBBIAN)


@dataclass(frozen=True, kw_only=True, repr=False)
class SymmetricSTDP(PairRule):
    r"""Pairs whose order does not matter: near spikes strengthen, those further apart may weaken.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    a_plus, tau_plus_ms, mu_plus : float
        The window that strengthens; as in :class:`STDP`.
    a_minus, tau_minus_ms, mu_minus : float
        A second window that weakens; none by default. Wider and lower than the first, it makes the shape of a
        Mexican hat.
    pairing : {"all_to_all", "symmetric"}
        All pairs, or each spike with the last one of the other side.

    Notes
    -----
    At each spike of either side, with the traces of the other side,

    .. math:: \Delta u = A_+ (1 - u)^{\mu_+} x_+ - A_- u^{\mu_-} x_-,

    where :math:`x_+` decays with ``tau_plus_ms`` and :math:`x_-` with ``tau_minus_ms``; u as in
    :class:`STDP`. A constant step down at each spike of the source makes it :class:`InhibitorySTDP`.

    References
    ----------
    R. K. Mishra, S. Kim, S. J. Guzman, P. Jonas, Nat. Commun. 7 (2016) 11552 (symmetric window);
    M. A. Woodin, K. Ganguly, M. Poo, Neuron 39 (2003) 807-820 (Mexican hat).
    """

    a_minus: float = 0.0
    tau_minus_ms: float = 40.0
    pairing: Literal["all_to_all", "symmetric"] = "all_to_all"

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"pairing": ("all_to_all", "symmetric")}

    @property
    def rule(self) -> Rule:
        """The kernel rule with its static fields substituted."""
        return self._static(nearest(SYMMETRIC) if self.pairing == "symmetric" else SYMMETRIC)
