"""Poisson coding: the value is a rate. And Poisson noise that drives a population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..frozen import frozen_array, same_content
from ..generators.held import Window
from ..units import real_array, require_non_negative, require_positive, require_scalar

__all__ = ["PoissonDrive", "PoissonEncoder"]

_MS_PER_S = 1000.0
_LARGEST_MEAN = 10_000.0


@dataclass(frozen=True, kw_only=True)
class PoissonEncoder:
    """Each feature fires at random, at a rate proportional to its value.

    Parameters
    ----------
    max_rate_hz : float, Hz
        Rate at the value 1. Values lie in [0, 1]; smaller ones count as 0, larger ones raise the rate
        further, up to one spike a step.

    Raises
    ------
    ParameterError
        If the rate is not a single positive number.

    Notes
    -----
    In each step of length dt a feature of value x spikes with probability ``x * max_rate_hz * dt``,
    independently of every other step (Bernoulli coding, at most one spike a step). The mean rate is thus
    exact. A Poisson process would merge events of one step into one spike, with probability
    ``1 - exp(-x * max_rate_hz * dt)``; the two agree for small products.

    Examples
    --------
    >>> PoissonEncoder(max_rate_hz=200.0).step_probability(1.0)
    0.2
    """

    max_rate_hz: float = 100.0

    def __post_init__(self) -> None:
        rate = require_scalar("PoissonEncoder", "max_rate_hz", self.max_rate_hz)
        require_positive("PoissonEncoder", "max_rate_hz", rate, "Hz", "Sensory rates are 50 to 200.")
        object.__setattr__(self, "max_rate_hz", rate)

    def n_out(self, n: int) -> int:
        """Number of spike channels for `n` features: one each."""
        return n

    def step_probability(self, dt_ms: float) -> float:
        """Probability of a spike in a step of `dt_ms` at the value 1.

        Raises
        ------
        ParameterError
            If the rate asks for more than one spike a step.
        """
        probability = self.max_rate_hz * dt_ms / _MS_PER_S
        if probability > 1.0:
            raise ParameterError(
                "PoissonEncoder", "max_rate_hz", self.max_rate_hz,
                f"be <= {_MS_PER_S / dt_ms:g} Hz with dt_ms={dt_ms:g}",
                "A feature spikes at most once a step: lower the rate or dt_ms.",
            )  # fmt: skip
        return probability


@dataclass(frozen=True, kw_only=True, eq=False)
class PoissonDrive:
    """Independent Poisson spikes onto every neuron of a population.

    Parameters
    ----------
    rate_hz : float or array [neuron], Hz
        Rate of the whole drive of a neuron, such as 20 sources of 1000 Hz each.
    weight : float
        Weight of a spike, in the unit of the receptor (mV for delta synapses, pA for currents).
    start_ms, stop_ms : float, ms
        Spikes arrive in the steps that begin at ``start_ms <= t < stop_ms``; None: without end.

    Raises
    ------
    ParameterError
        If a rate is negative, a value is not finite, or the window is empty.

    Notes
    -----
    The number of spikes that arrive in a step is a Poisson count of mean ``rate_hz * dt``, as from a
    ``poisson_generator`` in NEST, where every target also gets its own train.

    Examples
    --------
    >>> PoissonDrive(rate_hz=20_000.0, weight=0.2).mean_per_step(0.1)
    2.0
    """

    rate_hz: float | npt.NDArray[np.float64]
    weight: float
    start_ms: float = 0.0
    stop_ms: float | None = None

    def __post_init__(self) -> None:
        owner = "PoissonDrive"
        rate = real_array(owner, "rate_hz", self.rate_hz)
        require_non_negative(owner, "rate_hz", rate, "Hz", "Give inhibition a negative weight.")
        if rate.ndim > 1 or not rate.size:
            need = "be a number or an array [neuron]"
            raise ParameterError(owner, "rate_hz", f"array of shape {rate.shape}", need)
        object.__setattr__(self, "rate_hz", frozen_array(rate) if rate.ndim else float(rate))
        object.__setattr__(self, "weight", require_scalar(owner, "weight", self.weight))
        start, stop = Window.check(owner, self.start_ms, self.stop_ms)
        object.__setattr__(self, "start_ms", start)
        object.__setattr__(self, "stop_ms", stop)

    def check_size(self, n: int) -> None:
        """Refuse rates that do not fit a population of `n` neurons."""
        if isinstance(self.rate_hz, np.ndarray) and self.rate_hz.shape != (n,):
            need = f"have one value for each of the {n} neurons"
            raise ParameterError("PoissonDrive", "rate_hz", f"array of shape {self.rate_hz.shape}", need)

    def window(self, dt_ms: float) -> Window:
        """Steps in which spikes arrive."""
        return Window.of("PoissonDrive", self.start_ms, self.stop_ms, dt_ms)

    def mean_per_step(self, dt_ms: float) -> float | npt.NDArray[np.float64]:
        """Mean number of spikes onto a neuron in a step of `dt_ms`; an array where the rate is one.

        Raises
        ------
        ParameterError
            If it is above 10,000.
        """
        mean = self.rate_hz * dt_ms / _MS_PER_S
        if np.any(np.asarray(mean) > _LARGEST_MEAN):
            raise ParameterError(
                "PoissonDrive", "rate_hz", float(np.max(self.rate_hz)),
                f"be <= {_LARGEST_MEAN * _MS_PER_S / dt_ms:g} Hz with dt_ms={dt_ms:g}",
                "Lower the rate and raise the weight, or use i_ext_pa: the noise is relatively small.",
            )  # fmt: skip
        return mean

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PoissonDrive) and same_content(vars(self), vars(other))

    __hash__ = None  # type: ignore[assignment]  # the rate may be an array
