"""Words that need no data: chirps, whose course tells them apart, spoken at different pitches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import wavfile

import spikelab as sl

RATE = 8000
COURSES = {"up": (600.0, 2000.0), "down": (2000.0, 600.0), "level": (1200.0, 1200.0)}


def word(label, rng, rate=RATE):
    """One utterance: samples [time], float32."""
    start, stop = COURSES[label]
    t = np.arange(int(rng.uniform(0.25, 0.4) * rate)) / rate
    course = np.linspace(start, stop, t.size) * rng.uniform(0.9, 1.1)
    sound = np.sin(2 * np.pi * np.cumsum(course) / rate) * np.hanning(t.size) ** 0.3
    return (rng.uniform(0.1, 0.4) * (sound + 0.02 * rng.normal(size=t.size))).astype(np.float32)


def words(n=10, seed=0):
    """`n` utterances of each word: a list of samples, and labels."""
    rng = np.random.default_rng(seed)
    labels = list(COURSES) * n
    return [word(label, rng) for label in labels], np.array(labels)


def talk(n=4, seed=1, rate=RATE):
    """Words with noisy pauses between: samples, and (label, start, stop) of each, in samples."""
    rng = np.random.default_rng(seed)
    parts, spoken, at = [], [], 0
    for label in rng.permutation(list(COURSES) * n).tolist():
        pause = (1e-3 * rng.normal(size=int(rng.uniform(0.4, 0.7) * rate))).astype(np.float32)
        sound = word(label, rng, rate)
        spoken.append((label, at + pause.size, at + pause.size + sound.size))
        parts += [pause, sound]
        at += pause.size + sound.size
    parts.append((1e-3 * rng.normal(size=rate // 2)).astype(np.float32))
    return np.concatenate(parts), spoken


def recognizer(classifier=None, **changes):
    """An unfitted recogniser that is quick to fit."""
    classifier = sl.ESNClassifier(sl.Reservoir(60, leak_rate=0.5)) if classifier is None else classifier
    return sl.SpeechRecognizer(sl.AuditoryFrontEnd(n_channels=16, deltas=1), classifier, **changes)


def write_wav(path: Path, samples, rate=RATE) -> Path:
    """Write 16 bits."""
    wavfile.write(path, rate, np.round(np.asarray(samples) * 32767).astype(np.int16))
    return path
