"""What came out of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .errors import ParameterError
from .frozen import frozen_array
from .interop import population_to_xarray, result_to_neo, result_to_xarray
from .parts import Population
from .spikes import Spikes

__all__ = ["Lazy", "PopulationResult", "Result", "Spikes", "WeightSamples"]


class Lazy(Mapping[Any, Any]):
    """A mapping whose values are made when they are first looked at.

    Parameters
    ----------
    makers : mapping of name to callable
        Each returns the value of its name.
    """

    def __init__(self, makers: Mapping[Any, Callable[[], Any]]):
        self._makers, self._made = dict(makers), dict[Any, Any]()

    def __getitem__(self, name: Any) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class WeightSamples(NamedTuple):
    """Weights of a projection in the course of a run.

    Attributes
    ----------
    time_ms : array [sample], float64, ms
        When they were looked at.
    values : array [sample, edge], float64
        In the order of ``sim.connections(projection)``.
    """

    time_ms: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]


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
    every : int
        Steps between rows of the traces.
    bin_counts : array [bin, batch], int64, or None
        Spikes of the whole population in each bin; see `rates_hz`.
    bin_steps : int
        Steps of a bin.
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
    every: int = 1
    bin_counts: npt.NDArray[np.int64] | None = None
    bin_steps: int = 1

    def __post_init__(self) -> None:
        neurons = np.arange(self.n) if self.neurons is None else self.neurons
        object.__setattr__(self, "neurons", frozen_array(np.asarray(neurons, dtype=np.int64)))
        if not isinstance(self.traces, Lazy):
            traces = {name: _read_only(array) for name, array in self.traces.items()}
            object.__setattr__(self, "traces", MappingProxyType(traces))
        for name in ("spike_counts", "bin_counts"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _read_only(getattr(self, name)))

    @property
    def spikes(self) -> Spikes:
        """The spikes as events."""
        if self.events is None:
            raise self._missing("spikes", "Record(spikes='events')")
        return self.events

    @property
    def counts(self) -> npt.NDArray[Any]:
        """Number of spikes of each neuron: array [batch, neuron], int."""
        if self.spike_counts is not None:
            return self.spike_counts
        if self.events is None:
            raise self._missing("counts", "Record(spikes='counts')")
        return self.events.counts()

    @property
    def mean_rate_hz(self) -> float:
        """Mean rate over neurons, batch rows and time, Hz."""
        steps = self.n_steps * self.batch
        if steps == 0:
            return float("nan")
        return self._n_spikes / (self.n * steps * self.dt_ms * 1e-3)

    @property
    def time_ms(self) -> npt.NDArray[np.float64]:
        """Time of each row of a trace, the end of its step: array [time], float64, ms.

        With an interval these are its multiples, counted from the last reset.
        """
        first, last = self.t0_step // self.every, (self.t0_step + self.n_steps) // self.every
        return np.arange(first + 1, last + 1, dtype=np.float64) * self.every * self.dt_ms

    @property
    def rates_hz(self) -> npt.NDArray[np.float64]:
        """Mean rate of the population in each bin: array [bin, batch], float64, Hz.

        Bins end at multiples of ``rate_bin_ms`` counted from the last reset; the first and the last are
        shorter where the run began or ended within one, and their rates are those of the part that was
        run.
        """
        if self.bin_counts is None:
            raise self._missing("rates", "Record(rate_bin_ms=5.0)")
        width_s = np.diff(self.rate_edges_ms)[:, None] * 1e-3
        return self.bin_counts / (width_s * self.n)

    @property
    def rate_edges_ms(self) -> npt.NDArray[np.float64]:
        """Where the bins of `rates_hz` begin, and the last one ends: array [bin + 1], float64, ms."""
        first, last = self.t0_step, self.t0_step + self.n_steps
        if first == last:
            return np.array([first * self.dt_ms])
        inner = np.arange(first // self.bin_steps + 1, -(-last // self.bin_steps)) * self.bin_steps
        return np.concatenate([[first], inner, [last]]) * self.dt_ms

    @property
    def _n_spikes(self) -> int:
        """Number of spikes, without gathering them where it is known."""
        if self.events is not None:
            return len(self.events)
        known = self.bin_counts if self.spike_counts is None else self.spike_counts
        return int((self.counts if known is None else known).sum())

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

    def _missing(self, what: str, record: str) -> ParameterError:
        return ParameterError(
            f"Result[{self.name!r}]",
            what,
            None,
            "have been recorded",
            f"Run with record={record}; a rate population has no spikes.",
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
    weights : mapping of projection name to WeightSamples
        Weights of the projections that ``Record(weights=...)`` names.
    """

    dt_ms: float
    t0_step: int
    n_steps: int
    batch: int
    populations: Mapping[str, PopulationResult]
    interrupted: bool = False
    wall_s: float = 0.0
    weights: Mapping[Any, WeightSamples] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("populations", "weights"):
            if not isinstance(getattr(self, name), Lazy):
                object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

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

        Traces have the dimensions (time_ms, batch, trace_neuron), population rates (bin_ms, batch), counts
        (batch, neuron); events are three variables along the dimension ``event``.

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        return result_to_xarray(self)

    def to_neo(self) -> Any:
        """Return a ``neo.Block``: one segment a batch row, one group a population.

        Spikes are spike trains, one a neuron; traces are analog signals with a channel a neuron; population
        rates are irregularly sampled signals, at the middle of each bin.

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
        took = f", {self.wall_s:.3g} s" if self.wall_s else ""  # nothing was run for what was read from disk
        end = ", interrupted" if self.interrupted else ""
        return (
            f"Result({self.duration_ms:.12g} ms from {self.t0_step * self.dt_ms:.12g} ms, "
            f"dt {self.dt_ms:g} ms, batch {self.batch}{took}{end})"
        )

    def __reduce__(self) -> Any:
        return _rebuild, (Result, _plain_fields(self))


_COLUMNS = ("population", "neurons", "spikes", "mean rate (Hz)", "traces")


def _row(part: PopulationResult) -> tuple[str, str, str, str, str]:
    spikes = rate = ""
    if any(kept is not None for kept in (part.events, part.spike_counts, part.bin_counts)):
        spikes, rate = str(part._n_spikes), f"{part.mean_rate_hz:.4g}"
    shape = (part.time_ms.size, part.batch, 0 if part.neurons is None else part.neurons.size)
    traces = ", ".join(f"{name} {shape}" for name in part.traces)
    return part.name, str(part.n), spikes, rate, traces


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # A view, not a copy: traces can be large, and the simulator hands them over.
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view


def _plain_fields(record: Any) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {k: dict(v) if isinstance(v, (MappingProxyType, Lazy)) else v for k, v in values.items()}


def _rebuild(kind: Any, values: dict[str, Any]) -> Any:
    return kind(**values)
