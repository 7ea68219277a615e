"""How far apart two distributions lie, and how far the same model lies from itself under other seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_scalar

__all__ = ["KSDistance", "KSSpread", "ks_distance", "ks_spread"]

Floats = npt.NDArray[np.float64]


class KSDistance(NamedTuple):
    """Kolmogorov-Smirnov distance of two samples.

    Attributes
    ----------
    distance : float
        The largest difference of the two cumulative distributions, 0 ... 1; NaN for an empty sample.
    p_value : float
        Probability of at least this distance if both came from one distribution and their values were
        independent.
    critical : float
        Distance that is passed with probability `alpha` then.
    n_first, n_second : int
        Values compared; those that were NaN are left out.
    """

    distance: float
    p_value: float
    critical: float
    n_first: int
    n_second: int


@dataclass(frozen=True)
class KSSpread:
    """Distances between all pairs of samples of one model, one sample a seed.

    Attributes
    ----------
    distances : tuple of float
        One for each pair of seeds.
    """

    distances: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean distance between two seeds."""
        return float(np.mean(self.distances))

    @property
    def largest(self) -> float:
        """Largest distance between two seeds."""
        return max(self.distances)

    def covers(self, distance: float) -> bool:
        """Return whether two seeds can lie at least this far apart."""
        return distance <= self.largest


def ks_distance(first: npt.ArrayLike, second: npt.ArrayLike, *, alpha: float = 0.05) -> KSDistance:
    r"""Return the Kolmogorov-Smirnov distance of two samples, with what chance would make of it.

    Parameters
    ----------
    first, second : array of any shape
        Values, such as the rates of all neurons; NaN are left out.
    alpha : float
        Level of the critical distance, between 0 and 1.

    Returns
    -------
    KSDistance

    Raises
    ------
    ParameterError
        If a value is infinite, or `alpha` out of range.

    Notes
    -----
    :math:`D = \max_x |F_1(x) - F_2(x)|`. With :math:`n_e = n m / (n + m)`, the p-value is Smirnov's limit
    :math:`Q(\sqrt{n_e} D)` and the critical distance :math:`\sqrt{-\ln(\alpha / 2) / (2 n_e)}`. Both hold for
    independent values; neurons of one network are not, so compare with `ks_spread` too.

    References
    ----------
    N. V. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Ann. Math.
    Statist. 19, 1948.

    Examples
    --------
    >>> ks_distance([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0]).distance
    0.5
    """
    from scipy.special import kolmogorov

    level = require_scalar("ks_distance", "alpha", alpha)
    if not 0 < level < 1:
        raise ParameterError("ks_distance", "alpha", alpha, "lie between 0 and 1")
    one, two = _sample("first", first), _sample("second", second)
    if not (one.size and two.size):
        return KSDistance(math.nan, math.nan, math.nan, one.size, two.size)
    places = np.concatenate([one, two])
    below = [np.searchsorted(part, places, side="right") / part.size for part in (one, two)]
    distance = float(np.abs(below[0] - below[1]).max())
    effective = one.size * two.size / (one.size + two.size)
    p_value = float(kolmogorov(math.sqrt(effective) * distance))
    critical = math.sqrt(-math.log(level / 2) / (2 * effective))
    return KSDistance(distance, p_value, critical, one.size, two.size)


def ks_spread(samples: Sequence[npt.ArrayLike]) -> KSSpread:
    """Return the distances between all pairs of samples: what another seed alone makes of a distribution.

    Parameters
    ----------
    samples : sequence of arrays
        One a seed, at least two: for example the rates of all neurons.

    Returns
    -------
    KSSpread

    Raises
    ------
    ParameterError
        If there are fewer than two samples, or one has no value but NaN.

    Examples
    --------
    >>> ks_spread([[1.0, 2.0], [1.0, 2.0], [2.0, 3.0]])
    KSSpread(distances=(0.0, 0.5, 0.5))
    """
    if len(samples) < 2:
        raise ParameterError("ks_spread", "samples", f"{len(samples)} samples", "be two or more, one a seed")
    for place, sample in enumerate(samples):
        if not _sample(f"samples[{place}]", sample, "ks_spread").size:
            raise ParameterError("ks_spread", f"samples[{place}]", sample, "hold a value that is not NaN")
    return KSSpread(tuple(ks_distance(a, b).distance for a, b in combinations(samples, 2)))


def _sample(name: str, values: npt.ArrayLike, owner: str = "ks_distance") -> Floats:
    array = real_array(owner, name, values).ravel()
    if np.isinf(array).any():
        at = int(np.argmax(np.isinf(array)))
        raise ParameterError(owner, f"{name}[{at}]", float(array[at]), "be finite, or NaN to be left out")
    return np.sort(array[~np.isnan(array)])
