"""``result.json``: one dictionary that holds everything the page shows."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ParameterError

__all__ = ["plain", "require_writable", "summarise", "write_json", "write_text"]


def summarise(values: Iterable[float]) -> dict[str, Any]:
    """Mean, standard deviation (n - 1; zero for one value), n, and the values themselves."""
    data = [float(value) for value in values]
    mean = math.fsum(data) / len(data)
    spread = math.fsum((value - mean) ** 2 for value in data)
    std = math.sqrt(spread / (len(data) - 1)) if len(data) > 1 else 0.0
    return {"mean": mean, "std": std, "n": len(data), "values": data}


def plain(value: Any) -> Any:
    """The same value in JSON's types; non-finite numbers become None, unknown objects their text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def require_writable(owner: str, parameter: str, path: Path) -> None:
    """Refuse a file that cannot be written, before the work that would be lost; make its folder.

    Raises
    ------
    ParameterError
        If `path` is there and no file, or nothing can be written beside it.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        need = "name a file, not a folder, a device or a pipe"
        raise ParameterError(owner, parameter, str(path), need)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Longer than the name itself, as the temporary neighbour will be that is written to.
        handle, probe = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ParameterError(owner, parameter, str(path), "be writable", f"{reason}.") from error
    os.close(handle)
    os.unlink(probe)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write `document` whole or not at all."""
    write_text(path, json.dumps(plain(document), indent=1, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file through a temporary neighbour, so that no reader sees half of it.

    Bytes of file names that are no text stand as ``\\udcff``.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.write(text)
        # mkstemp makes private files; a report is meant to be opened like any other new file.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
