"""Asking for memory before it is needed: a processor can wait for many lines at once, but not for one it has
not heard of."""

from __future__ import annotations

import llvmlite.ir as llvm
from numba import config, types
from numba.extending import intrinsic

__all__ = ["prefetch"]


def prefetch_nothing(array, place):
    """Without the compiler there is nothing to hide."""


@intrinsic
def prefetch_line(typing_context, array, place):
    """Begin to load the cache line of ``array[place]``, which is not touched and may lie beyond the end."""
    return types.void(array, types.uint64), build_prefetch


def build_prefetch(context, builder, signature, arguments):
    """Emit a prefetch for reading into the second-level cache and up."""
    array, place = arguments
    data = context.make_array(signature.args[0])(context, builder, array).data
    byte = llvm.IntType(8).as_pointer()
    number = llvm.IntType(32)
    kind = llvm.FunctionType(llvm.VoidType(), [byte, number, number, number])
    name = "llvm.prefetch.p0"
    function = builder.module.globals.get(name) or llvm.Function(builder.module, kind, name)
    address = builder.bitcast(builder.gep(data, [place]), byte)
    builder.call(function, [address, number(0), number(3), number(1)])
    return context.get_dummy_value()


prefetch = prefetch_nothing if config.DISABLE_JIT else prefetch_line
