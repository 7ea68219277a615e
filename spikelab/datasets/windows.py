"""Abnormal stretches of a series, as labels and as windows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

__all__ = ["labels_of", "windows_of"]

Windows = tuple[tuple[int, int], ...]


def windows_of(labels: npt.NDArray[np.bool_]) -> Windows:
    """Return the stretches where ``labels`` is true, half-open.

    Examples
    --------
    >>> import numpy as np
    >>> windows_of(np.array([True, False, True, True]))
    ((0, 1), (2, 4))
    """
    padded = np.concatenate(([False], labels, [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(padded))
    return tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def labels_of(length: int, windows: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Return labels that are true within half-open windows; what lies outside the series is cut off."""
    labels = np.zeros(length, dtype=np.bool_)
    for start, stop in windows:
        labels[max(0, start) : max(0, stop)] = True
    return labels
