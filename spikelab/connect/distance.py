"""Connection probability that falls with distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spikelab_kernels import philox

from ..errors import ParameterError
from ..frozen import frozen_array
from ..seeding import sub_key
from ..units import (
    real_array,
    require_finite,
    require_flag,
    require_positive,
    require_probability,
    require_scalar,
)
from .patterns import BlockPattern
from .sampling import Blocks, bernoulli_places, most_successes, split

__all__ = ["DistanceDependent"]


@dataclass(frozen=True, eq=False)
class DistanceDependent(BlockPattern):
    """Connect with probability ``c * exp(-(d / lambda_)**2)`` at distance d.

    Parameters
    ----------
    positions_source : array [source, axis]
        Where the sources stand.
    positions_target : array [target, axis]
        Where the targets stand, in the same unit.
    c : float
        Probability at distance zero, in [0, 1].
    lambda_ : float
        Reach, in the unit of the positions.
    allow_autapses : bool
        Whether a neuron of a recurrent projection may reach itself.

    References
    ----------
    W. Maass, T. Natschläger, H. Markram, "Real-time computing without stable states", Neural
    Computation 14 (2002), doi 10.1162/089976602760407955; appendix on the parameters of the microcircuit.
    """

    positions_source: npt.NDArray[np.float64]
    positions_target: npt.NDArray[np.float64]
    c: float
    lambda_: float
    allow_autapses: bool = False

    def __post_init__(self) -> None:
        for name in ("positions_source", "positions_target"):
            array = real_array("DistanceDependent", name, getattr(self, name))
            if array.ndim != 2:
                raise ParameterError(
                    "DistanceDependent", name, f"array of shape {array.shape}", "have shape (neuron, axis)"
                )
            require_finite("DistanceDependent", name, array)
            object.__setattr__(self, name, frozen_array(array))
        if self.positions_source.shape[1] != self.positions_target.shape[1]:
            raise ParameterError(
                "DistanceDependent",
                "positions_target",
                f"array of shape {self.positions_target.shape}",
                f"have {self.positions_source.shape[1]} axes of space, as positions_source has",
            )
        for name in ("c", "lambda_"):
            object.__setattr__(self, name, require_scalar("DistanceDependent", name, getattr(self, name)))
        require_probability("DistanceDependent", "c", self.c)
        require_positive("DistanceDependent", "lambda_", self.lambda_)
        require_flag("DistanceDependent", "allow_autapses", self.allow_autapses)

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse positions of another number of neurons."""
        for name, n in (("positions_source", n_source), ("positions_target", n_target)):
            array = getattr(self, name)
            if array.shape[0] != n:
                raise ParameterError(
                    "DistanceDependent",
                    name,
                    f"array of shape {array.shape}",
                    f"have {n} rows, one for each neuron",
                )

    def bound(self, n_source: int, n_target: int, same: bool) -> int:
        """Return a number that the edges exceed with a probability below 1e-12."""
        return most_successes(n_source * n_target, self.c)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Draw the pairs."""
        self.check(n_source, n_target, same)
        # Candidates come with the largest probability, c, and stay with the rest of it.
        places = bernoulli_places(n_source * n_target, self.c, key, size)
        first, stay_key = 0, sub_key(key, "stay")
        for source, target in split(places, n_target, 1 if same and not self.allow_autapses else 0):
            apart = self.positions_source[source] - self.positions_target[target]
            stay = np.exp(-np.square(apart).sum(axis=1) / self.lambda_**2)
            keep = philox.uniforms(stay_key, source.size, np.float64, first) < stay
            first += source.size
            yield source[keep], target[keep]

    def __repr__(self) -> str:
        return f"DistanceDependent(c={self.c!r}, lambda_={self.lambda_!r})"
