"""Connection patterns: which source reaches which target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ..errors import ParameterError
from ..units import require_flag, require_integer, require_probability, require_scalar
from .sampling import (
    Indices,
    bernoulli_pairs,
    fixed_choices,
    most_successes,
    sorted_pairs,
    without_autapses,
)

__all__ = [
    "AllToAll",
    "FixedIndegree",
    "FixedProbability",
    "OneToOne",
    "Pattern",
]

_MOST_SOURCES = 2**31 - 1


@runtime_checkable
class Pattern(Protocol):
    """What `Network.connect` takes as ``pattern``: a frozen record with these methods."""

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Raise `ParameterError` where the pattern does not fit the two sizes."""
        ...

    def edges(self, n_source: int, n_target: int, key: int, same: bool) -> tuple[Indices, Indices]:
        """Return source and target of every edge, sorted by (source, target): two arrays [edge], uint32.

        ``same`` says that source and target are one population.
        """
        ...


@dataclass(frozen=True)
class AllToAll:
    """Every source reaches every target.

    Parameters
    ----------
    allow_autapses : bool
        Whether a neuron of a recurrent projection reaches itself.

    Examples
    --------
    >>> AllToAll(allow_autapses=False).edges(2, 2, key=0, same=True)
    (array([0, 1], dtype=uint32), array([1, 0], dtype=uint32))
    """

    allow_autapses: bool = True

    def __post_init__(self) -> None:
        require_flag("AllToAll", "allow_autapses", self.allow_autapses)

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Fit any two sizes."""

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_source * n_target - (n_target if same and not self.allow_autapses else 0)

    def edges(self, n_source: int, n_target: int, key: int, same: bool) -> tuple[Indices, Indices]:
        """Return all pairs: two arrays [edge], uint32, sorted by (source, target)."""
        source = np.repeat(np.arange(n_source, dtype=np.uint32), n_target)
        target = np.tile(np.arange(n_target, dtype=np.uint32), n_source)
        return without_autapses(source, target, same and not self.allow_autapses)


@dataclass(frozen=True)
class OneToOne:
    """Source i reaches target i; both sides have one size."""

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse sides of different size."""
        if n_source != n_target:
            raise ParameterError(
                "OneToOne",
                "n_target",
                n_target,
                f"equal n_source={n_source}",
                "Use AllToAll or FixedIndegree between populations of different size.",
            )

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_source

    def edges(self, n_source: int, n_target: int, key: int, same: bool) -> tuple[Indices, Indices]:
        """Return the pairs (i, i): two arrays [edge], uint32."""
        self.check(n_source, n_target, same)
        index = np.arange(n_source, dtype=np.uint32)
        return index, index.copy()


@dataclass(frozen=True)
class FixedProbability:
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

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Fit any two sizes."""

    def bound(self, n_source: int, n_target: int, same: bool) -> int:
        """Return a number that the edges exceed with a probability below 1e-12."""
        return most_successes(n_source * n_target, self.p)

    def edges(self, n_source: int, n_target: int, key: int, same: bool) -> tuple[Indices, Indices]:
        """Draw the pairs: two arrays [edge], uint32, sorted by (source, target)."""
        source, target = bernoulli_pairs(n_source, n_target, float(self.p), key)
        return without_autapses(source, target, same and not self.allow_autapses)


@dataclass(frozen=True)
class FixedIndegree:
    """Each target has exactly ``k`` sources, chosen uniformly (NEST: fixed_indegree).

    Parameters
    ----------
    k : int
        Edges that arrive at each target.
    allow_autapses : bool
        Whether a neuron of a recurrent projection may choose itself.
    allow_multapses : bool
        Whether a target may choose the same source more than once.
    """

    k: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def __post_init__(self) -> None:
        k = require_integer("FixedIndegree", "k", self.k, low=0, high=_MOST_SOURCES)
        object.__setattr__(self, "k", k)
        for name in ("allow_autapses", "allow_multapses"):
            require_flag("FixedIndegree", name, getattr(self, name))

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse more distinct sources than there are."""
        available = n_source - (same and not self.allow_autapses)
        if self.k and (available == 0 or (not self.allow_multapses and self.k > available)):
            raise ParameterError(
                "FixedIndegree",
                "k",
                self.k,
                f"be <= {available}, the sources a target can choose from",
                "Lower k, or allow autapses or multapses.",
            )

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_target * self.k

    def edges(self, n_source: int, n_target: int, key: int, same: bool) -> tuple[Indices, Indices]:
        """Draw the sources of each target: two arrays [edge], uint32, sorted by (source, target)."""
        self.check(n_source, n_target, same)
        skip_self = same and not self.allow_autapses
        chosen = fixed_choices(n_target, self.k, n_source - skip_self, key, distinct=not self.allow_multapses)
        target = np.repeat(np.arange(n_target, dtype=np.int64), self.k)
        source = chosen.ravel()
        if skip_self:
            # The choice was among the others: those from the target's own index on move up by one.
            source += source >= target
        return sorted_pairs(source, target, n_target)
