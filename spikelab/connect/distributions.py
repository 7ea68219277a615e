"""Distributions of weights, delays and parameters; values are drawn by their number in a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_scalar
from .sampling import kernels

__all__ = ["Constant", "Distribution", "Uniform"]


@runtime_checkable
class Distribution(Protocol):
    """What `Network.connect` takes as a distribution of weights or delays, and neurons of parameters."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn."""
        ...

    def sample(self, n: int, key: int, start: int = 0) -> npt.NDArray[np.float64]:
        """Draw values ``start`` to ``start + n`` of the stream of ``key``: array [n], float64.

        A value depends on its number in the stream alone, not on where a call starts.
        """
        ...


@dataclass(frozen=True)
class Constant:
    """The same value everywhere.

    Parameters
    ----------
    value : float
        The value.

    Examples
    --------
    >>> Constant(0.5).sample(2, key=1)
    array([0.5, 0.5])
    """

    value: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", require_scalar("Constant", "value", self.value))

    @property
    def bounds(self) -> tuple[float, float]:
        """The value, twice."""
        return self.value, self.value

    def sample(self, n: int, key: int, start: int = 0) -> npt.NDArray[np.float64]:
        """Return ``n`` times the value: array [n], float64."""
        return np.full(n, self.value)


@dataclass(frozen=True)
class Uniform:
    """Values spread evenly over the open interval (low, high).

    Parameters
    ----------
    low, high : float
        Ends of the interval, low < high.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            object.__setattr__(self, name, require_scalar("Uniform", name, getattr(self, name)))
        if not self.low < self.high:
            raise ParameterError(
                "Uniform", "high", self.high, f"be > low={self.low!r}", "For a single value use Constant."
            )

    @property
    def bounds(self) -> tuple[float, float]:
        """Ends of the interval."""
        return float(self.low), float(self.high)

    def sample(self, n: int, key: int, start: int = 0) -> npt.NDArray[np.float64]:
        """Draw values ``start`` to ``start + n``: array [n], float64."""
        values = np.empty(n)
        ends = np.float64(self.low), np.float64(self.high)
        kernels().draw_uniform(*ends, np.uint64(key), np.uint64(start), values)
        return values
