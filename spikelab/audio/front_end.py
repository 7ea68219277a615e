"""An auditory front end: from the samples of a recording to features of frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.fft import dct, next_fast_len, rfft

from ..errors import ParameterError
from ..frozen import Recipe
from ..storable import storable
from ..units import (
    require_choice,
    require_flag,
    require_integer,
    require_non_negative,
    require_positive,
    require_scalar,
)
from .banks import BANKS, FilterBank, filter_bank
from .preparation import MOST_RATE_HZ, as_samples, resample, trim_bounds

__all__ = ["AuditoryFrontEnd"]

Features = npt.NDArray[np.float32]

# Frames transformed at a time: hours of sound then need no more memory than their features.
_BLOCK_FRAMES = 4096
# Frames on either side that a difference looks at (the usual choice in speech recognition).
_DELTA_REACH = 2
_MOST_CHANNELS = 1024
# Responses of the bank, one a channel and frequency, of which a frame has as many as samples: 128 MiB.
_MOST_RESPONSES = 1 << 24


@storable
@dataclass(frozen=True, kw_only=True)
class AuditoryFrontEnd(Recipe):
    """What the ear's filters tell of a sound: one row of features for each frame.

    Parameters
    ----------
    bank : {"gammatone", "mel"}
        Shape and spacing of the filters; see `spikelab.audio.filter_bank`.
    n_channels : int
        Filters.
    rate_hz : int, Hz
        Sampling rate at which sounds are analysed; other rates are resampled.
    window_ms, hop_ms : float, ms
        Length of a frame and distance between the starts of two.
    f_min_hz, f_max_hz : float, Hz
        Lowest and highest frequency; half the sampling rate where `f_max_hz` is None.
    compression : {"log", "root"}
        Powers become levels by a logarithm, or are raised to `exponent`.
    floor_db : float, dB
        Levels more than this below the recording's loudest are raised to that (``compression="log"`` only).
    exponent : float
        In (0, 1] (``compression="root"`` only); a third is Stevens' law of loudness.
    cepstra : int, optional
        Keep that many coefficients of a discrete cosine transform over the channels (DCT-II, orthonormal,
        the zeroth among them) in place of the channels.
    normalise_gain : bool
        Whether powers are relative to the recording's loudest, so that its loudness does not count.
    trim_db : float, optional
        Cut off the ends that are more than this below the loudest frame. None: nothing is cut.
    deltas : {0, 1, 2}
        Add the slope of each feature over five frames, and for 2 the slope of the slope.
    delta_gain : float
        Slopes are multiplied by it. With 1 they are changes a frame, small beside the features; with 5 they
        are changes over the five frames, and as large as the features themselves.
    mean_normalise : bool
        Whether each feature's mean over the recording is taken out; slopes are not affected.

    Raises
    ------
    ParameterError
        If a value cannot be used.

    Notes
    -----
    A frame x is multiplied by a Hann window w; its power spectrum ``2 |FFT(w x)|^2 / (n_fft sum(w^2))``,
    padded with zeros to at least twice the window, is weighted by the power responses of the bank. With
    ``compression="log"`` a power p becomes ``1 + 10 log10(max(p, floor) / reference) / floor_db``, so that
    levels lie in [0, 1] where the reference is the recording's largest power, the reference being 1 (full
    scale) without `normalise_gain`. The slope at frame t is
    ``sum_k k (x[t + k] - x[t - k]) / (2 sum_k k^2)`` for k = 1, 2, where the first and last frame repeat
    outside the recording.

    References
    ----------
    B. R. Glasberg, B. C. J. Moore, Hearing Research 47 (1990) 103-138; M. Slaney, Apple Computer Technical
    Report 35 (1993); S. Davis, P. Mermelstein, IEEE Trans. ASSP 28 (1980) 357-366 (cepstra); S. Furui, IEEE
    Trans. ASSP 34 (1986) 52-59 (slopes).

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> ear = AuditoryFrontEnd(n_channels=32, deltas=1)
    >>> features = ear.transform(tone, rate_hz=8000)
    >>> features.shape, ear.n_features
    ((98, 64), 64)
    """

    bank: Literal["gammatone", "mel"] = "gammatone"
    n_channels: int = 32
    rate_hz: int = 8000
    window_ms: float = 25.0
    hop_ms: float = 10.0
    f_min_hz: float = 100.0
    f_max_hz: float | None = None
    compression: Literal["log", "root"] = "log"
    floor_db: float = 60.0
    exponent: float = 1.0 / 3.0
    cepstra: int | None = None
    normalise_gain: bool = True
    trim_db: float | None = 30.0
    deltas: Literal[0, 1, 2] = 0
    delta_gain: float = 1.0
    mean_normalise: bool = False

    def __post_init__(self) -> None:
        owner = "AuditoryFrontEnd"
        require_choice(owner, "bank", self.bank, BANKS)
        require_choice(owner, "compression", self.compression, ("log", "root"))
        require_integer(owner, "n_channels", self.n_channels, high=_MOST_CHANNELS)
        require_integer(owner, "rate_hz", self.rate_hz, high=MOST_RATE_HZ)
        require_integer(owner, "deltas", self.deltas, 0, "Slopes, and slopes of slopes.", 2)
        if self.cepstra is not None:
            need = "There are no more coefficients than channels."
            require_integer(owner, "cepstra", self.cepstra, 1, need, self.n_channels)
        for name in ("normalise_gain", "mean_normalise"):
            require_flag(owner, name, getattr(self, name))
        for name, unit in (
            ("window_ms", "ms"),
            ("hop_ms", "ms"),
            ("floor_db", "dB"),
            ("exponent", ""),
            ("delta_gain", ""),
        ):
            require_positive(owner, name, require_scalar(owner, name, getattr(self, name)), unit)
        if self.trim_db is not None:
            require_positive(
                owner, "trim_db", require_scalar(owner, "trim_db", self.trim_db), "dB", "30 is usual."
            )
        if self.exponent > 1.0:
            raise ParameterError(owner, "exponent", self.exponent, "lie in (0, 1]", "A third is usual.")
        if self.hop_ms > self.window_ms:
            remedy = "What lies between two windows would go unheard."
            raise ParameterError(owner, "hop_ms", self.hop_ms, f"be <= window_ms={self.window_ms!r}", remedy)
        longest = _MOST_RESPONSES // self.n_channels / self.rate_hz * 1000.0
        if self.window_ms > longest:
            need = f"be <= {longest:,.0f} ms with {self.n_channels} channels at {self.rate_hz} Hz"
            raise ParameterError(owner, "window_ms", self.window_ms, need, "25 ms are usual.")
        if self.hop < 1 or self.window < 4:
            need = f"hold at least 1 sample of {self.rate_hz} Hz, and a window 4"
            raise ParameterError(owner, "hop_ms", self.hop_ms, need)
        self._check_band(owner)
        self._filters()

    def _check_band(self, owner: str) -> None:
        low = require_scalar(owner, "f_min_hz", self.f_min_hz)
        require_non_negative(owner, "f_min_hz", low, "Hz")
        half = self.rate_hz / 2.0
        high = half if self.f_max_hz is None else require_scalar(owner, "f_max_hz", self.f_max_hz)
        if high > half:
            remedy = f"A sound of rate_hz={self.rate_hz} holds nothing above."
            raise ParameterError(owner, "f_max_hz", self.f_max_hz, f"be <= {half:g} Hz", remedy)
        if low >= high:
            raise ParameterError(owner, "f_min_hz", self.f_min_hz, f"be < {high:g} Hz, the highest frequency")

    @property
    def window(self) -> int:
        """Samples of a frame."""
        return round(self.window_ms * self.rate_hz / 1000.0)

    @property
    def hop(self) -> int:
        """Samples from the start of a frame to that of the next."""
        return round(self.hop_ms * self.rate_hz / 1000.0)

    @property
    def n_features(self) -> int:
        """Features of a frame."""
        return (self.cepstra or self.n_channels) * (1 + self.deltas)

    @property
    def centres_hz(self) -> npt.NDArray[np.float64]:
        """Centre frequency of each channel: array [channel], Hz."""
        return self._filters().centres_hz

    def transform(self, samples: Any, rate_hz: int) -> Features:
        """Return the features of a recording.

        Parameters
        ----------
        samples : array [time]
            One channel. Signed integers are divided by their full scale.
        rate_hz : int, Hz
            Samples a second.

        Returns
        -------
        array [frame, feature], float32
            `n_features` of them: channels or cepstra, behind them their slopes.

        Raises
        ------
        ParameterError
            If the samples have another rank, are not finite, silent, or fewer than a frame.
        """
        values = self.levels(samples, rate_hz)
        if self.cepstra is not None:
            values = dct(values, type=2, norm="ortho", axis=1)[:, : self.cepstra]
        if self.mean_normalise:
            values = values - values.mean(axis=0)
        parts = [values]
        for _ in range(self.deltas):
            parts.append(self.delta_gain * _slopes(parts[-1]))
        return np.ascontiguousarray(np.concatenate(parts, axis=1), dtype=np.float32)

    def levels(self, samples: Any, rate_hz: int) -> npt.NDArray[np.float64]:
        """Return the cochleagram: the compressed power of each channel, before cepstra, means and slopes.

        Parameters
        ----------
        samples : array [time]
        rate_hz : int, Hz

        Returns
        -------
        array [frame, channel], float64
            In [0, 1] with `normalise_gain`.

        Raises
        ------
        ParameterError
            As `transform`.
        """
        power = self._powers(self._prepared(samples, rate_hz))
        peak = float(power.max())
        if not peak > 0.0:  # a sound shorter than a hop, behind the last whole window
            raise _silence()
        reference = peak if self.normalise_gain else 1.0
        if self.compression == "root":
            return np.asarray((power / reference) ** self.exponent)
        least = peak * 10.0 ** (-self.floor_db / 10.0)
        return np.asarray(1.0 + 10.0 * np.log10(np.maximum(power, least) / reference) / self.floor_db)

    def _filters(self) -> FilterBank:
        high = self.rate_hz / 2.0 if self.f_max_hz is None else float(self.f_max_hz)
        return filter_bank(
            self.bank, self.n_channels, float(self.f_min_hz), high, self.rate_hz, self._n_fft
        )  # fmt: skip

    @property
    def _n_fft(self) -> int:
        return 2 * int(next_fast_len(self.window, real=True))

    def _prepared(self, samples: Any, rate_hz: int) -> Features:
        """Samples at the rate of analysis, about zero, their silent ends cut off."""
        owner = "AuditoryFrontEnd.transform"
        sound = resample(owner, as_samples(owner, samples), rate_hz, self.rate_hz)
        if sound.size < self.window:
            have = f"{1000.0 * sound.size / self.rate_hz:.3g} ms of sound"
            need = f"last at least one window of {self.window_ms:g} ms"
            raise ParameterError(
                owner, "samples", have, need, "Leave such recordings out, or shorten window_ms."
            )
        mean = sound.mean(dtype=np.float64)
        centred: Features = (sound - mean).astype(np.float32)
        # What rounding leaves of a constant is no sound.
        if not np.abs(centred).max() > 1e-6 * abs(mean):
            raise _silence()
        if self.trim_db is None:
            return centred
        start, stop = trim_bounds(centred, self.window, self.hop, self.trim_db)
        return centred[start:stop]

    def _powers(self, sound: Features) -> npt.NDArray[np.float64]:
        """Power of each channel: array [frame, channel]."""
        taper = np.sin(np.pi * np.arange(self.window) / self.window) ** 2  # a periodic Hann window
        scale = 2.0 / (self._n_fft * float(np.square(taper).sum()))
        frames = np.lib.stride_tricks.sliding_window_view(sound, self.window)[:: self.hop]
        weights = self._filters().weights
        power = np.empty((len(frames), self.n_channels))
        for first in range(0, len(frames), _BLOCK_FRAMES):
            block = slice(first, first + _BLOCK_FRAMES)
            spectrum = rfft(frames[block] * taper, self._n_fft, axis=1)
            power[block] = (spectrum.real**2 + spectrum.imag**2) @ weights
        return power * scale


def _silence() -> ParameterError:
    remedy = "All samples are the same; leave silent recordings out."
    return ParameterError("AuditoryFrontEnd.transform", "samples", "silence", "hold a sound", remedy)


def _slopes(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Slope of each feature by linear regression over the frames around: array [frame, feature]."""
    reach = np.arange(1, _DELTA_REACH + 1)
    padded = np.pad(values, ((_DELTA_REACH, _DELTA_REACH), (0, 0)), mode="edge")
    n = len(values)
    rise = sum(
        k
        * (padded[_DELTA_REACH + k : _DELTA_REACH + k + n] - padded[_DELTA_REACH - k : _DELTA_REACH - k + n])
        for k in reach
    )
    return np.asarray(rise / (2.0 * np.square(reach).sum()))
