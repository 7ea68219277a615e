"""Simplified STDP of first spikes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ..units import require_positive
from .base import Plasticity

if TYPE_CHECKING:
    from spikelab_kernels.ir.declare import Rule

__all__ = ["LatencySTDP"]

# exp(-1), a little less: a spike exactly a window ago counts, however its trace was rounded.
_LEAST = 0.36787944117144233 * (1.0 - 1e-9)


@dataclass(frozen=True, kw_only=True, repr=False)
class LatencySTDP(Plasticity):
    """At each spike of the target, synapses whose source fired before or with it grow; all others shrink.

    Parameters
    ----------
    a_plus, a_minus : float
        Share of ``(w - w_min) (w_max - w) / (w_max - w_min)`` by which a weight grows or shrinks.
    window_ms : float, ms
        How long a spike of the source counts. Where neurons fire once a sample, any time that is not shorter
        than the sample means what the paper does.

    Notes
    -----
    With weights in [0, 1], as in the paper, ``dw = a_plus w (1 - w)`` where the source's spike came first or
    together with the target's, else ``-a_minus w (1 - w)``. How long before plays no part. Weights end at
    their bounds: a filter becomes the set of the sources that tend to fire first.

    References
    ----------
    S. R. Kheradpisheh, M. Ganjtabesh, S. J. Thorpe, T. Masquelier, "STDP-based spiking deep convolutional
    neural networks for object recognition", Neural Networks 99 (2018), equation 3.

    Examples
    --------
    >>> LatencySTDP(a_plus=0.004, a_minus=0.003).traits.local
    True
    """

    a_plus: float = 0.004
    a_minus: float = 0.003
    window_ms: float = 1000.0
    w_max: float = 1.0
    coincident: Literal["ignore", "pre_first", "include"] = "pre_first"

    checks: ClassVar = dict.fromkeys(("a_plus", "a_minus", "window_ms"), require_positive)

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        from spikelab_kernels.models.plasticity_latency import LATENCY

        return LATENCY

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule for a time step of `dt_ms`."""
        derived = {"least": _LEAST, "per_range": 1.0 / (self.w_max - self.w_min)}
        return {**super().prepare(dt_ms), **derived}
