"""Handles of what stands in a network: populations, inputs, drives, projections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .connect import Constant, EdgeBlock, Edges, FromArray, OfDistance, Pattern, PerSource, Positions
from .connect.checks import check_receptor
from .connect.edges import BLOCK_SIZE, Rule, draw_blocks, edge_bound, edge_count, values_in
from .connect.positions import Places, places_between
from .connect.spectral import spectral_factor
from .seeding import object_key
from .summary import projection_text

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Drive", "Input", "Neuron", "Population", "Projection", "Source"]


@runtime_checkable
class Neuron(Protocol):
    """What a network needs to know of a neuron record."""

    @property
    def kind(self) -> str:
        """Either "spiking" or "rate"."""
        ...

    @property
    def receptors(self) -> tuple[str, ...]:
        """Names of the receptors, such as ("exc", "inh")."""
        ...

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the receptors, then of the currents, which take real values only."""
        ...

    @property
    def weight_unit(self) -> str:
        """Unit of a weight onto it, such as "mV"."""
        ...


# Handles compare by identity: a handle means this object of this network. `content` is what
# networks compare.
@dataclass(frozen=True, eq=False)
class Population:
    """Neurons of one model.

    Attributes
    ----------
    name : str
        Name, unique in the network.
    n : int
        Number of neurons.
    neuron : neuron record
        Model and parameters.
    positions : Grid, FreePositions or None
        Where the neurons stand.
    """

    name: str
    n: int
    neuron: Neuron
    positions: Positions | None = None
    _network: Network = field(repr=False, kw_only=True)

    def __repr__(self) -> str:
        return f"Population({self.name!r}, {self.n} x {type(self.neuron).__name__})"

    @property
    def n_out(self) -> int:
        """Number of sources that it is to a projection."""
        return self.n

    @property
    def sends_values(self) -> bool:
        """Whether it hands on real values instead of spikes."""
        return self.neuron.kind == "rate"

    def coordinates(self) -> npt.NDArray[np.float64] | None:
        """Return where each neuron stands: array [neuron, axis], float64, or None without positions."""
        return None if self.positions is None else self.positions.coordinates(self.n, self.key("positions"))

    def key(self, purpose: str) -> int:
        """Return the key of one of its random streams."""
        return object_key(self._network.seed, self.name, purpose)

    def content(self) -> tuple[Any, ...]:
        """Return what is compared between networks."""
        return self.name, self.n, self.neuron, self.positions


@dataclass(frozen=True, eq=False)
class Input:
    """A place where data enters.

    Attributes
    ----------
    name : str
        Name, unique in the network.
    n : int
        Features of the data.
    encoder : encoder record or None
        Makes spikes of the data; None: the values are the input.
    frame_ms : float or None
        Duration of a row of the data, ms; None: one step.
    """

    name: str
    n: int
    encoder: Any
    frame_ms: float | None
    _network: Network = field(repr=False, kw_only=True)

    @property
    def n_out(self) -> int:
        """Number of sources that it is to a projection: features, or the encoder's channels."""
        return self.n if self.encoder is None else int(self.encoder.n_out(self.n))

    @property
    def sends_values(self) -> bool:
        """Whether it hands on real values instead of spikes."""
        return self.encoder is None

    def content(self) -> tuple[Any, ...]:
        """Return what is compared between networks."""
        return self.name, self.n, self.encoder, self.frame_ms


Source = Population | Input


@dataclass(frozen=True, eq=False)
class Drive:
    """Background that each neuron of a population gets independently.

    Attributes
    ----------
    name : tuple (target, ordinal)
        Name of its random stream.
    target : Population
        Who gets it.
    drive : drive record
        What it is.
    receptor : str
        Receptor of the neuron, or "auto".
    """

    name: tuple[str, int]
    target: Population
    drive: Any
    receptor: str
    _network: Network = field(repr=False, kw_only=True)

    def key(self, purpose: str) -> int:
        """Return the key of one of its random streams."""
        return object_key(self._network.seed, self.name, purpose)

    def content(self) -> tuple[Any, ...]:
        """Return what is compared between networks."""
        return self.name, self.drive, self.receptor


