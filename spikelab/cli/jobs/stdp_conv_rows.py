"""Rows of the STDP job with convolutional features: learned filters, their controls, and no filters."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

import spikelab as sl
from spikelab.cli.jobs.stdp_task import ImageTask
from spikelab.cli.jobs.trials import RowSpec, Trial
from spikelab.encode.dog import SILENT
from spikelab.readout import Ridge
from spikelab.seeding import object_key
from spikelab_kernels import philox

__all__ = ["CONV_KEYS", "CONV_LAYER", "conv_model", "conv_specs", "mixed", "shuffled"]

#: The layer of the rows: of those that ``python -m spikelab.bench.tune_conv one`` prints, one of the best.
CONV_LAYER: dict[str, Any] = {
    "maps": 64, "kernel": 7, "threshold": 15.0, "pool": 4, "radius": 6, "samples": 20_000,
}  # fmt: skip
_RULE = sl.LatencySTDP(a_plus=0.05, a_minus=0.025)
# With a few thousand images half of the filters, and as many images as there are, are enough.
_QUICK = {"maps": 32, "samples": 4000}
# The threshold at which shuffled filters do best (``tune_conv shuffled``).
_SHUFFLED_THRESHOLD = 8.0
_RIDGE = 20.0
_WARM_UP = 20
# Pixels a side.
_SMALLEST = 20

#: Rows, in the order of running; the others are controls of the first, but for the last, a floor.
CONV_KEYS = ("conv", "conv_shuffled", "conv_shuffled_lower", "conv_mixed", "conv_untrained", "conv_dog")

Filters = npt.NDArray[np.float64]


def conv_model(seed: int | None = None, **layer: Any) -> sl.ConvSTDPClassifier:
    """Return the classifier of the rows, with other values for its layer where given."""
    record = sl.ConvLayer(**{**CONV_LAYER, "rule": _RULE, **layer})
    return sl.ConvSTDPClassifier([record], ridge=_RIDGE, threads=2, random_state=seed)


def shuffled(filters: Filters, seed: int) -> Filters:
    """Deal out the weights within each filter: array [map, channel, ky, kx]."""
    order = np.argsort(_words(filters.size, seed).reshape(len(filters), -1), axis=1, kind="stable")
    return np.take_along_axis(filters.reshape(len(filters), -1), order, axis=1).reshape(filters.shape)


def mixed(filters: Filters, seed: int) -> Filters:
    """Deal out all weights of all filters: each is then random, with the statistics of all."""
    return filters.ravel()[np.argsort(_words(filters.size, seed), kind="stable")].reshape(filters.shape)


def conv_specs(
    task: ImageTask, quick: bool = False, model: sl.ConvSTDPClassifier | None = None
) -> list[RowSpec]:
    """Return the rows in the order of running; none where images are too small for such filters.

    Parameters
    ----------
    task : ImageTask
    quick : bool
        Fewer filters and images.
    model : ConvSTDPClassifier, optional
        With one layer; by default that of `conv_model`.
    """
    if model is None:
        model = conv_model(**(_QUICK if quick else {}))
        if min(task.image_shape) < _SMALLEST:
            return []
    return _Rows(task, model).specs()


@dataclass(eq=False)
class _Rows:
    """The rows; those with other filters take the ones that the first row has learned from the same seed."""

    task: ImageTask
    model: Any
    learned: dict[int, Any] = field(default_factory=dict)

    def specs(self) -> list[RowSpec]:
        (layer,) = self.model.layers
        control = partial(RowSpec, kind="control", twin="conv", cost=3.0)
        same = "The readout is fitted anew."
        lower = f"the threshold at which they do best on a part of the training set, {_SHUFFLED_THRESHOLD:g}"
        return [
            RowSpec(
                "conv", f"ConvSTDP, {layer.maps} filters, ridge readout", "model", self._learned,
                _parameters(self.model), "Filters learn from first spikes without labels; then a weighted "
                "sum of the pooled first spikes for each class.", cost=4.0, prepare=self._warm_up,
            ),
            control(
                "conv_shuffled", "ConvSTDP, weights shuffled within each filter", trial=self._given(shuffled),
                note=f"The same weights at other places of their filter, the same threshold. {same}",
            ),
            control(
                "conv_shuffled_lower", "ConvSTDP, shuffled, threshold tuned for it",
                trial=self._given(shuffled, _SHUFFLED_THRESHOLD),
                note=f"As above, with {lower}. {same}",
            ),
            control(
                "conv_mixed", "ConvSTDP, random filters of the same statistics",
                trial=self._given(mixed, _SHUFFLED_THRESHOLD),
                note=f"All weights of all filters dealt out at random; that threshold, too. {same}",
            ),
            control(
                "conv_untrained", "ConvSTDP, filters as they were drawn", trial=self._untrained,
                note=f"First weights without any learning, the same threshold. {same}",
            ),
            RowSpec(
                "conv_dog", "Ridge on the latencies of on- and off-cells", "floor", self._plain,
                note="What the filters see, without filters: one weight for each cell and class.", cost=2.0,
                seeded=False,
            ),
        ]  # fmt: skip

    def _learned(self, seed: int) -> Trial:
        model = clone(self.model).set_params(random_state=seed)
        began = time.perf_counter()
        sl.ConvSTDP.fit(model, self.task.X_train)
        self.learned[seed] = model
        return self._judged(model, time.perf_counter() - began)

    def _given(
        self, change: Callable[[Filters, int], Filters], threshold: float | None = None
    ) -> Callable[[int], Trial]:
        def trial(seed: int) -> Trial:
            model = self.learned[seed]
            model = model.with_filters([change(model.filters_[0], seed)])
            if threshold is not None:
                (layer,) = model.layers
                model.layers = [replace(layer, threshold=threshold)]
            return self._judged(model, 0.0)

        return trial

    def _untrained(self, seed: int) -> Trial:
        (layer,) = self.model.layers
        model = clone(self.model).set_params(layers=[replace(layer, samples=0)], random_state=seed)
        return self._judged(sl.ConvSTDP.fit(model, self.task.X_train), 0.0)

    def _judged(self, model: Any, learn_s: float) -> Trial:
        """Fit the readout and let it answer."""
        began = time.perf_counter()
        model.fit_readout(self.task.X_train, self.task.y_train)
        fitted = time.perf_counter()
        answer = np.asarray(model.predict(self.task.X_test), np.int64)
        ended = time.perf_counter()
        accumulates, products = _operations(model, self.task.X_test[:1000])
        outcome = {"answer": answer, "readout": "ridge", "all": {"ridge": answer}, "learn_s": learn_s}
        return Trial(outcome, learn_s + fitted - began, ended - fitted, accumulates, products, model)

    def _plain(self, seed: int) -> Trial:
        began = time.perf_counter()
        train, test = (self._cells(images) for images in (self.task.X_train, self.task.X_test))
        k = len(self.task.classes)
        readout = Ridge(_RIDGE).fit(train, np.where(self.task.y_train[:, None] == np.arange(k), 1.0, -1.0))
        fitted = time.perf_counter()
        answer = readout.predict(test).argmax(axis=1)
        ended = time.perf_counter()
        outcome = {"answer": answer, "readout": "ridge", "all": {"ridge": answer}, "learn_s": 0.0}
        return Trial(outcome, fitted - began, ended - fitted, float((test > 0).sum(axis=1).mean()) * k)

    def _cells(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """The latencies of all cells as features, as `ConvSTDP.transform` makes them of first spikes."""
        front = sl.DoG() if self.model.front is None else self.model.front
        latency = front.latencies(images).reshape(len(images), -1)
        value = np.zeros(SILENT + 1, np.float32)
        value[: front.n_steps] = np.arange(front.n_steps, 0, -1) / front.n_steps
        return np.asarray(value[latency])

    def _warm_up(self) -> None:
        """Let the kernels compile before the clock runs."""
        few: Any = self.task.X_train[:_WARM_UP]
        (layer,) = self.model.layers
        model = clone(self.model).set_params(layers=[replace(layer, samples=_WARM_UP)], random_state=0)
        sl.ConvSTDP.fit(model, few).transform(few)


def _operations(model: Any, images: npt.NDArray[Any]) -> tuple[float, float]:
    """Weights that spikes of an image add in the layer, and products of the front end."""
    (layer,) = model.layers
    front = sl.DoG() if model.front is None else model.front
    latency = front.latencies(images)
    height, width = latency.shape[2] - layer.kernel + 1, latency.shape[3] - layer.kernel + 1
    rows, columns = (np.convolve(np.ones(size), np.ones(layer.kernel)) for size in (height, width))
    reached = ((latency != SILENT).sum(axis=1) * np.outer(rows, columns)).sum(axis=(1, 2)).mean() * layer.maps
    readout = (model.transform(images) > 0).sum(axis=1).mean() * model.classes_.size
    return float(reached + readout), float(images[0].size * front.size**2)


def _words(n: int, seed: int) -> npt.NDArray[np.uint32]:
    return philox.words(object_key(seed, "conv", "control"), n)


def _parameters(model: Any) -> dict[str, Any]:
    (layer,) = model.layers
    shown = ("maps", "kernel", "threshold", "pool", "winners", "radius", "samples", "converged")
    rule = {name: getattr(layer.rule, name) for name in ("a_plus", "a_minus") if hasattr(layer.rule, name)}
    return {**{name: getattr(layer, name) for name in shown}, **rule, "ridge": model.ridge}
