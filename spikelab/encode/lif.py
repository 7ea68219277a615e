"""Current coding: leaky integrate-and-fire neurons whose currents follow the values."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ..frozen import Recipe
from ..units import require_flag, require_non_negative, require_positive, require_scalar

__all__ = ["LIFEncoder"]


@dataclass(frozen=True, kw_only=True)
class LIFEncoder(Recipe):
    """Each feature drives a leaky integrate-and-fire neuron with a current in proportion to its value.

    Parameters
    ----------
    gain_pa : float, pA
        Current for a value of 1 that lasts.
    bias_pa : float, pA
        Current for a value of 0; 125 pA lead to the threshold.
    opposed : bool
        Whether each feature has a second neuron with the opposite gain, as on and off cells have: values
        below zero then make spikes as well.
    tau_mem_ms, tau_ref_ms, tau_syn_ms : float, ms
        Time constants of membrane, refractoriness and of the current itself.

    Raises
    ------
    ParameterError
        If a value is not a single finite number, or a time constant or the gain not above zero.

    Notes
    -----
    Neuron n follows feature n, neuron ``n_features + n`` its opposite. At a lasting current I above 125 pA a
    neuron fires every ``tau_ref_ms + tau_mem_ms * log(I / (I - 125))`` milliseconds.

    References
    ----------
    C. Eliasmith, C. H. Anderson, "Neural Engineering" (2003), section 4.1 (pairs of opposed neurons, and the
    rate of the leaky integrate-and-fire neuron).

    Examples
    --------
    >>> LIFEncoder().channels(12)
    24
    """

    gain_pa: float = 125.0
    bias_pa: float = 125.0
    opposed: bool = True
    tau_mem_ms: float = 10.0
    tau_ref_ms: float = 2.0
    tau_syn_ms: float = 2.0

    def __post_init__(self) -> None:
        owner = "LIFEncoder"
        for one in fields(self):
            if one.type == "float":
                object.__setattr__(self, one.name, require_scalar(owner, one.name, getattr(self, one.name)))
        require_flag(owner, "opposed", self.opposed)
        require_positive(owner, "gain_pa", self.gain_pa, "pA", "125 is the current of the threshold.")
        for name in ("tau_mem_ms", "tau_syn_ms"):
            require_positive(owner, name, getattr(self, name), "ms")
        require_non_negative(owner, "tau_ref_ms", self.tau_ref_ms, "ms", "2.0 is common.")

    def channels(self, n: int) -> int:
        """Number of neurons for `n` features."""
        return 2 * n if self.opposed else n
