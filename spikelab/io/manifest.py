"""The manifest of a recording: what it is of, and its shards in order."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .checkpoint import CheckpointError

__all__ = ["FORMAT", "VERSION", "exists", "read_manifest", "span", "write_manifest"]

FORMAT = "spikelab-recording"
VERSION = 1
_NAME = "manifest.json"
_SHARD = re.compile(r"part-\d{6,}\.safetensors")


def exists(folder: Path) -> bool:
    """Whether the folder holds a manifest."""
    return (folder / _NAME).exists()


def span(manifest: Mapping[str, Any]) -> tuple[int, int]:
    """First step and the one after the last."""
    start = int(manifest["t0_step"])
    return start, start + sum(int(shard["n_steps"]) for shard in manifest["shards"])


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    CheckpointError
        If there is none, or it is damaged or of a newer version.
    """
    path = folder / _NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        known = manifest["format"] == FORMAT
        newer = int(manifest["version"]) > VERSION
        span(manifest), manifest["populations"], manifest["dt_ms"]
        for shard in manifest["shards"]:  # no other file is read, or removed, because a manifest names it
            if not _SHARD.fullmatch(shard["file"]):
                raise ValueError(f"it names {shard['file']!r}")
    except FileNotFoundError:
        need, remedy = "be the folder of a recording", "Write one by Record(to=folder)."
        raise CheckpointError("open_recording", "folder", os.fspath(folder), need, remedy) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        need = f"hold a readable {_NAME} ({error})"
        raise CheckpointError("open_recording", "folder", os.fspath(folder), need) from None
    if not known or newer:
        need = f"hold a recording of version {VERSION} or lower"
        remedy = "It is of a newer spikelab; upgrade to read it." if known else ""
        raise CheckpointError("open_recording", "folder", os.fspath(folder), need, remedy)
    return dict(manifest)


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest, whole or not at all."""
    temporary = folder / f".{_NAME}.{os.getpid()}.part"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(manifest, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / _NAME)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
