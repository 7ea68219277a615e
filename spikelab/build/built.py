"""The built network: everything a simulator needs that does not change while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ParameterError
from ..network import Network
from ..neurons import Neuron
from ..units import require_choice, require_positive, require_scalar
from .blocks import Block, make_blocks
from .drives import DriveTable, add_bounds, drive_tables
from .graph import Component, components
from .links import (
    AnalogLink,
    ArrivalLink,
    DenseLink,
    PlasticLink,
    RateLink,
    analog_links,
    event_links,
    plastic_links,
)
from .plan import make_plan
from .quanta import quantum_for

__all__ = ["Built", "build"]


@dataclass(frozen=True, eq=False)
class Built:
    """Arrays of a network for one time step and dtype.

    Attributes
    ----------
    net : Network
        A copy of the recipe.
    dt_ms : float
        Time step.
    dtype : str
        Width of the reals.
    order : list of Component
        Sources first.
    blocks : list of Block
        In the order of their components.
    quanta : list of array [receptor, neuron], float64
        Quantum of each receptor, one array a block.
    events, analog : list of links
        Ways of spikes and of real values.
    plastic, rates : list of PlasticLink, list of RateLink
        Ways of spikes and of real values whose weights change, one a projection.
    drives : list of DriveTable
        One for each block that has some.
    min_delay : list of int
        Shortest delay inside each component in steps; 0 where nothing comes back.
    """

    net: Network
    dt_ms: float
    dtype: str
    order: list[Component]
    blocks: list[Block]
    quanta: list[np.ndarray]
    events: list[ArrivalLink | DenseLink]
    analog: list[AnalogLink]
    drives: list[DriveTable]
    min_delay: list[int]
    plastic: list[PlasticLink] = field(default_factory=list)
    rates: list[RateLink] = field(default_factory=list)

    def block_of(self, population: str) -> int:
        """Place of the block of a population."""
        return next(i for i, block in enumerate(self.blocks) if population in block.ranges)

    def needs_spikes(self, place: int) -> bool:
        """Whether something in the network depends on the spikes of a block."""
        learns = any(link.target == place for link in self.plastic)
        return learns or any(link.source == place for link in (*self.events, *self.plastic))


def build(
    net: Network,
    dt_ms: float | None = None,
    dtype: str = "float32",
    weights: Mapping[Any, np.ndarray] | None = None,
    least_quanta: Sequence[np.ndarray] | None = None,
    threads: int = 1,
    batch: int = 1,
) -> Built:
    """Turn a recipe into arrays.

    Parameters
    ----------
    net : Network
        The recipe; it is copied and never changed.
    dt_ms : float, ms, optional
        Time step; by default the smallest that a neuron model of the network asks for (0.1 for
        spiking networks, 1.0 for networks of rates only).
    dtype : {"float32", "float64"}
        Width of the reals.
    weights : mapping of projection name to array [edge], optional
        Weights that replace the recipe's, in the order of ``projection.edges()``.
    least_quanta : sequence of array [receptor, neuron], optional
        One array a block: quanta of a saved simulator, below which none may fall, so that it goes on with
        the same spikes.
    threads : int
        Least number of ranges into which the targets of a block are cut, so that as many threads can
        deliver to it. No result depends on it.
    batch : int
        Batch rows that will run, for the estimate of memory alone.

    Returns
    -------
    Built
        The arrays.

    Raises
    ------
    ParameterError
        If a delay on a cycle is below one step, a value does not fit, or tables and state do not fit into
        the memory of this machine.
    """
    if not isinstance(net, Network):
        raise ParameterError("Simulator", "net", net, "be a Network", "Make one by spikelab.Network(seed=0).")
    if not net.populations:
        raise ParameterError(
            "Simulator", "net", net, "have a population", "Add one by net.add(name, n, neuron)."
        )
    require_choice("Simulator", "dtype", dtype, ("float32", "float64"))
    recipe = net.clone()
    step = _time_step(recipe, dt_ms)
    _check_frames(recipe, step)
    order = components(recipe)
    blocks = make_blocks(recipe, order, step, dtype)
    plan = make_plan(recipe, order, blocks, step, dtype, weights, threads, batch)
    bounds, counts = plan.weigh(blocks, threads)
    with np.errstate(over="ignore"):  # refused below
        add_bounds(recipe, blocks, step, bounds)
    quanta = _quanta(blocks, bounds, dtype)
    if least_quanta is not None:
        quanta = [np.maximum(own, least) for own, least in zip(quanta, least_quanta, strict=True)]
    events = event_links(plan, counts, blocks, quanta, dtype, step, threads)
    analog = analog_links(plan, blocks, dtype)
    plastic, rates = plastic_links(plan, blocks, quanta, dtype, step)
    return Built(
        net=recipe,
        dt_ms=step,
        dtype=dtype,
        order=order,
        blocks=blocks,
        quanta=quanta,
        events=events,
        analog=analog,
        drives=drive_tables(recipe, blocks, quanta, step, dtype),
        min_delay=[
            _shortest(place, order, blocks, [*events, *plastic, *analog, *rates])
            for place in range(len(order))
        ],
        plastic=plastic,
        rates=rates,
    )


def _time_step(net: Network, dt_ms: float | None) -> float:
    if dt_ms is None:
        steps = [p.neuron.default_dt_ms for p in net.populations.values() if isinstance(p.neuron, Neuron)]
        return min(steps)
    dt_ms = require_scalar("Simulator", "dt_ms", dt_ms, "0.1 is common for spiking networks.")
    require_positive("Simulator", "dt_ms", dt_ms, "ms", "0.1 is common for spiking networks.")
    return dt_ms


def _check_frames(net: Network, dt_ms: float) -> None:
    for name, item in net.inputs.items():
        if item.frame_ms is not None and item.frame_ms < dt_ms * (1 - 1e-6):
            need = f"be at least one step of {dt_ms!r} ms"
            raise ParameterError(f"input({name!r})", "frame_ms", item.frame_ms, need, "Use a smaller dt_ms.")


def _shortest(
    place: int,
    order: list[Component],
    blocks: list[Block],
    links: Sequence[ArrivalLink | DenseLink | AnalogLink | PlasticLink | RateLink],
) -> int:
    inside = [
        link.min_delay
        for link in links
        if isinstance(link.source, int)
        and blocks[link.source].component == blocks[link.target].component == place
        and not (isinstance(link, (ArrivalLink, PlasticLink)) and link.edges == 0)
    ]
    return min(inside, default=0) if order[place].cyclic else 0


def _quanta(blocks: list[Block], bound: list[np.ndarray], dtype: str) -> list[np.ndarray]:
    """One quantum for each population and receptor, spread over its neurons."""
    quanta = []
    for block, sums in zip(blocks, bound, strict=True):
        values = np.ones_like(sums)
        for name, (lo, hi) in block.ranges.items():
            for r in range(sums.shape[0]):
                most = float(sums[r, lo:hi].max())
                if most > float(np.finfo(dtype).max):
                    need = f"add up to what {dtype} can hold, for all synapses and noise onto one neuron"
                    remedy = "Use smaller weights" + (", or dtype='float64'." if dtype == "float32" else ".")
                    raise ParameterError(f"population {name!r}", "weights", most, need, remedy)
                values[r, lo:hi] = quantum_for(most, dtype)
        quanta.append(values)
    return quanta
