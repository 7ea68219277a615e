"""PhysioNet's record format: signals of format 212 and beat annotations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import DataFileError

__all__ = ["ABNORMAL_BEATS", "RecordHeader", "parse_annotations", "parse_header", "parse_signal_212"]

# Codes of annotations that mark a beat other than a normal one (N, code 1): bundle branch block, premature,
# escape, fused, paced and unclassifiable beats; of WFDB's header ecgcodes.h.
ABNORMAL_BEATS = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 30, 34, 35, 38})
_SKIP, _AUX = 59, 63
_WITHOUT_TIME = frozenset({60, 61, 62})


@dataclass(frozen=True)
class RecordHeader:
    """What a ``.hea`` file says.

    Attributes
    ----------
    rate_hz : float
    length : int
        Samples of each signal.
    channels : tuple of str
        Names of the leads.
    gains, baselines : tuple of float
        Millivolts are ``(stored - baseline) / gain``.
    """

    rate_hz: float
    length: int
    channels: tuple[str, ...]
    gains: tuple[float, ...]
    baselines: tuple[float, ...]


def parse_header(text: str, name: str) -> RecordHeader:
    """Parse a ``.hea`` file whose signals all have format 212.

    Parameters
    ----------
    text : str
    name : str
        Named in errors.

    Raises
    ------
    DataFileError
        If the text is of another form.
    """
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        _, signals, rate, length = lines[0][:4]
        rows = lines[1 : 1 + int(signals)]
        if len(rows) != int(signals) or any(row[1] != "212" for row in rows):
            raise ValueError(f"{signals} signals of format 212 are needed")
        return RecordHeader(
            rate_hz=float(rate),
            length=int(length),
            channels=tuple(" ".join(row[8:]) for row in rows),
            gains=tuple(float(row[2]) for row in rows),
            baselines=tuple(float(row[4]) for row in rows),
        )
    except (IndexError, ValueError) as error:
        raise DataFileError(f"{name}: is not the header of a record of format 212: {error}.") from None


def parse_signal_212(content: bytes, header: RecordHeader, name: str) -> npt.NDArray[np.float64]:
    """Unpack samples of 12 bits, two in three bytes: array [time, channel], float64, mV."""
    count = header.length * len(header.channels)
    if len(content) < (count * 3 + 1) // 2:
        raise DataFileError(
            f"{name}: is truncated: {(count * 3 + 1) // 2:,} bytes are promised, {len(content):,} are there."
        )
    whole = np.frombuffer(content[: len(content) // 3 * 3], np.uint8).reshape(-1, 3).astype(np.int32)
    stored = np.empty((len(whole), 2), np.int32)
    stored[:, 0] = whole[:, 0] | (whole[:, 1] & 0x0F) << 8
    stored[:, 1] = whole[:, 2] | (whole[:, 1] & 0xF0) << 4
    stored -= (stored > 2047) * 4096  # two's complement
    values = stored.ravel()[:count].reshape(header.length, -1)
    millivolts: npt.NDArray[np.float64] = (values - np.array(header.baselines)) / np.array(header.gains)
    return millivolts


def parse_annotations(content: bytes, name: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Parse a file of annotations in MIT format.

    Parameters
    ----------
    content : bytes
        Words of 16 bits: six of code, ten of samples since the last annotation.
    name : str
        Named in errors.

    Returns
    -------
    samples, codes : array [annotation], int64
        Where each stands, and its code.

    Raises
    ------
    DataFileError
        If the file ends without its mark.
    """
    words = np.frombuffer(content[: len(content) // 2 * 2], "<u2").tolist()
    samples: list[int] = []
    codes: list[int] = []
    at = now = 0
    while at < len(words):
        code, number = words[at] >> 10, words[at] & 0x3FF
        at += 1
        if code == number == 0:
            return np.array(samples, dtype=np.int64), np.array(codes, dtype=np.int64)
        if code == _SKIP and at + 1 < len(words):  # an interval of 32 bits, high word first
            now += words[at] << 16 | words[at + 1]
            at += 2
        elif code == _AUX:
            at += (number + 1) // 2
        elif code not in _WITHOUT_TIME:
            now += number
            samples.append(now)
            codes.append(code)
    raise DataFileError(f"{name}: is truncated: it ends without its end mark.")
