"""The front end against a reference that is written frame by frame, and what it must not notice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spikelab as sl
from spikelab.audio import filter_bank

RATE = 8000


def word(seed=0, seconds=0.4, rate=RATE):
    """Two tones and noise, louder in the middle."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * rate)) / rate
    sound = np.sin(2 * np.pi * 500 * t) + 0.5 * np.sin(2 * np.pi * (1500 + 800 * t) * t)
    return (0.2 * (sound + 0.1 * rng.normal(size=t.size)) * np.hanning(t.size)).astype(np.float32)


def reference(ear, samples):
    """What the docstring says, one frame and one channel at a time."""
    x = np.asarray(samples, np.float64)
    x = x - x.mean()
    window, hop = round(ear.window_ms * ear.rate_hz / 1e3), round(ear.hop_ms * ear.rate_hz / 1e3)
    starts = range(0, x.size - window + 1, hop)
    if ear.trim_db is not None:
        energy = [float((x[a : a + window] ** 2).sum()) for a in starts]
        loud = [i for i, e in enumerate(energy) if e >= max(energy) * 10 ** (-ear.trim_db / 10)]
        x = x[loud[0] * hop : loud[-1] * hop + window]
        starts = range(0, x.size - window + 1, hop)
    taper = np.array([0.5 - 0.5 * np.cos(2 * np.pi * i / window) for i in range(window)])
    n_fft = ear._n_fft
    high = ear.rate_hz / 2 if ear.f_max_hz is None else ear.f_max_hz
    bank = filter_bank(ear.bank, ear.n_channels, ear.f_min_hz, high, ear.rate_hz, n_fft).weights
    rows = []
    for a in starts:
        spectrum = np.abs(np.fft.rfft(x[a : a + window] * taper, n_fft)) ** 2
        spectrum *= 2 / (n_fft * (taper**2).sum())
        rows.append([sum(spectrum * bank[:, c]) for c in range(ear.n_channels)])
    power = np.array(rows)
    unit = power.max() if ear.normalise_gain else 1.0
    if ear.compression == "root":
        values = (power / unit) ** ear.exponent
    else:
        floor = power.max() * 10 ** (-ear.floor_db / 10)
        values = 1 + 10 * np.log10(np.maximum(power, floor) / unit) / ear.floor_db
    if ear.cepstra is not None:
        n = ear.n_channels
        cosines = np.cos(np.pi / n * (np.arange(n)[:, None] + 0.5) * np.arange(ear.cepstra))
        values = values @ cosines * np.sqrt(np.where(np.arange(ear.cepstra) == 0, 1 / n, 2 / n))
    if ear.mean_normalise:
        values = values - values.mean(axis=0)
    parts = [values]
    for _ in range(ear.deltas):
        last = parts[-1]
        at = lambda t, last=last: last[min(max(t, 0), len(last) - 1)]  # noqa: E731
        slope = [(at(t + 1) - at(t - 1) + 2 * (at(t + 2) - at(t - 2))) / 10 for t in range(len(last))]
        parts.append(ear.delta_gain * np.array(slope))
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bank": "mel", "n_channels": 20, "cepstra": 12, "deltas": 2, "mean_normalise": True},
        {"compression": "root", "exponent": 0.5, "normalise_gain": False, "trim_db": None},
        {
            "delta_gain": 5.0,
            "window_ms": 20.5,
            "hop_ms": 7.3,
            "f_min_hz": 0.0,
            "f_max_hz": 3000.0,
            "deltas": 1,
            "floor_db": 40.0,
        },
        {"normalise_gain": False, "trim_db": 12.0, "n_channels": 1},
    ],
    ids=["defaults", "mel cepstra", "root", "odd sizes", "one channel"],
)
def test_features_are_those_of_the_reference(changes):
    ear, sound = sl.AuditoryFrontEnd(**changes), word()
    features = ear.transform(sound, RATE)
    assert features.dtype == np.float32 and features.flags.c_contiguous
    assert features.shape[1] == ear.n_features
    np.testing.assert_allclose(features, reference(ear, sound), rtol=2e-4, atol=2e-5)


