"""The search for settings of convolutional features: lines of every kind, from images that it is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spikelab.bench import tune_conv
from spikelab.cli.jobs.stdp_conv_rows import conv_model


def test_the_chosen_layer_is_that_of_the_rows() -> None:
    assert conv_model().layers == [tune_conv.LAYER]


def test_variants_name_settings_that_exist() -> None:
    for change in tune_conv.VARIANTS:
        replace(tune_conv.LAYER, **{name: value for name, value in change.items() if name != "front"})


@pytest.mark.parametrize(("task", "lines"), [("one", 2), ("shuffled", 20), ("second", 5)])
def test_every_task_gives_its_lines(task: str, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X, y = np.zeros((90, 16, 16), np.uint8), rng.integers(0, 2, 90)
    for picture, standing in zip(X, y, strict=True):
        picture[rng.integers(3, 11) :][:2, 2:-2] = 255
        picture[:] = picture.T if standing else picture
    layer = replace(tune_conv.LAYER, maps=4, kernel=5, threshold=4.0, radius=1, samples=100, pool=3)
    deep = replace(tune_conv.SECOND[0][1], maps=3, kernel=2, threshold=1.0, samples=50)
    monkeypatch.setattr(tune_conv, "VARIANTS", ({}, {"maps": 2}))
    monkeypatch.setattr(tune_conv, "SECOND", ((3, deep),))
    judge = tune_conv.Judge(X, y, learn=60, fit=60, held=30)
    found = list(tune_conv.TASKS[task](judge, layer))
    assert len(found) == lines
    assert len({words for words, _ in found}) == lines
    assert found[0][1] > 0.8
    assert all(0.2 < share <= 1.0 for _, share in found)
