"""What the parameters of the estimators may be; all are checked before anything is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..readout import Ridge, check_dtype
from ..units import require_flag, require_integer, require_positive, require_scalar

__all__ = ["check_parameters"]


def _seed(owner: str, parameter: str, value: Any) -> None:
    if value is not None:
        require_integer(owner, parameter, value, 0, "None draws a new seed at each fit.")


def _ridge(owner: str, parameter: str, value: Any) -> None:
    Ridge(value).check_alpha(owner, parameter)


def _time(owner: str, parameter: str, value: Any) -> None:
    require_positive(owner, parameter, require_scalar(owner, parameter, value), "ms")


_CHECKS: dict[str, Callable[[str, str, Any], object]] = {
    "deltas": require_flag,
    "dtype": lambda owner, parameter, value: check_dtype(owner, value),
    "ensemble": require_integer,
    "include_input": require_flag,
    "n_components": require_integer,
    "n_segments": partial(require_integer, high=2**16),
    "random_state": _seed,
    "ridge": _ridge,
    "standardize": require_flag,
    "threads": require_integer,
    "trace_ms": _time,
    "washout": partial(require_integer, low=0),
}


def check_parameters(owner: str, parameters: Mapping[str, Any]) -> None:
    """Refuse the first parameter whose value cannot be used, whatever the data."""
    for name, value in parameters.items():
        if name in _CHECKS:
            _CHECKS[name](owner, name, value)
