"""The cache folder: whole kernel modules under the hash of their text.

Numba's own cache looks only at the file of the function that it compiles, and
serves stale code when a helper in another file has changed. Every kernel is
therefore loaded from one file that holds the kernel and all that it calls, and
whose name is the hash of that text.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import stat
import sys
import tempfile
import threading
from pathlib import Path
from types import ModuleType

import platformdirs

from spikelab_kernels.errors import ParameterError

__all__ = ["CacheError", "cache_folder", "check_folder", "flatten", "is_kept", "load_text"]

_HERE = Path(__file__).parent
_PACKAGE = "spikelab_kernels.cpu."
_MATH = "spikelab_kernels.math"
_LOADING = threading.RLock()  # no thread sees a module that another has not yet executed
# as calls, the larger functions would keep the loops around them from vectorising
_DECORATOR = '@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)'


class CacheError(ParameterError):
    """A cache folder that cannot be used safely."""


def cache_folder() -> Path:
    """The folder of generated kernels: ``SPIKELAB_CACHE_DIR``, or the user's cache folder."""
    chosen = os.environ.get("SPIKELAB_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("spikelab", appauthor=False))


def check_folder(folder: Path) -> Path:
    """Make `folder` if need be and refuse one from which code must not be run.

    Raises
    ------
    CacheError
        If it cannot be written, or other users could plant code in it.
    """
    remedy = "Set SPIKELAB_CACHE_DIR to a folder of your own that can be written."
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CacheError(
            "cache", "SPIKELAB_CACHE_DIR", str(folder), f"be writable ({error.strerror})", remedy
        ) from None
    if os.name == "posix":
        status = folder.stat()
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            need = "not be writable by other users, because compiled code is run from it"
            raise CacheError("cache", "SPIKELAB_CACHE_DIR", str(folder), need, f"Run: chmod go-w '{folder}'")
        if status.st_uid not in (os.getuid(), 0):
            need = "belong to you, because compiled code is run from it"
            raise CacheError("cache", "SPIKELAB_CACHE_DIR", str(folder), need, remedy)
    return folder


def load_text(name: str, text: str) -> ModuleType:
    """Import `text` as a module kept in the cache folder under its hash.

    Parameters
    ----------
    name : str
        Readable first part of the file name.
    text : str
        Source of the module; it must not import siblings (see :func:`flatten`).

    Returns
    -------
    module
        The same object for the same text within one process.
    """
    digest = _digest(text)
    module_name = f"spikelab_generated_{name}_{digest}"
    with _LOADING:
        return sys.modules.get(module_name) or _load(module_name, f"{name}_{digest}.py", text)


def is_kept(name: str, text: str) -> bool:
    """Whether `load_text` has kept this module before, and so most likely its compiled code."""
    return (cache_folder() / f"{name}_{_digest(text)}.py").is_file()


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def _load(module_name: str, file_name: str, text: str) -> ModuleType:
    path = check_folder(cache_folder()) / file_name
    if not path.is_file() or path.read_bytes() != text.encode():
        _write_atomically(path, text.encode())
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # Numba looks its module up while it compiles
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return module


def _write_atomically(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)


def flatten(text: str) -> str:
    """Replace imports of sibling kernels and own math by what they import.

    ``from spikelab_kernels.cpu.x import f`` is replaced by the whole of ``x``
    and ``from spikelab_kernels.math import tanh_f32`` by the scalar jitted form
    of the function.
    """
    return "\n".join(_flat(text, set())) + "\n"


def _flat(text: str, done: set[str]) -> list[str]:
    lines = text.splitlines()
    result: list[str] = []
    position = 0
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        if not (node.module.startswith(_PACKAGE) or node.module == _MATH):
            continue
        result += lines[position : node.lineno - 1]
        position = node.end_lineno or node.lineno
        if node.module == _MATH:
            result += _printed_math([alias.name for alias in node.names], done)
        elif node.module not in done:
            done.add(node.module)
            sibling = _HERE / "cpu" / f"{node.module.removeprefix(_PACKAGE)}.py"
            result += _without_header(_flat(sibling.read_text(encoding="utf-8"), done))
    return result + lines[position:]


def _without_header(lines: list[str]) -> list[str]:
    """Drop the line that must stand first in a file, which this text no longer does."""
    return [line for line in lines if line != "from __future__ import annotations"]


def _printed_math(names: list[str], done: set[str]) -> list[str]:
    from spikelab_kernels import math
    from spikelab_kernels.ir.numba_printer import print_function

    lines: list[str] = []
    for name in names:
        if f"{_MATH}.{name}" not in done:
            done.add(f"{_MATH}.{name}")
            dtype = "float32" if name.endswith("_f32") else "float64"
            lines += print_function(getattr(math, name), dtype, _DECORATOR).splitlines()
    return lines
