"""Parameters that neurons draw, NEST's names, and what all records have in common."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import pytest

import spikelab as sl
from spikelab.build import build
from spikelab.io.recipe import network_from_recipe, network_to_recipe
from spikelab.neurons.nest import NEST_MODELS
from spikelab.seeding import object_key

SPREAD = {"tau_mem_ms": sl.Uniform(5.0, 20.0), "v_init_mv": sl.Normal(-58.0, 10.0, high=-55.5)}


def built(cell, n=400, seed=3, name="cells"):
    net = sl.Network(seed)
    net.add(name, n, cell)
    (block,) = build(net, 0.1, "float64").blocks
    return block


def test_each_neuron_draws_its_own():
    block = built(sl.LIF(**SPREAD))
    decay, v = block.constants["decay"], block.initial["v_mv"]
    tau = -0.1 / np.log(decay)
    assert tau.shape == (400,) and 5.0 < tau.min() < 6.0 and 19.0 < tau.max() < 20.0
    assert v.max() < -55.5 and np.unique(v).size == 400
    assert {name for name, value in block.constants.items() if np.ndim(value)} == block.arrays
    assert "v_reset_mv" not in block.arrays and "v_drive_mv" in block.arrays


def test_the_stream_is_that_of_the_population_and_the_parameter():
    spread = SPREAD["tau_mem_ms"]
    expected = spread.sample(400, object_key(3, ("cells", "tau_mem_ms"), "parameter"))
    np.testing.assert_allclose(
        -0.1 / np.log(built(sl.LIF(**SPREAD)).constants["decay"]), expected, rtol=1e-12
    )
    # not of what else is drawn, of the neuron's other parameters or of other populations
    alone = built(sl.LIF(tau_mem_ms=spread, i_ext_pa=7.0)).constants["decay"]
    np.testing.assert_array_equal(alone, built(sl.LIF(**SPREAD)).constants["decay"])
    other = built(sl.LIF(tau_mem_ms=spread), name="others").constants["decay"]
    assert not np.isin(other, alone).any()
    assert not np.isin(built(sl.LIF(tau_mem_ms=spread), seed=4).constants["decay"], alone).any()


def test_what_is_drawn_is_checked_and_the_neuron_named():
    text = r"population 'cells': LIF\(tau_mem_ms\[\d+\]=-[\d.]+\): tau_mem_ms\[\d+\] must be > 0 ms"
    with pytest.raises(sl.ParameterError, match=text):
        built(sl.LIF(tau_mem_ms=sl.Normal(10.0, 10.0)))
    text = (
        r"population 'cells': LIF\(v_reset_mv\[\d+\]=-5\d.*: v_reset_mv\[\d+\] must lie below v_thresh_mv=-5"
    )
    with pytest.raises(sl.ParameterError, match=text):
        built(sl.LIF(v_thresh_mv=sl.Normal(-55.0, 3.0), v_reset_mv=-56.0))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.LIF(tau_mem_ms=-1.0, v_init_mv=sl.Normal(-58.0, 1.0)), "tau_mem_ms must be > 0 ms"),
        (lambda: sl.LIF(tau_mem_ms=sl.Normal), "tau_mem_ms must be a real number. A number, an array"),
        (lambda: sl.LIF(**SPREAD).prepare(0.1), "tau_mem_ms must be drawn first. Values are drawn when"),
        (lambda: sl.LIF(**SPREAD).initial(), "must be drawn first"),
        (lambda: sl.LIF(synapse="exp", refractory_input=True), "refractory_input must be False with"),
        (lambda: sl.LIF(refractory_input=1), "refractory_input must be True or False"),
        (lambda: sl.AdEx(delta_t_mv=0.0), r"delta_t_mv must be > 0 mV\. LIF and ConductanceLIF have"),
        (lambda: sl.AdEx(v_peak_mv=-60.0), "v_reset_mv must lie below v_peak_mv=-60.0. A spike ends at the"),
        (lambda: sl.AdEx(v_reset_mv=-70.0, v_peak_mv=-60.0), "v_thresh_mv must lie below v_peak_mv"),
        (lambda: sl.AdEx(synapse="alpha"), "synapse must be 'conductance' or 'current'"),
        (lambda: sl.ConductanceLIF(g_leak_ns=0.0), r"ConductanceLIF\(g_leak_ns=0.0\).* > 0 nS"),
        (lambda: sl.ConductanceLIF(v_reset_mv=-50.0), "v_reset_mv must lie below v_thresh_mv"),
        (lambda: sl.Izhikevich(c_mv=30.0), "c_mv must lie below v_peak_mv=30.0"),
        (lambda: sl.Izhikevich(a=np.nan), "a must be finite"),
        (lambda: sl.Izhikevich(consistent_integration=0), "consistent_integration must be True or False"),
        (lambda: sl.IF(c_mem_pf=[1.0, -1.0]), r"IF\(c_mem_pf\[1\]=-1.0\)"),
        (lambda: sl.EscapeLIF(width_mv=0.0), r"EscapeLIF\(width_mv=0.0\).* LIF has a sharp threshold"),
        (lambda: sl.AdaptiveLIF(tau_adapt_ms=0.0), r"AdaptiveLIF\(tau_adapt_ms=0.0\).* > 0 ms"),
        (lambda: sl.AdaptiveLIF(threshold="="), "threshold must be '>=' or '>'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_a_drawn_record_compares_copies_and_goes_through_a_file():
    cell = sl.LIF(**SPREAD)
    assert cell == sl.LIF(**SPREAD) != sl.LIF(tau_mem_ms=sl.Uniform(5.0, 21.0))
    assert copy.deepcopy(cell) == cell and cell.distributions == SPREAD
    net = sl.Network(seed=3)
    net.add("cells", 5, cell)
    recipe, arrays = network_to_recipe(net)
    assert network_from_recipe(recipe, arrays, {}) == net


def test_populations_of_one_model_may_draw_or_not():
    net = sl.Network(seed=3)
    net.add("a", 3, sl.LIF(tau_mem_ms=SPREAD["tau_mem_ms"]))
    net.add("b", 2, sl.LIF(tau_mem_ms=10.0))
    for block in build(net, 0.1).blocks:
        if "b" in block.ranges:
            lo, hi = block.ranges["b"]
            decay = np.broadcast_to(block.constants["decay"], (block.n,))[lo:hi]
            assert decay.tolist() == [float(np.exp(-0.01))] * 2


@dataclass(frozen=True)
class LeakParams:
    tau_ms: float = 10.0
    hold: int = 2
    start: float = 0.0

    def __post_init__(self) -> None:
        if np.any(np.asarray(self.tau_ms) <= 0):
            raise ValueError("tau_ms must be positive")


@sl.neuron(
    params=LeakParams,
    state={"v": "start"},
    currents=("push",),
    prepare=lambda params, dt_ms: {"keep": np.exp(-dt_ms / np.asarray(params.tau_ms))},
)
def leak(s, p, inp, rng):
    v = p.keep * s.v + inp.input + inp.push
    return s.next(v=v), v > 1.0


def test_a_model_of_ones_own_has_currents_and_draws():
    cell = leak(tau_ms=sl.Uniform(5.0, 20.0), start=sl.Normal(0.2, 0.01))
    assert cell.inputs == ("input", "push") and cell.receptors == ("input",)
    assert "tau_ms=Uniform(low=5.0, high=20.0)" in repr(cell)
    block = built(cell)
    assert block.constants["keep"].shape == (400,) and 0.1 < block.initial["v"].min() < 0.2
    with pytest.raises(sl.ParameterError, match=r"leak\(hold=Uniform.*Only a parameter declared as float"):
        leak(hold=sl.Uniform(1.0, 2.0))
    with pytest.raises(sl.ParameterError, match="currents must name each input once"):
        sl.neuron(params=LeakParams, state={"v": 0.0}, currents=("input",))
    net = sl.Network()
    cells = net.add("cells", 2, leak())
    net.connect(net.input("x", 2), cells, sl.OneToOne(), receptor="push")
    res = sl.Simulator(net, 0.1).run(inputs={"x": np.ones((3, 1, 2)) * 0.5}, record=sl.Record(traces=["v"]))
    assert res["cells"]["v"][0, 0].tolist() == [0.5, 0.5]


def test_nest_names():
    assert sl.from_nest("iaf_psc_exp", {"tau_m": 20.0}) == sl.LIF(
        synapse="exp", tau_mem_ms=20.0, v_init_mv=-70.0
    )
    cell = sl.LIF.from_nest(
        "iaf_psc_delta", {"E_L": 0.0, "V_th": 15.0, "V_reset": 0.0, "refractory_input": True}
    )
    assert (cell.v_rest_mv, cell.v_init_mv, cell.refractory_input) == (0.0, -70.0, True)  # V_m stays in NEST
    chance = sl.from_nest("iaf_psc_exp", {"delta": 2.0, "rho": 5.0})
    assert chance == sl.EscapeLIF(width_mv=2.0, rate_at_thresh_hz=5.0, v_init_mv=-70.0)
    assert isinstance(sl.from_nest("iaf_psc_exp", {"delta": 0.0, "rho": 5.0}), sl.LIF)
    assert sl.AdEx.from_nest("aeif_psc_exp").synapse == "current"
    drawn = sl.from_nest("iaf_psc_alpha", {"V_m": sl.Normal(-60.0, 1.0)})
    assert drawn.distributions == {"v_init_mv": sl.Normal(-60.0, 1.0)}
    for model, known in NEST_MODELS.items():
        assert type(sl.from_nest(model)) is known.record


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: sl.from_nest("iaf_psc_exq"), "be one of iaf_psc_delta, .*Did you mean 'iaf_psc_exp'"),
        (lambda: sl.from_nest("iaf_psc_exp", {"tau_mem": 1.0}), "known here: tau_m, .* Did you mean 'tau_m'"),
        (lambda: sl.from_nest("iaf_psc_delta", {"V_min": -80.0}), "There is no lower bound"),
        (lambda: sl.from_nest("iaf_psc_exp", {"tau_minus": 20.0}), "It belongs to plasticity"),
        (lambda: sl.from_nest("aeif_cond_exp", {"gsl_error_tol": 1e-9}), "has no tolerance"),
        (lambda: sl.from_nest("iaf_psc_exp", {"tau_m": -1.0}), r"LIF\(tau_mem_ms=-1.0\)"),
        (lambda: sl.AdEx.from_nest("iaf_psc_exp"), "that AdEx stands for. Use LIF.from_nest"),
    ],
)
def test_nest_names_that_are_refused(call, text):
    with pytest.raises(sl.ParameterError, match=text):
        call()
