"""Recordings read back: shards put together, one quantity at a time, when it is looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..result import Lazy, PopulationResult, Result, Spikes, WeightSamples
from .checkpoint import read_arrays
from .manifest import read_manifest, span
from .shard import Events

__all__ = ["iterate_recording", "open_recording", "result_of"]


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
    manifest = read_manifest(Path(folder))
    start, end = span(manifest)
    return result_of(Path(folder), manifest, end - start)


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
    manifest = read_manifest(Path(folder))
    for shard in manifest["shards"]:
        part = {**manifest, "t0_step": shard["first_step"], "shards": [shard]}
        yield result_of(Path(folder), part, shard["n_steps"])


def result_of(
    folder: Path, manifest: Mapping[str, Any], n_steps: int, interrupted: bool = False, wall_s: float = 0.0
) -> Result:
    """The result of the shards that a manifest lists."""
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
