"""Filter banks as weights of a power spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError

__all__ = ["BANKS", "FilterBank", "filter_bank"]

Floats = npt.NDArray[np.float64]

BANKS = ("gammatone", "mel")

# Glasberg & Moore (1990), equations 3 and 4: bandwidth in Hz and number of bandwidths below a frequency.
_ERB_HZ, _ERB_PER_HZ, _ERB_RATE = 24.7, 0.00437, 21.4
# Width of a fourth-order gammatone filter in bandwidths (Slaney 1993, section 2).
_GAMMATONE_WIDTH, _GAMMATONE_ORDER = 1.019, 4
_MEL_BREAK_HZ, _MEL_SCALE = 700.0, 2595.0


@dataclass(frozen=True, eq=False)
class FilterBank:
    """Power responses of a bank.

    Attributes
    ----------
    centres_hz : array [channel], float64, Hz
    weights : array [bin, channel], float64
        Power response at the frequencies of a spectrum; 1 at the centre.
    """

    centres_hz: Floats
    weights: Floats


@lru_cache(maxsize=32)
def filter_bank(
    kind: str, n_channels: int, f_min_hz: float, f_max_hz: float, rate_hz: int, n_fft: int
) -> FilterBank:
    """Return a bank of filters between two frequencies.

    Parameters
    ----------
    kind : {"gammatone", "mel"}
    n_channels : int
    f_min_hz, f_max_hz : float, Hz
        Centres of the first and last gammatone filter; feet of the first and last mel triangle.
    rate_hz : int, Hz
        Sampling rate of the sound.
    n_fft : int
        Samples of a transform; the spectrum has ``n_fft // 2 + 1`` bins.

    Raises
    ------
    ParameterError
        If a filter is so narrow that it falls between two bins.

    Notes
    -----
    Gammatone: a filter of order 4 at centre c has the power response ``(1 + ((f - c) / b)**2)**-4`` with
    ``b = 1.019 * 24.7 * (0.00437 * c + 1)``; centres are equally spaced on the scale
    ``21.4 * log10(1 + 0.00437 * f)``. Mel: triangles whose corners are equally spaced on the scale
    ``2595 * log10(1 + f / 700)``.

    References
    ----------
    B. R. Glasberg, B. C. J. Moore, Hearing Research 47 (1990) 103-138, equations 3 and 4; M. Slaney, "An
    efficient implementation of the Patterson-Holdsworth auditory filter bank", Apple Computer Technical
    Report 35 (1993); D. O'Shaughnessy, "Speech communication" (1987), p. 150 (mel).

    Examples
    --------
    >>> filter_bank("mel", 3, 0.0, 4000.0, 8000, 256).centres_hz.round().tolist()
    [427.0, 1114.0, 2220.0]
    """
    bins = np.arange(n_fft // 2 + 1) * (rate_hz / n_fft)
    if kind == "gammatone":
        low, high = (_ERB_RATE * np.log10(1.0 + _ERB_PER_HZ * f) for f in (f_min_hz, f_max_hz))
        rate = np.linspace(low, high, n_channels) if n_channels > 1 else np.array([(low + high) / 2.0])
        centres = (10.0 ** (rate / _ERB_RATE) - 1.0) / _ERB_PER_HZ
        width = _GAMMATONE_WIDTH * _ERB_HZ * (_ERB_PER_HZ * centres + 1.0)
        weights = (1.0 + ((bins[:, None] - centres) / width) ** 2) ** -_GAMMATONE_ORDER
    else:
        low, high = (_MEL_SCALE * np.log10(1.0 + f / _MEL_BREAK_HZ) for f in (f_min_hz, f_max_hz))
        corners = _MEL_BREAK_HZ * (10.0 ** (np.linspace(low, high, n_channels + 2) / _MEL_SCALE) - 1.0)
        left, centres, right = corners[:-2], corners[1:-1], corners[2:]
        rise = (bins[:, None] - left) / (centres - left)
        fall = (right - bins[:, None]) / (right - centres)
        weights = np.maximum(np.minimum(rise, fall), 0.0)
        if not (weights.max(axis=0) > 0.0).all():
            raise ParameterError(
                "AuditoryFrontEnd", "n_channels", n_channels, "leave every filter a bin of the spectrum",
                f"The bins are {rate_hz / n_fft:.3g} Hz apart: take fewer channels or a longer window_ms.",
            )  # fmt: skip
    for array in (centres, weights):
        array.setflags(write=False)
    return FilterBank(centres, weights)
