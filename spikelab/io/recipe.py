"""A network as JSON and arrays, and back. Only records of spikelab are made; nothing is executed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from scipy import sparse

from .. import connect, encode, neurons
from ..errors import ParameterError
from ..network import Network
from ..neurons import CustomNeuron, NeuronFactory
from .checkpoint import CheckpointError

__all__ = ["network_from_recipe", "network_to_recipe"]

Arrays = dict[str, np.ndarray]

# Every record that these packages offer, so that a new neuron, pattern or encoder can be saved.
_RECORDS: dict[str, Any] = {
    name: getattr(package, name)
    for package in (neurons, connect, encode)
    for name in package.__all__
    if is_dataclass(getattr(package, name)) and name not in ("CustomNeuron", "Edges")
}


def network_to_recipe(net: Network) -> tuple[dict[str, Any], Arrays]:
    """Describe `net` by JSON values and arrays.

    Raises
    ------
    ParameterError
        If it holds a record that a file cannot describe.
    """
    arrays: Arrays = {}
    recipe = {
        "seed": net.seed,
        "populations": [[p.name, p.n, _pack(p.neuron, arrays)] for p in net.populations.values()],
        "inputs": [[i.name, i.n, _pack(i.encoder, arrays), i.frame_ms] for i in net.inputs.values()],
        "drives": [[d.target.name, _pack(d.drive, arrays), d.receptor] for d in net.drives.values()],
        "projections": [
            [
                p.source.name, p.target.name, _pack(p.pattern, arrays), _pack(p.weight, arrays),
                _pack(p.delay_ms, arrays), p.receptor, p.spectral_radius,
            ]
            for p in net.projections.values()
        ],
    }  # fmt: skip
    return recipe, arrays


def network_from_recipe(
    recipe: Mapping[str, Any], arrays: Arrays, models: Mapping[str, NeuronFactory]
) -> Network:
    """Make the network that `network_to_recipe` described; `models` holds the user's own models."""
    try:
        net = Network(recipe["seed"])
        handles: dict[str, Any] = {}
        for name, n, neuron in recipe["populations"]:
            handles[name] = net.add(name, n, _unpack(neuron, arrays, models))
        for name, n, encoder, frame_ms in recipe["inputs"]:
            handles[name] = net.input(name, n, _unpack(encoder, arrays, models), frame_ms)
        for target, drive, receptor in recipe["drives"]:
            net.drive(handles[target], _unpack(drive, arrays, models), receptor)
        for source, target, pattern, weight, delay, receptor, radius in recipe["projections"]:
            pattern, weight, delay = (_unpack(part, arrays, models) for part in (pattern, weight, delay))
            net.connect(handles[source], handles[target], pattern, weight, delay, receptor, radius)
    except (KeyError, TypeError, IndexError) as error:
        raise CheckpointError(
            "Simulator.load", "path", repr(error), "hold a recipe of this version", "Save the network again."
        ) from error
    return net


def _pack(value: Any, arrays: Arrays) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else {"float": repr(float(value))}
    if isinstance(value, np.ndarray):
        name = f"recipe/{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, connect.FromArray):
        parts = (value.matrix.data, value.matrix.indices, value.matrix.indptr)
        return {"matrix": [_pack(part, arrays) for part in parts], "shape": list(value.matrix.shape)}
    if isinstance(value, CustomNeuron):
        values = {f.name: _pack(getattr(value.params, f.name), arrays) for f in fields(value.params)}
        return {"model": value.factory.__name__, "fields": values}
    if is_dataclass(value) and type(value).__name__ in _RECORDS:
        values = {f.name: _pack(getattr(value, f.name), arrays) for f in fields(value)}
        return {"record": type(value).__name__, "fields": values}
    need = "consist of records of spikelab and plain values"
    raise ParameterError(
        "Simulator.save", "net", value, need, "Save the arrays of sim.state() and sim.weights() instead."
    )


def _unpack(value: Any, arrays: Arrays, models: Mapping[str, NeuronFactory]) -> Any:
    match value:
        case {"float": str(text)}:
            return float(text)
        case {"array": str(name)}:
            return arrays[name]
        case {"matrix": [data, indices, indptr], "shape": [rows, columns]}:
            parts = tuple(_unpack(part, arrays, models) for part in (data, indices, indptr))
            return connect.FromArray(sparse.csr_array(parts, shape=(rows, columns)))
        case {"record": str(name), "fields": dict(values)}:
            return _RECORDS[name](**{key: _unpack(part, arrays, models) for key, part in values.items()})
        case {"model": str(name), "fields": dict(values)}:
            if name not in models:
                remedy = f"Pass models={{{name!r}: {name}}} with the function made by @neuron."
                raise CheckpointError(
                    "Simulator.load", "models", list(models), f"hold the neuron model {name!r}", remedy
                )
            return models[name](**{key: _unpack(part, arrays, models) for key, part in values.items()})
        case dict():
            raise CheckpointError(
                "Simulator.load", "path", value, "hold a recipe of this version", "Save the network again."
            )
    return value
