"""Planted anomalies: where they lie, what is left alone, and how a series is continued."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab.bench.planted import KINDS, Planted, continued, plant
from spikelab.bench.tune_anomaly import candidates, residuals_of


def _normal(n: int = 800) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.column_stack([np.sin(0.2 * np.arange(n)) + 0.1 * rng.normal(size=n), rng.normal(size=n)])


@pytest.mark.parametrize("seed", range(2 * len(KINDS)))
def test_only_the_first_channel_behind_the_training_part_is_changed(seed):
    x = _normal()
    kept = x.copy()
    made = plant(x, 300, 2, np.random.default_rng(seed), drift=0.0, wide=60)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(made.values[:300], x[:300])
    np.testing.assert_array_equal(made.values[:, 1], x[:, 1])
    changed = np.flatnonzero((made.values != x)[:, 0])
    assert changed.size
    (a, b), (c, d) = made.windows
    assert 300 <= a < b <= c < d <= 800
    assert all(a <= at < b or c <= at < d for at in changed)


def test_drift_grows_from_the_end_of_the_training_part():
    x = _normal()
    made = plant(x, 300, 1, np.random.default_rng(0), drift=2.0, wide=60)
    moved = np.abs(made.values - x)[:, 0]
    assert moved[:301].max() == 0.0
    assert moved[320:].max() > 0.1


def test_a_continued_series_begins_with_itself_and_has_few_leaps():
    x = np.sin(0.2 * np.arange(400))[:, None]
    longer = continued(x, 2500, np.random.default_rng(0))
    assert longer.shape == (2500, 1)
    np.testing.assert_array_equal(longer[:400], x)
    assert np.isin(longer, x).all()
    assert np.mean(np.abs(np.diff(longer[:, 0])) > 0.3) < 0.01


def test_a_small_grid_is_taken_whole_and_a_large_one_drawn_alike():
    assert len(list(candidates("moving_zscore", 24))) == 8
    drawn = list(candidates("esn", 5, seed=3))
    assert len(drawn) == 5 and drawn == list(candidates("esn", 5, seed=3))
    assert {"horizon"} <= next(candidates("esn", 1, dataset="ecg")).keys()


@pytest.mark.parametrize("kind", ["esn", "autoregression", "windowed_gaussian"])
def test_the_residuals_of_a_search_are_those_of_the_part_with_anomalies(kind):
    x = np.sin(0.3 * np.arange(900))[:, None] + 0.01 * np.random.default_rng(1).normal(size=(900, 1))
    x[700] += 5.0
    normal, kept = residuals_of(kind, {}, "ucr", 0, Planted(x, [(690, 710)], 600))
    assert normal.shape[0] <= 600 and kept.shape == (300, 1)
    assert np.abs(kept[:, 0]).argmax() == 100
