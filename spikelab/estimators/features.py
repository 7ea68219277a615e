"""From sequences to rows of features: a reservoir, a pooling, the input beside it if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..fused import Block, FusedReservoir
from ..readout import Gram, ModelSpace, Ridge, pool_inputs, segment_bounds, segment_means
from ..storable import storable

__all__ = ["FeatureBlocks", "PooledFeatures", "StepFeatures", "feature_rows", "fit_readout"]

Array = npt.NDArray[Any]
FeatureBlocks = Iterable[tuple[npt.NDArray[np.int64], Array]]


@storable
@dataclass(frozen=True, eq=False)
class PooledFeatures:
    """One row of features for each series.

    Attributes
    ----------
    fused : FusedReservoir
    pooling : str
        See `spikelab.readout.POOLINGS`.
    n_segments : int
    include_input : bool
        Whether the pooled input stands behind the pooled states.
    washout : int
        Steps at the start that are not pooled.
    threads : int
    space : ModelSpace or None
        Fitted components, for ``pooling="model_space"``.
    """

    fused: FusedReservoir
    pooling: str
    n_segments: int
    include_input: bool
    washout: int
    threads: int
    space: ModelSpace | None = None

    @property
    def n_out(self) -> int:
        """Features of a series."""
        segments = self.n_segments if self.pooling == "segments" else 1
        width = self.fused.n + self.fused.n_inputs * self.include_input
        if self.space is not None:
            d = self.space.n_components
            return d * (d + 1) + self.fused.n_inputs * self.include_input
        return segments * width

    def blocks(self, series: list[Array]) -> Iterator[tuple[npt.NDArray[np.int64], Array]]:
        """Yield (index of the series, features [row, feature], float64) of one group after another."""
        for index, pooled in self._pooled(series):
            if self.include_input:
                kind = "mean" if self.space is not None else self.pooling
                kept = [series[i][self.washout :] for i in index]
                pooled = np.concatenate([pooled, pool_inputs(kept, kind, self.n_segments)], axis=1)
            yield index, pooled

    def _pooled(self, series: list[Array]) -> Iterator[tuple[npt.NDArray[np.int64], Array]]:
        if self.space is not None:
            yield from self._model_space(series, self.space)
            return
        segments = {"last": 0, "mean": 1, "segments": self.n_segments}[self.pooling]
        lengths = np.array([len(one) for one in series])
        bounds = segment_bounds(lengths, max(segments, 1), self.washout)[:, : segments + 1]
        for group in self.fused.pool(series, bounds, self.threads):
            if self.pooling == "last":
                yield group.index, group.last.astype(np.float64)
            else:
                yield group.index, segment_means(group.sums, bounds[group.index])

    def _model_space(
        self, series: list[Array], space: ModelSpace
    ) -> Iterator[tuple[npt.NDArray[np.int64], Array]]:
        products: dict[int, Gram] = {}
        before: dict[int, Array] = {}
        open_group: npt.NDArray[np.int64] | None = None
        for block, i, states in kept_states(self.fused.stream(series, self.threads), self.washout):
            if open_group is not None and block.index is not open_group:
                yield open_group, np.array([space.features(products.get(k)) for k in open_group])
                products, before = {}, {}
            open_group = block.index
            z = space.project(states)
            joined = np.concatenate([before[i], z]) if i in before else z
            if len(joined) > 1:
                products.setdefault(i, Gram(self.fused.backend)).add(joined[:-1], joined[1:])
            before[i] = z[-1:]
        if open_group is not None:
            yield open_group, np.array([space.features(products.get(k)) for k in open_group])


@storable
@dataclass(frozen=True, eq=False)
class StepFeatures:
    """One row of features for each step: the state, and the input of the step if wanted."""

    fused: FusedReservoir
    include_input: bool
    washout: int
    threads: int

    @property
    def n_out(self) -> int:
        """Features of a step."""
        return self.fused.n + self.fused.n_inputs * self.include_input

    def rows(self, series: list[Array]) -> Iterator[tuple[int, int, Array]]:
        """Yield (series, first step, features [step, feature]), the washout left out."""
        for block in self.fused.stream(series, self.threads):
            values = np.concatenate([block.states, block.x], axis=2) if self.include_input else block.states
            for row, i in enumerate(block.index):
                lo, hi = max(0, self.washout - block.step0), int(block.steps[row])
                if lo < hi:
                    yield int(i), block.step0 + lo, values[lo:hi, row]


def kept_states(blocks: Iterable[Block], washout: int) -> Iterator[tuple[Block, int, Array]]:
    """Yield (block, series, states [time, neuron]) behind the washout."""
    for block in blocks:
        for row, i in enumerate(block.index):
            lo, hi = max(0, washout - block.step0), int(block.steps[row])
            if lo < hi:
                yield block, int(i), block.states[lo:hi, row]


def feature_rows(blocks: Callable[[], FeatureBlocks], n: int, n_features: int) -> npt.NDArray[np.float64]:
    """Rows that come in groups, in their order: array [row, feature]."""
    rows = np.empty((n, n_features))
    for index, features in blocks():
        rows[index] = features
    return rows


def fit_readout(
    blocks: Callable[[], FeatureBlocks], targets: npt.NDArray[np.float64], n_features: int, ridge: Any
) -> Ridge:
    """Fit a ridge regression to rows that come in groups.

    Rows are kept only where they are fewer than the features; otherwise their products are.
    """
    model = Ridge(ridge)
    n = targets.shape[0]
    if n <= n_features:
        return model.fit(feature_rows(blocks, n, n_features), targets)
    gram, validation = Gram(), Gram() if ridge == "holdout" else None
    for index, features in blocks():
        held = (index % 5 == 4) if validation is not None else np.zeros(index.size, dtype=bool)
        gram.add(features[~held], targets[index[~held]])
        if validation is not None:
            validation.add(features[held], targets[index[held]])
    return model.fit_gram(gram, validation)
