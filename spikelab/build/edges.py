"""Edges of every projection with delays in steps and receptors as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..connect.checks import check_receptor
from ..errors import ParameterError
from ..parts import Projection
from ..units import real_array, require_finite, steps_from_ms

__all__ = ["Wire", "beyond", "check_largest", "delay_steps", "given_weights", "make_wire", "receptor_pair"]

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
    def learns(self) -> bool:
        """Whether its weights change."""
        return self.projection.plasticity is not None

    @property
    def min_delay(self) -> int:
        return int(np.min(self.delay)) if np.size(self.delay) else 0

    @property
    def max_delay(self) -> int:
        return int(np.max(self.delay)) if np.size(self.delay) else 0


def make_wire(
    projection: Projection, dt_ms: float, dtype: str, on_cycle: bool, given: np.ndarray | None
) -> Wire:
    """Draw all edges of a projection; `given` replaces its weights."""
    edges = projection.edges()
    weight = edges.weight if given is None else given_weights(projection, given, edges.weight.size)
    check_largest(projection, float(np.abs(weight).max(initial=0.0)), dtype)
    delay = delay_steps(projection, edges.delay_ms, dt_ms, on_cycle)
    return Wire(
        projection,
        edges.source,
        edges.target,
        weight,
        delay,
        _receptors(projection, weight),
        spikes=not projection.source.sends_values,
    )


def check_largest(projection: Projection, largest: float, dtype: str) -> None:
    """Refuse weights that `dtype` cannot hold."""
    if largest > float(np.finfo(dtype).max):
        remedy = "Use dtype='float64'."
        raise ParameterError(_owner(projection), "weight", largest, f"be finite in {dtype}", remedy)


def given_weights(projection: Projection, weights: np.ndarray, size: int) -> np.ndarray:
    """Weights that replace those of a projection with `size` edges: array [edge], float64."""
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


def beyond(record: Any, magnitude: np.ndarray, dtype: str) -> np.ndarray:
    """Which weights lie beyond the bounds of a rule, both as `dtype` holds them: array [edge], bool."""
    low, high = np.array([record.w_min, record.w_max], dtype)
    held = magnitude.astype(dtype)
    return np.asarray((held < low) | (held > high))


def delay_steps(
    projection: Projection, delay_ms: np.ndarray | float | None, dt_ms: float, on_cycle: bool
) -> np.ndarray | int:
    """Delays in steps, rounded to the grid: an array where `delay_ms` is one.

    Raises
    ------
    ParameterError
        If one is too long, or below one step on a cycle.
    """
    owner = _owner(projection)
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


def receptor_pair(projection: Projection) -> tuple[int, int]:
    """Inputs of the target that weights >= 0 and weights < 0 go to: the one named, or by the sign."""
    names = projection.target.neuron.receptors
    if projection.receptor != "auto":
        return (projection.target.neuron.inputs.index(projection.receptor),) * 2
    return (0, 0) if len(names) == 1 else (names.index("exc"), names.index("inh"))


def _receptors(projection: Projection, weight: np.ndarray) -> np.ndarray | int:
    """Input of each edge, as one number where all agree."""
    positive, negative = receptor_pair(projection)
    below = weight < 0
    if positive == negative or not below.any():
        return positive
    return negative if below.all() else np.where(below, negative, positive)


def _owner(projection: Projection) -> str:
    return f"connect({projection.source.name!r}, {projection.target.name!r})"
