"""Sums of many rows that stay in registers, which a loop over an array in memory cannot express.

LLVM does not keep the elements of an array in registers from one pass of an outer loop to the next: it would
load and store the sum for every row, and check each time whether the two arrays overlap. A vector of
`VECTOR_BYTES` is one value to it, which the back end cuts into the registers of the machine at hand.
"""

from __future__ import annotations

import llvmlite.ir as llvm
from numba import config, types
from numba.extending import intrinsic

__all__ = ["add_listed"]

VECTOR_BYTES = 256  # layout.LANE_BYTES; a kernel stands in one file and cannot ask for it


def add_listed_plain(out, first, rows, base, listed, lo, hi):
    """Add ``rows[base + listed[k] * lanes :]`` to ``out[first:]``, `lanes` elements each, for k in lo ... hi.

    Parameters
    ----------
    out : array [element], int32 or int64
    rows : array [element], of the same dtype
    listed : array [entry], uint8 or uint32
    first, base, lo, hi : uint64
    """
    lanes = VECTOR_BYTES // out.itemsize
    here = out[int(first) : int(first) + lanes]
    for k in range(int(lo), int(hi)):
        start = int(base) + int(listed[k]) * lanes
        here += rows[start : start + lanes]


@intrinsic
def add_listed_vector(typing_context, out, first, rows, base, listed, lo, hi):
    """`add_listed_plain` with the sum in registers."""
    signature = types.void(out, types.uint64, rows, types.uint64, listed, types.uint64, types.uint64)
    return signature, build_listed


def build_listed(context, builder, signature, arguments):
    """Emit the loop: one vector addition for each entry of the list."""
    out_type, rows_type, listed_type = (signature.args[i] for i in (0, 2, 4))
    out, first, rows, base, listed, lo, hi = arguments
    element = context.get_data_type(out_type.dtype)
    index = llvm.IntType(64)
    lanes = VECTOR_BYTES // (out_type.dtype.bitwidth // 8)
    vector = llvm.VectorType(element, lanes)

    def data(kind, value):
        return context.make_array(kind)(context, builder, value).data

    def pointer(kind, value, place):
        return builder.bitcast(builder.gep(data(kind, value), [place]), vector.as_pointer())

    def load(place):
        value = builder.load(place)
        value.align = element.width // 8
        return value

    target = pointer(out_type, out, first)
    before = builder.block
    start = load(target)
    head, body, end = (builder.append_basic_block(name) for name in ("listed", "add", "added"))
    builder.branch(head)

    builder.position_at_end(head)
    k, total = builder.phi(index), builder.phi(vector)
    k.add_incoming(lo, before)
    total.add_incoming(start, before)
    builder.cbranch(builder.icmp_unsigned("<", k, hi), body, end)

    builder.position_at_end(body)
    entry = builder.zext(builder.load(builder.gep(data(listed_type, listed), [k])), index)
    place = builder.add(base, builder.mul(entry, llvm.Constant(index, lanes)))
    more = builder.add(total, load(pointer(rows_type, rows, place)))
    k.add_incoming(builder.add(k, llvm.Constant(index, 1)), builder.block)
    total.add_incoming(more, builder.block)
    builder.branch(head)

    builder.position_at_end(end)
    builder.store(total, target).align = element.width // 8
    return context.get_dummy_value()


# without the compiler there are no intrinsics
add_listed = add_listed_plain if config.DISABLE_JIT else add_listed_vector
