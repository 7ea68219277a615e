"""The choice between two values as one operation of the machine.

Numba turns ``a if c else b`` into a branch. LLVM makes a choice of it again in most places, but where it
joins two branches it may give up vectorising: the same model took twice the time when two of its lines
changed places. It also compiles large models a quarter faster without the branches.
"""

from __future__ import annotations

from numba import config, types
from numba.extending import intrinsic

__all__ = ["select"]


def select_plain(condition, first, second):
    """Return `first` where `condition` holds, else `second`; both are of one type."""
    return first if condition else second


@intrinsic
def select_machine(typing_context, condition, first, second):
    """`select_plain` without a branch."""
    kind = types.unliteral(first)
    if types.unliteral(second) != kind:
        return None
    return kind(types.boolean, kind, kind), build_select


def build_select(context, builder, signature, arguments):
    """Emit the instruction."""
    return builder.select(*arguments)


# without the compiler there are no intrinsics
select = select_plain if config.DISABLE_JIT else select_machine
