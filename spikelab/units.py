"""Checks of numbers given by the user, and the way from milliseconds to steps."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from .errors import ParameterError

__all__ = [
    "real_array",
    "require_choice",
    "require_finite",
    "require_flag",
    "require_integer",
    "require_non_negative",
    "require_positive",
    "require_probability",
    "require_scalar",
    "steps_from_ms",
]

# A delay this close to the grid, in steps, is on it: decimal fractions such as 1.5 / 0.1 are not exact.
_GRID_TOLERANCE = 1e-6
# Counters of steps in kernels and in events hold 32 bits.
_MOST_STEPS = 2**31 - 1


def real_array(owner: str, parameter: str, value: Any, remedy: str = "") -> npt.NDArray[np.float64]:
    """Return ``value`` as a float64 array, or say that it holds no real numbers."""
    try:
        array = np.asarray(value)
        if np.ma.is_masked(value):  # what lies under the mask would count
            raise TypeError
        # An array of bool may be an adjacency matrix; a single one stands where a number belongs.
        if array.dtype.kind not in ("iuf" if array.ndim == 0 else "biuf"):
            raise TypeError
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        need = "hold real numbers in a regular shape" if _is_row(value) else "be a real number"
        raise ParameterError(owner, parameter, value, need, remedy) from None


def require_scalar(owner: str, parameter: str, value: Any, remedy: str = "") -> float:
    """Return ``value`` as a float, refusing arrays, booleans, text, NaN and infinities."""
    try:
        single = np.ndim(value) == 0
    except ValueError:  # nested sequences of different lengths
        single = False
    if not single or isinstance(value, (bool, np.bool_)):
        raise ParameterError(owner, parameter, value, "be a single number", remedy)
    require_finite(owner, parameter, value, remedy)
    return float(value)


def require_choice(
    owner: str, parameter: str, value: Any, options: tuple[str, ...], remedy: str = ""
) -> None:
    """Refuse everything but one of a few words."""
    if not isinstance(value, str) or value not in options:
        need = f"be {' or '.join(map(repr, options))}" if len(options) == 2 else ""
        need = need or f"be one of {', '.join(map(repr, options))}"
        raise ParameterError(owner, parameter, value, need, remedy)


def require_flag(owner: str, parameter: str, value: Any) -> bool:
    """Return ``value`` as a bool, refusing everything but True and False."""
    if not isinstance(value, (bool, np.bool_)):
        raise ParameterError(owner, parameter, value, "be True or False")
    return bool(value)


def require_finite(owner: str, parameter: str, value: Any, remedy: str = "") -> None:
    """Refuse NaN and infinities, naming the first bad index of an array.

    Parameters
    ----------
    owner, parameter : str
        Named in the message.
    value : float or array of any shape
        What was given.
    remedy : str, optional
        One sentence that says what to do instead.

    Raises
    ------
    ParameterError
        If a value is not a finite real number.
    """
    array = real_array(owner, parameter, value, remedy)
    _require_all(owner, parameter, value, array, np.isfinite(array), "be finite", remedy)


def require_positive(owner: str, parameter: str, value: Any, unit: str = "", remedy: str = "") -> None:
    """Refuse everything but finite numbers above zero; scalar or array."""
    require_finite(owner, parameter, value, remedy)
    array = real_array(owner, parameter, value)
    _require_all(owner, parameter, value, array, array > 0, f"be > 0 {unit}".rstrip(), remedy)


def require_non_negative(owner: str, parameter: str, value: Any, unit: str = "", remedy: str = "") -> None:
    """Refuse everything but finite numbers of at least zero; scalar or array."""
    require_finite(owner, parameter, value, remedy)
    array = real_array(owner, parameter, value)
    _require_all(owner, parameter, value, array, array >= 0, f"be >= 0 {unit}".rstrip(), remedy)


def require_probability(owner: str, parameter: str, value: Any, remedy: str = "") -> None:
    """Refuse everything but numbers in [0, 1]."""
    require_finite(owner, parameter, value, remedy)
    array = real_array(owner, parameter, value)
    _require_all(owner, parameter, value, array, (array >= 0) & (array <= 1), "lie in [0, 1]", remedy)


def require_integer(
    owner: str, parameter: str, value: Any, low: int = 1, remedy: str = "", high: int | None = None
) -> int:
    """Return ``value`` as an int, refusing fractions, booleans and numbers outside [``low``, ``high``]."""
    if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < low:
        if isinstance(value, float) and value.is_integer() and value >= low:
            remedy = f"Write {int(value)}, or int(...) around what computes it."
        raise ParameterError(owner, parameter, value, f"be an integer >= {low}", remedy)
    if high is not None and int(value) > high:
        raise ParameterError(owner, parameter, value, f"be an integer <= {high}", remedy)
    return int(value)


@overload
def steps_from_ms(
    value: float, dt_ms: float, owner: str, parameter: str, *, stacklevel: int = ...
) -> int: ...
@overload
def steps_from_ms(
    value: npt.NDArray[Any], dt_ms: float, owner: str, parameter: str, *, stacklevel: int = ...
) -> npt.NDArray[np.int64]: ...


def steps_from_ms(
    value: float | npt.NDArray[Any], dt_ms: float, owner: str, parameter: str, *, stacklevel: int = 3
) -> int | npt.NDArray[np.int64]:
    """Convert times to whole steps of ``dt_ms``.

    A scalar off the grid is rounded with a warning that says to what; an array, which comes from a
    distribution, is rounded silently. Halves go to the even step.

    Parameters
    ----------
    value : float or array, ms
        Times; not negative.
    dt_ms : float
        Length of a step, ms.
    owner, parameter : str
        Named in errors and in the warning.
    stacklevel : int
        Frame that the warning points at, as for `warnings.warn`.

    Returns
    -------
    int or array of the same shape, int64
        Number of steps.

    Raises
    ------
    ParameterError
        If a time is negative or not finite, or lasts more steps than 32 bits count.

    Examples
    --------
    >>> steps_from_ms(1.5, 0.1, "Network.connect", "delay_ms")
    15
    """
    require_positive(owner, "dt_ms", dt_ms, "ms")
    require_non_negative(owner, parameter, value, "ms")
    with np.errstate(over="ignore"):
        exact = np.asarray(value, dtype=np.float64) / dt_ms
    if exact.size and float(exact.max()) > _MOST_STEPS:
        longest = float(np.max(value))
        need = f"be at most {_MOST_STEPS * dt_ms:g} ms, {_MOST_STEPS} steps of dt_ms={dt_ms!r}"
        raise ParameterError(owner, parameter, longest, need, "Is it in ms? Else use a larger dt_ms.")
    steps = np.rint(exact).astype(np.int64)
    if steps.ndim:
        return steps
    if abs(float(exact) - int(steps)) > _GRID_TOLERANCE:
        warnings.warn(
            f"{owner}({parameter}={value!r}): {value!r} ms is not a multiple of dt_ms={dt_ms!r}; "
            f"rounded to {int(steps) * dt_ms:.6g} ms ({int(steps)} steps).",
            UserWarning,
            stacklevel=stacklevel,
        )
    return int(steps)


def _require_all(
    owner: str,
    parameter: str,
    value: Any,
    array: npt.NDArray[np.float64],
    good: npt.NDArray[np.bool_],
    need: str,
    remedy: str,
) -> None:
    if bool(np.all(good)):
        return
    if array.ndim == 0:
        shown = value if isinstance(value, Real) else array.item()
        raise ParameterError(owner, parameter, shown, need, remedy)
    index = np.unravel_index(int(np.argmin(good)), array.shape)
    place = ", ".join(str(int(i)) for i in index)
    raise ParameterError(owner, f"{parameter}[{place}]", float(array[index]), need, remedy)


def _is_row(value: Any) -> bool:
    return np.iterable(value) and not isinstance(value, (str, bytes))
