"""The loop of competing neurons against the engine, and its compiled form against NumPy: the same bits."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.build import build
from spikelab.fused.competitive import Competitive, suits
from spikelab.simulator import present as module

N, PIXELS, STEPS = 6, 21, 50
NAME = ("image", "exc", 0)
INH = sl.DiehlCookLIF(
    tau_mem_ms=10.0, tau_ref_ms=2.0, v_rest_mv=-60.0, v_reset_mv=-45.0, v_thresh_mv=-40.0, theta_plus_mv=0.0
)


def network(
    rule, delay_ms=1.0, back_ms=1.0, total=None, spares=True, exc=None, inh=INH, n=N, pixels=PIXELS, sign=1.0
):
    net = sl.Network(seed=4)
    image = net.input("image", pixels, sl.PoissonEncoder(max_rate_hz=250.0))
    cell = sl.DiehlCookLIF(theta_plus_mv=0.3, tau_theta_ms=500.0) if exc is None else exc
    one, two = net.add("exc", n, cell), net.add("inh", n, inh)
    scaling = None if total is None else sl.Normalize(total=total)
    ends = sorted((0.2 * sign, 1.4 * sign))
    net.connect(image, one, weight=sl.Uniform(*ends), delay_ms=delay_ms, plasticity=rule, homeostasis=scaling)
    net.connect(one, two, sl.OneToOne(), weight=22.5, delay_ms=2.0)
    pattern = sl.FromArray(-3.0 * (1.0 - np.eye(n))) if spares else sl.AllToAll()
    net.connect(two, one, pattern, delay_ms=back_ms, **({} if spares else {"weight": -3.0}))
    return net


def images(count=3, pixels=PIXELS):
    rng = np.random.default_rng(8)
    return rng.random((count, pixels)) * (rng.random((count, pixels)) < 0.6)


BOTH = {"nu_post": 0.05, "nu_pre": 0.01, "w_max": 1.5}
CASES = {
    "transmission": ({}, sl.TraceSTDP(**BOTH, delay_kind="transmission", coincident="include")),
    "late": ({"delay_ms": 3.0}, sl.TraceSTDP(**BOTH, delay_kind="transmission", coincident="include")),
    "dendritic": ({"delay_ms": 2.0, "total": 12.0}, sl.TraceSTDP(**BOTH)),
    "axonal": ({"delay_ms": 3.0}, sl.TraceSTDP(**BOTH, delay_kind="axonal", coincident="pre_first")),
    "at once": ({"delay_ms": 0.0}, sl.TraceSTDP(**BOTH, coincident="pre_first")),
    "offset": ({"total": 12.0}, sl.TraceSTDP(**BOTH, x_offset=0.3, mu=0.4, raised="add")),
    "all": ({"spares": False, "back_ms": 3.0}, sl.TraceSTDP(**BOTH)),
    "pairs": ({}, sl.STDP(w_max=1.5, a_plus=0.05, a_minus=0.05, coincident="pre_first")),
    "triplets": ({"delay_ms": 2.0}, sl.TripletSTDP(w_max=1.5)),
    "constant": ({}, sl.InhibitorySTDP(w_max=1.5, eta=0.02)),
    "negative": (
        {"sign": -1.0, "exc": sl.EscapeLIF(v_thresh_mv=-69.5, rate_at_thresh_hz=200.0)},
        sl.InhibitorySTDP(w_max=1.5, eta=0.02),
    ),
    "currents": (
        {"exc": sl.LIF(synapse="exp", tau_mem_ms=20.0, c_mem_pf=1.0, v_thresh_mv=-65.0), "inh": sl.LIF()},
        sl.TraceSTDP(**BOTH),
    ),
    "chance": (
        {"exc": sl.EscapeLIF(c_mem_pf=1.0, v_thresh_mv=-66.0, rate_at_thresh_hz=100.0)},
        sl.TraceSTDP(**BOTH),
    ),
}  # fmt: skip


def everything(sim, learn):
    shown = sim.present({"image": images()}, STEPS * 1.0, learn=learn, sample_ids=[7, 3, 900])
    theta = sim.state()["exc"].get("theta_mv", np.zeros(0))
    return [shown["exc"], shown["inh"], sim.weights()[NAME], theta]


@pytest.mark.parametrize(
    ("case", "dtype"), [*((case, "float32") for case in CASES), ("late", "float64"), ("triplets", "float64")]
)
def test_the_engine_does_the_same(case, dtype, monkeypatch):
    options, rule = CASES[case]
    net = network(rule, **options)
    assert suits(build(net, 1.0, dtype))
    sims = [sl.Simulator(net, 1.0, device="reference", dtype=dtype) for _ in range(2)]
    looped = [everything(sims[0], True), everything(sims[0], False)]
    monkeypatch.setattr(module.FusedSamples, "suits", staticmethod(lambda sim: False))
    stepped = [everything(sims[1], True), everything(sims[1], False)]
    start = build(net, 1.0, dtype).net.projections[NAME].edges().weight
    assert looped[0][0].sum() > 5 and np.abs(looped[0][2] - start).max() > 1e-3
    for one, other in zip(looped, stepped, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(looped[1][2], looped[0][2])  # frozen


@pytest.mark.parametrize(
    ("case", "dtype", "n", "pixels"),
    [("transmission", "float32", 70, 130), ("offset", "float64", 9, 64)],
)
def test_the_compiled_loop_does_the_same(case, dtype, n, pixels):
    options, rule = CASES[case]
    built = build(network(rule, n=n, pixels=pixels, **{"total": 30.0, **options}), 1.0, dtype)
    found = []
    for backend in ("cpu", "reference"):
        loop = Competitive(built, backend=backend)
        shown = [loop.present(images(4, pixels), STEPS, trains=True)]
        shown.append(loop.present(images(2, pixels), 30, learn=False, sample_ids=np.array([9, 2**32 - 1])))
        rows = np.repeat(images(2, pixels)[:, None], 3, axis=1)
        rows[:, 1] = 0.0
        shown.append(loop.present(rows, 3, trains=True))  # intensities that change, as bits
        states = [values for variables in loop.state.values() for values in variables.values()]
        found.append([*(value for one in shown for value in one.values()), loop.weights, *states])
    assert found[0][0].sum() > 10
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_quiet_rules_are_told_from_others():
    expected = {"transmission": (True, True), "pairs": (True, True), "triplets": (True, True)}
    expected |= {"offset": (False, False), "constant": (False, True)}
    for case, quiet in expected.items():
        options, rule = CASES[case]
        spec = Competitive(build(network(rule, **options), 1.0))._spec
        assert (spec.quiet_pre, spec.quiet_post) == quiet, case


def _second_input(net):
    net.input("other", 3, sl.PoissonEncoder())


def _drive(net):
    net.drive(net.populations["exc"], sl.PoissonDrive(rate_hz=10.0, weight=0.1))


@pytest.mark.parametrize("change", [_second_input, _drive])
def test_other_networks_do_not_suit(change):
    net = network(sl.TraceSTDP(w_max=1.5))
    change(net)
    assert not suits(build(net, 1.0))
    with pytest.raises(sl.ParameterError, match="net must be an input that learns onto neurons which"):
        Competitive(build(net, 1.0))


def test_rules_with_states_or_steps_do_not_suit():
    assert not suits(build(network(sl.RewardSTDP(w_max=1.5)), 1.0))


def test_weights_that_differ_between_fixed_edges_do_not_suit():
    net = network(sl.TraceSTDP(w_max=1.5))
    weights = {("exc", "inh", 0): np.linspace(20.0, 22.0, N)}
    assert suits(build(net, 1.0)) and not suits(build(net, 1.0, weights=weights), weights)


def test_spikes_are_shown_as_given():
    net = sl.Network(seed=1)
    image = net.input("image", 2, sl.SpikeInput())
    exc, inh = (net.add(name, 2, sl.DiehlCookLIF(tau_ref_ms=0.0)) for name in ("exc", "inh"))
    rule = sl.TraceSTDP(w_max=20.0, nu_pre=0.0, nu_post=0.0)
    net.connect(image, exc, weight=14.0, delay_ms=1.0, plasticity=rule)
    net.connect(exc, inh, sl.OneToOne(), weight=14.0, delay_ms=1.0)
    net.connect(inh, exc, weight=-100.0, delay_ms=1.0)
    spikes = np.zeros((1, 8, 2), np.uint8)
    spikes[0, [0, 2, 5], [0, 1, 0]] = 1
    shown = Competitive(build(net, 1.0)).present(spikes, 8, trains=True)
    # each reaches both neurons one step later, their partners two, and what inhibits them three steps later
    assert np.argwhere(shown["exc/spikes"][0]).tolist() == [[1, 0], [1, 1]]
    assert np.argwhere(shown["inh/spikes"][0]).tolist() == [[2, 0], [2, 1]]
    assert shown["exc"].tolist() == [[1, 1]]
