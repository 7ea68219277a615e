"""Feed-forward recipes: what they hold, what they refuse, and that they run on every kind of input."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl


def test_sizes_make_an_input_and_a_chain_of_populations():
    cell = sl.LIF.unitless(beta=0.8)
    net = sl.layers(20, 30, 5, neuron=cell, seed=3)
    assert {name: item.n for name, item in net.inputs.items()} == {"in": 20}
    assert {name: pop.n for name, pop in net.populations.items()} == {"layer1": 30, "layer2": 5}
    assert list(net.projections) == [("in", "layer1", 0), ("layer1", "layer2", 0)]
    assert all(pop.neuron == cell for pop in net.populations.values())
    assert isinstance(net.inputs["in"].encoder, sl.SpikeInput)
    assert net.seed == 3


def test_the_default_neuron_is_the_unitless_lif():
    assert sl.layers(2, 3).populations["layer1"].neuron == sl.LIF.unitless()


def test_drawn_weights_follow_the_rule_and_the_seed():
    first, again, other = (sl.layers(400, 50, 20, weight_scale=2.0, seed=seed) for seed in (1, 1, 2))
    for name, n in ((("in", "layer1", 0), 400), (("layer1", "layer2", 0), 50)):
        weights = first.projections[name].edges().weight
        assert np.abs(weights).max() == pytest.approx(2.0 / n**0.5, rel=0.02)
        assert abs(weights.mean()) < 0.1 / n**0.5
        np.testing.assert_array_equal(weights, again.projections[name].edges().weight)
        assert (weights != other.projections[name].edges().weight).any()


def test_the_rule_counts_the_channels_of_the_encoder():
    net = sl.layers(10, 4, encoder=sl.DeltaEncoder(threshold=0.1))
    weights = net.projections["in", "layer1", 0].edges().weight
    assert weights.size == 20 * 4
    assert np.abs(weights).max() <= 1 / 20**0.5


def test_own_weights_names_neurons_and_readout():
    one, two = np.full((4, 3), 0.5), np.full((3, 2), 0.25)
    cells = [sl.LIF.unitless(beta=0.5), sl.LIF.unitless(beta=0.7)]
    net = sl.layers(4, 3, 2, neuron=cells, weights=[one, two], names=["hidden", "out"])
    assert [pop.neuron for pop in net.populations.values()] == cells
    np.testing.assert_array_equal(net.projections["hidden", "out", 0].edges().weight, two.ravel())
    read = sl.LeakyIntegrator(tau_mem_ms=5.0)
    net = sl.layers(4, 3, 2, neuron=cells[0], readout=read, weights=[0.5, sl.Uniform(0, 1)])
    assert [pop.neuron for pop in net.populations.values()] == [cells[0], read]


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [
        (
            (),
            {},
            r"layers\(sizes=\(\)\): sizes must be the features of the input and the neurons of at least",
        ),
        ((784,), {}, r"layers\(sizes=\(784,\)\): sizes must be .* Write layers\(784, 400, 10\)"),
        ((4, 0), {}, r"layers\(sizes\[1\]=0\): sizes\[1\] must be"),
        ((4, 2.5), {}, r"layers\(sizes\[1\]=2.5\): sizes\[1\] must be"),
        ((4, 3, 2), {"weights": [1.0]}, r"weights must have 2 entries, one for each layer"),
        ((4, 3, 2), {"weights": 1.0}, r"weights must have 2 entries, one for each layer"),
        ((4, 3), {"weights": [np.ones((3, 4))]}, r"shape \(source, target\) = \(4, 3\).*Transpose it"),
        ((4, 3, 2), {"names": "ab"}, r"names must have 2 entries, one for each layer"),
        ((4, 3, 2), {"names": ["in", "out"]}, r"name must be new in this network"),
        ((4, 3, 2), {"neuron": [sl.LIF()]}, r"neuron must have 2 entries, one for each layer"),
        ((4, 3, 2), {"neuron": 3}, r"neuron must be a neuron record, or a list with one for each layer"),
        ((4, 3, 2), {"neuron": sl.LIF}, r"neuron must be a neuron record, or a list with one"),
        ((4, 3, 2), {"neuron": [sl.LIF(), 3]}, r"neuron must be a neuron record"),
        ((4, 3, 2), {"readout": 3}, r"neuron must be a neuron record"),
        ((4, 3), {"weight_scale": 0.0}, r"weight_scale must be > 0"),
        ((4, 3), {"weight_scale": np.nan}, r"weight_scale must be"),
        ((4, 3), {"encoder": 3}, r"encoder must be an encoder record or None"),
    ],
)
def test_what_cannot_be_layers_is_refused(arguments, options, text):
    with pytest.raises(sl.ParameterError, match=text):
        sl.layers(*arguments, **options)


@pytest.mark.parametrize(
    ("encoder", "frame_ms", "rows"),
    [(sl.SpikeInput(), None, 20), (None, None, 20), (sl.PoissonEncoder(max_rate_hz=300.0), 5.0, 4),
     (sl.LatencyEncoder(), 5.0, 4), (sl.DeltaEncoder(threshold=0.1), None, 20)],
)  # fmt: skip
def test_every_kind_of_input_drives_the_layers(encoder, frame_ms, rows):
    rng = np.random.default_rng(0)
    x = rng.random((rows, 3, 12))
    x = x < 0.4 if isinstance(encoder, sl.SpikeInput) else x
    net = sl.layers(12, 70, 9, encoder=encoder, frame_ms=frame_ms, weight_scale=6.0)
    result = sl.Simulator(net, batch=3).run(inputs={"in": x})
    assert result.n_steps == 20
    assert all(len(part.spikes) for part in result.values())


def test_a_readout_keeps_values_and_the_spikes_that_arrive_in_the_same_step():
    read = sl.LeakyIntegrator(tau_mem_ms=10.0)
    net = sl.layers(1, 1, 1, readout=read, weights=[2.0, 1.0], encoder=None)
    x = np.array([[[1.0]], [[0.0]]])
    result = sl.Simulator(net, 1.0).run(inputs={"in": x}, record=sl.Record(traces=["v"]))
    assert result["layer1"].spikes.step.tolist() == [0]
    np.testing.assert_allclose(result["layer2"]["v"][:, 0, 0], [1.0, np.exp(-0.1)], rtol=1e-6)


def test_drawn_weights_can_be_scaled_to_a_rate():
    net = sl.layers(50, 40, 20)
    sim = sl.Simulator(net, batch=4)
    x = np.random.default_rng(1).random((100, 4, 50)) < 0.1
    rates = sim.calibrate({"in": x}, rate_hz=100.0)
    assert rates == pytest.approx({"layer1": 100.0, "layer2": 100.0}, rel=0.1)
