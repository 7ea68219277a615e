"""Edges and values that depend on distance, in Numba. The reference says what each function means."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.draws import draw_words, gather_words, real_of_word
from spikelab_kernels.math import exp_f64, log_f64

__all__ = ["choose_near", "draw_near", "measure_distances", "weigh_distances"]


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def square_apart(one, two, period):
    """Squared distance of two points."""
    total = 0.0
    for axis in range(period.size):
        apart = abs(one[axis] - two[axis])
        apart = period[axis] - apart if apart > 0.5 * period[axis] else apart
        total += apart * apart
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def measure_distances(source_place, target_place, period, source, target, out):
    """Distance along each edge."""
    for i in range(out.size):
        out[i] = np.sqrt(square_apart(source_place[source[i]], target_place[target[i]], period))


@njit(error_model="numpy", nogil=True, cache=True)
def weigh_distances(kind, law, distance, out):
    """Value of a law at each distance."""
    a, b, c, low, high = law[0], law[1], law[2], law[3], law[4]
    if kind == 0:
        for i in range(out.size):
            out[i] = a
    elif kind == 1:
        for i in range(out.size):
            ratio = distance[i] / b
            out[i] = c + a * exp_f64(-0.5 * (ratio * ratio))
    elif kind == 2:
        for i in range(out.size):
            out[i] = c + a * exp_f64(-(distance[i] / b))
    else:
        for i in range(out.size):
            out[i] = a + b * distance[i]
    for i in range(out.size):
        value = low if out[i] < low else out[i]
        out[i] = high if value > high else value


@njit(error_model="numpy", nogil=True, cache=True)
def cells_around(x, radius, corner, side, cells, periodic, span):
    """First and last cell along one axis that the radius reaches; in periodic space they may lie outside."""
    span[0], span[1] = 0, cells - 1
    if radius < np.inf:
        if periodic:
            x -= np.floor((x - corner) / (side * cells)) * (side * cells)
        # With a margin for rounding, and compared as reals: a cell far outside has no number.
        low = np.floor((x - radius - corner) / side - 1e-6)
        high = np.floor((x + radius - corner) / side + 1e-6)
        if periodic:
            if high - low + 1.0 < cells:
                span[0], span[1] = np.int64(low), np.int64(high)
        else:
            span[0] = np.int64(min(max(low, 0.0), cells - 1.0))
            span[1] = np.int64(min(max(high, 0.0), cells - 1.0))


@njit(error_model="numpy", nogil=True, cache=True)
def gather_near(x, spot, member, period, most, found, near, square):
    """Append those of neighbouring spots that are near enough; return how many there are then."""
    apart = square[found : found + np.uint64(member.size)]
    for m in range(apart.size):
        apart[m] = 0.0
    for axis in range(3):
        here, length, along = x[axis], period[axis], spot[axis]
        for m in range(apart.size):
            gap = abs(here - along[m])
            gap = length - gap if gap > 0.5 * length else gap
            apart[m] += gap * gap
    kept = found
    for m in range(np.uint64(member.size)):
        value = apart[m]
        square[kept] = value
        near[kept] = member[m]
        kept += np.uint64(value <= most)
    return kept


@njit(error_model="numpy", nogil=True, cache=True)
def find_near(x, spot, member, ptr, corner, side, cells, period, radius, span, near, square):
    """Targets within the radius of a point and their squared distances; return how many."""
    for axis in range(3):
        periodic = period[axis] < np.inf
        cells_around(x[axis], radius, corner[axis], side[axis], cells[axis], periodic, span[axis])
    most, found = radius * radius, np.uint64(0)
    lo, hi = span[2, 0], span[2, 1]
    for i in range(span[0, 0], span[0, 1] + 1):
        for j in range(span[1, 0], span[1, 1] + 1):
            row = (i % cells[0] * cells[1] + j % cells[1]) * cells[2]
            # Cells along the last axis are neighbours in memory; a range may pass the ends of the period.
            first, last = max(lo, 0), min(hi, cells[2] - 1)
            a, b = ptr[row + first], ptr[row + last + 1]
            found = gather_near(x, spot[:, a:b], member[a:b], period, most, found, near, square)
            if lo < 0:
                a, b = ptr[row + lo + cells[2]], ptr[row + cells[2]]
                found = gather_near(x, spot[:, a:b], member[a:b], period, most, found, near, square)
            if hi >= cells[2]:
                a, b = ptr[row], ptr[row + hi + 1 - cells[2]]
                found = gather_near(x, spot[:, a:b], member[a:b], period, most, found, near, square)
    return found


@njit(error_model="numpy", nogil=True, cache=True)
def draw_near(
    source_place, spot, member, ptr, corner, side, cells, period, radius, kind, law, key, first, drop_self,
    source, target,
):  # fmt: skip
    """Connect each pair within the radius with the probability that a law of distance gives."""
    n_target = np.uint64(member.size)
    # One place more than targets: the search writes before it decides.
    near, square = np.empty(n_target + np.uint64(1), np.uint32), np.empty(n_target + np.uint64(1), np.float64)
    words = np.empty(n_target, np.uint32)
    span = np.zeros((3, 2), np.int64)
    written = np.uint64(0)
    for s in range(np.uint64(first), np.uint64(source_place.shape[0])):
        if written + n_target > np.uint64(source.size):
            return written, s
        x = source_place[s]
        found = find_near(x, spot, member, ptr, corner, side, cells, period, radius, span, near, square)
        values = square[:found]
        for i in range(found):
            values[i] = np.sqrt(values[i])
        weigh_distances(kind, law, values, values)
        gather_words(key, s * n_target, np.uint64(0), near[:found], words)
        kept = np.uint64(0)
        for i in range(found):
            t = near[i]
            least = np.int64(min(max(values[i], 0.0), 1.0) * 4294967296.0)
            near[kept] = t
            kept += np.uint64(np.int64(words[i]) < least and not (drop_self and np.uint64(t) == s))
        row = np.sort(near[:kept])
        for i in range(kept):
            source[written + i] = s
            target[written + i] = row[i]
        written += kept
    return written, np.uint64(source_place.shape[0])


@njit(error_model="numpy", nogil=True, cache=True)
def weigh_near(x, place, period, kind, law, self_number, near, weight):
    """Keep those with a weight among the targets near a point, ascending; return how many."""
    order = np.sort(near)
    for i in range(np.uint64(order.size)):
        weight[i] = np.sqrt(square_apart(x, place[order[i]], period))
    weigh_distances(kind, law, weight[: order.size], weight[: order.size])
    kept = np.uint64(0)
    for i in range(np.uint64(order.size)):
        near[kept], weight[kept] = order[i], weight[i]
        kept += np.uint64(weight[i] > 0.0 and np.int64(order[i]) != self_number)
    return kept


@njit(error_model="numpy", nogil=True, cache=True)
def choose_near(
    chooser_place, spot, member, ptr, corner, side, cells, period, radius, kind, law, key, drop_self,
    distinct, rows,
):  # fmt: skip
    """Let each neuron of one side choose k of the other, in proportion to a law of distance."""
    others, k = np.uint64(member.size), np.uint64(rows.shape[1])
    place = np.empty((member.size, 3), np.float64)
    for m in range(member.size):
        for axis in range(3):
            place[member[m], axis] = spot[axis, m]
    near, weight = np.empty(others + np.uint64(1), np.uint32), np.empty(others + np.uint64(1), np.float64)
    words = np.empty(max(others, k), np.uint32)
    span = np.zeros((3, 2), np.int64)
    least = k if distinct else min(k, np.uint64(1))
    for c in range(np.uint64(rows.shape[0])):
        x = chooser_place[c]
        found = find_near(x, spot, member, ptr, corner, side, cells, period, radius, span, near, weight)
        own = np.int64(c) if drop_self else np.int64(-1)
        found = weigh_near(x, place, period, kind, law, own, near[:found], weight)
        if found < least:
            return np.int64(c)
        row = rows[c]
        if distinct:
            gather_words(key, c * others, np.uint64(0), near[:found], words)
            for i in range(found):
                weight[i] = -log_f64(real_of_word(words[i])) / weight[i]
            first = np.argsort(weight[:found], kind="mergesort")
            for j in range(k):
                row[j] = near[first[j]]
        else:
            for i in range(np.uint64(1), found):
                weight[i] += weight[i - np.uint64(1)]
            draw_words(key, c * k, np.uint64(0), words[:k])
            for j in range(k):
                level = real_of_word(words[j]) * weight[found - np.uint64(1)]
                at = np.searchsorted(weight[:found], level, side="right")
                row[j] = near[min(at, np.int64(found) - 1)]
        row[:] = np.sort(row)
    return np.int64(rows.shape[0])
