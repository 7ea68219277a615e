"""Measures of a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError

__all__ = ["accuracy", "confusion_matrix", "errors", "label_array"]


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
    owner = "confusion_matrix"
    true, pred = _pair(owner, y_true, y_pred)
    known = np.unique(np.concatenate([true, pred]))
    if classes is not None:
        known = label_array(owner, "classes", classes)
    if np.unique(known).size != known.size:
        raise ParameterError(owner, "classes", classes, "name each class once")
    position = {label: i for i, label in enumerate(known.tolist())}
    counts = np.zeros((known.size, known.size), dtype=np.int64)
    for a, b in zip(true.tolist(), pred.tolist(), strict=True):
        for name, label in (("y_true", a), ("y_pred", b)):
            if label not in position:
                raise ParameterError(owner, name, label, f"hold only the classes {known.tolist()}")
        counts[position[a], position[b]] += 1
    return counts


def _pair(
    owner: str, y_true: npt.ArrayLike, y_pred: npt.ArrayLike
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    true, pred = label_array(owner, "y_true", y_true), label_array(owner, "y_pred", y_pred)
    if (true.dtype.kind in "US") != (pred.dtype.kind in "US"):
        need = f"hold labels of the kind of y_true, such as {true[0]!r}"
        raise ParameterError(owner, "y_pred", pred[0], need)
    if pred.shape != true.shape:
        need = f"have shape {true.shape}, as y_true has"
        raise ParameterError(owner, "y_pred", f"array of shape {pred.shape}", need)
    return true, pred


def label_array(owner: str, parameter: str, value: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return labels as an array [sample] of whole numbers, booleans or text.

    Raises
    ------
    ParameterError
        If they are neither, of both kinds, not in one row, or there are none.
    """
    try:
        labels = np.asarray(value)
    except ValueError:  # nested sequences of different lengths
        raise ParameterError(owner, parameter, value, "be a list of labels, not empty") from None
    if labels.ndim != 1 or labels.size == 0:
        shape = f"array of shape {labels.shape}"
        raise ParameterError(owner, parameter, shape, "be a list of labels, not empty")
    mixed = False
    if labels.dtype == object:  # as pandas holds text
        mixed = not all(isinstance(label, str) for label in labels)
        labels = labels if mixed else labels.astype(str)
    elif labels.dtype.kind == "U" and isinstance(value, (list, tuple)):  # NumPy makes text of numbers
        mixed = not all(isinstance(label, str) for label in value)
    if mixed or labels.dtype.kind not in "biufUS":
        raise ParameterError(owner, parameter, value, "hold labels of one kind: whole numbers or text")
    if labels.dtype.kind == "f":
        whole = labels == np.floor(labels)
        if not (whole & np.isfinite(labels)).all():
            at = int(np.argmin(whole & np.isfinite(labels)))
            remedy = "Measurements are for a regressor."
            raise ParameterError(owner, f"{parameter}[{at}]", float(labels[at]), "be a label", remedy)
    return labels
