"""A network as JSON and arrays, and back. Only records of spikelab are made; nothing is executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

from scipy import sparse

from .. import connect, encode, generators, neurons, plasticity, synapses
from ..network import Network
from ..neurons import CustomNeuron
from ..plasticity import CustomSynapse
from .checkpoint import CheckpointError
from .packing import Arrays, Form, add_form, add_records, damaged, pack, unpack

__all__ = ["network_from_recipe", "network_to_recipe"]

# Written and read by forms of their own, below.
_OWN_FORM = ("CustomNeuron", "CustomSynapse", "Edges", "FromArray")

# Every record that these packages offer, so that a new neuron, pattern or encoder can be saved.
add_records(
    {
        name: getattr(package, name)
        for package in (neurons, generators, connect, encode, plasticity, synapses)
        for name in package.__all__
        if is_dataclass(getattr(package, name)) and name not in _OWN_FORM
    }
)


def network_to_recipe(net: Network) -> tuple[dict[str, Any], Arrays]:
    """Describe `net` by JSON values and arrays.

    Raises
    ------
    ParameterError
        If it holds a record that a file cannot describe.
    """
    arrays: Arrays = {}
    return _pack_network(net, arrays), arrays


def network_from_recipe(recipe: Mapping[str, Any], arrays: Arrays, models: Mapping[str, Any]) -> Network:
    """Make the network that `network_to_recipe` described; `models` holds the user's own models."""
    try:
        net = Network(recipe["seed"])
        handles: dict[str, Any] = {}
        for name, n, *records in recipe["populations"]:
            handles[name] = net.add(name, n, *(unpack(record, arrays, models) for record in records))
        for name, n, encoder, frame_ms in recipe["inputs"]:
            handles[name] = net.input(name, n, unpack(encoder, arrays, models), frame_ms)
        for target, drive, receptor in recipe["drives"]:
            net.drive(handles[target], unpack(drive, arrays, models), receptor)
        for source, target, *options in recipe["projections"]:
            given = [unpack(option, arrays, models) for option in options]
            net.connect(handles[source], handles[target], *given)
    except (KeyError, TypeError, IndexError) as error:
        raise damaged(repr(error)) from error
    return net


def _pack_network(net: Network, arrays: Arrays) -> dict[str, Any]:
    return {
        "seed": net.seed,
        "populations": [
            [p.name, p.n, pack(p.neuron, arrays), pack(p.positions, arrays)]
            for p in net.populations.values()
        ],
        "inputs": [[i.name, i.n, pack(i.encoder, arrays), i.frame_ms] for i in net.inputs.values()],
        "drives": [[d.target.name, pack(d.drive, arrays), d.receptor] for d in net.drives.values()],
        "projections": [
            # The arguments of `connect`, in its order.
            [p.source.name, p.target.name, *(pack(part, arrays) for part in p.content()[1:])]
            for p in net.projections.values()
        ],
    }  # fmt: skip


def _pack_matrix(value: connect.FromArray, arrays: Arrays) -> dict[str, Any]:
    matrix = value.matrix
    parts = [pack(part, arrays) for part in (matrix.data, matrix.indices, matrix.indptr)]
    return {"parts": parts, "shape": list(matrix.shape)}


def _unpack_matrix(content: Any, arrays: Arrays, models: Mapping[str, Any]) -> connect.FromArray:
    data, indices, indptr = (unpack(part, arrays, models) for part in content["parts"])
    rows, columns = content["shape"]
    return connect.FromArray(sparse.csr_array((data, indices, indptr), shape=(rows, columns)))


def _pack_custom(value: CustomNeuron, arrays: Arrays) -> dict[str, Any]:
    values = {f.name: pack(getattr(value.params, f.name), arrays) for f in fields(value.params)}
    return {"model": value.factory.__name__, "fields": values}


def _pack_synapse(value: CustomSynapse, arrays: Arrays) -> dict[str, Any]:
    values = {name: pack(part, arrays) for name, part in value.parameters.items()}
    return {"model": value.factory.__name__, "fields": values}


def _unpack_custom(content: Any, arrays: Arrays, models: Mapping[str, Any], what: str = "neuron") -> Any:
    name = content["model"]
    if name not in models:
        remedy = f"Pass models={{{name!r}: {name}}} with the function made by @{what}."
        raise CheckpointError("load", "models", list(models), f"hold the {what} model {name!r}", remedy)
    return models[name](**{key: unpack(part, arrays, models) for key, part in content["fields"].items()})


add_form("network", Form(Network, _pack_network, network_from_recipe))
add_form("matrix", Form(connect.FromArray, _pack_matrix, _unpack_matrix))
add_form("custom", Form(CustomNeuron, _pack_custom, _unpack_custom))
add_form("custom synapse", Form(CustomSynapse, _pack_synapse, partial(_unpack_custom, what="synapse")))
