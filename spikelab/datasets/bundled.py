"""Reading of the files that come with the package."""

from __future__ import annotations

import hashlib
import lzma
from importlib import resources

from .errors import DataFileError

__all__ = ["bundled_text"]


def bundled_text(name: str, sha256: str) -> str:
    """Return the text of ``data/NAME.xz``, whose unpacked bytes must have the sum ``sha256``.

    Raises
    ------
    DataFileError
        If the file is damaged.
    """
    packed = resources.files("spikelab.datasets").joinpath("data", f"{name}.xz").read_bytes()
    try:
        content = lzma.decompress(packed)
    except lzma.LZMAError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataFileError(f"The bundled file {name}.xz is damaged. Install spikelab again.")
    return content.decode("utf-8")
