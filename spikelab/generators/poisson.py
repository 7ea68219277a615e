"""A population of Poisson sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import real_array, require_non_negative
from .base import require_size
from .held import Series, Window, change_times, constant, grid_steps, per_step, stepwise, values_array
from .source import SpikingSource

__all__ = ["PoissonSource"]

_MS_PER_S = 1000.0
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PoissonSource(SpikingSource):
    r"""Neurons that fire at random, independently of each other, with a given rate.

    Parameters
    ----------
    rate_hz : float, array or callable, Hz
        Without `times_ms`: one rate, an array [neuron], or a function of time that maps an array [step]
        of times in ms, the starts of the steps, to rates [step] or [step, neuron]. With `times_ms`:
        rates [k] or [k, neuron], each from its time until the next.
    times_ms : array [k], ms, ascending, optional
        When the rate changes; before the first time it is 0. Times off the grid are rounded to the
        nearest step, with a warning.
    start_ms, stop_ms : float, ms
        They fire in the steps that begin at ``start_ms <= t < stop_ms``; None: without end.

    Raises
    ------
    ParameterError
        If a rate is negative or not finite; when the simulator is made, or, for a function, when the
        step is reached, if ``rate_hz * dt`` is above 1.

    Notes
    -----
    A neuron spikes in a step with probability :math:`r\,dt`, at most once: the mean rate is exact, and
    the process is Poisson as far as :math:`r\,dt \ll 1`. The same train reaches all targets of a neuron.
    For many independent trains onto each neuron use `PoissonDrive`, which costs less. A network with a
    rate function cannot be saved, one with a table of rates can.

    Examples
    --------
    >>> PoissonSource(rate_hz=20.0)
    PoissonSource(rate_hz=20.0, times_ms=None, start_ms=0.0, stop_ms=None)
    """

    rate_hz: float | Array | Callable[[Array], Any]
    times_ms: Array | None = None
    start_ms: float = 0.0
    stop_ms: float | None = None

    def __post_init__(self) -> None:
        owner, rate = "PoissonSource", self.rate_hz
        if self.times_ms is not None:
            times, rate = change_times(owner, self.times_ms, rate, "rate_hz")
            object.__setattr__(self, "times_ms", times)
        elif not callable(rate):
            rate = values_array(owner, "rate_hz", rate, (1,))
        if not callable(rate):
            require_non_negative(owner, "rate_hz", rate, "Hz")
        object.__setattr__(self, "rate_hz", rate)
        start, stop = Window.check(owner, self.start_ms, self.stop_ms)
        object.__setattr__(self, "start_ms", start)
        object.__setattr__(self, "stop_ms", stop)

    def check_size(self, n: int) -> None:
        """Refuse rates that do not fit a population of `n` neurons."""
        rate = self.rate_hz
        if isinstance(rate, np.ndarray) and rate.ndim == (1 if self.times_ms is None else 2):
            require_size("PoissonSource", "rate_hz", rate, n)

    def window(self, dt_ms: float) -> Window:
        """Steps in which it is active."""
        return Window.of("PoissonSource", self.start_ms, self.stop_ms, dt_ms)

    def probability(self, n: int, dt_ms: float) -> Series:
        """Probability of a spike of each of `n` neurons in each step.

        Raises
        ------
        ParameterError
            If one is above 1: at once for numbers, for a function when the step is asked for.
        """
        rate, scale = self.rate_hz, dt_ms / _MS_PER_S
        if callable(rate):
            return _of_function(rate, n, dt_ms)
        _require_at_most_one("rate_hz", np.asarray(rate), dt_ms)
        if self.times_ms is None:
            return constant(np.asarray(rate) * scale)
        steps = grid_steps("PoissonSource", "times_ms", self.times_ms, dt_ms)
        return stepwise(steps, np.asarray(rate).reshape(steps.size, -1) * scale)


def _of_function(function: Callable[[Array], Any], n: int, dt_ms: float) -> Series:
    def values(step: npt.NDArray[np.int64]) -> Array:
        times, k = np.asarray(step * dt_ms, np.float64), step.size
        rates = real_array("PoissonSource", "rate_hz(t)", function(times))
        if rates.shape not in ((k,), (k, 1), (k, n)):
            need = f"return an array [step] or [step, neuron], for {k} times and {n} neurons here"
            remedy = "Write it with NumPy, such as lambda t: 10.0 + 5.0 * np.sin(0.01 * t)."
            raise ParameterError("PoissonSource", "rate_hz", f"array of shape {rates.shape}", need, remedy)
        name = f"rate_hz(t >= {times[0]:g} ms)"
        require_non_negative("PoissonSource", name, rates, "Hz")
        _require_at_most_one(name, rates, dt_ms)
        return np.asarray(rates.reshape(k, -1) * (dt_ms / _MS_PER_S))

    return per_step(values, n)


def _require_at_most_one(parameter: str, rate: npt.NDArray[Any], dt_ms: float) -> None:
    highest = float(rate.max())
    if highest * dt_ms > _MS_PER_S * (1.0 + 1e-12):
        need = f"be <= {_MS_PER_S / dt_ms:g} Hz with dt_ms={dt_ms:g}"
        remedy = "A neuron spikes at most once a step: lower dt_ms, use more neurons, or a PoissonDrive."
        raise ParameterError("PoissonSource", parameter, highest, need, remedy)
