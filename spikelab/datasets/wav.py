"""Reading of WAV files of any rate and width, whole or block by block."""

from __future__ import annotations

import io
import os
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from ..units import require_positive, require_scalar
from .errors import DataFileError, MissingDataError
from .home import as_path

__all__ = ["WavForm", "decode_wav", "parse_wav_header", "read_wav", "wav_blocks", "wav_form"]

Samples = npt.NDArray[np.float32]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CODECS = {2: "ADPCM", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x31: "GSM", 0x50: "MPEG", 0x55: "MP3"}
_OTHERS = {
    b"fLaC": "FLAC",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    b"\xff\xfb": "MP3",
    b"FORM": "AIFF",
    b"RIFX": "RIFX",
}
_CONVERT = "Convert it, as by `ffmpeg -i FILE -c:a pcm_s16le new.wav`."
_CLIPPED_SHARE = 1e-3
_CLIPPED_RUN_S = 0.25e-3  # the top of a loud tone is flat for less


@dataclass(frozen=True)
class WavForm:
    """How the samples of a WAV file are stored.

    Attributes
    ----------
    rate_hz : int
    channels : int
    bits : int
        Width of a stored sample: 8, 16, 24, 32 or 64.
    real : bool
        Floating point instead of integers.
    start : int
        Byte at which the samples begin.
    frames : int
        Samples of each channel.
    """

    rate_hz: int
    channels: int
    bits: int
    real: bool
    start: int
    frames: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate_hz


def read_wav(path: str | os.PathLike[str], *, longest_s: float = 600.0) -> tuple[Samples, int]:
    """Read a whole WAV file.

    Parameters
    ----------
    path : path
        Integers of 8, 16, 24 or 32 bits, or floats of 32 or 64 bits; any rate, any number of channels.
    longest_s : float, s
        A longer recording is refused before its samples are read: `wav_blocks` reads those.

    Returns
    -------
    samples : array [time], float32
        In [-1, 1]; channels are mixed by their mean.
    rate_hz : int

    Raises
    ------
    DataFileError
        If the file is no WAV, is truncated, empty or silent, too long, or of a compressed kind.

    Warns
    -----
    UserWarning
        If more than a thousandth of the samples are clipped.
    """
    longest = require_scalar("read_wav", "longest_s", longest_s)
    require_positive("read_wav", "longest_s", longest, "s")
    with _open(path) as file:
        form = parse_wav_header(file, str(path))
        if form.duration_s > longest:
            megabytes = form.frames * 4 / 1e6
            raise DataFileError(
                f"{path}: lasts {form.duration_s:,.0f} s, {megabytes:,.0f} MB as float32; at most "
                f"{longest:g} s are read at once. Cut it, raise longest_s, or read it with wav_blocks."
            )
        samples = decode_wav(file.read(form.frames * form.frame_bytes), form, str(path))
    if not samples.any():
        cancel = " Or do the channels cancel each other? Keep one of them." if form.channels > 1 else ""
        raise DataFileError(
            f"{path}: every sample is zero. Is the microphone muted or the channel empty?{cancel}"
        )
    share = _clipped_share(samples, form)
    if share > _CLIPPED_SHARE:
        warnings.warn(f"{path}: {share:.1%} of the samples are clipped.", UserWarning, stacklevel=2)
    return samples, form.rate_hz


def wav_blocks(path: str | os.PathLike[str], block_s: float = 1.0) -> Iterator[Samples]:
    """Read a WAV file of any length block by block, in the memory of one block.

    Parameters
    ----------
    path : path
    block_s : float, s
        Length of a block; the last one may be shorter.

    Yields
    ------
    array [time], float32
        As from `read_wav`; silence is passed on.

    Raises
    ------
    DataFileError
        If the file is no WAV, is truncated or empty, or of a compressed kind.
    """
    require_positive("wav_blocks", "block_s", require_scalar("wav_blocks", "block_s", block_s), "s")
    with _open(path) as file:
        form = parse_wav_header(file, str(path))
        block = max(1, round(block_s * form.rate_hz))
        for start in range(0, form.frames, block):
            frames = min(block, form.frames - start)
            yield decode_wav(file.read(frames * form.frame_bytes), form, str(path), start)


def wav_form(path: str | os.PathLike[str]) -> WavForm:
    """Read the header of a WAV file: rate, channels, width and length, without the samples.

    Parameters
    ----------
    path : path

    Returns
    -------
    WavForm

    Raises
    ------
    DataFileError
        If the file is no WAV, is truncated or empty, or of a compressed kind.
    """
    with _open(path) as file:
        return parse_wav_header(file, str(path))


