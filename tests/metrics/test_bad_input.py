"""What the measures refuse, and numbers at the end of the range."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikelab.errors import ParameterError
from spikelab.metrics import (
    auroc,
    count_events,
    events_at_rate,
    forecast_nrmse,
    nab_probation,
    nab_score,
    nab_sigmoid,
    valid_steps,
)

LARGEST = np.finfo(np.float64).max


@pytest.mark.parametrize("window", [(0.5, 1.7), (0, math.inf), (0, math.nan), "01", (0, 1, 2), 3])
def test_windows_are_pairs_of_whole_numbers(window):
    with pytest.raises(ParameterError, match="windows must be pairs of whole numbers"):
        count_events([1.0, 2.0, 3.0], [window], 1.0)


def test_labels_and_rates_of_the_wrong_shape_are_named():
    with pytest.raises(ParameterError, match="labels must hold real numbers in a regular shape"):
        auroc([[1], [0, 1]], [1.0, 2.0])
    for name in ("points_a_unit", "rate"):
        with pytest.raises(ParameterError, match=f"{name} must be a single number"):
            events_at_rate([1.0, 2.0], [(0, 1)], **{"points_a_unit": 1.0, name: [1.0, 2.0]})


def test_nab_needs_lists_and_numbers():
    for scores, windows, name in ((iter([[1.0]]), [[]], "scores"), ([[1.0]], None, "windows")):
        with pytest.raises(ParameterError, match=f"{name} must be a list with one entry for each series"):
            nab_score(scores, windows)
    with pytest.raises(ParameterError, match="position must be a real number"):
        nab_sigmoid("a")
    with pytest.raises(ParameterError, match="n must be an integer >= 0"):
        nab_probation(-3)


def test_no_threshold_is_above_the_largest_number_but_infinity():
    assert events_at_rate([LARGEST] * 3, [(0, 1)], points_a_unit=1e9).threshold == math.inf
    assert nab_score([[LARGEST] * 40], [[(39, 40)]]).threshold == math.inf


@pytest.mark.parametrize("measure", [forecast_nrmse, valid_steps])
@pytest.mark.parametrize("std", [[1.0, 2.0, 3.0], [], [[1.0, 2.0]]])
def test_there_is_one_spread_or_one_a_feature(measure, std):
    with pytest.raises(ParameterError, match=r"std='array of .*be a number or have shape \(2,\)"):
        measure(np.zeros((2, 3, 2)), np.ones((2, 3, 2)), std)


@pytest.mark.parametrize("unit", [1e-200, 1.0, 1e200])
def test_errors_do_not_depend_on_the_unit(unit):
    rng = np.random.default_rng(0)
    true, pred = rng.normal(size=(2, 4, 5, 3))
    std = np.array([1.0, 2.0, 3.0])
    expected = [np.sqrt(np.mean((pred[:, k] - true[:, k]) ** 2) / np.mean(std**2)) for k in range(5)]
    np.testing.assert_allclose(forecast_nrmse(unit * true, unit * pred, unit * std), expected)
    assert valid_steps(unit * true, unit * pred, unit * std).tolist() == valid_steps(true, pred, std).tolist()
