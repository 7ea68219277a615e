"""``@synapse``: a rule of one's own learns as the built-in one, is saved, and errors name the place."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import pytest

import spikelab as sl
from spikelab.errors import ParameterError
from spikelab.language import max, where
from spikelab_kernels.ir.errors import ModelError

from .pairs import network, spikes, weights_after


@dataclass(frozen=True)
class PairParams:
    a_plus: float = 0.01
    a_minus: float = 0.012
    tau_ms: float = 20.0


@sl.synapse(params=PairParams, pre={"x": "tau_ms"}, post={"y": "tau_ms"})
class pair:
    def on_pre(s, p, pre, post):
        return s.next(w=s.w - p.a_minus * post.y)

    def on_post(s, p, pre, post):
        return s.next(w=s.w + p.a_plus * pre.x)


@dataclass(frozen=True)
class DecayParams:
    decay: float = 0.5
    tau_c_ms: float = 50.0
    bounded: bool = True


def bounded_below(p, w):
    return where(p.bounded, max(w, p.floor), w)


@sl.synapse(
    params=DecayParams,
    state={"c": "tau_c_ms", "count": ""},
    pre={"x": sl.Trace("tau_c_ms", raised="set")},
    third=("reward",),
    prepare=lambda params, dt_ms: {"floor": params.decay / 10.0},
    traits=sl.Traits(passes=2),
)
class decaying:
    def on_post(s, p, pre, post):
        return s.next(c=s.c + pre.x, count=s.count + 1.0)

    def on_step(s, p, pre, post, third):
        return s.next(w=bounded_below(p, s.w - p.decay * third.reward * s.c))


def trains(n=6, steps=120):
    rng = np.random.default_rng(4)
    return [[np.flatnonzero(rng.random(steps) < 0.1).tolist() for _ in range(n)] for _ in range(2)]


@pytest.mark.parametrize(("device", "dtype"), [("reference", "float64"), ("cpu", "float32")])
def test_the_rule_learns_as_the_built_in_one(device, dtype):
    pre, post = trains()
    built_in = sl.STDP(w_max=1.0, a_plus=0.01, a_minus=0.012)
    ours, theirs = (
        weights_after(rule, pre, post, 140, device=device, dtype=dtype)
        for rule in (pair(w_max=1.0), built_in)
    )
    np.testing.assert_array_equal(ours, theirs)
    assert np.ptp(ours) > 0.01


def test_state_signals_prepare_and_helpers():
    reward = np.zeros(60)
    reward[40] = 1.0
    w = weights_after(
        decaying(w_max=1.0), [[10, 12], []], [[15], [15]], 60, delay=0, signals={"reward": reward}
    )
    np.testing.assert_allclose(w, [max(0.5 - 0.5 * np.exp(-28 / 50), 0.05), 0.5], rtol=1e-14)
    assert decaying(w_max=1.0).traits.passes == 2
    assert decaying(w_max=1.0).when == "signal"
    assert pair(w_max=1.0).when == "always"


def test_saved_and_loaded(tmp_path):
    rule = pair(w_max=2.0, w_min=-1.0, tau_ms=15.0, delay_kind="axonal")
    sl.Simulator(network(rule, 3, 0.5, 1.0), 1.0, device="reference").save(tmp_path / "net.sim")
    again = sl.Simulator.load(tmp_path / "net.sim", models={"pair": pair})
    assert again.net.projections["source", "cells", 0].plasticity == rule
    with pytest.raises(sl.CheckpointError, match=r"synapse model 'pair'\. Pass models=\{'pair': pair\}"):
        sl.Simulator.load(tmp_path / "net.sim")


def test_copies_are_the_rule_itself():
    assert copy.deepcopy(pair) is pair
    assert pair(w_max=1.0) == pair(w_max=1.0) != pair(w_max=1.0, a_plus=0.5)
    assert repr(pair) == "<rule of plasticity pair>"
    assert repr(pair(w_max=1.0)).startswith("pair(w_min=0.0, w_max=1.0, delay_kind='dendritic'")


class Nothing:
    pass


class Misspelt:
    def on_pres(s, p, pre, post):
        return s.next(w=s.w)


@dataclass
class Thawed:
    tau_ms: float = 20.0


@dataclass(frozen=True)
class Named:
    w_max: float = 1.0


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.synapse(params=Thawed), "params must be a frozen dataclass. Write @dataclass"),
        (lambda: sl.synapse(params=Named), "params must have no field w_max"),
        (lambda: sl.synapse(params=PairParams, third="reward"), r"Write third=\('reward',\)"),
        (lambda: sl.synapse(params=PairParams, pre={"spike": "tau_ms"}), "declared once. spike is there"),
        (lambda: sl.synapse(params=PairParams, pre={"x": 20.0}), r"pre\[x\] must name the parameter"),
        (lambda: sl.synapse(params=PairParams, post=("y",)), r'Write post=\{"x": "tau_ms"\}'),
        (lambda: sl.synapse(params=PairParams, state={"w": ""}), "declared once. w is there in any case"),
        (lambda: sl.synapse(params=PairParams, when="never"), "when must be a"),
        (lambda: sl.synapse(params=PairParams, prepare=3), "prepare must be a function"),
        (lambda: sl.synapse(params=PairParams)(Nothing), r"Nothing.*have one of on_pre, on_post, on_step"),
        (lambda: sl.synapse(params=PairParams)(Misspelt), r"on_pres.*must be one of on_pre"),
        (lambda: sl.synapse(params=PairParams)(lambda s: s), "be a class of functions"),
        (
            lambda: sl.synapse(params=PairParams, pre={"x": "tau"})(type(pair)),
            "must be one of on_pre",
        ),
        (lambda: pair(), r"pair\(w_max=None\): w_max must be given"),
        (lambda: pair(w_max=1.0, tau=3.0), "tau must be one of its parameters. Did you mean tau_ms"),
        (lambda: pair(w_max=1.0, tau_ms=-3.0), r"pair\(tau_ms=-3.0\): tau_ms must be > 0 ms"),
        (lambda: pair(w_max=1.0, a_plus=float("nan")), "a_plus must be finite"),
        (lambda: pair(w_max=1.0, a_plus=[1.0]), "a_plus must be a single number"),
        (lambda: decaying(w_max=1.0, bounded=1), "bounded must be True or False"),
    ],
)
def test_refusals(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_states_need_time_constants():
    with pytest.raises(ParameterError, match=r"name the time constant of each state. Write state=\{"):
        sl.synapse(params=PairParams, state=("c",))


def test_a_time_constant_must_be_a_parameter():
    with pytest.raises(
        sl.ParameterError, match=r"pre\[x\]='tau'\): pre\[x\] must name one of the parameters a_p"
    ):

        @sl.synapse(params=PairParams, pre={"x": "tau"})
        class wrong:
            def on_post(s, p, pre, post):
                return s.next(w=s.w + pre.x)


def test_errors_point_at_the_line():
    with pytest.raises(ModelError, match=r"post\.z is not declared. Declared: y") as error:

        @sl.synapse(params=PairParams, post={"y": "tau_ms"})
        class wrong:
            def on_pre(s, p, pre, post):
                return s.next(w=s.w - post.z)

    assert error.value.text.strip() == "return s.next(w=s.w - post.z)"


def test_other_state_is_not_written():
    with pytest.raises(ModelError, match=r"'v' is not a declared state"):

        @sl.synapse(params=PairParams)
        class wrong:
            def on_pre(s, p, pre, post):
                return s.next(v=1.0)


def test_a_rule_of_ones_own_in_a_run_that_goes_on(tmp_path):
    pre, post = trains(3)
    net = network(pair(w_max=1.0), 3, 0.5, 1.0)
    given = {"source": spikes(pre, 120), "teacher": spikes(post, 120)}
    whole = sl.Simulator(net, 1.0, device="reference")
    whole.run(inputs=given)
    half = sl.Simulator(net, 1.0, device="reference")
    half.run(inputs={name: value[:50] for name, value in given.items()})
    half.save(tmp_path / "half.sim")
    rest = sl.Simulator.load(tmp_path / "half.sim", device="reference", models={"pair": pair})
    rest.run(inputs={name: value[50:] for name, value in given.items()})
    name = ("source", "cells", 0)
    np.testing.assert_array_equal(rest.weights()[name], whole.weights()[name])
