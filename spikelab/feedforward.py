"""Recipe of a feed-forward network: layers of one kind of neuron, each fully connected to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .connect import Uniform
from .encode import SpikeInput
from .errors import ParameterError
from .network import Network
from .neurons import LIF, Neuron
from .parts import Source
from .units import require_integer, require_positive, require_scalar

__all__ = ["layers"]

_OWNER = "layers"


def layers(
    *sizes: int,
    neuron: Neuron | Sequence[Neuron] | None = None,
    readout: Neuron | None = None,
    encoder: Any = SpikeInput(),  # noqa: B008  # a frozen record
    frame_ms: float | None = None,
    weights: Sequence[Any] | None = None,
    weight_scale: float = 1.0,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> Network:
    r"""Make a network of an input and fully connected layers.

    Parameters
    ----------
    *sizes : int
        Features of the input, then the neurons of each layer: at least two numbers.
    neuron : neuron record, or one for each layer, optional
        Model of the layers' neurons; by default ``LIF.unitless()``.
    readout : neuron record, optional
        Model of the last layer in place of `neuron`, such as ``LeakyIntegrator()``, whose value is read
        instead of spikes.
    encoder : encoder record or None
        How the data become spikes. By default they are spikes, 0 or 1; None takes their values as they are.
    frame_ms : float, ms, optional
        How long each row of the data lasts; by default one step.
    weights : sequence of arrays [source, target], distributions or numbers, optional
        Weights into each layer, in the unit of its neurons.
    weight_scale : float
        Without `weights`, those into a layer with n sources are drawn evenly from
        (-weight_scale / sqrt(n), weight_scale / sqrt(n)), which is the rule of PyTorch's ``Linear``.
    names : sequence of str, optional
        Name of each layer; by default ``"layer1"``, ``"layer2"``, ...
    seed : int
        Seed of the weights and of the encoder.

    Returns
    -------
    Network
        With the input ``"in"`` and a population for each layer. Spikes pass through all layers in the step
        in which they arise. It can grow by recurrent connections as any other.

    Raises
    ------
    ParameterError
        If there are not two sizes, or the number of weights, names or neurons is not that of the layers.

    Notes
    -----
    Drawn weights leave deep layers silent for some data, as they do elsewhere; `Simulator.calibrate` scales
    them until every layer fires at the rate asked for.

    Examples
    --------
    >>> import spikelab as sl
    >>> net = sl.layers(784, 400, 10, neuron=sl.LIF.unitless(beta=0.9, threshold=1.0))
    >>> list(net.inputs), list(net.populations)
    (['in'], ['layer1', 'layer2'])
    """
    if len(sizes) < 2:
        need = "be the features of the input and the neurons of at least one layer"
        raise ParameterError(_OWNER, "sizes", sizes, need, "Write layers(784, 400, 10).")
    n_in, *n_layers = (require_integer(_OWNER, f"sizes[{i}]", n) for i, n in enumerate(sizes))
    scale = require_scalar(_OWNER, "weight_scale", weight_scale)
    require_positive(_OWNER, "weight_scale", scale)
    cells = _cells(neuron, readout, len(n_layers))
    called = [f"layer{i}" for i in range(1, len(sizes))]
    if names is not None:
        called = _one_each("names", names, len(n_layers))
    given = None if weights is None else _one_each("weights", weights, len(n_layers))
    net = Network(seed=seed)
    source: Source = net.input("in", n_in, encoder, frame_ms)
    for i, (name, n, cell) in enumerate(zip(called, n_layers, cells, strict=True)):
        layer = net.add(name, n, cell)
        end = scale / math.sqrt(source.n_out)
        net.connect(source, layer, weight=Uniform(-end, end) if given is None else given[i])
        source = layer
    return net


def _cells(neuron: Neuron | Sequence[Neuron] | None, readout: Neuron | None, n: int) -> list[Neuron]:
    neuron = LIF.unitless() if neuron is None else neuron
    if not isinstance(neuron, (Neuron, list, tuple)):
        need = "be a neuron record, or a list with one for each layer"
        raise ParameterError(_OWNER, "neuron", neuron, need, "Pass LIF.unitless(beta=0.9).")
    cells: list[Neuron] = [neuron] * n if isinstance(neuron, Neuron) else _one_each("neuron", neuron, n)
    return cells if readout is None else [*cells[:-1], readout]


def _one_each(parameter: str, values: Any, n: int) -> list[Any]:
    listed = list(values) if isinstance(values, (list, tuple)) else []
    if len(listed) != n:
        need = f"have {n} entries, one for each layer"
        raise ParameterError(_OWNER, parameter, values, need)
    return listed
