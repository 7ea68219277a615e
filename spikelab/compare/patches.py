"""Filters that learn from patches, and their controls, as trials of the comparison."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from ..estimators import HebbianPatchClassifier
from ..learn.presentation import Floats
from .task import Task
from .trial import Plan, Record

__all__ = ["hebbian_patches"]

# Drive, pull and decay of a weight.
_OPERATIONS = 3


def hebbian_patches(
    task: Task,
    plan: Plan,
    seed: int,
    settings: Mapping[str, Any],
    *,
    learn: bool = True,
    first: str = "normal",
) -> Record:
    """Fit `HebbianPatchClassifier` to square pictures; `settings` are parameters of it.

    Parameters
    ----------
    task : Task
        Of grey pictures with as many rows as columns.
    plan : Plan
        Of which only the threads matter: patches pass by once.
    seed : int
    settings : mapping
        Such as filters, kernel, cells, patches.
    learn, first
        As in `HebbianPatchClassifier`; False for the controls.
    """
    side = math.isqrt(task.x_train.shape[1])
    model = HebbianPatchClassifier(
        **settings, learn=learn, first=first, threads=plan.threads, random_state=seed
    )
    began = time.perf_counter()
    model.fit(_pictures(task.x_train, side), task.y_train)
    ready = time.perf_counter()
    answers = model.predict(_pictures(task.x_test, side))
    ended = time.perf_counter()
    weights = model.filters_.size
    changed = _OPERATIONS * weights * model.patches if learn else 0
    places = (side - model.kernel + 1) ** 2
    return Record(
        [int(label) for label in answers],
        float(model.score(_pictures(task.x_valid, side), task.y_valid)),
        train_s=ready - began,
        predict_s=ended - ready,
        multiplied=float(places * weights + model.n_features_out_ * task.n_classes),
        learning=changed / len(task.x_train),
    )


def _pictures(x: Floats, side: int) -> Floats:
    return x.reshape(len(x), side, side)
