"""Results in the forms of other libraries, which are optional."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .result import PopulationResult, Result

__all__ = ["population_to_xarray", "result_to_neo", "result_to_xarray", "unit_of"]

# Suffix of a state variable's name: the unit as xarray's readers and quantities write it.
_UNITS = {"mv": "mV", "pa": "pA", "ns": "nS", "pf": "pF", "hz": "Hz", "ms": "ms"}


def unit_of(variable: str) -> str:
    """Return the unit that a state variable's name ends in, such as "mV" for ``v_mv``; "" without one."""
    return _UNITS.get(variable.rpartition("_")[2], "")


def population_to_xarray(part: PopulationResult) -> Any:
    """Return an ``xarray.Dataset`` of one population."""
    xr = _optional("xarray", "to_xarray")
    data: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    if part.traces:
        coords["time_ms"] = ("time_ms", part.time_ms, {"units": "ms"})
        coords["trace_neuron"] = ("trace_neuron", part.neurons)
    for name, array in part.traces.items():
        attributes = {"units": unit} if (unit := unit_of(name)) else {}
        data[name] = (("time_ms", "batch", "trace_neuron"), array, attributes)
    if part.events is not None:
        data["spike_time_ms"] = ("event", part.events.time_ms, {"units": "ms"})
        data["spike_batch"] = ("event", part.events.batch)
        data["spike_neuron"] = ("event", part.events.neuron)
    if part.events is not None or part.spike_counts is not None:
        data["counts"] = (("batch", "neuron"), part.counts)
    return xr.Dataset(data, coords=coords, attrs={"population": part.name, "dt_ms": part.dt_ms, "n": part.n})


def result_to_xarray(result: Result) -> Any:
    """Return an ``xarray.DataTree`` with one dataset a population."""
    xr = _optional("xarray", "to_xarray")
    tree = xr.DataTree.from_dict(
        {name: population_to_xarray(part) for name, part in result.populations.items()}
    )
    tree.attrs.update(dt_ms=result.dt_ms, t0_step=result.t0_step, n_steps=result.n_steps, batch=result.batch)
    tree.attrs["interrupted"] = int(result.interrupted)  # netCDF has no attribute of type bool
    return tree


def result_to_neo(result: Result) -> Any:
    """Return a ``neo.Block`` with one segment a batch row."""
    neo = _optional("neo", "to_neo")
    start, stop = result.t0_step * result.dt_ms, (result.t0_step + result.n_steps) * result.dt_ms
    block = neo.Block(name="spikelab", dt_ms=result.dt_ms, interrupted=result.interrupted)
    for row in range(result.batch):
        segment = neo.Segment(name=f"batch {row}", index=row)
        block.segments.append(segment)
        for part in result.populations.values():
            for neuron, times in enumerate(_trains(part, row)):
                segment.spiketrains.append(
                    neo.SpikeTrain(
                        times, units="ms", t_start=start, t_stop=stop, name=f"{part.name} {neuron}",
                        population=part.name, neuron=neuron,
                    )
                )  # fmt: skip
            for name, array in part.traces.items():
                segment.analogsignals.append(
                    neo.AnalogSignal(
                        array[:, row, :], units=unit_of(name) or "dimensionless",
                        sampling_period=_ms(result.dt_ms), t_start=_ms(start + result.dt_ms),
                        name=f"{part.name} {name}",
                        population=part.name, array_annotations={"neuron": np.asarray(part.neurons)},
                    )
                )  # fmt: skip
    return block


def _trains(part: PopulationResult, row: int) -> list[Any]:
    if part.events is None:
        return []
    here = part.events.batch == row
    neuron, times = part.events.neuron[here], part.events.time_ms[here]
    # A stable sort keeps each neuron's times in order.
    order = np.argsort(neuron, kind="stable")
    ends = np.cumsum(np.bincount(neuron, minlength=part.n))[:-1]
    return np.split(times[order], ends)


def _ms(value: float) -> Any:
    return _optional("quantities", "to_neo").Quantity(value, "ms")


def _optional(module: str, method: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"Result.{method} needs {module}, which is not installed: "
            "install spikelab-sim with the extra 'interop'."
        ) from error
