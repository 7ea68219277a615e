"""From the functions of a rule of synapses to their typed programs."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

from spikelab_kernels.ir.builder import Builder
from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.ir.expressions import Value
from spikelab_kernels.ir.source import FunctionSource
from spikelab_kernels.ir.types import Program, Type, real_type
from spikelab_kernels.ir.updates import Updating

__all__ = ["RulePrograms", "parse_rule"]

_EVENT = ("s", "p", "pre", "post")


class RulePrograms(NamedTuple):
    """Programs of the functions of a rule; None for those that it does not have.

    Their leaves are ``state``, ``constant``, ``pre``, ``post`` and ``third``.
    """

    on_pre: Program | None
    on_post: Program | None
    on_step: Program | None

    def read(self, owner: str) -> list[str]:
        """Names that any function reads of ``"pre"``, ``"post"``, ``"third"`` or another kind of leaf."""
        names = [name for program in self if program is not None for name in program.used(owner)]
        return list(dict.fromkeys(names))


def parse_rule(rule: Rule, dtype: str) -> RulePrograms:
    """Translate the functions of `rule` for one dtype.

    Parameters
    ----------
    rule : Rule
        The declaration.
    dtype : {"float32", "float64"}
        Width of the reals.

    Raises
    ------
    ModelError
        Where a function leaves the language, with line and column.
    """
    functions = {"on_pre": rule.on_pre, "on_post": rule.on_post, "on_step": rule.on_step}
    return RulePrograms(
        *(
            None if function is None else _RuleParser(rule, name, function, Builder(real_type(dtype))).run()
            for name, function in functions.items()
        )
    )


class _RuleParser(Updating):
    """One function of a rule."""

    def __init__(self, rule: Rule, name: str, function: Callable[..., object], builder: Builder):
        self.stepped = name == "on_step"
        signature = (*_EVENT, "third") if self.stepped else _EVENT
        state = dict.fromkeys(("w", *rule.state), Type.REAL)
        owners = {name: name for name in signature}
        super().__init__(function, builder, owners, self.field, signature, name, state)
        self.rule = rule

    def run(self) -> Program:
        self.check_signature()
        result = self.body(self.source.node.body)
        match result.value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="s"), attr="next")) as update:
                next_state = self.next_state(update)
            case _:
                raise self.source.error("return s.next(w=value, ...)", result)
        if self.builder.n_draws:
            names = (node for node in ast.walk(self.source.node) if isinstance(node, ast.Name))
            draw = next((node for node in names if node.id == "rng"), self.source.node)
            raise self.source.error("a rule of synapses draws no random numbers", draw)
        return self.builder.program(next_state, self.builder.boolean(False))

    def field(self, owner: str, name: str, node: ast.Attribute, source: FunctionSource) -> Value:
        """What ``s.name``, ``p.name``, ``pre.name``, ``post.name`` or ``third.name`` is."""
        rule, spike = self.rule, ("spike",) * self.stepped
        known = {
            "s": list(self.state),
            "p": [*rule.constants, *rule.static],
            "pre": [*rule.pre, *rule.pre_values, *spike],
            "post": [*rule.post, *rule.post_values, *spike],
            "third": list(rule.third),
        }[owner]
        if name not in known:
            declared = ", ".join(known) or "nothing"
            raise source.error(f"{owner}.{name} is not declared. Declared: {declared}.", node)
        if owner == "p" and name in rule.static:
            return self.builder.boolean(rule.static[name])
        kind = {"s": "state", "p": "constant"}.get(owner, owner)
        return self.builder.emit(kind, (), Type.REAL, name)
