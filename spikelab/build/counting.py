"""First pass over the edges: how many there are in each row, and how much weight each target can get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from spikelab_kernels.dispatch import backend

from .edges import Wire
from .streams import Stream

__all__ = ["Count", "count_stream", "in_threads", "weigh_wire"]

Result = TypeVar("Result")


class Count(NamedTuple):
    """What the first pass finds out about a stream.

    Attributes
    ----------
    rows : array [source, range], uint32
        Edges from each source to each range of targets.
    weight : array [1], [source] or None; float64
        Weights where they are all equal, or depend on the source alone (NaN without an edge).
    """

    rows: np.ndarray
    weight: np.ndarray | None

    @property
    def edges(self) -> int:
        return int(self.rows.sum(dtype=np.int64))


def count_stream(stream: Stream, part_of: np.ndarray, parts: int, bound: np.ndarray) -> Count:
    """Count the edges of a stream.

    Parameters
    ----------
    part_of : array [target], uint16
        Range of targets that each neuron of the target population lies in.
    parts : int
        Number of ranges.
    bound : array [receptor, target], float64
        Sum of absolute weights; added to, in the order of the edges.
    """
    rows = np.zeros((stream.n_source, parts), np.uint32)
    receptors = tuple(np.int64(receptor) for receptor in stream.receptors)
    count, largest = backend("cpu").count_edges, 0.0
    weight = _Weights(stream)
    for block in stream.blocks():
        values = stream.weights(block)
        most = count(block.source, block.target, values, part_of, *receptors, rows, bound)
        largest = max(largest, most)
        weight.see(block.source, values)
    counted = Count(rows, weight.result())
    stream.check(counted.edges, largest)
    return counted


def weigh_wire(wire: Wire, bound: np.ndarray) -> None:
    """Add the absolute weights of a wire to `bound`, as `count_stream` does; of plastic ones the largest that
    they may come to."""
    receptor = np.broadcast_to(wire.receptor, wire.target.shape)
    rule = wire.projection.plasticity
    most = np.abs(wire.weight) if rule is None else max(abs(rule.w_min), abs(rule.w_max))
    with np.errstate(over="ignore"):  # the sum is refused later
        np.add.at(bound, (receptor, wire.target), most)


class _Weights:
    """Finds out whether the weights of a stream are all equal or depend on the source alone."""

    def __init__(self, stream: Stream):
        self._constant = stream.constant
        self._one = np.zeros(1)
        self._own: np.ndarray | None = np.full(stream.n_source, np.nan) if stream.listed else None

    def see(self, source: np.ndarray, weight: np.ndarray) -> None:
        if self._constant:
            self._one = weight
        elif self._own is not None:
            weight = np.broadcast_to(weight, source.shape)
            known = self._own[source]
            self._own[source] = weight
            if not (np.isnan(known) | (known == weight)).all() or not (self._own[source] == weight).all():
                self._own = None

    def result(self) -> np.ndarray | None:
        if self._constant:
            return self._one
        if self._own is None:
            return None
        values = np.unique(self._own[~np.isnan(self._own)])
        return values if values.size == 1 else self._own


def in_threads(calls: Sequence[Callable[[], Result]], threads: int) -> list[Result]:
    """Results of `calls`, in their order; kernels release the GIL."""
    if threads <= 1 or len(calls) <= 1:
        return [call() for call in calls]
    with ThreadPoolExecutor(threads, thread_name_prefix="spikelab-build") as pool:
        return list(pool.map(lambda call: call(), calls))
