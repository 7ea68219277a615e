"""Checkpoints: one safetensors file of arrays and JSON, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ..errors import ParameterError

__all__ = ["CheckpointError", "brief", "read_arrays", "read_checkpoint", "write_checkpoint"]

_FORMAT = "spikelab-checkpoint"
_VERSION = 1
_LONGEST_HEADER = 100_000_000
_LONGEST_TEXT = 160
_DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split(" ")  # noqa: SIM905
)


class CheckpointError(ParameterError):
    """A checkpoint that cannot be read: truncated, altered, of another program or of a newer version."""


def write_checkpoint(
    path: str | os.PathLike[str], arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]
) -> None:
    """Write arrays and a JSON description to one file, atomically.

    A reader sees the old file or the new one, never a part: the new one is written beside it, flushed
    to the disk, and then takes its name.

    Parameters
    ----------
    path : str or path
        File to write; replaced where it exists. Of a link, the file that it leads to.
    arrays : mapping of str to array
        Arrays of bool, integers or float; any shape.
    meta : mapping
        What JSON can hold; no NaN or infinity.

    Raises
    ------
    ParameterError
        If an array's dtype or a value of ``meta`` cannot be stored.
    CheckpointError
        If the path names a folder, a device or a pipe, or lies in a folder that cannot be written.
    OSError
        If writing fails on the way, as on a full disk; an older file of that name is left as it was.
    """
    _check_path("write_checkpoint", path)
    stored = {name: _storable(name, array) for name, array in arrays.items()}
    text = _json(meta)
    header = {
        "format": _FORMAT,
        "version": str(_VERSION),
        "meta": text,
        "digest": _digest(text, stored),
    }
    target = Path(os.path.realpath(path))
    if os.path.exists(target) and not os.path.isfile(target):
        # Not even replaced by accident: the file would take the place of /dev/null itself.
        what = "folder" if os.path.isdir(target) else "device or a pipe"
        raise CheckpointError("write_checkpoint", "path", os.fspath(path), "name a file", f"It is a {what}.")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    except OSError as error:
        need = f"lie in a folder that can be written ({error.strerror})"
        raise CheckpointError(
            "write_checkpoint", "path", os.fspath(path), need, "Make it, or choose another."
        ) from error
    os.close(handle)
    try:
        save_file(stored, temporary, metadata=header)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        # mkstemp makes the file private; a checkpoint gets the permissions of any new file.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_checkpoint(path: str | os.PathLike[str]) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Read a file of `write_checkpoint`, checking every byte of its content.

    Parameters
    ----------
    path : str or path
        File to read.

    Returns
    -------
    arrays : dict of str to array
        Writable copies.
    meta : dict
        The description.

    Raises
    ------
    CheckpointError
        If there is no such file, or it is truncated, altered, of another program or of a newer version.
    """
    _check_path("read_checkpoint", path)
    _check_extent(path)
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            _check_header(path, header)
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except CheckpointError:
        raise
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        remedy = f"Its header is damaged ({brief(error)})."
        raise _error(path, "be a readable checkpoint", remedy) from error
    text = header.get("meta", "")
    if _digest(text, arrays) != header.get("digest"):
        raise _error(
            path, "be unaltered", "Its content does not match its digest; use an earlier checkpoint."
        )
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError):
        meta = None
    if not isinstance(meta, dict):  # the digest holds no secret: anyone can write one that fits
        raise _error(path, "hold a description", "It was not written by write_checkpoint.")
    return arrays, meta


def read_arrays(
    path: str | os.PathLike[str], names: Sequence[str], missing: bool = False
) -> list[npt.NDArray[Any]]:
    """Read some arrays of a file of `write_checkpoint`, and no more of it than these.

    Parameters
    ----------
    path : str or path
        File to read.
    names : sequence of str
        Arrays to read.
    missing : bool
        Return an empty list if the file has not all of them.

    Returns
    -------
    list of array

    Raises
    ------
    CheckpointError
        If there is no such file, or it is truncated, of another program or lacks an array. Its digest is
        not looked at, which would take all of its bytes.
    """
    _check_path("read_arrays", path)
    _check_extent(path)
    try:
        with safe_open(path, framework="numpy") as file:
            _check_header(path, file.metadata() or {})
            known = set(file.keys())
            if missing and not known.issuperset(names):
                return []
            return [file.get_tensor(name) for name in names]
    except CheckpointError:
        raise
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _error(path, f"hold {', '.join(names)}", f"It does not ({brief(error)}).") from error