def test_long_sounds_are_cut_into_blocks_of_frames_without_a_seam(monkeypatch):
    from spikelab.audio import front_end

    ear, sound = sl.AuditoryFrontEnd(), word(seconds=1.0)
    whole = ear.levels(sound, RATE)
    monkeypatch.setattr(front_end, "_BLOCK_FRAMES", 7)
    np.testing.assert_allclose(ear.levels(sound, RATE), whole, rtol=1e-12)


@pytest.mark.parametrize("bank", ["gammatone", "mel"])
@pytest.mark.parametrize("pitch", [200, 555, 1000, 1730, 3300])
def test_the_loudest_channel_is_the_one_of_a_tone(bank, pitch):
    ear = sl.AuditoryFrontEnd(bank=bank, n_channels=30)
    tone = np.sin(2 * np.pi * pitch * np.arange(4000) / RATE)
    loudest = ear.levels(tone, RATE).mean(axis=0).argmax()
    assert loudest == np.abs(ear.centres_hz - pitch).argmin()


@settings(max_examples=25, deadline=None)
@given(gain=st.floats(1e-4, 100.0), offset=st.floats(-0.5, 0.5))
def test_neither_loudness_nor_an_offset_counts(gain, offset):
    ear = sl.AuditoryFrontEnd(deltas=1)
    expected = ear.transform(word(), RATE)
    np.testing.assert_allclose(ear.transform(gain * word(), RATE), expected, atol=1e-4)
    np.testing.assert_allclose(ear.transform(word().astype(np.float64) + offset, RATE), expected, atol=2e-2)


def test_without_gain_normalisation_ten_times_is_twenty_db():
    ear = sl.AuditoryFrontEnd(normalise_gain=False, floor_db=50.0)
    difference = ear.levels(word(), RATE) - ear.levels(0.1 * word(), RATE)
    np.testing.assert_allclose(difference, 20.0 / 50.0, atol=1e-4)


def test_levels_end_at_the_floor():
    levels = sl.AuditoryFrontEnd(floor_db=30.0, trim_db=None).levels(
        np.concatenate([word(), np.zeros(2000)]), RATE
    )
    assert levels.min() == 0.0 and levels.max() == 1.0


def test_silent_ends_are_cut_off_and_pauses_are_not():
    quiet = 1e-4 * np.random.default_rng(1).normal(size=4000)
    one = word()
    ear = sl.AuditoryFrontEnd(trim_db=30.0)
    bare, padded = ear.transform(one, RATE), ear.transform(np.concatenate([quiet, one, quiet]), RATE)
    assert abs(len(padded) - len(bare)) <= 3
    pause = ear.transform(np.concatenate([one, quiet, one]), RATE)
    assert len(pause) > 2 * len(bare) + 4000 / 80 - 6
    kept = sl.AuditoryFrontEnd(trim_db=None).transform(np.concatenate([quiet, one, quiet]), RATE)
    assert len(kept) == 1 + (8000 + one.size - 200) // 80


