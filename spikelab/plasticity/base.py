"""What every plasticity rule offers to the network and to the simulator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, Self

from spikelab_kernels.ir.declare import Rule

from ..errors import ParameterError
from ..neurons.checks import Check, require_known
from ..units import require_choice, require_flag, require_scalar

__all__ = ["COINCIDENT", "DELAY_KINDS", "Plasticity", "Traits"]

#: Where on the way from soma to soma the synapse sits.
DELAY_KINDS = ("dendritic", "axonal", "transmission")
#: What a spike of each side in one step means.
COINCIDENT = ("ignore", "pre_first", "include")


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What a rule needs beyond the two neurons and the synapse; a rule without needs is the default.

    Attributes
    ----------
    local : bool
        Whether a change of a weight uses only quantities of its two neurons, the synapse's own state, and
        signals that are broadcast without the weights of another layer.
    uses_pseudo_derivative : bool
        Whether the derivative of a spike with respect to the potential is replaced by some function of the
        potential that peaks near the threshold.
    weight_transport : bool
        Whether errors travel back through the weights of another layer.
    update_lock : int or str
        Layers that must finish before the first may change; for L layers an expression such as ``"L+1"``.
    batch_coupled : bool
        Whether the change of one sample depends on the other samples of its batch.
    passes : int
        How often a sample is shown for one change.
    state_per_synapse : int
        Numbers that a synapse holds, its weight included.
    """

    local: bool = True
    uses_pseudo_derivative: bool = False
    weight_transport: bool = False
    update_lock: int | str = 0
    batch_coupled: bool = False
    passes: int = 1
    state_per_synapse: int = 1

    @property
    def words(self) -> str:
        """The traits in words, as the rules' repr shows them."""
        parts = [
            "local" if self.local else "not local",
            "pseudo-derivative" if self.uses_pseudo_derivative else "no pseudo-derivative",
            "weight transport" if self.weight_transport else "no weight transport",
            f"update lock {self.update_lock}",
            *(["batch coupled"] if self.batch_coupled else []),
            f"{self.passes} pass" + "es" * (self.passes > 1),
            f"{self.state_per_synapse} number" + "s" * (self.state_per_synapse > 1) + " a synapse",
        ]
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True, repr=False)
class Plasticity(ABC):
    """Frozen parameters of the synapses of a projection that learn.

    Subclasses are dataclasses with ``frozen=True, kw_only=True, repr=False`` whose fields are single numbers,
    flags and words. They name their kernel rule and compute its constants. A rule never knows how its
    projection stores the weights.

    Attributes
    ----------
    w_min, w_max : float
        Bounds of the weight, in the unit of the target's weights; after each change the weight is put back
        between them. A projection of negative weights is given the bounds of their magnitudes. With
        ``w_min < 0`` weights may change their sign.
    delay_kind : {"dendritic", "axonal", "transmission"}
        Which side the delay d of a connection belongs to. At the synapse, a spike of the source counts 0, d
        or 0 after it was fired, a spike of the target d, 0 or 0.
    coincident : {"ignore", "pre_first", "include"}
        What spikes of both sides that meet at the synapse in one step mean to each other: nothing; a source
        that fired just before; or both (each side sees the other's raised trace).
    """

    w_min: float = 0.0
    w_max: float
    delay_kind: Literal["dendritic", "axonal", "transmission"] = "dendritic"
    coincident: Literal["ignore", "pre_first", "include"] = "ignore"

    #: What numbers need beyond being finite.
    checks: ClassVar[Mapping[str, Check]] = {}
    #: The words that a field may hold.
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __new__(cls, *args: Any, **parameters: Any) -> Self:
        require_known(cls.__name__, [field.name for field in fields(cls)], parameters)
        return super().__new__(cls)

    @property
    @abstractmethod
    def rule(self) -> Rule:
        """The kernel rule with its static fields substituted."""

    @property
    def traits(self) -> Traits:
        """What the rule needs; see :class:`Traits`."""
        return Traits(state_per_synapse=1 + len(self.rule.state))

    @property
    def when(self) -> Literal["always", "signal"] | float:
        """When ``on_step`` runs: every step, where a signal is given, or every so many ms."""
        return "signal" if self.rule.third else "always"

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule for a time step of `dt_ms`: every number of the record, and ``dt_ms``."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        numbers = {
            name: value
            for name, value in values.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }
        return {**numbers, "dt_ms": dt_ms}

    def initial_state(self) -> dict[str, float]:
        """Value of each state of the synapse other than the weight, before the first step."""
        return dict.fromkeys(self.rule.state, 0.0)

    def source(self, form: str = "numba", dtype: str = "float32") -> str:
        """The generated code of the rule.

        Parameters
        ----------
        form : {"numba", "numpy", "typed"}
            The kernel module, the functions in a readable vector form, or their typed operations.
        dtype : {"float32", "float64"}
            Width of the reals.

        Returns
        -------
        str
            Source text.
        """
        from spikelab_kernels.source import FORMS, rule_source

        owner = f"{self._owner()}.source"
        require_choice(owner, "form", form, tuple(FORMS))
        require_choice(owner, "dtype", dtype, ("float32", "float64"))
        return rule_source(self.rule, form, dtype, self.delay_kind, self.coincident)

    @classmethod
    def from_nest(cls, model: str, params: Mapping[str, Any] | None = None) -> Self:
        """The record that stands for a plastic synapse of NEST, such as ``stdp_synapse``.

        Parameters
        ----------
        model : str
            NEST's name; docs/reference/plasticity.md has the table.
        params : mapping of str to float, optional
            NEST's parameters, ``tau_minus`` and ``tau_minus_triplet`` of the target neuron among them.

        Raises
        ------
        ParameterError
            If there is none, or it is of another class.
        """
        from .nest import synapse_from_nest

        record = synapse_from_nest(model, params)
        if not isinstance(record, cls):
            need = f"be a model that {cls.__name__} stands for"
            remedy = f"Use {type(record).__name__}.from_nest."
            raise ParameterError(f"{cls.__name__}.from_nest", "model", model, need, remedy)
        return record

    def to_nest(self) -> tuple[str, dict[str, float]]:
        """NEST's model and parameters of this rule; ``tau_minus`` and such belong to the target there.

        Raises
        ------
        ParameterError
            If NEST has no such rule.
        """
        from .nest import synapse_to_nest

        return synapse_to_nest(self)

    def __post_init__(self) -> None:
        owner = self._owner()
        words = {"delay_kind": DELAY_KINDS, "coincident": COINCIDENT, **self.choices}
        for field in fields(self):
            name, value = field.name, getattr(self, field.name)
            if name in words:
                require_choice(owner, name, value, words[name])
            elif field.type == "bool":
                require_flag(owner, name, value)
            elif field.type == "float":
                object.__setattr__(self, name, require_scalar(owner, name, value, _SCALAR.get(name, "")))
                if name in self.checks:
                    self.checks[name](owner, name, value)
        if self.w_max <= self.w_min:
            need = f"lie above w_min={self.w_min!r}"
            raise ParameterError(owner, "w_max", self.w_max, need, _SCALAR["w_max"])
        self._check_together()

    def _check_together(self) -> None:  # noqa: B027
        """Refuse parameters that do not fit each other; for subclasses."""

    def _owner(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        values = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{self._owner()}({values}) [{self.traits.words}]"


_SCALAR = {"w_max": "It bounds the sums of arriving spikes, from which their quantum is chosen."}