def brief(what: object) -> str:
    """Return the text of an error, or of a value from a file, short enough to read."""
    text = " ".join(str(what).split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def _check_path(owner: str, path: object) -> None:
    # An integer would be taken for an open file.
    if not isinstance(path, (str, os.PathLike)) or "\0" in os.fspath(path):
        raise CheckpointError(owner, "path", path, "be a path", 'Pass one such as "state.safetensors".')


def _check_extent(path: str | os.PathLike[str]) -> None:
    """Refuse a file that is no safetensors file, or that ends too early or too late."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(9)
            length = int.from_bytes(start[:8], "little")
            if len(start) == 9 and (start[8:] != b"{" or length > _LONGEST_HEADER):
                raise _foreign(path)
            if size < 8 + length or len(start) < 9:
                raise _truncated(path, size)
            file.seek(8)
            header = json.loads(file.read(length))
        end = max(
            (entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"), default=0
        )
    except FileNotFoundError:
        raise _error(path, "exist", "Check the path.") from None
    except IsADirectoryError:
        raise _error(path, "be a file", "It is a folder.") from None
    except OSError as error:
        raise _error(path, f"be readable ({error.strerror})", "Check its permissions.") from None
    except CheckpointError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise _error(path, "be unaltered", "Its header is damaged; use an earlier checkpoint.") from None
    if size < 8 + length + end:
        raise _truncated(path, size)
    if size > 8 + length + end:
        raise _error(path, "be unaltered", f"It has {size - 8 - length - end} bytes too many.")


def _check_header(path: str | os.PathLike[str], header: Mapping[str, str]) -> None:
    if header.get("format") != _FORMAT:
        raise _foreign(path)
    version = header.get("version", "")
    if not version.isdigit():
        raise _error(path, "be unaltered", f"Its version is {brief(version)!r}.")
    if int(version) > _VERSION:
        raise _error(
            path,
            f"have version {_VERSION} or lower",
            f"It has version {brief(version)}, of a newer spikelab; upgrade to read it.",
        )


def _storable(name: object, array: object) -> npt.NDArray[Any]:
    if not isinstance(name, str) or not name or name == "__metadata__":
        raise ParameterError("write_checkpoint", "arrays", name, "have non-empty names of type str")
    given = np.asarray(array)
    if given.dtype.name not in _DTYPES:
        raise ParameterError(
            "write_checkpoint",
            f"arrays[{name!r}]",
            given.dtype.name,
            "hold bool, integers or float up to 64 bits",
            "Objects are never stored; put text into meta.",
        )
    # Not ascontiguousarray, which would give an array without axes one.
    return np.array(given.astype(given.dtype.newbyteorder("="), copy=False), order="C", copy=None)


def _json(meta: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(dict(meta), sort_keys=True, allow_nan=False, separators=(",", ":"))
        same = json.loads(text) == meta
    except (TypeError, ValueError) as error:
        raise ParameterError(
            "write_checkpoint", "meta", meta, "hold what JSON can hold", f"Put arrays into arrays ({error})."
        ) from None
    if not same:
        raise ParameterError(
            "write_checkpoint",
            "meta",
            meta,
            "come back from JSON as it went in",
            "Use lists, and str as keys.",
        )
    return text


def _digest(text: str, arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    state = blake2b(digest_size=32)
    head = [[name, arrays[name].dtype.name, list(arrays[name].shape)] for name in sorted(arrays)]
    state.update(json.dumps([_FORMAT, _VERSION, text, head]).encode())
    for name in sorted(arrays):
        # A view of the bytes spares a copy of large arrays.
        state.update(arrays[name].reshape(-1).view(np.uint8).data)
    return state.hexdigest()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _foreign(path: str | os.PathLike[str]) -> CheckpointError:
    return _error(path, "be a spikelab checkpoint", "It was written by another program.")


def _truncated(path: str | os.PathLike[str], size: int) -> CheckpointError:
    return _error(path, "be whole", f"It ends early, after {size} bytes; use an earlier checkpoint.")


def _error(path: str | os.PathLike[str], need: str, remedy: str) -> CheckpointError:
    return CheckpointError("read_checkpoint", "path", os.fspath(path), need, remedy)
