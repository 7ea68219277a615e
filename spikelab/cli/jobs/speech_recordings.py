"""Recordings as a task: loaded, heard by the front end once, split by the protocols."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spikelab as sl
from spikelab.cli.jobs.speech_task import Protocol, SpeechTask, held_out, speakers_held_out
from spikelab.errors import ParameterError

__all__ = ["Ear", "load_dataset", "recordings_task"]

# Of each class and speaker, in a quick run: for the fit, and for the test.
_QUICK_TRAIN, _QUICK_TEST = 8, 3


class Ear:
    """A front end whose fields are settings of the job."""

    def __init__(self, record: sl.AuditoryFrontEnd) -> None:
        self.record = record

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name."""
        return self.record.get_params(deep)

    def set_params(self, **values: Any) -> Ear:
        """Replace fields; the record refuses what it cannot use."""
        self.record = sl.AuditoryFrontEnd(**{**self.record.get_params(), **values})
        return self

    def check_parameters(self) -> None:
        """Nothing is left to check: a record is whole."""


def load_dataset(name: str) -> sl.datasets.RecordingDataset:
    """FSDD by its name, anything else as a folder of WAV files."""
    if name == "fsdd":
        return sl.datasets.load_fsdd()
    if not os.path.isdir(os.path.expanduser(name)):
        need = "be vowels, fsdd, or a folder of WAV files"
        remedy = "A folder holds one sub-folder for each class, or files named CLASS_SPEAKER_TAKE.wav."
        raise ParameterError("run speech", "dataset", name, need, remedy)
    return sl.datasets.load_recordings(name)


def recordings_task(
    data: sl.datasets.RecordingDataset,
    front_end: sl.AuditoryFrontEnd,
    protocol: str | None,
    seed: int,
    quick: bool,
) -> SpeechTask:
    """Split recordings and make their features.

    Parameters
    ----------
    data : RecordingDataset
    front_end : AuditoryFrontEnd
    protocol : {"official", "speakers", "both"} or None
        None: both where at least two speakers are known, else "official".
    seed : int
        Draws the held-out part where the data set has no split of its own.
    quick : bool
        Keep a few recordings of each class and speaker.

    Raises
    ------
    ParameterError
        For a protocol that the recordings do not allow, and for a recording that cannot be heard, by name.
    """
    labels, speakers = data.labels, data.speakers
    known = np.unique(speakers)
    if protocol is None:
        protocol = "both" if known.size > 1 and "" not in known else "official"
    protocols: list[Protocol] = []
    if protocol != "speakers":
        protocols.append(held_out(labels, data.test, data.split, seed))
    if protocol != "official":
        protocols.append(speakers_held_out(labels, speakers))
    kept = np.arange(labels.size)
    if quick:
        test = protocols[0].test if protocol != "speakers" else np.empty(0, dtype=np.int64)
        kept = _few(labels, speakers, np.isin(kept, test))
        data = sl.datasets.RecordingDataset(
            recordings=tuple(data.recordings[i] for i in kept),
            test=None if data.test is None else data.test[kept],
            name=data.name,
            licence=data.licence,
            source=data.source,
            split=data.split,
            coverage=data.coverage,
        )
        return recordings_task(data, front_end, protocol, seed, quick=False)
    X = [_heard(one, front_end) for one in data.recordings]
    lengths = [len(series) for series in X]
    durations = [one.duration_s for one in data.recordings]
    fold = protocols[0].folds[0]
    return SpeechTask(
        kind="words",
        X=X,
        y=labels,
        protocols=tuple(protocols),
        facts={
            "name": data.name,
            "licence": data.licence,
            "source": data.source,
            "coverage": data.coverage,
            "features": front_end.n_features,
            "frames": [min(lengths), max(lengths)],
            "hop_ms": front_end.hop_ms,
            "recordings": len(X),
            "seconds": [min(durations), max(durations)],
            "classes": [str(label) for label in data.classes],
            "speakers": [str(name) for name in known if name],
        },
        split={"train": fold.train.size, "test": int(protocols[0].test.size), "text": protocols[0].text},
        speakers=speakers,
        recordings=data.recordings,
        front_end=front_end,
    )


def _few(labels: NDArray[Any], speakers: NDArray[Any], test: NDArray[np.bool_]) -> NDArray[np.int64]:
    kept = []
    for label in np.unique(labels):
        for speaker in np.unique(speakers):
            here = (labels == label) & (speakers == speaker)
            kept += [np.flatnonzero(here & ~test)[:_QUICK_TRAIN], np.flatnonzero(here & test)[:_QUICK_TEST]]
    return np.sort(np.concatenate(kept))


def _heard(recording: sl.datasets.Recording, front_end: sl.AuditoryFrontEnd) -> NDArray[np.float32]:
    try:
        return front_end.transform(recording.samples, recording.rate_hz)
    except ParameterError as error:
        raise ParameterError("run speech", recording.name, error.value, error.need, error.remedy) from None
