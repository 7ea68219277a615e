"""Results in the forms of other libraries, which are optional."""

from __future__ import annotations

from collections.abc import Iterator
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
    if part.bin_counts is not None:
        coords["bin_ms"] = ("bin_ms", _middles(part), {"units": "ms", "long_name": "middle of the bin"})
        data["rates_hz"] = (("bin_ms", "batch"), part.rates_hz, {"units": "Hz"})
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
    """Return a ``neo.Block`` with one segment a batch row and one group a population."""
    neo = _optional("neo", "to_neo")
    block = neo.Block(name="spikelab", dt_ms=result.dt_ms, interrupted=result.interrupted)
    block.segments.extend([neo.Segment(name=f"batch {row}", index=row) for row in range(result.batch)])
    for part in result.populations.values():
        group = neo.Group(name=part.name, population=part.name, n=part.n)
        block.groups.append(group)
        for row, segment in enumerate(block.segments):
            trains = list(_trains(neo, part, row))
            signals, rates = list(_signals(neo, part, row)), list(_rates(neo, part, row))
            segment.spiketrains.extend(trains)
            segment.analogsignals.extend(signals)
            segment.irregularlysampledsignals.extend(rates)
            group.add(*trains, *signals, *rates)
    return block


def _trains(neo: Any, part: PopulationResult, row: int) -> Iterator[Any]:
    if part.events is None:
        return
    start, stop = part.t0_step * part.dt_ms, (part.t0_step + part.n_steps) * part.dt_ms
    for neuron, times in enumerate(part.events.trains(row)):
        # The last step may end a rounding error after the sum of all.
        yield neo.SpikeTrain(
            np.minimum(times, stop),
            units="ms",
            t_start=start,
            t_stop=stop,
            name=f"{part.name} {neuron}",
            population=part.name,
            neuron=neuron,
        )


def _signals(neo: Any, part: PopulationResult, row: int) -> Iterator[Any]:
    if not part.time_ms.size:  # shorter than the interval of the traces
        return
    for name, array in part.traces.items():
        yield neo.AnalogSignal(
            array[:, row, :],
            units=unit_of(name) or "dimensionless",
            sampling_period=_ms(part.dt_ms * part.every),
            t_start=_ms(float(part.time_ms[0])),
            name=f"{part.name} {name}",
            population=part.name,
            array_annotations={"neuron": np.asarray(part.neurons)},
        )


def _rates(neo: Any, part: PopulationResult, row: int) -> Iterator[Any]:
    if part.bin_counts is None:
        return
    yield neo.IrregularlySampledSignal(
        _middles(part),
        part.rates_hz[:, row],
        units="Hz",
        time_units="ms",
        name=f"{part.name} rate",
        population=part.name,
    )


def _middles(part: PopulationResult) -> Any:
    edges = part.rate_edges_ms
    return 0.5 * (edges[1:] + edges[:-1])


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
