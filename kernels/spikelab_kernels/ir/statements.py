"""Statements of the restricted language, and the functions that are expanded where they are called."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from spikelab_kernels.ir.builder import Builder
from spikelab_kernels.ir.expressions import ARGUMENTS, Literal, Scope, Value, expression, settle
from spikelab_kernels.ir.source import FunctionSource, read_function
from spikelab_kernels.ir.types import Type

__all__ = ["MAX_UNROLL", "Inlined", "Statements"]

MAX_UNROLL = 16
_MAX_DEPTH = 8

Fields = Callable[[str, str, ast.Attribute, FunctionSource], Value]
"""``fields(owner, name, node, source)``: what ``owner.name`` is, where owner is s, p or inp."""


class Statements:
    """Walks statements; what a return means is left to the subclass.

    Parameters
    ----------
    function : callable
        The function whose source is walked.
    builder : Builder
        Receives the operations.
    owners : mapping of str to str
        Names in the function of what has fields, to "s", "p" or "inp".
    fields : callable, optional
        See :data:`Fields`.
    depth : int
        Calls that this function is inside of.
    """

    def __init__(
        self,
        function: Callable[..., object],
        builder: Builder,
        owners: Mapping[str, str],
        fields: Fields | None,
        depth: int = 0,
    ):
        self.source = read_function(function)
        self.builder, self.owners, self.fields, self.depth = builder, owners, fields, depth
        self.reserved = set(owners)
        self.globals = inspect.unwrap(function).__globals__
        self.scope = Scope(builder, self.source, self.attribute, self.call)

    def attribute(self, node: ast.Attribute) -> Value:
        if isinstance(node.value, ast.Name) and node.value.id in self.owners:
            assert self.fields is not None
            return self.fields(self.owners[node.value.id], node.attr, node, self.source)
        raise self.source.error("a dot is only used with the arguments of the function, as in s.name", node)

    def call(self, name: str, node: ast.Call, arguments: Sequence[ast.expr | int]) -> tuple[int, ...] | None:
        """Expand a function of mathematics, or one that stands beside this one; None if there is none."""
        function = _math_function(name, self.builder.dtype) or self.globals.get(name)
        if not inspect.isfunction(function):
            return None
        if self.depth >= _MAX_DEPTH:
            raise self.source.error(f"more than {_MAX_DEPTH} calls stand inside each other", node)
        names = list(inspect.signature(function).parameters)
        if len(arguments) != len(names):
            raise self.source.error(f"{name} takes {len(names)} arguments, not {len(arguments)}", node)
        values: dict[str, Value] = {}
        owners: dict[str, str] = {}
        for parameter, argument in zip(names, arguments, strict=True):
            if isinstance(argument, ast.Name) and argument.id in self.owners:
                owners[parameter] = self.owners[argument.id]
            else:
                value = argument if isinstance(argument, int) else expression(self.scope, argument)
                values[parameter] = settle(self.builder, value, Type.REAL)
        return Inlined(function, self.builder, values, owners, self.fields, self.depth + 1).run()

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
            case ast.Assign(
                targets=[ast.Tuple(elts=targets)], value=ast.Call(func=ast.Name(id=name)) as call
            ):
                self.assign_several(targets, name, call)
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

    def assign(self, name: str, node: ast.AST, value: Value) -> None:
        if name in self.reserved:
            raise self.source.error(f"{name} cannot be assigned to", node)
        self.scope.locals[name] = value

    def assign_several(self, targets: list[ast.expr], name: str, node: ast.Call) -> None:
        if node.keywords:
            raise self.source.error("functions take no keyword arguments", node)
        places = None if name in ARGUMENTS else self.call(name, node, node.args)
        if places is None:
            raise self.source.error(
                f"{name!r} is no function of yours, which alone return several values", node
            )
        if len(places) != len(targets):
            raise self.source.error(f"{name} returns {len(places)} values, not {len(targets)}", node)
        for target, place in zip(targets, places, strict=True):
            if not isinstance(target, ast.Name):
                raise self.source.error("only names are assigned to", target)
            self.assign(target.id, target, place)

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


class Inlined(Statements):
    """A function of reals that is expanded where it is called.

    `values` and `owners` bind its parameters: to places, or to the fields of s, p and inp.
    """

    def __init__(
        self,
        function: Callable[..., object],
        builder: Builder,
        values: Mapping[str, Value],
        owners: Mapping[str, str],
        fields: Fields | None,
        depth: int,
    ):
        super().__init__(function, builder, owners, fields, depth)
        self.scope.locals.update(values)

    def run(self) -> tuple[int, ...]:
        """Places of the values that it returns."""
        result = self.body(self.source.node.body).value
        assert result is not None
        nodes = result.elts if isinstance(result, ast.Tuple) else [result]
        return tuple(settle(self.builder, expression(self.scope, node), Type.REAL) for node in nodes)


@cache
def _math_function(name: str, dtype: str) -> Callable[..., object] | None:
    from spikelab_kernels.math import REGISTRY

    return REGISTRY.get(name, {}).get(dtype)
