"""Which way spikes take through a dense projection, chosen by measured density, and what was chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spikelab_kernels.layout import Tiles

from ..build.links import AnalogLink, ArrivalLink, DenseLink, PlasticLink

__all__ = ["PATHS", "PathTally", "PathUse", "takes_matrix"]

Name = tuple[str, str, int]
"""Of a projection."""

Spiking = ArrivalLink | DenseLink | PlasticLink
"""A way of spikes."""

PATHS = ("auto", "event", "matrix")

#: Share of sources that spike in a step from which on the matrix path is faster, by bytes of a weight, and
#: what its tables cost, in rows in which every source spikes, for each block of `_TABLE_ROWS` rows.
#: Measured by ``spikelab bench layers``, which times both paths (``--grid 20`` for weights of 32 bits).
_MATRIX_FROM = {2: 0.16, 4: 0.1, 8: 0.1}
_TABLE_COST = 9.0
_TABLE_ROWS = 512


def takes_matrix(tiles: Tiles, spikes: int, rows: int) -> bool:
    """Whether the matrix path is the faster one for `spikes` in `rows` rows [step, batch] of the sources."""
    blocks = -(-rows // _TABLE_ROWS)
    least = _MATRIX_FROM[tiles.weight.itemsize]
    return spikes > int(tiles.weight.shape[1]) * (least * rows + _TABLE_COST * blocks)


@dataclass(frozen=True)
class PathUse:
    """How a projection has delivered since the last reset of the simulator.

    Attributes
    ----------
    form : {"dense", "sparse", "values"}
        How its weights are kept: as a matrix, as rows of edges, or either of them for real values.
    event, matrix : int
        Deliveries, one a chunk of steps and receptor, in which the weights of each spike were added, and in
        which sums of weights made before were. Real values are counted under neither.
    density : float
        Share of the sources that spiked in a step; NaN where nothing was delivered. For a sparse
        projection that of all sources of its model and component.
    """

    form: str
    event: int
    matrix: int
    density: float


class PathTally:
    """Counts deliveries of the links of a network, by projection."""

    def __init__(self, events: Iterable[Spiking], analog: Iterable[AnalogLink]):
        self._links = list(events)
        self._values = [link.projection for link in analog]
        self.reset()

    def reset(self) -> None:
        """Forget all deliveries."""
        self._before: dict[Name, list[int]] = {}
        # by link while the network runs: a table may hold thousands of projections
        self._counts = {id(link): [0, 0, 0, 0] for link in self._links}

    def go_on(self, other: PathTally) -> None:
        """Count on from what `other` counted, for a network of the same projections."""
        self._before = other._totals()

    def add(self, link: Spiking, matrix: bool, spikes: int, places: int) -> None:
        """Count one chunk of `link`, with `spikes` of `places` = rows x sources."""
        counts = self._counts[id(link)]
        counts[1 if matrix else 0] += 1
        counts[2] += spikes
        counts[3] += places

    def uses(self) -> dict[Name, PathUse]:
        """What was counted, by name of the projection."""
        form = {name: "dense" if isinstance(link, DenseLink) else "sparse"
                for link in self._links for name in _names(link)}  # fmt: skip
        made = {
            name: PathUse(form[name], event, matrix, spikes / places if places else float("nan"))
            for name, (event, matrix, spikes, places) in self._totals().items()
        }
        return made | {name: PathUse("values", 0, 0, float("nan")) for name in self._values}

    def _totals(self) -> dict[Name, list[int]]:
        totals = {name: [0, 0, 0, 0] for link in self._links for name in _names(link)}
        for name, counts in self._before.items():
            totals[name] = list(counts)
        for link in self._links:
            for name in _names(link):
                totals[name] = [a + b for a, b in zip(totals[name], self._counts[id(link)], strict=True)]
        return totals


def _names(link: Spiking) -> tuple[Name, ...]:
    return link.projections if isinstance(link, ArrivalLink) else (link.projection,)
