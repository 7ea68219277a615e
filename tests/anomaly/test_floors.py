"""The floors: each against its plain definition; none looks ahead; how a series is cut does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from spikelab.anomaly.floors import (
    LinearAutoregression,
    MatrixProfile,
    MovingZScore,
    RandomScore,
    TimeIndex,
    WindowedGaussian,
)
from spikelab.anomaly.scoring import Scoring
from spikelab.errors import ParameterError

RAW = Scoring("standardised")
CAUSAL = [MovingZScore(20), WindowedGaussian(50), LinearAutoregression(5), TimeIndex()]


def _series(n=600, channels=1):
    rng = np.random.default_rng(0)
    t = np.arange(n)[:, None]
    return np.sin(0.3 * t + np.arange(channels)) + 0.1 * rng.normal(size=(n, channels))


def _residual(floor, x, stop):
    """What the floor gives to its scoring for the points from `stop` on."""
    seen = []

    class Spy(Scoring):
        def run(self, residual, state):
            seen.append(np.array(residual))
            return super().run(residual, state)

    floor.set_params(score=Spy("standardised")).fit(x[:stop]).score_samples(x[stop:])
    return seen[-1][:, 0]


def test_moving_z_score_by_definition():
    x = _series()
    got = _residual(MovingZScore(20), x, 300)
    x = x[:, 0]
    expected = [(x[t] - x[t - 20 : t].mean()) / x[t - 20 : t].std() for t in range(300, 600)]
    np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_windowed_gaussian_by_definition():
    x = _series()[:, 0]
    z = [(x[t] - x[t - 50 : t].mean()) / x[t - 50 : t].std() for t in range(300, 600)]
    got = _residual(WindowedGaussian(50), x[:, None], 300)
    np.testing.assert_allclose(got, -np.log10(2 * norm.sf(np.abs(z))), rtol=1e-9)


def test_linear_autoregression_learns_a_sine_exactly():
    x = np.sin(0.3 * np.arange(500.0))[:, None]
    assert np.abs(_residual(LinearAutoregression(2, ridge=1e-12), x, 250)).max() < 1e-8


def test_linear_autoregression_over_a_horizon_sees_nothing_nearer():
    x = _series()
    floor = LinearAutoregression(3, horizon=5, score=RAW).fit(x[:300])
    before = floor.score_samples(x[300:])
    x[400] += 3.0
    after = floor.score_samples(x[300:])
    assert np.flatnonzero(before != after).tolist() == [100, 105, 106, 107]


@pytest.mark.parametrize("past", [False, True])
def test_matrix_profile_by_definition(past):
    x, m = _series(200)[:, 0], 8
    x[140:155] = x[139]  # a stretch that does not vary has the distance sqrt(m) to one that does

    def shape_of(at):
        part = x[at : at + m] - x[at : at + m].mean()
        return part / part.std() if part.std() > 1e-12 else 0.0 * part

    got = _residual(MatrixProfile(m, past), x[:, None], 120)
    for t in range(120, 200):
        start = t - m + 1
        others = range(start - m // 4 + 1) if past else range(120 - m + 1)
        nearest = min(np.linalg.norm(shape_of(start) - shape_of(at)) for at in others)
        assert got[t - 120] == pytest.approx(nearest, abs=2e-3), t


@pytest.mark.parametrize("past", [False, True])
def test_matrix_profile_of_every_few_points_stands_in_between(past):
    x = _series(400)
    every = _residual(MatrixProfile(16, past), x, 200)
    some = _residual(MatrixProfile(16, past, step=4), x, 200)
    np.testing.assert_allclose(some[3:199], every[3:199:4].repeat(4), atol=2e-3)  # at 203, 207, ...


@pytest.mark.slow
def test_matrix_profile_agrees_with_stumpy():
    stumpy = pytest.importorskip("stumpy")
    x, m = _series(5000)[:, 0], 25
    got = _residual(MatrixProfile(m), x[:, None], 2000)
    expected = stumpy.stump(x[2000 - m + 1 :], m, x[:2000], ignore_trivial=False)[:, 0].astype(float)
    np.testing.assert_allclose(got, expected, atol=2e-3)


@pytest.mark.parametrize("floor", CAUSAL, ids=lambda one: type(one).__name__)
def test_scores_do_not_depend_on_the_cut_or_on_what_follows(floor):
    x = _series(channels=2)
    floor.set_params(score=Scoring(long=100, short=3, smooth=4)).fit(x[:200])
    whole = floor.score_samples(x[200:])
    again = floor.score_samples(x[200:])
    np.testing.assert_array_equal(whole, again)
    first = floor.score_samples(x[200:313])
    rest = floor.score_samples(x[313:], continue_=True)
    np.testing.assert_allclose(np.concatenate([first, rest]), whole, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("floor", [*CAUSAL, RandomScore()], ids=lambda one: type(one).__name__)
def test_missing_values_and_constant_channels_do_no_harm(floor):
    x = _series(channels=2)
    x[:, 1] = 5.0
    x[250:260, 0] = np.nan
    x[0, 0] = np.nan
    score = floor.set_params(score=RAW).fit(x[:200]).score_samples(x[200:])
    assert np.isfinite(score).all()


def test_an_anomaly_has_the_lowest_score():
    x = _series()
    x[450] += 3.0
    for floor in (MovingZScore(50), WindowedGaussian(200), LinearAutoregression(10)):
        assert int(np.argmin(floor.fit(x[:300]).score_samples(x[300:]))) == 150


def test_time_index_grows_and_random_is_its_seeds():
    x = _series()
    clock = TimeIndex().fit(x[:300]).score_samples(x[300:])
    assert (np.diff(clock) < 0).all()
    a, b, c = (RandomScore(random_state=seed).fit(x[:300]).score_samples(x[300:]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_targets_are_the_channels_with_a_residual_and_others_help_the_forecast():
    x = _series(channels=2)
    x[450, 0] += 3.0
    x[1:, 1] = x[:-1, 0] + 0.05 * np.random.default_rng(1).normal(size=599)  # channel 0, a point later
    for floor in (MovingZScore(50), LinearAutoregression(3)):
        both = floor.set_params(score=RAW, targets=None).fit(x[:300]).score_samples(x[300:])
        first = floor.set_params(targets=(0,)).fit(x[:300]).score_samples(x[300:])
        second = floor.set_params(targets=(1,)).fit(x[:300]).score_samples(x[300:])
        np.testing.assert_allclose(both**2, (first**2 + second**2) / 2)
    alone = LinearAutoregression(3, score=RAW).fit(x[:300, 1:]).score_samples(x[300:, 1:])
    assert -second[151] < -alone[151]  # a leap that was announced by the other channel
    with pytest.raises(ParameterError, match=r"targets\[0\]=2.*<= 1"):
        TimeIndex(targets=(2,)).fit(x)


def test_refusals():
    with pytest.raises(ParameterError, match=r"MovingZScore\(window=1\).*>= 2"):
        MovingZScore(1).fit(_series())
    with pytest.raises(
        ParameterError, match=r"LinearAutoregression.fit\(normal=.*15 points.*20 points, twice"
    ):
        LinearAutoregression(10).fit(_series(15))
    with pytest.raises(ParameterError, match=r"x\[1, 1\]=inf.*finite or NaN"):
        MovingZScore().fit([[1.0, 2.0], [3.0, np.inf]])
    with pytest.raises(ParameterError, match=r"x\[:, 1\].*only NaN"):
        MovingZScore().fit([[1.0, np.nan], [2.0, np.nan]])
    with pytest.raises(ParameterError, match=r"Call fit first"):
        TimeIndex().score_samples(_series())
    with pytest.raises(ParameterError, match=r"3\).*have 1 channels, as in fit"):
        TimeIndex().fit(_series()).score_samples(_series(channels=3))
    with pytest.raises(ParameterError, match=r"score=3.*be a Scoring"):
        TimeIndex(score=3).fit(_series())
