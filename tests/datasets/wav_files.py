"""WAV files made by hand, byte by byte, right and wrong ones."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

CODES = {8: 1, 16: 1, 24: 1, 32: 1, -32: 3, -64: 3}  # negative widths are floats


def stored(values: np.ndarray, bits: int) -> bytes:
    """Values in [-1, 1) as a WAV file stores them."""
    if bits < 0:
        return values.astype(f"<f{-bits // 8}").tobytes()
    if bits == 8:
        return (np.round(values * 127) + 128).astype(np.uint8).tobytes()
    whole = np.round(values * (2 ** (bits - 1) - 1)).astype("<i4")
    if bits == 24:
        return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return whole.astype(f"<i{bits // 8}").tobytes()


def header(size: int, bits: int = 16, rate: int = 8000, channels: int = 1, code: int | None = None) -> bytes:
    width = abs(bits) // 8
    code = CODES[bits] if code is None else code
    form = struct.pack("<HHIIHH", code, channels, rate, rate * channels * width, channels * width, abs(bits))
    if code == 0xFFFE:
        form += (
            struct.pack("<HHIH", 22, abs(bits), 0, CODES[bits]) + b"\x00\x00\x00\x00\x10\x00" + b"\x80" * 8
        )
    # A chunk of odd length that nobody knows stands before the samples, padded as the format demands.
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"LIST" + struct.pack("<I", 3) + b"abc\x00"
    chunks += b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", min(4 + len(chunks) + size, 0xFFFFFFFF)) + b"WAVE" + chunks


def write_wav(
    path: Path, values: np.ndarray, bits: int = 16, rate: int = 8000, code: int | None = None
) -> Path:
    """Write values [time] or [time, channel]."""
    content = stored(values.ravel(), bits)
    channels = 1 if values.ndim == 1 else values.shape[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(len(content), bits, rate, channels, code) + content)
    return path


def tone(samples: int = 800, amplitude: float = 0.5) -> np.ndarray:
    return amplitude * np.sin(0.2 * np.arange(samples))
