"""What the speech job is to learn and how it is tested: utterances as features, and ways to split them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spikelab as sl
from spikelab.errors import ParameterError

__all__ = ["PROTOCOLS", "Fold", "Protocol", "SpeechTask", "held_out", "speakers_held_out", "vowels_task"]

PROTOCOLS = ("official", "speakers", "both")
# One of five utterances of each class is held out where a data set has no split of its own.
_HELD_OUT = 5

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fold:
    """One fit and what it is tested on.

    Attributes
    ----------
    name : str
        Who is left out; empty where nobody is.
    train, test : array [utterance], int64
        Indices of utterances.
    """

    name: str
    train: Indices
    test: Indices


@dataclass(frozen=True, eq=False)
class Protocol:
    """A way to split utterances into training and test parts.

    Attributes
    ----------
    key : {"official", "speakers"}
    title, text : str
        For the page: in two or three words, and in a sentence.
    folds : tuple of Fold
        No utterance is in the test part of two.
    """

    key: str
    title: str
    text: str
    folds: tuple[Fold, ...]

    @property
    def test(self) -> Indices:
        """All utterances that are tested, fold by fold: array [utterance]."""
        return np.concatenate([fold.test for fold in self.folds])


@dataclass(frozen=True, eq=False)
class SpeechTask:
    """Utterances, what is to be told of them, and how that is tested.

    Attributes
    ----------
    kind : {"speakers", "words"}
        What is told: who speaks, or what is said.
    X : list of array [frame, feature]
    y : array [utterance]
    protocols : tuple of Protocol
        The first gives the row its ``accuracy``.
    facts : mapping
        ``dataset`` of the result.
    split : mapping
        ``split`` of the result: sizes and text.
    speakers : array [utterance] of str, or None
    recordings : tuple of Recording, or None
        Where the features were made of sound.
    front_end : AuditoryFrontEnd or None
    """

    kind: str
    X: list[NDArray[Any]] = field(repr=False)
    y: NDArray[Any] = field(repr=False)
    protocols: tuple[Protocol, ...]
    facts: Mapping[str, Any]
    split: Mapping[str, Any]
    speakers: NDArray[Any] | None = field(default=None, repr=False)
    recordings: tuple[sl.datasets.Recording, ...] | None = field(default=None, repr=False)
    front_end: sl.AuditoryFrontEnd | None = None

    def protocol(self, key: str) -> Protocol | None:
        """The protocol of that key, or None."""
        return next((one for one in self.protocols if one.key == key), None)


def vowels_task() -> SpeechTask:
    """Japanese Vowels: nine speakers, the published split."""
    data = sl.datasets.load_japanese_vowels()
    train, test = len(data.X_train), len(data.X_test)
    X = [*data.X_train, *data.X_test]
    lengths = [len(series) for series in X]
    text = str(data.split)
    fold = Fold("", np.arange(train), np.arange(train, train + test))
    return SpeechTask(
        kind="speakers",
        X=X,
        y=np.concatenate([data.y_train, data.y_test]),
        protocols=(Protocol("official", "official split", text, (fold,)),),
        facts={
            "name": data.name,
            "licence": data.licence,
            "source": data.source,
            "features": int(X[0].shape[1]),
            "frames": [min(lengths), max(lengths)],
            "classes": [str(label) for label in data.classes],
        },
        split={"train": train, "test": test, "text": text},
    )


def held_out(labels: NDArray[Any], official: NDArray[np.bool_] | None, split: str, seed: int) -> Protocol:
    """The data set's own split, or every fifth utterance of each class in an order drawn with `seed`.

    Raises
    ------
    ParameterError
        If a class has a single utterance, so that it cannot be both learned and tested.
    """
    if official is not None:
        fold = Fold("", np.flatnonzero(~official), np.flatnonzero(official))
        return Protocol("official", "official split", f"{split[0].upper()}{split[1:]}.", (fold,))
    rng = np.random.default_rng(seed)
    test = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if members.size < 2:
            need = "have at least two recordings of every class"
            remedy = f"Add recordings of {str(label)!r}, or leave it out."
            raise ParameterError("run speech", "dataset", f"one recording of {str(label)!r}", need, remedy)
        test.append(rng.permutation(members)[: max(1, members.size // _HELD_OUT)])
    held = np.sort(np.concatenate(test))
    text = (
        f"One of {_HELD_OUT} recordings of each class is held out for the test, drawn at random with the "
        f"seed {seed}; at least one of each."
    )
    fold = Fold("", np.setdiff1d(np.arange(labels.size), held), held)
    return Protocol("official", "held-out recordings", text, (fold,))


def speakers_held_out(labels: NDArray[Any], speakers: NDArray[Any]) -> Protocol:
    """One speaker after another is left out of training and tested.

    Raises
    ------
    ParameterError
        If fewer than two speakers are known, or the others together have a single class.
    """
    names = np.unique(speakers)
    if names.size < 2 or "" in names:
        have = "recordings without speakers" if "" in names else "recordings of one speaker"
        remedy = "Name the files CLASS_SPEAKER_TAKE.wav, or use --protocol official."
        need = "name at least two speakers for the protocol 'speakers'"
        raise ParameterError("run speech", "dataset", have, need, remedy)
    folds = []
    for name in names:
        train = np.flatnonzero(speakers != name)
        if np.unique(labels[train]).size < 2:
            have = f"one class alone where the speaker {str(name)!r} is left out"
            need = "have several classes of every speaker for the protocol 'speakers'"
            raise ParameterError("run speech", "dataset", have, need, "Use --protocol official.")
        folds.append(Fold(str(name), train, np.flatnonzero(speakers == name)))
    text = (
        f"Each of the {names.size} speakers in turn is left out: every method learns from the others and is "
        "tested on all utterances of a voice it has never heard."
    )
    return Protocol("speakers", "new speakers", text, tuple(folds))
