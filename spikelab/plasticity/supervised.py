"""Supervised spike-timing-dependent plasticity of first spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.supervised_rules import S2_STDP

from ..errors import ParameterError
from ..neurons.checks import Check, non_negative, positive
from .base import Plasticity

__all__ = ["S2STDP"]


@dataclass(frozen=True, kw_only=True, repr=False)
class S2STDP(Plasticity):
    r"""Stabilized supervised STDP: the neuron of the right class learns to fire first.

    One projection, with its own `label`, leads to the neurons of each class. They fire at most once a sample
    (``tau_ref_ms >= window_ms``). After each sample, which begins with ``sim.reset(keep_weights=True)``, the
    synapses are told ``sim.signal(label=..., mean_ms=...)``: the class, and the mean of the layer's first
    spikes, in which a neuron that was silent counts with `window_ms`.

    Parameters
    ----------
    w_max, w_min
        See :class:`Plasticity`.
    delay_kind : {"axonal"}
        The rule sees a spike when it reaches the soma.
    coincident : {"pre_first"}
        A spike of the source may make the target fire in the step in which it arrives.
    label : float
        Class of the projection's targets: 0.0, 1.0, ...
    classes : float
        Number of classes.
    window_ms : float, ms
        Length of a sample.
    gap_ms : float, ms
        Time between the desired spikes of the right class and of all others.
    learning_rate : float
        Step :math:`\eta`.
    a_plus, a_minus : float
        STDP of inputs that came before the target's spike, and of all others.

    Notes
    -----
    With the first spike :math:`t_j` of the target, the window T, the mean :math:`\bar t` of the layer, the
    gap g and C classes,

    .. math:: \Delta w = \eta\, \frac{t_j - t^*_j}{T}\,
       \begin{cases} A_+ & \text{if the source fired before } t_j \\ -A_- & \text{otherwise} \end{cases}
       \qquad t^*_j = \bar t + \begin{cases} -g\,(C - 1) / C & \text{for the right class} \\
       g / C & \text{for the others.} \end{cases}

    References
    ----------
    G. Goupy, P. Tirilly, I. M. Bilasco, "Paired competing neurons improving STDP supervised local learning in
    spiking neural networks", Front. Neurosci. 18 (2024), the section on stabilized supervised STDP.
    """

    delay_kind: Literal["dendritic", "axonal", "transmission"] = "axonal"
    coincident: Literal["ignore", "pre_first", "include"] = "pre_first"
    label: float = 0.0
    classes: float = 10.0
    window_ms: float = 100.0
    gap_ms: float = 5.0
    learning_rate: float = 0.1
    a_plus: float = 1.0
    a_minus: float = 1.0

    checks: ClassVar[Mapping[str, Check]] = {
        "label": non_negative("", "Classes are counted from 0."),
        "window_ms": positive("ms"),
        "gap_ms": non_negative("ms"),
        "learning_rate": non_negative("", "The error has a sign already."),
        "a_plus": non_negative(),
        "a_minus": non_negative("", "It is subtracted already."),
    }

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return S2_STDP

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule: every number of the record, and where the spikes are wanted."""
        return {
            **super().prepare(dt_ms),
            "earlier_ms": -self.gap_ms * (self.classes - 1.0) / self.classes,
            "later_ms": self.gap_ms / self.classes,
            # only whether the trace is 0 matters: it outlasts the sample
            "seen_ms": 10.0 * self.window_ms,
        }

    def _check_together(self) -> None:
        for name, meant in (("delay_kind", "axonal"), ("coincident", "pre_first")):
            if getattr(self, name) != meant:
                raise ParameterError(self._owner(), name, getattr(self, name), f"be {meant!r}")
        for name in ("label", "classes"):
            if getattr(self, name) != int(getattr(self, name)):
                raise ParameterError(self._owner(), name, getattr(self, name), "be a whole number")
        if not self.label < self.classes:
            need = f"lie below classes={self.classes!r}"
            raise ParameterError(self._owner(), "label", self.label, need, "Classes are counted from 0.")
