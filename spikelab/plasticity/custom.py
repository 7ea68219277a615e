"""``@synapse``: a rule of the user's own, written as up to three functions of one synapse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import FunctionType
from typing import Any, Literal, TypeAlias

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.errors import ModelError
from spikelab_kernels.ir.parse_rule import parse_rule
from spikelab_kernels.ir.types import Type

from ..errors import ParameterError
from ..neurons.checks import require_known
from ..units import require_flag, require_positive, require_scalar
from .base import Plasticity, Traits

__all__ = ["CustomSynapse", "SynapseFactory", "synapse"]

Prepare: TypeAlias = Callable[[Any, float], Mapping[str, float]]
When: TypeAlias = Literal["always", "signal"] | float

_FUNCTIONS = ("on_pre", "on_post", "on_step")
_OWN = ("w_min", "w_max", "delay_kind", "coincident")


@dataclass(frozen=True)
class _Declared:
    """What a rule declares beside its functions and parameters."""

    state: Mapping[str, str]
    pre: Mapping[str, Trace]
    post: Mapping[str, Trace]
    pre_values: tuple[str, ...]
    post_values: tuple[str, ...]
    third: tuple[str, ...]


def synapse(
    *,
    params: type,
    pre: Mapping[str, str | Trace] | None = None,
    post: Mapping[str, str | Trace] | None = None,
    state: Mapping[str, str] | None = None,
    pre_values: tuple[str, ...] = (),
    post_values: tuple[str, ...] = (),
    third: tuple[str, ...] = (),
    when: When | None = None,
    prepare: Prepare | None = None,
    traits: Traits | None = None,
) -> Callable[[type], SynapseFactory]:
    """Turn a class of functions into a rule of plasticity that runs as fast as the built-in ones.

    Parameters
    ----------
    params : frozen dataclass
        The rule's parameters with their defaults: numbers, and flags, which are substituted.
    pre, post : mapping of str to str or Trace, optional
        Traces of the source and of the target. A string names the parameter that holds the time constant in
        ms; each spike adds 1. ``Trace(tau, raised="set")`` is set to 1 instead, and ``Trace(tau, of="v_mv")``
        follows a state variable of the neuron.
    state : mapping of str to str, optional
        What a synapse holds beside its weight ``w``, each with the parameter of its time constant in ms;
        ``""`` where it does not decay. All start at 0.
    pre_values, post_values : tuple of str
        State variables of the neurons that the functions read, such as ``"v_mv"``.
    third : tuple of str
        Signals, such as ``"reward"``, that ``on_step`` reads.
    when : {"always", "signal"} or float, ms
        When ``on_step`` runs: in every step, in steps in which a signal is not 0, or every so many ms.
        ``"signal"`` by default where there are signals.
    prepare : callable, optional
        ``prepare(params, dt_ms) -> dict`` computes further fields of ``p`` once, in float64. The parameters,
        ``w_min``, ``w_max`` and ``dt_ms`` are fields of ``p`` in any case.
    traits : Traits, optional
        What the rule needs; local by default.

    Returns
    -------
    callable
        The decorator. It turns a class with ``on_pre(s, p, pre, post)``, ``on_post(s, p, pre, post)`` and
        ``on_step(s, p, pre, post, third)``, or some of them, into a factory of records.

    Raises
    ------
    ModelError
        Where a function leaves the language of models; it points at the line.

    Examples
    --------
    .. code-block:: python

        @dataclass(frozen=True)
        class PairParams:
            a_plus: float = 0.01
            a_minus: float = 0.012
            tau_ms: float = 20.0

        @sl.synapse(params=PairParams, pre={"x": "tau_ms"}, post={"y": "tau_ms"})
        class pair:
            def on_pre(s, p, pre, post):
                return s.next(w=s.w - p.a_minus * post.y)

            def on_post(s, p, pre, post):
                return s.next(w=s.w + p.a_plus * pre.x)

        rule = pair(w_max=1.0, tau_ms=15.0)
    """
    if not (isinstance(params, type) and is_dataclass(params) and params.__dataclass_params__.frozen):  # type: ignore[attr-defined]
        remedy = "Write @dataclass(frozen=True)."
        raise ParameterError("synapse", "params", params, "be a frozen dataclass", remedy)
    for name in (*_OWN, "dt_ms"):
        if name in (field.name for field in fields(params)):
            remedy = "p has the time step and the bounds of the weight in any case."
            raise ParameterError("synapse", "params", params, f"have no field {name}", remedy)
    if state is not None and not isinstance(state, Mapping):
        remedy = 'Write state={"c": "tau_c_ms"}, or state={"c": ""} for one that does not decay.'
        raise ParameterError("synapse", "state", state, "name the time constant of each state", remedy)
    for parameter, names in (("pre_values", pre_values), ("post_values", post_values), ("third", third)):
        if not isinstance(names, (tuple, list)):
            remedy = f"Write {parameter}=({names!r},)." if isinstance(names, str) else ""
            raise ParameterError("synapse", parameter, names, "be a tuple of names", remedy)
    declared = _Declared(
        dict(state or {}),
        _traces("pre", pre or {}),
        _traces("post", post or {}),
        tuple(pre_values),
        tuple(post_values),
        tuple(third),
    )
    _check_names(declared)
    if when is not None and when not in ("always", "signal"):
        require_positive("synapse", "when", require_scalar("synapse", "when", when), "ms")
    if prepare is not None and not callable(prepare):
        raise ParameterError("synapse", "prepare", prepare, "be a function of the parameters and dt_ms")

    def decorate(functions: type) -> SynapseFactory:
        try:
            return SynapseFactory(functions, params, declared, when, prepare, traits)
        except ModelError as error:  # its caret points at the line; how the parser got there helps nobody
            raise error.with_traceback(None) from None

    return decorate


class SynapseFactory:
    """What :func:`synapse` makes of a class of functions: call it with parameters to get a record."""

    def __init__(
        self,
        functions: type,
        params: type,
        declared: _Declared,
        when: When | None,
        prepare: Prepare | None,
        traits: Traits | None,
    ):
        self.functions = _functions(functions)
        self.params, self.declared = params, declared
        self.when, self.prepare, self.traits = when, prepare, traits
        self.__name__, self.__qualname__ = functions.__name__, functions.__qualname__
        self.__module__, self.__doc__ = functions.__module__, functions.__doc__
        try:
            example = params()
        except TypeError:  # a parameter without a default: checked when the first record is made
            return
        parse_rule(self.rule_for(example), "float64")

    def __call__(self, **parameters: Any) -> CustomSynapse:
        names = [field.name for field in fields(self.params)]
        require_known(self.__name__, [*names, *_OWN], parameters)
        values: dict[str, Any] = {}
        for field in fields(self.params):
            if field.name in parameters:
                check = require_flag if "bool" in str(field.type) else require_scalar
                values[field.name] = check(self.__name__, field.name, parameters[field.name])
            elif field.default is MISSING and field.default_factory is MISSING:
                raise ParameterError(self.__name__, field.name, None, "be given", "It has no default.")
        own = {name: parameters[name] for name in _OWN if name in parameters}
        if "w_max" not in own:
            remedy = "It bounds the sums of arriving spikes, from which their quantum is chosen."
            raise ParameterError(self.__name__, "w_max", None, "be given", remedy)
        record = CustomSynapse(factory=self, params=self.params(**values), **own)
        parse_rule(record.rule, "float64")
        return record

    def __repr__(self) -> str:
        return f"<rule of plasticity {self.__name__}>"

    def __reduce__(self) -> str:
        # Stored by its name, as a function is; a copy is the rule itself.
        return self.__qualname__

    def values(self, params: Any, dt_ms: float) -> dict[str, Any]:
        """Every field of ``p`` but the bounds, with its value."""
        values = {field.name: getattr(params, field.name) for field in fields(params)}
        if self.prepare is not None:
            made = self.prepare(params, dt_ms)
            if not isinstance(made, Mapping) or not all(isinstance(name, str) for name in made):
                remedy = 'End it with: return {"decay": ...}'
                raise ParameterError(
                    self.__name__, "prepare", made, "return a dict of names and numbers", remedy
                )
            values |= made
        return {
            name: value if isinstance(value, bool) else require_scalar(self.__name__, name, value)
            for name, value in values.items()
        }

    def rule_for(self, params: Any) -> Rule:
        """The kernel rule for these parameters; flags are substituted."""
        values = self.values(params, 0.1)
        static = {name: value for name, value in values.items() if isinstance(value, bool)}
        numbers = [name for name in values if name not in static]
        declared = self.declared
        taus = {
            **{f"state[{name}]": tau for name, tau in declared.state.items() if tau},
            **{f"pre[{name}]": trace.tau for name, trace in declared.pre.items()},
            **{f"post[{name}]": trace.tau for name, trace in declared.post.items()},
        }
        for place, tau in taus.items():
            if tau not in numbers:
                need = f"name one of the parameters {', '.join(numbers)}"
                raise ParameterError(self.__name__, place, tau, need, "It holds the time constant in ms.")
            require_positive(self.__name__, tau, values[tau], "ms")
        return Rule(
            name=self.__name__,
            constants=dict.fromkeys([*numbers, "w_min", "w_max", "dt_ms"], Type.REAL),
            static=static,
            **self.functions,
            **vars(declared),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class CustomSynapse(Plasticity):
    """A rule of the user's own; made by calling what :func:`synapse` returned."""

    factory: SynapseFactory
    params: Any

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return self.factory.rule_for(self.params)

    @property
    def traits(self) -> Traits:
        """What the author says that the rule needs."""
        return self.factory.traits or super().traits

    @property
    def when(self) -> When:
        """When ``on_step`` runs."""
        return super().when if self.factory.when is None else self.factory.when

    @property
    def parameters(self) -> dict[str, Any]:
        """What the factory makes the same record from."""
        own = {name: getattr(self, name) for name in _OWN}
        return {**own, **{field.name: getattr(self.params, field.name) for field in fields(self.params)}}

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule."""
        values = self.factory.values(self.params, dt_ms)
        numbers = {name: value for name, value in values.items() if not isinstance(value, bool)}
        return {**numbers, "w_min": self.w_min, "w_max": self.w_max, "dt_ms": dt_ms}

    def _owner(self) -> str:
        return self.factory.__name__

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self._owner()}({values}) [{self.traits.words}]"


def _traces(side: str, given: Mapping[str, str | Trace]) -> dict[str, Trace]:
    """Traces by name; a string stands for one that each spike raises by 1."""
    if not isinstance(given, Mapping):
        remedy = f'Write {side}={{"x": "tau_ms"}}.'
        raise ParameterError("synapse", side, given, "map names to time constants", remedy)
    traces = {name: Trace(trace) if isinstance(trace, str) else trace for name, trace in given.items()}
    for name, trace in traces.items():
        if not isinstance(trace, Trace):
            need = "name the parameter that holds its time constant in ms, or be a Trace"
            raise ParameterError("synapse", f"{side}[{name}]", trace, need)
        if trace.raised not in ("add", "set"):
            raise ParameterError("synapse", f"{side}[{name}].raised", trace.raised, "be 'add' or 'set'")
    return traces


def _check_names(declared: _Declared) -> None:
    """Refuse names that cannot stand after a dot, and those that mean two things."""
    groups: dict[str, list[str]] = {
        "state": ["w", *declared.state],
        "pre": ["spike", *declared.pre, *declared.pre_values],
        "post": ["spike", *declared.post, *declared.post_values],
        "third": list(declared.third),
    }
    for parameter, names in groups.items():
        for place, name in enumerate(names):
            if not (isinstance(name, str) and name.isidentifier()):
                raise ParameterError("synapse", parameter, name, "be a name that can stand after a dot")
            if name in names[:place]:
                remedy = f"{name} is there in any case." if name in ("w", "spike") else ""
                raise ParameterError("synapse", parameter, name, "be declared once", remedy)


def _functions(functions: type) -> dict[str, Any]:
    """The functions of a rule by their names."""
    if not isinstance(functions, type):
        remedy = "Write class pair: with def on_pre(s, p, pre, post) and so on below it."
        raise ParameterError("synapse", "functions", functions, "be a class of functions", remedy)
    owner = functions.__name__
    found = {name: value for name, value in vars(functions).items() if isinstance(value, FunctionType)}
    for name, function in found.items():
        if name not in _FUNCTIONS:
            remedy = "Helpers stand outside the class, at the top level of the file."
            raise ParameterError(owner, name, function, f"be one of {', '.join(_FUNCTIONS)}", remedy)
    if not found:
        remedy = "Write def on_pre(s, p, pre, post): return s.next(w=...)."
        raise ParameterError(owner, "functions", functions, f"have one of {', '.join(_FUNCTIONS)}", remedy)
    return found
