"""What filters learned from patches are worth: ``python -m spikelab.bench.patches``.

A ridge regression names digits of MNIST by pooled maps of filters: learned by SoftHebb, random patches, and
random directions, beside a ridge regression on pixels. All rows have the same whitening, pooling, readout and
seeds. The last 10,000 training images judge; ``--test`` judges by the test images and learns from all
training images.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets import load_fashion_mnist, load_mnist
from ..estimators import HebbianPatchClassifier
from ..readout import Ridge

__all__ = ["ROWS", "Row", "main", "patch_rows", "pixel_row"]

Array = npt.NDArray[Any]

#: Names of the rows, and how their model differs from the first.
ROWS: Mapping[str, Mapping[str, Any]] = {
    "learned filters": {},
    "random patches": {"learn": False, "first": "patches"},
    "random filters": {"learn": False},
}

_DATA = {"mnist": load_mnist, "fashion_mnist": load_fashion_mnist}
_HELD = 10_000


@dataclass(frozen=True)
class Row:
    """A model and how well it did.

    Attributes
    ----------
    name : str
    seed : int
    accuracy : float
        Share of right answers.
    fit_s, predict_s : float
        Wall seconds.
    """

    name: str
    seed: int
    accuracy: float
    fit_s: float
    predict_s: float

    def text(self) -> str:
        """The row as a line."""
        times = f"fitted in {self.fit_s:.0f} s, judged in {self.predict_s:.0f} s"
        return f"{100.0 * self.accuracy:6.2f} %  {self.name}, seed {self.seed}: {times}"


def pixel_row(train: tuple[Array, Array], held: tuple[Array, Array]) -> Row:
    """The floor: a ridge regression on pixels."""
    (X, y), (X_held, y_held) = train, held
    began = time.perf_counter()
    classes, index = np.unique(y, return_inverse=True)
    targets = np.where(index[:, None] == np.arange(classes.size), 1.0, -1.0)
    model = Ridge("gcv").fit(X.reshape(len(X), -1), targets)
    ready = time.perf_counter()
    found = classes[model.predict(X_held.reshape(len(X_held), -1)).argmax(axis=1)]
    accuracy = float((found == y_held).mean())
    return Row("ridge on pixels", 0, accuracy, ready - began, time.perf_counter() - ready)


def patch_rows(
    train: tuple[Array, Array], held: tuple[Array, Array], seeds: Sequence[int] = (0,), **settings: Any
) -> Iterator[Row]:
    """Yield a row for each of `ROWS` and each seed.

    Parameters
    ----------
    train, held : (array [sample, y, x], array [sample])
        Pictures and labels to learn from, and to judge by.
    seeds : sequence of int
    **settings
        Of `HebbianPatchClassifier`, the same for all rows.
    """
    for seed in seeds:
        for name, change in ROWS.items():
            model = HebbianPatchClassifier(**{**settings, **change}, random_state=seed)
            began = time.perf_counter()
            model.fit(*train)
            ready = time.perf_counter()
            accuracy = float(model.score(*held))
            yield Row(name, seed, accuracy, ready - began, time.perf_counter() - ready)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", choices=_DATA, default="mnist")
    parser.add_argument("--images", type=int, default=10_000, help="training images; all with --test")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--filters", type=int, default=128)
    parser.add_argument("--cells", type=int, default=3)
    parser.add_argument("--ridge", type=float, help="penalty; chosen by cross-validation where none is given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--test", action="store_true", help="judge by the test images")
    given = parser.parse_args(arguments)
    data = _DATA[given.dataset]()
    train, held = (data.X_train, data.y_train), (data.X_test, data.y_test)
    if not given.test:
        held = (data.X_train[-_HELD:], data.y_train[-_HELD:])
        n = min(given.images, len(data.X_train) - _HELD)
        train = (data.X_train[:n], data.y_train[:n])
    settings: dict[str, Any] = {name: getattr(given, name) for name in ("filters", "cells", "threads")}
    settings["ridge"] = "gcv" if given.ridge is None else given.ridge
    print(pixel_row(train, held).text(), flush=True)
    for row in patch_rows(train, held, range(given.seeds), **settings):
        print(row.text(), flush=True)


if __name__ == "__main__":
    main()
