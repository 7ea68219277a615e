"""What the parameters of the estimators may be; all are checked before anything is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..errors import ParameterError
from ..readout import Ridge, check_dtype
from ..reservoir import ENCODERS
from ..units import require_flag, require_integer, require_positive, require_scalar

__all__ = ["check_parameters"]


def _seed(owner: str, parameter: str, value: Any) -> None:
    if value is not None:
        require_integer(owner, parameter, value, 0, "None draws a new seed at each fit.")


def _ridge(owner: str, parameter: str, value: Any) -> None:
    Ridge(value).check_alpha(owner, parameter)


def _time(owner: str, parameter: str, value: Any) -> None:
    require_positive(owner, parameter, require_scalar(owner, parameter, value), "ms")


def _encoder(owner: str, parameter: str, value: Any) -> None:
    if value is not None and not isinstance(value, ENCODERS):
        need = f"be None, or a {' or a '.join(one.__name__ for one in ENCODERS)}"
        raise ParameterError(owner, parameter, value, need, "Pass one such as spikelab.LIFEncoder().")


_CHECKS: dict[str, Callable[[str, str, Any], object]] = {
    "deltas": require_flag,
    "dt_ms": _time,
    "dtype": lambda owner, parameter, value: check_dtype(owner, value),
    "encoder": _encoder,
    "ensemble": require_integer,
    "frame_ms": _time,
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
