"""The convolutional rows of the STDP job: controls keep what they claim to keep, rows can be judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikelab as sl
from spikelab.cli.jobs.stdp_conv_rows import CONV_KEYS, conv_model, conv_specs, mixed, shuffled
from spikelab.cli.jobs.stdp_judge import StdpJudge
from spikelab.cli.jobs.stdp_task import ImageTask


@pytest.fixture(scope="module")
def task() -> ImageTask:
    """Bars that lie or stand."""
    rng = np.random.default_rng(0)
    X, y = np.zeros((160, 14, 14), np.uint8), rng.integers(0, 2, 160)
    for picture, standing in zip(X, y, strict=True):
        picture[rng.integers(3, 9) :][:2, 2:-2] = 255
        picture[:] = picture.T if standing else picture
    return ImageTask(X[:120], y[:120], X[120:], y[120:], ("lying", "standing"), {}, {})


def filters() -> Any:
    return np.random.default_rng(1).random((5, 2, 3, 3))


def test_shuffled_filters_keep_the_weights_of_each() -> None:
    given, dealt = filters(), shuffled(filters(), 0)
    assert not np.array_equal(given, dealt)
    assert np.array_equal(np.sort(given.reshape(5, -1)), np.sort(dealt.reshape(5, -1)))
    assert np.array_equal(dealt, shuffled(filters(), 0))
    assert not np.array_equal(dealt, shuffled(filters(), 1))
    # Every filter is dealt out in a way of its own.
    same = np.tile(given[:1], (5, 1, 1, 1))
    assert len(np.unique(shuffled(same, 0).reshape(5, -1), axis=0)) == 5


def test_mixed_filters_keep_the_weights_of_all() -> None:
    given, dealt = filters(), mixed(filters(), 0)
    assert np.array_equal(np.sort(given.ravel()), np.sort(dealt.ravel()))
    assert not np.array_equal(np.sort(given.reshape(5, -1)), np.sort(dealt.reshape(5, -1)))


def test_every_row_runs_and_is_judged(task: ImageTask) -> None:
    model = conv_model(maps=4, kernel=5, threshold=4.0, pool=3, radius=2, samples=200)
    specs = conv_specs(task, model=model.set_params(ridge=1.0))
    assert tuple(spec.key for spec in specs) == CONV_KEYS
    assert conv_specs(task) == []  # of so few pixels
    judge = StdpJudge(task.y_test)
    rates = {}
    for spec in specs:
        trial = spec.trial(0)
        assert trial.accumulates > 0
        assert trial.fit_s > 0
        assert trial.predict_s > 0
        rates[spec.key] = judge(spec, [trial])["metrics"]["accuracy"]["mean"]
        assert spec.twin == ("conv" if spec.kind == "control" else "")
    assert rates["conv"] > 0.9


def test_the_settings_of_the_rows_are_whole() -> None:
    model = conv_model(3)
    assert isinstance(model, sl.ConvSTDPClassifier)
    assert model.random_state == 3
    model.check_parameters()
