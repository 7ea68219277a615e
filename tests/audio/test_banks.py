"""Filter banks: where the filters stand, how wide they are, what they add up to."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab.audio import filter_bank

FINE = 2**15  # samples of a transform: bins a quarter of a hertz apart


@pytest.mark.parametrize("kind", ["gammatone", "mel"])
def test_each_filter_is_one_at_its_centre_and_falls_to_both_sides(kind):
    bank = filter_bank(kind, 20, 100.0, 3800.0, 8000, FINE)
    assert (np.diff(bank.centres_hz) > 0).all() and (np.diff(bank.centres_hz, n=2) > 0).all()
    bins = np.arange(FINE // 2 + 1) * 8000 / FINE
    for centre, weight in zip(bank.centres_hz, bank.weights.T, strict=True):
        top = int(weight.argmax())
        assert bins[top] == pytest.approx(centre, abs=0.25)
        assert weight[top] == pytest.approx(1.0, abs=5e-3)
        assert (np.diff(weight[: top + 1]) >= 0).all() and (np.diff(weight[top:]) <= 0).all()


def test_a_gammatone_filter_is_as_wide_as_the_ear():
    """The equivalent rectangular bandwidth is the area of the power response: 24.7 (4.37 f/kHz + 1) Hz."""
    bank = filter_bank("gammatone", 3, 900.0, 1100.0, 8000, FINE)
    area = bank.weights[:, 1].sum() * 8000 / FINE
    centre = bank.centres_hz[1]
    assert area == pytest.approx(24.7 * (4.37 * centre / 1000 + 1), rel=0.005)


def test_gammatone_centres_are_evenly_spaced_on_the_erb_scale():
    centres = filter_bank("gammatone", 10, 100.0, 4000.0, 8000, 512).centres_hz
    assert centres[[0, -1]] == pytest.approx([100.0, 4000.0])
    np.testing.assert_allclose(np.diff(np.log10(1 + 0.00437 * centres), n=2), 0.0, atol=1e-12)


def test_mel_triangles_overlap_by_half():
    """Between the first and the last centre neighbours add up to one."""
    bank = filter_bank("mel", 12, 100.0, 3800.0, 8000, FINE)
    bins = np.arange(FINE // 2 + 1) * 8000 / FINE
    inside = (bins >= bank.centres_hz[0]) & (bins <= bank.centres_hz[-1])
    np.testing.assert_allclose(bank.weights[inside].sum(axis=1), 1.0, atol=1e-9)
    assert 2595 * np.log10(1 + 1000 / 700) == pytest.approx(1000, abs=0.1)


def test_banks_are_shared_and_cannot_be_changed():
    bank = filter_bank("mel", 5, 100.0, 3800.0, 8000, 512)
    assert filter_bank("mel", 5, 100.0, 3800.0, 8000, 512) is bank
    with pytest.raises(ValueError, match="read-only"):
        bank.weights[0, 0] = 1.0
