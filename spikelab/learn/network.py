"""From the recipe of a feed-forward network to layers that learn, and back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from spikelab_kernels.philox import uniforms

from ..connect import AllToAll
from ..errors import ParameterError
from ..network import Network
from ..neurons import Neuron
from ..parts import Projection
from ..seeding import object_key
from ..units import require_integer
from .coding import InputEncoder
from .presentation import Floats
from .rates import RateStack
from .spiking import SpikingStack
from .stack import Layer

__all__ = ["rate_stack", "spiking_stack"]


def spiking_stack(
    net: Network,
    n_classes: int,
    *,
    steps: int = 10,
    dt_ms: float = 1.0,
    encoder: InputEncoder | None = None,
    dtype: str = "float32",
    threads: int | None = None,
    device: str = "cpu",
) -> SpikingStack:
    """Hidden layers from a network such as `spikelab.layers` makes, and a readout of zeros.

    Parameters
    ----------
    net : Network
        One input, and populations each of which is fully connected to the next.
    n_classes : int
    steps, dt_ms, encoder, threads, device
        As of `SpikingStack`; the encoder of the network's own input is not read.
    dtype : {"float32", "float64"}

    Raises
    ------
    ParameterError
        If the populations form no such chain.
    """
    hidden: list[Layer] = []
    neurons: list[Any] = []
    for projection in _chain(net):
        weight = _matrix(projection).astype(dtype)
        hidden.append(Layer(projection.target.name, weight, np.zeros(weight.shape[1], dtype), biased=False))
        neurons.append(projection.target.neuron)
    assert all(isinstance(neuron, Neuron) for neuron in neurons)
    return SpikingStack(
        hidden, _readout(hidden[-1].n_out, n_classes, dtype), neurons,
        steps=steps, dt_ms=dt_ms, encoder=encoder, threads=threads, device=device,
    )  # fmt: skip


def rate_stack(
    *sizes: int, n_classes: int, activation: str = "relu", dtype: str = "float32", seed: int = 0
) -> RateStack:
    """Layers of values with biases, and a readout of zeros.

    Weights are drawn evenly from ``-sqrt(6 / n)`` to ``sqrt(6 / n)`` for n sources before a "relu", else
    ``sqrt(3 / n)``: the variance of the values then stays that of the input (He et al. 2015, equation 10;
    LeCun et al. 1998, section 4.6).

    Parameters
    ----------
    *sizes : int
        Features, then the neurons of each hidden layer.
    n_classes : int
    activation : {"relu", "tanh", "logistic"}
    dtype : {"float32", "float64"}
    seed : int
    """
    checked = [require_integer("rate_stack", f"sizes[{i}]", n) for i, n in enumerate(sizes)]
    hidden = []
    for i, (n_in, n_out) in enumerate(pairwise(checked), start=1):
        end = np.sqrt((6.0 if activation == "relu" else 3.0) / n_in)
        drawn = uniforms(object_key(seed, f"layer{i}", "weight"), n_in * n_out)
        weight = ((2.0 * drawn - 1.0) * end).reshape(n_in, n_out).astype(dtype)
        hidden.append(Layer(f"layer{i}", weight, np.zeros(n_out, dtype), biased=True))
    return RateStack(hidden, _readout(checked[-1], n_classes, dtype), activation)


def _readout(n: int, n_classes: int, dtype: str) -> Layer:
    n_classes = require_integer("readout", "n_classes", n_classes, low=2)
    return Layer("readout", np.zeros((n, n_classes), dtype), np.zeros(n_classes, dtype), biased=True)


def _chain(net: Network) -> list[Projection]:
    """Projections in order, from the input on."""
    projections = list(net.projections.values())
    source: Any = next(iter(net.inputs.values()), None)
    chain, passed = list[Projection](), list[Any]()
    while onward := [one for one in projections if one.source is source]:
        onto = onward[0].target
        if len(onward) > 1 or onto in passed or not isinstance(onward[0].pattern, AllToAll):
            break
        chain.append(onward[0])
        passed.append(onto)
        source = onto
    if not chain or len(chain) != len(projections) or len(net.inputs) != 1 or net.drives:
        need = "be one input and populations, each fully connected to the next"
        raise ParameterError("spiking_stack", "net", net, need, "Make it with layers(784, 400).")
    return chain


def _matrix(projection: Projection) -> Floats:
    """Weights [source, target], float64."""
    blocks = [
        np.broadcast_to(np.asarray(projection.weights_in(block), np.float64), block.source.shape)
        for block in projection.edge_blocks()
    ]
    weights: Floats = np.concatenate(blocks).reshape(projection.source.n_out, projection.target.n)
    return weights
