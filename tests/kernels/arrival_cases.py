"""Random sparse projections as edge lists, as arrival tables and as the sums that they must give."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikelab_kernels.layout import ArrivalTable, sum_dtype


class Edges(NamedTuple):
    source: np.ndarray
    target: np.ndarray
    delay: np.ndarray
    receptor: np.ndarray
    weight: np.ndarray


def random_edges(rng, n_source, n_target, count, longest=9, least=0, weights=1000):
    """Edges with multapses; the last three sources have none. With `weights=0` one weight a receptor."""
    receptor = rng.integers(0, 2, count)
    weight = rng.integers(-weights, weights, count) if weights else np.array([3, -5])[receptor]
    source = np.sort(rng.integers(0, n_source - 3, count))
    return Edges(
        source, rng.integers(0, n_target, count), rng.integers(least, longest + 1, count), receptor, weight
    )


def arrival_table(edges, n_source, real, constant=False, weight_dtype=None, shift=0):
    """Sort edges into cells the slow way."""
    sums = sum_dtype(real)
    kinds = np.stack([edges.receptor, edges.weight if constant else 0 * edges.weight])
    groups, group = np.unique(kinds, axis=1, return_inverse=True)
    group = group.reshape(-1)
    order = np.lexsort((group, edges.delay, edges.source))
    keys = np.stack([edges.source, edges.delay, group])[:, order]
    starts = np.flatnonzero(np.r_[True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)])
    ptr = np.zeros(n_source + 1, np.uint32)
    ptr[1:] = np.cumsum(np.bincount(edges.source[order][starts], minlength=n_source))
    weight = (
        np.zeros(0, np.int32) if constant else (edges.weight[order] >> shift).astype(weight_dtype or sums)
    )
    return ArrivalTable(
        ptr,
        keys[1][starts].astype(np.uint16),
        keys[2][starts].astype(np.uint16),
        np.r_[starts, order.size].astype(np.uint32),
        edges.target[order].astype(np.uint16),
        weight,
        sums.type(shift),
        groups[0].astype(np.uint16),
        groups[1].astype(sums),
        np.zeros(0, np.uint32),
    )


def expected_sums(edges, events, steps, batch, n_receptor, n, lo, dtype):
    """Edge by edge and spike by spike: array [step, batch, receptor, neuron]."""
    out = np.zeros((steps, batch, n_receptor, n), dtype)
    for k, b, s in zip(*(array.tolist() for array in events), strict=True):
        chosen = edges.source == s
        when = k + edges.delay[chosen]
        inside = when < steps
        place = (when[inside], b, edges.receptor[chosen][inside], lo + edges.target[chosen][inside])
        np.add.at(out, place, edges.weight[chosen][inside].astype(dtype))
    return out
