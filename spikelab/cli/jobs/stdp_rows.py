"""The rows of the STDP job: networks that learn, the same ones robbed of what they learn, plain methods."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from spikelab.cli.jobs.stdp_counts import Counted, count_spikes, one_hot, ridge_labels, vote_labels
from spikelab.cli.jobs.stdp_task import ImageTask
from spikelab.cli.jobs.trials import RowSpec, Trial
from spikelab.readout import Ridge

__all__ = ["READOUTS", "flat_images", "row_specs", "stdp_key"]

Labels = NDArray[np.int64]

#: Readouts of the counts; the votes are those of `LabelVote`.
READOUTS = ("likelihood", "proportion", "mean", "ridge")

# Lloyd's iterations of k-means at most.
_MOST_ITERATIONS = 40
_WARM_UP = 20
# Training images by which thresholds have settled where weights stay.
_SETTLED = 20_000
# What keeps the weights as they are, while thresholds adapt.
_STILL = {"nu_post": 0.0, "nu_pre": 0.0}


def stdp_key(n: int) -> str:
    """What the row of the learning network with `n` neurons is called in settings and in ``result.json``."""
    return f"stdp_{n}"


def row_specs(models: Mapping[str, Any], task: ImageTask) -> list[RowSpec]:
    """Rows in the order of running: plain methods first, then one size after another.

    Parameters
    ----------
    models : mapping of str to estimator
        "logistic", and `STDPClassifier` by `stdp_key`, the smallest first.
    task : ImageTask
    """
    networks = [_Size(key, model, task) for key, model in models.items() if key != "logistic"]
    return [*_plain(models["logistic"], task), *(spec for size in networks for spec in size.specs())]


@dataclass(eq=False)
class _Size:
    """The rows of one number of neurons; three of them read the counts of the network that learned."""

    key: str
    estimator: Any
    task: ImageTask
    counted: dict[int, Counted] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return int(self.estimator.n_neurons)

    def specs(self) -> list[RowSpec]:
        n, size, units = self.n, f"{self.n:,} neurons", self.n / 100.0
        same = f"The same vote: {self.estimator.vote}."
        control = partial(RowSpec, kind="control", twin=self.key, prepare=partial(self._warm_up, still=True))
        return [
            RowSpec(
                self.key, f"STDP, {size}", "model", lambda seed: self._judged(self._learned(seed)),
                _parameters(self.estimator), "Neurons compete and learn without labels; each is then given "
                f"the class for which it fires most, and they vote ({self.estimator.vote}).",
                cost=units * (self.estimator.epochs + 1), prepare=self._warm_up,
            ),
            RowSpec(
                f"ridge_{n}", f"STDP, {size}, ridge readout", "model", self._ridge, cost=0.1 * units,
                note="The same spike counts, but a fitted readout: a weighted sum for each class.",
            ),
            control(
                f"shuffled_{n}", f"Shuffled labels, {size}", trial=self._shuffled, cost=0.1 * units,
                note=f"The same counts; the labels dealt out at random before classes are given. {same}",
            ),
            control(
                f"random_{n}", f"Random weights, {size}", cost=2 * units,
                trial=lambda seed: self._judged(self._fixed(seed, None)),
                note=f"Weights stay as they were drawn; thresholds adapt to {_SETTLED:,} images. {same}",
            ),
            control(
                f"images_{n}", f"Images as weights, {size}", cost=2 * units,
                trial=lambda seed: self._judged(self._fixed(seed, self._image_weights(seed))),
                note=f"Weights are {n:,} training images drawn at random, and stay; thresholds adapt. {same}",
            ),
            RowSpec(
                f"kmeans_{n}", f"k-means, {n:,} centres", "floor", self._k_means, cost=0.5 * units,
                note=f"No neurons: the nearest centre alone fires, once, for an image. {same}",
            ),
        ]  # fmt: skip

    def _learned(self, seed: int) -> Counted:
        if seed not in self.counted:
            self.counted[seed] = count_spikes(self.estimator, self.task, seed)
        return self.counted[seed]

    def _judged(self, found: Counted) -> Trial:
        y, k = self.task.y_train, len(self.task.classes)
        answers = {**vote_labels(found, y, k), "ridge": ridge_labels(found, y, k)}
        return _trial(found, answers, self.estimator.vote, k)

    def _ridge(self, seed: int) -> Trial:
        found, began = self._learned(seed), time.perf_counter()
        k = len(self.task.classes)
        trial = _trial(found, {"ridge": ridge_labels(found, self.task.y_train, k)}, "ridge", k)
        return replace(trial, fit_s=trial.fit_s + time.perf_counter() - began, model=None)

    def _shuffled(self, seed: int) -> Trial:
        y, k = np.random.default_rng(seed).permutation(self.task.y_train), len(self.task.classes)
        found = self._learned(seed)
        self.counted.pop(seed)  # this row is the last to read it
        return replace(_trial(found, vote_labels(found, y, k), self.estimator.vote, k), model=None)

    def _fixed(self, seed: int, weights: NDArray[np.float64] | None) -> Counted:
        estimator = clone(self.estimator).set_params(**_STILL, epochs=1, weights=weights)
        return replace(count_spikes(estimator, self.task, seed, _SETTLED), model=None)

    def _image_weights(self, seed: int) -> NDArray[np.float64]:
        """Training images as weights [pixel, neuron], with the sum and the bound of the network's."""
        images, total = self.task.X_train, self.estimator.total_mv
        chosen = np.random.default_rng(seed).choice(len(images), self.n, replace=self.n > len(images))
        weights = images[np.sort(chosen)].reshape(self.n, -1).T.astype(np.float64)
        weights *= total / np.maximum(weights.sum(axis=0), 1.0)
        return np.asarray(np.minimum(weights, 10.0 * total / len(weights)))

    def _k_means(self, seed: int) -> Trial:
        from sklearn.cluster import KMeans

        train, test = flat_images(self.task)
        began = time.perf_counter()
        model = KMeans(self.n, n_init=1, max_iter=_MOST_ITERATIONS, random_state=seed).fit(train)
        found = one_hot(model.labels_, self.n)
        fitted = time.perf_counter()
        given = one_hot(model.predict(test), self.n)
        ended, k = time.perf_counter(), len(self.task.classes)
        products = float(self.n * train.shape[1])
        counted = Counted(found, given, fitted - began, ended - fitted, multiplied=products)
        return _trial(counted, vote_labels(counted, self.task.y_train, k), self.estimator.vote, k)

    def _warm_up(self, still: bool = False) -> None:
        """Let the kernels compile before the clock runs; those of weights that stay are others."""
        few, small = self.task.X_train[:_WARM_UP], {"n_neurons": 2, "epochs": 1, "random_state": 0}
        model = clone(self.estimator).set_params(**small, **(_STILL if still else {}))
        model.fit(few).transform(few)


