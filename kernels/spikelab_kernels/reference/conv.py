"""Images as one spike a cell, and convolution of such spikes, in plain NumPy.

A spike train of one spike is its time: latencies are steps ``0 ... n_steps - 1``, and `SILENT` where nothing
fires. Every unit fires at most once an image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["conv_first_spikes", "conv_potentials", "encode_contrast"]

#: Latency of a unit that does not fire; no run has so many steps.
SILENT = 255

Latencies = NDArray[np.uint8]


def encode_contrast(
    image: NDArray[Any],
    taps: NDArray[np.float64],
    threshold: float,
    n_steps: int,
    latency: Latencies,
    row_lo: int,
    row_hi: int,
) -> None:
    """Filter images and let on- and off-cells fire in the order of their contrast.

    Parameters
    ----------
    image : array [image, y, x], real
    taps : array [ky, kx], float64
        Both odd; what lies outside the image counts as 0.
    threshold : float
        Cells whose contrast is not above it stay silent.
    n_steps : int
        Steps of an image, at most 255.
    latency : array [image, 2, y, x], uint8
        Output; channel 0 has the cells whose filtered value is positive, channel 1 those of negative ones.
    row_lo, row_hi : int
        Images to work on.

    Notes
    -----
    Of the n cells that fire, the one of rank r (from 0; equal ones in the order of channel, y, x) does so in
    step ``r * n_steps // n``: every step has as many spikes as any other.
    """
    ky, kx = taps.shape
    height, width = image.shape[1:]
    for n in range(row_lo, row_hi):
        padded = np.pad(image[n].astype(np.float64), ((ky // 2, ky // 2), (kx // 2, kx // 2)))
        total = np.zeros((height, width))
        for i in range(ky):
            for j in range(kx):
                total += taps[i, j] * padded[i : i + height, j : j + width]
        contrast = np.stack([total, -total]).ravel()
        firing = np.flatnonzero(contrast > threshold)
        order = firing[np.argsort(-contrast[firing], kind="stable")]
        times = np.full(contrast.size, SILENT, np.uint8)
        times[order] = np.arange(order.size) * n_steps // max(order.size, 1)
        latency[n] = times.reshape(latency.shape[1:])


def conv_first_spikes(
    latency: Latencies,
    weight: NDArray[np.int32],
    threshold: int,
    n_steps: int,
    rivalry: bool,
    window: int,
    first: Latencies,
    row_lo: int,
    row_hi: int,
) -> None:
    """First spikes of maps of integrate-and-fire neurons without leak that share their weights.

    Parameters
    ----------
    latency : array [image, channel, y, x], uint8
    weight : array [channel, ky, kx, map], int32, quanta
    threshold : int, quanta
        A neuron fires in the first step in which the spikes up to then add up to it; above 0.
    n_steps : int
    rivalry : bool
        Whether maps inhibit each other: at each position only the neuron fires that reaches the threshold
        first; of several in one step the one of the highest potential, of equal ones the lowest map.
    window : int
        Side of the windows of neurons from which the first spike is taken. They lie side by side; those at
        the far edges may be cut off by them.
    first : array [image, map, row, column], uint8
        Output; ``ceil((y - ky + 1) / window)`` rows, and columns alike.
    row_lo, row_hi : int
        Images to work on.
    """
    for n in range(row_lo, row_hi):
        fired: Any = None
        for t, potential in enumerate(potentials(latency[n], weight, n_steps)):
            fired = np.full(potential.shape, SILENT, np.uint8) if fired is None else fired
            crossed = (potential >= threshold) & (fired == SILENT)
            if rivalry:
                free = (fired == SILENT).all(axis=0)
                best = np.arange(potential.shape[0])[:, None, None] == potential.argmax(axis=0)
                crossed &= best & free
            fired[crossed] = t
        for row in range(first.shape[2]):
            for column in range(first.shape[3]):
                first[n, :, row, column] = _window(fired, row, column, window).min(axis=(1, 2))


def conv_potentials(
    latency: Latencies,
    weight: NDArray[np.int32],
    n_steps: int,
    peak: NDArray[np.int32],
    window: int,
    row_lo: int,
    row_hi: int,
) -> None:
    """Highest potential at the end of the image, in windows, of neurons that never fire.

    Parameters
    ----------
    latency, weight, n_steps, row_lo, row_hi
        As in `conv_first_spikes`.
    peak : array [image, map, row, column], int32
        Output; windows as in `conv_first_spikes`.
    window : int
    """
    for n in range(row_lo, row_hi):
        *_, last = potentials(latency[n], weight, n_steps)
        for row in range(peak.shape[2]):
            for column in range(peak.shape[3]):
                peak[n, :, row, column] = _window(last, row, column, window).max(axis=(1, 2))


def potentials(latency: Latencies, weight: NDArray[np.int32], n_steps: int) -> Any:
    """Yield the potentials [map, y, x] of one image, int32, after each step; one array for all of them."""
    channels, ky, kx, maps = weight.shape
    height, width = latency.shape[1] - ky + 1, latency.shape[2] - kx + 1
    potential = np.zeros((maps, height, width), np.int32)
    for t in range(n_steps):
        spikes = latency == t
        for c in range(channels):
            for i in range(ky):
                for j in range(kx):
                    here = spikes[c, i : i + height, j : j + width]
                    potential += here * weight[c, i, j][:, None, None]
        yield potential


def _window(values: NDArray[Any], row: int, column: int, window: int) -> NDArray[Any]:
    rows, columns = (slice(place * window, (place + 1) * window) for place in (row, column))
    return values[..., rows, columns]
