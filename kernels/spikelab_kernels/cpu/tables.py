"""Arrival tables made from blocks of edges, in Numba. The reference says what each function means."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["count_edges", "fill_cells", "place_edges", "sort_rows"]

TABLES_0 = np.uint64(0)
TABLES_1 = np.uint64(1)
# A row is sorted by counting where it has no more kinds than this, in all or an edge; else 8 bits at a time.
TABLES_BINS, TABLES_BINS_AN_EDGE = np.uint64(1024), np.uint64(4)
TABLES_DIGIT, TABLES_ALL_BITS = np.uint64(8), np.uint64(32)


@njit(error_model="numpy", nogil=True, cache=True)
def count_edges(source, target, weight, part_of, positive, negative, counts, bound):
    """Count the edges of each row, and sum the absolute weights of each target and receptor."""
    each = np.uint64(weight.size > 1)
    largest = 0.0
    for e in range(np.uint64(source.size)):
        value = weight[e * each]
        t, size = np.uint64(target[e]), abs(value)
        bound[np.uint64(negative if value < 0 else positive), t] += size
        counts[np.uint64(source[e]), np.uint64(part_of[t])] += np.uint32(1)
        if size > largest:
            largest = size
    return largest


@njit(error_model="numpy", nogil=True, cache=True)
def place_edges(
    first, source, target, weight, kind, part_of, shift, cursor, to_target, to_weight, to_kind, to_number
):
    """Write each edge to the next free place of its row."""
    each = np.uint64(kind.size > 1)
    for e in range(np.uint64(source.size)):
        t = np.uint64(target[e])
        part = np.uint64(part_of[t])
        s = np.uint64(source[e])
        place = cursor[s, part]
        cursor[s, part] = place + TABLES_1
        to_target[place] = np.int64(t) + shift[part]
        to_kind[place] = kind[e * each]
        if weight.size != 0:
            to_weight[place] = weight[e]
        if to_number.size != 0:
            to_number[place] = first + np.int64(e)


@njit(error_model="numpy", nogil=True, cache=True)
def permute(array, lo, order, count, scratch):
    """Move ``array[lo + i]`` to ``array[lo + order[i]]`` for i below `count`."""
    for i in range(count):
        scratch[np.uint64(order[i])] = array[lo + i]
    for i in range(count):
        array[lo + i] = scratch[i]


@njit(error_model="numpy", nogil=True, cache=True)
def sort_rows(ptr, row_lo, row_hi, kind, target, weight, number, cells):
    """Sort each row by kind, edges of one kind in their order, and count its cells."""
    longest = TABLES_0
    for row in range(row_lo, row_hi):
        longest = max(longest, ptr[row + 1] - ptr[row])
    order = np.empty(np.int64(longest), np.uint32)
    kinds, targets = np.empty(np.int64(longest), kind.dtype), np.empty(np.int64(longest), target.dtype)
    weights, numbers = np.empty(np.int64(longest), weight.dtype), np.empty(np.int64(longest), number.dtype)
    place = np.empty(np.int64(max(TABLES_BINS, TABLES_BINS_AN_EDGE * longest)), np.uint32)
    for row in range(row_lo, row_hi):
        lo, count = ptr[row], ptr[row + 1] - ptr[row]
        if count == TABLES_0:
            cells[row] = 0
            continue
        least = most = last = np.uint64(kind[lo])
        ordered, different = True, 1
        for i in range(count):
            value = np.uint64(kind[lo + i])
            least, most = min(least, value), max(most, value)
            ordered = ordered and value >= last
            different += value != last
            last = value
        if not ordered:
            span = most - least
            # in one go by all bits, or, where few edges have far more kinds, digit by digit
            whole = span < TABLES_BINS or span < TABLES_BINS_AN_EDGE * count
            digit = TABLES_ALL_BITS if whole else TABLES_DIGIT
            mask = (TABLES_1 << digit) - TABLES_1
            bins, low = min(span, mask) + TABLES_1, TABLES_0
            while span >> low != TABLES_0:
                place[: np.int64(bins)] = 0
                for i in range(count):
                    place[((np.uint64(kind[lo + i]) - least) >> low) & mask] += np.uint32(1)
                total = np.uint32(0)
                for k in range(bins):
                    here = place[k]
                    place[k] = total
                    total += here
                for i in range(count):
                    k = ((np.uint64(kind[lo + i]) - least) >> low) & mask
                    order[i] = place[k]
                    place[k] += np.uint32(1)
                permute(kind, lo, order, count, kinds)
                permute(target, lo, order, count, targets)
                if weight.size != 0:
                    permute(weight, lo, order, count, weights)
                if number.size != 0:
                    permute(number, lo, order, count, numbers)
                low += digit
            different = 1
            for i in range(lo + TABLES_1, lo + count):
                different += kind[i] != kind[i - TABLES_1]
        cells[row] = different


@njit(error_model="numpy", nogil=True, cache=True)
def fill_cells(ptr, row_lo, row_hi, kind, groups, cell_ptr, cell_delay, cell_group, cell_edge):
    """Write the cells of one table."""
    base, many = ptr[row_lo], np.uint64(groups)
    for row in range(row_lo, row_hi):
        cell = np.uint64(cell_ptr[row - row_lo])
        last = TABLES_0
        for place in range(ptr[row], ptr[row + 1]):
            value = np.uint64(kind[place])
            if place == ptr[row] or value != last:
                cell_delay[cell] = value // many
                cell_group[cell] = value % many
                cell_edge[cell] = place - base
                cell += TABLES_1
                last = value
    cell_edge[cell_edge.size - 1] = ptr[row_hi] - base
