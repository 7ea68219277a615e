"""Shards of a recording: what was kept in some steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..result import WeightSamples

__all__ = ["Events", "Piece", "Shard", "arrays_of"]

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


def arrays_of(shard: Shard) -> tuple[dict[str, np.ndarray], list[int]]:
    """The arrays of a shard by the names that its file has, and the number of spikes of each population."""
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
