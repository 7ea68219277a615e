"""Activity of a population as a whole: its rate over time, the spectrum of that, and synchrony."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_choice, require_finite, require_positive, require_scalar
from .spike_trains import as_trains, whole_bins

__all__ = ["PopulationRate", "PowerSpectrum", "population_rate", "power_spectrum", "synchrony_index"]

Floats = npt.NDArray[np.float64]


class PopulationRate(NamedTuple):
    """Rate of a population over time.

    Attributes
    ----------
    time_ms : array [bin], float64
        Middle of each bin, ms.
    rate_hz : array [bin], float64
        Spikes a second and neuron, Hz.
    bin_ms : float
        Width of a bin, ms.
    """

    time_ms: Floats
    rate_hz: Floats
    bin_ms: float


class PowerSpectrum(NamedTuple):
    """One-sided power spectral density of the population rate.

    Attributes
    ----------
    frequency_hz : array [frequency], float64, Hz
    power : array [frequency], float64, Hz²/Hz
    """

    frequency_hz: Floats
    power: Floats


def population_rate(
    trains: Any,
    *,
    bin_ms: float = 1.0,
    smooth_ms: float | None = None,
    kernel: Literal["gaussian", "box"] = "gaussian",
) -> PopulationRate:
    """Return the rate over time, averaged over the neurons.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult
    bin_ms : float
        Width of a bin, ms; a shorter remainder at the end is left out.
    smooth_ms : float, optional
        Standard deviation of the Gaussian, or width of the box; None: not smoothed.
    kernel : {"gaussian", "box"}
        What the binned rate is smoothed with. Near the ends only the part of the kernel that lies on data
        counts, with its weight made 1 again, so that the rate does not sink there.

    Returns
    -------
    PopulationRate

    Examples
    --------
    >>> from spikelab.metrics import SpikeTrains
    >>> trains = SpikeTrains([1.0, 2.0, 12.0], [0, 1, 0], n=2, duration_ms=20.0)
    >>> population_rate(trains, bin_ms=10.0).rate_hz.tolist()
    [100.0, 50.0]
    """
    owner = "population_rate"
    spikes = as_trains(trains)
    require_choice(owner, "kernel", kernel, ("gaussian", "box"))
    bins = whole_bins(spikes, bin_ms, owner)
    index = spikes.bin_of(bin_ms)
    counts = np.bincount(index[index < bins], minlength=bins)
    rate: Floats = np.asarray(counts / (spikes.n * bin_ms * 1e-3), np.float64)
    if smooth_ms is not None:
        require_positive(owner, "smooth_ms", require_scalar(owner, "smooth_ms", smooth_ms), "ms")
        rate = _smoothed(rate, smooth_ms / bin_ms, kernel)
    middle = spikes.start_ms + bin_ms * (np.arange(bins, dtype=np.float64) + 0.5)
    return PopulationRate(middle, rate, float(bin_ms))


def power_spectrum(trains: Any, *, bin_ms: float = 1.0, segment_ms: float | None = None) -> PowerSpectrum:
    r"""Return the power spectrum of the population rate by Welch's method.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult
    bin_ms : float
        Width of a bin, ms; the spectrum reaches up to 500 / `bin_ms` Hz.
    segment_ms : float, optional
        Length of a segment, ms: the resolution is 1000 / `segment_ms` Hz. Segments overlap by half, lie under
        a Hann window and have their mean removed. None: an eighth of the stretch.

    Returns
    -------
    PowerSpectrum

    Raises
    ------
    ParameterError
        If a segment is longer than the stretch, or shorter than four bins.

    Notes
    -----
    N independent Poisson processes of rate r have the flat spectrum :math:`2 r / N`; what stands above it
    is correlation between the neurons.

    References
    ----------
    P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE Trans. Audio
    Electroacoust. 15, 1967.
    """
    from scipy.signal import welch

    owner = "power_spectrum"
    spikes = as_trains(trains)
    length_ms = spikes.duration_ms / 8 if segment_ms is None else segment_ms
    require_positive(owner, "segment_ms", require_scalar(owner, "segment_ms", length_ms), "ms")
    rate = population_rate(spikes, bin_ms=bin_ms).rate_hz
    bins = round(length_ms / bin_ms)
    if not 4 <= bins <= rate.size:
        need = f"be {4 * bin_ms:g} ... {rate.size * bin_ms:g} ms, four bins to the whole stretch"
        raise ParameterError(owner, "segment_ms", length_ms, need)
    frequency, power = welch(rate, fs=1e3 / bin_ms, nperseg=bins, window="hann", detrend="constant")
    return PowerSpectrum(np.asarray(frequency, np.float64), np.asarray(power, np.float64))


def synchrony_index(source: Any, *, bin_ms: float = 5.0) -> float:
    r"""Return the synchrony index χ of a population: 1 where all do the same, 1/√N where independent.

    Parameters
    ----------
    source : array [time, neuron], SpikeTrains or PopulationResult
        Membrane potentials, such as ``res["exc"]["v_mv"][:, 0]``, as in the paper; or spikes, whose counts
        take their place.
    bin_ms : float
        Width of a bin where spikes are counted, ms.

    Returns
    -------
    float
        NaN where nothing varies.

    Notes
    -----
    :math:`\chi^2 = \sigma^2_t(\langle V \rangle_i) / \langle \sigma^2_t(V_i) \rangle_i`.

    References
    ----------
    D. Golomb, J. Rinzel, "Clustering in globally coupled inhibitory neurons", Physica D 72, 1994; D.
    Golomb, "Neuronal synchrony measures", Scholarpedia 2(1):1347, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.sin(np.arange(100.0))
    >>> round(synchrony_index(np.stack([wave, wave], axis=1)), 12)
    1.0
    """
    owner = "synchrony_index"
    if isinstance(source, np.ndarray):
        values = real_array(owner, "source", source)
        if values.ndim != 2 or values.size == 0:
            need = "be an array [time, neuron] that is not empty"
            raise ParameterError(owner, "source", f"array of shape {values.shape}", need)
        require_finite(owner, "source", values)
        together, alone = float(values.mean(axis=1).var()), float(values.var(axis=0).mean())
    else:
        binned = as_trains(source).binned(bin_ms, owner)
        whole = np.bincount(binned.bin, binned.spikes, binned.bins) / binned.n
        together, alone = float(whole.var()), float(binned.moments()[1].mean())
    return float(np.sqrt(together / alone)) if alone > 0 else float("nan")


def _smoothed(rate: Floats, width: float, kernel: str) -> Floats:
    from scipy.ndimage import convolve1d

    if kernel == "box":
        reach = max(round(width), 1)
        weight = np.ones(reach + (reach + 1) % 2)  # odd, so that it has a middle
        if reach % 2 == 0:
            weight[[0, -1]] = 0.5
    else:
        reach = int(np.ceil(4 * width))
        weight = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / width))
    whole = convolve1d(np.ones(rate.size), weight, mode="constant")
    smooth: Floats = convolve1d(rate, weight, mode="constant") / whole
    return smooth
