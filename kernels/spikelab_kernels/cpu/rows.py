"""The compiler of row helpers, whose arrays never overlap.

LLVM would check at run time, for each pair of an array that is written and another one, whether they do, and
gives up vectorising beyond 128 checks: a model with many states and parameters of its own for each neuron
took three times as long.
"""

from __future__ import annotations

from numba.core.compiler import Compiler

__all__ = ["RowCompiler"]


class RowCompiler(Compiler):
    """Numba's compiler with the promise that no two array arguments overlap where one is written."""

    def __init__(self, *args):
        super().__init__(*args)
        self.state.flags.noalias = True
