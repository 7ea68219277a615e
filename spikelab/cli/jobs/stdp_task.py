"""Images and their labels for the STDP job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spikelab as sl
from spikelab.units import require_choice

__all__ = ["DATASETS", "ImageTask", "image_task"]

DATASETS = ("mnist", "fashion_mnist", "digits")

_QUICK_TRAIN, _QUICK_TEST = 4000, 1000
# About three quarters of the small digits.
_DIGITS_TRAIN = 1347


@dataclass(frozen=True, eq=False)
class ImageTask:
    """Images to learn from and to be tested on.

    Attributes
    ----------
    X_train, X_test : array [sample, row, column], uint8
    y_train, y_test : array [sample], int64
        Numbers of the classes.
    classes : tuple of str
    facts, split : mapping
        ``dataset`` and ``split`` of the result.
    """

    X_train: NDArray[np.uint8] = field(repr=False)
    y_train: NDArray[np.int64] = field(repr=False)
    X_test: NDArray[np.uint8] = field(repr=False)
    y_test: NDArray[np.int64] = field(repr=False)
    classes: tuple[str, ...]
    facts: Mapping[str, Any]
    split: Mapping[str, Any]

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (self.X_train.shape[1], self.X_train.shape[2])


def image_task(dataset: str, quick: bool = False) -> ImageTask:
    """Load a data set with its own split.

    Parameters
    ----------
    dataset : {"mnist", "fashion_mnist", "digits"}
        The last is scikit-learn's copy of small digits, for a look where the others are not there.
    quick : bool
        The first few thousand images only.

    Raises
    ------
    ParameterError, MissingDataError
        If there is no data set of that name, or its files are not there.
    """
    require_choice("run stdp-mnist", "dataset", dataset, DATASETS)
    if dataset == "digits":
        parts, facts, text = _digits()
    else:
        load = sl.datasets.load_mnist if dataset == "mnist" else sl.datasets.load_fashion_mnist
        data = load()
        parts = (data.X_train, data.y_train, data.X_test, data.y_test)
        facts = {"name": data.name, "licence": data.licence, "source": data.source}
        facts["classes"] = list(data.class_names)
        text = str(data.split)
    if quick:
        parts = (*(a[:_QUICK_TRAIN] for a in parts[:2]), *(a[:_QUICK_TEST] for a in parts[2:]))
        text = f"{text}; of these the first {len(parts[0]):,} and {len(parts[2]):,}"
    x_train, y_train, x_test, y_test = parts
    rows, columns = x_train.shape[1:]
    return ImageTask(
        x_train,
        y_train,
        x_test,
        y_test,
        classes=tuple(str(name) for name in facts["classes"]),
        facts={**facts, "key": dataset, "pixels": f"{rows} x {columns}"},
        split={"train": len(x_train), "test": len(x_test), "text": text},
    )


def _digits() -> tuple[Any, dict[str, Any], str]:
    from sklearn.datasets import load_digits

    data = load_digits()
    images, labels = np.rint(data.images).astype(np.uint8), data.target.astype(np.int64)
    cut = _DIGITS_TRAIN
    facts = {
        "name": "Small digits",
        "licence": "CC BY 4.0",
        "source": "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998)",
        "classes": [str(label) for label in range(10)],
    }
    text = (
        f"the first {cut:,} of scikit-learn's copy to learn from, the other {len(images) - cut} to be tested"
    )
    return (images[:cut], labels[:cut], images[cut:], labels[cut:]), facts, text
