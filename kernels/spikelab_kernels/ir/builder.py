"""Emit typed operations: the rules of types, literals and common subexpressions."""

from __future__ import annotations

import numpy as np

from spikelab_kernels.ir.types import Op, Program, Type

__all__ = ["Builder", "TypeRuleError"]

_COMPARE = {"lt", "le", "gt", "ge", "eq", "ne"}
_INTEGERS = (Type.I32, Type.U32, Type.BITS)


class TypeRuleError(Exception):
    """Operands whose types do not fit; the parser adds the place."""


class Builder:
    """Collects the operations of one program.

    Equal operations on equal operands become one (never random draws, which
    are numbered in source order), and nothing is reassociated or folded, so
    every printer computes the same values.
    """

    def __init__(self, dtype: str):
        self.dtype = dtype
        self.ops: list[Op] = []
        self.n_draws = 0
        self._seen: dict[Op, int] = {}

    def emit(self, name: str, args: tuple[int, ...], kind: Type, attr: str = "") -> int:
        op = Op(name, args, kind, attr)
        if name != "uniform" and op in self._seen:
            return self._seen[op]
        self.ops.append(op)
        self._seen[op] = len(self.ops) - 1
        return len(self.ops) - 1

    def type_of(self, place: int) -> Type:
        return self.ops[place].type

    def real(self, value: float) -> int:
        """A real literal, rounded once from float64 to the program's dtype."""
        with np.errstate(over="ignore"):  # too large a literal is infinite, as it is in Python
            rounded = float(np.dtype(self.dtype).type(value))
        return self.emit("const", (), Type.REAL, repr(rounded))

    def integer(self, value: int, kind: Type) -> int:
        if kind is Type.REAL:
            if abs(value) > 2**1023:
                raise TypeRuleError("the integer literal is too large for a real")
            return self.real(float(value))
        if kind is Type.BOOL:
            raise TypeRuleError("an integer literal cannot stand where a bool is needed; write True or False")
        bits = 32 if kind is not Type.BITS or self.dtype == "float32" else 64
        low, high = (0, 2**bits - 1) if kind is Type.U32 else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if not low <= value <= high:
            raise TypeRuleError(f"the integer literal {value} does not fit into {kind.value}")
        return self.emit("const", (), kind, str(value))

    def boolean(self, value: bool) -> int:
        return self.emit("const", (), Type.BOOL, str(value))

    def constant_bool(self, place: int) -> bool | None:
        """The value of a boolean constant, else None."""
        op = self.ops[place]
        return op.attr == "True" if op.name == "const" and op.type is Type.BOOL else None

    def uniform(self) -> int:
        self.n_draws += 1
        return self.emit("uniform", (), Type.REAL, str(self.n_draws - 1))

    def binary(self, name: str, a: int, b: int) -> int:
        kind = self.same(a, b, name)
        if name in _COMPARE:
            if kind is Type.BOOL and name not in ("eq", "ne"):
                raise TypeRuleError("bools are compared by == and != only")
            return self.emit(name, (a, b), Type.BOOL)
        if kind is Type.BOOL:
            raise TypeRuleError("bools have no arithmetic; use where(condition, 1.0, 0.0) or real(condition)")
        if name == "div" and kind is not Type.REAL:
            raise TypeRuleError("/ takes reals only; convert by real(x)")
        return self.emit(name, (a, b), kind)

    def same(self, a: int, b: int, what: str) -> Type:
        first, second = self.type_of(a), self.type_of(b)
        if first is not second:
            raise TypeRuleError(
                f"{what} of {first.value} and {second.value}: both sides must have one type; "
                "integers become reals by real(x)"
            )
        return first

    def negative(self, a: int) -> int:
        if self.type_of(a) is Type.BOOL:
            raise TypeRuleError("a bool cannot be negated by -; use not")
        return self.emit("neg", (a,), self.type_of(a))

    def need(self, place: int, kind: Type, what: str) -> int:
        if self.type_of(place) is not kind:
            raise TypeRuleError(f"{what} needs {kind.value}, not {self.type_of(place).value}")
        return place

    def where(self, condition: int, a: int, b: int) -> int:
        self.need(condition, Type.BOOL, "the condition of where")
        kind = self.same(a, b, "where")
        known = self.constant_bool(condition)
        if known is not None:  # a static field: substitution, not folding
            return a if known else b
        return self.emit("where", (condition, a, b), kind)

    def logic(self, name: str, places: list[int]) -> int:
        for place in places:
            self.need(place, Type.BOOL, name)
        if name == "not":
            known = self.constant_bool(places[0])
            if known is not None:
                return self.boolean(not known)
            return self.emit("not", (places[0],), Type.BOOL)
        result = places[0]
        for place in places[1:]:
            result = self._junction(name, result, place)
        return result

    def _junction(self, name: str, a: int, b: int) -> int:
        for known, other in ((self.constant_bool(a), b), (self.constant_bool(b), a)):
            if known is not None:
                if name == "and":
                    return other if known else self.boolean(False)
                return self.boolean(True) if known else other
        return self.emit(name, (a, b), Type.BOOL)

    def minimum(self, a: int, b: int) -> int:
        return self.where(self.binary("lt", b, a), b, a)

    def maximum(self, a: int, b: int) -> int:
        return self.where(self.binary("gt", b, a), b, a)

    def unary_real(self, name: str, a: int) -> int:
        if name == "abs" and self.type_of(a) is Type.I32:
            return self.where(self.binary("lt", a, self.integer(0, Type.I32)), self.negative(a), a)
        return self.emit(name, (self.need(a, Type.REAL, name),), Type.REAL)

    def to_real(self, a: int) -> int:
        if self.type_of(a) is Type.REAL:
            return a
        return self.emit("to_real", (a,), Type.REAL)

    def bit_operation(self, name: str, args: list[int]) -> int:
        if name == "to_bits":
            return self.emit(name, (self.need(args[0], Type.REAL, name),), Type.BITS)
        if name == "from_bits":
            return self.emit(name, (self.need(args[0], Type.BITS, name),), Type.REAL)
        kind = self.same(args[0], args[1], name)
        if kind not in _INTEGERS:
            raise TypeRuleError(f"{name} takes integers, not {kind.value}")
        if name in ("shl", "shr"):
            width = 64 if kind.numpy(self.dtype) == "int64" else 32
            count = self.ops[args[1]]
            # a shift by the width or more has no meaning that all printers share
            if count.name != "const" or not 0 <= int(count.attr) < width:
                raise TypeRuleError(
                    f"{name} takes an integer literal from 0 to {width - 1} as its second argument"
                )
        return self.emit(name, (args[0], args[1]), kind)

    def program(self, next_state: dict[str, int], spiked: int) -> Program:
        """Drop what no result needs and number the rest again."""
        live: set[int] = set()
        stack = [spiked, *next_state.values()]
        while stack:
            place = stack.pop()
            if place not in live:
                live.add(place)
                stack.extend(self.ops[place].args)
        order = sorted(live)
        new = {old: i for i, old in enumerate(order)}
        ops = tuple(
            Op(op.name, tuple(new[a] for a in op.args), op.type, op.attr)
            for op in (self.ops[old] for old in order)
        )
        states = {name: new[place] for name, place in next_state.items()}
        return Program(self.dtype, ops, states, new[spiked], self.n_draws)
