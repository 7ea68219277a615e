"""The picture of what a front end hears."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.plot.audio import cochleagram_of

T = np.arange(3200) / 8000


def test_the_picture_shows_levels_and_frequencies():
    axes = sl.plot.cochleagram(np.sin(2 * np.pi * 1000 * T), 8000).axes[0]
    levels = axes.images[0].get_array()
    ear = sl.AuditoryFrontEnd()
    np.testing.assert_allclose(levels, ear.levels(np.sin(2 * np.pi * 1000 * T), 8000).T)
    assert axes.get_xlim() == (0.0, 10.0 * levels.shape[1])
    assert axes.get_yticklabels()[0].get_text() == "100"


@pytest.mark.parametrize("encoder", [sl.LIFEncoder(), None], ids=["encoder", "liquid"])
def test_spikes_below_are_those_of_the_recogniser(encoder):
    words = [np.sin(2 * np.pi * pitch * T) for pitch in (300, 1500, 310, 1600)]
    liquid = sl.LSMClassifier(sl.LiquidReservoir(n=27, frame_ms=5.0), encoder=encoder)
    model = sl.SpeechRecognizer(sl.AuditoryFrontEnd(n_channels=8), liquid, calibrate=False)
    model.fit(words, ["low", "high", "low", "high"])
    figure = sl.plot.cochleagram(words[0], 8000, recognizer=model)
    result = model.classifier_.spikes(model.features(words[:1])[0])
    part = result["reservoir" if encoder is None else "encoder"]
    drawn = figure.axes[1].lines[0].get_xdata()[::3]
    # A frame lasts 5 ms for the liquid and 10 ms in the recording.
    np.testing.assert_allclose(np.sort(drawn), np.sort(part.spikes.time_ms) * 2)
    assert figure.axes[1].get_ylim() == (-1, part.n)
    with pytest.raises(sl.ParameterError, match="be left out where a recognizer is given"):
        sl.plot.cochleagram(words[0], 8000, recognizer=model, front_end=sl.AuditoryFrontEnd())


def test_wrong_arrays_are_refused():
    with pytest.raises(sl.ParameterError, match="have one value for each of the 3 channels"):
        cochleagram_of(np.zeros((4, 3)), centres_hz=[1.0, 2.0], hop_ms=10.0)
    with pytest.raises(sl.ParameterError, match=r"levels must be a non-empty array \[frame, channel\]"):
        cochleagram_of(np.zeros(4), centres_hz=[1.0], hop_ms=10.0)
