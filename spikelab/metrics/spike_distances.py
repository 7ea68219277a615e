"""Distances between two spike trains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_finite, require_non_negative, require_positive, require_scalar

__all__ = ["van_rossum_distance", "victor_purpura_distance"]

Floats = npt.NDArray[np.float64]


def van_rossum_distance(first_ms: npt.ArrayLike, second_ms: npt.ArrayLike, *, tau_ms: float = 10.0) -> float:
    r"""Return van Rossum's distance: trains under an exponential trace, and the norm of their difference.

    Parameters
    ----------
    first_ms, second_ms : array [spike], ms
        Spike times in any order, such as ``trains.of(3)``.
    tau_ms : float
        Time constant of the trace, ms: short for coincidences, long for rates.

    Returns
    -------
    float
        0 for equal trains; 1 where one train has a single spike more, far from all others, as in elephant.
        (The paper's own norm leaves out the 2 below, which makes that one 1/√2.)

    Notes
    -----
    :math:`D^2 = \frac{2}{\tau} \int (f - g)^2 dt` with a trace :math:`e^{-t/\tau}` a spike, which is
    :math:`\sum_{ij} e^{-|s_i - s_j|/\tau}` over all pairs of spikes, counted negative across
    trains. The sum runs once through the sorted times.

    References
    ----------
    M. C. W. van Rossum, "A novel spike distance", Neural Computation 13, 2001; C. Houghton,
    T. Kreuz, "On the efficient calculation of van Rossum distances", Network 23, 2012.

    Examples
    --------
    >>> van_rossum_distance([5.0], [])
    1.0
    """
    owner = "van_rossum_distance"
    require_positive(owner, "tau_ms", require_scalar(owner, "tau_ms", tau_ms), "ms")
    trains = [_times(owner, name, v) for name, v in (("first_ms", first_ms), ("second_ms", second_ms))]
    times = np.concatenate(trains)
    order = np.argsort(times, kind="stable")
    sign = np.repeat([1.0, -1.0], [trains[0].size, trains[1].size])[order]
    decay = np.exp(-np.diff(times[order], prepend=times[order[:1]]) / tau_ms)
    trace = total = 0.0
    for weight, factor in zip(sign.tolist(), decay.tolist(), strict=True):
        trace *= factor
        total += 2.0 * weight * trace + 1.0  # with all before it twice, and with itself once
        trace += weight
    return float(np.sqrt(max(total, 0.0)))


def victor_purpura_distance(
    first_ms: npt.ArrayLike, second_ms: npt.ArrayLike, *, cost_per_ms: float = 0.1
) -> float:
    """Return Victor and Purpura's distance: the least cost of turning one train into the other.

    Parameters
    ----------
    first_ms, second_ms : array [spike], ms
        Spike times in any order.
    cost_per_ms : float
        Price q of moving a spike by a millisecond; adding or removing one costs 1. Spikes further apart
        than 2 / q are not moved.

    Returns
    -------
    float
        With q = 0 the difference of the counts; with a large q the spikes that have no exact partner.

    Notes
    -----
    Time grows with the product of the two counts; each row of the recursion is one array operation.

    References
    ----------
    J. D. Victor, K. P. Purpura, "Nature and precision of temporal coding in visual cortex: a metric-space
    analysis", J. Neurophysiol. 76, 1996.

    Examples
    --------
    >>> victor_purpura_distance([10.0, 50.0], [12.0], cost_per_ms=0.1)
    1.2
    """
    owner = "victor_purpura_distance"
    require_non_negative(owner, "cost_per_ms", require_scalar(owner, "cost_per_ms", cost_per_ms))
    first, second = (_times(owner, n, v) for n, v in (("first_ms", first_ms), ("second_ms", second_ms)))
    place = np.arange(second.size + 1, dtype=np.float64)
    row = place
    for count, time in enumerate(first.tolist(), start=1):
        kept = np.empty_like(row)
        kept[0] = count
        moved = row[:-1] + cost_per_ms * np.abs(second - time)
        kept[1:] = np.minimum(row[1:] + 1.0, moved)
        # Adding spikes costs 1 each: cost[j] = min over k <= j of kept[k] + (j - k).
        row = np.minimum.accumulate(kept - place) + place
    return float(row[-1])


def _times(owner: str, name: str, values: npt.ArrayLike) -> Floats:
    times = real_array(owner, name, values)
    if times.ndim != 1:
        raise ParameterError(owner, name, f"array of shape {times.shape}", "have one axis, the spike times")
    require_finite(owner, name, times)
    return np.sort(times)
