"""From a model's Python function to its typed program."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable

from spikelab_kernels.ir.builder import Builder, TypeRuleError
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.expressions import Value
from spikelab_kernels.ir.source import FunctionSource
from spikelab_kernels.ir.statements import MAX_UNROLL, Inlined
from spikelab_kernels.ir.types import Program, Type, real_type
from spikelab_kernels.ir.updates import Updating

__all__ = ["MAX_UNROLL", "parse_function", "parse_model"]

_SIGNATURE = ("s", "p", "inp", "rng")


def parse_model(model: Model, dtype: str) -> Program:
    """Translate the step function of `model` for one dtype.

    Parameters
    ----------
    model : Model
        The declaration.
    dtype : {"float32", "float64"}
        Width of the reals.

    Returns
    -------
    Program
        The typed operations.

    Raises
    ------
    ModelError
        Where the function leaves the language, with line and column.
    """
    return _StepParser(model, Builder(real_type(dtype))).run()


class _StepParser(Updating):
    """The step function of a model."""

    def __init__(self, model: Model, builder: Builder):
        owners = {name: name for name in ("s", "p", "inp")}
        super().__init__(model.step, builder, owners, self.field, _SIGNATURE, "a step function", model.state)
        self.model = model

    def run(self) -> Program:
        self.check_signature()
        result = self.body(self.source.node.body)
        match result.value:
            case ast.Tuple(
                elts=[ast.Call(func=ast.Attribute(value=ast.Name(id="s"), attr="next")) as update, fired]
            ):
                next_state = self.next_state(update)
                place = self.settled(fired, Type.I32)
            case _:
                raise self.source.error("return s.next(name=value, ...), spiked", result)
        if self.builder.type_of(place) is not Type.BOOL:
            raise self.source.error("the second value returned is whether the neuron spikes: a bool", fired)
        return self.builder.program(next_state, place)

    def field(self, owner: str, name: str, node: ast.Attribute, source: FunctionSource) -> Value:
        """What ``s.name``, ``p.name`` or ``inp.name`` is."""
        model = self.model
        match owner:
            case "s" if name in model.state:
                return self.builder.emit("state", (), model.state[name], name)
            case "p" if name in model.static:
                return self.builder.boolean(model.static[name])
            case "p" if name in model.constants:
                return self.builder.emit("constant", (), model.constants[name], name)
            case "inp" if name in model.receptors:
                return self.builder.emit("receptor", (), Type.REAL, name)
            case "inp" if name in model.currents:
                return self.builder.emit("current", (), Type.REAL, name)
        known = {"s": list(model.state), "p": [*model.constants, *model.static], "inp": list(model.inputs)}
        declared = ", ".join(known[owner]) or "nothing"
        raise source.error(f"{owner}.{name} is not declared. Declared: {declared}.", node)


def parse_function(function: Callable[..., object], dtype: str) -> Program:
    """Translate a function of reals, such as one of ``spikelab_kernels.math``.

    The arguments become constants named after them and the result the state ``result``.
    """
    builder = Builder(real_type(dtype))
    names = inspect.signature(function).parameters
    values: dict[str, Value] = {name: builder.emit("constant", (), Type.REAL, name) for name in names}
    inlined = Inlined(function, builder, values, {}, None, 0)
    try:
        (result,) = inlined.run()
    except TypeRuleError as error:
        raise inlined.source.error(str(error), inlined.source.node) from None
    return builder.program({"result": result}, builder.boolean(False))
