"""Direct, alternating, stepwise and noisy currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_flag, require_non_negative, require_positive, require_scalar, steps_from_ms
from .base import Current, require_size
from .held import Series, change_times, constant, grid_steps, per_step, stepwise, values_array
from .sine import sine_of_turns

__all__ = ["ACCurrent", "DCCurrent", "NoiseCurrent", "StepCurrent"]

Array = npt.NDArray[np.float64]
Values = float | Array


@dataclass(frozen=True, eq=False)
class DCCurrent(Current):
    """A constant current.

    Parameters
    ----------
    amplitude_pa : float or array [neuron], pA
        Current; of a neuron without units, its own unit of input.
    start_ms, stop_ms : float, ms
        It flows in the steps that begin at ``start_ms <= t < stop_ms``; None: without end.

    Raises
    ------
    ParameterError
        If a value is not finite, or the window is empty.

    Notes
    -----
    NEST's ``dc_generator`` is the same, one connection delay later.

    Examples
    --------
    >>> DCCurrent(200.0, start_ms=100.0, stop_ms=400.0)
    DCCurrent(amplitude_pa=200.0, start_ms=100.0, stop_ms=400.0)
    """

    amplitude_pa: Values
    start_ms: float = 0.0
    stop_ms: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "amplitude_pa", _per_neuron("DCCurrent", "amplitude_pa", self.amplitude_pa))
        self._check_window()

    def series(self, dt_ms: float) -> Series:
        """Current of each step, pA."""
        return constant(self.amplitude_pa)


@dataclass(frozen=True, eq=False)
class ACCurrent(Current):
    r"""A current that follows a sine.

    Parameters
    ----------
    amplitude_pa : float or array [neuron], pA
        Amplitude of the sine.
    frequency_hz : float or array [neuron], Hz
        Frequency.
    phase_deg : float or array [neuron], degrees
        Phase at time zero.
    offset_pa : float or array [neuron], pA
        Added to the sine.
    start_ms, stop_ms : float, ms
        It flows in the steps that begin at ``start_ms <= t < stop_ms``; None: without end.

    Raises
    ------
    ParameterError
        If a value is not finite, a frequency is negative, or the window is empty.

    Notes
    -----
    .. math:: I(t) = I_0 + A \sin(2 \pi f t + \varphi)

    taken at the start of each step; t counts from the last reset, not from `start_ms`. NEST's
    ``ac_generator`` is the same, one connection delay later.
    """

    amplitude_pa: Values
    frequency_hz: Values
    phase_deg: Values = 0.0
    offset_pa: Values = 0.0
    start_ms: float = 0.0
    stop_ms: float | None = None

    def __post_init__(self) -> None:
        for name in ("amplitude_pa", "frequency_hz", "phase_deg", "offset_pa"):
            object.__setattr__(self, name, _per_neuron("ACCurrent", name, getattr(self, name)))
        require_non_negative("ACCurrent", "frequency_hz", self.frequency_hz, "Hz")
        self._check_window()

    def series(self, dt_ms: float) -> Series:
        """Current of each step, pA."""
        turns_a_step = np.atleast_1d(self.frequency_hz) * (dt_ms * 1e-3)
        phase = np.atleast_1d(self.phase_deg) / 360.0

        def values(step: npt.NDArray[np.int64]) -> Array:
            sine = sine_of_turns(step[:, None] * turns_a_step + phase)
            return np.asarray(sine * self.amplitude_pa + self.offset_pa)

        columns = max(np.size(value) for value in self._values().values() if value is not None)
        return per_step(values, columns)


@dataclass(frozen=True, eq=False)
class StepCurrent(Current):
    """A current that changes at given times.

    Parameters
    ----------
    times_ms : array [k], ms, ascending
        When it changes. Times off the grid are rounded to the nearest step, with a warning.
    amplitudes_pa : array [k] or [k, neuron], pA
        Current from each of these times until the next; before the first it is 0.
    start_ms, stop_ms : float, ms
        It flows in the steps that begin at ``start_ms <= t < stop_ms``; None: without end.

    Raises
    ------
    ParameterError
        If the times do not ascend, there is not one row of amplitudes for each, or a value is not finite.

    Examples
    --------
    >>> StepCurrent([100.0, 200.0], [50.0, 0.0]).series(0.1)(1500).values
    array([[50.]])
    """

    times_ms: Array
    amplitudes_pa: Array
    start_ms: float = 0.0
    stop_ms: float | None = None

    def __post_init__(self) -> None:
        times, amplitudes = change_times("StepCurrent", self.times_ms, self.amplitudes_pa, "amplitudes_pa")
        object.__setattr__(self, "times_ms", times)
        object.__setattr__(self, "amplitudes_pa", amplitudes)
        self._check_window()

    def check_size(self, n: int) -> None:
        """Refuse amplitudes that do not fit a population of `n` neurons."""
        if self.amplitudes_pa.ndim == 2:
            require_size("StepCurrent", "amplitudes_pa", self.amplitudes_pa, n)

    def series(self, dt_ms: float) -> Series:
        """Current of each step, pA."""
        steps = grid_steps("StepCurrent", "times_ms", self.times_ms, dt_ms)
        return stepwise(steps, self.amplitudes_pa.reshape(steps.size, -1))


@dataclass(frozen=True, eq=False)
class NoiseCurrent(Current):
    r"""A Gaussian current that is drawn anew at regular intervals.

    Parameters
    ----------
    mean_pa : float or array [neuron], pA
        Mean.
    std_pa : float or array [neuron], pA
        Standard deviation.
    interval_ms : float, ms
        How long each drawn value is held; rounded to whole steps.
    std_mod_pa : float, pA
        Modulation of the standard deviation; at most `std_pa`.
    frequency_hz, phase_deg : float
        Frequency and phase of the modulation.
    independent : bool
        Every neuron has noise of its own; False: all get the same.
    frozen : bool
        The same noise in every batch row, for every ``sample_ids`` and after every
        ``reset(reseed=k)``.
    start_ms, stop_ms : float, ms
        It flows in the steps that begin at ``start_ms <= t < stop_ms``; None: without end.

    Raises
    ------
    ParameterError
        If a value is not finite, a deviation is negative, or the modulation larger than `std_pa`.

    Notes
    -----
    .. math:: I_j = \mu + \sqrt{\sigma^2 + \sigma_{mod}^2 \sin(2 \pi f t_j + \varphi)}\; N_j(0, 1)

    with :math:`t_j` the start of interval j, counted from `start_ms`: NEST's ``noise_generator``, whose
    targets get independent noise too. A membrane of time constant :math:`\tau` that is driven by it
    fluctuates with a variance that grows with `interval_ms`.
    """

    mean_pa: Values = 0.0
    std_pa: Values = 0.0
    interval_ms: float = 1.0
    std_mod_pa: float = 0.0
    frequency_hz: float = 0.0
    phase_deg: float = 0.0
    independent: bool = True
    frozen: bool = False
    start_ms: float = 0.0
    stop_ms: float | None = None

    def __post_init__(self) -> None:
        owner = "NoiseCurrent"
        for name in ("mean_pa", "std_pa"):
            object.__setattr__(self, name, _per_neuron(owner, name, getattr(self, name)))
        for name in ("interval_ms", "std_mod_pa", "frequency_hz", "phase_deg"):
            object.__setattr__(self, name, require_scalar(owner, name, getattr(self, name)))
        require_non_negative(owner, "std_pa", self.std_pa, "pA")
        require_positive(owner, "interval_ms", self.interval_ms, "ms", "1.0 is common.")
        require_non_negative(owner, "std_mod_pa", self.std_mod_pa, "pA")
        require_non_negative(owner, "frequency_hz", self.frequency_hz, "Hz")
        if np.any(self.std_mod_pa > np.asarray(self.std_pa)):
            raise ParameterError(owner, "std_mod_pa", self.std_mod_pa, f"be <= std_pa={self.std_pa!r}")
        for name in ("independent", "frozen"):
            object.__setattr__(self, name, require_flag(owner, name, getattr(self, name)))
        self._check_window()

    def interval_steps(self, dt_ms: float) -> int:
        """Steps that a value is held."""
        return max(1, steps_from_ms(self.interval_ms, dt_ms, "NoiseCurrent", "interval_ms"))

    def series(self, dt_ms: float) -> Series:
        """Mean of each step, pA."""
        return constant(self.mean_pa)

    def std_at(self, time_ms: npt.NDArray[Any]) -> Array:
        """Standard deviation of intervals that begin at `time_ms` [k]: array [k or 1, neuron or 1], pA."""
        std = np.atleast_1d(self.std_pa)[None]
        if not self.std_mod_pa:
            return std
        sine = sine_of_turns(time_ms * 1e-3 * self.frequency_hz + self.phase_deg / 360.0)[:, None]
        return np.asarray(np.sqrt(std * std + self.std_mod_pa**2 * sine))


def _per_neuron(owner: str, parameter: str, value: object) -> Values:
    return values_array(owner, parameter, value, (1,))
