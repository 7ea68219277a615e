"""Recordings: a folder of shards, each whole or absent, and a manifest that lists them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError

from ..errors import ParameterError, SpikelabError
from ..result import Lazy, PopulationResult, Result, Spikes, WeightSamples
from .checkpoint import CheckpointError, read_arrays, write_checkpoint

__all__ = [
    "Events",
    "Piece",
    "RecordingError",
    "RecordingWriter",
    "Shard",
    "iterate_recording",
    "open_recording",
]

_FORMAT = "spikelab-recording"
_VERSION = 1
_MANIFEST = "manifest.json"

Events = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Step, batch row and neuron of each spike: arrays [event], uint32."""


class Piece(NamedTuple):
    """What was kept of one population in some steps.

    Attributes
    ----------
    events : callable or None
        Returns step, counted from the first of these steps, batch row and neuron of each spike.
    counts : array [batch, neuron], int32, or None
    bins : array [bin, batch], int64, or None
    traces : mapping of str to array [row, batch, kept neuron]
    """

    events: Callable[[], Events] | None
    counts: np.ndarray | None
    bins: np.ndarray | None
    traces: Mapping[str, np.ndarray]


class Shard(NamedTuple):
    """What was kept in some steps.

    Attributes
    ----------
    first_step : int
        Steps since the last reset of the simulator.
    n_steps : int
    pieces : mapping of str to Piece
        By population.
    weights : mapping of projection name to WeightSamples
    """

    first_step: int
    n_steps: int
    pieces: Mapping[str, Piece]
    weights: Mapping[Any, WeightSamples]


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
        fresh = {"format": _FORMAT, "version": _VERSION, **layout, "shards": []}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in self.folder.iterdir() if not entry.name.startswith(".")}
        except OSError as error:
            need = f"be a folder that can be written ({error.strerror})"
            raise ParameterError("Record", "to", os.fspath(folder), need) from None
        if names and _MANIFEST not in names:
            need = "be empty or hold a recording"
            raise ParameterError("Record", "to", os.fspath(folder), need, "Name a new folder.")
        self._manifest = _read_manifest(self.folder) if names else fresh
        self._own = len(self._manifest["shards"])
        self._check(layout)
        self._write_manifest()

    def _check(self, layout: Mapping[str, Any]) -> None:
        known, dt_ms = self._manifest, layout["dt_ms"]
        start, _ = _span(known)
        same = {key: known.get(key) for key in layout} | {"t0_step": layout["t0_step"]} == dict(layout)
        if not same:
            need = "hold a recording of the same network, time step and record"
            raise ParameterError("Record", "to", os.fspath(self.folder), need, "Name a new folder.")
        end = _span(known)[1]
        if known["shards"] and end != layout["t0_step"]:
            need = f"hold a recording that ends where the run begins, at {layout['t0_step'] * dt_ms:g} ms"
            remedy = f"It spans {start * dt_ms:g} to {end * dt_ms:g} ms; name a new folder."
            raise ParameterError("Record", "to", os.fspath(self.folder), need, remedy)
        if not known["shards"]:
            known["t0_step"] = layout["t0_step"]

    def write(self, shard: Shard, rest: Callable[[], Result]) -> None:
        """Write a shard, then the manifest that lists it.

        Raises
        ------
        RecordingError
            If the disk does not take it; what `rest` returns is in the error.
        """
        name = f"part-{len(self._manifest['shards']):06d}.safetensors"
        arrays, sizes = _arrays_of(shard)
        entry = {"file": name, "first_step": shard.first_step, "n_steps": shard.n_steps, "events": sizes}
        try:
            write_checkpoint(self.folder / name, arrays, {"kind": "recording"})
            self._manifest["shards"].append(entry)
            try:
                self._write_manifest()
            except BaseException:
                self._manifest["shards"].pop()
                raise
        except (OSError, SafetensorError, CheckpointError) as error:
            self.failed = True
            raise self._error(error, shard, rest()) from error

    def result(self, t0_step: int, n_steps: int, interrupted: bool, wall_s: float) -> Result:
        """What this writer wrote, read back when it is looked at."""
        span = {**self._manifest, "t0_step": t0_step, "shards": self._manifest["shards"][self._own :]}
        return _result(self.folder, span, n_steps, interrupted, wall_s)

    def _write_manifest(self) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=f".{_MANIFEST}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(self._manifest, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.folder / _MANIFEST)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _error(self, error: Exception, shard: Shard, rest: Result) -> RecordingError:
        dt_ms = self._manifest["dt_ms"]
        start, end = _span(self._manifest)
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


def open_recording(folder: str | os.PathLike[str]) -> Result:
    """Open what ``Record(to=folder)`` wrote; spikes and traces are read when they are looked at.

    Parameters
    ----------
    folder : str or path
        The folder. It may still be growing, or be of a run that was killed: all shards that were
        finished are there.

    Returns
    -------
    Result
        As `Simulator.run` returned it, over all runs that were appended.

    Raises
    ------
    CheckpointError
        If there is no recording, or it is damaged or of a newer version.
    """
    manifest = _read_manifest(Path(folder))
    start, end = _span(manifest)
    return _result(Path(folder), manifest, end - start)


def iterate_recording(folder: str | os.PathLike[str]) -> Iterator[Result]:
    """Go through a recording shard by shard, in order, so that no more than one is in memory.

    Yields
    ------
    Result
        Of the steps of one shard.

    Raises
    ------
    CheckpointError
        As `open_recording`.
    """
    manifest = _read_manifest(Path(folder))
    for shard in manifest["shards"]:
        part = {**manifest, "t0_step": shard["first_step"], "shards": [shard]}
        yield _result(Path(folder), part, shard["n_steps"])


