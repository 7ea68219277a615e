"""How counts of spikes vary from window to window, and together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from spikelab_kernels.philox import uniforms

from ..errors import ParameterError
from ..seeding import object_key, sub_key
from ..units import require_integer
from .spike_trains import BinnedSpikes, as_trains, whole_bins

__all__ = ["fano_factor", "pair_correlations"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Pairs whose counts are multiplied at once: bounds the memory, not the result.
_PAIRS_AT_ONCE = 4096


def fano_factor(trains: Any, *, window_ms: float | None = None) -> Floats:
    r"""Return the Fano factor of each neuron: variance over mean of its spike counts.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult, or a sequence of them
        A sequence holds repeated trials, each of the same neurons and duration.
    window_ms : float, optional
        Counts are taken in windows of this length, ms, and over all trials; None: a trial is one window.

    Returns
    -------
    array [neuron], float64
        1 for a Poisson process, 0 for a clock; NaN for a neuron that is silent in all windows.

    Raises
    ------
    ParameterError
        If there are fewer than two windows, or trials differ in size or duration.

    Notes
    -----
    :math:`F = \sigma^2(N) / \langle N \rangle` over all windows of all trials, the variance divided by
    their number, as in elephant's ``fanofactor``.

    References
    ----------
    U. Fano, "Ionization yield of radiations. II. The fluctuations of the number of ions", Phys. Rev. 72,
    1947.

    Examples
    --------
    >>> from spikelab.metrics import SpikeTrains
    >>> trains = SpikeTrains([1, 2, 3, 6], [0, 0, 0, 0], n=1, duration_ms=10.0)
    >>> fano_factor(trains, window_ms=5.0).tolist()  # counts 3 and 1
    [0.5]
    """
    owner = "fano_factor"
    trials = [as_trains(one) for one in (trains if isinstance(trains, Sequence) else [trains])]
    if len({(one.n, round(one.duration_ms, 6)) for one in trials}) != 1:
        need = "be trials with the same number of neurons and the same duration"
        raise ParameterError(owner, "trains", trains, need)
    width = trials[0].duration_ms if window_ms is None else window_ms
    windows = whole_bins(trials[0], width, owner, "window_ms") * len(trials)
    if windows < 2:
        remedy = "Take a shorter window_ms, a longer run, or several trials."
        raise ParameterError(owner, "window_ms", window_ms, "leave at least two windows", remedy)
    total, square = np.zeros(trials[0].n), np.zeros(trials[0].n)
    for one in trials:
        binned = one.binned(width, owner)
        total += np.bincount(binned.neuron, binned.spikes, binned.n)
        square += np.bincount(binned.neuron, np.square(binned.spikes), binned.n)
    mean = total / windows
    variance = square / windows - np.square(mean)
    fano: Floats = np.divide(variance, mean, out=np.full(mean.shape, np.nan), where=mean > 0)
    return fano


def pair_correlations(trains: Any, *, bin_ms: float = 2.0, pairs: int = 10_000, seed: int = 0) -> Floats:
    r"""Return Pearson's correlation coefficient of the binned spike counts of pairs of neurons.

    Memory grows with spikes and pairs, never with the square of the neurons.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult
    bin_ms : float
        Width of a bin, ms.
    pairs : int
        All pairs where there are no more than this, else a sample of so many different ones.
    seed : int
        Of the sample.

    Returns
    -------
    array [pair], float64
        Neurons whose counts do not vary, such as silent ones, have no correlation and stand in no pair.

    Raises
    ------
    ParameterError
        If a bin is longer than half the stretch.

    Notes
    -----
    :math:`\rho_{ij} = (\langle N_i N_j \rangle - \langle N_i \rangle \langle N_j \rangle) /
    (\sigma_i \sigma_j)` over bins, as elephant's ``correlation_coefficient`` with ``binary=False``.

    References
    ----------
    A. Kohn, M. A. Smith, "Stimulus dependence of neuronal correlation in primary visual cortex of the
    macaque", J. Neurosci. 25, 2005.

    Examples
    --------
    >>> from spikelab.metrics import SpikeTrains
    >>> trains = SpikeTrains([1, 7, 1, 7], [0, 0, 1, 1], n=2, duration_ms=8.0)
    >>> pair_correlations(trains, bin_ms=2.0).round(12).tolist()
    [1.0]
    """
    owner = "pair_correlations"
    require_integer(owner, "pairs", pairs)
    require_integer(owner, "seed", seed, 0)
    binned = as_trains(trains).binned(bin_ms, owner)
    if binned.bins < 2:
        raise ParameterError(owner, "bin_ms", bin_ms, "leave at least two bins")
    mean, variance = binned.moments()
    # In whole numbers, so that a neuron with one spike in every bin does not vary by a rounding error.
    varying = np.flatnonzero(_varies(binned))
    first, second = _sample_pairs(varying.size, pairs, seed)
    first, second = varying[first], varying[second]
    counts = sparse.csr_array(
        (binned.spikes.astype(np.float64), (binned.neuron, binned.bin)), shape=(binned.n, binned.bins)
    )
    product = np.empty(first.size)
    for start in range(0, first.size, _PAIRS_AT_ONCE):
        chunk = slice(start, start + _PAIRS_AT_ONCE)
        product[chunk] = counts[first[chunk]].multiply(counts[second[chunk]]).sum(axis=1)
    covariance = product / binned.bins - mean[first] * mean[second]
    return np.clip(covariance / np.sqrt(variance[first] * variance[second]), -1.0, 1.0)


def _varies(binned: BinnedSpikes) -> npt.NDArray[np.bool_]:
    total = np.bincount(binned.neuron, binned.spikes, binned.n)
    square = np.bincount(binned.neuron, np.square(binned.spikes), binned.n)
    return np.asarray(square * binned.bins != np.square(total), dtype=np.bool_)


def _sample_pairs(size: int, pairs: int, seed: int) -> tuple[Integers, Integers]:
    """Return different pairs i > j of `size` things, all where there are no more than `pairs`."""
    possible = size * (size - 1) // 2
    if possible <= pairs:
        second, first = np.triu_indices(size, 1)
        return first, second
    key = object_key(seed, "metrics", "pairs")
    code = np.empty(0, dtype=np.int64)
    rounds = 0
    while code.size < pairs:
        # Two words make a number finer than any count of pairs; what was drawn twice is drawn again.
        words = uniforms(sub_key(key, rounds), 2 * pairs)
        drawn = np.floor((words[::2] + words[1::2] * 2.0**-32) * possible).astype(np.int64)
        merged = np.concatenate([code, np.minimum(drawn, possible - 1)])
        _, at = np.unique(merged, return_index=True)
        code = merged[np.sort(at)]
        rounds += 1
    code = code[:pairs]
    # Pair number c stands in row i of the triangle, which starts at i (i - 1) / 2; the root is off by one
    # at most.
    first = np.floor((1 + np.sqrt(1 + 8 * code.astype(np.float64))) / 2).astype(np.int64)
    first -= first * (first - 1) // 2 > code
    first += (first + 1) * first // 2 <= code
    return first, code - first * (first - 1) // 2
