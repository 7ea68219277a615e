"""What a run keeps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ParameterError
from .frozen import frozen_array, same_content
from .network import Network
from .parts import Population, Projection
from .units import require_choice, require_integer, require_positive, require_scalar

__all__ = ["Kept", "Record"]

_SPIKES = ("events", "counts", "none")


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of one population.

    Attributes
    ----------
    spikes : str
        "events", "counts" or "none".
    traces : tuple of str
        State variables kept.
    neurons : array [kept neuron], int64
        Neurons whose traces are kept, in the order of the trace's last axis.
    """

    spikes: str
    traces: tuple[str, ...]
    neurons: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Record:
    """What a run keeps: spikes, rates, the course of state variables and weights over time.

    Parameters
    ----------
    spikes : {"events", "counts", "none"}
        Keep each spike, the number of spikes of each neuron, or nothing.
    traces : sequence of str
        State variables to keep, such as ``("v_mv",)``. A population without that variable is left out.
    neurons : slice, array of int or bool, mapping of population name to these, or None
        Whose traces are kept; None: everyone's. In a mapping, populations that are not named keep all,
        and those with ``[]`` none. Spikes are always kept of all neurons.
    populations : sequence of str or Population, or None
        Populations to keep anything of; None: all.
    interval_ms : float, ms, optional
        Keep traces at its multiples, counted from the last reset, each the value at that time, as NEST's
        multimeter; None: at every step. Rounded to whole steps.
    rate_bin_ms : float, ms, optional
        Keep the rate of each population in bins of this length, which end at its multiples; rounded to
        whole steps.
    weights : sequence of Projection or their names
        Projections whose weights are kept.
    weights_interval_ms : float, ms, optional
        Look at the weights at its multiples; None: at the end of the run.
    to : str or path, optional
        Write everything to this folder while the run goes on instead of keeping it in memory; see
        `open_recording`. A run that goes on where the recording ends is appended.
    max_events : int, optional
        Most spikes that are kept in memory. Once there are more, the run stops after the steps at hand,
        with a warning; what was simulated is returned, and the run can be continued. By default as many
        as fit into a quarter of the machine's memory. With `to` there is no bound.

    Raises
    ------
    ParameterError
        If a value is unknown, or neurons or populations are chosen and nothing is to be kept of them.

    Examples
    --------
    >>> Record(traces=["v_mv"], neurons=slice(0, 50))
    Record(traces=('v_mv',), neurons=slice(0, 50, None))
    """

    spikes: str = "events"
    traces: Sequence[str] = ()
    neurons: Any = None
    populations: Sequence[str | Population] | None = None
    interval_ms: float | None = None
    rate_bin_ms: float | None = None
    weights: Sequence[Any] = ()
    weights_interval_ms: float | None = None
    to: str | os.PathLike[str] | None = None
    max_events: int | None = None

    def __post_init__(self) -> None:
        require_choice("Record", "spikes", self.spikes, _SPIKES)
        traces = _names("traces", self.traces)
        object.__setattr__(self, "traces", traces)
        if self.neurons is not None and not traces:
            raise ParameterError(
                "Record",
                "neurons",
                self.neurons,
                "be None where no traces are kept",
                'It selects whose traces are kept, as in Record(traces=["v_mv"], neurons=slice(0, 50)).',
            )
        if self.populations is not None:
            chosen = self.populations
            if isinstance(chosen, Population):
                raise ParameterError("Record", "populations", chosen, "be a sequence", "Put it in a list.")
            names = _names("populations", chosen)
            if not names or (self.spikes == "none" and not traces and self.rate_bin_ms is None):
                raise ParameterError(
                    "Record",
                    "populations",
                    names,
                    "be None where nothing is kept",
                    'To keep nothing use Record(spikes="none").',
                )
            object.__setattr__(self, "populations", names)
        self._check_times(traces)
        self._check_places()
        neurons = self.neurons
        if isinstance(neurons, Mapping):
            neurons = {
                p.name if isinstance(p, Population) else p: _selection(n, f"neurons[{p!r}]")
                for p, n in neurons.items()
            }
            outside = [p for p in neurons if self.populations is not None and p not in self.populations]
            if outside:
                raise ParameterError(
                    "Record",
                    "neurons",
                    outside[0],
                    "be among populations",
                    f"Those are {self.populations!r}.",
                )
        elif neurons is not None:
            neurons = _selection(neurons, "neurons")
        object.__setattr__(self, "neurons", neurons)

    def _check_times(self, traces: tuple[str, ...]) -> None:
        object.__setattr__(self, "weights", _projections(self.weights))
        needs = {
            "interval_ms": (traces, 'traces, as in Record(traces=["v_mv"], interval_ms=1.0)'),
            "rate_bin_ms": (True, ""),
            "weights_interval_ms": (self.weights, "weights, as in Record(weights=[projection])"),
        }
        for name, (given, what) in needs.items():
            value = getattr(self, name)
            if value is None:
                continue
            value = require_scalar("Record", name, value)
            require_positive("Record", name, value, "ms")
            if not given:
                raise ParameterError("Record", name, value, f"stand beside {what}")
            object.__setattr__(self, name, value)

    def _check_places(self) -> None:
        if self.max_events is not None:
            require_integer("Record", "max_events", self.max_events)
        if self.to is None:
            return
        if not isinstance(self.to, (str, os.PathLike)) or not os.fspath(self.to):
            raise ParameterError("Record", "to", self.to, "be the path of a folder")
        if self.max_events is not None:
            remedy = "A recording on disk is as long as the disk allows."
            raise ParameterError("Record", "max_events", self.max_events, "be None with to=...", remedy)
        object.__setattr__(self, "to", os.fspath(self.to))

    def resolve(self, net: Network, trace_names: Callable[[Population], Iterable[str]]) -> dict[str, Kept]:
        """Say what is kept of each population of a network.

        Parameters
        ----------
        net : Network
            The network that runs.
        trace_names : callable
            ``trace_names(population)`` returns the state variables that it has.

        Returns
        -------
        dict of str to Kept
            For every population of the network, in its order.

        Raises
        ------
        ParameterError
            If a population, a state variable or a neuron does not exist.
        """
        self._check_populations(net)
        available = {name: tuple(trace_names(pop)) for name, pop in net.populations.items()}
        chosen = [name for name in net.populations if self.populations is None or name in self.populations]
        for trace in self.traces:
            if not any(trace in available[name] for name in chosen):
                known = sorted({t for name in chosen for t in available[name]})
                raise ParameterError(
                    "Record",
                    "traces",
                    trace,
                    "be a state variable of a population that is kept",
                    f"There are {', '.join(map(repr, known)) or 'none'}.",
                )
        kept: dict[str, Kept] = {}
        for name, pop in net.populations.items():
            if name in chosen:
                traces = tuple(t for t in self.traces if t in available[name])
                neurons = self._neurons_of(pop) if traces else np.empty(0, np.int64)
                kept[name] = Kept(self.spikes, traces if neurons.size else (), neurons)
            else:
                kept[name] = Kept("none", (), np.empty(0, np.int64))
        return kept

    def _check_populations(self, net: Network) -> None:
        for name in self.weights:
            if name not in net.projections:
                known = ", ".join(map(repr, net.projections)) or "none"
                raise ParameterError(
                    "Record", "weights", name, "name projections of the network", f"It has {known}."
                )
        asked = [("populations", name) for name in self.populations or ()]
        if isinstance(self.neurons, dict):
            asked += [("neurons", name) for name in self.neurons]
        for parameter, name in asked:
            if name not in net.populations:
                known = ", ".join(map(repr, net.populations)) or "none"
                raise ParameterError(
                    "Record", parameter, name, "name populations of the network", f"It has {known}."
                )

    def _neurons_of(self, pop: Population) -> npt.NDArray[np.int64]:
        chosen = self.neurons.get(pop.name) if isinstance(self.neurons, dict) else self.neurons
        everyone = np.arange(pop.n, dtype=np.int64)
        if chosen is None:
            return everyone
        if isinstance(chosen, slice):
            index = everyone[chosen]
        elif chosen.dtype == np.bool_:
            if chosen.shape != (pop.n,):
                shape = f"mask of shape {chosen.shape}"
                raise ParameterError("Record", "neurons", shape, f"have shape ({pop.n},) for {pop.name!r}")
            index = everyone[chosen]
        else:
            bad = np.flatnonzero((chosen < 0) | (chosen >= pop.n))
            if bad.size:
                place, value = int(bad[0]), int(chosen[bad[0]])
                raise ParameterError(
                    "Record",
                    f"neurons[{place}]",
                    value,
                    f"lie in 0 ... {pop.n - 1}, the neurons of {pop.name!r}",
                    "Give a mapping from population name to neurons where sizes differ.",
                )
            index = chosen.astype(np.int64)
        said = isinstance(self.neurons, dict) and np.size(chosen) == 0 and not isinstance(chosen, slice)
        if not index.size and not said:
            raise ParameterError(
                "Record", "neurons", chosen, f"select a neuron of {pop.name!r}, which has {pop.n}"
            )
        return index

    def __repr__(self) -> str:
        told = [f for f in fields(self) if not same_content(getattr(self, f.name), f.default)]
        return f"Record({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in told)})"


