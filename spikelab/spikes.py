"""Spikes as events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ParameterError
from .frozen import frozen_array

__all__ = ["Spikes"]


@dataclass(frozen=True, eq=False)
class Spikes:
    """Spikes as events, sorted by (step, batch, neuron).

    Attributes
    ----------
    step : array [event], uint32
        Step within the run, from 0.
    batch : array [event], uint32
        Batch row.
    neuron : array [event], uint32
        Neuron.
    dt_ms : float
        Length of a step, ms.
    shape : tuple (time, batch, neuron)
        Shape of `dense`.
    t0_step : int
        Steps that the simulator had run before.
    """

    step: npt.NDArray[np.uint32]
    batch: npt.NDArray[np.uint32]
    neuron: npt.NDArray[np.uint32]
    dt_ms: float
    shape: tuple[int, int, int]
    t0_step: int = 0

    def __post_init__(self) -> None:
        self._hold(self.step, self.batch, self.neuron)

    @classmethod
    def lazy(
        cls,
        load: Callable[[], tuple[npt.NDArray[Any], ...]],
        dt_ms: float,
        shape: tuple[int, int, int],
        t0_step: int = 0,
        size: int | None = None,
    ) -> Spikes:
        """Make spikes that are gathered when they are first looked at.

        Parameters
        ----------
        load : callable
            Returns step, batch and neuron.
        dt_ms, shape, t0_step
            As the attributes.
        size : int, optional
            Number of spikes, where it is known before.
        """
        spikes = object.__new__(cls)
        vars(spikes).update(dt_ms=dt_ms, shape=shape, t0_step=t0_step, _load=load, _size=size)
        return spikes

    def __getattr__(self, name: str) -> Any:
        # Called for what is missing only: the events of lazy spikes, once.
        if name in ("step", "batch", "neuron") and "_load" in vars(self):
            self._hold(*vars(self)["_load"]())
            vars(self).pop("_load", None)
            return vars(self)[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _hold(self, step: Any, batch: Any, neuron: Any) -> None:
        for name, values in (("step", step), ("batch", batch), ("neuron", neuron)):
            vars(self)[name] = frozen_array(np.asarray(values, dtype=np.uint32))

    def __len__(self) -> int:
        size = vars(self).get("_size")
        return int(self.step.size if size is None else size)

    @property
    def time_ms(self) -> npt.NDArray[np.float64]:
        """Time of each spike, the end of its step: array [event], float64, ms."""
        return self._times(self.step)

    def dense(self) -> npt.NDArray[np.bool_]:
        """Return the spikes as an array [time, batch, neuron] of bool."""
        dense = np.zeros(self.shape, dtype=np.bool_)
        dense[self.step, self.batch, self.neuron] = True
        return dense

    def counts(self) -> npt.NDArray[np.int64]:
        """Return the number of spikes of each neuron: array [batch, neuron], int64."""
        _, batch, n = self.shape
        flat = self.batch.astype(np.int64) * n + self.neuron
        return np.bincount(flat, minlength=batch * n).astype(np.int64).reshape(batch, n)

    def of(self, neuron: int, batch: int = 0) -> npt.NDArray[np.float64]:
        """Return the spike times of one neuron in one batch row: array [event], float64, ms.

        Raises
        ------
        ParameterError
            If there is no such neuron or row.
        """
        _, rows, n = self.shape
        for name, index, size in (("neuron", neuron, n), ("batch", batch, rows)):
            if not 0 <= index < size:
                raise ParameterError("Spikes.of", name, index, f"lie in 0 ... {size - 1}")
        order, ends = self._by_neuron
        cell = batch * n + neuron
        return self._times(self.step[order[ends[cell] : ends[cell + 1]]])

    def trains(self, batch: int = 0) -> list[npt.NDArray[np.float64]]:
        """Return the spike times of every neuron in one batch row: a list of arrays [event], float64, ms."""
        n = self.shape[2]
        order, ends = self._by_neuron
        ends = ends[batch * n : (batch + 1) * n + 1]
        times = self._times(self.step[order[ends[0] : ends[-1]]])
        return np.split(times, ends[1:-1] - ends[0])

    @cached_property
    def _by_neuron(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
        """Events in the order of batch row, neuron and time, and where each neuron's begin."""
        _, rows, n = self.shape
        cell = self.batch.astype(np.int64) * n + self.neuron
        ends = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=rows * n))])
        return np.argsort(cell, kind="stable"), ends

    def _times(self, step: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
        times: npt.NDArray[np.float64] = (step.astype(np.float64) + (self.t0_step + 1)) * self.dt_ms
        return times

    def __reduce__(self) -> Any:
        return Spikes, tuple(getattr(self, f.name) for f in fields(self))

    def __repr__(self) -> str:
        time, batch, n = self.shape
        return f"Spikes({len(self)} events of {n} neurons, {batch} batch rows, {time * self.dt_ms:g} ms)"
