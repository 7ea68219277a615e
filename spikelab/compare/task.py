"""Samples to learn from, to judge settings by, and to be tested on once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..learn.presentation import Floats
from ..units import require_choice

__all__ = ["DATASETS", "Task", "load_task"]

DATASETS = ("digits",)

Labels = NDArray[np.int64]

# About three quarters of the small digits; those behind were written by other people.
_DIGITS_TRAIN, _DIGITS_VALID = 1347, 270
_DIGITS_LARGEST = 16.0


@dataclass(frozen=True, eq=False)
class Task:
    """One data set in three parts.

    Attributes
    ----------
    x_train, x_valid, x_test : array [sample, feature], float32
        Values from 0 to 1. The validation part is a piece of the training set.
    y_train, y_valid, y_test : array [sample], int64
    facts, split : mapping
        ``dataset`` and ``split`` of the result.
    """

    x_train: Floats = field(repr=False)
    y_train: Labels = field(repr=False)
    x_valid: Floats = field(repr=False)
    y_valid: Labels = field(repr=False)
    x_test: Floats = field(repr=False)
    y_test: Labels = field(repr=False)
    facts: Mapping[str, Any]
    split: Mapping[str, Any]

    @property
    def n_classes(self) -> int:
        """Classes."""
        return len(self.facts["classes"])

    def without_test(self) -> Task:
        """The same task with the validation part in place of the test part, for trials of settings."""
        return replace(self, x_test=self.x_valid, y_test=self.y_valid)


def load_task(dataset: str) -> Task:
    """Load a data set.

    Parameters
    ----------
    dataset : {"digits"}
        scikit-learn's copy of small digits, 8 x 8 pixels.

    Raises
    ------
    ParameterError
        If there is no data set of that name.
    """
    require_choice("compare", "dataset", dataset, DATASETS)
    from sklearn.datasets import load_digits

    data = load_digits()
    x = (data.data / _DIGITS_LARGEST).astype(np.float32)
    y = data.target.astype(np.int64)
    first, cut = _DIGITS_TRAIN - _DIGITS_VALID, _DIGITS_TRAIN
    facts = {
        "name": "Small digits",
        "key": "digits",
        "licence": "CC BY 4.0",
        "source": "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998)",
        "classes": [str(label) for label in range(10)],
        "pixels": "8 x 8",
    }
    split = {
        "train": first,
        "validation": cut - first,
        "test": len(x) - cut,
        "text": f"the first {first:,} of scikit-learn's copy to learn from, the next {cut - first} to choose "
        f"settings and to draw learning curves, the last {len(x) - cut} to be tested, once",
    }
    return Task(x[:first], y[:first], x[first:cut], y[first:cut], x[cut:], y[cut:], facts=facts, split=split)