def _names(parameter: str, values: Any) -> tuple[str, ...]:
    if isinstance(values, (str, type)) or not isinstance(values, Iterable):
        remedy = f"Write {parameter}=[{values!r}]." if isinstance(values, str) else ""
        raise ParameterError("Record", parameter, values, "be a sequence of str", remedy)
    names = tuple(value.name if isinstance(value, Population) else value for value in values)
    for name in names:
        if not isinstance(name, str):
            raise ParameterError("Record", parameter, name, "hold names")
        if names.count(name) > 1:
            raise ParameterError("Record", parameter, name, "name each once")
    return names


def _projections(values: Any) -> tuple[Any, ...]:
    if isinstance(values, Projection) or not isinstance(values, (list, tuple)):
        raise ParameterError("Record", "weights", values, "be a list of projections", "Put it in a list.")
    names = tuple(value.name if isinstance(value, Projection) else value for value in values)
    for name in names:
        if not (isinstance(name, tuple) and len(name) == 3):
            need = "hold projections or their names, such as ('exc', 'inh', 0)"
            raise ParameterError("Record", "weights", name, need)
        if names.count(name) > 1:
            raise ParameterError("Record", "weights", name, "name each once")
    return names


def _selection(value: Any, parameter: str) -> slice | npt.NDArray[Any]:
    if isinstance(value, slice):
        try:
            value.indices(1)
        except (TypeError, ValueError):
            raise ParameterError("Record", parameter, value, "be a slice of integers") from None
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # nested sequences of different lengths
        array = np.empty((0, 0))
    if array.shape == (0,):
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "biu":
        raise ParameterError(
            "Record",
            parameter,
            value,
            "be a slice, or a 1-d array of int or bool",
            "For one neuron write [3].",
        )
    if array.dtype.kind != "b" and np.unique(array).size != array.size:
        raise ParameterError("Record", parameter, value, "name each neuron once")
    return frozen_array(array)
