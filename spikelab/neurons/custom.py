"""``@neuron``: a model of the user's own, written as one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from numbers import Real
from types import FunctionType
from typing import Any

import numpy as np

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.errors import ModelError
from spikelab_kernels.ir.parse import parse_model
from spikelab_kernels.ir.types import Type

from ..connect.distributions import Distribution
from ..errors import ParameterError
from ..frozen import frozen_record
from ..units import real_array, require_finite, require_flag
from .base import Neuron
from .checks import is_distribution

__all__ = ["CustomNeuron", "NeuronFactory", "neuron"]

Prepare = Callable[[Any, float], Mapping[str, Any]]


def neuron(
    *,
    params: type,
    state: Mapping[str, Any],
    receptors: tuple[str, ...] = ("input",),
    currents: tuple[str, ...] = (),
    prepare: Prepare | None = None,
    output: str = "",
    weight_unit: str = "",
) -> Callable[[Callable[..., Any]], NeuronFactory]:
    """Turn a step function into a neuron model that runs as fast as the built-in ones.

    Parameters
    ----------
    params : frozen dataclass
        The model's parameters with their defaults.
    state : mapping of str to float, int, bool or str
        State variables and their initial values; a string names the parameter that holds it.
        A float makes a real state, an int an integer one, a bool a boolean one.
    receptors : tuple of str
        Fields of ``inp``, which projections can address; may be empty.
    currents : tuple of str
        Further fields of ``inp`` that take real values only, such as a current that is held for a step.
    prepare : callable, optional
        ``prepare(params, dt_ms) -> dict`` computes further fields of ``p`` once, in float64.
        The parameters themselves and ``dt_ms`` are fields of ``p`` in any case; a bool is
        substituted before compilation.
    output : str, optional
        State that a rate model hands on; leave it out for a spiking model.
    weight_unit : str, optional
        Unit of the weights, for tables.

    Returns
    -------
    callable
        The decorator; it turns ``def step(s, p, inp, rng)`` into a factory of neuron records.

    Raises
    ------
    ModelError
        Where the function leaves the language of models; it points at the line.

    Examples
    --------
    .. code-block:: python

        @dataclass(frozen=True)
        class QIFParams:
            tau_mem_ms: float = 10.0
            v_peak: float = 10.0

        @sl.neuron(params=QIFParams, state={"v": 0.0})
        def qif(s, p, inp, rng):
            v = s.v + p.dt_ms / p.tau_mem_ms * s.v * s.v + inp.input
            spiked = v >= p.v_peak
            return s.next(v=where(spiked, -p.v_peak, v)), spiked

        cell = qif(tau_mem_ms=20.0)
    """
    if not (isinstance(params, type) and is_dataclass(params) and params.__dataclass_params__.frozen):  # type: ignore[attr-defined]
        raise ParameterError(
            "neuron", "params", params, "be a frozen dataclass", "Write @dataclass(frozen=True)."
        )
    known = [field.name for field in fields(params)]
    if "dt_ms" in known:
        raise ParameterError("neuron", "params", params, "have no field dt_ms", "p.dt_ms is the time step.")
    if not isinstance(state, Mapping) or not state:
        remedy = 'Write state={"v": 0.0}.'
        raise ParameterError("neuron", "state", state, "map at least one name to its first value", remedy)
    for parameter, given in (("receptors", receptors), ("currents", currents)):
        if not isinstance(given, (tuple, list)):
            remedy = f"Write {parameter}=({given!r},)." if isinstance(given, str) else ""
            raise ParameterError("neuron", parameter, given, "be a tuple of names", remedy)
    for parameter, names in (("state", state), ("receptors", receptors), ("currents", currents)):
        for name in names:
            if not (isinstance(name, str) and name.isidentifier()):
                raise ParameterError("neuron", parameter, name, "be a name that can stand after a dot")
    if len(set(receptors)) < len(receptors):
        raise ParameterError("neuron", "receptors", receptors, "name each receptor once")
    if len({*receptors, *currents}) < len(receptors) + len(currents):
        raise ParameterError("neuron", "currents", currents, "name each input once, receptors included")
    for name, value in state.items():
        number = isinstance(value, (bool, np.bool_, Real)) and value == value
        if not number and not (isinstance(value, str) and value in known):
            need = f"be a number or name one of the parameters {', '.join(known)}"
            raise ParameterError("neuron", f"state[{name}]", value, need)
    if prepare is not None and not callable(prepare):
        raise ParameterError("neuron", "prepare", prepare, "be a function of the parameters and dt_ms")
    for parameter, text in (("output", output), ("weight_unit", weight_unit)):
        if not isinstance(text, str):
            raise ParameterError("neuron", parameter, text, "be a str")
    if output and output not in state:
        raise ParameterError("neuron", "output", output, f"be one of the states {', '.join(state)}")

    def decorate(step: Callable[..., Any]) -> NeuronFactory:
        if not isinstance(step, FunctionType):
            raise ParameterError("neuron", "step", step, "be a function", "Write def step(s, p, inp, rng).")
        inputs = tuple(receptors), tuple(currents)
        try:
            return NeuronFactory(step, params, dict(state), *inputs, prepare, output, weight_unit)
        except ModelError as error:  # its caret points at the line; how the parser got there helps nobody
            raise error.with_traceback(None) from None

    return decorate


class NeuronFactory:
    """What :func:`neuron` makes of a step function: call it with parameters to get a neuron."""

    def __init__(
        self,
        step: Callable[..., Any],
        params: type,
        state: dict[str, Any],
        receptors: tuple[str, ...],
        currents: tuple[str, ...],
        prepare: Prepare | None,
        output: str,
        weight_unit: str,
    ):
        self.step, self.params, self.state = step, params, state
        self.receptors, self.currents = receptors, currents
        self.prepare, self.output, self.unit = prepare, output, weight_unit
        self.__name__, self.__qualname__ = step.__name__, step.__qualname__
        self.__module__, self.__doc__ = step.__module__, step.__doc__
        try:
            example = params()
        except TypeError:  # a parameter without a default: checked when the first neuron is made
            return
        parse_model(self.model_for(example), "float64")

    def __call__(self, **parameters: Any) -> CustomNeuron:
        unknown = set(parameters) - {field.name for field in fields(self.params)}
        if unknown:
            name = sorted(unknown)[0]
            known = ", ".join(field.name for field in fields(self.params))
            raise ParameterError(self.__name__, name, parameters[name], f"be one of the parameters {known}")
        for field in fields(self.params):
            if field.name in parameters:
                parameters[field.name] = self._checked(field, parameters[field.name])
            elif field.default is MISSING and field.default_factory is MISSING:
                raise ParameterError(self.__name__, field.name, None, "be given", "It has no default.")
        spread = {name: value for name, value in parameters.items() if is_distribution(value)}
        # the user's class is shown numbers, which its checks and functions understand
        made = self.params(**parameters | {name: _typical(value) for name, value in spread.items()})
        record = CustomNeuron(factory=self, params=frozen_record(_with(made, spread)))
        for name in (field.name for field in fields(record.params)):
            value = getattr(record.params, name)
            if isinstance(value, (float, np.floating, np.ndarray)):
                require_finite(self.__name__, name, value)
        parse_model(record.model, "float64")
        return record

    def __repr__(self) -> str:
        return f"<neuron model {self.__name__}>"

    def __reduce__(self) -> str:
        # Stored by its name, as a function is; a copy is the model itself.
        return self.__qualname__

    def _checked(self, field: Field[Any], value: Any) -> Any:
        """The value of a parameter in the type that its annotation names, a sequence as an array."""
        owner, kind = self.__name__, _kind(field)
        if is_distribution(value):
            if kind != "float":
                remedy = "Only a parameter declared as float is drawn."
                raise ParameterError(owner, field.name, value, f"be of type {kind or field.type}", remedy)
            return value
        if kind == "bool":
            return require_flag(owner, field.name, value)
        if kind in ("float", "int"):
            array = real_array(owner, field.name, value)
            if kind == "int" and np.asarray(value).dtype.kind not in "iu":
                raise ParameterError(owner, field.name, value, "hold integers")
            if array.ndim > 1 or array.size == 0:
                need = f"be a scalar or an array [neuron], not of shape {array.shape}"
                raise ParameterError(owner, field.name, value, need)
            if kind == "int":
                return np.asarray(value) if array.ndim else int(value)
            return array if array.ndim else float(array)
        return np.asarray(value) if isinstance(value, (list, tuple)) else value

    def values(self, params: Any, dt_ms: float) -> dict[str, Any]:
        """Every field of ``p`` with its value."""
        result = {field.name: getattr(params, field.name) for field in fields(params)}
        result["dt_ms"] = dt_ms
        if self.prepare is None:
            return result
        made = self.prepare(params, dt_ms)
        if not isinstance(made, Mapping) or not all(isinstance(name, str) for name in made):
            remedy = 'End it with: return {"decay": ...}'
            raise ParameterError(self.__name__, "prepare", made, "return a dict of names and numbers", remedy)
        return {**result, **made}

    def model_for(self, params: Any) -> Model:
        """The kernel model for these parameters; booleans are substituted."""
        params = _with(params, {name: _typical(value) for name, value in _spread(params).items()})
        values = {
            name: value
            for name, value in self.values(params, 0.1).items()
            if isinstance(value, (bool, np.bool_, int, float, np.integer, np.floating, np.ndarray, list))
        }
        for name, value in values.items():
            if isinstance(value, list):
                real_array(self.__name__, name, value)
        static = {name: bool(value) for name, value in values.items() if isinstance(value, (bool, np.bool_))}
        for name, value in values.items():
            if name not in static and np.asarray(value).dtype.kind == "b":
                need = "be True or False, the same for all neurons"
                raise ParameterError(self.__name__, name, value, need)
        # a field declared as float is real, whatever number it was given
        real = {field.name for field in fields(self.params) if _kind(field) == "float"}
        constants = {
            name: Type.REAL if name in real else self._type_of(name, value)
            for name, value in values.items()
            if name not in static
        }
        state = {
            name: Type.REAL
            if isinstance(start, str) and start in real
            else self._type_of(name, self._start(params, name))
            for name, start in self.state.items()
        }
        return Model(
            name=self.__name__,
            step=self.step,
            state=state,
            constants=constants,
            receptors=self.receptors,
            currents=self.currents,
            static=static,
            output=self.output,
        )

    def start(self, params: Any) -> dict[str, Any]:
        """Initial value of every state."""
        return {name: self._start(params, name) for name in self.state}

    def _start(self, params: Any, name: str) -> Any:
        value = self.state[name]
        return getattr(params, value) if isinstance(value, str) else value

    def _type_of(self, name: str, value: Any) -> Type:
        array = np.asarray(value)
        if array.dtype == np.uint32:
            return Type.U32
        if array.dtype.kind in "iu":
            limits = np.iinfo(np.int32)
            if array.size and (array.min() < limits.min or array.max() > limits.max):
                need = "fit into 32 bits; a number with a decimal point makes a real"
                raise ParameterError(self.__name__, name, value, need)
            return Type.I32
        return Type.BOOL if array.dtype.kind == "b" else Type.REAL


def _spread(params: Any) -> dict[str, Distribution]:
    """Parameters that are still to be drawn."""
    values = {field.name: getattr(params, field.name) for field in fields(params)}
    return {name: value for name, value in values.items() if is_distribution(value)}


def _typical(spread: Distribution) -> float:
    return float(spread.sample(1, 0)[0])


def _with(params: Any, values: Mapping[str, Any]) -> Any:
    """A copy with other values, not made by the user's constructor, which may refuse a distribution."""
    twin = copy(params)
    for name, value in values.items():
        object.__setattr__(twin, name, value)
    return twin