def _trial(found: Counted, answers: Mapping[str, Labels], readout: str, n_classes: int) -> Trial:
    """The answers by every readout, of which one is the row's."""
    outcome = {
        "answer": answers[readout], "readout": readout, "all": dict(answers), "learn_s": found.learn_s,
    }  # fmt: skip
    # A spike adds the weights of its neuron, one for each class.
    votes = float(found.test.sum(dtype=np.int64)) / len(found.test) * n_classes
    return Trial(outcome, found.fit_s, found.predict_s, found.synops + votes, found.multiplied, found.model)


def _plain(logistic: Any, task: ImageTask) -> Sequence[RowSpec]:
    """Methods on raw pixels."""
    train, test = flat_images(task)
    k = len(task.classes)

    def trial(fit: Callable[[], Callable[[Any], Labels]], seed: int) -> Trial:
        began = time.perf_counter()
        answer = fit()
        ready = time.perf_counter()
        outcome = {"answer": answer(test), "readout": "", "all": {}, "learn_s": ready - began}
        products = float(train.shape[1] * k)
        return Trial(outcome, ready - began, time.perf_counter() - ready, 0.0, products)

    def by_logistic() -> Callable[[Any], Labels]:
        model = clone(logistic).fit(train, task.y_train)
        return lambda X: np.asarray(model.predict(X), np.int64)

    def by_ridge() -> Callable[[Any], Labels]:
        targets = np.where(task.y_train[:, None] == np.arange(k), 1.0, -1.0)
        model = Ridge("gcv").fit(train, targets)
        return lambda X: np.asarray(model.predict(X)).argmax(axis=1)

    text = "A weighted sum of the pixels for each class; no network"
    return [
        RowSpec(
            "logistic", "Logistic regression, raw pixels", "floor", partial(trial, by_logistic),
            {"C": logistic.C}, f"{text}.", cost=1.0, seeded=False,
        ),
        RowSpec(
            "ridge_pixels", "Ridge, raw pixels", "floor", partial(trial, by_ridge),
            note=f"{text}, fitted by least squares.", cost=0.2, seeded=False,
        ),
    ]  # fmt: skip


def flat_images(task: ImageTask) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Training and test images as rows of values from 0 to 1."""
    largest = np.float32(task.X_train.max())
    train, test = (
        images.reshape(len(images), -1).astype(np.float32) / largest for images in (task.X_train, task.X_test)
    )
    return train, test


def _parameters(estimator: Any) -> dict[str, Any]:
    hidden = {"random_state", "weights", "image_shape", "progress"}
    return {key: value for key, value in sorted(estimator.get_params().items()) if key not in hidden}