def _arrays_of(shard: Shard) -> tuple[dict[str, np.ndarray], list[int]]:
    arrays: dict[str, np.ndarray] = {}
    sizes = []
    for i, piece in enumerate(shard.pieces.values()):
        size = 0
        if piece.events is not None:
            step, batch, neuron = piece.events()
            size = int(step.size)
            arrays |= {f"{i}/step": step, f"{i}/batch": batch, f"{i}/neuron": neuron}
        if piece.counts is not None:
            arrays[f"{i}/counts"] = piece.counts
        if piece.bins is not None:
            arrays[f"{i}/bins"] = piece.bins
        arrays |= {f"{i}/trace/{name}": rows for name, rows in piece.traces.items()}
        sizes.append(size)
    for j, samples in enumerate(shard.weights.values()):
        if samples.time_ms.size:
            arrays |= {f"weights/{j}/time_ms": samples.time_ms, f"weights/{j}/values": samples.values}
    return arrays, sizes


def _span(manifest: Mapping[str, Any]) -> tuple[int, int]:
    """First step and the one after the last."""
    start = int(manifest["t0_step"])
    return start, start + sum(int(shard["n_steps"]) for shard in manifest["shards"])


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        known = manifest["format"] == _FORMAT
        newer = int(manifest["version"]) > _VERSION
        _span(manifest), manifest["populations"], manifest["dt_ms"]
    except FileNotFoundError:
        need, remedy = "be the folder of a recording", "Write one by Record(to=folder)."
        raise CheckpointError("open_recording", "folder", os.fspath(folder), need, remedy) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        need = f"hold a readable {_MANIFEST} ({error})"
        raise CheckpointError("open_recording", "folder", os.fspath(folder), need) from None
    if not known or newer:
        need = f"hold a recording of version {_VERSION} or lower"
        remedy = "It is of a newer spikelab; upgrade to read it." if known else ""
        raise CheckpointError("open_recording", "folder", os.fspath(folder), need, remedy)
    return dict(manifest)


def _result(
    folder: Path, manifest: Mapping[str, Any], n_steps: int, interrupted: bool = False, wall_s: float = 0.0
) -> Result:
    reader = _Reader(folder, manifest, n_steps)
    makers = {p["name"]: partial(reader.population, i) for i, p in enumerate(manifest["populations"])}
    weights = Lazy({tuple(name): partial(reader.weights, j) for j, name in enumerate(manifest["weights"])})
    return Result(
        manifest["dt_ms"], manifest["t0_step"], n_steps, manifest["batch"], Lazy(makers), interrupted, wall_s,
        weights,
    )  # fmt: skip


class _Reader:
    """Puts the shards of a recording together, one quantity at a time."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], n_steps: int):
        self.folder, self.manifest, self.n_steps = folder, manifest, n_steps
        self.shards = manifest["shards"]

    def population(self, i: int) -> PopulationResult:
        said, dt_ms, t0 = self.manifest["populations"][i], self.manifest["dt_ms"], self.manifest["t0_step"]
        events = None
        if said["spikes"] == "events":
            shape = (self.n_steps, self.manifest["batch"], said["n"])
            size = sum(shard["events"][i] for shard in self.shards)
            events = Spikes.lazy(partial(self._events, i), dt_ms, shape, t0, size)
        traces = Lazy({name: partial(self._rows, f"{i}/trace/{name}") for name in said["traces"]})
        counts = None
        if said["spikes"] == "counts":
            counts = np.zeros((self.manifest["batch"], said["n"]), np.int64)
            for (part,) in self._arrays(f"{i}/counts"):
                counts += part
        return PopulationResult(
            said["name"], said["n"], dt_ms, self.n_steps, self.manifest["batch"], events, counts, traces,
            np.array(said["neurons"], np.int64), t0, self.manifest["every"],
            self._bins(i) if said["rates"] else None, max(self.manifest["bin_steps"], 1),
        )  # fmt: skip

    def weights(self, j: int) -> WeightSamples:
        pieces = list(self._arrays(f"weights/{j}/time_ms", f"weights/{j}/values", missing=True))
        if not pieces:
            return WeightSamples(np.empty(0), np.empty((0, 0)))
        times, values = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        return WeightSamples(times, values)

    def _events(self, i: int) -> Events:
        parts = []
        names = (f"{i}/step", f"{i}/batch", f"{i}/neuron")
        for shard, (step, batch, neuron) in zip(self.shards, self._arrays(*names), strict=True):
            offset = np.uint32(shard["first_step"] - self.manifest["t0_step"])
            parts.append((step + offset, batch, neuron))
        empty = (np.empty(0, np.uint32),) * 3
        step, batch, neuron = (np.concatenate(part) for part in zip(*(parts or [empty]), strict=True))
        return step, batch, neuron

    def _rows(self, name: str) -> np.ndarray:
        parts = [part for (part,) in self._arrays(name)]
        return np.concatenate(parts) if parts else np.empty((0, self.manifest["batch"], 0))

    def _bins(self, i: int) -> np.ndarray:
        width, t0 = self.manifest["bin_steps"], self.manifest["t0_step"]
        n_bins = -(-(t0 + self.n_steps) // width) - t0 // width if self.n_steps else 0
        bins = np.zeros((n_bins, self.manifest["batch"]), np.int64)
        for shard, (part,) in zip(self.shards, self._arrays(f"{i}/bins"), strict=True):
            first = shard["first_step"] // width - t0 // width
            bins[first : first + part.shape[0]] += part
        return bins

    def _arrays(self, *names: str, missing: bool = False) -> Iterator[list[np.ndarray]]:
        """Arrays of each shard in turn."""
        for shard in self.shards:
            arrays = read_arrays(self.folder / shard["file"], names, missing)
            if arrays:
                yield arrays
