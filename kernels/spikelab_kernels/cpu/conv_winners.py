"""Which neurons of a convolutional layer learn from an image, in Numba. The reference says what it means."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.conv import add_step, highest_map, sort_spikes

__all__ = ["find_winners", "round_filter"]


@njit(error_model="numpy", nogil=True, cache=True)
def round_filter(weight, scale, m, quanta):
    """Round the filter of one map to quanta."""
    for c in range(weight.shape[0]):
        for i in range(weight.shape[1]):
            for j in range(weight.shape[2]):
                quanta[c, i, j, m] = np.int32(np.rint(weight[c, i, j, m] * scale))


@njit(error_model="numpy", nogil=True, cache=True)
def next_winner(rivals, count, blocked, used):
    """Place among `count` rivals (position, map, potential) of the one that wins; -1 where none is free."""
    best, potential = -1, np.int64(0)
    for k in range(count):
        if blocked[rivals[k, 0]] or used[rivals[k, 1]]:
            continue
        if best < 0 or rivals[k, 2] > potential:
            best, potential = k, rivals[k, 2]
    return best


@njit(error_model="numpy", nogil=True, cache=True)
def block_around(blocked, position, height, width, radius):
    """Keep the positions around a winner from learning."""
    y, x = position // width, position % width
    for i in range(max(0, y - radius), min(height, y + radius + 1)):
        for j in range(max(0, x - radius), min(width, x + radius + 1)):
            blocked[i * width + j] = 1


@njit(error_model="numpy", nogil=True, cache=True)
def find_winners(image, quanta, threshold, n_steps, radius, scratch, found):
    """Write map, row, column and step of the neurons that learn to `found`; return how many there are."""
    start, order, potential, highest, flags, used, rivals = scratch
    height, width = image.shape[1] - quanta.shape[1] + 1, image.shape[2] - quanta.shape[2] + 1
    closed, blocked = flags[0], flags[1]
    potential[:], highest[:], flags[:], used[:] = 0, 0, 0, 0
    sort_spikes(image, n_steps, start, order)
    won = 0
    for t in range(n_steps):
        add_step(image, quanta, start, order, t, closed, potential, highest)
        count = 0
        for q in range(height * width):
            if highest[q] >= threshold and not closed[q]:
                closed[q] = 1
                rivals[count, 0], rivals[count, 1] = q, highest_map(potential[q], highest[q])
                rivals[count, 2] = highest[q]
                count += 1
        while won < found.shape[0]:
            k = next_winner(rivals, count, blocked, used)
            if k < 0:
                break
            q, m = rivals[k, 0], rivals[k, 1]
            found[won, 0], found[won, 1], found[won, 2], found[won, 3] = m, q // width, q % width, t
            used[m] = 1
            block_around(blocked, q, height, width, radius)
            won += 1
        if won == found.shape[0]:
            break
    return won
