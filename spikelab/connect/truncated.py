"""Distributions with bounds: values outside them are drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, inf, log
from numbers import Real

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_non_negative, require_positive, require_scalar
from .sampling import kernels

__all__ = ["Exponential", "LogNormal", "Normal"]

# A smaller share inside the bounds would take too many rounds.
_LEAST_SHARE = 0.02


class _Bounded:
    """Bounds of a distribution, and draws between them by the kernel of its kind."""

    low: float
    high: float

    def _check_bounds(self) -> None:
        owner = type(self).__name__
        for name, endless in (("low", -inf), ("high", inf)):
            end = getattr(self, name)
            if not (isinstance(end, Real) and end == endless):
                object.__setattr__(self, name, require_scalar(owner, name, end))
        if not self.low < self.high:
            raise ParameterError(owner, "high", self.high, f"be > low={self.low!r}")
        if self._below(self.high) - self._below(self.low) < _LEAST_SHARE:
            raise ParameterError(
                owner,
                "low",
                self.low,
                f"leave, with high={self.high!r}, at least {_LEAST_SHARE:.0%} of the distribution",
                "For values far in one tail or in a narrow window use Uniform.",
            )

    def _below(self, end: float) -> float:
        """Return the probability below ``end`` without bounds."""
        raise NotImplementedError

    def _drawn(self, kernel: str, *law: float, n: int, key: int, start: int) -> npt.NDArray[np.float64]:
        values = np.empty(n)
        numbers = map(np.float64, (*law, self.low, self.high))
        getattr(kernels(), kernel)(*numbers, np.uint64(key), np.uint64(start), values)
        return values


def _normal_below(z: float) -> float:
    return 0.5 * (1.0 + erf(z * 0.5**0.5))


@dataclass(frozen=True)
class Normal(_Bounded):
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
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            object.__setattr__(self, name, require_scalar("Normal", name, getattr(self, name)))
        require_non_negative("Normal", "std", self.std, remedy="It is a standard deviation, not a variance.")
        self._check_bounds()

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
        return self._drawn("draw_normal", self.mean, self.std, n=n, key=key, start=start)

    def _below(self, end: float) -> float:
        if self.std == 0:
            return float(self.mean <= end if end == self.high else self.mean < end)
        return _normal_below((end - self.mean) / self.std)


@dataclass(frozen=True)
class LogNormal(_Bounded):
    """Values whose logarithm is normal; those outside [low, high] are drawn again (NEST: lognormal).

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation of the logarithm, before truncation. The median is ``exp(mean)``.
    low, high : float
        Bounds of the values; 0 and infinite by default.
    """

    mean: float
    std: float
    low: float = 0.0
    high: float = inf

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            object.__setattr__(self, name, require_scalar("LogNormal", name, getattr(self, name)))
        require_positive("LogNormal", "std", self.std, remedy="It is the spread of the logarithm.")
        self._check_bounds()

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds of the values."""
        return max(float(self.low), 0.0), float(self.high)

    def sample(self, n: int, key: int, start: int = 0) -> npt.NDArray[np.float64]:
        """Draw values ``start`` to ``start + n``: array [n], float64."""
        return self._drawn("draw_lognormal", self.mean, self.std, n=n, key=key, start=start)

    def _below(self, end: float) -> float:
        return _normal_below((log(end) - self.mean) / self.std) if end > 0.0 else 0.0


@dataclass(frozen=True)
class Exponential(_Bounded):
    """Values of an exponential distribution; those outside [low, high] are drawn again.

    Parameters
    ----------
    mean : float
        Mean before truncation, > 0 (NEST: beta).
    low, high : float
        Bounds; 0 and infinite by default.
    """

    mean: float
    low: float = 0.0
    high: float = inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", require_scalar("Exponential", "mean", self.mean))
        require_positive("Exponential", "mean", self.mean)
        self._check_bounds()

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds of the values."""
        return max(float(self.low), 0.0), float(self.high)

    def sample(self, n: int, key: int, start: int = 0) -> npt.NDArray[np.float64]:
        """Draw values ``start`` to ``start + n``: array [n], float64."""
        return self._drawn("draw_exponential", self.mean, n=n, key=key, start=start)

    def _below(self, end: float) -> float:
        return 1.0 - exp(-end / self.mean) if end > 0.0 else 0.0
