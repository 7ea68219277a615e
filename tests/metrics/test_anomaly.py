"""Ranking of points: against scikit-learn, and by hand where scores tie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from spikelab.errors import ParameterError
from spikelab.metrics import auprc, auroc, located


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=2, max_size=60))
def test_areas_agree_with_scikit_learn_with_many_ties(points):
    labels = np.array([label for label, _ in points])
    score = np.array([value for _, value in points], dtype=float)
    labels[:2] = (False, True)
    assert auroc(labels, score) == pytest.approx(roc_auc_score(labels, score))
    assert auprc(labels, score) == pytest.approx(average_precision_score(labels, score))


def test_a_constant_score_knows_nothing():
    labels = [1, 0, 0, 0]
    assert auroc(labels, [7.0] * 4) == 0.5
    assert auprc(labels, [7.0] * 4) == 0.25


def test_order_of_tied_points_does_not_matter():
    assert auprc([1, 0], [1.0, 1.0]) == auprc([0, 1], [1.0, 1.0]) == 0.5


@pytest.mark.parametrize("measure", [auroc, auprc])
def test_refusals(measure):
    with pytest.raises(ParameterError, match=r"labels=.*no anomalous one.*hold both kinds"):
        measure([0, 0], [1.0, 2.0])
    with pytest.raises(ParameterError, match=r"score\[1\]=nan.*finite"):
        measure([0, 1], [1.0, np.nan])
    with pytest.raises(ParameterError, match=r"labels=.*have 2 points, as score has"):
        measure([0, 1, 1], [1.0, 2.0])
    with pytest.raises(ParameterError, match=r"labels\[1\]=2.0.*True or False"):
        measure([0, 2], [1.0, 2.0])
    with pytest.raises(ParameterError, match=r"score=.*shape \(time,\)"):
        measure([0, 1], [[1.0, 2.0]])


@pytest.mark.parametrize(("at", "expected"), [(99, False), (100, True), (319, True), (320, False)])
def test_located_allows_100_points_each_side(at, expected):
    score = np.zeros(1000)
    score[at] = 1.0
    assert located(score, (200, 220)) is expected


def test_located_takes_the_first_of_equal_scores():
    score = np.zeros(1000)
    score[[10, 500]] = 1.0
    assert not located(score, (500, 501))


def test_located_refuses_a_window_outside():
    with pytest.raises(ParameterError, match=r"windows\[0\]=\(3, 9\).*stop <= 5"):
        located(np.zeros(5), (3, 9))
