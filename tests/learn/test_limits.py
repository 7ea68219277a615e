"""Limits of weights hold after every step."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab.errors import ParameterError
from spikelab.learn import Adam, AugmentedDFA, Course, Trainer, WeightLimits, rate_stack


def trained(limits: WeightLimits, **settings) -> Course:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    x = rng.random((60, 6)) + np.eye(3, 6)[labels]
    course = Course(rate_stack(6, 10, 10, n_classes=3), AugmentedDFA(), Adam(learning_rate=0.05))
    limited = Trainer(course, limits=limits, **{"epochs": 10, "batch_size": 20, **settings})
    assert limited.fit(x, labels)[-1].accuracy > 0.6
    return course


def test_bounds_hold_and_bind():
    weights = [layer.weight for layer in trained(WeightLimits(low=-0.3, high=0.2)).stack.layers]
    assert min(w.min() for w in weights) == pytest.approx(-0.3)
    assert max(w.max() for w in weights) == pytest.approx(0.2)


def test_a_neuron_has_one_sign():
    stack = trained(WeightLimits(inhibitory=0.3)).stack
    for layer in stack.layers[1:]:
        assert (layer.weight[:7] >= 0).all() and (layer.weight[7:] <= 0).all()
        assert layer.weight[:7].max() > 0.1 and layer.weight[7:].min() < -0.1
    first = stack.hidden[0].weight
    assert first.min() < 0 < first.max()


def test_first_weights_keep_their_size():
    stack = rate_stack(6, 10, 10, n_classes=3)
    given = stack.hidden[1].weight.copy()
    WeightLimits(inhibitory=0.5).start(stack)
    np.testing.assert_array_equal(np.abs(stack.hidden[1].weight), np.abs(given))
    np.testing.assert_array_equal(np.sign(stack.hidden[1].weight[:, 0]), [1] * 5 + [-1] * 5)


def test_connections_that_do_not_exist_stay_away():
    mask = np.arange(60).reshape(6, 10) % 2 == 0
    stack = trained(WeightLimits(masks={0: mask, 2: np.eye(10, 3) == 0})).stack
    assert not stack.hidden[0].weight[~mask].any() and stack.hidden[0].weight[mask].all()
    assert not np.diag(stack.readout.weight).any()


def test_norms_shrink_by_hand():
    stack = rate_stack(2, 2, n_classes=2, dtype="float64")
    stack.hidden[0].weight[:] = [[3.0, 0.3], [4.0, 0.4]]
    WeightLimits(max_norm=1.0).apply(stack)
    np.testing.assert_allclose(stack.hidden[0].weight, [[0.6, 0.3], [0.8, 0.4]])


def test_limits_that_nothing_can_keep_are_refused():
    for settings, text in (
        ({"low": 0.1}, "low must be <= 0"),
        ({"high": -0.1}, "high must be >= 0"),
        ({"inhibitory": 1.2}, r"inhibitory must lie in \[0, 1\]"),
        ({"max_norm": 0.0}, "max_norm must be > 0"),
        (
            {"masks": {0: np.ones((2, 2))}},
            r"masks\[0\] must be an array \[source, neuron\] of True and False",
        ),
    ):
        with pytest.raises(ParameterError, match=text):
            WeightLimits(**settings)
    with pytest.raises(ParameterError, match=r"masks\[0\] must have the shape \(6, 10\)"):
        trained(WeightLimits(masks={0: np.ones((2, 2), bool)}))
    with pytest.raises(ParameterError, match="masks must name layers 0 to 2"):
        trained(WeightLimits(masks={3: np.ones((2, 2), bool)}))
