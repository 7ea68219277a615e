"""STDP of first spikes on a projection of a network: the same record that teaches filters."""

from __future__ import annotations

import pytest

import spikelab as sl

from .pairs import weights_after

RULE = sl.LatencySTDP(a_plus=0.1, a_minus=0.2)


def after(rule: sl.LatencySTDP, pre: list[int], post: list[int], w0: float = 0.5) -> float:
    return float(weights_after(rule, [pre], [post], 100, w0=w0, delay=0)[0])


def test_sources_before_or_with_the_target_grow_and_others_shrink() -> None:
    assert after(RULE, [10], [12]) == pytest.approx(0.5 + 0.1 * 0.25, abs=1e-14)
    assert after(RULE, [12], [12]) == pytest.approx(0.5 + 0.1 * 0.25, abs=1e-14)
    assert after(RULE, [13], [12]) == pytest.approx(0.5 - 0.2 * 0.25, abs=1e-14)
    assert after(RULE, [], [12], w0=0.2) == pytest.approx(0.2 - 0.2 * 0.16, abs=1e-14)
    assert after(RULE, [12], []) == 0.5


def test_a_spike_counts_as_long_as_the_window_lasts() -> None:
    short = sl.LatencySTDP(a_plus=0.1, a_minus=0.2, window_ms=20.0)
    assert after(short, [10], [30]) > 0.5
    assert after(short, [10], [31]) < 0.5


def test_room_is_measured_between_the_bounds() -> None:
    wide = sl.LatencySTDP(a_plus=0.1, a_minus=0.2, w_min=1.0, w_max=5.0)
    assert after(wide, [10], [12], w0=2.0) == pytest.approx(2.0 + 0.1 * 1.0 * 3.0 / 4.0, abs=1e-14)
    assert after(wide, [10], [12], w0=5.0) == 5.0


@pytest.mark.parametrize("name", ["a_plus", "a_minus", "window_ms"])
def test_rates_and_window_are_above_zero(name: str) -> None:
    with pytest.raises(sl.ParameterError, match=f"{name} must be > 0"):
        sl.LatencySTDP(**{name: 0.0})
