"""Blocks: populations of one model and component, advanced by one kernel call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikelab_kernels.ir.declare import Model

from ..errors import ParameterError
from ..network import Network
from ..neurons import Neuron
from ..parts import Population
from ..seeding import object_key
from ..units import real_array
from .graph import Component

__all__ = ["Block", "make_blocks"]


@dataclass(frozen=True, eq=False)
class Block:
    """Populations of one model in one component, side by side.

    Attributes
    ----------
    model : Model
        Their kernel model.
    component : int
        Place of their component in the order of the network.
    ranges : mapping of str to tuple (int, int)
        Neurons of each population within the block.
    n : int
        Number of neurons.
    constants : mapping of str to float, int or array [n]
        Constants of the step; an array where the neurons differ.
    initial : mapping of str to array [n] or scalar
        State before the first step.
    rng_key, rng_element : array [n], uint64
        Random stream of each neuron and its number therein.
    kept : tuple of str
        State variables that outlive a sample.
    frozen : mapping, optional
        Constants of neurons that do not adapt, in the form of ``constants``; None where they are the same.
    """

    model: Model
    component: int
    ranges: Mapping[str, tuple[int, int]]
    n: int
    constants: Mapping[str, Any]
    initial: Mapping[str, Any]
    rng_key: np.ndarray
    rng_element: np.ndarray
    kept: tuple[str, ...] = ()
    frozen: Mapping[str, Any] | None = None

    @property
    def arrays(self) -> frozenset[str]:
        """Constants that are arrays."""
        return frozenset(name for name, value in self.constants.items() if isinstance(value, np.ndarray))

    @property
    def spiking(self) -> bool:
        return not self.model.output

    @property
    def n_receptors(self) -> int:
        return len(self.model.receptors)

    @property
    def n_inputs(self) -> int:
        """Planes of the real values that arrive: receptors and currents."""
        return len(self.model.inputs)


def make_blocks(net: Network, order: list[Component], dt_ms: float, dtype: str) -> list[Block]:
    """Gather the populations of each component by model.

    Raises
    ------
    ParameterError
        If a constant or a first state is not finite in `dtype`, or a parameter that is drawn gets a
        value that it may not have.
    """
    blocks: list[Block] = []
    for place, component in enumerate(order):
        groups: list[tuple[Model, list[Population]]] = []
        for name in component.populations:
            population = net.populations[name]
            model = _neuron(population).model
            group = next((members for known, members in groups if known == model), None)
            if group is None:
                groups.append((model, [population]))
            else:
                group.append(population)
        blocks += [_block(net, model, place, members, dt_ms, dtype) for model, members in groups]
    return blocks


def _block(
    net: Network, model: Model, component: int, members: list[Population], dt_ms: float, dtype: str
) -> Block:
    sizes = [population.n for population in members]
    ends = np.cumsum(sizes).tolist()
    ranges = {p.name: (end - p.n, end) for p, end in zip(members, ends, strict=True)}
    neurons = [_drawn(net, population) for population in members]
    constants = [neuron.prepare(dt_ms) for neuron in neurons]
    initial = [neuron.initial() for neuron in neurons]
    for population, made, start in zip(members, constants, initial, strict=True):
        for name in model.constants:
            _require_real(population, name, made.get(name), dt_ms, dtype)
        for name in model.state:
            _require_real(population, name, start[name], dt_ms, dtype, endless=True)
    merged = {name: _merge([c[name] for c in constants], sizes) for name in model.constants}
    frozen = None
    if any(neuron.kept for neuron in neurons):
        still = [neuron.frozen().prepare(dt_ms) for neuron in neurons]
        frozen = {name: _like(merged[name], _merge([c[name] for c in still], sizes)) for name in merged}
    keys = [np.full(p.n, object_key(net.seed, p.name, "noise"), np.uint64) for p in members]
    return Block(
        model=model,
        component=component,
        ranges=ranges,
        n=ends[-1],
        constants=merged if frozen is None else {n: _like(frozen[n], value) for n, value in merged.items()},
        initial={name: _merge([s[name] for s in initial], sizes) for name in model.state},
        rng_key=np.concatenate(keys),
        rng_element=np.concatenate([np.arange(p.n, dtype=np.uint64) for p in members]),
        kept=neurons[0].kept,
        frozen=frozen,
    )


def _require_real(
    population: Population, name: str, value: Any, dt_ms: float, dtype: str, endless: bool = False
) -> None:
    """Refuse what is no number in `dtype`; `endless` allows infinities that were meant."""
    owner = f"population {population.name!r}"
    array = np.atleast_1d(
        np.asarray(value) if isinstance(value, (bool, np.bool_)) else real_array(owner, name, value)
    )
    if array.shape not in ((1,), (population.n,)):
        need = f"be a scalar or have one value for each of the {population.n} neurons"
        raise ParameterError(owner, name, f"array of shape {array.shape}", need)
    with np.errstate(over="ignore"):
        good = np.isfinite(array.astype(dtype, copy=False)) | (np.isinf(array) & endless)
    if not good.all():
        remedy = f"It follows from the parameters of the neurons and dt_ms={dt_ms!r}; one of them is too " + (
            "large or too small for dtype='float32'." if dtype == "float32" else "large or too small."
        )
        raise ParameterError(owner, name, float(array[~good][0]), f"be finite in {dtype}", remedy)


def _merge(values: list[Any], sizes: list[int]) -> Any:
    """One scalar where all neurons agree, else an array over the block."""
    if all(np.ndim(value) == 0 for value in values):
        scalars = [np.asarray(value).item() for value in values]
        if all(scalar == scalars[0] for scalar in scalars):
            return scalars[0]
    return np.concatenate([np.broadcast_to(value, (n,)) for value, n in zip(values, sizes, strict=True)])


def _like(other: Any, value: Any) -> Any:
    """`value`, as an array where `other` is one."""
    return value if np.ndim(other) == 0 else np.array(np.broadcast_to(value, np.shape(other)))


def _drawn(net: Network, population: Population) -> Neuron:
    """The neuron with numbers for all parameters, each drawn from a stream of its own."""
    neuron = _neuron(population)
    neuron.check_size(population.n)
    try:
        return neuron.drawn(
            population.n, lambda name: object_key(net.seed, (population.name, name), "parameter")
        )
    except ParameterError as error:
        owner = f"population {population.name!r}: {error.owner}"
        raise ParameterError(owner, error.parameter, error.value, error.need, error.remedy) from None


def _neuron(population: Population) -> Neuron:
    neuron = population.neuron
    assert isinstance(neuron, Neuron)
    return neuron
