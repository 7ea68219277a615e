"""Distributions of weights and delays; each edge draws its own value from the projection's key."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf
from numbers import Real
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from spikelab_kernels import philox
from spikelab_kernels.math import inverse_normal_cdf_f64

from ..errors import ParameterError
from ..units import require_non_negative, require_scalar

__all__ = ["Constant", "Distribution", "Normal", "Uniform"]

# Values outside the bounds are drawn again: a smaller share inside would take too many rounds.
_LEAST_SHARE = 0.02


@runtime_checkable
class Distribution(Protocol):
    """What `Network.connect` takes as a distribution of weights or delays."""

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
    """The same value for every edge.

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
        drawn: npt.NDArray[np.float64] = philox.uniforms(key, n, np.float64, start)
        return self.low + (self.high - self.low) * drawn


@dataclass(frozen=True)
class Normal:
    """Values of a normal distribution; those outside [low, high] are drawn again.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation before truncation.
    low, high : float
        Bounds; infinite by default. Delays need ``low >= 0``.
    """

    mean: float
    std: float
    low: float = -np.inf
    high: float = np.inf

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            object.__setattr__(self, name, require_scalar("Normal", name, getattr(self, name)))
        require_non_negative("Normal", "std", self.std, remedy="It is a standard deviation, not a variance.")
        for name, endless in (("low", -np.inf), ("high", np.inf)):
            end = getattr(self, name)
            if not (isinstance(end, Real) and end == endless):
                object.__setattr__(self, name, require_scalar("Normal", name, end))
        if not self.low < self.high:
            raise ParameterError("Normal", "high", self.high, f"be > low={self.low!r}")
        if self._share_inside() < _LEAST_SHARE:
            raise ParameterError(
                "Normal",
                "low",
                self.low,
                f"leave, with high={self.high!r}, at least {_LEAST_SHARE:.0%} of the distribution",
                "For values far in one tail or in a narrow window use Uniform.",
            )

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds of the values; the mean twice where ``std`` is 0."""
        if self.std == 0:
            return float(self.mean), float(self.mean)
        return float(self.low), float(self.high)

    def sample(self, n: int, key: int, start: int = 0) -> npt.NDArray[np.float64]:
        """Draw values ``start`` to ``start + n``: array [n], float64."""
        if self.std == 0:
            return np.full(n, float(self.mean))
        drawn: npt.NDArray[np.float64] = philox.normals(key, n, start)
        values = self.mean + self.std * drawn
        bad = np.flatnonzero((values < self.low) | (values > self.high))
        attempt = 0
        while bad.size:
            attempt += 1
            # Attempt a has a stream of its own, in which a value keeps its number.
            place = (bad + start).astype(np.uint64)
            again = self.mean + self.std * inverse_normal_cdf_f64(_redrawn(key, place, attempt))
            values[bad] = again
            bad = bad[(again < self.low) | (again > self.high)]
        return values

    def _share_inside(self) -> float:
        if self.std == 0:
            return float(self.low <= self.mean <= self.high)
        below, above = (0.5 * erf((end - self.mean) / (self.std * 2**0.5)) for end in (self.low, self.high))
        return above - below


def _redrawn(key: int, place: npt.NDArray[np.uint64], attempt: int) -> npt.NDArray[np.float64]:
    element = place >> np.uint64(2)
    low, high = element & np.uint64(0xFFFFFFFF), element >> np.uint64(32)
    words = philox.philox4x32(low, high, attempt, 0, key & 0xFFFFFFFF, key >> 32)
    word = np.stack(words, axis=-1)[np.arange(place.size), place & np.uint64(3)]
    drawn: npt.NDArray[np.float64] = philox.uniform(word)
    return drawn
