"""Write a program as vector NumPy code: the readable meaning of the typed form."""

from __future__ import annotations

from spikelab_kernels.ir.types import Op, Program, Type

__all__ = ["print_numpy", "print_rule"]

_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "div": "/",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
    "and": "&", "or": "|", "shl": "<<", "shr": ">>", "band": "&", "bor": "|",
}  # fmt: skip
_CALL = {
    "where": "np.where",
    "abs": "np.abs",
    "sqrt": "np.sqrt",
    "floor": "np.floor",
    "not": "np.logical_not",
}


def print_numpy(program: Program) -> str:
    """Source of a module with one function ``step(s, p, inp, u)``.

    ``s``, ``p`` and ``inp`` map names to arrays ``[batch, neuron]`` (or scalars for
    ``p``) of the program's types and ``u`` lists the uniform draws; the result is
    the dict of new states and the boolean array of spikes.
    """
    lines, states = _body(program)
    return _module("step(s, p, inp, u)", lines, f"{states}, x{program.spiked}")


def print_rule(program: Program) -> str:
    """Source of a module with one function ``update(s, p, pre, post, third)`` of a rule of synapses.

    All map names to arrays ``[edge]`` or scalars; the result is the dict of new states.
    """
    lines, states = _body(program)
    return _module("update(s, p, pre, post, third)", lines, states)


def _body(program: Program) -> tuple[list[str], str]:
    lines = [f"    x{place} = {_expression(op, program)}" for place, op in enumerate(program.ops)]
    states = ", ".join(f'"{name}": x{place}' for name, place in program.next_state.items())
    return lines, f"{{{states}}}"


def _module(signature: str, lines: list[str], result: str) -> str:
    header = ["import numpy as np", "", "", f"def {signature}:"]
    return "\n".join([*header, *lines, f"    return {result}"]) + "\n"


def _expression(op: Op, program: Program) -> str:
    kind = f"np.{op.type.numpy(program.dtype)}"
    args = [f"x{a}" for a in op.args]
    match op.name:
        case "const" if op.type is Type.BOOL:
            return f"np.bool_({op.attr})"
        case "const":
            return f"{kind}({op.attr if op.attr not in ('inf', '-inf', 'nan') else repr(op.attr)})"
        case "state" if op.type is Type.BOOL:
            return f's["{op.attr}"] != 0'
        case "state":
            return f's["{op.attr}"]'
        case "constant":
            return f'p["{op.attr}"]'
        case "receptor" | "current":
            return f'inp["{op.attr}"]'
        case "uniform":
            return f"u[{op.attr}]"
        case "pre" | "post" | "third":
            return f'{op.name}["{op.attr}"]'
        case "neg":
            return f"np.negative({args[0]})"
        case "to_real":
            return f"np.asarray({args[0]}).astype({kind})"
        case "to_bits" | "from_bits":
            return f"np.asarray({args[0]}).view({kind})"
        case name if name in _INFIX:
            return f"{args[0]} {_INFIX[name]} {args[1]}"
        case name:
            return f"{_CALL[name]}({', '.join(args)})"