def _clipped_share(samples: Samples, form: WavForm) -> float:
    """The share of samples that stand at full scale for a while, three at least."""
    full_scale = 1.0 - 1.5 * 2.0 ** (1 - min(form.bits, 16))  # the largest integer lies one step below 1
    full = np.abs(samples) >= full_scale
    edges = np.flatnonzero(np.diff(np.concatenate(([False], full, [False])).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return float(lengths[lengths >= max(3, _CLIPPED_RUN_S * form.rate_hz)].sum() / len(samples))


def parse_wav_header(file: BinaryIO, name: str) -> WavForm:
    """Read the header of an open WAV file and leave the file at the first sample.

    Parameters
    ----------
    file : binary file
        Open at its start; seekable.
    name : str
        Named in errors.

    Raises
    ------
    DataFileError
        With what is wrong and what to do.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if not head:
        raise DataFileError(f"{name}: the file is empty.")
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        kind = next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), "")
        raise DataFileError(f"{name}: is not a WAV file{f' but {kind}' if kind else ''}. {_CONVERT}")
    layout: tuple[int, int, int, bool] | None = None
    long_data: int | None = None
    while True:
        chunk = file.read(8)
        if len(chunk) < 8:
            lacks = "samples" if layout else "format"
            raise DataFileError(f"{name}: the file ends before its {lacks}. Is it complete?")
        tag, length = struct.unpack("<4sI", chunk)
        if tag == b"data":
            break
        body = file.read(length + length % 2) if tag in (b"fmt ", b"ds64") else b""
        if tag == b"fmt ":
            layout = _layout(body[:length], name)
        elif tag == b"ds64" and len(body) >= 16:
            long_data = struct.unpack_from("<Q", body, 8)[0]
        else:
            file.seek(length + length % 2, io.SEEK_CUR)
    if layout is None:
        raise DataFileError(f"{name}: the samples stand before their format. {_CONVERT}")
    start = file.tell()
    if head[:4] == b"RF64" and long_data is not None and length == 0xFFFFFFFF:
        length = long_data
    elif length == 0xFFFFFFFF:  # a stream whose writer could not go back
        length = size - start
    if length > size - start:
        raise DataFileError(
            f"{name}: is truncated: {length:,} bytes of samples are promised, {size - start:,} are there. "
            "Get the file again."
        )
    rate_hz, channels, bits, real = layout
    frames = length // (channels * bits // 8)
    if frames == 0:
        behind = size - start - length
        broken = f" {behind:,} bytes follow. Was the recording broken off?" if behind > 8 else ""
        raise DataFileError(f"{name}: holds no samples: its length is zero.{broken}")
    return WavForm(rate_hz, channels, bits, real, start, frames)


def _layout(body: bytes, name: str) -> tuple[int, int, int, bool]:
    """Rate, channels, bits of a stored sample, and whether they are floats."""
    if len(body) < 16:
        raise DataFileError(
            f"{name}: its format takes {len(body)} bytes instead of 16. Is the file complete?"
        )
    codec, channels, rate_hz, _, align, _ = struct.unpack_from("<HHIIHH", body)
    if codec == _EXTENSIBLE and len(body) >= 26:
        codec = struct.unpack_from("<H", body, 24)[0]
    if codec not in (_PCM, _FLOAT):
        raise DataFileError(f"{name}: holds {_CODECS.get(codec, f'codec {codec}')}, not PCM. {_CONVERT}")
    if not channels or not rate_hz or align % channels:
        raise DataFileError(
            f"{name}: claims {channels} channels, {rate_hz} Hz and {align} bytes a frame. {_CONVERT}"
        )
    # What counts is the room that a sample takes: 20 bits stand left-aligned in 24.
    bits = 8 * (align // channels)
    if bits not in ((32, 64) if codec == _FLOAT else (8, 16, 24, 32)):
        kind = "floats" if codec == _FLOAT else "integers"
        raise DataFileError(f"{name}: holds {kind} of {bits} bits, which are not read. {_CONVERT}")
    return rate_hz, channels, bits, codec == _FLOAT


def decode_wav(raw: bytes, form: WavForm, name: str, first: int = 0) -> Samples:
    """Turn stored samples into float32 in [-1, 1], channels mixed by their mean."""
    if len(raw) % form.frame_bytes:
        raise DataFileError(f"{name}: is truncated within a sample. Get the file again.")
    values: npt.NDArray[np.floating]
    if form.real:
        values = np.frombuffer(raw, f"<f{form.bits // 8}")
        if not np.isfinite(values).all():
            frame = first + int(np.argmin(np.isfinite(values))) // form.channels
            raise DataFileError(f"{name}: the sample at {frame / form.rate_hz:.6g} s is not finite.")
        values = np.clip(values, -1.0, 1.0).astype(np.float32)
    elif form.bits == 8:  # the only width without a sign
        values = (np.frombuffer(raw, np.uint8).astype(np.float32) - 128.0) / 128.0
    elif form.bits == 24:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        values = wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2.0**31)
    else:
        whole = np.frombuffer(raw, f"<i{form.bits // 8}")
        values = whole.astype(np.float32) / np.float32(2.0 ** (form.bits - 1))
    if form.channels > 1:
        values = values.reshape(-1, form.channels).mean(axis=1, dtype=np.float32)
    return np.asarray(values, dtype=np.float32)


def _open(path: str | os.PathLike[str]) -> BinaryIO:
    try:
        file = as_path("read_wav", path).open("rb")
    except OSError as error:
        reason = error.strerror or str(error)
        raise MissingDataError(f"{path}: cannot be read: {reason}. Check the path.") from None
    if not file.seekable():
        file.close()
        raise DataFileError(f"{path}: is a pipe, whose length nobody knows. Write it to a file first.")
    return file
