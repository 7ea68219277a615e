"""How regularly neurons fire: rates, and measures of the intervals between spikes.

A neuron with fewer spikes than `min_spikes` has no measure of regularity: its place holds NaN, and averages
and distributions leave it out. `SpikeStatistics` says how many there were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..units import require_integer
from .spike_trains import SpikeTrains, as_trains

__all__ = ["cv2", "cv_isi", "isi", "local_variation", "mean_rates"]

Floats = npt.NDArray[np.float64]


def mean_rates(trains: Any) -> Floats:
    """Return the mean rate of each neuron over the whole stretch.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult

    Returns
    -------
    array [neuron], float64, Hz
        0 for a silent neuron.

    Examples
    --------
    >>> mean_rates(SpikeTrains([10.0, 20.0], [1, 1], n=2, duration_ms=500.0)).tolist()
    [0.0, 4.0]
    """
    spikes = as_trains(trains)
    return spikes.counts / (spikes.duration_ms * 1e-3)


def isi(trains: Any) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the intervals between neighbouring spikes of each neuron.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult

    Returns
    -------
    intervals_ms : array [interval], float64, ms
        Sorted by neuron, then by time.
    neuron : array [interval], int64
        Whose interval it is.

    Examples
    --------
    >>> intervals, neuron = isi(SpikeTrains([1.0, 4.0, 9.0, 2.0], [0, 0, 0, 1], n=2, duration_ms=10.0))
    >>> intervals.tolist(), neuron.tolist()
    ([3.0, 5.0], [0, 0])
    """
    spikes = as_trains(trains)
    same = spikes.neuron[1:] == spikes.neuron[:-1]
    return np.diff(spikes.times_ms)[same], spikes.neuron[1:][same]


def cv_isi(trains: Any, *, min_spikes: int = 3) -> Floats:
    r"""Return the coefficient of variation of each neuron's inter-spike intervals.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult
    min_spikes : int
        Neurons with fewer spikes get NaN; at least 3, since two intervals have a spread.

    Returns
    -------
    array [neuron], float64
        0 for a clock, 1 for a Poisson process.

    Notes
    -----
    :math:`\sigma(I) / \langle I \rangle` with the standard deviation over all intervals (divided by their
    number, not by one less), as in elephant's ``cv`` with its default.

    References
    ----------
    D. R. Cox, P. A. W. Lewis, "The Statistical Analysis of Series of Events", Methuen 1966.

    Examples
    --------
    >>> cv_isi(SpikeTrains([1, 2, 3, 4], [0, 0, 0, 0], n=2, duration_ms=10.0)).tolist()
    [0.0, nan]
    """
    spikes = _checked("cv_isi", trains, min_spikes)
    intervals, neuron = isi(spikes)
    number = np.bincount(neuron, minlength=spikes.n)
    mean = _divide(np.bincount(neuron, intervals, spikes.n), number)
    # About the mean, not as a difference of squares: regular trains come out at 0.
    square = np.bincount(neuron, np.square(intervals - mean[neuron]), spikes.n)
    return _kept(spikes, _divide(np.sqrt(_divide(square, number)), mean), min_spikes)


def cv2(trains: Any, *, min_spikes: int = 3) -> Floats:
    r"""Return the local coefficient of variation CV2 of each neuron, which slow changes of rate leave alone.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult
    min_spikes : int
        Neurons with fewer spikes get NaN; at least 3.

    Returns
    -------
    array [neuron], float64
        0 for a clock, 1 for a Poisson process.

    Notes
    -----
    The mean over neighbouring intervals of :math:`2 |I_{i+1} - I_i| / (I_{i+1} + I_i)`, as elephant's
    ``cv2``.

    References
    ----------
    G. R. Holt, W. R. Softky, C. Koch, R. J. Douglas, "Comparison of discharge variability in vitro and in
    vivo in cat visual cortex neurons", J. Neurophysiol. 75, 1996.

    Examples
    --------
    >>> cv2(SpikeTrains([0, 1, 4], [0, 0, 0], n=1, duration_ms=10.0)).tolist()
    [1.0]
    """
    spikes = _checked("cv2", trains, min_spikes)
    ratio, neuron = _contrast(spikes)
    mean = _divide(np.bincount(neuron, ratio, spikes.n), np.bincount(neuron, minlength=spikes.n))
    return _kept(spikes, 2.0 * mean, min_spikes)


def local_variation(trains: Any, *, min_spikes: int = 3) -> Floats:
    r"""Return the local variation Lv of each neuron.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult
    min_spikes : int
        Neurons with fewer spikes get NaN; at least 3.

    Returns
    -------
    array [neuron], float64
        0 for a clock, 1 for a Poisson process.

    Notes
    -----
    The mean over neighbouring intervals of :math:`3 (I_i - I_{i+1})^2 / (I_i + I_{i+1})^2`, as elephant's
    ``lv``.

    References
    ----------
    S. Shinomoto, K. Shima, J. Tanji, "Differences in spiking patterns among cortical neurons", Neural
    Computation 15, 2003.

    Examples
    --------
    >>> local_variation(SpikeTrains([0, 1, 4], [0, 0, 0], n=1, duration_ms=10.0)).tolist()
    [0.75]
    """
    spikes = _checked("local_variation", trains, min_spikes)
    ratio, neuron = _contrast(spikes)
    total = np.bincount(neuron, np.square(ratio), spikes.n)
    return _kept(spikes, 3.0 * _divide(total, np.bincount(neuron, minlength=spikes.n)), min_spikes)


def _checked(owner: str, trains: Any, min_spikes: int) -> SpikeTrains:
    require_integer(owner, "min_spikes", min_spikes, 3)
    return as_trains(trains)


def _contrast(spikes: SpikeTrains) -> tuple[Floats, npt.NDArray[np.int64]]:
    """|I' - I| / (I' + I) of neighbouring intervals; two spikes at one time make equal intervals of 0."""
    intervals, neuron = isi(spikes)
    same = neuron[1:] == neuron[:-1]
    first, second = intervals[:-1][same], intervals[1:][same]
    whole = first + second
    ratio = np.divide(np.abs(second - first), whole, out=np.zeros_like(whole), where=whole > 0)
    return ratio, neuron[1:][same]


def _divide(above: npt.NDArray[Any], below: npt.NDArray[Any]) -> Floats:
    ratio: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return ratio


def _kept(spikes: SpikeTrains, values: Floats, min_spikes: int) -> Floats:
    return np.where(spikes.counts >= min_spikes, values, np.nan)
