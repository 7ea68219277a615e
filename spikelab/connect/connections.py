"""The edges of a projection as arrays or a table."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from .edges import Edges
from .sampling import Indices

__all__ = ["Connections"]


class Connections(NamedTuple):
    """Edges of a projection, sorted by (source, target); a tuple of four arrays.

    Attributes
    ----------
    source, target : array [edge], uint32
        The two ends: neurons of their populations, or channels of an input.
    weight : array [edge], float64
        Weights, in the unit of the target.
    delay_ms : array [edge], float64
        Delays, ms.

    Examples
    --------
    >>> import spikelab as sl
    >>> net = sl.Network()
    >>> cells = net.add("cells", 3, sl.LIF())
    >>> Connections.of(net.connect(cells, cells, sl.OneToOne(), weight=0.5, delay_ms=1.5).edges())
    Connections(source=array([0, 1, 2], dtype=uint32), target=array([0, 1, 2], dtype=uint32),
                weight=array([0.5, 0.5, 0.5]), delay_ms=array([1.5, 1.5, 1.5]))
    """

    source: Indices
    target: Indices
    weight: npt.NDArray[np.float64]
    delay_ms: npt.NDArray[np.float64]

    @classmethod
    def of(
        cls, edges: Edges, weight: npt.NDArray[np.float64] | None = None, least_delay_ms: float = 0.0
    ) -> Connections:
        """Make the record of drawn edges.

        Parameters
        ----------
        edges : Edges
        weight : array [edge], optional
            Weights that stand instead of those drawn; copied.
        least_delay_ms : float
            Delay of edges that were given none, ms.
        """
        delay = least_delay_ms if edges.delay_ms is None else edges.delay_ms
        delays = np.array(np.broadcast_to(delay, edges.source.shape), dtype=np.float64)
        return cls(edges.source, edges.target, np.array(edges.weight if weight is None else weight), delays)

    def to_dataframe(self) -> Any:
        """Return a pandas DataFrame with a row for each edge.

        Raises
        ------
        ParameterError
            If pandas is not installed; spikelab does not depend on it.
        """
        try:
            pandas = import_module("pandas")
        except ImportError:
            raise ParameterError(
                "Connections.to_dataframe",
                "pandas",
                None,
                "be installed",
                "spikelab does not depend on it: install it with 'pip install pandas', or use the arrays.",
            ) from None
        return pandas.DataFrame(self._asdict())
