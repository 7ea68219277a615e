"""From a model's Python function to its typed program."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache

from spikelab_kernels.ir.builder import Builder, TypeRuleError
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.expressions import Literal, Scope, Value, expression, settle
from spikelab_kernels.ir.source import FunctionSource, read_function
from spikelab_kernels.ir.types import Program, Type, real_type

__all__ = ["MAX_UNROLL", "parse_function", "parse_model"]

MAX_UNROLL = 16
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
    source = read_function(model.step)
    return _StepParser(model, source, Builder(real_type(dtype))).run()


class _Statements:
    """Walks statements; what a return means is left to the subclass."""

    reserved: tuple[str, ...] = ()

    def __init__(self, source: FunctionSource, builder: Builder):
        self.source = source
        self.builder = builder
        self.scope = Scope(builder, source, self.attribute, self.call)

    def attribute(self, node: ast.Attribute) -> Value:
        raise self.source.error("a dot is only used with s, p, inp and rng", node)

    def call(self, name: str, node: ast.Call, values: list[Value]) -> Value | None:
        function = _math_function(name, self.builder.dtype)
        if function is None:
            return None
        return self.inline(function, name, node, values)

    def inline(self, function: Callable[..., object], name: str, node: ast.Call, values: list[Value]) -> int:
        places = [settle(self.builder, value, Type.REAL) for value in values]
        inlined = _Inlined(function, self.builder)
        if len(places) != len(inlined.names):
            raise self.source.error(f"{name} takes {len(inlined.names)} arguments, not {len(places)}", node)
        return inlined.run(places)

    def body(self, statements: list[ast.stmt]) -> ast.Return:
        """Translate `statements`, which end in exactly one return."""
        for statement in statements[:-1]:
            self.statement(statement)
        last = statements[-1]
        if not isinstance(last, ast.Return):
            self.statement(last)  # a refused statement says more than a missing return
        if not isinstance(last, ast.Return) or last.value is None:
            raise self.source.error("the function must end in exactly one return", last)
        return last

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.assign(name, node, expression(self.scope, value))
            case ast.AugAssign(target=ast.Name(id=name), op=operator, value=value):
                joined = ast.BinOp(ast.Name(name, ast.Load()), operator, value)
                ast.copy_location(joined, node)
                ast.copy_location(joined.left, node)
                self.assign(name, node, expression(self.scope, joined))
            case ast.For():
                self.unroll(node)
            case ast.If():
                raise self.source.error("if is not in the language; use where(condition, a, b)", node)
            case ast.While():
                raise self.source.error("while loops are not in the language of models", node)
            case ast.Return():
                raise self.source.error("the function must end in exactly one return", node)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                raise self.source.error(
                    "only 'name = expression' is allowed; state is set by s.next(...)", node
                )
            case _:
                raise self.source.error(f"{type(node).__name__} is not in the language of models", node)

    def assign(self, name: str, node: ast.stmt, value: Value) -> None:
        if name in self.reserved:
            raise self.source.error(f"{name} cannot be assigned to", node)
        self.scope.locals[name] = value

    def unroll(self, node: ast.For) -> None:
        match node:
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))], keywords=[]),
                orelse=[],
            ) if count <= MAX_UNROLL:
                for turn in range(count):
                    self.assign(name, node, Literal(turn))
                    for statement in node.body:
                        self.statement(statement)
            case _:
                raise self.source.error(
                    f"the only loop is 'for i in range(K)' with a literal K <= {MAX_UNROLL}; it is unrolled",
                    node,
                )


class _StepParser(_Statements):
    """The step function of a model."""

    reserved = _SIGNATURE

    def __init__(self, model: Model, source: FunctionSource, builder: Builder):
        super().__init__(source, builder)
        self.model = model

    def run(self) -> Program:
        node = self.source.node
        arguments = node.args
        more = (*arguments.posonlyargs, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        if tuple(a.arg for a in arguments.args) != _SIGNATURE or any(more) or arguments.defaults:
            raise self.source.error("a step function has the arguments (s, p, inp, rng)", node)
        result = self.body(node.body)
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

    def settled(self, node: ast.expr, kind: Type) -> int:
        """Translate `node`; an integer literal takes the type `kind`."""
        value = expression(self.scope, node)
        try:
            return settle(self.builder, value, kind)
        except TypeRuleError as error:
            raise self.source.error(str(error), node) from None

    def next_state(self, node: ast.Call) -> dict[str, int]:
        if node.args:
            raise self.source.error("s.next takes keyword arguments only", node)
        result: dict[str, int] = {}
        for keyword in node.keywords:
            name = keyword.arg
            if name is None:
                raise self.source.error("s.next takes its states by name, without **", keyword.value)
            if name not in self.model.state:
                raise self.source.error(
                    f"{name!r} is not a declared state. Declared: {', '.join(self.model.state)}.",
                    keyword.value,
                )
            kind = self.model.state[name]
            value = self.settled(keyword.value, kind)
            if self.builder.type_of(value) is not kind:
                found = self.builder.type_of(value).value
                raise self.source.error(f"state {name} is {kind.value}, not {found}", keyword.value)
            result[name] = value
        return {name: result[name] for name in self.model.state if name in result}

    def attribute(self, node: ast.Attribute) -> Value:
        owner, name, model = node.value, node.attr, self.model
        if isinstance(owner, ast.Name):
            match owner.id:
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
            known = {
                "s": list(model.state),
                "p": [*model.constants, *model.static],
                "inp": list(model.inputs),
            }
            if owner.id in known:
                declared = ", ".join(known[owner.id]) or "nothing"
                raise self.source.error(f"{owner.id}.{name} is not declared. Declared: {declared}.", node)
        return super().attribute(node)


class _Inlined(_Statements):
    """A function of reals that is expanded where it is called."""

    def __init__(self, function: Callable[..., object], builder: Builder):
        super().__init__(read_function(function), builder)
        self.globals = inspect.unwrap(function).__globals__
        self.names = [a.arg for a in self.source.node.args.args]

    def call(self, name: str, node: ast.Call, values: list[Value]) -> Value | None:
        helper = self.globals.get(name)
        if helper is None or not inspect.isfunction(helper):
            return None
        return self.inline(helper, name, node, values)

    def run(self, places: list[int]) -> int:
        self.scope.locals.update(zip(self.names, places, strict=True))
        result = self.body(self.source.node.body)
        assert result.value is not None
        return settle(self.builder, expression(self.scope, result.value), Type.REAL)


def parse_function(function: Callable[..., object], dtype: str) -> Program:
    """Translate a function of reals, such as one of ``spikelab_kernels.math``.

    The arguments become constants named after them and the result the state ``result``.
    """
    builder = Builder(real_type(dtype))
    inlined = _Inlined(function, builder)
    places = [builder.emit("constant", (), Type.REAL, name) for name in inlined.names]
    try:
        result = inlined.run(places)
    except TypeRuleError as error:
        raise inlined.source.error(str(error), inlined.source.node) from None
    return builder.program({"result": result}, builder.boolean(False))


@cache
def _math_function(name: str, dtype: str) -> Callable[..., object] | None:
    from spikelab_kernels.math import REGISTRY

    return REGISTRY.get(name, {}).get(dtype)
