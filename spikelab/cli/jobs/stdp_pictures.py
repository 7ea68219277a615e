"""What the networks have learned, and how fast, as plain arrays for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import clone

from spikelab.cli.jobs.stdp_rows import stdp_key
from spikelab.cli.jobs.stdp_task import ImageTask
from spikelab.readout import LabelVote

__all__ = ["illustrate", "learning_curve"]

# Of the training images, the last sixth judges the curve; that many of them, and of those that give classes.
_HELD, _JUDGES, _LABELS = 6, 2000, 3000
# Points of the curve: each has four times the samples of the one before.
_FIRST, _TIMES = 250, 4
_MOST_FIELDS = 100
# The network whose learning is followed.
_FOLLOWED = 400


def illustrate(
    networks: Mapping[str, Any], fitted: Mapping[str, Any], task: ImageTask, seed: int
) -> dict[str, Any]:
    """Receptive fields of the smallest network, and the learning of one.

    Parameters
    ----------
    networks : mapping of str to STDPClassifier
        Unfitted, by row key, the smallest first.
    fitted : mapping of str to STDPClassifier
        What is fitted already, with the first seed.
    task : ImageTask
    seed : int

    Returns
    -------
    dict
        ``fields`` and ``curve``, ready for JSON.
    """
    smallest = next(iter(networks))
    followed = networks.get(stdp_key(_FOLLOWED), networks[smallest])
    found: dict[str, Any] = {"curve": learning_curve(followed, task, seed)}
    model = fitted.get(smallest)
    if model is not None:
        counts = model.transform(task.X_train[:_LABELS])
        vote = LabelVote.fit(counts, task.y_train[:_LABELS], len(task.classes))
        weights = model.weights_[:, :_MOST_FIELDS]
        found["fields"] = {
            "n": model.n_neurons,
            "shape": list(task.image_shape),
            "weights": np.round(weights / weights.max(), 3),
            "labels": [task.classes[k] if k >= 0 else "" for k in vote.neuron_classes[:_MOST_FIELDS]],
        }
    return found


def learning_curve(estimator: Any, task: ImageTask, seed: int) -> dict[str, Any]:
    """Accuracy after more and more samples, all of the training part, beside weights that stay.

    Returns
    -------
    dict
        ``samples`` [point], ``learning`` and ``control`` [point], shares of right answers.
    """
    cut = len(task.X_train) * (_HELD - 1) // _HELD
    points = [cut]
    while points[0] > _FIRST * _TIMES:
        points.insert(0, points[0] // _TIMES)
    still = clone(estimator).set_params(nu_post=0.0, nu_pre=0.0)
    return {
        "n": estimator.n_neurons,
        "samples": points,
        "learning": _scores(clone(estimator), task, points, seed),
        "control": _scores(still, task, points, seed),
        "judges": min(_JUDGES, len(task.X_train) - cut),
    }


def _scores(model: Any, task: ImageTask, points: list[int], seed: int) -> list[float]:
    model.set_params(random_state=seed)
    X, y, cut = task.X_train, task.y_train, points[-1]
    held = slice(cut, cut + _JUDGES)
    found, start = [], 0
    for stop in points:
        model.partial_fit(X[start:stop])
        start, seen = stop, slice(0, min(_LABELS, cut))
        vote = LabelVote.fit(model.transform(X[seen]), y[seen], len(task.classes))
        scores = vote.scores(model.transform(X[held]), model.vote)
        found.append(float((scores.argmax(axis=1) == y[held]).mean()))
    return found
