"""Cutting a stream into utterances: where they begin and end, and what must not matter."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spikelab as sl
from spikelab.speech import Segmenter

from .words import RATE, talk


def noise(seconds, level=1e-3, seed=0):
    return (level * np.random.default_rng(seed).normal(size=int(seconds * RATE))).astype(np.float32)


def pushed(samples, cuts=(), **changes):
    """Utterances of a stream that is pushed in parts that end at `cuts`."""
    cutter = Segmenter(RATE, sl.SegmenterSettings(**changes))
    found = [cut for part in np.split(samples, list(cuts)) for cut in cutter.push(part)]
    return found + cutter.flush()


def spans(cuts):
    return [(cut.start, cut.stop, cut.complete) for cut in cuts]


def test_words_are_found_with_their_pads():
    samples, spoken = talk()
    found = pushed(samples)
    assert len(found) == len(spoken)
    for cut, (_, start, stop) in zip(found, spoken, strict=True):
        # Pads of 50 ms, ends on blocks of 10 ms; the words fade in and out over some blocks.
        assert start - 0.07 * RATE <= cut.start <= start + 0.03 * RATE
        assert stop - 0.03 * RATE <= cut.stop <= stop + 0.07 * RATE
        np.testing.assert_array_equal(cut.samples, samples[cut.start : cut.stop])
        assert cut.complete


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 40_000), max_size=60).map(sorted))
def test_utterances_do_not_depend_on_how_samples_are_pushed(cuts):
    samples, _ = talk(2)
    whole, parts = pushed(samples), pushed(samples, [cut for cut in cuts if cut < samples.size])
    assert spans(parts) == spans(whole)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(a.samples, b.samples)


def test_sample_by_sample_is_the_same():
    samples, _ = talk(1)
    cutter = Segmenter(RATE)
    found = [cut for value in samples.tolist() for cut in cutter.push(value)]
    assert spans(found) == spans(pushed(samples))
    assert cutter.position == samples.size


def test_a_click_is_no_word_and_a_short_pause_ends_none():
    click = np.concatenate([noise(0.5), 0.5 * np.ones(60, np.float32), noise(0.5)])
    assert pushed(click) == []
    loud = noise(0.2, 0.2)
    twice = np.concatenate([noise(0.5), loud, noise(0.1), loud, noise(0.5)])
    assert len(pushed(twice)) == 1
    assert len(pushed(twice, hang_ms=60.0)) == 2


def test_hysteresis_holds_what_swings_about_the_threshold():
    """12 dB above the floor: too little to begin, enough to go on."""
    parts = [noise(2.0), noise(0.1, 0.05), noise(0.3, 4e-3, 1), noise(0.5)]
    (cut,) = pushed(np.concatenate(parts))
    assert cut.stop / RATE == pytest.approx(2.0 + 0.1 + 0.3 + 0.05, abs=0.03)
    assert pushed(np.concatenate([noise(2.0), noise(0.4, 4e-3, 1), noise(0.5)])) == []


def test_the_floor_follows_a_noise_that_sets_in():
    """A fan is switched on: heard as long utterances at first, and then as the floor below the words."""
    samples, spoken = talk(2)
    fan = np.concatenate([noise(2.0), noise(20.0, 0.01)])
    found = pushed(
        np.concatenate([fan, 2 * samples + noise(samples.size / RATE + 1, 0.01, 3)[: samples.size]])
    )
    assert found[0].start == pytest.approx(2 * RATE, abs=0.07 * RATE)
    late = [cut for cut in found if cut.start > 20 * RATE]
    assert len(late) == len(spoken)
    assert not any(12 * RATE < cut.start < 20 * RATE for cut in found)


def test_an_offset_is_no_sound():
    samples, _ = talk(2)
    assert spans(pushed(samples + np.float32(0.25))) == spans(pushed(samples))


def test_digital_silence_and_a_word_at_the_very_start():
    samples, spoken = talk(1)
    _, start, stop = spoken[0]
    found = pushed(np.concatenate([samples[start:stop], np.zeros(RATE, np.float32)]))
    assert len(found) == 1 and found[0].start == 0
    assert pushed(np.zeros(RATE, np.float32)) == []


def test_long_sounds_are_cut_and_memory_is_bounded():
    cutter = Segmenter(RATE, sl.SegmenterSettings(longest_ms=1000.0, creep_ms=1e9))
    held = cutter._held.nbytes
    loud = noise(10.0, 0.3)
    found = [cut for part in np.array_split(np.tile(loud, 5), 97) for cut in cutter.push(part)]
    assert [cut.complete for cut in found] == [False] * len(found)
    assert {cut.stop - cut.start for cut in found[1:]} == {RATE}
    # What is cut goes on in the next piece, nothing is lost between.
    assert all(a.stop == b.start for a, b in pairwise(found))
    assert cutter._held.nbytes == held < 4 * 2 * RATE


def test_flush_ends_an_utterance_and_starts_anew():
    samples, spoken = talk(1)
    until = spoken[0][2]
    cutter = Segmenter(RATE)
    assert cutter.push(samples[:until]) == [] and cutter.speaking
    (cut,) = cutter.flush()
    assert not cut.complete and until - 80 < cut.stop <= until
    assert cutter.position == 0 and not cutter.speaking
    assert spans(cutter.push(samples)) == spans(Segmenter(RATE).push(samples))


def test_nothing_of_a_bad_push_is_taken():
    samples, _ = talk(1)
    cutter = Segmenter(RATE)
    cutter.push(samples[:1234])
    for bad, match in (
        (np.r_[samples[:50], np.nan], r"samples\[50\]=nan"),
        (float("nan"), r"samples\[0\]=nan"),
        (1e300, r"samples\[0\]=1e\+300"),
        (np.ones((3, 2)), r"have shape \(time,\)"),
    ):
        with pytest.raises(sl.ParameterError, match=match):
            cutter.push(bad)
    assert cutter.position == 1234
    assert spans(cutter.push(samples[1234:])) == spans(Segmenter(RATE).push(samples))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"start_db": 3.0}, r"start_db must be >= stop_db=9\.0"),
        ({"pad_ms": 300.0}, r"pad_ms must be <= hang_ms=200\.0"),
        ({"longest_ms": 1e12}, r"longest_ms must be <= 600,000 ms\. So much sound is held in memory"),
        ({"longest_ms": 200.0}, "longest_ms must be longer than start_ms, hang_ms, pad_ms"),
        ({"block_ms": 0.0}, "block_ms must be > 0 ms"),
        ({"rise_ms": float("inf")}, "rise_ms must be finite"),
    ],
)
def test_settings_that_cannot_be_used(changes, match):
    with pytest.raises(sl.ParameterError, match=match):
        sl.SegmenterSettings(**changes)


def test_blocks_need_samples():
    with pytest.raises(sl.ParameterError, match="block_ms must hold at least 2 samples of 100 Hz"):
        Segmenter(100)
    with pytest.raises(sl.ParameterError, match="settings must be SegmenterSettings"):
        Segmenter(RATE, 5)