@dataclass(frozen=True, eq=False)
class Projection:
    """Edges from one source to one population.

    Attributes
    ----------
    name : tuple (source, target, ordinal)
        Ordinal counts the projections between these two.
    source : Population or Input
        Sending side.
    target : Population
        Receiving side.
    pattern : pattern record
        Which source reaches which target.
    weight : Distribution or array [source, target], float64
        A number given to `Network.connect` is a `Constant` here.
    delay_ms : Distribution, array [source, target] or None
        A number given to `Network.connect` is a `Constant` here. None: the least delay that is legal.
    receptor : str
        Receptor of the target, or "auto": by the sign of each weight.
    spectral_radius : float or None
        Spectral radius that the weights are scaled to.
    short_term : record or None
        Short-term plasticity of every edge, such as ``sl.TsodyksMarkram()``.
    failure_probability : float
        Probability with which an edge fails to transmit a spike, each spike for itself.
    plasticity : record or None
        Rule by which the weights change while the network runs.
    homeostasis : record or None
        What scales the plastic weights onto each neuron.
    """

    name: tuple[str, str, int]
    source: Source
    target: Population
    pattern: Pattern
    weight: Rule
    delay_ms: Rule | None
    receptor: str
    spectral_radius: float | None
    short_term: Any = None
    failure_probability: float = 0.0
    plasticity: Any = None
    homeostasis: Any = None
    _network: Network = field(repr=False, kw_only=True)

    def __repr__(self) -> str:
        return f"Projection({self.name[0]} -> {self.name[1]}, {projection_text(self)})"

    @property
    def recurrent(self) -> bool:
        """Whether source and target are one population."""
        return self.source is self.target

    @property
    def constant_delay_ms(self) -> float | None:
        """The delay of every edge, ms, where it is one number."""
        return self.delay_ms.value if isinstance(self.delay_ms, Constant) else None

    def key(self, purpose: str) -> int:
        """Return the key of one of its random streams."""
        return object_key(self._network.seed, self.name, purpose)

    def edges(self) -> Edges:
        """Draw the edges with their weights and delays; the same at every call.

        Raises
        ------
        ParameterError
            If the receptor is named "exc" or "inh" and a weight has the other sign, or the weights
            cannot be scaled to the spectral radius.
        """
        blocks = list(self.edge_blocks())
        weights = [np.broadcast_to(self.weights_in(block), block.source.shape) for block in blocks]
        empty = np.empty(0, np.uint32)
        source = np.concatenate([block.source for block in blocks] or [empty])
        target = np.concatenate([block.target for block in blocks] or [empty])
        delays = self.constant_delay_ms
        if self.delay_ms is None or delays is not None:
            return Edges(source, target, np.concatenate([*weights, np.empty(0)]), delays)
        drawn = [np.broadcast_to(self.delays_in(block), block.source.shape) for block in blocks]  # type: ignore[arg-type]
        return Edges(
            source, target, np.concatenate([*weights, np.empty(0)]), np.concatenate([*drawn, np.empty(0)])
        )

    def edge_blocks(self, size: int = BLOCK_SIZE) -> Iterator[EdgeBlock]:
        """Draw the edges block by block, in the order of `edges`: sorted by (source, target).

        Parameters
        ----------
        size : int
            Most edges of a block.

        Yields
        ------
        EdgeBlock
            Never empty. The same edges at every call and for every ``size``.
        """
        ends = self.source.n_out, self.target.n
        yield from draw_blocks(self._placed_pattern, *ends, self.key("edges"), self.recurrent, size)

    def check_places(self) -> None:
        """Refuse ends without common space where the pattern, a weight or a delay depends on distance.

        Raises
        ------
        ParameterError
            If an end has no positions, or the two spaces differ.
        """
        rules = (self.weight, self.delay_ms)
        if hasattr(self.pattern, "between") or any(isinstance(rule, OfDistance) for rule in rules):
            _ = self._places

    def edge_count(self) -> int | None:
        """Return the number of edges where it is known without drawing them, else None."""
        return edge_count(self.pattern, self.source.n_out, self.target.n, self.recurrent)

    def edge_bound(self) -> int:
        """Return a number that the edges do not exceed, but with a probability below 1e-12.

        A small pattern in space is drawn and counted, and so is one of the user's own that states no bound.
        """
        bound = edge_bound(self._placed_pattern, self.source.n_out, self.target.n, self.recurrent)
        return sum(block.source.size for block in self.edge_blocks()) if bound is None else bound

    def weights_in(self, block: EdgeBlock) -> npt.NDArray[np.float64] | float:
        """Return the weights of a block: array [edge], float64, or a float where all are equal.

        Raises
        ------
        ParameterError
            As `edges`.
        """
        values = self._unscaled(block)
        if self.spectral_radius is not None:
            values = values * self._spectral_factor
        bounds = (values, values) if isinstance(values, float) else (float(values.min()), float(values.max()))
        owner = f"connect({self.name[0]!r}, {self.name[1]!r})"
        neuron = self.target.neuron
        currents = neuron.inputs if self.source.sends_values else ()
        check_receptor(owner, self.receptor, neuron.receptors, self.name[1], bounds, currents=currents)
        return values

    def delays_in(self, block: EdgeBlock) -> npt.NDArray[np.float64] | float | None:
        """Return the delays of a block, ms: array [edge], float64; a float where all are equal; or None."""
        if self.delay_ms is None:
            return None
        return values_in(self.delay_ms, block, self.key("delay"), lambda: self._places)

    def per_source_weight(self) -> npt.NDArray[np.float64] | None:
        """Return the weight of each source where all its edges have the same: array [source], else None."""
        if not isinstance(self.weight, PerSource) or isinstance(self.pattern, FromArray):
            return None
        weights = self.weight.of(0, self.source.n_out, self.key("weight"))
        return weights if self.spectral_radius is None else weights * self._spectral_factor

    def _unscaled(self, block: EdgeBlock) -> npt.NDArray[np.float64] | float:
        if isinstance(self.pattern, FromArray):
            factor = self.weight.value if isinstance(self.weight, Constant) else 1.0
            return self.pattern.weights[block.first : block.first + block.source.size] * factor
        return values_in(self.weight, block, self.key("weight"), lambda: self._places)

    @property
    def _placed_pattern(self) -> Pattern:
        between = getattr(self.pattern, "between", None)
        return self.pattern if between is None else between(self._places)

    @cached_property
    def _places(self) -> Places:
        owner = f"connect({self.name[0]!r}, {self.name[1]!r})"
        ends = []
        for end in (self.source, self.target):
            placed = (end.positions, end.key("positions")) if isinstance(end, Population) else (None, 0)
            ends.append((end.name, end.n_out, *placed))
        return places_between(owner, ends)

    @cached_property
    def _spectral_factor(self) -> float:
        if self.spectral_radius is None:
            return 1.0
        parts = [
            (np.broadcast_to(self._unscaled(block), block.source.shape), block.source, block.target)
            for block in self.edge_blocks()
        ]
        weight, source, target = (
            np.concatenate([part[i] for part in parts] or [np.empty(0)]) for i in range(3)
        )
        shape = (self.source.n_out, self.target.n)
        matrix = sparse.coo_array((weight, (source.astype(np.int64), target.astype(np.int64))), shape=shape)
        return spectral_factor(matrix.tocsr(), self.spectral_radius)

    def content(self) -> tuple[Any, ...]:
        """Return what is compared between networks."""
        return (
            self.name,
            self.pattern,
            self.weight,
            self.delay_ms,
            self.receptor,
            self.spectral_radius,
            self.short_term,
            self.failure_probability,
            self.plasticity,
            self.homeostasis,
        )
