"""Checks that the encoder records share."""

from __future__ import annotations

import numpy as np

from ..errors import ParameterError
from ..units import require_finite

__all__ = ["scalar"]


def scalar(owner: str, parameter: str, value: object, remedy: str = "") -> float:
    """Return `value` as a float, refusing arrays, booleans, text, NaN and infinities."""
    if isinstance(value, (bool, np.bool_)) or np.ndim(value) != 0:  # type: ignore[arg-type]
        raise ParameterError(owner, parameter, value, "be a single number", remedy)
    require_finite(owner, parameter, value, remedy)
    return float(value)  # type: ignore[arg-type]
