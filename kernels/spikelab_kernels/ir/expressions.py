"""Expressions of the restricted language, turned into typed operations."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from spikelab_kernels.ir.builder import Builder, TypeRuleError
from spikelab_kernels.ir.source import FunctionSource
from spikelab_kernels.ir.types import Type

__all__ = ["ARGUMENTS", "Literal", "Scope", "Value", "expression", "settle"]

_BINARY = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div"}
_COMPARE = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}
_TWO_BITS = ("shl", "shr", "band", "bor")
# Functions of the language by their number of arguments.
ARGUMENTS = {
    "where": 3, "min": 2, "max": 2, "abs": 1, "sqrt": 1, "floor": 1, "real": 1, "both": 2, "either": 2,
    "negate": 1, "to_bits": 1, "from_bits": 1, **dict.fromkeys(_TWO_BITS, 2),
}  # fmt: skip


@dataclass(frozen=True)
class Literal:
    """An integer literal whose type the other operand decides."""

    value: int


Value = int | Literal


@dataclass
class Scope:
    """What an expression may refer to.

    Attributes
    ----------
    builder : Builder
        Receives the operations.
    source : FunctionSource
        For places in messages.
    locals : dict of str to Value
        Names assigned so far.
    attribute : callable
        ``attribute(node) -> Value`` for ``s.x``, ``p.x``, ``inp.x``.
    call : callable
        ``call(name, node, arguments) -> places or None`` for functions beyond the
        language's own, such as exp or a helper of the model. Arguments are expressions
        or places; the result has a place for each value returned, None if unknown.
    """

    builder: Builder
    source: FunctionSource
    attribute: Callable[[ast.Attribute], Value]
    call: Callable[[str, ast.Call, Sequence[ast.expr | int]], tuple[int, ...] | None]
    locals: dict[str, Value] = field(default_factory=dict)


def settle(builder: Builder, value: Value, kind: Type = Type.I32) -> int:
    """Give a pending integer literal its type."""
    return builder.integer(value.value, kind) if isinstance(value, Literal) else value


def _pair(builder: Builder, a: Value, b: Value) -> tuple[int, int]:
    if isinstance(a, Literal) and isinstance(b, Literal):
        return settle(builder, a), settle(builder, b)
    if isinstance(a, Literal):
        assert not isinstance(b, Literal)
        return builder.integer(a.value, builder.type_of(b)), b
    return a, settle(builder, b, builder.type_of(a))


def expression(scope: Scope, node: ast.expr) -> Value:
    """Translate one expression; errors carry its line and column."""
    try:
        return _translate(scope, node)
    except TypeRuleError as error:
        raise scope.source.error(str(error), node) from None


def _translate(scope: Scope, node: ast.expr) -> Value:
    build = scope.builder
    match node:
        case ast.Constant(value=bool(value)):
            return build.boolean(value)
        case ast.Constant(value=int(value)):
            return Literal(value)
        case ast.Constant(value=float(value)):
            return build.real(value)
        case ast.Name(id=name):
            return _name(scope, node, name)
        case ast.Attribute():
            return scope.attribute(node)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = expression(scope, operand)
            return Literal(-inner.value) if isinstance(inner, Literal) else build.negative(inner)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return build.logic("not", [settle(build, expression(scope, operand))])
        case ast.BinOp(left=left, op=operator, right=right):
            if type(operator) not in _BINARY:
                raise scope.source.error(_refused_operator(operator), node)
            a, b = _pair(build, expression(scope, left), expression(scope, right))
            return build.binary(_BINARY[type(operator)], a, b)
        case ast.Compare(left=left, ops=operators, comparators=[right, *more]):
            if more:
                raise scope.source.error("comparisons are not chained; join two by 'and'", node)
            if type(operators[0]) not in _COMPARE:
                raise scope.source.error("only < <= > >= == != compare", node)
            a, b = _pair(build, expression(scope, left), expression(scope, right))
            return build.binary(_COMPARE[type(operators[0])], a, b)
        case ast.BoolOp(op=operator, values=values):
            places = [settle(build, expression(scope, value)) for value in values]
            return build.logic("and" if isinstance(operator, ast.And) else "or", places)
        case ast.Call():
            return _call(scope, node)
        case ast.IfExp():
            raise scope.source.error("'a if c else b' is not in the language; use where(c, a, b)", node)
    raise scope.source.error(f"{type(node).__name__} is not in the language of models", node)


def _refused_operator(operator: ast.operator) -> str:
    known = {
        ast.FloorDiv: "// is not in the language; use floor(a / b)",
        ast.Mod: "% is not in the language; use a - floor(a / b) * b",
        ast.Pow: "** is not in the language; write x * x, or pow(x, y)",
    }
    return known.get(
        type(operator), f"the operator {type(operator).__name__} is not in the language of models"
    )


def _name(scope: Scope, node: ast.Name, name: str) -> Value:
    if name in scope.locals:
        return scope.locals[name]
    raise scope.source.error(
        f"{name!r} is not declared: a model sees its state s, parameters p, inputs inp and its own "
        "locals, and no globals or closures. Make it a parameter or write the number.",
        node,
    )


def _call(scope: Scope, node: ast.Call) -> Value:
    build, source = scope.builder, scope.source
    if isinstance(node.func, ast.Attribute):
        return _draw(scope, node)
    if not isinstance(node.func, ast.Name):
        raise source.error("only functions of the language can be called, by their plain name", node)
    if node.keywords:
        raise source.error("functions of the language take no keyword arguments", node)
    name = node.func.id
    if name not in ARGUMENTS:
        return _expanded(scope, node, name, node.args)
    values = [expression(scope, argument) for argument in node.args]
    if len(values) != ARGUMENTS[name]:
        raise source.error(f"{name} takes {ARGUMENTS[name]} arguments, not {len(values)}", node)
    match name:
        case "where":
            return build.where(settle(build, values[0]), *_pair(build, values[1], values[2]))
        case "min":
            return build.minimum(*_pair(build, values[0], values[1]))
        case "max":
            return build.maximum(*_pair(build, values[0], values[1]))
        case "abs" | "sqrt" | "floor":
            return build.unary_real(name, settle(build, values[0], Type.REAL))
        case "real":
            return build.to_real(settle(build, values[0], Type.REAL))
        case "both" | "either" | "negate":
            logic = {"both": "and", "either": "or", "negate": "not"}[name]
            return build.logic(logic, [settle(build, value) for value in values])
        case "to_bits" | "from_bits":
            return build.bit_operation(name, [settle(build, values[0], Type.BITS)])
        case _:
            return build.bit_operation(name, list(_pair(build, values[0], values[1])))


def _expanded(scope: Scope, node: ast.Call, name: str, arguments: Sequence[ast.expr | int]) -> int:
    """The one value of a function that is expanded where it is called."""
    result = scope.call(name, node, arguments)
    if result is None:
        raise scope.source.error(
            f"{name!r} is not a function of the language. Known: where, min, max, abs, sqrt, floor, "
            "real, exp, expm1, log, tanh, pow, rng.uniform, rng.normal, and functions of reals that you "
            "write at the top level of the model's file.",
            node,
        )
    if len(result) > 1:
        names = ", ".join("abcdefgh"[: len(result)])
        raise scope.source.error(f"{name} returns {len(result)} values; write {names} = {name}(...)", node)
    return result[0]


def _draw(scope: Scope, node: ast.Call) -> Value:
    function = node.func
    assert isinstance(function, ast.Attribute)
    is_rng = isinstance(function.value, ast.Name) and function.value.id == "rng"
    if not is_rng or function.attr not in ("uniform", "normal") or node.args or node.keywords:
        raise scope.source.error(
            "only rng.uniform() and rng.normal() can be called with a dot, without arguments", node
        )
    word = scope.builder.uniform()
    if function.attr == "uniform":
        return word
    return _expanded(scope, node, "inverse_normal_cdf", [word])
