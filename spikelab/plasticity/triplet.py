"""Spike-timing-dependent plasticity of triplets of spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.plasticity_pair import nearest
from spikelab_kernels.models.plasticity_traces import TRIPLET

from ..neurons.checks import Check, positive
from ..units import require_choice, require_positive, require_scalar
from .base import Plasticity

__all__ = ["TripletSTDP"]

_PAIRINGS = ("all_to_all", "nearest")

# A2+, A3+, A2-, A3-, tau_x, tau_y of the tables, by pairing and whether the minimal model was fitted. A time
# constant that the minimal model does not use has the value of the full one.
_VISUAL_CORTEX = {
    ("all_to_all", False): (5e-10, 6.2e-3, 7e-3, 2.3e-4, 101.0, 125.0),
    ("all_to_all", True): (0.0, 6.5e-3, 7.1e-3, 0.0, 101.0, 114.0),
    ("nearest", False): (8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714.0, 40.0),
    ("nearest", True): (0.0, 5e-2, 8e-3, 0.0, 714.0, 40.0),
}
_HIPPOCAMPUS = {
    ("all_to_all", False): (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946.0, 27.0),
    ("all_to_all", True): (5.3e-3, 8e-3, 3.5e-3, 0.0, 946.0, 40.0),
    ("nearest", False): (4.6e-3, 9.1e-3, 3e-3, 7.5e-9, 575.0, 47.0),
    ("nearest", True): (4.6e-3, 9.1e-3, 3e-3, 0.0, 575.0, 48.0),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class TripletSTDP(Plasticity):
    r"""Plasticity of triplets, which explains why the frequency of pairs matters.

    Parameters
    ----------
    w_max, w_min, delay_kind, coincident
        See :class:`Plasticity`.
    a2_plus, a3_plus, a2_minus, a3_minus : float
        Amplitudes of pairs and of triplets, in the unit of the weights.
    tau_plus_ms, tau_minus_ms : float, ms
        Fast traces r1 of the source and o1 of the target.
    tau_pre_triplet_ms, tau_post_triplet_ms : float, ms
        Slow traces r2 of the source (:math:`\tau_x`) and o2 of the target (:math:`\tau_y`).
    pairing : {"all_to_all", "nearest"}
        Whether a spike adds 1 to its traces or sets them to 1.

    Notes
    -----
    .. math::

        \text{on post: } \Delta w = r_1 (A_2^+ + A_3^+ o_2), \qquad
        \text{on pre: } \Delta w = -o_1 (A_2^- + A_3^- r_2),

    where :math:`o_2` and :math:`r_2` are read as they stood just before the spike. The defaults are the full
    all-to-all model of visual cortex, for a weight that starts at 1. NEST: ``stdp_triplet_synapse``.

    References
    ----------
    J.-P. Pfister, W. Gerstner, "Triplets of spikes in a model of spike timing-dependent plasticity",
    J. Neurosci. 26 (2006) 9673-9682, equations 3 and 4, tables 3 and 4.

    Examples
    --------
    >>> TripletSTDP.visual_cortex(w_max=3.0, minimal=True).a3_plus
    0.0065
    """

    a2_plus: float = 5e-10
    a3_plus: float = 6.2e-3
    a2_minus: float = 7e-3
    a3_minus: float = 2.3e-4
    tau_plus_ms: float = 16.8
    tau_minus_ms: float = 33.7
    tau_pre_triplet_ms: float = 101.0
    tau_post_triplet_ms: float = 125.0
    pairing: Literal["all_to_all", "nearest"] = "all_to_all"

    checks: ClassVar[Mapping[str, Check]] = {
        "tau_plus_ms": positive("ms", "16.8 is published."),
        "tau_minus_ms": positive("ms", "33.7 is published."),
        "tau_pre_triplet_ms": positive("ms", "101.0 is published."),
        "tau_post_triplet_ms": positive("ms", "125.0 is published."),
    }
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"pairing": _PAIRINGS}

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return nearest(TRIPLET) if self.pairing == "nearest" else TRIPLET

    @classmethod
    def visual_cortex(
        cls,
        *,
        w_max: float,
        pairing: str = "all_to_all",
        minimal: bool = False,
        unit: float = 1.0,
        **parameters: Any,
    ) -> Self:
        """The fit to data of visual cortex (table 3 of the paper).

        Parameters
        ----------
        w_max : float
            Largest weight.
        pairing : {"all_to_all", "nearest"}
        minimal : bool
            The model without the terms that the data do not need.
        unit : float
            The weight that the paper calls 1; the amplitudes are multiplied by it.
        **parameters
            Further fields of the record.
        """
        return cls._published("visual_cortex", _VISUAL_CORTEX, w_max, pairing, minimal, unit, parameters)

    @classmethod
    def hippocampus(
        cls,
        *,
        w_max: float,
        pairing: str = "all_to_all",
        minimal: bool = False,
        unit: float = 1.0,
        **parameters: Any,
    ) -> Self:
        """The fit to data of hippocampal cultures (table 4 of the paper).

        The parameters are those of :meth:`visual_cortex`.
        """
        return cls._published("hippocampus", _HIPPOCAMPUS, w_max, pairing, minimal, unit, parameters)

    @classmethod
    def _published(
        cls,
        name: str,
        table: Mapping[tuple[str, bool], tuple[float, ...]],
        w_max: float,
        pairing: str,
        minimal: bool,
        unit: float,
        parameters: Mapping[str, Any],
    ) -> Self:
        owner = f"{cls.__name__}.{name}"
        require_choice(owner, "pairing", pairing, _PAIRINGS)
        require_positive(owner, "unit", require_scalar(owner, "unit", unit))
        *amplitudes, tau_pre, tau_post = table[pairing, bool(minimal)]
        names = ("a2_plus", "a3_plus", "a2_minus", "a3_minus")
        values: dict[str, Any] = {key: a * unit for key, a in zip(names, amplitudes, strict=True)}
        values |= {"tau_pre_triplet_ms": tau_pre, "tau_post_triplet_ms": tau_post, "pairing": pairing}
        return cls(w_max=w_max, **(values | dict(parameters)))
