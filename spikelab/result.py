"""What came out of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ParameterError
from .frozen import frozen_array
from .interop import population_to_xarray, result_to_neo, result_to_xarray
from .parts import Population

__all__ = ["PopulationResult", "Result", "Spikes"]


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
        for name in ("step", "batch", "neuron"):
            object.__setattr__(self, name, frozen_array(np.asarray(getattr(self, name), dtype=np.uint32)))

    def __len__(self) -> int:
        return int(self.step.size)

    @property
    def time_ms(self) -> npt.NDArray[np.float64]:
        """Time of each spike, the end of its step: array [event], float64, ms."""
        return (self.step.astype(np.float64) + (self.t0_step + 1)) * self.dt_ms

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
        """Return the spike times of one neuron in one batch row: array [event], float64, ms."""
        times: npt.NDArray[np.float64] = self.time_ms[(self.neuron == neuron) & (self.batch == batch)]
        return times

    def __repr__(self) -> str:
        time, batch, n = self.shape
        return f"Spikes({len(self)} events of {n} neurons, {batch} batch rows, {time * self.dt_ms:g} ms)"


@dataclass(frozen=True, eq=False)
class PopulationResult:
    """What a run kept of one population; ``result["exc"]``.

    Attributes
    ----------
    name : str
        Name of the population.
    n : int
        Number of neurons.
    dt_ms : float
        Length of a step, ms.
    n_steps : int
        Steps of the run.
    batch : int
        Batch rows.
    events : Spikes or None
        None where no events were kept; see `spikes`.
    spike_counts : array [batch, neuron], int, or None
        None where no counts were kept; see `counts`.
    traces : mapping of str to array [time, batch, kept neuron]
        State variables kept.
    neurons : array [kept neuron], int64
        Neurons whose traces were kept.
    t0_step : int
        Steps that the simulator had run before.
    """

    name: str
    n: int
    dt_ms: float
    n_steps: int
    batch: int
    events: Spikes | None = None
    spike_counts: npt.NDArray[Any] | None = None
    traces: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    neurons: npt.NDArray[np.int64] | None = None
    t0_step: int = 0

    def __post_init__(self) -> None:
        neurons = np.arange(self.n) if self.neurons is None else self.neurons
        object.__setattr__(self, "neurons", frozen_array(np.asarray(neurons, dtype=np.int64)))
        traces = {name: _read_only(array) for name, array in self.traces.items()}
        object.__setattr__(self, "traces", MappingProxyType(traces))
        if self.spike_counts is not None:
            object.__setattr__(self, "spike_counts", _read_only(self.spike_counts))

    @property
    def spikes(self) -> Spikes:
        """The spikes as events."""
        if self.events is None:
            raise self._missing("spikes", "events")
        return self.events

    @property
    def counts(self) -> npt.NDArray[Any]:
        """Number of spikes of each neuron: array [batch, neuron], int."""
        if self.spike_counts is not None:
            return self.spike_counts
        if self.events is None:
            raise self._missing("counts", "counts")
        return self.events.counts()

    @property
    def mean_rate_hz(self) -> float:
        """Mean rate over neurons, batch rows and time, Hz."""
        steps = self.n_steps * self.batch
        if steps == 0:
            return float("nan")
        return float(self.counts.sum()) / (self.n * steps * self.dt_ms * 1e-3)

    @property
    def time_ms(self) -> npt.NDArray[np.float64]:
        """Time of each row of a trace, the end of its step: array [time], float64, ms."""
        return (np.arange(self.n_steps, dtype=np.float64) + (self.t0_step + 1)) * self.dt_ms

    def __getitem__(self, trace: str) -> npt.NDArray[Any]:
        """Return a trace: array [time, batch, kept neuron]."""
        if not isinstance(trace, str) or trace not in self.traces:
            known = ", ".join(map(repr, self.traces)) or "none"
            raise ParameterError(
                f"Result[{self.name!r}]",
                "trace",
                trace,
                "be a trace that was kept",
                f"Kept: {known}. Ask for it with Record(traces=[{trace!r}]).",
            )
        return self.traces[trace]

    def to_xarray(self) -> Any:
        """Return an ``xarray.Dataset``; see `Result.to_xarray`."""
        return population_to_xarray(self)

    def __repr__(self) -> str:
        cells = zip(_COLUMNS, _row(self), strict=True)
        return f"PopulationResult({', '.join(f'{column} {cell}' for column, cell in cells if cell)})"

    def __reduce__(self) -> Any:
        return _rebuild, (PopulationResult, _plain_fields(self))

    def _missing(self, what: str, kind: str) -> ParameterError:
        return ParameterError(
            f"Result[{self.name!r}]",
            what,
            None,
            "have been recorded",
            f"Run with record=Record(spikes={kind!r}); a rate population has no spikes.",
        )


@dataclass(frozen=True, eq=False)
class Result(Mapping[str, PopulationResult]):
    """What came out of a run: a mapping from population name to `PopulationResult`.

    Attributes
    ----------
    dt_ms : float
        Length of a step, ms.
    t0_step : int
        Steps that the simulator had run before; times count from the last reset.
    n_steps : int
        Steps done.
    batch : int
        Batch rows.
    populations : mapping of str to PopulationResult
        What was kept.
    interrupted : bool
        Whether the run was stopped before its end.
    wall_s : float
        Time that the run took, s.
    """

    dt_ms: float
    t0_step: int
    n_steps: int
    batch: int
    populations: Mapping[str, PopulationResult]
    interrupted: bool = False
    wall_s: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "populations", MappingProxyType(dict(self.populations)))

    @property
    def duration_ms(self) -> float:
        """Time simulated in this run, ms."""
        return self.n_steps * self.dt_ms

    @property
    def time_ms(self) -> npt.NDArray[np.float64]:
        """Time of each step, its end: array [time], float64, ms."""
        return (np.arange(self.n_steps, dtype=np.float64) + (self.t0_step + 1)) * self.dt_ms

    def __getitem__(self, population: str | Population) -> PopulationResult:
        name = population.name if isinstance(population, Population) else population
        if not isinstance(name, str) or name not in self.populations:
            known = ", ".join(map(repr, self.populations)) or "none"
            need = "be a population of the network"
            raise ParameterError("Result", "population", name, need, f"It has {known}.")
        return self.populations[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.populations)

    def __len__(self) -> int:
        return len(self.populations)

    def get(self, population: Any, default: Any = None) -> Any:
        """Return the result of a population, or `default` where there is none."""
        # Not a KeyError, which the one of Mapping waits for.
        try:
            return self[population]
        except ParameterError:
            return default

    def __contains__(self, population: object) -> bool:
        return (population.name if isinstance(population, Population) else population) in self.populations

    def to_xarray(self) -> Any:
        """Return an ``xarray.DataTree``: one dataset a population.

        Traces have the dimensions (time_ms, batch, neuron), counts (batch, neuron); events are three
        variables along the dimension ``event``.

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        return result_to_xarray(self)

    def to_neo(self) -> Any:
        """Return a ``neo.Block``: one segment a batch row, with spike trains and analog signals.

        Raises
        ------
        ImportError
            If neo is not installed.
        """
        return result_to_neo(self)

    def __repr__(self) -> str:
        rows = [_COLUMNS, *(_row(p) for p in self.populations.values())]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
        padded = (zip(row, widths, strict=True) for row in rows)
        lines = ("  " + "  ".join(f"{cell:<{width}}" for cell, width in line).rstrip() for line in padded)
        return "\n".join([self._headline(), *lines])

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th style='text-align:left'>{escape(c)}</th>" for c in _COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{escape(c)}</td>" for c in _row(p)) + "</tr>"
            for p in self.populations.values()
        )
        return (
            f"<div><p>{escape(self._headline())}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _headline(self) -> str:
        end = ", interrupted" if self.interrupted else ""
        return (
            f"Result({self.duration_ms:g} ms from {self.t0_step * self.dt_ms:g} ms, dt {self.dt_ms:g} ms, "
            f"batch {self.batch}, {self.wall_s:.3g} s{end})"
        )

    def __reduce__(self) -> Any:
        return _rebuild, (Result, _plain_fields(self))


_COLUMNS = ("population", "neurons", "spikes", "mean rate (Hz)", "traces")


def _row(part: PopulationResult) -> tuple[str, str, str, str, str]:
    spikes = rate = ""
    if part.events is not None or part.spike_counts is not None:
        spikes, rate = str(int(part.counts.sum())), f"{part.mean_rate_hz:.4g}"
    traces = ", ".join(f"{name} {array.shape}" for name, array in part.traces.items())
    return part.name, str(part.n), spikes, rate, traces


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # A view, not a copy: traces can be large, and the simulator hands them over.
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view


def _plain_fields(record: Any) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {k: dict(v) if isinstance(v, MappingProxyType) else v for k, v in values.items()}


def _rebuild(kind: Any, values: dict[str, Any]) -> Any:
    return kind(**values)
