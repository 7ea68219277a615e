"""What keeps the weights onto a neuron, taken together, within reason while a rule changes each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import ParameterError
from ..units import require_positive, require_scalar

__all__ = ["Homeostasis", "Normalize", "SynapticScaling"]

Every = float | Literal["sample"]


@dataclass(frozen=True, kw_only=True)
class Homeostasis:
    """Base of the records that scale the weights of a projection onto each neuron.

    Parameters
    ----------
    every : float, ms, or "sample"
        When it acts: at these intervals, or at the end of each sample of `Simulator.present`.
    """

    every: Every = "sample"

    def __post_init__(self) -> None:
        if self.every == "sample":
            return
        owner = type(self).__name__
        if isinstance(self.every, str):
            raise ParameterError(owner, "every", self.every, 'be a number of ms or "sample"')
        object.__setattr__(self, "every", require_scalar(owner, "every", self.every))
        require_positive(owner, "every", self.every, "ms")

    def factors(self, sums: np.ndarray, rate_hz: np.ndarray, interval_ms: float) -> np.ndarray:
        """Factor of all weights onto each neuron.

        Parameters
        ----------
        sums : array [neuron], float64
            Sum of the weights onto it, as magnitudes.
        rate_hz : array [neuron], float64, Hz
            Its rate since the last time.
        interval_ms : float, ms
            How long ago that was.

        Returns
        -------
        array [neuron], float64
        """
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Normalize(Homeostasis):
    r"""Scale the weights onto each neuron so that they add up to a fixed sum.

    Neurons whose weights are all 0 keep them. A weight that comes out above the rule's ``w_max`` is clipped.

    Parameters
    ----------
    total : float
        The sum, in the unit of the weights; of magnitudes where they are negative.
    every : float, ms, or "sample"
        When it acts.

    References
    ----------
    P. U. Diehl, M. Cook, "Unsupervised learning of digit recognition using spike-timing-dependent
    plasticity", Front. Comput. Neurosci. 9 (2015) 99; their code normalises to 78.4 before each image.
    """

    total: float

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "total", require_scalar("Normalize", "total", self.total))
        require_positive("Normalize", "total", self.total, remedy="Diehl & Cook 2015 use 78.4.")

    def factors(self, sums: np.ndarray, rate_hz: np.ndarray, interval_ms: float) -> np.ndarray:
        """Factor of all weights onto each neuron: ``total / sums``."""
        factors = np.ones_like(sums)
        np.divide(self.total, sums, out=factors, where=sums != 0.0)
        return factors


@dataclass(frozen=True, kw_only=True)
class SynapticScaling(Homeostasis):
    r"""Scale the weights onto each neuron up where it fires less than it should, and down where more.

    .. math:: w \leftarrow w \max\!\big(0,\; 1 + \beta\,(r^* - r)\,T\big)

    for an interval T in s, in which the neuron fired at the rate r: the multiplicative form, integrated by
    Euler's method, without the integral term.

    Parameters
    ----------
    rate_hz : float, Hz
        Goal :math:`r^*`.
    strength : float
        :math:`\beta`, change for each s and each Hz.
    every : float, ms, or "sample"
        When it acts; slow compared to the interval between spikes.

    References
    ----------
    M. C. W. van Rossum, G. Q. Bi, G. G. Turrigiano, "Stable Hebbian learning from spike timing-dependent
    plasticity", J. Neurosci. 20 (2000) 8812-8821, equation 3.
    """

    rate_hz: float = 5.0
    strength: float = 0.01
    every: Every = 1000.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("rate_hz", "strength"):
            object.__setattr__(self, name, require_scalar("SynapticScaling", name, getattr(self, name)))
            require_positive("SynapticScaling", name, getattr(self, name))

    def factors(self, sums: np.ndarray, rate_hz: np.ndarray, interval_ms: float) -> np.ndarray:
        """Factor of all weights onto each neuron: ``max(0, 1 + strength * (goal - rate) * s)``."""
        return np.maximum(0.0, 1.0 + self.strength * (self.rate_hz - rate_hz) * (1e-3 * interval_ms))
