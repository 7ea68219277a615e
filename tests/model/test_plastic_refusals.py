"""What cannot learn, or is told nonsense, says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import spikelab as sl
from spikelab.language import log

from .plastic_nets import competitive, recurrent


def two():
    net = sl.Network()
    return net, net.add("pre", 3, sl.LIF()), net.add("post", 4, sl.LIF())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"plasticity": sl.STDP}, "plasticity=.*must be a plasticity record or None"),
        ({"plasticity": "stdp"}, "must be a plasticity record or None"),
        ({"homeostasis": sl.Normalize(total=1.0)}, "be left out where no rule changes the weights"),
        ({"plasticity": sl.STDP(w_max=1.0), "homeostasis": 3.0}, "homeostasis=3.0.*such a record"),
        (
            {"plasticity": sl.STDP(w_max=1.0), "short_term": sl.TsodyksMarkram()},
            "short_term=.*left out where a rule changes the weights",
        ),
        ({"plasticity": sl.STDP(w_max=1.0), "failure_probability": 0.1}, "failure_probability=0.1"),
    ],
)
def test_connect_refuses(options, message):
    net, pre, post = two()
    with pytest.raises(sl.ParameterError, match=message):
        net.connect(pre, post, weight=0.5, **options)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.array([[0.5, -0.5, 0.1, 0.1]] * 3), "one sign"),
        (2.0, "w_max"),
    ],
)
def test_weights_that_the_rule_does_not_allow(weight, message):
    net, pre, post = two()
    net.connect(pre, post, weight=weight, plasticity=sl.STDP(w_max=1.0))
    with pytest.raises(sl.ParameterError, match=message):
        sl.Simulator(net)


@pytest.mark.parametrize(
    ("signals", "message"),
    [
        ({"reward": [0.0, 1.0, np.nan]}, r"signals\['reward'\]\[2\] must be finite"),
        ({"reward": np.nan}, "finite"),
        ({"pleasure": 1.0}, "'pleasure'.*The rules of this network read reward"),
        ({"reward": [1.0, 2.0]}, "one value for each of the 3 steps"),
        ({"reward": 1e300}, r"signals\['reward'\] must be finite in float32"),
        (1.0, "map names of signals"),
    ],
)
def test_signals(signals, message):
    sim = sl.Simulator(recurrent(sl.RewardSTDP(w_max=1.0)))
    before = sim.snapshot()
    with pytest.raises(sl.ParameterError, match=message):
        sim.run(0.3, signals=signals)
    for name, values in sim.snapshot().items():
        np.testing.assert_array_equal(values, before[name])


def test_a_signal_at_once():
    sim = sl.Simulator(recurrent(sl.RewardSTDP(w_max=1.0)))
    with pytest.raises(sl.ParameterError, match="finite"):
        sim.signal(reward=float("nan"))
    with pytest.raises(sl.ParameterError, match="finite in float32"):
        sim.signal(reward=-1e300)
    with pytest.raises(sl.ParameterError, match="The rules of this network read no signal"):
        sl.Simulator(recurrent()).signal(reward=1.0)


def test_present_refuses():
    sim = sl.Simulator(competitive(), dt_ms=1.0)
    x = np.ones((2, 20))
    with pytest.raises(sl.ParameterError, match="duration_ms=None"):
        sim.present({"image": x})
    for bad in (x[0], [[1.0], [2.0, 3.0]], x[:0], x[:, :0]):
        with pytest.raises(sl.ParameterError, match=r"\[sample, feature\]"):
            sim.present({"image": bad}, 10.0)
    with pytest.raises(sl.ParameterError, match="learn must be True or False"):
        sim.present({"image": x}, 10.0, learn=None)
    with pytest.raises(sl.ParameterError, match=r"2 integers .* one for each sample"):
        sim.present({"image": x}, 10.0, sample_ids=[-1, 2])
    with pytest.raises(sl.ParameterError, match=r"2 integers .* one for each sample"):
        sim.present({"image": x}, 10.0, sample_ids=[0])
    with pytest.raises(sl.ParameterError, match="batch=1"):
        sl.Simulator(competitive(), dt_ms=1.0, batch=2).present({"image": x}, 10.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w + 2.0, r"\[0\]=.* must lie between 0.0 and 1.0"),
        (lambda w: -w, "must lie between 0.0 and 1.0"),
        (lambda w: np.where(np.arange(w.size) == 3, np.nan, w), "finite"),
        (lambda w: w[1:], "one value for each of the 720 edges"),
        (lambda w: w[:1], "one value for each of the 720 edges"),
        (lambda w: w[None], "one value for each of the 720 edges"),
    ],
)
def test_weights_that_do_not_fit_replace_none(change, message):
    sim = sl.Simulator(recurrent(), device="reference")
    before = sim.weights()
    static, plastic = ("inh", "exc", 0), ("exc", "exc", 0)
    with pytest.raises(sl.ParameterError, match=message):
        sim.set_weights({plastic: change(before[plastic])})
    with pytest.raises(sl.ParameterError, match=message):
        sim.set_weights({static: before[static] / 2, plastic: change(before[plastic])})
    sim.set_weights({static: before[static]})  # builds anew, from all weights that were ever set
    for name, weights in sim.weights().items():
        np.testing.assert_array_equal(weights, before[name])


def test_weights_at_a_bound_that_float32_rounds_up_are_taken_back():
    net, pre, post = two()
    net.connect(pre, post, weight=0.1, plasticity=sl.STDP(w_max=0.1))
    sim = sl.Simulator(net, device="reference")
    weights = sim.weights()
    assert weights["pre", "post", 0].max() > 0.1
    sim.set_weights(weights)
    np.testing.assert_array_equal(
        sl.Simulator(net, device="reference", weights=weights).weights()["pre", "post", 0],
        weights["pre", "post", 0],
    )


def test_a_snapshot_of_other_synapses_is_refused_whole():
    sim = sl.Simulator(recurrent(n=60), device="reference")
    other = recurrent(n=60, delay_ms=1.0)
    before = sim.snapshot()
    with pytest.raises(sl.ParameterError, match=r"same network.*plastic/0/cell/age"):
        sim.restore(sl.Simulator(other, device="reference").snapshot())
    for name, values in sim.snapshot().items():
        np.testing.assert_array_equal(values, before[name])


@dataclass(frozen=True)
class _NoParams:
    tau_ms: float = 20.0


@sl.synapse(params=_NoParams, pre={"x": "tau_ms"})
class lost:
    def on_post(s, p, pre, post):
        return s.next(w=log(-s.w))


def test_weights_that_become_nan_stop_the_run():
    net = sl.Network()
    source, target = net.input("source", 5, sl.SpikeInput()), net.add("target", 3, sl.LIF())
    projection = net.connect(source, target, weight=10.0, delay_ms=1.0, plasticity=lost(w_max=20.0))
    sim, x = sl.Simulator(net), np.ones((600, 1, 5))
    sim.run(inputs={"source": 0 * x})
    with pytest.raises(
        sl.NotFiniteError, match=r"15 of 15 weights from 'source' to 'target'.*rule 'lost'"
    ) as at:
        sim.run(inputs={"source": x})
    assert at.value.rest.n_steps < 600
    assert (sim.weights()[projection] == 10.0).all()
    assert sim.run(inputs={"source": x}, learn=False)["target"].counts.sum() > 0


def test_rules_and_neurons_that_do_not_fit():
    def build(rule, target, source=None):
        net = sl.Network()
        end = net.add("target", 2, target)
        begin = net.input("x", 3, sl.PoissonEncoder(max_rate_hz=100.0)) if source is None else source(net)
        net.connect(begin, end, weight=0.1, plasticity=rule)
        sl.Simulator(net)

    with pytest.raises(sl.ParameterError, match="target that does not spike"):
        build(sl.STDP(w_max=1.0), sl.LeakyTanh())
    with pytest.raises(sl.ParameterError, match=r"not pre\.rate. There is none"):
        build(sl.Hebb(w_max=1.0), sl.LIF())
    with pytest.raises(sl.ParameterError, match=r"not pre\.rate. There is v_mv"):
        build(sl.Hebb(w_max=1.0), sl.LIF(), lambda net: net.add("source", 2, sl.LIF()))


def test_an_empty_projection_is_normalised():
    net, pre, post = two()
    net.drive(post, sl.PoissonDrive(rate_hz=9_000.0, weight=1.0))
    scale = sl.Normalize(total=1.0, every=1.0)
    net.connect(
        pre, post, sl.FixedProbability(0.0), weight=0.5, plasticity=sl.STDP(w_max=1.0), homeostasis=scale
    )
    sim = sl.Simulator(net, device="reference")
    sim.run(2.0)
    assert sim.weights()["pre", "post", 0].size == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sl.Normalize(total=0.0), "total must be > 0"),
        (lambda: sl.Normalize(total=1.0, every="day"), '"sample"'),
        (lambda: sl.SynapticScaling(rate_hz=-1.0), "rate_hz must be > 0"),
        (lambda: sl.SynapticScaling(every=0.0), "every must be > 0 ms"),
    ],
)
def test_records(make, message):
    with pytest.raises(sl.ParameterError, match=message):
        make()
