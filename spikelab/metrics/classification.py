"""Measures of a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError

__all__ = ["accuracy", "confusion_matrix", "errors"]


def errors(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> int:
    """Return how many labels differ.

    Examples
    --------
    >>> errors([1, 2, 2], [1, 2, 3])
    1
    """
    true, pred = _pair("errors", y_true, y_pred)
    return int(np.count_nonzero(true != pred))


def accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """Return the share of labels that agree, in [0, 1].

    Examples
    --------
    >>> accuracy([1, 2, 2, 1], [1, 2, 3, 1])
    0.75
    """
    true, pred = _pair("accuracy", y_true, y_pred)
    return float(np.mean(true == pred))


def confusion_matrix(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, classes: npt.ArrayLike | None = None
) -> npt.NDArray[np.int64]:
    """Count the pairs of true and predicted labels.

    Parameters
    ----------
    y_true, y_pred : array [sample]
    classes : array [class], optional
        Order of rows and columns; by default the sorted labels that occur.

    Returns
    -------
    array [class, class], int64
        Rows are true labels, columns predicted ones.

    Examples
    --------
    >>> confusion_matrix([1, 2, 2], [1, 2, 1])
    array([[1, 0],
           [1, 1]])
    """
    true, pred = _pair("confusion_matrix", y_true, y_pred)
    known = np.unique(np.concatenate([true, pred])) if classes is None else np.asarray(classes)
    position = {label: i for i, label in enumerate(known.tolist())}
    counts = np.zeros((known.size, known.size), dtype=np.int64)
    for a, b in zip(true.tolist(), pred.tolist(), strict=True):
        for name, label in (("y_true", a), ("y_pred", b)):
            if label not in position:
                raise ParameterError(
                    "confusion_matrix", name, label, f"hold only the classes {known.tolist()}"
                )
        counts[position[a], position[b]] += 1
    return counts


def _pair(
    owner: str, y_true: npt.ArrayLike, y_pred: npt.ArrayLike
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    true, pred = np.asarray(y_true), np.asarray(y_pred)
    if true.ndim != 1 or true.size == 0:
        raise ParameterError(
            owner, "y_true", f"array of shape {true.shape}", "be a list of labels, not empty"
        )
    if pred.shape != true.shape:
        need = f"have shape {true.shape}, as y_true has"
        raise ParameterError(owner, "y_pred", f"array of shape {pred.shape}", need)
    return true, pred
