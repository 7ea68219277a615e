"""What the kernel of a rule between rate units is compiled for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.ir.parse_rule import parse_rule
from spikelab_kernels.ir.types import Program

__all__ = ["RateSpec"]


@dataclass(frozen=True)
class RateSpec:
    """One compiled form of the function ``on_step`` of a rule.

    Attributes
    ----------
    rule : Rule
        The declaration; it has ``on_step``.
    dtype : {"float32", "float64"}
        Width of the reals.
    dense : bool
        Whether every source reaches every target, in order; otherwise the edges name their targets.
    """

    rule: Rule
    dtype: str
    dense: bool

    def __hash__(self) -> int:
        return hash((self.rule.name, self.dtype, self.dense))

    @cached_property
    def program(self) -> Program:
        """The operations of ``on_step``."""
        program = parse_rule(self.rule, self.dtype).on_step
        assert program is not None, "a rule between rate units has on_step"
        return program

    @property
    def states(self) -> list[str]:
        """The weight and the further states of a synapse, in storage order."""
        return ["w", *self.rule.state]

    @cached_property
    def constants(self) -> list[str]:
        """Constants that the kernel is given: those that are read, and the bounds of the weight."""
        return list(dict.fromkeys([*self.program.used("constant"), "w_min", "w_max"]))

    def read(self, owner: str) -> list[str]:
        """Names that the function reads of ``"pre"``, ``"post"`` or ``"third"``."""
        return self.program.used(owner)
