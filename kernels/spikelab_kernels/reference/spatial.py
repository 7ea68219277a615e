"""Edges and values that depend on distance, in plain NumPy.

Positions are arrays [neuron, axis], float64, of two or three axes. `period` [axis] is the length after which
space repeats itself, infinite where it does not; distances are the shortest.

A law of distance has a `kind` and five numbers `law` = (a, b, c, low, high). The value at distance d is, cut
to [low, high]:

====  ===========================
kind  value
====  ===========================
0     a
1     c + a exp(-(d / b)**2 / 2)
2     c + a exp(-d / b)
3     a + b d
====  ===========================
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels import philox
from spikelab_kernels.math import exp_f64, log_f64
from spikelab_kernels.reference.draws import draw_words

__all__ = ["choose_near", "draw_near", "measure_distances", "weigh_distances"]

Reals = NDArray[np.float64]
Words = NDArray[np.uint32]


def measure_distances(
    source_place: Reals, target_place: Reals, period: Reals, source: Words, target: Words, out: Reals
) -> None:
    """Distance along each edge.

    Parameters
    ----------
    source_place, target_place : array [neuron, axis], float64
    period : array [axis], float64
    source, target : array [edge], uint32
    out : array [edge], float64
    """
    out[:] = np.sqrt(_squares(source_place[source], target_place[target], period))


def weigh_distances(kind: int, law: Reals, distance: Reals, out: Reals) -> None:
    """Value of a law at each distance.

    Parameters
    ----------
    kind : int64
    law : array [5], float64
    distance : array [n], float64
    out : array [n], float64
        May be `distance` itself.
    """
    a, b, c, low, high = law
    if kind == 0:
        values = np.full(distance.shape, a)
    elif kind == 1:
        ratio = distance / b
        values = c + a * exp_f64(-0.5 * (ratio * ratio))
    elif kind == 2:
        values = c + a * exp_f64(-(distance / b))
    else:
        values = a + b * distance
    out[:] = np.minimum(np.maximum(values, low), high)


def draw_near(
    source_place: Reals,
    spot: Reals,
    member: Words,
    ptr: NDArray[np.uint64],
    corner: Reals,
    side: Reals,
    cells: NDArray[np.int64],
    period: Reals,
    radius: float,
    kind: int,
    law: Reals,
    key: int,
    first: int,
    drop_self: int,
    source: Words,
    target: Words,
) -> tuple[int, int]:
    """Connect each pair within `radius` with the probability that a law of distance gives.

    The word of a pair (s, t) is number ``s * targets + t`` of the plain stream of `key`; the pair is an edge
    where the word is below 2**32 times the probability. So neither the radius, as long as it covers what is
    likelier than 2**-32, nor the cells change the draw.

    Parameters
    ----------
    source_place : array [source, 3], float64
        A plane has one cell along its first axis, where all coordinates are 0.
    spot : array [3, target], float64
        Positions of the targets, cell by cell.
    member : array [target], uint32
        Number of the target at each spot.
    ptr : array [cell + 1], uint64
        First spot of each cell; the last axis runs fastest.
    corner, side : array [3], float64
        Lowest corner of the cells, and lengths of their sides; in periodic space they fill a period.
    cells : array [3], int64
        Number of cells along each axis.
    period : array [3], float64
    radius : float64
        Pairs farther apart are no edges; may be infinite.
    kind : int64
    law : array [5], float64
        Probability; below 0 it counts as 0, above 1 as 1.
    key : uint64
    first : int64
        Source to begin with.
    drop_self : int64
        1: no neuron reaches itself.
    source, target : array [n], uint32
        Edges are written to their beginning, sorted by (source, target); at least as many as targets.

    Returns
    -------
    edges : int
        How many were written.
    next : int
        Source to go on with: the first for which there was no room for all targets.
    """
    place = np.empty_like(spot.T)
    place[member] = spot.T
    n_target, written = place.shape[0], 0
    words, probability = np.empty(n_target, np.uint32), np.empty(n_target)
    for s in range(int(first), source_place.shape[0]):
        if written + n_target > source.size:
            return written, s
        square = _squares(source_place[s], place, period)
        weigh_distances(kind, law, np.sqrt(square), probability)
        draw_words(key, s * n_target, 0, words)
        edge = words < np.floor(np.clip(probability, 0.0, 1.0) * 2.0**32)
        edge &= square <= radius * radius
        if drop_self:
            edge[s] = False
        chosen = np.flatnonzero(edge)
        source[written : written + chosen.size] = s
        target[written : written + chosen.size] = chosen
        written += chosen.size
    return written, source_place.shape[0]


def choose_near(
    chooser_place: Reals,
    spot: Reals,
    member: Words,
    ptr: NDArray[np.uint64],
    corner: Reals,
    side: Reals,
    cells: NDArray[np.int64],
    period: Reals,
    radius: float,
    kind: int,
    law: Reals,
    key: int,
    drop_self: int,
    distinct: int,
    rows: Words,
) -> int:
    """Let each neuron of one side choose k of the other within `radius`, in proportion to a law of distance.

    Choice j of neuron c with repetition takes word ``c * k + j`` of the plain stream of `key`; it finds its
    place among the running sums of the law, in the order of the other side. Choices without repetition are
    the k first of a race: the time of a pair (c, s) is ``-log(u) / law``, u from word ``c * others + s``.

    Parameters
    ----------
    chooser_place : array [chooser, 3], float64
    spot, member, ptr, corner, side, cells, period, radius, kind, law, key
        As for `draw_near`, with those that are chosen as targets.
    drop_self : int64
        1: no neuron chooses itself.
    distinct : int64
        1: no neuron is chosen twice by the same.
    rows : array [chooser, k], uint32
        Chosen neurons, each row ascending.

    Returns
    -------
    int
        The first chooser with too few to choose from, where the work stopped; else the number of choosers.

    References
    ----------
    P. S. Efraimidis, P. G. Spirakis, "Weighted random sampling with a reservoir", Information Processing
    Letters 97 (2006), doi 10.1016/j.ipl.2005.11.003.
    """
    place = np.empty_like(spot.T)
    place[member] = spot.T
    k, others = rows.shape[1], place.shape[0]
    for c in range(rows.shape[0]):
        square = _squares(chooser_place[c], place, period)
        weight = np.empty(others)
        weigh_distances(kind, law, np.sqrt(square), weight)
        near = (square <= radius * radius) & (weight > 0.0)
        if drop_self:
            near[c] = False
        chosen = np.flatnonzero(near)
        if chosen.size < (k if distinct else min(k, 1)):
            return int(c)
        if distinct:
            words = np.empty(others, np.uint32)
            draw_words(key, c * others, 0, words)
            time = -log_f64(philox.uniform(words[chosen])) / weight[chosen]
            picked = np.argsort(time, kind="stable")[:k]
        else:
            words = np.empty(k, np.uint32)
            draw_words(key, c * k, 0, words)
            sums = np.cumsum(weight[chosen])
            picked = np.searchsorted(sums, philox.uniform(words) * sums[-1:], side="right")
            picked = np.minimum(picked, chosen.size - 1)
        rows[c] = np.sort(chosen[picked])
    return int(rows.shape[0])


def _squares(one: Reals, two: Reals, period: Reals) -> Reals:
    """Squared distances; the axes are added in their order."""
    apart = np.abs(one - two)
    apart = np.where(apart > 0.5 * period, period - apart, apart)
    total = np.zeros(apart.shape[:-1])
    for axis in range(apart.shape[-1]):
        total = total + apart[..., axis] * apart[..., axis]
    return total
