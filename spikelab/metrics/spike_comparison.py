"""Two simulators of one model: how far apart their distributions lie, beside those of other seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from .spike_distributions import KSSpread, ks_distance, ks_spread
from .spike_statistics import quantity_label

__all__ = ["DistributionComparison", "compare_distributions", "comparison_table"]

Floats = npt.NDArray[np.float64]

_COLUMNS = ("", "", "ours", "peer", "D mean", "D max", "own spread", "peer's spread", "within")


@dataclass(frozen=True)
class DistributionComparison:
    """How one distribution compares between two simulators; made by `compare_distributions`.

    Attributes
    ----------
    population, quantity : str
        What is compared, such as "L23E" and "rates_hz".
    mean_ours, mean_peer : float
        Means of the quantity over neurons and seeds.
    between : tuple of float
        Kolmogorov-Smirnov distances of every run of ours to every run of the peer.
    ours, peer : KSSpread
        Distances between the runs of one simulator, which differ in their seeds only.
    """

    population: str
    quantity: str
    mean_ours: float
    mean_peer: float
    between: tuple[float, ...]
    ours: KSSpread
    peer: KSSpread

    @property
    def mean_distance(self) -> float:
        """Mean distance between the simulators."""
        return float(np.mean(self.between))

    @property
    def within_spread(self) -> bool:
        """Whether the simulators lie on average no further apart than two seeds of one of them can."""
        return self.ours.covers(self.mean_distance) or self.peer.covers(self.mean_distance)


def compare_distributions(
    ours: Sequence[Any],
    peer: Sequence[Any],
    *,
    population: str = "",
    quantities: Iterable[str] = ("rates_hz", "cv", "correlation"),
) -> list[DistributionComparison]:
    """Compare the distributions of spike statistics of two simulators, several seeds each.

    Parameters
    ----------
    ours, peer : sequence of SpikeStatistics, or of mappings of quantity to array
        One a seed, at least two of each. NaN in arrays are left out; where a run has no other value, such as
        the CV of neurons that fired once, distances are NaN.
    population : str
        Name that stands in the table.
    quantities : iterable of str
        As for `sl.plot.distributions`.

    Returns
    -------
    list of DistributionComparison
        One a quantity; `comparison_table` prints them.

    Raises
    ------
    ParameterError
        If there are fewer than two seeds, or a quantity is unknown or missing.

    Notes
    -----
    The distances between seeds of one simulator say how much of a distance between the simulators is
    chance: the neurons of a network are not independent, and the p-value of the Kolmogorov-Smirnov test
    assumes that they are.

    Examples
    --------
    >>> ours = [{"cv": [0.8, 0.9, 1.0, 1.1]}, {"cv": [0.9, 1.0, 1.1, 1.2]}]
    >>> peer = [{"cv": [0.8, 0.9, 1.0, 1.2]}, {"cv": [0.8, 1.0, 1.1, 1.2]}]
    >>> (found,) = compare_distributions(ours, peer, quantities=["cv"])
    >>> found.between, found.ours.largest, found.within_spread
    ((0.25, 0.25, 0.25, 0.25), 0.25, True)
    """
    found = []
    for quantity in quantities:
        quantity_label("compare_distributions", quantity)
        first, second = _samples("ours", ours, quantity), _samples("peer", peer, quantity)
        comparison = DistributionComparison(
            population,
            quantity,
            mean_ours=_mean(first),
            mean_peer=_mean(second),
            between=tuple(ks_distance(a, b).distance for a in first for b in second),
            ours=_spread(first),
            peer=_spread(second),
        )
        found.append(comparison)
    return found


def comparison_table(comparisons: Iterable[DistributionComparison]) -> str:
    """Return comparisons as a table of plain text.

    Columns: means of both; mean and largest distance D between the simulators; the range of distances
    between seeds of each; and whether the mean D lies within the spread of one of them.

    Examples
    --------
    >>> ours, peer = [{"cv": [0.8, 0.9]}, {"cv": [0.9, 1.0]}], [{"cv": [1.8, 1.9]}, {"cv": [1.8, 2.0]}]
    >>> print(comparison_table(compare_distributions(ours, peer, population="exc", quantities=["cv"])))
                           ours   peer  D mean  D max   own spread  peer's spread  within
    exc   CV of intervals   0.9  1.875   1.000  1.000  0.500-0.500    0.500-0.500      no
    """
    rows = [_COLUMNS, *(_row(one) for one in comparisons)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _row(one: DistributionComparison) -> tuple[str, ...]:
    spreads = (f"{min(s.distances):.3f}-{s.largest:.3f}" for s in (one.ours, one.peer))
    return (
        one.population,
        quantity_label("comparison_table", one.quantity),
        f"{one.mean_ours:.4g}",
        f"{one.mean_peer:.4g}",
        f"{one.mean_distance:.3f}",
        f"{max(one.between):.3f}",
        *spreads,
        "" if np.isnan(one.mean_distance) else "yes" if one.within_spread else "no",
    )


def _samples(name: str, runs: Sequence[Any], quantity: str) -> list[Floats]:
    if isinstance(runs, Mapping) or not isinstance(runs, Sequence) or len(runs) < 2:
        need = "be a sequence of two runs or more, one a seed"
        raise ParameterError("compare_distributions", name, type(runs).__name__, need)
    samples = []
    for place, run in enumerate(runs):
        if isinstance(run, Mapping) and quantity not in run:
            need = f"hold {quantity!r}"
            raise ParameterError("compare_distributions", f"{name}[{place}]", sorted(run), need)
        values = np.asarray(run[quantity] if isinstance(run, Mapping) else run.of(quantity), np.float64)
        samples.append(values[~np.isnan(values)])
    return samples


def _mean(samples: Sequence[Floats]) -> float:
    values = np.concatenate(samples)
    return float(values.mean()) if values.size else float("nan")


def _spread(samples: Sequence[Floats]) -> KSSpread:
    # A population too small or too quiet to have the quantity leaves the rest of a table as it is.
    return ks_spread(samples) if all(sample.size for sample in samples) else KSSpread((float("nan"),))