def _kind(field: Field[Any]) -> str:
    """The type of number that an annotation names; empty where it names none."""
    text = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
    return next((kind for kind in ("bool", "float", "int") if kind in text), "")


@dataclass(frozen=True, kw_only=True, eq=False)
class CustomNeuron(Neuron):
    """A neuron of a user's model; made by calling what :func:`neuron` returned."""

    factory: NeuronFactory
    params: Any

    @property
    def weight_unit(self) -> str:  # type: ignore[override]
        """Unit of the weights of spikes that arrive here."""
        return self.factory.unit

    @property
    def model(self) -> Model:
        """The kernel model."""
        return self.factory.model_for(self.params)

    @property
    def distributions(self) -> dict[str, Distribution]:
        """Parameters that are still to be drawn, by name."""
        return _spread(self.params)

    def drawn(self, n: int, key_of: Callable[[str], int]) -> CustomNeuron:
        """The record with every distribution replaced by values of it, one for each of `n` neurons."""
        drawn = {name: spread.sample(n, key_of(name)) for name, spread in self.distributions.items()}
        if not drawn:
            return self
        kept = {field.name: getattr(self.params, field.name) for field in fields(self.params)}
        return self.factory(**{**kept, **drawn})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step."""
        return self.factory.values(self._numbers().params, dt_ms)

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return self.factory.start(self._numbers().params)

    def _owner(self) -> str:
        return self.factory.__name__

    def check_size(self, n: int) -> None:
        """Refuse array parameters that do not fit a population of `n` neurons."""
        for field in fields(self.params):
            value = getattr(self.params, field.name)
            if isinstance(value, np.ndarray) and value.shape != (n,):
                need = f"be a scalar or have one value for each of the {n} neurons, not shape {value.shape}"
                raise ParameterError(self.factory.__name__, field.name, value, need)

    def __repr__(self) -> str:
        values = ", ".join(f"{f.name}={getattr(self.params, f.name)!r}" for f in fields(self.params))
        return f"{self.factory.__name__}({values})"
