"""One value for all edges of a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..frozen import frozen_array
from ..units import real_array, require_finite
from .distributions import Distribution
from .sampling import Indices

__all__ = ["PerSource"]


@dataclass(frozen=True, eq=False)
class PerSource:
    """All edges of a source have the same value; such weights take no memory for each edge.

    Parameters
    ----------
    values : array [source] or distribution
        The value of each source, or what each source draws its value from.

    Examples
    --------
    >>> PerSource([0.5, -2.0]).of(0, 2, key=0)
    array([ 0.5, -2. ])
    """

    values: Any

    def __post_init__(self) -> None:
        if isinstance(self.values, Distribution) and not isinstance(self.values, type):
            return
        array = real_array("PerSource", "values", self.values, "Give an array [source] or a distribution.")
        if array.ndim != 1:
            raise ParameterError(
                "PerSource",
                "values",
                f"array of shape {array.shape}",
                "have one axis, source, or be a distribution",
            )
        require_finite("PerSource", "values", array)
        object.__setattr__(self, "values", frozen_array(array))

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that can occur."""
        if isinstance(self.values, np.ndarray):
            return (float(self.values.min()), float(self.values.max())) if self.values.size else (0.0, 0.0)
        low, high = self.values.bounds
        return low, high

    def check_size(self, owner: str, parameter: str, n_source: int) -> None:
        """Refuse an array of another number of sources."""
        if isinstance(self.values, np.ndarray) and self.values.size != n_source:
            raise ParameterError(
                owner,
                parameter,
                f"PerSource of {self.values.size} values",
                f"have {n_source}, one for each source",
            )

    def of(self, first: int, stop: int, key: int) -> npt.NDArray[np.float64]:
        """Return the values of the sources ``first`` to ``stop``: array [source], float64."""
        values: npt.NDArray[np.float64]
        if isinstance(self.values, np.ndarray):
            values = self.values[first:stop]
        else:
            values = self.values.sample(stop - first, key, first)
        return values

    def of_edges(self, source: Indices, key: int) -> npt.NDArray[np.float64]:
        """Return the values of edges, whose sources ascend: array [edge], float64."""
        first, stop = int(source[0]), int(source[-1]) + 1
        values: npt.NDArray[np.float64] = self.of(first, stop, key)[source - np.uint32(first)]
        return values
