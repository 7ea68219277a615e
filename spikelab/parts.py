"""Handles of what stands in a network: populations, inputs, drives, projections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from .connect import Constant, Distribution, Edges, Pattern, sample_edges
from .connect.checks import check_receptor
from .seeding import object_key

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
    """

    name: str
    n: int
    neuron: Neuron
    _network: Network = field(repr=False, kw_only=True)

    @property
    def n_out(self) -> int:
        """Number of sources that it is to a projection."""
        return self.n

    @property
    def sends_values(self) -> bool:
        """Whether it hands on real values instead of spikes."""
        return self.neuron.kind == "rate"

    def content(self) -> tuple[Any, ...]:
        """Return what is compared between networks."""
        return self.name, self.n, self.neuron


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
    """

    name: tuple[str, str, int]
    source: Source
    target: Population
    pattern: Pattern
    weight: Distribution | npt.NDArray[np.float64]
    delay_ms: Distribution | npt.NDArray[np.float64] | None
    receptor: str
    spectral_radius: float | None
    _network: Network = field(repr=False, kw_only=True)

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
        edges = sample_edges(
            self.pattern,
            self.weight,
            self.delay_ms,
            self.source.n_out,
            self.target.n,
            self.recurrent,
            self.key,
            self.spectral_radius,
        )
        if len(edges):
            bounds = (float(edges.weight.min()), float(edges.weight.max()))
            owner = f"connect({self.name[0]!r}, {self.name[1]!r})"
            neuron = self.target.neuron
            currents = neuron.inputs if self.source.sends_values else ()
            check_receptor(owner, self.receptor, neuron.receptors, self.name[1], bounds, currents=currents)
        return edges

    def content(self) -> tuple[Any, ...]:
        """Return what is compared between networks."""
        return self.name, self.pattern, self.weight, self.delay_ms, self.receptor, self.spectral_radius
