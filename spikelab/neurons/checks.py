"""What the parameters of neurons must be, said once for all models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from ..connect.distributions import Distribution
from ..errors import ParameterError
from ..units import require_non_negative, require_positive

__all__ = ["Check", "is_distribution", "non_negative", "positive", "require_below", "require_known"]

Check: TypeAlias = Callable[[str, str, Any], None]
"""``check(owner, parameter, value)`` raises ParameterError."""


def positive(unit: str = "", remedy: str = "") -> Check:
    """Finite numbers above zero."""
    return partial(require_positive, unit=unit, remedy=remedy)


def non_negative(unit: str = "", remedy: str = "") -> Check:
    """Finite numbers of at least zero."""
    return partial(require_non_negative, unit=unit, remedy=remedy)


def is_distribution(value: Any) -> bool:
    """Whether a value is a distribution, not the class of one."""
    return isinstance(value, Distribution) and not isinstance(value, type)


def require_below(owner: str, name: str, value: Any, other: str, limit: Any, remedy: str = "") -> None:
    """Refuse what does not lie below the parameter `other`, naming the first neuron of an array."""
    low, high = np.broadcast_arrays(np.asarray(value), np.asarray(limit))
    bad = np.flatnonzero(low >= high)
    if not bad.size:
        return
    if low.ndim == 0:
        raise ParameterError(owner, name, value, f"lie below {other}={limit!r}", remedy)
    first = int(bad[0])
    need = f"lie below {other}={float(high[first])!r}"
    raise ParameterError(owner, f"{name}[{first}]", float(low[first]), need, remedy)


def require_known(owner: str, known: Sequence[str], given: Mapping[str, Any], more: str = "") -> None:
    """Refuse names that are none of a record's parameters, and name the nearest that are."""
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=2)
            remedy = f"Did you mean {' or '.join(near)}? " if near else f"There are {', '.join(known)}. "
            raise ParameterError(owner, name, value, "be one of its parameters", (remedy + more).strip())
