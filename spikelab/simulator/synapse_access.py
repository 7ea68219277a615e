"""What a simulator tells of its synapses, and how their weights are replaced."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..build import Built, build
from ..build.edges import beyond, given_weights
from ..build.graph import components
from ..connect import Connections
from ..errors import ParameterError
from ..network import Network
from ..parts import Projection
from ..units import real_array, require_scalar
from .arguments import check_signal
from .engine import Engine
from .plastic import PlasticRunner
from .plastic_rates import RatePlasticRunner

__all__ = ["SynapseAccess", "weights_of"]

Name = tuple[str, str, int]


class SynapseAccess(ABC):
    """The part of a simulator that knows its projections."""

    _built: Built
    _engine: Engine
    _weights: dict[Any, np.ndarray]
    batch: int

    def weights(self) -> dict[tuple[str, str, int], np.ndarray]:
        """Weight of every edge now: projection -> array [edge], float64, in the order of its edges.

        The keys are names of projections; a projection itself finds its array, too.
        """
        projections = self._built.net.projections
        return _ByProjection(
            (name, self.connections(projection)[2]) for name, projection in projections.items()
        )

    def connections(self, projection: Projection) -> Connections:
        """Edges of a projection with the weights of now: arrays source, target, weight and delay_ms.

        Delays are those drawn, ms; the simulation rounds them to its steps.

        Raises
        ------
        ParameterError
            If it is no projection of this network.
        """
        name = self._known_projection("connections", projection)
        cycles = [set(one.populations) for one in components(self._built.net) if one.cyclic]
        least = self._built.dt_ms if any(cycle.issuperset(name[:2]) for cycle in cycles) else 0.0
        learner = self._learners.get(name)
        weight = self._weights.get(name) if learner is None else learner.weights()
        return Connections.of(self._built.net.projections[name].edges(), weight, least)

    def short_term(self, projection: Projection) -> dict[str, np.ndarray]:
        """State of synapses with `TsodyksMarkram`, as the last spike of each source left it.

        Returns
        -------
        dict of str to array [batch, source]
            Copies of ``"u"`` (use) and ``"x"`` (resources).

        Raises
        ------
        ParameterError
            If it is no projection of this network, or its synapses have no such state.
        """
        name = self._known_projection("short_term", projection)
        for arrival in self._engine.arrivals:
            if arrival.link.projections == (name,) and (state := arrival.state()):
                return state
        need = "have short-term plasticity"
        remedy = "Connect with short_term=spikelab.TsodyksMarkram(...)."
        raise ParameterError("Simulator.short_term", "projection", name, need, remedy)

    def _known_projection(self, method: str, projection: Any) -> tuple[str, str, int]:
        name = _projection_name(projection)
        if not isinstance(name, tuple) or name not in self._built.net.projections:
            known = ", ".join(map(repr, self._built.net.projections)) or "none"
            need = "be a projection of this network"
            raise ParameterError(f"Simulator.{method}", "projection", name, need, f"It has {known}.")
        return name

    def synapse_state(self, projection: Projection) -> dict[str, np.ndarray]:
        """State of plastic synapses beside their weights, such as eligibility, now.

        Returns
        -------
        dict of str to array [edge], float64
            In the order of :meth:`connections`; empty where a synapse holds its weight alone.

        Raises
        ------
        ParameterError
            If it is no projection of this network, or its weights do not change.
        """
        name = self._known_projection("synapse_state", projection)
        if name not in self._learners:
            need, remedy = "have a rule that changes it", "Connect with plasticity=spikelab.STDP(...)."
            raise ParameterError("Simulator.synapse_state", "projection", name, need, remedy)
        learner = self._learners[name]
        return {state: learner.synapse_state(state) for state in learner.link.rule.state}

    def signal(self, **signals: float) -> None:
        """Give third factors, such as a reward, at once: between the last step and the next one.

        Parameters
        ----------
        **signals : float
            By name, as rules read them: ``sim.signal(reward=1.0)``.

        Raises
        ------
        ParameterError
            If a value is no finite number, or no rule of the network reads a signal of this name.
        """
        known = {name for learner in self._learners.values() for name in learner.link.rule.third}
        values = {}
        for name, value in signals.items():
            if name not in known:
                remedy = f"The rules of this network read {', '.join(sorted(known)) or 'no signal'}."
                raise ParameterError("Simulator.signal", name, value, "be read by a rule", remedy)
            single = require_scalar("Simulator.signal", name, value)
            values[name] = float(check_signal("Simulator.signal", name, np.array(single), self._built.dtype))
        for learner in self._learners.values():
            if set(learner.link.rule.third) & set(values):
                learner.signal(self._engine.step, values)

    def set_weights(self, weights: Mapping[Any, np.ndarray]) -> None:
        """Replace the weights of the projections named; state, time and noise go on.

        Static weights act where a spike arrives: spikes under way bring the new ones. Plastic weights act
        on spikes that pass the synapse from now on. `reset` returns to the weights set last.

        Parameters
        ----------
        weights : mapping of projection (or its name) to array [edge]
            In the order of :meth:`connections`.

        Raises
        ------
        ParameterError
            If a projection is unknown, or values do not fit.
        """
        given = weights_of("weights", weights)
        learners = self._learners
        for name in set(given) & set(learners):  # all of them before any is replaced
            projection = self._built.net.projections[name]
            given[name] = _within(projection, learners[name], given[name], self._built.dtype)
        merged = {**self._weights, **given}
        if not learners or set(given) - set(learners):
            engine, parts = self._engine, self._parts(self._built.net)
            made = self._built.dt_ms, self._built.dtype
            built = build(self._built.net, *made, merged, threads=parts, batch=self.batch)
            self._set(built)
            engine.move_to(self._engine)
        self._weights = merged
        for name in set(given) & set(self._learners):
            self._learners[name].set_weights(given[name])

    @property
    def _learners(self) -> dict[Name, PlasticRunner | RatePlasticRunner]:
        return {learner.link.projection: learner for learner in self._engine.learners}

    @abstractmethod
    def _parts(self, net: Network) -> int: ...

    @abstractmethod
    def _set(self, built: Built) -> None: ...


def _within(
    projection: Projection, learner: PlasticRunner | RatePlasticRunner, values: np.ndarray, dtype: str
) -> np.ndarray:
    """Weights that a projection may learn on from, which must have its sign and lie within the bounds."""
    record, sign = learner.link.record, learner.link.sign
    values = given_weights(projection, values, learner.link.edges)
    bad = beyond(record, values * sign, dtype)
    if bad.any():
        low, high = sorted((record.w_min * sign, record.w_max * sign))
        at, need = int(bad.argmax()), f"lie between {low!r} and {high!r}"
        remedy = "These are the bounds of the projection's rule."
        name = f"weights[{projection.name!r}][{at}]"
        raise ParameterError("Simulator", name, float(values[at]), need, remedy)
    return values


def _projection_name(projection: Any) -> Any:
    return projection.name if isinstance(projection, Projection) else projection


class _ByProjection(dict[tuple[str, str, int], np.ndarray]):
    """Arrays by the name of a projection, or by the projection itself."""

    def __missing__(self, projection: Any) -> np.ndarray:
        if isinstance(projection, Projection) and projection.name in self:
            return self[projection.name]
        raise KeyError(projection)


def weights_of(parameter: str, weights: Any) -> dict[Any, np.ndarray]:
    """Copies of weights by name of projection."""
    if not isinstance(weights, Mapping):
        remedy = "Change what sim.weights() returns and pass it back."
        need = "map names of projections to arrays"
        raise ParameterError("Simulator", parameter, weights, need, remedy)
    return {
        _projection_name(name): real_array("Simulator", f"{parameter}[{name!r}]", values).copy()
        for name, values in weights.items()
    }
