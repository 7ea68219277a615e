"""Write a program as scalar Numba code: the same operations in the same order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spikelab_kernels.ir.parse import parse_function
from spikelab_kernels.ir.types import Op, Program, Type

__all__ = ["print_function", "print_operations"]

_REAL = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_INTEGER = {"add": "+", "sub": "-", "mul": "*", "shl": "<<", "shr": ">>", "band": "&", "bor": "|"}
_COMPARE = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


# A choice as a branch, which needs nothing beside it, and as the function of ``cpu/select.py``.
_BRANCH = "{1} if {0} else {2}"
_SELECT = "select({0}, {1}, {2})"


def print_operations(
    program: Program, leaves: Mapping[tuple[str, str], str], indent: str, branch: bool = False
) -> list[str]:
    """Lines that compute every value ``x0, x1, ...`` of `program` for one neuron.

    Parameters
    ----------
    program : Program
        The typed operations.
    leaves : mapping of (str, str) to str
        Expression that reads each ``(kind, name)``: states, constants, inputs, draws.
    indent : str
        White space in front of every line.
    branch : bool
        Write choices as branches; otherwise by ``select``, which the module must import.
    """
    choice = _BRANCH if branch else _SELECT
    return [
        f"{indent}x{place} = {_expression(op, program, leaves, choice)}"
        for place, op in enumerate(program.ops)
    ]


def _expression(op: Op, program: Program, leaves: Mapping[tuple[str, str], str], choice: str) -> str:
    kind = f"np.{op.type.numpy(program.dtype)}"
    args = [f"x{a}" for a in op.args]
    match op.name:
        case "const" if op.type is Type.BOOL:
            return op.attr
        case "const":
            return f"{kind}({_literal(op.attr)})"
        case "state" | "constant" | "receptor" | "current" | "uniform" | "pre" | "post" | "third":
            return leaves[op.name, op.attr]
        case "where":
            return choice.format(*args)
        case "and" | "or":
            return f"{args[0]} {'&' if op.name == 'and' else '|'} {args[1]}"
        case "not":
            return f"not {args[0]}"
        case "neg":
            # Numba widens integers to 64 bits; the cast wraps them back
            return f"-{args[0]}" if op.type is Type.REAL else f"{kind}(-{args[0]})"
        case "to_real":
            return f"{kind}({args[0]})"
        case "to_bits" | "from_bits":
            source = f"np.{program.ops[op.args[0]].type.numpy(program.dtype)}"
            return f"{source}({args[0]}).view({kind})"
        case "abs" | "sqrt" | "floor":
            return f"np.{op.name}({args[0]})"
        case name if name in _COMPARE:
            return f"{args[0]} {_COMPARE[name]} {args[1]}"
        case name if op.type is Type.REAL:
            return f"{args[0]} {_REAL[name]} {args[1]}"
        case name:
            return f"{kind}({args[0]} {_INTEGER[name]} {args[1]})"


def _literal(text: str) -> str:
    return {"inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}.get(text, text)


def print_function(function: Callable[..., object], dtype: str, decorator: str) -> str:
    """Source of one function of ``spikelab_kernels.math`` as a scalar jitted function."""
    program = parse_function(function, dtype)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    leaves = {("constant", name): f"np.{dtype}({name})" for name in names}
    lines = [decorator, f"def {function.__name__}({', '.join(names)}):"]
    lines += print_operations(program, leaves, "    ", branch=True)
    lines.append(f"    return x{program.next_state['result']}")
    return "\n".join(lines) + "\n"
