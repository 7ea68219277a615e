"""Rules put together from a factor of the source, one of the target and a third one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.plasticity_factors import three_factor

from ..neurons.checks import Check, positive
from .base import Plasticity, Traits

__all__ = ["ThreeFactor"]

_FUNCTIONS = ("identity", "rectified", "sigmoid", "surrogate")


@dataclass(frozen=True, kw_only=True, repr=False)
class ThreeFactor(Plasticity):
    r"""Pre × post × third: a product of three factors changes the weight.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    pre : {"trace", "spike"}
        Factor of the source: its trace, to which a spike adds 1, or the spike itself.
    post : {"one", "spike", "trace", "g"}
        Factor of the target: 1, the spike, its trace, or a function of its potential ``v_mv``.
    third : {"one", "reward"}
        With ``"reward"``, the product of the two others is gathered in the synapse and decays with
        ``tau_c_ms``; the signal ``reward`` turns it into a change.
    learning_rate : float
        In the unit of the weights.
    tau_pre_ms, tau_post_ms : float, ms
        Time constants of the traces.
    tau_c_ms : float, ms
        Time constant of the eligibility.
    g : {"identity", "rectified", "sigmoid", "surrogate"}
        The function of :math:`u = (v - v_{centre}) / v_{width}`: u, max(u, 0), 1 / (1 + exp(-u)), or
        1 / (1 + \|u\|)². The last one peaks at ``v_centre_mv`` and is a pseudo-derivative if that is the
        threshold.
    v_centre_mv, v_width_mv : float, mV

    Notes
    -----
    .. math:: \Delta c = \text{pre} \cdot \text{post}, \quad \dot c = -c / \tau_c, \quad \Delta w = \eta R c,

    or :math:`\Delta w = \eta\,\text{pre} \cdot \text{post}` without a third factor. A product with a spike
    changes at that spike. A product of two values that last changes in every step, by its value times
    ``dt_ms``.

    References
    ----------
    W. Gerstner, M. Lehmann, V. Liakoni, D. Corneil, J. Brea, "Eligibility traces and plasticity on behavioral
    time scales", Front. Neural Circuits 12 (2018) 53, equations 1 and 2.

    Examples
    --------
    >>> ThreeFactor(w_max=1.0, pre="trace", post="spike", third="reward").traits.uses_pseudo_derivative
    False
    """

    pre: Literal["trace", "spike"] = "trace"
    post: Literal["one", "spike", "trace", "g"] = "spike"
    third: Literal["one", "reward"] = "one"
    learning_rate: float = 0.01
    tau_pre_ms: float = 20.0
    tau_post_ms: float = 20.0
    tau_c_ms: float = 1000.0
    g: Literal["identity", "rectified", "sigmoid", "surrogate"] = "sigmoid"
    v_centre_mv: float = -55.0
    v_width_mv: float = 5.0

    checks: ClassVar[Mapping[str, Check]] = {
        "tau_pre_ms": positive("ms", "20.0 is common."),
        "tau_post_ms": positive("ms", "20.0 is common."),
        "tau_c_ms": positive("ms", "1000.0 bridges a second."),
        "v_width_mv": positive("mV", "5.0 is common."),
    }
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "pre": ("trace", "spike"),
        "post": ("one", "spike", "trace", "g"),
        "third": ("one", "reward"),
        "g": _FUNCTIONS,
    }

    @property
    def rule(self) -> Rule:
        """The kernel rule that the factors compile to."""
        static = {f"g_is_{name}": self.g == name for name in _FUNCTIONS[:-1]}
        return three_factor(self.pre, self.post, self.third == "reward", static)

    @property
    def traits(self) -> Traits:
        """What the rule needs."""
        pseudo = self.post == "g" and self.g == "surrogate"
        return Traits(uses_pseudo_derivative=pseudo, state_per_synapse=1 + len(self.rule.state))

    @property
    def when(self) -> Literal["always", "signal"]:
        """A product that grows in every step is computed in every step."""
        rule = self.rule
        at_spikes = rule.on_pre is not None or rule.on_post is not None
        return "signal" if self.third == "reward" and at_spikes else "always"

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule: every number of the record, and ``per_width``."""
        return {**super().prepare(dt_ms), "per_width": 1.0 / self.v_width_mv}
