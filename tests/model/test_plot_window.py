"""The window of a rule is measured on the kernel, and equals its equation."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.plot import measure_window, stdp_window

RULE = sl.STDP(w_max=2.0, a_plus=0.01, a_minus=0.006, tau_plus_ms=15.0, tau_minus_ms=30.0)
LAGS = np.array([-40.0, -7.0, -0.5, 0.0, 0.5, 3.0, 60.0])


def equation(lags: np.ndarray) -> np.ndarray:
    """Changes of an additive pair, nothing for spikes that meet."""
    after, before = lags > 0, lags < 0
    up = 2.0 * 0.01 * np.exp(-np.abs(lags) / 15.0)
    return np.where(after, up, np.where(before, -2.0 * 0.006 * np.exp(-np.abs(lags) / 30.0), 0.0))


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_the_window_of_pairs_is_exponential(device: str) -> None:
    found = measure_window(RULE, LAGS, dt_ms=0.5, device=device)
    assert found.weight == 1.0
    np.testing.assert_array_equal(found.lags_ms, LAGS)
    np.testing.assert_allclose(found.change, equation(LAGS), rtol=1e-12, atol=1e-15)


def test_a_dendritic_delay_shifts_the_window_and_an_axonal_one_the_other_way() -> None:
    # What the synapse sees lies 2 ms later on the side that the delay belongs to.
    dendritic = measure_window(RULE, LAGS, dt_ms=0.5, delay_ms=2.0).change
    np.testing.assert_allclose(dendritic, equation(LAGS + 2.0), rtol=1e-12, atol=1e-15)
    axonal = sl.STDP(
        w_max=2.0, a_plus=0.01, a_minus=0.006, tau_plus_ms=15.0, tau_minus_ms=30.0, delay_kind="axonal"
    )
    shifted = measure_window(axonal, LAGS, dt_ms=0.5, delay_ms=2.0).change
    np.testing.assert_allclose(shifted, equation(LAGS - 2.0), rtol=1e-12, atol=1e-15)


def test_pairs_in_a_row_add_up_with_their_neighbours() -> None:
    found = measure_window(RULE, [5.0], dt_ms=1.0, pairs=2, interval_ms=40.0).change[0]
    # pre at 0 and 40, post at 5 and 45: three pairs up (5, 5, 45 ms), one down (35 ms)
    assert found == pytest.approx(equation(np.array([5.0, 5.0, 45.0, -35.0])).sum(), rel=1e-12)


def test_a_rule_that_waits_for_a_reward_is_measured_with_one() -> None:
    rule = sl.RewardSTDP(w_max=2.0, learning_rate=0.01, tau_c_ms=100.0)
    assert measure_window(rule, [10.0], dt_ms=1.0).change[0] == 0.0
    rewarded = measure_window(rule, [-10.0, 10.0], dt_ms=1.0, signals={"reward": 1.0}, wait_ms=50.0).change
    assert rewarded[0] < -0.01 and rewarded[1] > 0.01


def test_the_picture_shows_what_was_measured() -> None:
    axes = stdp_window({"one": RULE, "two": sl.STDP(w_max=1.0)}, lags_ms=[10.0, -10.0], dt_ms=1.0).axes[0]
    one, two = axes.lines[2:]
    np.testing.assert_array_equal(one.get_xdata(), [-10.0, 10.0])
    np.testing.assert_allclose(one.get_ydata(), equation(np.array([-10.0, 10.0])), rtol=1e-12)
    assert two.get_label() == "two"
    share = stdp_window(RULE, lags_ms=[10.0], dt_ms=1.0, weight=0.5, relative=True).axes[0]
    assert share.lines[2].get_ydata()[0] == pytest.approx(200.0 * equation(np.array([10.0]))[0])
    assert share.get_ylabel() == "change of the weight (%)"


def test_pairs_that_overlap_and_no_rules_are_refused() -> None:
    with pytest.raises(sl.ParameterError, match="interval_ms must be longer than the longest lag, 50 ms"):
        measure_window(RULE, [50.0], pairs=2, interval_ms=40.0)
    with pytest.raises(sl.ParameterError, match=r"lags_ms must be finite everywhere"):
        measure_window(RULE, [np.nan])
    with pytest.raises(sl.ParameterError, match=r"rule must hold a rule"):
        stdp_window({})
