"""LSMClassifier and its liquid: spikes, rates, labels."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import clone

import spikelab as sl
from spikelab.estimators.spike_features import SpikeFeatures

SMALL = sl.LiquidReservoir(n=63)


def noise_and_ramps(n=24, seed=0):
    rng = np.random.default_rng(seed)
    series, labels = [], []
    for i in range(n):
        one = 0.3 * rng.standard_normal((rng.integers(8, 16), 2))
        one += np.linspace(-1, 1, len(one))[:, None] * (1 if i % 2 else -1)
        series.append(one)
        labels.append("up" if i % 2 else "down")
    return series, np.array(labels)


@pytest.mark.parametrize("pooling", ["segments", "last"])
def test_the_liquid_tells_ramps_apart_by_their_course(pooling):
    model = sl.LSMClassifier(SMALL, pooling=pooling).fit(*noise_and_ramps())
    assert model.score(*noise_and_ramps(30, seed=1)) >= 0.9
    assert 0 < model.spike_synops_per_sample_ < model.synops_per_sample_


def test_a_silent_liquid_knows_nothing():
    """The control: without spikes the readout has its intercept alone."""
    silent = sl.LiquidReservoir(n=63, bias_pa=0.0, bias_spread_pa=0.0, input_pa=1e-3)
    model = sl.LSMClassifier(silent).fit(*noise_and_ramps())
    assert model.spike_synops_per_sample_ == 0.0
    assert len(set(model.predict(noise_and_ramps(30, seed=1)[0]))) == 1


def features(recipe=SMALL, **changes):
    values = {
        "pooling": "segments", "n_segments": 3, "trace_ms": 50.0, "include_input": False, "washout": 0,
        "threads": 1, "dtype": "float32", **changes,
    }  # fmt: skip
    return SpikeFeatures(recipe.network(2, seed=1), "reservoir", recipe.dt_ms, **values)


def collected(made, series):
    rows = np.full((len(series), made.n_out), np.nan)
    for index, block in made.blocks(series):
        rows[index] = block
    return rows


def test_rates_are_those_of_the_spikes_of_each_series_alone():
    series = [x.astype(np.float32) for x in noise_and_ramps(9)[0]]
    rows = collected(features(), series)
    for row, one in zip(rows, series, strict=True):
        sim = sl.Simulator(SMALL.network(2, seed=1), dt_ms=1.0)
        spikes = sim.run(inputs={"in": one[:, None]})["reservoir"].spikes.dense()[:, 0]
        cuts = np.arange(4) * len(spikes) // 3
        rates = [spikes[a:b].mean(axis=0) * 1000.0 for a, b in pairwise(cuts)]
        np.testing.assert_allclose(row, np.concatenate(rates), rtol=1e-12)


def test_the_trace_at_the_end_forgets_with_its_time_constant():
    one = noise_and_ramps(1)[0][0].astype(np.float32)
    sim = sl.Simulator(SMALL.network(2, seed=1), dt_ms=1.0)
    spikes = sim.run(inputs={"in": one[:, None]})["reservoir"].spikes.dense()[:, 0]
    trace = np.zeros(63)
    for row in spikes:
        trace = trace * np.exp(-1.0 / 20.0) + row
    (row,) = collected(features(pooling="last", trace_ms=20.0), [one])
    np.testing.assert_allclose(row, trace, rtol=1e-9)


def test_groups_chunks_and_threads_do_not_matter(monkeypatch):
    from spikelab.estimators import spike_features

    series = [x.astype(np.float32) for x in noise_and_ramps(20)[0]]
    whole = collected(features(washout=2), series)
    monkeypatch.setattr(spike_features, "_GROUP_ROWS", 7)
    monkeypatch.setattr(spike_features, "_RUN_STEPS", 7 * 63 * 20 * 3)
    np.testing.assert_array_equal(collected(features(washout=2, threads=2), series), whole)


def test_the_liquid_has_its_kinds_and_thins_out_with_distance():
    recipe = sl.LiquidReservoir(n=125, inhibitory=0.2)
    net = recipe.network(2, seed=4)
    inhibitory, positions = recipe.is_inhibitory(4), recipe.positions()
    assert inhibitory.sum() == 25
    assert positions.shape == (125, 3) and positions.max() == 4
    edges = net.projections["reservoir", "reservoir", 0].edges()
    assert (edges.source != edges.target).all()
    assert ((edges.weight < 0) == inhibitory[edges.source]).all()
    distance = np.linalg.norm(positions[edges.source] - positions[edges.target], axis=1)
    assert (distance < 2).mean() > 3 * (distance >= 4).mean()
    assert not sl.LiquidReservoir(n=125, reach=0.0).network(2, seed=4).projections.keys() - {
        ("in", "reservoir", 0)
    }


def test_a_lasting_input_is_the_current_asked_for():
    """Input 1 held for long, 100 pA at most: the synaptic currents settle on the drawn weight."""
    recipe = sl.LiquidReservoir(n=27, reach=0.0, input_pa=100.0, bias_pa=0.0, bias_spread_pa=0.0)
    sim = sl.Simulator(recipe.network(1, seed=0), dt_ms=1.0, dtype="float64")
    sim.run(inputs={"in": np.ones((20, 1, 1))})
    state = sim.state()["reservoir"]
    current = (state["i_exc_pa"] + state["i_inh_pa"])[0]
    assert 60 < np.abs(current).max() <= 100
    assert (current < 0).any() and (current > 0).any()


def test_parameters_follow_scikit_learn():
    model = sl.LSMClassifier(SMALL).set_params(reservoir__frame_ms=10.0)
    assert model.reservoir.frame_ms == 10.0 and SMALL.frame_ms == 20.0
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"n": 0}, r"LiquidReservoir\(n=0\): n must be an integer >= 1"),
        ({"inhibitory": 1.5}, r"inhibitory must lie in \[0, 1\]"),
        ({"tau_mem_ms": -1.0}, r"tau_mem_ms must be > 0"),
        ({"frame_ms": 0.5}, r"frame_ms must be >= dt_ms=1.0"),
        ({"weight_inh_pa": -3.0}, r"weight_inh_pa must be >= 0"),
        ({"bias_pa": np.nan}, r"bias_pa must be finite"),
    ],
)
def test_bad_recipes_are_refused(values, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.LiquidReservoir(**values)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"reservoir": sl.Reservoir(63)}, r"reservoir must be a LiquidReservoir recipe"),
        ({"pooling": "model_space"}, r"pooling must be one of 'last', 'mean', 'segments'"),
        ({"trace_ms": 0.0}, r"trace_ms must be > 0 ms"),
        ({"reservoir": sl.LiquidReservoir(n=63, input_in_degree=3)}, r"input_in_degree must be <= 2"),
    ],
)
def test_bad_parameters_are_refused_at_fit(params, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.LSMClassifier(**{"reservoir": SMALL, **params}).fit(*noise_and_ramps())
