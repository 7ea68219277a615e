"""Recognising a stream: the same answers as for whole recordings, and a stream that is put aside."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

import spikelab as sl

from .words import RATE, recognizer, talk, words


def told(utterances):
    return [
        (one.label, one.start_s, one.stop_s, one.complete, one.probabilities.tolist()) for one in utterances
    ]


def heard(stream, samples, size):
    found = [
        one for first in range(0, samples.size, size) for one in stream.push(samples[first : first + size])
    ]
    return found + stream.flush()


def test_the_words_of_a_talk_are_recognised(fitted):
    samples, spoken = talk(5)
    found = heard(fitted.stream(), samples, 160)
    assert len(found) == len(spoken)
    right = [one.label == label for one, (label, _, _) in zip(found, spoken, strict=True)]
    assert np.mean(right) >= 0.9
    assert all(isinstance(one.label, str) and not one.reason for one in found)


def test_an_utterance_is_answered_as_its_cut_of_samples(fitted):
    samples, _ = talk(2)
    for one in heard(fitted.stream(), samples, 333):
        cut = samples[round(one.start_s * RATE) : round(one.stop_s * RATE)]
        np.testing.assert_array_equal(fitted.predict_proba([cut])[0], one.probabilities)
        assert fitted.predict([cut])[0] == one.label


@pytest.mark.parametrize("size", [1, 7, 80, 1601, 10**6])
def test_the_size_of_blocks_does_not_matter(fitted, size):
    samples, _ = talk(1)
    assert told(heard(fitted.stream(), samples, size)) == told(heard(fitted.stream(), samples, 160))


@pytest.mark.parametrize("share", [0.13, 0.37, 0.5, 0.81])
def test_a_stream_saved_at_any_point_goes_on_as_if_nothing_had_been(fitted, tmp_path, share):
    samples, _ = talk(2)
    at = int(share * samples.size)
    stream = fitted.stream()
    first = stream.push(samples[:at])
    sl.save_model(tmp_path / "stream.model", stream)
    again = sl.load_model(tmp_path / "stream.model")
    assert again.position_s == stream.position_s == at / RATE
    whole = fitted.stream()
    expected = told(whole.push(samples) + whole.flush())
    assert told(first + again.push(samples[at:]) + again.flush()) == expected
    assert told(first + stream.push(samples[at:]) + stream.flush()) == expected


def test_warming_up_changes_nothing(fitted):
    samples, _ = talk(1)
    stream = fitted.stream()
    first = stream.push(samples[:9000])
    stream.warm_up()
    assert stream.position_s == 9000 / RATE
    assert told(first + stream.push(samples[9000:])) == told(fitted.stream().push(samples))


def test_streams_of_another_rate(fitted):
    samples, spoken = talk(2, rate=16000)
    found = heard(fitted.stream(16000), samples, 320)
    assert [one.label for one in found] == [label for label, _, _ in spoken]


def test_an_utterance_that_is_refused_does_not_end_the_stream():
    """A washout longer than any utterance: each is told with its reason."""
    X, y = words(3)
    model = recognizer(sl.PooledInputClassifier(washout=20), calibrate=False).fit(X, y)
    samples, spoken = talk(1)
    changes = sl.SegmenterSettings(longest_ms=300.0, hang_ms=50.0, pad_ms=0.0)
    model.classifier_.washout = 500
    found = heard(model.stream(settings=changes), samples, 160)
    assert len(found) >= len(spoken)
    assert all(
        one.label is None and "washout must" in one.reason and not one.probabilities.size for one in found
    )


def test_memory_does_not_grow_with_the_stream(fitted):
    samples, _ = talk(1)
    stream = fitted.stream()
    stream.push(samples)  # what is loaded at first use
    gc.collect()
    tracemalloc.start()
    peaks = []
    for rounds in (2, 10):
        tracemalloc.reset_peak()
        for _ in range(rounds):
            for first in range(0, samples.size, 400):
                stream.push(samples[first : first + 400])
        gc.collect()
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000
