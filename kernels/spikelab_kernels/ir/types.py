"""The typed three-address form of a model: one flat list of operations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Op", "Program", "Type", "real_type"]


class Type(Enum):
    """Type of a value. ``BITS`` is the signed integer as wide as the real."""

    REAL = "real"
    I32 = "i32"
    U32 = "u32"
    BOOL = "bool"
    BITS = "bits"

    def numpy(self, dtype: str) -> str:
        """Name of the NumPy type in which a value is computed."""
        if self is Type.REAL:
            return dtype
        if self is Type.BITS:
            return "int32" if dtype == "float32" else "int64"
        return {Type.I32: "int32", Type.U32: "uint32", Type.BOOL: "bool"}[self]

    def storage(self, dtype: str) -> str:
        """Name of the NumPy type in which a state of this type is stored."""
        return "uint8" if self is Type.BOOL else self.numpy(dtype)


def real_type(dtype: str) -> str:
    """Check that `dtype` is one that models can be compiled for."""
    if dtype not in ("float32", "float64"):
        raise ValueError(f"dtype must be 'float32' or 'float64', not {dtype!r}")
    return dtype


@dataclass(frozen=True)
class Op:
    """One operation; its result is known by its place in the list.

    Attributes
    ----------
    name : str
        ``const``, ``state``, ``constant``, ``receptor``, ``current``, ``uniform``; in rules of
        synapses ``pre``, ``post``, ``third``; or an arithmetic name such as ``add``.
    args : tuple of int
        Places of the operands.
    type : Type
        Type of the result.
    attr : str
        Literal (in a spelling that keeps every bit) or name, else empty.
    """

    name: str
    args: tuple[int, ...]
    type: Type
    attr: str = ""


@dataclass(frozen=True)
class Program:
    """A model's step as operations, for one dtype.

    Attributes
    ----------
    dtype : str
        ``"float32"`` or ``"float64"``.
    ops : tuple of Op
        In source order; an operand always stands before its use.
    next_state : dict of str to int
        Place of the new value of each state that changes.
    spiked : int
        Place of the boolean that says whether the neuron fires.
    n_draws : int
        Uniform numbers that one step of one neuron may use.
    """

    dtype: str
    ops: tuple[Op, ...]
    next_state: dict[str, int]
    spiked: int
    n_draws: int

    def text(self) -> str:
        """Canonical text, the part of the module's hash that stands for the model."""
        lines = [self.dtype]
        for place, op in enumerate(self.ops):
            args = " ".join(f"%{a}" for a in op.args)
            lines.append(f"%{place} {op.type.value} {op.name} {args} {op.attr}".rstrip())
        lines += [f"next {name} %{place}" for name, place in self.next_state.items()]
        lines.append(f"spiked %{self.spiked} draws {self.n_draws}")
        return "\n".join(lines)

    def used(self, name: str) -> list[str]:
        """Attributes of all operations called `name`, in order of first use."""
        return list(dict.fromkeys(op.attr for op in self.ops if op.name == name))
