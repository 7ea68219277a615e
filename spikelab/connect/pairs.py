"""Patterns that choose among the pairs of neurons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ParameterError
from ..units import (
    require_flag,
    require_integer,
    require_non_negative,
    require_probability,
    require_scalar,
)
from .patterns import BlockPattern
from .sampling import (
    Blocks,
    bernoulli_places,
    distinct_places,
    kernels,
    most_poisson,
    most_successes,
    poisson_places,
    sorted_by_row,
    split,
    uniform_places,
)

__all__ = ["FixedProbability", "FixedTotalNumber", "PairwisePoisson", "SymmetricProbability"]

_MOST_EDGES = 2**48


@dataclass(frozen=True)
class FixedProbability(BlockPattern):
    """Each pair is connected with probability ``p``, independently (NEST: pairwise_bernoulli).

    Parameters
    ----------
    p : float
        Probability in [0, 1].
    allow_autapses : bool
        Whether a neuron of a recurrent projection may reach itself.
    """

    p: float
    allow_autapses: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", require_scalar("FixedProbability", "p", self.p))
        require_probability("FixedProbability", "p", self.p)
        require_flag("FixedProbability", "allow_autapses", self.allow_autapses)

    def bound(self, n_source: int, n_target: int, same: bool) -> int:
        """Return a number that the edges exceed with a probability below 1e-12."""
        return most_successes(n_source * n_target, self.p)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw the pairs by the gaps between them."""
        places = bernoulli_places(n_source * n_target, self.p, key, size)
        return split(places, n_target, 1 if same and not self.allow_autapses else 0)


@dataclass(frozen=True)
class SymmetricProbability(BlockPattern):
    """Each two neurons are connected both ways with probability ``p`` (NEST: symmetric_pairwise_bernoulli).

    For recurrent projections; no neuron reaches itself. Each pair is asked once, and connected at most once
    either way; NEST asks a pair of one population in both orders, which makes about twice as many edges.

    Parameters
    ----------
    p : float
        Probability in [0, 1].
    """

    p: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", require_scalar("SymmetricProbability", "p", self.p))
        require_probability("SymmetricProbability", "p", self.p)

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse two populations."""
        if not same:
            raise ParameterError(
                "SymmetricProbability",
                "p",
                self.p,
                "connect a population to itself",
                "Between two populations draw a matrix, and connect FromArray(m) one way and "
                "FromArray(m.T) the other.",
            )

    def bound(self, n_source: int, n_target: int, same: bool) -> int:
        """Return a number that the edges exceed with a probability below 1e-12."""
        return 2 * most_successes(n_source * (n_source - 1) // 2, self.p)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw pairs of the upper triangle and sort both directions by source; 4 bytes an edge are held."""
        self.check(n_source, n_target, same)

        def pieces() -> Blocks:
            for place in bernoulli_places(n_source * (n_source - 1) // 2, self.p, key, size):
                ends = np.empty((2, place.size), np.uint32)
                kernels().split_triangle(place, np.int64(n_source), *ends)
                yield ends.T.reshape(-1), ends[::-1].T.reshape(-1)

        return sorted_by_row(pieces, n_source, size)


@dataclass(frozen=True)
class FixedTotalNumber(BlockPattern):
    """Exactly ``n`` edges, each between a pair chosen uniformly (NEST: fixed_total_number).

    Parameters
    ----------
    n : int
        Number of edges.
    allow_autapses : bool
        Whether the pairs of a neuron with itself take part in a recurrent projection.
    allow_multapses : bool
        Whether a pair may be chosen more than once. Without them, the edges are held, 8 bytes each.
    """

    n: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def __post_init__(self) -> None:
        n = require_integer("FixedTotalNumber", "n", self.n, low=0, high=_MOST_EDGES)
        object.__setattr__(self, "n", n)
        for name in ("allow_autapses", "allow_multapses"):
            require_flag("FixedTotalNumber", name, getattr(self, name))

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse more distinct pairs than there are."""
        available = n_source * self._row(n_target, same)
        if self.n and (available == 0 or (not self.allow_multapses and self.n > available)):
            raise ParameterError(
                "FixedTotalNumber",
                "n",
                self.n,
                f"be <= {available}, the pairs to choose from",
                "Lower n, or allow autapses or multapses.",
            )

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return self.n

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw the pairs in their order; with multapses no edges are held."""
        self.check(n_source, n_target, same)
        row = self._row(n_target, same)
        n_places = n_source * row
        if self.allow_multapses:
            places = uniform_places(self.n, n_places, key, size)
        else:
            places = iter([distinct_places(self.n, n_places, key)])
        return split(places, row, 2 if row < n_target else 0)

    def _row(self, n_target: int, same: bool) -> int:
        return n_target - (same and not self.allow_autapses)


@dataclass(frozen=True)
class PairwisePoisson(BlockPattern):
    """Each pair has a Poisson number of edges (NEST: pairwise_poisson).

    Parameters
    ----------
    mean : float
        Mean number of edges of a pair, >= 0; above 1 most pairs have several.
    allow_autapses : bool
        Whether a neuron of a recurrent projection may reach itself.
    """

    mean: float
    allow_autapses: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", require_scalar("PairwisePoisson", "mean", self.mean))
        require_non_negative("PairwisePoisson", "mean", self.mean, remedy="It is a mean number of edges.")
        require_flag("PairwisePoisson", "allow_autapses", self.allow_autapses)

    def bound(self, n_source: int, n_target: int, same: bool) -> int:
        """Return a number that the edges exceed with a probability below 1e-12."""
        return most_poisson(self.mean * n_source * n_target)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw a Poisson process along the pairs."""
        row = n_target - (same and not self.allow_autapses)
        places = poisson_places(self.mean, n_source * row, key, size)
        return split(places, row, 2 if row < n_target else 0)
