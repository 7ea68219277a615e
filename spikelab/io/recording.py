"""Write a recording: a folder of shards, each whole or absent, and a manifest that lists them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from ..errors import ParameterError, SpikelabError
from ..result import Result
from .checkpoint import CheckpointError, write_checkpoint
from .manifest import FORMAT, VERSION, exists, read_manifest, span, write_manifest
from .recorded import result_of
from .shard import Shard, arrays_of

__all__ = ["RecordingError", "RecordingWriter"]


class RecordingError(SpikelabError, OSError):
    """A recording could not be written.

    Attributes
    ----------
    rest : Result
        What was simulated and not written; it is in memory.
    """

    rest: Result


class RecordingWriter:
    """Writes shards into a folder.

    Parameters
    ----------
    folder : str
        Made where it is missing. A recording that it holds is continued.
    layout : mapping
        What the recording is of: time step, populations, what is kept of each.

    Raises
    ------
    ParameterError
        If the folder holds anything else, or a recording of something else or of another time.
    """

    def __init__(self, folder: str | os.PathLike[str], layout: Mapping[str, Any]):
        self.folder, self.failed = Path(folder), False
        fresh = {"format": FORMAT, "version": VERSION, **layout, "shards": []}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in self.folder.iterdir() if not entry.name.startswith(".")}
        except OSError as error:
            need = f"be a folder that can be written ({error.strerror})"
            raise ParameterError("Record", "to", os.fspath(folder), need) from None
        if names and not exists(self.folder):
            need = "be empty or hold a recording"
            raise ParameterError("Record", "to", os.fspath(folder), need, "Name a new folder.")
        self._manifest = read_manifest(self.folder) if names else fresh
        again = self._go_on(layout)
        self._own = len(self._manifest["shards"])
        write_manifest(self.folder, self._manifest)
        for entry in again:
            (self.folder / entry["file"]).unlink(missing_ok=True)

    def _go_on(self, layout: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Make the recording end where the run begins; return the shards that it will make again."""
        known, t0, dt_ms = self._manifest, layout["t0_step"], layout["dt_ms"]
        same = {key: known.get(key) for key in layout} | {"t0_step": t0} == dict(layout)
        if not same:
            need = "hold a recording of the same network, time step and record"
            raise ParameterError("Record", "to", os.fspath(self.folder), need, "Name a new folder.")
        start, end = span(known)
        if start == end:
            known["t0_step"] = t0
            return []
        again = [shard for shard in known["shards"] if shard["first_step"] >= t0]
        # not from its beginning: a run after a reset must not wipe out the one before
        if t0 != end and not (t0 > start and again and again[0]["first_step"] == t0):
            need = f"hold a recording that ends where the run begins, at {t0 * dt_ms:g} ms"
            remedy = f"It spans {start * dt_ms:g} to {end * dt_ms:g} ms; name a new folder."
            raise ParameterError("Record", "to", os.fspath(self.folder), need, remedy)
        if again:
            warnings.warn(
                f"Record(to={os.fspath(self.folder)!r}): the recording reached {end * dt_ms:g} ms, and the "
                f"run begins at {t0 * dt_ms:g} ms; what came after is dropped and simulated again.",
                UserWarning,
                stacklevel=5,
            )
            known["shards"] = known["shards"][: -len(again)]
        return again

    def write(self, shard: Shard, rest: Callable[[], Result]) -> None:
        """Write a shard, then the manifest that lists it.

        Raises
        ------
        RecordingError
            If the disk does not take it; what `rest` returns is in the error.
        """
        name = f"part-{len(self._manifest['shards']):06d}.safetensors"
        arrays, sizes = arrays_of(shard)
        entry = {"file": name, "first_step": shard.first_step, "n_steps": shard.n_steps, "events": sizes}
        try:
            write_checkpoint(self.folder / name, arrays, {"kind": "recording"})
            self._manifest["shards"].append(entry)
            try:
                write_manifest(self.folder, self._manifest)
            except BaseException:
                self._manifest["shards"].pop()
                raise
        except (OSError, SafetensorError, CheckpointError) as error:
            self.failed = True
            raise self._error(error, shard, rest()) from error

    def result(self, t0_step: int, n_steps: int, interrupted: bool, wall_s: float) -> Result:
        """What this writer wrote, read back when it is looked at."""
        span = {**self._manifest, "t0_step": t0_step, "shards": self._manifest["shards"][self._own :]}
        return result_of(self.folder, span, n_steps, interrupted, wall_s)

    def _error(self, error: Exception, shard: Shard, rest: Result) -> RecordingError:
        dt_ms = self._manifest["dt_ms"]
        start, end = span(self._manifest)
        now = shard.first_step + shard.n_steps
        reason = getattr(error, "strerror", None) or str(error)
        made = RecordingError(
            f"Record(to={os.fspath(self.folder)!r}): could not write ({reason}). On disk are "
            f"{len(self._manifest['shards'])} shards, {start * dt_ms:g} to {end * dt_ms:g} ms; what came "
            f"after, up to {now * dt_ms:g} ms, where the simulator stands, is in this error's `rest`. Make "
            "room and run on into a new folder."
        )
        made.rest = rest
        return made
