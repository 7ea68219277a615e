"""Which rules a projection may have."""

from __future__ import annotations

from typing import Any

from ..errors import ParameterError
from .base import Plasticity
from .homeostasis import Homeostasis

__all__ = ["check_plasticity"]


def check_plasticity(
    owner: str, plasticity: Any, homeostasis: Any, short_term: Any, failure_probability: float
) -> None:
    """Refuse what is no rule, and a rule beside what it cannot be combined with."""
    if plasticity is None:
        if homeostasis is not None:
            need, remedy = "be left out where no rule changes the weights", "Give plasticity=, too."
            raise ParameterError(owner, "homeostasis", homeostasis, need, remedy)
        return
    if not isinstance(plasticity, Plasticity):
        remedy = "Pass a record such as spikelab.STDP(w_max=1.0)."
        raise ParameterError(owner, "plasticity", plasticity, "be a plasticity record or None", remedy)
    if homeostasis is not None and not isinstance(homeostasis, Homeostasis):
        remedy = "Pass a record such as spikelab.Normalize(total=78.4)."
        raise ParameterError(owner, "homeostasis", homeostasis, "be such a record or None", remedy)
    for name, value, given in (
        ("short_term", short_term, short_term is not None),
        ("failure_probability", failure_probability, failure_probability > 0.0),
    ):
        if given:
            remedy = "Make two projections: one that learns, and one that is depressed or fails."
            raise ParameterError(owner, name, value, "be left out where a rule changes the weights", remedy)