@pytest.mark.parametrize("rate", [16000, 44100, 96000])
def test_other_rates_are_resampled(rate):
    """Frames and levels are those of the same sound at 8 kHz, but for the edge of the filter at 4 kHz."""
    ear = sl.AuditoryFrontEnd(f_max_hz=3400.0)

    def tones(one):
        return sum(np.sin(2 * np.pi * f * np.arange(one // 2) / one) for f in (400, 900, 2500))

    low, high = (ear.levels(tones(one), one) for one in (RATE, rate))
    assert low.shape == high.shape
    loud = low > 0.6
    np.testing.assert_allclose(high[2:-2][loud[2:-2]], low[2:-2][loud[2:-2]], atol=0.02)


def test_integers_are_divided_by_their_full_scale():
    ear = sl.AuditoryFrontEnd(normalise_gain=False)
    whole = np.round(word() * 32768)
    expected = ear.transform(whole / 32768, RATE)
    np.testing.assert_allclose(ear.transform(whole.astype(np.int16), RATE), expected, atol=1e-5)


def test_a_single_window_is_enough():
    features = sl.AuditoryFrontEnd(deltas=2).transform(word()[1000:1200], RATE)
    assert features.shape == (1, 96)
    assert not features[:, 32:].any()


@pytest.mark.parametrize(
    ("samples", "rate", "match"),
    [
        (np.zeros((100, 2)), RATE, r"shape \(100, 2\).*shape \(time,\)\. Average the channels"),
        (np.zeros(0), RATE, "samples must hold a sound. Leave empty recordings out"),
        (np.zeros(4000), RATE, "samples='silence'.*All samples are the same"),
        (np.full(4000, 0.3), RATE, "samples='silence'"),
        (np.r_[np.ones(7), np.nan, np.ones(4000)], RATE, r"samples\[7\]=nan.*be finite"),
        (np.r_[np.ones(7), -np.inf, np.ones(4000)], RATE, r"samples\[7\]=-inf"),
        (np.r_[np.ones(4000), 1e300], RATE, r"samples\[4000\]=1e\+300.*be finite in float32"),
        (np.ones(199), RATE, "'24.9 ms of sound'.*last at least one window of 25 ms"),
        (["a", "b"], RATE, "floating-point numbers or signed integers"),
        ([[1.0], [1.0, 2.0]], RATE, r"be an array \[time\]"),
        (np.ones(400, bool), RATE, "floating-point numbers or signed integers"),
        (np.ma.masked_array(np.ones(400), mask=[True] + 399 * [False]), RATE, "none of them masked"),
        (word(), 0, "rate_hz must be an integer >= 1"),
        (word(), 8000.5, "rate_hz must be an integer"),
        (word(), 10**9, "rate_hz must be an integer <= 768000"),
    ],
)
def test_sounds_that_cannot_be_used(samples, rate, match):
    with pytest.raises(sl.ParameterError, match=match):
        sl.AuditoryFrontEnd().transform(samples, rate)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"bank": "bark"}, "bank must be 'gammatone' or 'mel'"),
        ({"compression": "none"}, "compression must be 'log' or 'root'"),
        ({"n_channels": 0}, "n_channels must be an integer >= 1"),
        ({"n_channels": 400, "bank": "mel"}, "leave every filter a bin.*take fewer channels"),
        ({"cepstra": 33}, "cepstra must be an integer <= 32"),
        ({"deltas": 3}, "deltas must be an integer <= 2"),
        ({"deltas": True}, "deltas must be an integer"),
        ({"hop_ms": 30.0}, "hop_ms must be <= window_ms=25.0"),
        ({"hop_ms": 0.05}, "hold at least 1 sample"),
        ({"window_ms": float("nan")}, "window_ms must be finite"),
        ({"f_max_hz": 4001.0}, "f_max_hz must be <= 4000 Hz"),
        ({"f_min_hz": 4000.0}, "f_min_hz must be < 4000 Hz"),
        ({"f_min_hz": -1.0}, "f_min_hz must be >= 0 Hz"),
        ({"trim_db": 0.0}, "trim_db must be > 0 dB"),
        ({"exponent": 1.5}, r"exponent must lie in \(0, 1\]"),
        ({"normalise_gain": 1}, "normalise_gain must be True or False"),
    ],
)
def test_settings_that_cannot_be_used(changes, match):
    with pytest.raises(sl.ParameterError, match=rf"AuditoryFrontEnd\(.*{match}"):
        sl.AuditoryFrontEnd(**changes)


@pytest.mark.parametrize("window_ms", [70_000.0, 1e9, 1e300])
def test_a_window_that_no_memory_holds_is_refused(window_ms):
    with pytest.raises(
        sl.ParameterError, match=r"window_ms must be <= 65,536 ms with 32 channels at 8000 Hz"
    ):
        sl.AuditoryFrontEnd(window_ms=window_ms)
