"""What neurons fired for the images of one network and seed, and the readouts of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from spikelab.cli.jobs.stdp_task import ImageTask
from spikelab.estimators.features import fit_readout
from spikelab.readout import VOTES, LabelVote

__all__ = ["Counted", "count_spikes", "one_hot", "ridge_labels", "vote_labels"]

_ROWS = 4096

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counted:
    """Spike counts of one network.

    Attributes
    ----------
    train, test : array [sample, neuron], uint8
        With frozen weights and thresholds, for the first training images and all test images.
    fit_s, predict_s : float
        Wall seconds of learning with the pass that gives neurons their classes, and of the test part.
    learn_s : float
        Of learning alone.
    synops : float
        Edges crossed in a test sample.
    multiplied : float
        Products with values that are no spikes, a test sample.
    model : object
        The estimator.
    """

    train: NDArray[np.uint8]
    test: NDArray[np.uint8]
    fit_s: float
    predict_s: float
    learn_s: float = 0.0
    synops: float = 0.0
    multiplied: float = 0.0
    model: Any = None


def count_spikes(estimator: Any, task: ImageTask, seed: int, most: int | None = None) -> Counted:
    """Let a network learn from training images, then show images without learning.

    Parameters
    ----------
    estimator : STDPClassifier
        Its ``label_samples`` first training images give neurons their classes.
    task : ImageTask
    seed : int
    most : int, optional
        Training images to learn from; all by default.
    """
    model = clone(estimator).set_params(random_state=seed)
    began = time.perf_counter()
    model.fit(task.X_train[:most])
    learned = time.perf_counter()
    train = _bytes(model.transform(task.X_train[: model.label_samples]))
    shown = time.perf_counter()
    test = _bytes(model.transform(task.X_test))
    ended = time.perf_counter()
    return Counted(
        train,
        test,
        shown - began,
        ended - shown,
        learned - began,
        model.synops_per_sample_,
        model=model,
    )


def one_hot(places: Labels, n: int) -> NDArray[np.uint8]:
    """One spike of the unit that won: array [sample, unit]."""
    return np.asarray(places[:, None] == np.arange(n), np.uint8)


def vote_labels(counted: Counted, y: Labels, n_classes: int) -> dict[str, Labels]:
    """Answers to the test samples by each vote, neurons having got their classes from labels `y`."""
    vote = LabelVote.fit(counted.train, y[: len(counted.train)], n_classes)
    return {name: vote.scores(counted.test, name).argmax(axis=1) for name in VOTES}


def ridge_labels(counted: Counted, y: Labels, n_classes: int) -> Labels:
    """Answers of a ridge regression from the counts to +1 for the class and -1 for the others."""
    known = y[: len(counted.train)]
    targets = np.where(known[:, None] == np.arange(n_classes), 1.0, -1.0)

    def blocks() -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        for start in range(0, len(known), _ROWS):
            rows = counted.train[start : start + _ROWS].astype(np.float64)
            yield np.arange(start, start + len(rows)), rows

    model = fit_readout(blocks, targets, counted.train.shape[1], "gcv")
    answers: Labels = np.asarray(model.predict(counted.test.astype(np.float64))).argmax(axis=1)
    return answers


def _bytes(counts: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Counts in a quarter of the room; a neuron that fires every fifth step for a second stays below."""
    return np.asarray(np.minimum(counts, 255), np.uint8)
