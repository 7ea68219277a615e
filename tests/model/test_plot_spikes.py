"""Pictures of spiking activity show the numbers that they were given."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

import spikelab as sl
from spikelab import metrics, plot
from spikelab.errors import ParameterError
from spikelab.plot.rasters import round_bin
from spikelab.plot.style import SERIES


def population(name: str, n: int, rate_hz: float, seed: int = 0, steps: int = 1000) -> sl.PopulationResult:
    """Independent neurons that fire with a fixed probability in each step of 1 ms."""
    dense = np.random.default_rng(seed).random((steps, n)) < rate_hz * 1e-3
    step, neuron = np.nonzero(dense)
    events = sl.Spikes(step, np.zeros(step.size), neuron, dt_ms=1.0, shape=(steps, 1, n))
    return sl.PopulationResult(name, n, 1.0, steps, 1, events=events)


def result(**sizes: int) -> sl.Result:
    parts = {name: population(name, n, 20.0) for name, n in sizes.items()}
    return sl.Result(1.0, 0, 1000, 1, parts)


def strokes(axes):  # type: ignore[no-untyped-def]
    """Spikes drawn in each colour: array [spike, (time, place)]."""
    found: dict[str, list[np.ndarray]] = {}
    for line in axes.lines:
        ends = line.get_xydata().reshape(-1, 3, 2)[:, :2]
        found.setdefault(line.get_color(), []).append(ends.mean(axis=1))
    return {colour: np.concatenate(parts) for colour, parts in found.items()}


def test_populations_stand_above_one_another_with_every_spike() -> None:
    res = result(exc=63, inh=21)
    upper, lower = plot.raster(res).axes
    drawn = strokes(upper)
    assert [label.get_text() for label in upper.get_yticklabels()] == ["exc", "inh"]
    for name, colour, low, high in (("exc", SERIES[0], 21, 84), ("inh", SERIES[1], 0, 21)):
        spikes = res[name].spikes
        expected = np.stack([spikes.time_ms, low + spikes.neuron.astype(float)], axis=1)
        order = np.lexsort((spikes.time_ms, spikes.neuron))
        np.testing.assert_allclose(drawn[colour], expected[order])
        assert drawn[colour][:, 1].max() < high
    assert upper.get_ylabel() == "neuron"
    assert [patch.get_edgecolor() for patch in lower.patches] != []


def test_the_rates_below_are_those_of_all_neurons() -> None:
    res = result(exc=63)
    (line,) = plot.raster(res, most=5, bin_ms=10.0).axes[1].patches
    values, edges, _ = line.get_data()
    counts = res["exc"].spikes.dense()[:, 0].reshape(100, 10, 63).sum(axis=(1, 2))
    np.testing.assert_allclose(values, counts / (63 * 0.01))
    np.testing.assert_allclose(edges, np.arange(0.0, 1001.0, 10.0))


def test_many_neurons_are_sampled_and_the_axis_says_so() -> None:
    res = result(exc=630, inh=70)
    upper = plot.raster(res, most=70, window_ms=(100.0, 600.0)).axes[0]
    assert upper.get_ylabel() == "70 of 700 neurons"
    assert upper.get_xlim() == (100.0, 600.0)
    drawn = strokes(upper)
    # The small one has room for its name: a quarter of the height before all is scaled to fit.
    low = drawn[SERIES[1]][:, 1]
    assert low.max() < 700 * 0.25 / 1.15 - 0.5 < drawn[SERIES[0]][:, 1].min()
    assert np.unique(low).size <= 15
    assert drawn[SERIES[0]][:, 0].min() > 100.0


def test_above_four_populations_the_rates_are_drawn_together() -> None:
    res = result(**{f"p{i}": 7 + i for i in range(5)})
    upper, lower = plot.raster(res, bin_ms=100.0).axes
    (line,) = lower.patches
    spikes = sum(len(part.spikes) for part in res.values())
    np.testing.assert_allclose(line.get_data()[0].mean(), spikes / sum(range(7, 12)))
    assert lower.get_ylabel() == "rate of all (Hz)"
    assert len(upper.get_yticks()) == 5
    assert len(plot.raster(res, rates=False).axes) == 1


@pytest.mark.parametrize(("span", "width"), [(300.0, 2.0), (1000.0, 10.0), (150.0, 1.0), (1.0, 0.01)])
def test_bins_are_round(span: float, width: float) -> None:
    assert round_bin(span) == pytest.approx(width)


def test_long_rasters_are_drawn_in_pieces() -> None:
    res = sl.Result(1.0, 0, 1000, 1, {"exc": population("exc", 50, 500.0)})
    upper = plot.raster(res).axes[0]
    assert len(upper.lines) > 1
    assert len(strokes(upper)[SERIES[0]]) == len(res["exc"].spikes)


def test_distributions_are_histograms_with_the_distance_to_the_first() -> None:
    first, second = (metrics.spike_statistics(population("a", 63, rate)) for rate in (20.0, 25.0))
    axes = plot.distributions({"ours": first, "peer": second}).axes
    assert [panel.get_xlabel() for panel in axes] == ["rate (Hz)", "CV of intervals", "correlation"]
    for panel, name in zip(axes, ("rates_hz", "cv", "correlation"), strict=True):
        distance = metrics.ks_distance(first.of(name), second.of(name)).distance
        texts = [text.get_text() for text in panel.get_legend().get_texts()]
        assert texts == ["ours", f"peer, D = {distance:.3f}"]
        for line in panel.patches:
            values, edges, _ = line.get_data()
            assert (values * np.diff(edges)).sum() == pytest.approx(1.0)
    # Edges lie between the possible rates, so that each bin holds as many of them.
    edges = axes[0].patches[0].get_data()[1]
    np.testing.assert_allclose(edges % 1.0, 0.5)
    assert plot.distributions(first, quantities=["fano"]).axes[0].get_legend() is None


def test_equal_values_make_a_histogram_too() -> None:
    clock = metrics.SpikeTrains(np.tile(np.arange(10.0, 400.0, 10.0), 2), [0] * 39 + [1] * 39, 2, 400.0)
    found = metrics.spike_statistics(clock)
    for panel in plot.distributions(found, quantities=["rates_hz", "cv"]).axes:
        values, edges, _ = panel.patches[0].get_data()
        assert (values * np.diff(edges)).sum() == pytest.approx(1.0)


def test_spectrum_draws_what_is_computed() -> None:
    res = result(exc=63, inh=21)
    axes = plot.spectrum(res, segment_ms=200.0).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["exc", "inh"]
    found = metrics.power_spectrum(res["inh"], segment_ms=200.0)
    np.testing.assert_allclose(axes.lines[1].get_ydata(), found.power[1:])
    single = plot.spectrum(found, highest_hz=100.0).axes[0]
    assert single.get_legend() is None
    assert single.get_xlim() == (0.0, 100.0)


def weights() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(size=(30, 63)) * (rng.random((30, 63)) < 0.2)


def degrees(axes) -> np.ndarray:  # type: ignore[no-untyped-def]
    values, edges, _ = axes.patches[0].get_data()
    return np.repeat(edges[:-1] + 0.5, values.astype(int))


def test_connectivity_shows_weights_and_degrees() -> None:
    matrix = weights()
    for value in (matrix, sparse.csr_array(matrix)):
        upper, out, into = plot.connectivity(value).axes[:3]
        np.testing.assert_allclose(upper.images[0].get_array(), matrix)
        np.testing.assert_allclose(degrees(out), np.sort((matrix != 0).sum(axis=1)))
        np.testing.assert_allclose(degrees(into), np.sort((matrix != 0).sum(axis=0)))
    # Excitation and inhibition lie on both sides of the paper's white.
    low, high = upper.images[0].get_clim()
    assert low == -high == -np.abs(matrix).max()


def test_a_cell_of_a_large_matrix_is_the_mean_of_its_pairs() -> None:
    matrix = weights()
    image = plot.connectivity(matrix, cells=10).axes[0].images[0].get_array()
    rows, columns = np.arange(30) * 10 // 30, np.arange(63) * 10 // 63
    expected = [[matrix[np.ix_(rows == i, columns == j)].mean() for j in range(10)] for i in range(10)]
    np.testing.assert_allclose(image, expected)


def test_connectivity_of_a_projection() -> None:
    net = sl.Network(seed=0)
    exc, inh = net.add("exc", 63, sl.LIF()), net.add("inh", 21, sl.LIF())
    projection = net.connect(exc, inh, pattern=sl.FixedIndegree(5), weight=0.5)
    figure = plot.connectivity(projection)
    upper, _, into = figure.axes[:3]
    assert (upper.get_ylabel(), upper.get_xlabel()) == ("source (exc)", "target (inh)")
    assert float(upper.images[0].get_array().sum()) == pytest.approx(0.5 * 5 * 21)
    assert degrees(into).tolist() == [5.0] * 21
    assert "weight (mV)" in [axes.get_ylabel() for axes in figure.axes]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: plot.raster(result(exc=3), population=[]), "name one population or more, each once"),
        (
            lambda: plot.raster(result(exc=3)["exc"]),
            r'For one population write raster\(res, population="exc"\)',
        ),
        (lambda: plot.raster(result(exc=3), most=0), "most must be an integer >= 1"),
        (lambda: plot.raster(result(exc=3), window_ms=(0.0, 1e6)), "within 0 ... 1000 ms"),
        (lambda: plot.distributions({}), "hold a record, and quantities one name"),
        (
            lambda: plot.distributions(metrics.spike_statistics(result(exc=3)["exc"]), quantities=["x"]),
            "quantity must be one of 'rates_hz'",
        ),
        (
            lambda: plot.distributions(metrics.spike_statistics(metrics.SpikeTrains([], [], 2, 400.0))),
            "its neurons have too few spikes",
        ),
        (lambda: plot.spectrum({}), "hold a population"),
        (lambda: plot.spectrum(result(exc=3), highest_hz=-1.0), "highest_hz must be > 0 Hz"),
        (lambda: plot.connectivity(np.zeros((3, 3))), "have an edge to draw"),
        (lambda: plot.connectivity(sparse.csr_array([[np.nan]])), r"projection\[0, 0\] must be finite"),
        (lambda: plot.connectivity(np.ones(3)), r"non-empty array \[source, target\]"),
    ],
)
def test_bad_input_is_answered_in_words(call, text) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError, match=text):
        call()
