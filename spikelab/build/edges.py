"""Edges of every projection with delays in steps and receptors as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..connect.checks import check_receptor
from ..errors import ParameterError
from ..network import Network
from ..parts import Population, Projection
from ..units import real_array, require_finite, steps_from_ms
from .graph import Component

__all__ = ["Wire", "make_wires"]

_MAX_DELAY = 2**16 - 1


@dataclass(frozen=True, eq=False)
class Wire:
    """One projection as arrays.

    Attributes
    ----------
    projection : Projection
        Its recipe.
    source, target : array [edge], uint32
        Neurons within their population or input.
    weight : array [edge], float64
        In the unit of the receptor.
    delay : array [edge], int64, or int; steps
        One number where all edges agree.
    receptor : array [edge], int64, or int
        Place of the receptor in the target's list.
    spikes : bool
        Whether the source sends spikes; otherwise real values.
    """

    projection: Projection
    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    delay: np.ndarray | int
    receptor: np.ndarray | int
    spikes: bool

    @property
    def constant(self) -> bool:
        """Whether all edges have one weight."""
        return bool(self.weight.size == 0 or (self.weight == self.weight[0]).all())

    @property
    def min_delay(self) -> int:
        return int(np.min(self.delay)) if np.size(self.delay) else 0

    @property
    def max_delay(self) -> int:
        return int(np.max(self.delay)) if np.size(self.delay) else 0


def make_wires(
    net: Network,
    order: list[Component],
    dt_ms: float,
    dtype: str,
    weights: Mapping[Any, np.ndarray] | None,
) -> list[Wire]:
    """Draw all edges; `weights` replaces the weights of the projections that it names."""
    given = dict(weights or {})
    place = {name: i for i, component in enumerate(order) for name in component.populations}
    wires = [
        _wire(projection, place, order, dt_ms, dtype, given.pop(name, None))
        for name, projection in net.projections.items()
    ]
    if given:
        known = ", ".join(map(repr, net.projections)) or "none"
        raise ParameterError(
            "Simulator", "weights", next(iter(given)), "name projections of the network", f"It has {known}."
        )
    return wires


def _wire(
    projection: Projection,
    place: Mapping[str, int],
    order: list[Component],
    dt_ms: float,
    dtype: str,
    weights: np.ndarray | None,
) -> Wire:
    edges = projection.edges()
    weight = edges.weight if weights is None else _given_weights(projection, weights, edges.weight.size)
    largest = float(np.abs(weight).max(initial=0.0))
    if largest > float(np.finfo(dtype).max):
        owner, remedy = f"connect({projection.name[0]!r}, {projection.name[1]!r})", "Use dtype='float64'."
        raise ParameterError(owner, "weight", largest, f"be finite in {dtype}", remedy)
    source = projection.source
    from_population = isinstance(source, Population)
    component = place[projection.target.name]
    on_cycle = from_population and place[source.name] == component and order[component].cyclic
    delay = _delay_steps(projection, edges.delay_ms, dt_ms, on_cycle)
    receptor = _receptors(projection, weight)
    return Wire(
        projection, edges.source, edges.target, weight, delay, receptor, spikes=not source.sends_values
    )


def _given_weights(projection: Projection, weights: np.ndarray, size: int) -> np.ndarray:
    name = f"weights[{projection.name!r}]"
    values = real_array("Simulator", name, weights)
    if values.shape != (size,):
        raise ParameterError(
            "Simulator",
            name,
            f"array of shape {values.shape}",
            f"have one value for each of the {size} edges",
        )
    require_finite("Simulator", name, values)
    if values.size:
        bounds = (float(values.min()), float(values.max()))
        target, neuron = projection.target, projection.target.neuron
        currents = neuron.inputs if projection.source.sends_values else ()
        check_receptor(
            "Simulator", projection.receptor, neuron.receptors, target.name, bounds, name, currents
        )
    return values


def _delay_steps(
    projection: Projection, delay_ms: np.ndarray | float | None, dt_ms: float, on_cycle: bool
) -> np.ndarray | int:
    owner = f"connect({projection.source.name!r}, {projection.target.name!r})"
    if delay_ms is None:
        return int(on_cycle)
    steps = steps_from_ms(delay_ms, dt_ms, owner, "delay_ms")
    least, most = (int(np.min(steps)), int(np.max(steps))) if np.size(steps) else (1, 1)
    if on_cycle and least < 1:
        raise ParameterError(
            owner,
            "delay_ms",
            delay_ms if np.ndim(delay_ms) == 0 else float(np.min(delay_ms)),
            f"be at least one step of {dt_ms!r} ms, because the projection lies on a cycle",
            f"Use delay_ms={dt_ms!r} or more.",
        )
    if most > _MAX_DELAY:
        raise ParameterError(
            owner,
            "delay_ms",
            float(np.max(delay_ms)),
            f"be at most {_MAX_DELAY} steps",
            "Use a larger dt_ms.",
        )
    return steps


def _receptors(projection: Projection, weight: np.ndarray) -> np.ndarray | int:
    """Input of each edge, as one number where all agree: the one named, or by the sign of the weight."""
    names = projection.target.neuron.receptors
    if projection.receptor != "auto":
        return projection.target.neuron.inputs.index(projection.receptor)
    if len(names) == 1 or not weight.size:
        return 0
    exc, inh = names.index("exc"), names.index("inh")
    negative = weight < 0
    if negative.all() or not negative.any():
        return inh if negative.all() else exc
    return np.where(negative, inh, exc)
