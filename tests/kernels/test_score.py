"""Kernels of anomaly scores: the same as the reference, whatever the cut."""

from __future__ import annotations

import numpy as np
import pytest

KINDS = {"standardised": 0, "gaussian_tail": 1, "rank_tail": 2}


def windows(long=60, short=4, smooth=3):
    return dict(
        long=np.zeros(long), ordered=np.zeros(long), short=np.zeros(short), smooth=np.zeros(smooth),
        counts=np.zeros((3, 2), np.int64), sums=np.zeros((3, 3)), last=np.zeros(1),
    )  # fmt: skip


def score(backend, residual, kind, combine, state):
    out = np.full(len(residual), np.nan)
    backend.score_run(residual, np.full(3, 0.1), np.array([1.0, 2.0, 0.5]), combine, kind, 0.01, *state, out)
    return out


def wild(steps=400):
    """Residuals with gaps, a burst, one huge value and a flat stretch."""
    x = np.random.default_rng(0).standard_normal((steps, 3))
    x[100:120] *= 30
    x[150] = 1e6
    x[30:35] = np.nan
    x[50:80, 1] = np.nan
    x[300:380] = 0.1
    return x


@pytest.mark.parametrize("combine", [0, 1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_the_reference_however_the_series_is_cut(backend, reference, kind, combine):
    residual = wild()
    expected = score(reference, residual, KINDS[kind], combine, windows().values())
    state = windows()
    parts = np.split(residual, [1, 2, 33, 200])
    cut = np.concatenate([score(backend, p, KINDS[kind], combine, state.values()) for p in parts])
    np.testing.assert_allclose(cut, expected, rtol=1e-9, atol=1e-9)
    whole = score(backend, residual, KINDS[kind], combine, windows().values())
    np.testing.assert_array_equal(cut, whole)


def detect(backend, reservoir, x, state, washout=5):
    residual = np.full((len(x), 2), np.nan)
    ptr, source, weight, columns, bias, leak, readout = reservoir
    backend.detect_run(
        x, np.array([0.5, 0.0, 1.0]), np.array([2.0, 1.0, 1.0]), 4.0, np.array([0, 2]), washout, ptr, source,
        weight, *columns, bias, leak, *readout, *state, residual,
    )  # fmt: skip
    return residual


def reservoir(form, dtype, n=21):
    rng = np.random.default_rng(1)
    matrix = 0.4 * rng.standard_normal((n, n + 3))
    if form != "dense":
        matrix *= np.argsort(np.argsort(rng.random(matrix.shape), axis=1), axis=1) < 6
    rows, place = np.nonzero(matrix)
    empty = np.zeros((0, n))
    columns = (empty.astype(np.uint16), empty.astype(dtype))
    ptr, source, weight = np.searchsorted(rows, np.arange(n + 1)), place, matrix[rows, place]
    if form == "dense":
        source, weight = np.empty(0), matrix.ravel()
    if form == "columns":
        padded = [np.zeros((8, n), np.uint16), np.zeros((8, n), dtype)]
        padded[0][:6], padded[1][:6] = source.reshape(n, 6).T, weight.reshape(n, 6).T
        columns = tuple(padded)
    readout = (0.3 * rng.standard_normal((2, n + 3)), np.array([0.1, -0.1]))
    bias, leak = 0.1 * rng.standard_normal(n).astype(dtype), np.full(n, 0.7, dtype)
    return ptr.astype(np.uint32), source.astype(np.uint16), weight.astype(dtype), columns, bias, leak, readout


def start(dtype, horizon, n=21):
    return np.zeros(n + 3, dtype), np.zeros((horizon, 2)), np.zeros(3), np.zeros(1, np.int64)


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", ["sparse", "columns", "dense"])
def test_residuals_are_those_of_the_reference_however_the_series_is_cut(
    backend, reference, form, dtype, horizon
):
    x = np.random.default_rng(2).standard_normal((70, 3))
    x[:2, 0] = x[20:24, 0] = x[22:30, 1] = np.nan
    x[40] = 1e3  # beyond the clip
    made = reservoir(form, dtype)
    expected = detect(reference, made, x, start(dtype, horizon))
    assert np.isnan(expected[:5]).all()
    assert np.isnan(expected[20:24, 0]).all()
    assert np.isfinite(expected[20:24, 1]).all()
    state = start(dtype, horizon)
    cut = np.concatenate([detect(backend, made, part, state) for part in np.split(x, [1, 2, 22, 41])])
    np.testing.assert_allclose(cut, expected, rtol=2e-4 if dtype == np.float32 else 1e-10, atol=1e-5)
    np.testing.assert_array_equal(cut, detect(backend, made, x, start(dtype, horizon)))


def test_a_gap_goes_on_with_the_prediction_and_another_channel_with_its_last_value(backend):
    made = reservoir("sparse", np.float64)
    x = np.random.default_rng(3).standard_normal((30, 3))
    whole = start(np.float64, 1)
    detect(backend, made, x[:20], whole)
    filled = x[20:21].copy()
    filled[0, 0] = 0.5 + 2.0 * whole[1][0, 0]  # in the unit of the data
    filled[0, 1] = x[19, 1]
    gaps = [one.copy() for one in whole]
    detect(backend, made, filled, whole)
    with_gaps = x[20:21].copy()
    with_gaps[0, :2] = np.nan
    detect(backend, made, with_gaps, gaps)
    for a, b in zip(whole, gaps, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
