"""``spikelab bench ridge``: readouts beside scikit-learn and NumPy, and the memory that a fit takes.

All sides solve the same ridge regression with an intercept, in float64 on one thread; the weights are
compared before anything is timed. Ours comes in two forms: rows in memory, and a stream of blocks of which
only the sums of products are kept. Then the peak memory of a whole fit of a network to one series is
measured, for a series and for one ten times as long.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from spikelab_kernels import cost

from ..estimators import ESNRegressor
from ..readout import Gram, Ridge
from ..reservoir import Reservoir
from .document import write_document
from .options import Peers, common_options, one_thread
from .roofs import measure_roofs
from .table import print_table, ratio, spread
from .timing import speedup, time_in_turn

__all__ = ["RidgeBench", "command", "fit_memory"]

_ROWS, _STREAM, _GRAM = "Ridge, rows in memory", "Ridge, stream of blocks", "sums of products alone"
_NUMPY, _SKLEARN = "NumPy, normal equations", "scikit-learn Ridge"
_OUTPUTS, _ALPHA, _BLOCK = 3, 1.0, 4096

Sides = dict[str, Callable[[], Any]]


class RidgeBench:
    """Rows and targets of one size.

    Parameters
    ----------
    rows, features : int
    """

    def __init__(self, rows: int, features: int):
        rng = np.random.default_rng(features)
        mixing = np.eye(features) + 0.3 * rng.standard_normal((features, features)) / np.sqrt(features)
        self.x = np.tanh(rng.standard_normal((rows, features)) @ mixing)
        weights = rng.standard_normal((features, _OUTPUTS))
        self.y = self.x @ weights + 0.1 * rng.standard_normal((rows, _OUTPUTS))

    def gram(self) -> Gram:
        """Sums of products, block by block."""
        gram = Gram()
        for start in range(0, len(self.x), _BLOCK):
            gram.add(self.x[start : start + _BLOCK], self.y[start : start + _BLOCK])
        return gram

    def numpy(self) -> np.ndarray:
        """Weights by centred normal equations: what one would write by hand."""
        x, y = self.x - self.x.mean(axis=0), self.y - self.y.mean(axis=0)
        weights: np.ndarray = np.linalg.solve(x.T @ x + _ALPHA * np.eye(x.shape[1]), x.T @ y)
        return weights.T

    def sklearn(self) -> np.ndarray:
        """Weights by scikit-learn with its solver of the same equations."""
        from sklearn.linear_model import Ridge as Peer

        coef: np.ndarray = Peer(alpha=_ALPHA, solver="cholesky").fit(self.x, self.y).coef_
        return coef

    def sides(self, peers: Peers) -> Sides:
        """Callables that return the weights."""
        sides: Sides = {
            _ROWS: lambda: Ridge(_ALPHA).fit(self.x, self.y).coef_,
            _STREAM: lambda: Ridge(_ALPHA).fit_gram(self.gram()).coef_,
        }
        if "numpy" in peers:
            sides[_NUMPY] = self.numpy
        if "scikit-learn" in peers:
            sides[_SKLEARN] = self.sklearn
        return sides

    def check(self, sides: Sides) -> None:
        """Refuse to time sides that do not agree."""
        expected = sides[_ROWS]()
        for name, side in sides.items():
            worst = float(np.abs(side() - expected).max() / np.abs(expected).max())
            if worst > 1e-8:
                raise click.ClickException(f"{name} differs by {worst:.1g} from {_ROWS}: nothing is timed.")


def fit_memory(units: int, steps: int) -> list[dict[str, Any]]:
    """Measure the peak of what a fit allocates, for a series of `steps` and for one ten times as long.

    Returns
    -------
    list of dict
        ``steps``, ``peak_bytes`` (by tracemalloc, to which NumPy reports), ``data_bytes`` (the series and its
        targets, which the fit scales into copies) and ``states_bytes`` (all states, which it never holds).
    """
    found = []
    model = ESNRegressor(Reservoir(units), ridge=_ALPHA, washout=10)
    short = np.zeros((50, 1))
    model.fit([short], [short])  # compiles
    for length in (steps, 10 * steps):
        x = np.random.default_rng(0).standard_normal((length, 1))
        y = np.roll(x, 3, axis=0)
        tracemalloc.start()
        try:
            model.fit([x], [y])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        states = length * units * np.dtype(model.dtype).itemsize
        found.append(
            {
                "steps": length,
                "peak_bytes": peak,
                "data_bytes": x.nbytes + y.nbytes,
                "states_bytes": states,
            }
        )
    return found


@click.command(help="Time ridge readouts beside scikit-learn and NumPy, and measure the memory of a fit.")
@click.option("--rows", type=click.IntRange(min=2), default=20_000, show_default=True, help="Rows.")
@click.option("--features", type=click.IntRange(min=1), default=500, show_default=True, help="Features.")
@click.option(
    "--steps",
    type=click.IntRange(min=20),
    default=40_000,
    show_default=True,
    help="Steps of the memory test.",
)
@common_options("numpy", "scikit-learn")
def command(rows: int, features: int, steps: int, rounds: int, path: Path | None, peers: Peers) -> None:
    """Check, time, print."""
    bench = RidgeBench(rows, features)
    with one_thread():
        sides = bench.sides(peers)
        bench.check(sides)
        roofs = measure_roofs()
        times = time_in_turn({_GRAM: bench.gram, **sides}, rounds)
        roofs = roofs.best(measure_roofs())
        memory = fit_memory(features, steps)
    work = cost.gram_accumulate(rows, features, _OUTPUTS, real_bytes=8)
    floor = roofs.floor(work, bench.x.nbytes + 8 * features**2, "float64")
    table: list[dict[str, Any]] = [
        {
            "name": name,
            **timing.as_dict(),
            "of_roof": floor.seconds / timing.min_s,
            "speedup_numpy": speedup(times, _NUMPY, timing) if name != _GRAM else None,
            "speedup_scikit_learn": speedup(times, _SKLEARN, timing) if name != _GRAM else None,
        }
        for name, timing in times.items()
    ]
    columns = {"": "left"}
    columns |= dict.fromkeys(("ms", "spread", "% of roof", "x NumPy", "x scikit-learn"), "right")
    print_table(
        f"Ridge regression, {rows:,} rows of {features}, one thread, medians of {rounds} rounds",
        columns,
        (
            (
                row["name"],
                f"{row['median_s'] * 1e3:.1f}",
                spread(row),
                f"{100 * row['of_roof']:.0f}",
                ratio(row["speedup_numpy"]),
                ratio(row["speedup_scikit_learn"]),
            )
            for row in table
        ),
        f"Weights of all sides agree to 1e-8. Roof ({floor.binds}): the sums of products; {roofs}. "
        f"{peers.note()}",
    )
    print_table(
        f"Peak memory of a fit, N={features}",
        {"steps": "right", "peak MB": "right", "data MB": "right", "all states MB": "right"},
        (
            (
                f"{row['steps']:,}",
                *(f"{row[name] / 1e6:.1f}" for name in ("peak_bytes", "data_bytes", "states_bytes")),
            )
            for row in memory
        ),
        "All states are never held; the fit keeps scaled copies of the data.",
    )
    if path is not None:
        setting = {"rows": rows, "features": features, "rounds": rounds, "alpha": _ALPHA}
        write_document(
            path, "ridge", setting, table, peers=peers.as_dict(), roofs=roofs.as_dict(), fit_memory=memory
        )
