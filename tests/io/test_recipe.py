"""Every record that a network can hold goes through JSON and comes back equal."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from spikelab import Network, connect, encode, neurons
from spikelab.io.checkpoint import CheckpointError
from spikelab.io.packing import pack, unpack
from spikelab.io.recipe import network_from_recipe, network_to_recipe

#: Values for parameters that have no default.
GIVEN: dict[str, Any] = {
    "p": 0.3, "k": 2, "n": 5, "value": 1.5, "low": -0.5, "high": 0.5, "mean": 0.1, "std": 0.2, "beta": 0.9,
    "rate_hz": 50.0, "weight": 0.5, "threshold": 0.1, "max_rate_hz": 100.0, "c": 0.4, "lambda_": 2.0,
    "probability": connect.GaussianOfDistance(0.8, 0.1), "peak": 0.5, "length": 0.3,
    "positions_source": np.arange(12.0).reshape(4, 3), "positions_target": np.arange(12.0).reshape(4, 3),
}  # fmt: skip


def made(package: Any, base: type) -> list[Any]:
    """An instance of every record of `package` that derives from `base`."""
    kinds = [getattr(package, name) for name in package.__all__]
    kinds = [
        kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind) and issubclass(kind, base)
    ]
    return [
        kind(**{f.name: GIVEN[f.name] for f in fields(kind) if f.default is MISSING})
        for kind in kinds
        if kind not in (neurons.CustomNeuron, connect.FromArray)
    ]


def back(net: Network) -> Network:
    recipe, arrays = network_to_recipe(net)
    return network_from_recipe(json.loads(json.dumps(recipe, allow_nan=False)), arrays, {})


@pytest.mark.parametrize("neuron", made(neurons, neurons.Neuron), ids=repr)
def test_neurons(neuron):
    net = Network(seed=1)
    net.add("cells", 4, neuron)
    assert back(net) == net
    other = Network(seed=1)
    other.add("cells", 5, neuron)
    assert back(net) != other


@pytest.mark.parametrize("pattern", made(connect, connect.Pattern), ids=lambda one: type(one).__name__)
def test_patterns(pattern):
    net = Network()
    cells = net.add("cells", 4, neurons.LIF(), connect.Grid((2, 2), periodic=True))
    net.connect(cells, cells, pattern)
    assert back(net) == net


@pytest.mark.parametrize(
    "weight",
    [
        connect.Constant(1.5),
        connect.Uniform(-0.5, 0.5),
        connect.Normal(0.1, 0.2),
        connect.PerSource([1.0, -2.0, 0.5, 3.0]),
        connect.PerSource(connect.LogNormal(0.1, 0.2, high=5.0)),
        connect.GaussianOfDistance(0.8, 0.1, base=0.1),
        connect.ExponentialOfDistance(0.8, 0.1),
        connect.LinearOfDistance(0.5, 2.0, low=0.0),
    ],
    ids=repr,
)
def test_weights(weight):
    net = Network()
    space = connect.FreePositions(np.arange(8.0).reshape(4, 2))
    one, two = (net.add(name, 4, neurons.LIF(), space) for name in ("one", "two"))
    net.connect(one, two, weight=weight, delay_ms=np.full((4, 4), 2.0))
    assert back(net) == net
    other = Network()
    one, two = (
        other.add("one", 4, neurons.LIF(), space),
        other.add("two", 4, neurons.LIF(), connect.Grid((2, 2))),
    )
    other.connect(one, two, weight=weight, delay_ms=np.full((4, 4), 2.0))
    assert back(other) == other != net


@pytest.mark.parametrize("name", encode.__all__)
def test_encoders_and_drives(name):
    kind = getattr(encode, name)
    record = kind(**{f.name: GIVEN[f.name] for f in fields(kind) if f.default is MISSING})
    assert unpack(pack(record, {}), {}, {}) == record
    if name in ("DoG", "LIFEncoder"):  # for pictures, and with neurons of its own: no inputs of a network
        return
    net = Network()
    cells = net.add("cells", 4, neurons.LIF())
    if name == "PoissonDrive":
        net.drive(cells, record)
    else:
        net.connect(net.input("in", 2, record, frame_ms=5.0), cells)
    assert back(net) == net


@pytest.mark.parametrize("name", ["CustomNeuron", "Edges", "object", "LIF.__init__"])
def test_a_file_can_ask_for_no_other_object(name):
    recipe = {
        "seed": 0,
        "populations": [["cells", 4, {"record": name, "fields": {}}]],
        "inputs": [], "drives": [], "projections": [],
    }  # fmt: skip
    with pytest.raises(CheckpointError, match="must hold a recipe of this version"):
        network_from_recipe(recipe, {}, {})
