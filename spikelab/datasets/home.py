"""Where data sets lie, and reading of their files with their sums checked."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from pathlib import Path

from ..errors import ParameterError
from .errors import DataFileError, MissingDataError
from .registry import DatasetEntry, KnownFile, find_dataset

__all__ = [
    "as_path",
    "content_digest",
    "coverage_of",
    "data_home",
    "how_to_get",
    "open_dataset",
    "read_checked",
]


def data_home() -> Path:
    """Return the folder under which data sets are looked for.

    Returns
    -------
    Path
        What the environment variable ``SPIKELAB_DATA`` names, else ``spikelab-data`` where the user's caches
        are; beside the compiled kernels, not among them, so that clearing those costs no download.

    Examples
    --------
    >>> isinstance(data_home(), Path)
    True
    """
    named = os.environ.get("SPIKELAB_DATA")
    if named:
        return Path(os.path.expanduser(named))
    import platformdirs

    return Path(platformdirs.user_cache_dir("spikelab-data", appauthor=False))


def as_path(owner: str, path: object) -> Path:
    """Return a path that was passed, ``~`` replaced by the user's folder."""
    if not isinstance(path, (str, os.PathLike)) or "\0" in os.fspath(path):
        raise ParameterError(owner, "path", path, "be a path", 'Pass one such as "data/series.csv".')
    # Path.expanduser raises where no user has that name; then ~ is a letter like any other.
    return Path(os.path.expanduser(path))


def open_dataset(
    name: str, folder: str | os.PathLike[str] | None, download: bool
) -> tuple[DatasetEntry, Path]:
    """Return a data set's entry and the folder that holds it, fetched first if that is asked for."""
    entry = find_dataset(f"load_{name}", name)
    place = as_path(f"load_{name}", folder) if folder is not None else data_home() / entry.name
    if download and folder is None and (entry.mirrors or not os.path.isdir(place)):
        from .download import fetch

        fetch(name)
    if not os.path.isdir(place):
        raise MissingDataError(f"{entry.title}: there is no folder {place}. {how_to_get(entry)}")
    if not os.access(place, os.R_OK | os.X_OK):
        raise MissingDataError(f"{entry.title}: {place} cannot be read: Permission denied.")
    return entry, place


def how_to_get(entry: DatasetEntry) -> str:
    """Say in a sentence or two where the files of a data set come from."""
    place = f"the folder that has {entry.name} in it"
    if entry.mirrors:
        return f"Run `spikelab data fetch {entry.name}`, or set SPIKELAB_DATA to {place}."
    return f"{entry.elsewhere} SPIKELAB_DATA names {place}."


def coverage_of(entry: DatasetEntry, found: int, unchecked: int = 0) -> str:
    """Say how much of a data set was found, and of how much no checksum is known."""
    assert entry.parts is not None
    _, total, noun = entry.parts
    return f"{found:,} of {total:,} {noun}" + (
        f"; {unchecked:,} without a known checksum" if unchecked else ""
    )


def read_checked(entry: DatasetEntry, folder: Path, path: str) -> bytes:
    """Return the bytes of a file; a known one must be what it was."""
    place = folder / path
    try:
        content = place.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise MissingDataError(
            f"{entry.title}: {place} cannot be read: {reason}. {how_to_get(entry)}"
        ) from None
    if not content:
        raise DataFileError(f"{place} is empty. {_again(entry)}")
    known = entry.files.get(path)
    if known is not None and content_digest(entry, known, content) != known.sha256:
        raise DataFileError(
            f"{place} is altered or cut off: its checksum is not the known one. {_again(entry)}"
        )
    return content


def _again(entry: DatasetEntry) -> str:
    if entry.mirrors:
        return f"Run `spikelab data fetch {entry.name}` to replace it."
    return f"Get it again. {entry.elsewhere}".rstrip()


def content_digest(entry: DatasetEntry, known: KnownFile, content: bytes) -> str:
    """Return the sha256 of what counts in a file; empty if the content is not of the file's form."""
    if known.form == "unpacked":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return ""
    elif known.form == "text":
        content = content.replace(b"\r\n", b"\n")
    elif known.form == "words":
        content = b" ".join(content.split())
    elif known.form == "header":
        lines = [line.strip() for line in content.splitlines()]
        content = b"\n".join(line for line in lines if line and not line.startswith(b"#"))
    elif known.form == "labels":
        # Upstream's file has more series than those whose sums are known; the known entries must agree.
        try:
            entries = json.loads(content)
            series = sorted(path.removeprefix("data/") for path in entry.files if path.startswith("data/"))
            content = json.dumps([[name, entries[name]] for name in series]).encode()
        except (ValueError, KeyError, TypeError):
            return ""
    return hashlib.sha256(content).hexdigest()
