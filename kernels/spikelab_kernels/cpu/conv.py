"""Images as one spike a cell, and their convolution, in Numba. The reference says what they mean."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["conv_first_spikes", "conv_potentials", "encode_contrast"]

CONV_SILENT = np.uint8(255)


@njit(error_model="numpy", nogil=True, cache=True)
def filter_image(image, taps, padded, total):
    """Correlation with `taps`; the taps one after the other, so that the sums are those of the reference."""
    height, width = image.shape
    ky, kx = taps.shape
    padded[:] = 0.0
    for y in range(height):
        for x in range(width):
            padded[y + ky // 2, x + kx // 2] = np.float64(image[y, x])
    total[:] = 0.0
    for i in range(ky):
        for j in range(kx):
            tap = taps[i, j]
            for y in range(height):
                source, target = padded[y + i], total[y]
                for x in range(width):
                    target[x] += tap * source[x + j]


@njit(error_model="numpy", nogil=True, cache=True)
def encode_contrast(image, taps, threshold, n_steps, latency, row_lo, row_hi):
    """Filter images and let on- and off-cells fire in the order of their contrast."""
    height, width = image.shape[1], image.shape[2]
    size = height * width
    padded = np.empty((height + taps.shape[0] - 1, width + taps.shape[1] - 1), np.float64)
    total = np.empty((height, width), np.float64)
    cell, falling = np.empty(2 * size, np.int64), np.empty(2 * size, np.float64)
    for n in range(row_lo, row_hi):
        filter_image(image[n], taps, padded, total)
        value, out = total.reshape(-1), latency[n].reshape(-1)
        count = 0
        for sign in range(2):
            for i in range(size):
                contrast = value[i] if sign == 0 else -value[i]
                out[sign * size + i] = CONV_SILENT
                if contrast > threshold:
                    cell[count], falling[count] = sign * size + i, -contrast
                    count += 1
        order = np.argsort(falling[:count], kind="mergesort")
        for rank in range(count):
            out[cell[order[rank]]] = np.uint8(rank * n_steps // count)


@njit(error_model="numpy", nogil=True, cache=True)
def sort_spikes(latency, n_steps, start, place):
    """Cells of an image in the order of their spikes; those of step t begin at ``start[t]``."""
    flat = latency.reshape(-1)
    start[:] = 0
    for i in range(flat.size):
        if flat[i] < n_steps:
            start[np.int64(flat[i]) + 2] += 1
    for t in range(n_steps):
        start[t + 2] += start[t + 1]
    # The cursor of step t stands one behind, so that afterwards it is where the next step begins.
    for i in range(flat.size):
        if flat[i] < n_steps:
            t = np.int64(flat[i]) + 1
            place[start[t]] = i
            start[t] += 1


@njit(error_model="numpy", nogil=True, cache=True)
def add_spike(weight, channel, y, x, height, width, closed, potential, highest):
    """Add one spike to all neurons that see it, unless closed, and keep the highest potential of the maps."""
    for i in range(max(0, y - height + 1), min(weight.shape[1], y + 1)):
        for j in range(max(0, x - width + 1), min(weight.shape[2], x + 1)):
            place = (y - i) * width + x - j
            if closed[place]:
                continue
            added, sums = weight[channel, i, j], potential[place]
            best = np.int32(-2147483648)
            for m in range(added.size):
                value = np.int32(sums[m] + added[m])
                sums[m] = value
                best = value if value > best else best
            highest[place] = best


@njit(error_model="numpy", nogil=True, cache=True)
def add_step(latency, weight, start, place, t, closed, potential, highest):
    """Add the spikes of step `t` of one image."""
    rows, columns = latency.shape[1], latency.shape[2]
    height, width = rows - weight.shape[1] + 1, columns - weight.shape[2] + 1
    for k in range(start[t], start[t + 1]):
        channel, cell = place[k] // (rows * columns), place[k] % (rows * columns)
        add_spike(weight, channel, cell // columns, cell % columns, height, width, closed, potential, highest)


@njit(error_model="numpy", nogil=True, cache=True)
def highest_map(potential, highest):
    """The lowest map whose potential is the highest."""
    for m in range(potential.size):
        if potential[m] == highest:
            return m
    return -1


@njit(error_model="numpy", nogil=True, cache=True)
def conv_first_spikes(latency, weight, threshold, n_steps, rivalry, window, first, row_lo, row_hi):
    """First spikes of maps of integrate-and-fire neurons without leak that share their weights."""
    maps, width = weight.shape[3], latency.shape[3] - weight.shape[2] + 1
    places = (latency.shape[2] - weight.shape[1] + 1) * width
    start, order = np.empty(n_steps + 2, np.int64), np.empty(latency[0].size, np.int64)
    potential, highest = np.empty((places, maps), np.int32), np.empty(places, np.int32)
    closed = np.empty(places, np.uint8)
    for n in range(row_lo, row_hi):
        sort_spikes(latency[n], n_steps, start, order)
        potential[:], highest[:], closed[:] = 0, 0, 0
        first[n] = CONV_SILENT
        for t in range(n_steps):
            add_step(latency[n], weight, start, order, t, closed, potential, highest)
            for q in range(places):
                if highest[q] < threshold or closed[q]:
                    continue
                # Steps ascend: what stands in a window already is earlier.
                row, column = q // width // window, q % width // window
                if rivalry:
                    m = highest_map(potential[q], highest[q])
                    first[n, m, row, column] = min(first[n, m, row, column], t)
                    closed[q] = 1
                else:
                    for m in range(maps):
                        if potential[q, m] >= threshold and first[n, m, row, column] == CONV_SILENT:
                            first[n, m, row, column] = t


@njit(error_model="numpy", nogil=True, cache=True)
def conv_potentials(latency, weight, n_steps, peak, window, row_lo, row_hi):
    """Highest potential at the end of the image, in windows, of neurons that never fire."""
    maps = weight.shape[3]
    height, width = latency.shape[2] - weight.shape[1] + 1, latency.shape[3] - weight.shape[2] + 1
    start, order = np.empty(n_steps + 2, np.int64), np.empty(latency[0].size, np.int64)
    potential, highest = np.empty((height * width, maps), np.int32), np.empty(height * width, np.int32)
    closed = np.zeros(height * width, np.uint8)
    for n in range(row_lo, row_hi):
        sort_spikes(latency[n], n_steps, start, order)
        potential[:] = 0
        for t in range(n_steps):
            add_step(latency[n], weight, start, order, t, closed, potential, highest)
        peak[n] = np.int32(-2147483648)
        for q in range(height * width):
            row, column = q // width // window, q % width // window
            for m in range(maps):
                peak[n, m, row, column] = max(peak[n, m, row, column], potential[q, m])
