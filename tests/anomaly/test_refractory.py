"""The refractory score against its plain rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelab.anomaly.refractory import refractory_score
from spikelab.errors import ParameterError


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(1, 45))
def test_only_a_new_highest_of_the_last_points_is_kept(values, points):
    lowest = min(values)
    expected = [
        value if all(value > other for other in values[max(0, t - points) : t]) else lowest
        for t, value in enumerate(values)
    ]
    assert refractory_score(values, points).tolist() == expected


def test_none_leaves_the_score_and_copies():
    score = np.array([1.0, 2.0, 1.5])
    kept = refractory_score(score, 0)
    np.testing.assert_array_equal(kept, score)
    assert kept is not score


def test_refusals():
    with pytest.raises(ParameterError, match=r"score\[1\]=nan.*finite"):
        refractory_score([1.0, np.nan], 3)
    with pytest.raises(ParameterError, match=r"points=-1.*>= 0"):
        refractory_score([1.0], -1)
