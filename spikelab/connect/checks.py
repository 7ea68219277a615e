"""What `Network.connect` makes of the weights and delays that it is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ParameterError
from ..frozen import frozen_array
from ..units import real_array, require_finite, require_non_negative, require_probability, require_scalar
from .arrays import FromArray
from .distributions import Constant, Distribution
from .edges import Rule
from .of_distance import OfDistance
from .patterns import Pattern
from .per_source import PerSource

__all__ = ["check_receptor", "check_transmission", "check_weight", "delay_rule", "weight_rule"]


def weight_rule(owner: str, weight: Any, pattern: Pattern, n_source: int, n_target: int) -> Rule:
    """Return the weights as a distribution or a read-only array [source, target]."""
    rule = _rule(owner, "weight", weight, n_source, n_target)
    if isinstance(pattern, FromArray) and not isinstance(rule, Constant):
        raise ParameterError(
            owner,
            "weight",
            weight,
            "be a number with FromArray, whose matrix carries the weights",
            "Leave weight out, or give a factor such as 0.5.",
        )
    return rule


def delay_rule(owner: str, delay_ms: Any, n_source: int, n_target: int) -> Rule | None:
    """Return the delays as a distribution, a read-only array [source, target] or None."""
    if delay_ms is None:
        return None
    rule = _rule(owner, "delay_ms", delay_ms, n_source, n_target)
    if isinstance(rule, np.ndarray):
        require_non_negative(owner, "delay_ms", rule, "ms")
    elif isinstance(rule, Constant):
        require_non_negative(owner, "delay_ms", rule.value, "ms", "A spike cannot arrive before it is sent.")
    elif rule.bounds[0] < 0:
        raise ParameterError(
            owner,
            "delay_ms",
            delay_ms,
            "be >= 0 ms throughout",
            f"Its values reach down to {rule.bounds[0]}; bound them, as in Normal(1.5, 0.75, low=0.1).",
        )
    return rule


def check_weight(
    owner: str, rule: Rule, n_source: int, n_target: int, carried: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Refuse weights that are not finite; return the smallest and the largest that can occur.

    ``carried`` are the bounds of weights that the pattern brings itself.
    """
    if isinstance(rule, np.ndarray):
        return (float(rule.min()), float(rule.max())) if rule.size else (0.0, 0.0)
    low, high = rule.bounds
    if carried is not None:
        ends = (low * carried[0], low * carried[1])
        return min(ends), max(ends)
    return low, high


def check_receptor(
    owner: str,
    receptor: object,
    receptors: tuple[str, ...],
    target: str,
    bounds: tuple[float, float],
    parameter: str = "weight",
    currents: tuple[str, ...] = (),
) -> None:
    """Refuse a receptor that the target lacks, or one whose sign the weights do not have.

    ``currents`` are names that the source may address as well: inputs of the target that take real
    values, where the source sends values.

    A neuron with the pair "exc" and "inh" takes weights >= 0 on the one and <= 0 on the other; any
    other receptor takes both signs.
    """
    pair = "exc" in receptors and "inh" in receptors
    if receptor == "auto":
        if len(receptors) != 1 and not pair:
            raise ParameterError(
                owner,
                "receptor",
                receptor,
                f"be named for {target!r}",
                f"Its neuron has {_listed(receptors)}; the sign of a weight cannot choose among them.",
            )
        return
    if receptor in currents and receptor not in receptors:
        return
    if receptor not in receptors:
        raise ParameterError(
            owner,
            "receptor",
            receptor,
            f"be a receptor of {target!r}",
            f'Its neuron has {_listed(receptors)}; "auto" chooses by the sign of the weight.',
        )
    low, high = bounds
    # An unbounded distribution, such as Normal, is looked at when its values are drawn (Projection.edges).
    if pair and receptor == "exc" and -np.inf < low < 0:
        need, other, value = "be >= 0", "inh", low
    elif pair and receptor == "inh" and 0 < high < np.inf:
        need, other, value = "be <= 0", "exc", high
    else:
        return
    raise ParameterError(
        owner,
        parameter,
        value,
        f"{need} for receptor={receptor!r}",
        f'Use receptor={other!r}, or "auto", which chooses by the sign.',
    )


def check_transmission(
    owner: str, short_term: Any, failure_probability: Any, source: str, values: bool
) -> float:
    """Refuse what is no synapse record or no probability, and both where a source sends real values."""
    if short_term is not None and (isinstance(short_term, type) or not hasattr(short_term, "tau_rec_ms")):
        raise ParameterError(
            owner,
            "short_term",
            short_term,
            "be a record of short-term plasticity or None",
            "Pass one such as spikelab.TsodyksMarkram().",
        )
    failure = require_scalar(owner, "failure_probability", failure_probability)
    require_probability(owner, "failure_probability", failure)
    for parameter, value, given in (
        ("short_term", short_term, short_term is not None),
        ("failure_probability", failure, failure > 0.0),
    ):
        if values and given:
            remedy = f"{source!r} sends real values; only spikes pass a synapse that changes or fails."
            raise ParameterError(owner, parameter, value, "be left out for a source without spikes", remedy)
    return failure


def _rule(owner: str, parameter: str, value: Any, n_source: int, n_target: int) -> Rule:
    if isinstance(value, PerSource):
        value.check_size(owner, parameter, n_source)
        return value
    if isinstance(value, OfDistance) or (isinstance(value, Distribution) and not isinstance(value, type)):
        return value
    if hasattr(value, "tocsr"):
        raise ParameterError(
            owner, parameter, value, "be a dense array", "Give a sparse matrix as pattern=FromArray(matrix)."
        )
    array = real_array(owner, parameter, value, "A number, a distribution or an array is needed.")
    require_finite(owner, parameter, value if array.ndim == 0 else array)
    if array.ndim == 0:
        return Constant(float(array))
    if array.shape != (n_source, n_target):
        raise ParameterError(
            owner,
            parameter,
            f"array of shape {array.shape}",
            f"have shape (source, target) = ({n_source}, {n_target})",
            "Transpose it." if array.shape == (n_target, n_source) else "",
        )
    return frozen_array(array)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)
