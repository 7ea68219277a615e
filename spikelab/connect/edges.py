"""From a rule of connection to its edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .arrays import FromArray
from .distributions import Constant, Distribution
from .patterns import Pattern
from .sampling import Indices
from .spectral import spectral_factor

__all__ = ["Edges", "sample_edges"]

Rule = Distribution | npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of a projection, sorted by (source, target).

    Attributes
    ----------
    source, target : array [edge], uint32
        The two ends.
    weight : array [edge], float64
        Weights, in the unit of the target.
    delay_ms : array [edge], float64, float or None
        Delays, ms; a float where all are equal, None where the least legal delay is meant.
    """

    source: Indices
    target: Indices
    weight: npt.NDArray[np.float64]
    delay_ms: npt.NDArray[np.float64] | float | None

    def __len__(self) -> int:
        return int(self.source.size)


def sample_edges(
    pattern: Pattern,
    weight: Rule,
    delay_ms: Rule | None,
    n_source: int,
    n_target: int,
    same: bool,
    key: Callable[[str], int],
    spectral_radius: float | None = None,
) -> Edges:
    """Draw edges, weights and delays, each from the stream of its own purpose.

    Parameters
    ----------
    pattern : pattern record
        Which source reaches which target.
    weight, delay_ms : Distribution or array [source, target]
        ``delay_ms`` may be None.
    n_source, n_target : int
        Sizes.
    same : bool
        Whether source and target are one population.
    key : callable
        ``key(purpose)`` returns the key of a stream.
    spectral_radius : float, optional
        Scale the weights to it.

    Returns
    -------
    Edges
        The edges, sorted by (source, target).
    """
    source, target = pattern.edges(n_source, n_target, key("edges"), same)
    if isinstance(pattern, FromArray):
        factor = weight.value if isinstance(weight, Constant) else 1.0
        weights = pattern.weights * factor
    else:
        weights = _values(weight, source, target, key("weight"))
    if spectral_radius is not None:
        matrix = sparse.coo_array((weights, (source, target)), shape=(n_source, n_target)).tocsr()
        weights = weights * spectral_factor(matrix, spectral_radius)
    delays: npt.NDArray[np.float64] | float | None
    if delay_ms is None or isinstance(delay_ms, Constant):
        delays = None if delay_ms is None else delay_ms.value
    else:
        delays = _values(delay_ms, source, target, key("delay"))
    return Edges(source, target, weights, delays)


def _values(rule: Rule, source: Indices, target: Indices, key: int) -> npt.NDArray[np.float64]:
    return rule[source, target] if isinstance(rule, np.ndarray) else rule.sample(source.size, key)
