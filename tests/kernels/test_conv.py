"""Images as one spike a cell, and first spikes of convolutions: cases worked by hand, backends, ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikelab_kernels.dispatch import Backend

SILENT = 255


def contrast(backend: Backend, image: Any, taps: Any, threshold: float = 0.0, n_steps: int = 4) -> Any:
    latency = np.full((len(image), 2, *image.shape[1:]), 77, np.uint8)
    backend.encode_contrast(image, taps, threshold, n_steps, latency, 0, len(image))
    return latency


def first_spikes(
    backend: Backend, latency: Any, weight: Any, threshold: int, rivalry: bool, window: int = 1
) -> Any:
    sides = [-(-(latency.shape[k] - weight.shape[k - 1] + 1) // window) for k in (2, 3)]
    first = np.full((len(latency), weight.shape[3], *sides), 77, np.uint8)
    backend.conv_first_spikes(latency, weight, threshold, 6, rivalry, window, first, 0, len(latency))
    return first


def random_case(seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    latency = rng.integers(0, 6, (5, 2, 11, 9)).astype(np.uint8)
    latency[rng.random(latency.shape) < 0.6] = SILENT
    return latency, rng.integers(0, 1000, (2, 3, 4, 7)).astype(np.int32)


def test_cells_fire_in_the_order_of_their_contrast(backend: Backend) -> None:
    image = np.array([[[3.0, 0.0, -1.0], [2.0, 0.0, 5.0]]])
    latency = contrast(backend, image, np.ones((1, 1)))
    # 5, 3, 2 on and 1 off: four cells over four steps.
    assert latency[0, 0].tolist() == [[1, SILENT, SILENT], [2, SILENT, 0]]
    assert latency[0, 1].tolist() == [[SILENT, SILENT, 3], [SILENT, SILENT, SILENT]]


def test_equal_contrasts_fire_in_the_order_of_their_places(backend: Backend) -> None:
    latency = contrast(backend, np.ones((1, 1, 4)), np.ones((1, 1)), n_steps=2)
    assert latency[0, 0].tolist() == [[0, 0, 1, 1]]


def test_contrast_must_be_above_the_threshold(backend: Backend) -> None:
    latency = contrast(backend, np.array([[[2.0, 3.0]]]), np.ones((1, 1)), threshold=2.0)
    assert latency[0, 0].tolist() == [[SILENT, 0]]
    assert (contrast(backend, np.zeros((1, 3, 3)), np.ones((3, 3))) == SILENT).all()


def test_the_filter_sees_zeros_outside_the_image(backend: Backend) -> None:
    # Left neighbour less right neighbour: the sums are -2, 1 - 4, 2; of the two equal ones, on before off.
    taps = np.zeros((3, 3))
    taps[1] = 1.0, 0.0, -1.0
    latency = contrast(backend, np.array([[[1.0, 2.0, 4.0]]]), taps, n_steps=3)
    assert latency[0].tolist() == [[[SILENT, SILENT, 1]], [[2, 0, SILENT]]]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_contrast_is_the_same_in_both_backends(backend: Backend, reference: Backend, dtype: Any) -> None:
    rng = np.random.default_rng(1)
    image, taps = rng.integers(0, 255, (3, 13, 17)).astype(dtype), rng.normal(size=(5, 7))
    assert np.array_equal(contrast(backend, image, taps, 9.0, 15), contrast(reference, image, taps, 9.0, 15))


def test_a_neuron_fires_in_the_step_that_reaches_its_threshold(backend: Backend) -> None:
    latency = np.array([[[[0, 2, 4]]]], np.uint8)
    weight = np.array([5, 3, 2], np.int32).reshape(1, 1, 3, 1)
    fired = [
        int(first_spikes(backend, latency, weight, th, False)[0, 0, 0, 0]) for th in (5, 6, 8, 9, 10, 11)
    ]
    assert fired == [0, 2, 2, 4, 4, SILENT]


def test_the_filter_is_not_mirrored(backend: Backend) -> None:
    latency = np.array([[[[0, SILENT, SILENT, 1]]]], np.uint8)
    weight = np.array([7, 1], np.int32).reshape(1, 1, 2, 1)
    # Places 0, 1, 2 see the spikes at 0, none, and 3: through tap 0, through none, through tap 1.
    assert first_spikes(backend, latency, weight, 7, False)[0, 0, 0].tolist() == [0, SILENT, SILENT]
    assert first_spikes(backend, latency, weight, 1, False)[0, 0, 0].tolist() == [0, SILENT, 1]


def test_of_rivals_the_highest_potential_fires_then_the_lowest_map(backend: Backend) -> None:
    latency = np.array([[[[0, 1]]]], np.uint8)
    weight = np.zeros((1, 1, 1, 3), np.int32)
    weight[..., :] = 4, 6, 6
    assert first_spikes(backend, latency, weight, 4, True)[0, :, 0].tolist() == [
        [SILENT, SILENT], [0, 1], [SILENT, SILENT],
    ]  # fmt: skip
    assert (first_spikes(backend, latency, weight, 4, False)[0, :, 0] == [0, 1]).all()


def test_a_rival_that_was_first_closes_its_place(backend: Backend) -> None:
    latency = np.array([[[[0]], [[1]]]], np.uint8)
    weight = np.array([[5, 0], [0, 9]], np.int32).reshape(2, 1, 1, 2)
    assert first_spikes(backend, latency, weight, 5, True).ravel().tolist() == [0, SILENT]
    assert first_spikes(backend, latency, weight, 5, False).ravel().tolist() == [0, 1]


@pytest.mark.parametrize("rivalry", [False, True])
@pytest.mark.parametrize("window", [1, 3, 20])
def test_windows_hold_the_first_of_their_spikes(backend: Backend, rivalry: bool, window: int) -> None:
    latency, weight = random_case()
    every = first_spikes(backend, latency, weight, 5000, rivalry)
    pooled = first_spikes(backend, latency, weight, 5000, rivalry, window)
    assert 0.05 < (every != SILENT).mean() < 0.95
    for row in range(pooled.shape[2]):
        for column in range(pooled.shape[3]):
            part = every[:, :, row * window : (row + 1) * window, column * window : (column + 1) * window]
            assert np.array_equal(pooled[:, :, row, column], part.min(axis=(2, 3)))


@pytest.mark.parametrize("rivalry", [False, True])
def test_first_spikes_are_the_same_in_both_backends_and_ranges(
    backend: Backend, reference: Backend, rivalry: bool
) -> None:
    latency, weight = random_case(2)
    wanted = first_spikes(reference, latency, weight, 5000, rivalry)
    assert np.array_equal(first_spikes(backend, latency, weight, 5000, rivalry), wanted)
    split = np.full_like(wanted, 77)
    backend.conv_first_spikes(latency, weight, 5000, 6, rivalry, 1, split, 3, 5)
    assert (split[:3] == 77).all()
    backend.conv_first_spikes(latency, weight, 5000, 6, rivalry, 1, split, 0, 3)
    assert np.array_equal(split, wanted)


def test_potentials_are_the_sums_of_all_spikes(backend: Backend) -> None:
    latency, weight = random_case(3)
    peak = np.full((5, 7, 2, 2), 77, np.int32)
    backend.conv_potentials(latency, weight, 6, peak, 5, 0, 5)
    views = np.lib.stride_tricks.sliding_window_view(latency != SILENT, (3, 4), axis=(2, 3))
    sums = np.einsum("ncyxij,cijm->nmyx", views.astype(np.int64), weight)
    assert peak[0, :, 0, 0].tolist() == sums[0, :, :5, :5].max(axis=(1, 2)).tolist()
    assert peak[4, :, 1, 1].tolist() == sums[4, :, 5:, 5:].max(axis=(1, 2)).tolist()
