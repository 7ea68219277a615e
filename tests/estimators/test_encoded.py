"""Features to spikes, and spikes to the liquid: current coding, delta coding, and their floor."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.estimators.spike_features import SpikeFeatures
from spikelab.reservoir import add_encoder, encoder_network

SMALL = sl.LiquidReservoir(n=63, frame_ms=5.0)
ENCODERS = [sl.LIFEncoder(), sl.DeltaEncoder(threshold=0.3)]


def ramps(n=30, seed=0):
    """Series that rise or fall: only the order of the values tells which."""
    rng = np.random.default_rng(seed)
    series, labels = [], []
    for i in range(n):
        ramp = np.linspace(0.0, 1.0, int(rng.integers(20, 30)))[:, None] * np.ones(2)
        ramp = ramp[::-1] if i % 2 else ramp
        series.append(ramp + 0.05 * rng.normal(size=ramp.shape))
        labels.append(i % 2)
    return series, np.array(labels)


def encoder_spikes(encoder, x, dt_ms=1.0):
    """Spikes [step, channel] of the encoder alone for one series, 5 ms a row."""
    sim = sl.Simulator(encoder_network(x.shape[1], encoder, 5.0, dt_ms), dt_ms=dt_ms)
    return sim.run(inputs={"in": x[:, None]})["encoder"].spikes.dense()[:, 0]


def test_a_lasting_value_fires_at_the_rate_of_the_formula():
    encoder = sl.LIFEncoder(gain_pa=200.0, bias_pa=100.0)
    counts = encoder_spikes(encoder, np.ones((200, 1), np.float32), dt_ms=0.02).sum(axis=0)
    period_ms = 2.0 + 10.0 * np.log(300.0 / (300.0 - 125.0))
    assert counts[0] == pytest.approx(1000.0 / period_ms, rel=0.01)
    assert counts[1] == 0


def test_opposed_neurons_share_the_work():
    x = np.concatenate([np.ones(40), -np.ones(40)])[:, None].astype(np.float32)
    spikes = encoder_spikes(sl.LIFEncoder(bias_pa=50.0), x)
    first, second = spikes[:200].sum(axis=0), spikes[230:].sum(axis=0)
    assert first[0] > 5 and first[1] == 0
    assert second[1] > 5 and second[0] == 0
    assert encoder_spikes(sl.LIFEncoder(opposed=False), x).shape == (400, 1)


def test_delta_spikes_add_up_to_the_signal():
    x = np.sin(np.arange(80) / 8.0)[:, None].astype(np.float32)
    spikes = encoder_spikes(sl.DeltaEncoder(threshold=0.1), x).astype(float)
    level = x[0, 0] + 0.1 * (spikes[:, 0] - spikes[:, 1]).cumsum()
    assert np.abs(level[4::5] - x[:, 0]).max() < 0.1 + 1e-6


@pytest.mark.parametrize("encoder", ENCODERS, ids=["lif", "delta"])
def test_the_liquid_hears_the_spikes_of_the_encoder_alone(encoder):
    x = ramps(1)[0][0].astype(np.float32)
    net = SMALL.network(2, 1, encoder)
    result = sl.Simulator(net, dt_ms=1.0).run(inputs={"in": x[:, None]})
    np.testing.assert_array_equal(result["encoder"].spikes.dense()[:, 0], encoder_spikes(encoder, x))
    sources = {name[0] for name in net.projections if name[1] == "reservoir"}
    assert sources == {"encoder", "reservoir"}


@pytest.mark.parametrize("encoder", ENCODERS, ids=["lif", "delta"])
def test_both_estimators_tell_ramps_apart(encoder):
    X, y = ramps()
    for model in (
        sl.LSMClassifier(SMALL, encoder=encoder),
        sl.EncodedInputClassifier(encoder, frame_ms=5.0),
    ):
        assert model.fit(X, y).score(*ramps(20, seed=1)) >= 0.9


def test_operations_count_the_spikes_that_cross_an_edge():
    encoder, x = sl.DeltaEncoder(threshold=0.2), ramps(1)[0][0].astype(np.float32)
    net = SMALL.network(2, 1, encoder)
    made = SpikeFeatures(
        net, "reservoir", 1.0, pooling="mean", n_segments=1, trace_ms=50.0, include_input=False, washout=0,
        threads=1, dtype="float32",
    )  # fmt: skip
    list(made.blocks([x]))
    result = sl.Simulator(net, dt_ms=1.0).run(inputs={"in": x[:, None]})
    expected = 0
    for projection in net.projections.values():
        if projection.source.name in net.populations:
            fan_out = np.bincount(projection.edges().source, minlength=projection.source.n)
            expected += int((result[projection.source.name].spikes.dense()[:, 0].sum(axis=0) * fan_out).sum())
    assert made.spike_synops == expected > 0
    assert made.n_input_edges == 0  # comparisons, no multiplications


def test_without_an_encoder_the_network_is_what_it_was():
    assert SMALL.network(2, 1) == SMALL.network(2, 1, None)
    assert list(SMALL.network(2, 1).populations) == ["reservoir"]


def test_nested_parameters_reach_the_encoder():
    model = sl.LSMClassifier(SMALL, encoder=sl.LIFEncoder()).set_params(encoder__gain_pa=80.0)
    assert model.encoder == sl.LIFEncoder(gain_pa=80.0)
    assert model.get_params()["encoder__gain_pa"] == 80.0


def test_what_is_no_encoder_is_refused():
    X, y = ramps(4)
    with pytest.raises(sl.ParameterError, match="be None, or a DeltaEncoder or a LIFEncoder"):
        sl.LSMClassifier(SMALL, encoder=sl.PoissonEncoder()).fit(X, y)
    with pytest.raises(sl.ParameterError, match="PooledInputClassifier pools the values themselves"):
        sl.EncodedInputClassifier(None).fit(X, y)
    with pytest.raises(sl.ParameterError, match=r"frame_ms must be >= dt_ms=2\.0"):
        sl.EncodedInputClassifier(frame_ms=1.0, dt_ms=2.0).fit(X, y)
    with pytest.raises(sl.ParameterError, match="be a DeltaEncoder or a LIFEncoder"):
        add_encoder(sl.Network(), 2, sl.SpikeInput(), 1.0, 1.0)
    with pytest.raises(sl.ParameterError, match="gain_pa must be > 0 pA"):
        sl.LIFEncoder(gain_pa=0.0)
    with pytest.raises(sl.ParameterError, match="opposed must be True or False"):
        sl.LIFEncoder(opposed=1)
