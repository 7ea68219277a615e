"""The recipe of a network: what there is and how it is wired; no arrays of state, no time."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from types import MappingProxyType
from typing import Any

import numpy.typing as npt

from .connect import AllToAll, Constant, Distribution, OfDistance, Pattern, PerSource, Positions
from .connect.checks import check_receptor, check_transmission, check_weight, delay_rule, weight_rule
from .errors import ParameterError
from .frozen import frozen_record, same_content
from .generators import Current, current_input
from .parts import Drive, Input, Neuron, Population, Projection, Source
from .plasticity.checks import check_plasticity
from .summary import network_text
from .units import require_integer, require_positive, require_scalar

__all__ = ["Network"]

# Sources and targets are numbered in 32 bits.
_MOST = 2**31 - 1

# What NEST calls the patterns, for those who write its names.
_NEST_RULES = {
    "all_to_all": "AllToAll()",
    "one_to_one": "OneToOne()",
    "fixed_indegree": "FixedIndegree(k)",
    "fixed_outdegree": "FixedOutdegree(k)",
    "fixed_total_number": "FixedTotalNumber(n)",
    "pairwise_bernoulli": "FixedProbability(p)",
    "symmetric_pairwise_bernoulli": "SymmetricProbability(p)",
    "pairwise_poisson": "PairwisePoisson(mean)",
}


class Network:
    """Recipe of a network. It grows by `add`, `input`, `drive` and `connect`, and never shrinks.

    Parameters
    ----------
    seed : int
        Seed of everything random in the network: edges, weights, delays and noise. Each object draws
        from a stream of its own name, so adding one changes no other.

    Examples
    --------
    >>> import spikelab as sl
    >>> net = sl.Network(seed=0)
    >>> exc = net.add("exc", 800, sl.LIF())
    >>> inh = net.add("inh", 200, sl.LIF())
    >>> projection = net.connect(exc, inh, pattern=sl.FixedIndegree(80), weight=0.2, delay_ms=1.5)
    >>> projection.name
    ('exc', 'inh', 0)
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = require_integer("Network", "seed", seed, low=0)
        self._populations: dict[str, Population] = {}
        self._inputs: dict[str, Input] = {}
        self._drives: dict[tuple[str, int], Drive] = {}
        self._projections: dict[tuple[str, str, int], Projection] = {}

    @property
    def seed(self) -> int:
        """Seed of everything random in the network."""
        return self._seed

    @property
    def populations(self) -> Mapping[str, Population]:
        """Populations by name, in the order in which they were added."""
        return MappingProxyType(self._populations)

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Inputs by name, in the order in which they were added."""
        return MappingProxyType(self._inputs)

    @property
    def drives(self) -> Mapping[tuple[str, int], Drive]:
        """Drives by (target, ordinal)."""
        return MappingProxyType(self._drives)

    @property
    def projections(self) -> Mapping[tuple[str, str, int], Projection]:
        """Projections by (source, target, ordinal)."""
        return MappingProxyType(self._projections)

    def add(self, name: str, n: int, neuron: Neuron, positions: Positions | None = None) -> Population:
        """Add a population.

        Parameters
        ----------
        name : str
            Name, unique among populations and inputs, without "/".
        n : int
            Number of neurons.
        neuron : neuron record
            Model and parameters, such as ``sl.LIF(...)``.
        positions : Grid or FreePositions, optional
            Where the neurons stand, for patterns, weights and delays that depend on distance.

        Returns
        -------
        Population
            Handle for `drive` and `connect`.

        Raises
        ------
        ParameterError
            If the name is taken, ``n`` is not positive, ``neuron`` is no neuron record or has arrays of
            another size.
        """
        self._check_name("Network.add", name)
        n = require_integer("Network.add", "n", n, 1, "A population has at least one neuron.", _MOST)
        if isinstance(neuron, type) or not isinstance(neuron, Neuron):
            remedy = "Pass one such as spikelab.LIF()."
            if _is_drive(neuron):
                remedy = f"A {type(neuron).__name__} reaches a population through Network.drive."
            raise ParameterError("Network.add", "neuron", neuron, "be a neuron record", remedy)
        check_size = getattr(neuron, "check_size", None)
        if check_size is not None:
            check_size(n)
        if positions is not None:
            if not isinstance(positions, Positions):
                remedy = "Pass spikelab.Grid((20, 20)) or spikelab.FreePositions(array)."
                raise ParameterError("Network.add", "positions", positions, "be positions or None", remedy)
            positions.check_size(n)
        self._populations[name] = Population(name, n, frozen_record(neuron), positions, _network=self)
        return self._populations[name]

    def input(self, name: str, n: int, encoder: Any = None, frame_ms: float | None = None) -> Input:
        """Add an input, whose data `Simulator.run` takes as ``inputs={name: x}``.

        Parameters
        ----------
        name : str
            Name, unique among populations and inputs, without "/".
        n : int
            Features of the data: ``x`` is an array [time, batch, n].
        encoder : encoder record, optional
            Turns the data into spikes, such as ``sl.PoissonEncoder()``. None: the values themselves
            are the input.
        frame_ms : float, optional
            How long each row of the data lasts, ms. None: one step.

        Returns
        -------
        Input
            Handle for `connect`.

        Raises
        ------
        ParameterError
            If the name is taken, or a value is not of the kind asked for.
        """
        self._check_name("Network.input", name)
        n = require_integer("Network.input", "n", n, 1, "It is the number of features.", _MOST)
        if encoder is not None and (
            isinstance(encoder, type) or not callable(getattr(encoder, "n_out", None))
        ):
            raise ParameterError(
                "Network.input",
                "encoder",
                encoder,
                "be an encoder record or None",
                "Pass one such as spikelab.PoissonEncoder().",
            )
        if frame_ms is not None:
            frame_ms = require_scalar("Network.input", "frame_ms", frame_ms)
            require_positive("Network.input", "frame_ms", frame_ms, "ms")
        self._inputs[name] = Input(name, n, frozen_record(encoder), frame_ms, _network=self)
        return self._inputs[name]

    def drive(self, target: Population, drive: Any, receptor: str = "auto") -> Drive:
        """Add noise or a current that reaches the neurons of a population without a projection.

        Parameters
        ----------
        target : Population
            Handle from `add`.
        drive : drive record
            Such as ``sl.PoissonDrive(rate_hz=20_000.0, weight=0.2)`` or ``sl.DCCurrent(200.0)``.
        receptor : str
            Receptor of the neuron; "auto" chooses by the sign of the weight. For a current: the input
            that it enters; "auto" is "current", or the only one.

        Returns
        -------
        Drive
            Handle.

        Raises
        ------
        ParameterError
            If the target is not a population of this network, or a receptor or an array does not fit.
        """
        self._check_population("Network.drive", "target", target)
        weight = 0.0 if isinstance(drive, Current) else getattr(drive, "weight", None)
        if isinstance(drive, type) or isinstance(weight, bool) or not isinstance(weight, (int, float)):
            remedy = "Pass one such as spikelab.PoissonDrive(rate_hz=1000.0, weight=0.1)."
            if isinstance(drive, Neuron):
                remedy = f"A {type(drive).__name__} is a population: Network.add it, and connect the handle."
            need = "be a current, or a drive record with a weight"
            raise ParameterError("Network.drive", "drive", drive, need, remedy)
        self._check_inputs("Network.drive", target)
        if hasattr(drive, "check_size"):
            drive.check_size(target.n)
        if isinstance(drive, Current):
            current_input(target.name, target.neuron.inputs, receptor)
        else:
            check_weight("Network.drive", Constant(weight), 1, target.n)
            bounds = (float(weight), float(weight))
            check_receptor("Network.drive", receptor, target.neuron.receptors, target.name, bounds)
        ordinal = next(i for i in count() if (target.name, i) not in self._drives)
        made = Drive((target.name, ordinal), target, frozen_record(drive), receptor, _network=self)
        self._drives[made.name] = made
        return made

    def connect(
        self,
        source: Source,
        target: Population,
        pattern: Pattern | None = None,
        weight: float | Distribution | PerSource | OfDistance | npt.ArrayLike = 1.0,
        delay_ms: float | Distribution | PerSource | OfDistance | npt.ArrayLike | None = None,
        receptor: str = "auto",
        spectral_radius: float | None = None,
        short_term: Any = None,
        failure_probability: float = 0.0,
        plasticity: Any = None,
        homeostasis: Any = None,
    ) -> Projection:
        """Connect a population or an input to a population.

        Parameters
        ----------
        source : Population or Input
            Handle of the sending side.
        target : Population
            Handle of the receiving side.
        pattern : pattern record, optional
            Which source reaches which target; `AllToAll` by default.
        weight : float, distribution, PerSource, function of distance or array [source, target]
            Weight of each edge, in the unit that the target neuron states. With `FromArray`, which
            carries weights, a number that multiplies them.
        delay_ms : float, distribution, PerSource, function of distance, array [source, target] or None
            Delay of each edge, ms. None: zero where the edge lies on no cycle, else one step.
        receptor : str
            Receptor of the target; "auto" chooses by the sign of each weight ("exc" or "inh" where the
            neuron has both, else its only one).
        spectral_radius : float, optional
            Scale the weights of a recurrent projection so that the largest modulus of an eigenvalue
            is this.
        short_term : record, optional
            Short-term plasticity of every edge, such as ``sl.TsodyksMarkram()``; for spikes only.
        failure_probability : float
            Probability in [0, 1] with which an edge fails to transmit a spike, each spike for itself; for
            spikes only.
        plasticity : record, optional
            Rule by which the weights change while the network runs, such as ``sl.STDP(w_max=1.0)``.
        homeostasis : record, optional
            What scales the plastic weights onto each neuron, such as ``sl.Normalize(total=78.4)``.

        Returns
        -------
        Projection
            Handle; its name is (source, target, ordinal).

        Raises
        ------
        ParameterError
            If a handle belongs to another network, or a weight, delay, shape or sign does not fit.
        """
        owner = "Network.connect"
        self._check_source(source)
        self._check_population(owner, "target", target)
        self._check_inputs(owner, target)
        pattern = AllToAll() if pattern is None else pattern
        if isinstance(pattern, type) or not isinstance(pattern, Pattern):
            raise ParameterError(owner, "pattern", pattern, "be a pattern record", _pattern_remedy(pattern))
        same = source is target
        pattern.check(source.n_out, target.n, same)
        pattern = frozen_record(pattern)
        weights = weight_rule(owner, weight, pattern, source.n_out, target.n)
        delays = delay_rule(owner, delay_ms, source.n_out, target.n)
        bounds = check_weight(owner, weights, source.n_out, target.n, getattr(pattern, "bounds", None))
        currents = target.neuron.inputs if source.sends_values else ()
        check_receptor(owner, receptor, target.neuron.receptors, target.name, bounds, currents=currents)
        if spectral_radius is not None:
            spectral_radius = require_scalar(owner, "spectral_radius", spectral_radius)
            require_positive(owner, "spectral_radius", spectral_radius)
            if not same:
                raise ParameterError(
                    owner,
                    "spectral_radius",
                    spectral_radius,
                    f"be None between {source.name!r} and {target.name!r}",
                    "Only a population connected to itself has eigenvalues.",
                )
        failure_probability = check_transmission(
            owner, short_term, failure_probability, source.name, source.sends_values
        )
        check_plasticity(owner, plasticity, homeostasis, short_term, failure_probability)
        ordinal = next(i for i in count() if (source.name, target.name, i) not in self._projections)
        made = Projection(
            (source.name, target.name, ordinal),
            source,
            target,
            pattern,
            weights,
            delays,
            receptor,
            spectral_radius,
            frozen_record(short_term),
            failure_probability,
            frozen_record(plasticity),
            frozen_record(homeostasis),
            _network=self,
        )
        made.check_places()
        self._projections[made.name] = made
        return made

    def clone(self) -> Network:
        """Return an independent copy with handles of its own; read-only arrays are shared."""
        twin = Network(self._seed)
        for pop in self._populations.values():
            twin._populations[pop.name] = Population(*pop.content(), _network=twin)
        for inp in self._inputs.values():
            twin._inputs[inp.name] = Input(inp.name, inp.n, inp.encoder, inp.frame_ms, _network=twin)
        for drive in self._drives.values():
            target = twin._populations[drive.target.name]
            twin._drives[drive.name] = Drive(drive.name, target, drive.drive, drive.receptor, _network=twin)
        for proj in self._projections.values():
            ends = twin._source(proj.source.name), twin._populations[proj.target.name]
            twin._projections[proj.name] = Projection(proj.name, *ends, *proj.content()[1:], _network=twin)
        return twin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return same_content(self._content(), other._content())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return network_text(self)

    def _content(self) -> tuple[Any, ...]:
        return (
            self._seed,
            [pop.content() for pop in self._populations.values()],
            [inp.content() for inp in self._inputs.values()],
            [drive.content() for drive in self._drives.values()],
            [proj.content() for proj in self._projections.values()],
        )

    def _source(self, name: str) -> Source:
        return self._populations[name] if name in self._populations else self._inputs[name]

    def _check_name(self, owner: str, name: object) -> None:
        if not isinstance(name, str) or not name.strip() or "/" in name:
            raise ParameterError(owner, "name", name, 'be a non-empty str without "/"')
        if not name.isprintable():  # halves of characters, line ends: no file could hold them
            raise ParameterError(owner, "name", name, "consist of printable characters")
        if name in self._populations or name in self._inputs:
            raise ParameterError(
                owner, "name", name, "be new in this network", f"Taken names: {self._known_names()}."
            )

    def _check_source(self, source: object) -> None:
        if isinstance(source, Input):
            self._check_member("Network.connect", "source", source, self._inputs.get(source.name))
        else:
            self._check_population("Network.connect", "source", source)

    def _check_population(self, owner: str, parameter: str, handle: object) -> None:
        if isinstance(handle, Input):
            raise ParameterError(
                owner, parameter, handle, "be a population", "An input only sends; target a population."
            )
        if isinstance(handle, str):
            remedy = f"There is none of that name; this network has {self._known_names()}."
            if handle in self._populations:
                remedy = f"Pass the handle net.populations[{handle!r}]."
            elif handle in self._inputs:
                remedy = f"Pass the handle net.inputs[{handle!r}]."
            raise ParameterError(owner, parameter, handle, "be a handle, not a name", remedy)
        if not isinstance(handle, Population):
            kind, remedy = type(handle).__name__, ""
            if _is_drive(handle):
                remedy = f"A {kind} reaches a population through Network.drive."
            elif isinstance(handle, Neuron):
                remedy = f"Add the record first: net.add('name', n, {kind}(...)) returns the handle."
            raise ParameterError(owner, parameter, handle, "be a handle returned by Network.add", remedy)
        self._check_member(owner, parameter, handle, self._populations.get(handle.name))

    def _check_inputs(self, owner: str, target: Population) -> None:
        if not target.neuron.inputs:
            kind = type(target.neuron).__name__
            raise ParameterError(
                owner, "target", target.name, "be a population that receives", f"A {kind} only sends."
            )

    def _check_member(self, owner: str, parameter: str, handle: Source, own: Source | None) -> None:
        if own is not handle:
            raise ParameterError(
                owner,
                parameter,
                handle,
                "belong to this network",
                "It is a handle of another network; use the one returned by this network's add or input.",
            )

    def _known_names(self) -> str:
        return ", ".join(repr(name) for name in (*self._populations, *self._inputs)) or "nothing yet"


def _pattern_remedy(given: Any) -> str:
    if isinstance(given, (int, float)):
        return "Without a pattern, name the others: weight=, delay_ms=."
    if hasattr(given, "ndim"):
        return "Pass a matrix [source, target] as spikelab.FromArray(matrix)."
    rule = given.get("rule") if isinstance(given, Mapping) else given
    return f"Pass one such as spikelab.{_NEST_RULES.get(str(rule), 'FixedIndegree(10)')}."


def _is_drive(record: object) -> bool:
    return isinstance(record, Current) or (hasattr(record, "weight") and not isinstance(record, type))
