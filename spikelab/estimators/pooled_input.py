"""The floor of every classifier of sequences: the same averages and readout, and nothing between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from ..readout import pool_inputs
from ..storable import storable
from .base import InputScaler
from .pooled import PooledClassifier, SeriesFeatures

__all__ = ["PooledInputClassifier"]


@storable
@dataclass(frozen=True)
class _InputFeatures:
    """The pooled input itself."""

    n_inputs: int
    pooling: str
    n_segments: int
    washout: int

    @property
    def n_out(self) -> int:
        return self.n_inputs * (self.n_segments if self.pooling == "segments" else 1)

    def blocks(self, series: list[Any]) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[Any]]]:
        kept = [one[self.washout :] for one in series]
        yield np.arange(len(series)), pool_inputs(kept, self.pooling, self.n_segments)


@storable
class PooledInputClassifier(PooledClassifier):
    """Classify sequences by a ridge readout of the pooled input: what needs no reservoir.

    What does not beat this floor, tuned with the same care, earns nothing with its reservoir.

    Parameters
    ----------
    pooling : {"segments", "mean", "last"}
        What the readout sees: means over `n_segments` parts of the series, over all of it, or its last row.
    n_segments : int
        Parts of a series.
    ridge, standardize, deltas, washout
        As in `ESNClassifier`.
    dtype : {"float32", "float64"}
        Of the inputs; the readout is always fitted in float64.

    Attributes
    ----------
    classes_, n_features_in_, readouts_, synops_per_sample_
        As in `ESNClassifier`; there is one readout.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = [rng.normal(loc, 1.0, (30, 2)) for loc in (0.0, 1.0, 0.0, 1.0)]
    >>> PooledInputClassifier(n_segments=2).fit(X, ["low", "high", "low", "high"]).predict(X[:2]).tolist()
    ['low', 'high']
    """

    _poolings: ClassVar[tuple[str, ...]] = ("last", "mean", "segments")

    def __init__(
        self,
        *,
        pooling: Literal["segments", "mean", "last"] = "segments",
        n_segments: int = 4,
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        standardize: bool = True,
        deltas: bool = False,
        washout: int = 0,
        dtype: str = "float32",
    ):
        self.pooling = pooling
        self.n_segments = n_segments
        self.ridge = ridge
        self.standardize = standardize
        self.deltas = deltas
        self.washout = washout
        self.dtype = dtype

    def _start(self, series: list[Any]) -> None:
        self._scaler = InputScaler.fit(series, self.standardize, self.deltas)

    def _all_features(self, inputs: list[Any]) -> list[SeriesFeatures]:
        return [_InputFeatures(self._scaler.n_out, self.pooling, self.n_segments, self.washout)]

    def _synops(self, inputs: list[Any]) -> float:
        return 0.0
