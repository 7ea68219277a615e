"""Sound as it comes, made ready: checked, brought to one rate, its silent ends cut off."""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_integer

__all__ = ["MOST_RATE_HZ", "as_samples", "resample", "trim_bounds"]

Sound = npt.NDArray[np.float32]

MOST_RATE_HZ = 768_000


def as_samples(owner: str, samples: Any, parameter: str = "samples") -> Sound:
    """Check the samples of one recording.

    Parameters
    ----------
    owner, parameter : str
        Named in errors.
    samples : array [time]
        Floating-point numbers as they are; signed integers are divided by their full scale.

    Returns
    -------
    array [time], float32

    Raises
    ------
    ParameterError
        If they are no real numbers, not of one axis, none at all, or not finite (with the index).
    """
    try:
        raw = np.asarray(samples)
    except ValueError:
        raise ParameterError(owner, parameter, samples, "be an array [time]") from None
    if raw.dtype.kind not in "if" or np.ma.is_masked(samples):
        need = "hold floating-point numbers or signed integers, none of them masked"
        raise ParameterError(owner, parameter, f"array of {raw.dtype}", need)
    if raw.ndim != 1:
        remedy = "Average the channels: samples.mean(axis=1)." if raw.ndim == 2 else ""
        raise ParameterError(owner, parameter, f"array of shape {raw.shape}", "have shape (time,)", remedy)
    if raw.size == 0:
        raise ParameterError(owner, parameter, "no samples", "hold a sound", "Leave empty recordings out.")
    if raw.dtype.kind == "i":
        return np.asarray(raw / -float(np.iinfo(raw.dtype).min), dtype=np.float32)
    with np.errstate(over="ignore"):
        sound = np.ascontiguousarray(raw, dtype=np.float32)
    finite = np.isfinite(sound)
    if not finite.all():
        at = int(np.argmin(finite))
        remedy = "Cut the gap out, or fill it with silence."
        raise ParameterError(owner, f"{parameter}[{at}]", float(raw[at]), "be finite in float32", remedy)
    return sound


def resample(owner: str, sound: Sound, from_hz: Any, to_hz: int) -> Sound:
    """Bring a sound to another rate by a polyphase filter (`scipy.signal.resample_poly`).

    Raises
    ------
    ParameterError
        If the rate is not a whole number of Hz that a sound card could have.
    """
    rate = require_integer(
        owner, "rate_hz", from_hz, 1, "It is the number of samples a second.", MOST_RATE_HZ
    )
    if rate == to_hz:
        return sound
    from scipy.signal import resample_poly

    common = gcd(rate, to_hz)
    up, down = to_hz // common, rate // common
    taps: Any = _low_pass(max(up, down))  # the stubs know no filter of one's own
    return np.asarray(resample_poly(sound, up, down, window=taps), dtype=np.float32)


@lru_cache(maxsize=8)
def _low_pass(factor: int) -> npt.NDArray[np.float32]:
    """Return the filter that `scipy.signal.resample_poly` would design anew for each recording."""
    from scipy.signal import firwin

    return np.asarray(firwin(20 * factor + 1, 1.0 / factor, window=("kaiser", 5.0)), dtype=np.float32)


def trim_bounds(sound: Sound, window: int, hop: int, below_db: float) -> tuple[int, int]:
    """Find the part between the first and the last window that is not silent.

    Parameters
    ----------
    sound : array [time], float32
    window, hop : int
        Samples.
    below_db : float, dB
        A window is silent whose mean square lies more than this below the largest of all windows.

    Returns
    -------
    (int, int)
        First sample and the one after the last; at least one window.
    """
    total = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    starts = np.arange(0, sound.size - window + 1, hop)
    power = total[starts + window] - total[starts]
    loud = np.flatnonzero(power >= power.max() * 10.0 ** (-below_db / 10.0))
    return int(starts[loud[0]]), int(starts[loud[-1]]) + window
