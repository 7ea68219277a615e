"""Functions of distance: for weights, delays and probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt
from numbers import Real
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_positive, require_scalar
from .sampling import kernels

__all__ = ["ExponentialOfDistance", "GaussianOfDistance", "LinearOfDistance", "OfDistance"]

Values = npt.NDArray[np.float64]
# Words have 32 bits: what is less likely than this never happens.
_LEAST = 2.0**-32


class OfDistance:
    """A function of the distance between source and target."""

    kind: ClassVar[int]

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value at any distance."""
        raise NotImplementedError

    def law(self) -> Values:
        """Return the five numbers that the kernels take."""
        raise NotImplementedError

    def reach(self) -> float:
        """Return a distance from which on, as a probability, it is too small to occur."""
        return inf

    def at(self, distance: npt.ArrayLike) -> Values:
        """Return the values at some distances: array of their shape, float64."""
        given = np.asarray(distance, dtype=np.float64)
        out = np.empty(given.shape)
        kernels().weigh_distances(np.int64(self.kind), self.law(), given.reshape(-1), out.reshape(-1))
        return out

    def _check_numbers(self, *names: str) -> None:
        owner = type(self).__name__
        for name in names:
            object.__setattr__(self, name, require_scalar(owner, name, getattr(self, name)))


@dataclass(frozen=True)
class _Falling(OfDistance):
    peak: float

    def _ends(self, base: float) -> tuple[float, float]:
        return min(base, base + self.peak), max(base, base + self.peak)


@dataclass(frozen=True)
class GaussianOfDistance(_Falling):
    """``base + peak * exp(-(d / std)**2 / 2)`` at distance d (NEST: spatial_distributions.gaussian).

    Parameters
    ----------
    peak : float
        Height above `base` at distance 0.
    std : float
        Standard deviation, in the unit of the positions.
    base : float
        Value far away.
    """

    std: float
    base: float = 0.0

    kind: ClassVar[int] = 1

    def __post_init__(self) -> None:
        self._check_numbers("peak", "std", "base")
        require_positive("GaussianOfDistance", "std", self.std)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return self._ends(self.base)

    def law(self) -> Values:
        """Return the five numbers that the kernels take."""
        return np.array([self.peak, self.std, self.base, -inf, inf])

    def reach(self) -> float:
        """Return a distance from which on, as a probability, it is too small to occur."""
        if self.base > 0.0:
            return inf
        return 1.001 * self.std * sqrt(2.0 * log(max(self.peak, _LEAST) / _LEAST))


@dataclass(frozen=True)
class ExponentialOfDistance(_Falling):
    """``base + peak * exp(-d / length)`` at distance d (NEST: spatial_distributions.exponential).

    Parameters
    ----------
    peak : float
        Height above `base` at distance 0.
    length : float
        Distance over which it falls to 1/e, in the unit of the positions (NEST: beta).
    base : float
        Value far away.
    """

    length: float
    base: float = 0.0

    kind: ClassVar[int] = 2

    def __post_init__(self) -> None:
        self._check_numbers("peak", "length", "base")
        require_positive("ExponentialOfDistance", "length", self.length)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return self._ends(self.base)

    def law(self) -> Values:
        """Return the five numbers that the kernels take."""
        return np.array([self.peak, self.length, self.base, -inf, inf])

    def reach(self) -> float:
        """Return a distance from which on, as a probability, it is too small to occur."""
        return inf if self.base > 0.0 else 1.001 * self.length * log(max(self.peak, _LEAST) / _LEAST)


@dataclass(frozen=True)
class LinearOfDistance(OfDistance):
    """``start + slope * d`` at distance d, cut to [low, high].

    With the inverse of a conduction velocity as slope it is a delay.

    Parameters
    ----------
    start : float
        Value at distance 0.
    slope : float
        Change over a unit of distance.
    low, high : float
        Bounds; infinite by default.
    """

    start: float
    slope: float
    low: float = -inf
    high: float = inf

    kind: ClassVar[int] = 3

    def __post_init__(self) -> None:
        self._check_numbers("start", "slope")
        for name, endless in (("low", -inf), ("high", inf)):
            if not (isinstance(getattr(self, name), Real) and getattr(self, name) == endless):
                self._check_numbers(name)
        if not self.low < self.high:
            raise ParameterError("LinearOfDistance", "high", self.high, f"be > low={self.low!r}")

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value at any distance."""
        start = min(max(self.start, self.low), self.high)
        return (start, self.high if self.slope > 0 else start) if self.slope >= 0 else (self.low, start)

    def law(self) -> Values:
        """Return the five numbers that the kernels take."""
        return np.array([self.start, self.slope, 0.0, self.low, self.high])

    def reach(self) -> float:
        """Return a distance from which on, as a probability, it is too small to occur."""
        if self.slope >= 0.0 or self.low > 0.0:
            return inf
        return max(1.001 * self.start / -self.slope, 0.0)
