"""Two neurons and a few spikes: weights worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikelab as sl

from .pairs import weights_after

E = math.exp


def check(rule, pre, post, expected, **options):
    """One synapse, without a delay unless one is given; the sides fire in the steps `pre` and `post`."""
    (w,) = weights_after(rule, [pre], [post], 200, **{"delay": 0} | options)
    assert w == pytest.approx(expected, abs=1e-13)


def test_stdp_one_pair_of_each_order():
    rule = sl.STDP(w_max=2.0, a_plus=0.1, a_minus=0.05, tau_plus_ms=10.0, tau_minus_ms=20.0)
    # 10 ms apart: 0.1 of the range of 2, times 1/e
    check(rule, [10], [20], 0.5 + 0.2 * 0.36787944117144233)
    # 20 ms apart
    check(rule, [40], [20], 0.5 - 0.1 * 0.36787944117144233)


def test_stdp_all_to_all_and_nearest():
    values = dict(w_max=1.0, a_plus=0.1, a_minus=0.0, tau_plus_ms=10.0)
    both = 0.1 * (E(-2.0) + E(-1.0))
    check(sl.STDP(**values), [10, 20], [30], 0.5 + both)
    check(sl.STDP(**values, pairing="symmetric"), [10, 20], [30], 0.5 + 0.1 * E(-1.0))
    check(sl.STDP(**values, pairing="presynaptic"), [10, 20], [30], 0.5 + both)
    check(sl.STDP(**values, pairing="restricted"), [10, 20], [30], 0.5 + 0.1 * E(-1.0))


def test_stdp_pairings_with_two_spikes_of_the_target():
    values = dict(w_max=1.0, a_plus=0.1, a_minus=0.0, tau_plus_ms=10.0)
    both = 0.1 * (E(-1.0) + E(-2.0))
    check(sl.STDP(**values), [10], [20, 30], 0.5 + both)
    check(sl.STDP(**values, pairing="symmetric"), [10], [20, 30], 0.5 + both)
    # the source's spike is paired with the first that follows it
    check(sl.STDP(**values, pairing="presynaptic"), [10], [20, 30], 0.5 + 0.1 * E(-1.0))
    check(sl.STDP(**values, pairing="restricted"), [10], [20, 30], 0.5 + 0.1 * E(-1.0))


def test_stdp_pairings_with_two_spikes_of_the_source_after_the_target():
    values = dict(w_max=1.0, a_plus=0.0, a_minus=0.1, tau_minus_ms=10.0)
    both = 0.1 * (E(-1.0) + E(-2.0))
    check(sl.STDP(**values), [20, 30], [10], 0.5 - both)
    check(sl.STDP(**values, pairing="symmetric"), [20, 30], [10], 0.5 - both)
    check(sl.STDP(**values, pairing="presynaptic"), [20, 30], [10], 0.5 - both)
    check(sl.STDP(**values, pairing="restricted"), [20, 30], [10], 0.5 - 0.1 * E(-1.0))


def test_stdp_powers():
    values = dict(w_max=1.0, a_plus=0.1, a_minus=0.2, tau_plus_ms=10.0, tau_minus_ms=10.0)
    for mu, up, down in ((0.0, 1.0, 1.0), (1.0, 0.75, 0.25), (0.5, math.sqrt(0.75), 0.5)):
        rule = sl.STDP(**values, mu_plus=mu, mu_minus=mu)
        check(rule, [10], [20], 0.25 + 0.1 * up * E(-1.0), w0=0.25)
        check(rule, [20], [10], 0.25 - 0.2 * down * E(-1.0), w0=0.25)


def test_stdp_stays_between_its_bounds():
    strong = dict(w_max=0.6, a_plus=1.0, a_minus=1.0, w_min=0.4)
    check(sl.STDP(**strong), [10], [11], 0.6)
    check(sl.STDP(**strong), [11], [10], 0.4)
    # clipped, then lowered: the bound is no state that remembers what was cut off
    check(sl.STDP(**strong), [10, 12], [11], 0.6 - 0.2 * E(-1.0 / 20.0))


def test_signed_weights_cross_zero():
    rule = sl.STDP(w_min=-1.0, w_max=1.0, a_minus=0.5, tau_minus_ms=10.0, a_plus=0.0)
    net = sl.Network()
    source, teacher = net.input("source", 1, sl.SpikeInput()), net.input("teacher", 1, sl.SpikeInput())
    cell = sl.LIF(tau_mem_ms=1.0, tau_ref_ms=0.0, v_rest_mv=0.0, v_reset_mv=0.0, v_thresh_mv=2000.0)
    cells = net.add("cells", 1, cell)
    net.connect(teacher, cells, weight=3000.0, delay_ms=0.0)
    net.connect(source, cells, weight=0.2, delay_ms=1.0, plasticity=rule)
    sim = sl.Simulator(net, 1.0, dtype="float64", device="reference")
    given, taught = np.zeros((40, 1, 1), np.uint8), np.zeros((40, 1, 1), np.uint8)
    given[21], taught[10] = 1, 1  # with the delay, the target's spike passes 10 ms before
    sim.run(inputs={"source": given, "teacher": taught})
    assert sim.weights()["source", "cells", 0][0] == pytest.approx(0.2 - E(-1.0), abs=1e-14)


@pytest.mark.parametrize(("kind", "apart"), [("dendritic", 10 + 4), ("axonal", 10 - 4), ("transmission", 10)])
def test_the_delay_belongs_to_one_side(kind, apart):
    # the target fires 10 ms after the source
    rule = sl.STDP(w_max=1.0, a_plus=0.1, tau_plus_ms=10.0, a_minus=0.0, delay_kind=kind)
    check(rule, [20], [30], 0.5 + 0.1 * E(-apart / 10.0), delay=4)


def test_spikes_that_meet():
    values = dict(w_max=1.0, a_plus=0.1, a_minus=0.03)
    check(sl.STDP(**values), [20], [20], 0.5)
    check(sl.STDP(**values, coincident="pre_first"), [20], [20], 0.5 + 0.1)
    check(sl.STDP(**values, coincident="include"), [20], [20], 0.5 + 0.1 - 0.03)
    # a dendritic delay makes them meet at the synapse, not at the somata
    check(sl.STDP(**values), [23], [20], 0.5, delay=3)
    check(sl.STDP(**values, coincident="pre_first"), [23], [20], 0.6, delay=3)


def test_a_negative_projection_learns_its_magnitude():
    rule = sl.STDP(w_max=1.0, a_plus=0.1, tau_plus_ms=10.0)
    check(rule, [10], [20], -(0.5 + 0.1 * E(-1.0)), sign=-1.0)


def test_anti_hebbian():
    rule = sl.AntiHebbianSTDP(
        w_max=1.0, a_plus=0.1, a_minus=0.2, tau_plus_ms=10.0, tau_minus_ms=20.0, mu_minus=1.0
    )
    check(rule, [10], [30], 0.5 - 0.2 * 0.5 * E(-1.0))
    check(rule, [30], [20], 0.5 + 0.1 * E(-1.0))


def test_symmetric():
    rule = sl.SymmetricSTDP(w_max=1.0, a_plus=0.1, tau_plus_ms=10.0)
    check(rule, [10], [20], 0.5 + 0.1 * E(-1.0))
    check(rule, [20], [10], 0.5 + 0.1 * E(-1.0))
    hat = sl.SymmetricSTDP(w_max=1.0, a_plus=0.1, tau_plus_ms=10.0, a_minus=0.05, tau_minus_ms=40.0)
    check(hat, [10], [50], 0.5 + 0.1 * E(-4.0) - 0.05 * E(-1.0))
    check(hat, [50], [10], 0.5 + 0.1 * E(-4.0) - 0.05 * E(-1.0))


def test_triplet():
    values = dict(
        a2_plus=0.01, a3_plus=0.1, a2_minus=0.02, a3_minus=0.05, tau_plus_ms=10.0, tau_minus_ms=20.0,
        tau_pre_triplet_ms=40.0, tau_post_triplet_ms=50.0,
    )  # fmt: skip
    # post-pre-post: the last spike sees the slow trace of the first
    down = E(-1.0) * 0.02
    up = E(-1.0) * (0.01 + 0.1 * E(-30.0 / 50.0))
    check(sl.TripletSTDP(w_max=1.0, **values), [30], [10, 40], 0.5 - down + up)
    # pre-post-pre
    up, down = E(-1.0) * 0.01, E(-1.0) * (0.02 + 0.05 * E(-30.0 / 40.0))
    check(sl.TripletSTDP(w_max=1.0, **values), [10, 40], [20], 0.5 + up - down)
    # a third spike of the source before: nearest pairing forgets it
    up = (E(-1.0) + E(-1.5)) * 0.01
    check(sl.TripletSTDP(w_max=1.0, **values), [5, 10], [20], 0.5 + up)
    check(sl.TripletSTDP(w_max=1.0, **values, pairing="nearest"), [5, 10], [20], 0.5 + E(-1.0) * 0.01)


def test_inhibitory():
    rule = sl.InhibitorySTDP(w_max=1.0, eta=0.1, rate_hz=5.0, tau_ms=20.0)  # alpha = 0.2
    check(rule, [10], [], 0.5 - 0.1 * 0.2)
    check(rule, [10], [30], 0.5 - 0.1 * 0.2 + 0.1 * E(-1.0))
    check(rule, [30], [10], 0.5 + 0.1 * (E(-1.0) - 0.2))


def test_trace():
    values = dict(w_max=1.0, nu_post=0.1, nu_pre=0.02, tau_pre_ms=10.0, tau_post_ms=20.0)
    check(sl.TraceSTDP(**values), [10], [20], 0.5 + 0.1 * E(-1.0))
    check(sl.TraceSTDP(**values), [30], [10], 0.5 - 0.02 * E(-1.0))
    check(sl.TraceSTDP(**values, x_offset=0.4), [10], [20], 0.5 + 0.1 * (E(-1.0) - 0.4))
    # an input that was silent loses
    check(sl.TraceSTDP(**values, x_offset=0.4), [], [20], 0.5 - 0.1 * 0.4)
    check(sl.TraceSTDP(**values, mu=1.0), [10], [20], 0.25 + 0.1 * E(-1.0) * 0.75, w0=0.25)
    check(sl.TraceSTDP(**values, mu=1.0), [30], [10], 0.25 - 0.02 * E(-1.0) * 0.25, w0=0.25)
    check(sl.TraceSTDP(**values, raised="add"), [10, 10 + 10], [30], 0.5 + 0.1 * (E(-1.0) + E(-2.0)))
    check(sl.TraceSTDP(**values), [10, 10 + 10], [30], 0.5 + 0.1 * E(-1.0))
    # BindsNET's order of one step: the source's change, then the target's, both see raised traces
    check(sl.TraceSTDP(**values, coincident="include"), [20], [20], 0.5 - 0.02 + 0.1)


def test_reward_waits_for_its_signal():
    rule = sl.RewardSTDP(
        w_max=1.0, a_plus=1.0, a_minus=0.5, learning_rate=0.1, tau_plus_ms=10.0, tau_minus_ms=10.0,
        tau_c_ms=100.0,
    )  # fmt: skip
    reward = np.zeros(200)
    check(rule, [10], [20], 0.5, signals={"reward": reward})
    reward[70] = 2.0
    check(rule, [10], [20], 0.5 + 0.1 * 2.0 * E(-1.0) * E(-0.5), signals={"reward": reward})
    check(rule, [20], [10], 0.5 - 0.1 * 2.0 * 0.5 * E(-1.0) * E(-0.5), signals={"reward": reward})


def test_reward_against_a_baseline():
    values = dict(w_max=1.0, learning_rate=0.1, tau_plus_ms=10.0, tau_c_ms=100.0)
    reward, baseline = np.zeros(200), np.zeros(200)
    reward[[70, 120]], baseline[120] = 1.0, 0.25
    at = E(-1.0) * E(-0.5), E(-1.0) * E(-1.0)  # what is left of the eligibility
    against_mean = sl.RewardSTDP(**values, baseline="mean", baseline_rate=0.5)
    check(against_mean, [10], [20], 0.5 + 0.1 * (at[0] + 0.5 * at[1]), signals={"reward": reward})
    against_signal = sl.RewardSTDP(**values, baseline="signal")
    signals = {"reward": reward, "baseline": baseline}
    check(against_signal, [10], [20], 0.5 + 0.1 * (at[0] + 0.75 * at[1]), signals=signals)
