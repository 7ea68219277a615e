"""Pictures of learning show the weights and scores that they were given."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab import plot
from spikelab.errors import ParameterError
from spikelab.plot.style import SERIES


def test_each_field_stands_in_its_place_with_a_gap_between() -> None:
    weights = np.arange(1.0, 31.0).reshape(6, 5)  # six pixels, five neurons
    axes = plot.receptive_fields(weights, (2, 3)).axes[0]
    picture = axes.images[0].get_array()
    # two beside each other, three below: 3 * 2 + 2 by 2 * 3 + 1 pixels
    assert picture.shape == (8, 7)
    np.testing.assert_array_equal(picture[0:2, 0:3], weights[:, 0].reshape(2, 3))
    np.testing.assert_array_equal(picture[3:5, 4:7], weights[:, 3].reshape(2, 3))
    np.testing.assert_array_equal(picture[6:8, 0:3], weights[:, 4].reshape(2, 3))
    assert picture.mask[2].all() and picture.mask[:, 3].all() and picture.mask[6:, 4:].all()
    assert axes.images[0].get_clim() == (0.0, 30.0)


def test_the_first_fields_are_drawn_and_the_axis_says_how_many() -> None:
    axes = plot.receptive_fields(np.ones((4, 9)), (2, 2), most=4, labels=np.array(list("abcdefghi"))).axes[0]
    assert axes.get_xlabel() == "4 of 9 neurons"
    assert [text.get_text() for text in axes.texts] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("low", "high"), [(-1.0, 3.0), (-3.0, 1.0), (0.0, 2.0), (-2.0, 0.0)])
def test_no_weight_has_the_colour_of_the_paper(low: float, high: float) -> None:
    image = plot.receptive_fields([[low], [high], [0.0], [0.0]], (2, 2)).axes[0].images[0]
    nothing, lowest, highest = (image.cmap(image.norm(value))[:3] for value in (0.0, low, high))
    assert min(nothing) > 0.97
    if low:
        assert lowest[0] > lowest[2] + 0.1  # vermillion
    if high:
        assert highest[2] > highest[0] + 0.1  # blue


def test_weights_that_do_not_fill_the_image_are_refused() -> None:
    with pytest.raises(
        ParameterError, match=r"image_shape must hold the 6 inputs of weights. 2 x 2 pixels are 4"
    ):
        plot.receptive_fields(np.ones((6, 2)), (2, 2))
    with pytest.raises(ParameterError, match=r"weights must be finite everywhere. Index \[1, 0\]"):
        plot.receptive_fields([[1.0], [np.nan]], (2, 1))
    with pytest.raises(ParameterError, match=r"labels must name the 2 neurons"):
        plot.receptive_fields(np.ones((4, 2)), (2, 2), labels=["a"])


def test_the_histogram_counts_the_edges_of_each_time() -> None:
    rng = np.random.default_rng(0)
    snapshots = [rng.uniform(0.4, 0.6, 200), rng.uniform(0.0, 1.0, 200), rng.integers(0, 2, 200)]
    upper, lower = plot.weight_histogram(snapshots, [0.0, 10.0, 30.0], bins=10, unit="nS").axes[:2]
    drawn = upper.collections[0].get_array()
    edges = np.linspace(0.0, 1.0, 11)
    expected = np.stack([np.histogram(row, edges)[0] / 2.0 for row in snapshots])
    np.testing.assert_allclose(drawn, expected.T)
    np.testing.assert_allclose(drawn.sum(axis=0), 100.0)
    assert upper.get_ylabel() == "weight (nS)"
    first, last = lower.patches
    np.testing.assert_allclose(first.get_data().values, expected[0])
    np.testing.assert_allclose(last.get_data().values, expected[2])
    assert [text.get_text() for text in lower.get_legend().get_texts()] == ["time 0 s", "time 30 s"]


def test_snapshots_and_times_must_fit() -> None:
    with pytest.raises(ParameterError, match=r"snapshots must have as many edges at every time"):
        plot.weight_histogram([[1.0], [1.0, 2.0]], [0.0, 1.0])
    with pytest.raises(ParameterError, match=r"times=1\): times must have a value for each of 2 snapshots"):
        plot.weight_histogram([[1.0], [2.0]], [0.0])
    with pytest.raises(ParameterError, match=r"times\[1\] must be later than the one before"):
        plot.weight_histogram([[1.0], [2.0]], [1.0, 1.0])
    assert len(plot.weight_histogram([[0.5, 0.5]], [1.0]).axes[1].patches) == 1


def test_the_learning_curve_is_the_median_with_a_band_over_seeds() -> None:
    seeds = np.array([[0.0, 2.0, 9.0], [1.0, 4.0, 9.0], [5.0, 5.0, 9.0]])
    figure = plot.learning_curve(
        {"rewarded": seeds}, {"shuffled": [1.0, 1.0, 1.0]}, {"chance": 0.5}, x=[1, 10, 100]
    )
    axes = figure.axes[0]
    rewarded, shuffled, chance = axes.lines
    np.testing.assert_array_equal(rewarded.get_ydata(), [1.0, 4.0, 9.0])
    np.testing.assert_array_equal(rewarded.get_xdata(), [1, 10, 100])
    assert rewarded.get_color() == SERIES[0] and shuffled.get_linestyle() == "--"
    np.testing.assert_array_equal(chance.get_ydata(), [0.5, 0.5])
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.min() == 0.0 and heights.max() == 9.0
    assert [text.get_text() for text in axes.texts] == ["chance"]


def test_a_learning_curve_needs_finite_scores_for_each_place() -> None:
    with pytest.raises(ParameterError, match="curves must hold a curve"):
        plot.learning_curve({})
    with pytest.raises(
        ParameterError, match=r"curves\['a'\] must be finite everywhere. Index \[0, 1\] holds nan"
    ):
        plot.learning_curve({"a": [1.0, np.nan]})
    with pytest.raises(ParameterError, match=r"controls\['b'\] must have a score for each of the 2 places"):
        plot.learning_curve({"a": [1.0, 2.0]}, {"b": [1.0]}, x=[0.0, 1.0])
