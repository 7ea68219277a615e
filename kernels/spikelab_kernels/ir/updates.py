"""What a function of a model or a rule returns: new values of its states, by name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from spikelab_kernels.ir.builder import Builder, TypeRuleError
from spikelab_kernels.ir.expressions import expression, settle
from spikelab_kernels.ir.statements import Fields, Statements
from spikelab_kernels.ir.types import Type

__all__ = ["Updating"]


class Updating(Statements):
    """A function with one signature that returns ``s.next(...)``.

    Parameters
    ----------
    function : callable
    builder : Builder
    owners : mapping of str to str
        See :class:`Statements`.
    fields : callable
        See :class:`Statements`.
    signature : tuple of str
        Names of its arguments.
    kind : str
        What the function is called in messages.
    state : mapping of str to Type
        States that it may set.
    """

    def __init__(
        self,
        function: Callable[..., object],
        builder: Builder,
        owners: Mapping[str, str],
        fields: Fields,
        signature: tuple[str, ...],
        kind: str,
        state: Mapping[str, Type],
    ):
        super().__init__(function, builder, owners, fields)
        self.reserved = set(signature)
        self.signature, self.kind, self.state = signature, kind, state

    def check_signature(self) -> None:
        """Refuse other arguments than those that the function is given."""
        arguments = self.source.node.args
        more = (*arguments.posonlyargs, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        if tuple(a.arg for a in arguments.args) != self.signature or any(more) or arguments.defaults:
            names = ", ".join(self.signature)
            raise self.source.error(f"{self.kind} has the arguments ({names})", self.source.node)

    def settled(self, node: ast.expr, kind: Type) -> int:
        """Translate `node`; an integer literal takes the type `kind`."""
        value = expression(self.scope, node)
        try:
            return settle(self.builder, value, kind)
        except TypeRuleError as error:
            raise self.source.error(str(error), node) from None

    def next_state(self, node: ast.Call) -> dict[str, int]:
        """Places of the new values, in the order of the declared states."""
        if node.args:
            raise self.source.error("s.next takes keyword arguments only", node)
        result: dict[str, int] = {}
        for keyword in node.keywords:
            name = keyword.arg
            if name is None:
                raise self.source.error("s.next takes its states by name, without **", keyword.value)
            if name not in self.state:
                raise self.source.error(
                    f"{name!r} is not a declared state. Declared: {', '.join(self.state)}.", keyword.value
                )
            kind = self.state[name]
            value = self.settled(keyword.value, kind)
            if self.builder.type_of(value) is not kind:
                found = self.builder.type_of(value).value
                raise self.source.error(f"state {name} is {kind.value}, not {found}", keyword.value)
            result[name] = value
        return {name: result[name] for name in self.state if name in result}
