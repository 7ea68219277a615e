"""Records of rules: what they show, what they refuse, NEST's names."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

import spikelab as sl


def test_repr_shows_values_and_traits():
    text = repr(sl.STDP(w_max=2, pairing="restricted"))
    assert text.startswith("STDP(w_min=0.0, w_max=2.0, delay_kind='dendritic'")
    assert text.endswith(
        "[local, no pseudo-derivative, no weight transport, update lock 0, 1 pass, 2 numbers a synapse]"
    )


def test_traits_in_words():
    traits = sl.Traits(local=False, weight_transport=True, update_lock="2L", batch_coupled=True, passes=2)
    assert traits.words == (
        "not local, no pseudo-derivative, weight transport, update lock 2L, batch coupled, 2 passes, "
        "1 number a synapse"
    )


def test_records_are_frozen_and_compare_by_content():
    rule = sl.STDP(w_max=1)
    assert rule == sl.STDP(w_max=1.0) != sl.STDP(w_max=2.0)
    assert isinstance(rule.w_max, float) and hash(rule) == hash(sl.STDP(w_max=1.0))
    with pytest.raises(FrozenInstanceError):
        rule.w_max = 2.0


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.STDP(w_max=float("inf")), r"STDP\(w_max=inf\): w_max must be finite. It bounds the sums"),
        (lambda: sl.STDP(w_max=float("nan")), r"w_max must be finite"),
        (lambda: sl.STDP(w_max=[1.0, 2.0]), r"w_max must be a single number"),
        (lambda: sl.STDP(w_max=0.0), r"w_max must lie above w_min=0.0"),
        (lambda: sl.STDP(w_max=1.0, tau_plus_ms=0.0), r"tau_plus_ms must be > 0 ms. 20.0 is common"),
        (lambda: sl.STDP(w_max=1.0, a_minus=-1.0), r"a_minus must be >= 0. The rule says which order"),
        (lambda: sl.STDP(w_max=1.0, pairing="all"), r"pairing must be one of 'all_to_all', 'symmetric'"),
        (lambda: sl.STDP(w_max=1.0, delay_kind="post"), r"delay_kind must be one of 'dendritic', 'axonal'"),
        (lambda: sl.STDP(w_max=1.0, coincident=True), r"coincident must be one of 'ignore', 'pre_first'"),
        (
            lambda: sl.STDP(w_max=1.0, a_plsu=1.0),
            r"a_plsu must be one of its parameters. Did you mean a_plus",
        ),
        (
            lambda: sl.TripletSTDP(w_max=1.0, pairing="symmetric"),
            r"pairing must be 'all_to_all' or 'nearest'",
        ),
        (lambda: sl.TripletSTDP.hippocampus(w_max=1.0, unit=-1.0), r"hippocampus\(unit=-1.0\).* > 0"),
        (lambda: sl.RewardSTDP(w_max=1.0, baseline_rate=1.5), r"baseline_rate must lie in \[0, 1\]"),
        (lambda: sl.ThreeFactor(w_max=1.0, g="cos"), r"g must be one of 'identity', 'rectified'"),
    ],
)
def test_refusals(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_a_rule_without_a_bound_is_refused():
    with pytest.raises(TypeError, match="w_max"):
        sl.STDP()


def test_published_triplets():
    full = sl.TripletSTDP.visual_cortex(w_max=10.0, unit=5.0, delay_kind="axonal")
    assert (full.a3_plus, full.a3_minus) == (pytest.approx(5 * 6.2e-3), pytest.approx(5 * 2.3e-4))
    assert full.delay_kind == "axonal" and full.tau_post_triplet_ms == 125.0
    assert sl.TripletSTDP.visual_cortex(w_max=100.0) == sl.TripletSTDP(w_max=100.0)
    near = sl.TripletSTDP.hippocampus(w_max=1.0, pairing="nearest", minimal=True)
    assert (near.a3_minus, near.tau_post_triplet_ms, near.pairing) == (0.0, 48.0, "nearest")


NEST = {
    "stdp_synapse": (
        {"lambda": 0.05, "alpha": 1.2, "mu_plus": 0.4, "Wmax": 30.0, "tau_minus": 33.0},
        sl.STDP,
    ),
    "stdp_nn_symm_synapse": ({"mu_minus": 0.0}, sl.STDP),
    "stdp_nn_pre_centered_synapse": ({}, sl.STDP),
    "stdp_nn_restr_synapse": ({"tau_plus": 12.0}, sl.STDP),
    "stdp_triplet_synapse": ({"Aplus": 0.1, "tau_minus_triplet": 120.0}, sl.TripletSTDP),
    "vogels_sprekeler_synapse": ({"tau": 30.0, "alpha": 0.3}, sl.InhibitorySTDP),
}


@pytest.mark.parametrize("model", NEST)
def test_nest_and_back(model):
    params, record = NEST[model]
    rule = sl.Plasticity.from_nest(model, params)
    assert type(rule) is record
    name, values = rule.to_nest()
    assert name == model
    assert {key: values[key] for key in params} == pytest.approx(params)
    assert record.from_nest(name, values).prepare(0.1) == pytest.approx(rule.prepare(0.1))


def test_values_of_nest():
    rule = sl.STDP.from_nest("stdp_synapse", {"lambda": 0.05, "alpha": 1.2, "Wmax": -30.0})
    assert (rule.a_plus, rule.a_minus, rule.w_max) == (0.05, pytest.approx(0.06), 30.0)
    assert (rule.mu_plus, rule.mu_minus, rule.tau_minus_ms) == (1.0, 1.0, 20.0)
    assert sl.InhibitorySTDP.from_nest("vogels_sprekeler_synapse").rate_hz == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: sl.STDP.from_nest("stdp_synaps"),
            r"model must be one of stdp_synapse.*Did you mean 'stdp_syn",
        ),
        (lambda: sl.from_nest("stdp_synapse"), r"made by spikelab.Plasticity.from_nest"),
        (lambda: sl.STDP.from_nest("stdp_triplet_synapse"), r"Use TripletSTDP.from_nest"),
        (lambda: sl.STDP.from_nest("stdp_synapse", {"weight": 1.0}), r"Give it to Network.connect"),
        (lambda: sl.STDP.from_nest("stdp_synapse", {"Kplus": 1.0}), r"All traces start at 0"),
        (lambda: sl.STDP.from_nest("stdp_synapse", {"mu_plas": 1.0}), r"Did you mean 'mu_plus'"),
        (lambda: sl.STDP.from_nest("stdp_synapse", {"alpha": [1.0]}), r"alpha must be a single number"),
        (
            lambda: sl.InhibitorySTDP.from_nest("vogels_sprekeler_synapse", {"tau_minus": 10.0}),
            r"tau_minus must equal tau=20.0",
        ),
        (lambda: sl.TraceSTDP(w_max=1.0).to_nest(), r"be one that NEST has"),
        (
            lambda: sl.STDP(w_max=1.0, coincident="include").to_nest(),
            r"coincident must be 'ignore' as in NEST",
        ),
        (lambda: sl.STDP(w_max=1.0, a_plus=0.0).to_nest(), r"a_plus must be > 0"),
    ],
)
def test_nest_refusals(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


def test_the_generated_code_can_be_read():
    rule = sl.RewardSTDP(w_max=1.0)
    text = rule.source("numpy")
    assert text.index("# on_pre") < text.index("# on_post") < text.index("# on_step")
    assert "def learn(" in rule.source() and "float64" in rule.source(dtype="float64")
    assert "mul" in rule.source("typed")
    with pytest.raises(sl.ParameterError, match=r"RewardSTDP.source\(form='c'\)"):
        rule.source("c")
