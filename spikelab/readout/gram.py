"""Sums of products of a stream of rows, centred: all that a ridge regression needs of its data."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch

from ..storable import require_array, require_stored, storable

__all__ = ["Gram"]

Floats = npt.NDArray[np.float64]

# Rows that are shifted at a time: a copy of all of them would cost memory, and time to fetch it.
_ROWS = 1024


@storable
class Gram:
    """Centred Gram matrix of features and their products with targets, from blocks of rows.

    Parameters
    ----------
    backend : str
        Kernels that sum the blocks, "cpu" or "reference".

    Attributes
    ----------
    n : int
        Rows seen.

    Notes
    -----
    The mean of the first block is taken off every row before the products are formed and what is left of
    the mean afterwards. Without that shift a feature that hardly varies around a large mean would lose as
    many digits as the square of their ratio has.
    """

    def __init__(self, backend: str = "cpu") -> None:
        self.n = 0
        self.backend = backend
        self._shift_x: Any = None
        self._shift_y: Any = None

    def _check_stored(self) -> None:
        require_stored(type(self.n) is int and (self.n > 0) == (self._shift_x is not None), "number of rows")
        if self.n:
            self.check_shape(*np.shape(self._xty))

    def check_shape(self, *shape: int) -> None:
        """Refuse sums from a file that are not of so many features and outputs."""
        require_stored(self.n > 0 and len(shape) == 2, "sums of products")
        n_features, n_outputs = shape
        require_array(self._gram, "sums of products", np.float64, n_features, n_features)
        require_array(self._xty, "sums of products", np.float64, n_features, n_outputs)
        require_array(self._yty, "sums of products", np.float64, n_outputs)
        for shift, total, width in (
            (self._shift_x, self._sum_x, n_features),
            (self._shift_y, self._sum_y, n_outputs),
        ):
            require_array(total, "sums", np.float64, width)
            kind = np.float32 if getattr(shift, "dtype", None) == np.float32 else np.float64
            require_array(shift, "shift", kind, width)

    def add(self, features: npt.NDArray[Any], targets: npt.NDArray[Any]) -> None:
        """Add rows.

        Parameters
        ----------
        features : array [row, feature], float32 or float64
        targets : array [row, output], float32 or float64
        """
        if features.shape[0] == 0:
            return
        if self._shift_x is None:
            self._start(features, targets)
        accumulate = dispatch.backend(self.backend).gram_accumulate
        for first in range(0, features.shape[0], _ROWS):
            rows = slice(first, first + _ROWS)
            x = np.ascontiguousarray(features[rows] - self._shift_x)
            y = np.ascontiguousarray(targets[rows] - self._shift_y)
            accumulate(x, y, self._gram, self._xty)
            self._sum_x += x.sum(axis=0, dtype=np.float64)
            self._sum_y += y.sum(axis=0, dtype=np.float64)
            self._yty += np.square(y, dtype=np.float64).sum(axis=0)
        self.n += features.shape[0]

    def _start(self, features: npt.NDArray[Any], targets: npt.NDArray[Any]) -> None:
        # The shift keeps the rows' own type, so that taking it off is exact up to their last digit.
        self._shift_x = features.mean(axis=0, dtype=np.float64).astype(features.dtype)
        self._shift_y = targets.mean(axis=0, dtype=np.float64).astype(targets.dtype)
        n_features, n_outputs = features.shape[1], targets.shape[1]
        self._gram = np.zeros((n_features, n_features))
        self._xty = np.zeros((n_features, n_outputs))
        self._sum_x, self._sum_y = np.zeros(n_features), np.zeros(n_outputs)
        self._yty = np.zeros(n_outputs)

    @property
    def mean_x(self) -> Floats:
        """Mean of each feature: array [feature]."""
        mean: Floats = self._shift_x.astype(np.float64) + self._sum_x / self.n
        return mean

    @property
    def mean_y(self) -> Floats:
        """Mean of each target: array [output]."""
        mean: Floats = self._shift_y.astype(np.float64) + self._sum_y / self.n
        return mean

    def centred(self) -> tuple[Floats, Floats, Floats]:
        """Return the products of the rows less their means.

        Returns
        -------
        gram : array [feature, feature]
        xty : array [feature, output]
        yty : array [output]
        """
        gram = self._gram - np.outer(self._sum_x, self._sum_x / self.n)
        xty = self._xty - np.outer(self._sum_x, self._sum_y / self.n)
        yty = self._yty - np.square(self._sum_y) / self.n
        return (gram + gram.T) / 2, xty, np.maximum(yty, 0.0)

    def merged(self, other: Gram) -> Gram:
        """Return the Gram of both streams of rows (Chan, Golub & LeVeque 1983, equation 2.1b)."""
        both = Gram(self.backend)
        both.n = self.n + other.n
        both._shift_x = (self.n * self.mean_x + other.n * other.mean_x) / both.n
        both._shift_y = (self.n * self.mean_y + other.n * other.mean_y) / both.n
        both._sum_x, both._sum_y = np.zeros_like(self._sum_x), np.zeros_like(self._sum_y)
        apart_x, apart_y = self.mean_x - other.mean_x, self.mean_y - other.mean_y
        share = self.n * other.n / both.n
        (gram, xty, yty), (gram_2, xty_2, yty_2) = self.centred(), other.centred()
        both._gram = gram + gram_2 + share * np.outer(apart_x, apart_x)
        both._xty = xty + xty_2 + share * np.outer(apart_x, apart_y)
        both._yty = yty + yty_2 + share * np.square(apart_y)
        return both
