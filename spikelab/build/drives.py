"""Poisson drives of each block as their kernel reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikelab_kernels.layout import guide_tables
from spikelab_kernels.philox import poisson_table

from ..encode import PoissonDrive
from ..network import Network
from ..parts import Drive
from .blocks import Block
from .quanta import quantise

__all__ = ["DriveTable", "add_bounds", "drive_tables"]

# A fine guide answers nearly every word at once; for many rates it would not stay in the cache.
_FINE, _COARSE, _FEW_TABLES = 12, 8, 32


@dataclass(frozen=True, eq=False)
class DriveTable:
    """All Poisson drives of a block.

    Attributes
    ----------
    block : int
        Place of the block.
    lo, hi, receptor, weight, start, stop : array [drive]
        Neurons of the block, receptor, weight in quanta, steps in which the drive is active.
    keys : tuple of int
        Of the random streams.
    entry, table, guide, first, thresholds : array
        Tables of the sampler, one for each rate; see the kernel ``poisson_drives``.
    """

    block: int
    lo: np.ndarray
    hi: np.ndarray
    receptor: np.ndarray
    weight: np.ndarray
    keys: tuple[int, ...]
    start: np.ndarray
    stop: np.ndarray
    entry: np.ndarray
    table: np.ndarray
    guide: np.ndarray
    first: np.ndarray
    thresholds: np.ndarray


def add_bounds(net: Network, blocks: list[Block], dt_ms: float, bound: list[np.ndarray]) -> None:
    """Add what the drives can bring to a target in a step to ``bound``, arrays [receptor, neuron]."""
    tables = _Tables()
    for i, block in enumerate(blocks):
        for drive in _drives_of(net, block):
            lo, hi = block.ranges[drive.target.name]
            most = np.array([tables.thresholds[k].size for k in tables.of(drive, dt_ms)])
            bound[i][_receptor(drive), lo:hi] += abs(drive.drive.weight) * most


def drive_tables(
    net: Network, blocks: list[Block], quanta: list[np.ndarray], dt_ms: float, dtype: str
) -> list[DriveTable]:
    """Tables of the blocks that have drives."""
    made = []
    for i, block in enumerate(blocks):
        drives = _drives_of(net, block)
        if drives:
            made.append(_drive_table(i, block, drives, quanta[i], dt_ms, dtype))
    return made


def _drive_table(
    place: int, block: Block, drives: list[Drive], quanta: np.ndarray, dt_ms: float, dtype: str
) -> DriveTable:
    tables = _Tables()
    lo, hi = np.array([block.ranges[drive.target.name] for drive in drives], np.int64).T
    receptor = np.array([_receptor(drive) for drive in drives], np.int64)
    weight = [
        quantise(np.array([drive.drive.weight]), quanta[r, a], dtype, f"drive {drive.name!r}")
        for drive, r, a in zip(drives, receptor, lo, strict=True)
    ]
    windows = [drive.drive.window(dt_ms) for drive in drives]
    used = [tables.of(drive, dt_ms) for drive in drives]
    thresholds = list(tables.thresholds)
    return DriveTable(
        block=place,
        lo=np.ascontiguousarray(lo),
        hi=np.ascontiguousarray(hi),
        receptor=receptor,
        weight=np.concatenate(weight),
        keys=tuple(drive.key("poisson") for drive in drives),
        start=np.array([window.first for window in windows], np.int64),
        stop=np.array([window.end for window in windows], np.int64),
        entry=np.cumsum([0, *(one.size for one in used)]).astype(np.int64),
        table=np.concatenate(used),
        guide=guide_tables(thresholds, _FINE if len(thresholds) <= _FEW_TABLES else _COARSE),
        first=np.cumsum([0, *(one.size for one in thresholds)]).astype(np.uint32),
        thresholds=np.concatenate(thresholds),
    )


class _Tables:
    """Thresholds of Poisson counts, one array for each mean."""

    def __init__(self) -> None:
        self.thresholds: list[np.ndarray] = []
        self._places: dict[float, int] = {}

    def of(self, drive: Drive, dt_ms: float) -> np.ndarray:
        """Numbers of the tables of a drive: one, or one for each neuron; uint32."""
        drive.drive.mean_per_step(dt_ms)  # refuses what is too large
        means, places = np.unique(np.atleast_1d(drive.drive.rate_hz) * dt_ms * 1e-3, return_inverse=True)
        numbers = [self._number(float(mean)) for mean in means]
        return np.array(numbers, np.uint32)[places.reshape(-1)]

    def _number(self, mean: float) -> int:
        if mean not in self._places:
            self._places[mean] = len(self.thresholds)
            self.thresholds.append(poisson_table(mean))
        return self._places[mean]


def _drives_of(net: Network, block: Block) -> list[Drive]:
    """Drives that bring spikes; currents are no concern of the build."""
    return [
        drive
        for drive in net.drives.values()
        if drive.target.name in block.ranges and isinstance(drive.drive, PoissonDrive)
    ]


def _receptor(drive: Drive) -> int:
    names = drive.target.neuron.receptors
    if drive.receptor != "auto":
        return names.index(drive.receptor)
    return names.index("inh") if drive.drive.weight < 0 and "inh" in names else 0
