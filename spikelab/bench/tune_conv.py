"""Choose the settings of the convolutional rows of ``spikelab run stdp-mnist`` on training images alone.

``python -m spikelab.bench.tune_conv one`` changes one setting of the layer after the other, ``shuffled`` the
threshold of the same filters with their weights shuffled, and ``second`` adds second layers, learned and
shuffled. Filters learn from the first 50,000 training images, readouts from 20,000 of these; the last 10,000
judge. The test images are not touched.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets import load_mnist
from ..encode import DoG
from ..estimators import ConvLayer, ConvSTDP
from ..plasticity import LatencySTDP
from ..readout import Ridge

__all__ = [
    "LAYER",
    "SECOND",
    "TASKS",
    "VARIANTS",
    "Judge",
    "accuracy",
    "main",
    "one",
    "second",
    "shuffle",
    "shuffled",
]

Array = npt.NDArray[Any]
Line = tuple[str, float]

#: What was chosen.
LAYER = ConvLayer(
    maps=64, kernel=7, threshold=15.0, pool=4, radius=6, samples=20_000,
    rule=LatencySTDP(a_plus=0.05, a_minus=0.025),
)  # fmt: skip

#: Changes of the layer; ``front`` is the front end.
VARIANTS: tuple[dict[str, Any], ...] = (
    {}, {"maps": 32}, {"maps": 100}, {"pool": 3}, {"pool": 5}, {"rivalry": False},
    {"kernel": 5, "threshold": 10.0, "radius": 4}, {"kernel": 9, "threshold": 20.0, "radius": 8},
    {"threshold": 12.0}, {"threshold": 18.0}, {"radius": 10, "winners": 3}, {"radius": 4, "winners": 8},
    {"rule": LatencySTDP(a_plus=0.05, a_minus=0.0375)}, {"rule": LatencySTDP(a_plus=0.05, a_minus=0.0175)},
    {"front": DoG(threshold=0.03)}, {"front": DoG(threshold=0.12)}, {"front": DoG(n_steps=10)},
)  # fmt: skip


def _deep(maps: int, kernel: int, threshold: float, pool: int, radius: int, winners: int) -> ConvLayer:
    return ConvLayer(
        maps=maps, kernel=kernel, threshold=threshold, pool=pool, radius=radius, winners=winners,
        samples=20_000, rule=LatencySTDP(a_plus=0.05, a_minus=0.0375),
    )  # fmt: skip


#: Windows of the first layer as the second one sees it, and the second layer.
SECOND = (
    (4, _deep(200, 3, 8.0, 2, 1, 8)),
    (4, _deep(200, 3, 15.0, 2, 1, 8)),
    (2, _deep(100, 5, 10.0, 4, 2, 5)),
    (2, _deep(100, 5, 20.0, 4, 2, 5)),
    (2, _deep(200, 5, 15.0, 7, 4, 5)),
)

_LEARN, _FIT, _HELD = 50_000, 20_000, 10_000
# Penalties, as shares of the mean variance of a feature times the number of rows; the best one counts.
_SHARES = (1e-3, 1e-2, 3e-2, 1e-1)


def accuracy(train: Array, y: Array, held: Array, y_held: Array) -> float:
    """Share of right answers of a ridge regression on features, with the best of a few penalties."""
    targets = np.where(y[:, None] == np.unique(y), 1.0, -1.0)
    unit = float(train.var(axis=0).mean()) * len(train)
    scores = (Ridge(share * unit).fit(train, targets).predict(held) for share in _SHARES)
    return max(float((np.unique(y)[one.argmax(axis=1)] == y_held).mean()) for one in scores)


def shuffle(filters: Array, seed: int = 0) -> Array:
    """Deal out the weights within each filter."""
    flat = filters.reshape(len(filters), -1)
    return np.random.default_rng(seed).permuted(flat, axis=1).reshape(filters.shape)


class Judge:
    """Images to learn from, to fit to, and to be judged on."""

    def __init__(self, X: Array, y: Array, learn: int, fit: int, held: int):
        self.learn, self.fit, self.held = X[:learn], X[:fit], X[-held:]
        self.y, self.y_held = y[:fit], y[-held:]

    def features(self, model: ConvSTDP) -> tuple[Array, Array]:
        return model.transform(self.fit), model.transform(self.held)

    def of(self, *models: ConvSTDP) -> float:
        """Accuracy on the features of all models together."""
        parts = [self.features(model) for model in models]
        train, held = (np.concatenate(one, axis=1) for one in zip(*parts, strict=True))
        return accuracy(train, self.y, held, self.y_held)


def one(judge: Judge, layer: ConvLayer) -> Iterator[Line]:
    """One setting after the other."""
    for change in VARIANTS:
        values = {name: value for name, value in change.items() if name != "front"}
        model = ConvSTDP([replace(layer, **values)], front=change.get("front"), random_state=0)
        yield (
            ", ".join(f"{k}={v}" for k, v in change.items()) or "as chosen",
            judge.of(model.fit(judge.learn)),
        )


def shuffled(judge: Judge, layer: ConvLayer) -> Iterator[Line]:
    """Learned filters, and the same ones shuffled, at several thresholds; with and without rivalry."""
    for rivalry in (True, False):
        model = ConvSTDP([replace(layer, rivalry=rivalry)], random_state=0).fit(judge.learn)
        twin = model.with_filters([shuffle(model.filters_[0])])
        for name, given in (("learned", model), ("shuffled", twin)):
            for share in (1.0, 0.8, 0.67, 0.53, 0.4):
                given.layers = [replace(layer, rivalry=rivalry, threshold=share * layer.threshold)]
                words = f"{name}, rivalry {rivalry}, threshold {given.layers[0].threshold:.3g}"
                yield words, judge.of(given)


def second(judge: Judge, layer: ConvLayer) -> Iterator[Line]:
    """Second layers alone, beside the first one, and shuffled beside it."""
    first = ConvSTDP([layer], random_state=0).fit(judge.learn)
    yield "first layer", judge.of(first)
    more = replace(layer, maps=layer.maps * 3 // 2)
    yield f"first layer of {more.maps} maps", judge.of(ConvSTDP([more], random_state=0).fit(judge.learn))
    for pool, record in SECOND:
        model = ConvSTDP([replace(layer, pool=pool), record], random_state=0).fit(judge.learn)
        words = (
            f"{record.maps} maps, kernel {record.kernel}, threshold {record.threshold:g}, behind pool {pool}"
        )
        twin = model.with_filters([model.filters_[0], shuffle(model.filters_[1])])
        yield f"{words}: alone", judge.of(model)
        yield f"{words}: with the first", judge.of(first, model)
        yield f"{words}: shuffled, with the first", judge.of(first, twin)


TASKS: dict[str, Callable[[Judge, ConvLayer], Iterator[Line]]] = {
    "one": one, "shuffled": shuffled, "second": second,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the accuracy of every variant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    data = load_mnist()
    judge = Judge(data.X_train, data.y_train, _LEARN, _FIT, _HELD)
    for words, share in TASKS[parser.parse_args(arguments).task](judge, LAYER):
        print(f"{100.0 * share:6.2f} %  {words}", flush=True)


if __name__ == "__main__":
    main()
