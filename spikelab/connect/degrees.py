"""Patterns in which every neuron of one side has the same number of edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ParameterError
from ..units import require_flag, require_integer
from .patterns import BlockPattern
from .sampling import Blocks, fixed_choices, integers, sorted_by_row

__all__ = ["FixedDegree", "FixedIndegree", "FixedOutdegree"]

_MOST = 2**31 - 1
# Choices that are drawn and sorted into rows at a time; they stay in the cache in between.
_PIECE = 2**16


@dataclass(frozen=True)
class FixedDegree(BlockPattern):
    """What rules with a number of edges for each neuron share."""

    k: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def __post_init__(self) -> None:
        owner = type(self).__name__
        object.__setattr__(self, "k", require_integer(owner, "k", self.k, low=0, high=_MOST))
        for name in ("allow_autapses", "allow_multapses"):
            require_flag(owner, name, getattr(self, name))

    def _check_choice(self, n: int, same: bool, chosen: str, chooser: str) -> None:
        available = n - (same and not self.allow_autapses)
        if self.k and (available == 0 or (not self.allow_multapses and self.k > available)):
            raise ParameterError(
                type(self).__name__,
                "k",
                self.k,
                f"be <= {available}, the {chosen} a {chooser} can choose from",
                "Lower k, or allow autapses or multapses.",
            )

    def _choices(self, n_rows: int, n_choices: int, key: int, same: bool, piece: int) -> Blocks:
        """Yield (chooser, chosen), choosers ascending."""
        skip_self = same and not self.allow_autapses
        n_choices -= skip_self
        kept = None if self.allow_multapses else fixed_choices(n_rows, self.k, n_choices, key)
        rows = max(piece // max(self.k, 1), 1)
        for lo in range(0, n_rows, rows):
            hi = min(lo + rows, n_rows)
            if kept is None:
                chosen = integers(key, (hi - lo) * self.k, n_choices, lo * self.k)
            else:
                chosen = kept[lo:hi].reshape(-1)
            chooser = np.repeat(np.arange(lo, hi, dtype=np.uint32), self.k)
            # The choice was among the others: those from the chooser's own index on move up by one.
            yield chooser, chosen + (chosen >= chooser) if skip_self else chosen


@dataclass(frozen=True)
class FixedIndegree(FixedDegree):
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

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse more distinct sources than there are."""
        self._check_choice(n_source, same, "sources", "target")

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_target * self.k

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw the sources of each target and sort them; 4 bytes an edge are held, 8 if distinct."""
        self.check(n_source, n_target, same)

        def pieces() -> Blocks:
            for target, source in self._choices(n_target, n_source, key, same, _PIECE):
                yield source, target

        return sorted_by_row(pieces, n_source, size)


@dataclass(frozen=True)
class FixedOutdegree(FixedDegree):
    """Each source has exactly ``k`` targets, chosen uniformly (NEST: fixed_outdegree).

    Parameters
    ----------
    k : int
        Edges that leave each source.
    allow_autapses : bool
        Whether a neuron of a recurrent projection may choose itself.
    allow_multapses : bool
        Whether a source may choose the same target more than once.
    """

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse more distinct targets than there are."""
        self._check_choice(n_target, same, "targets", "source")

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return n_source * self.k

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw the targets of some sources at a time; with multapses no edges are held."""
        self.check(n_source, n_target, same)
        for source, chosen in self._choices(n_source, n_target, key, same, size):
            yield source, np.sort(chosen.reshape(-1, max(self.k, 1)), axis=1).reshape(-1)
