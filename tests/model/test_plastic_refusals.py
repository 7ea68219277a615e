"""What cannot learn, or is told nonsense, says so."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl

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
    with pytest.raises(sl.ParameterError, match="The rules of this network read no signal"):
        sl.Simulator(recurrent()).signal(reward=1.0)


def test_present_refuses():
    sim = sl.Simulator(competitive(), dt_ms=1.0)
    x = np.ones((2, 20))
    with pytest.raises(sl.ParameterError, match="duration_ms=None"):
        sim.present({"image": x})
    with pytest.raises(sl.ParameterError, match=r"\[sample, feature\]"):
        sim.present({"image": x[0]}, 10.0)
    with pytest.raises(sl.ParameterError, match="one whole number for each of the 2 samples"):
        sim.present({"image": x}, 10.0, sample_ids=[0])
    with pytest.raises(sl.ParameterError, match="batch=1"):
        sl.Simulator(competitive(), dt_ms=1.0, batch=2).present({"image": x}, 10.0)


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
