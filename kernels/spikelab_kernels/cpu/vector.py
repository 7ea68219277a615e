"""Sums of many rows that stay in registers, which a loop over an array in memory cannot express.

LLVM does not keep the elements of an array in registers from one pass of an outer loop to the next: it would
load and store the sum for every row, and check each time whether the two arrays overlap. A vector of
`VECTOR_BYTES` is one value to it, which the back end cuts into the registers of the machine at hand.
"""

from __future__ import annotations

import llvmlite.ir as llvm
import numpy as np
from numba import config, types
from numba.extending import intrinsic

__all__ = ["add_listed"]

VECTOR_BYTES = 256  # layout.LANE_BYTES; a kernel stands in one file and cannot ask for it


def add_listed_plain(out, first, rows, base, listed, lo, hi, shift):
    """Add ``2**shift`` times the sum of the listed rows to ``out[first:]``.

    Entry k of the list, for k in lo ... hi, stands for the row at ``rows[base + listed[k] * lanes]``.
    Each row, and the part of `out`, has `lanes` elements.

    Parameters
    ----------
    out : array [element], int32 or int64
    rows : array [element], of the same dtype or a narrower one
    listed : array [entry], uint8 or uint32
    first, base, lo, hi, shift : uint64
    """
    lanes = VECTOR_BYTES // out.itemsize
    total = np.zeros(lanes, out.dtype)
    for k in range(int(lo), int(hi)):
        start = int(base) + int(listed[k]) * lanes
        total += rows[start : start + lanes]
    out[int(first) : int(first) + lanes] += total << int(shift)


@intrinsic
def add_listed_vector(typing_context, out, first, rows, base, listed, lo, hi, shift):
    """`add_listed_plain` with the sum in registers."""
    number = types.uint64
    return types.void(out, number, rows, number, listed, number, number, number), build_listed


def build_listed(context, builder, signature, arguments):
    """Emit the loop: one vector addition for each entry of the list."""
    out_type, rows_type, listed_type = (signature.args[i] for i in (0, 2, 4))
    out, first, rows, base, listed, lo, hi, shift = arguments
    element, narrow = (context.get_data_type(kind.dtype) for kind in (out_type, rows_type))
    index = llvm.IntType(64)
    lanes = VECTOR_BYTES // (element.width // 8)
    vector = llvm.VectorType(element, lanes)

    def data(kind, value):
        return context.make_array(kind)(context, builder, value).data

    def pointer(kind, value, place, item):
        kind_of = llvm.VectorType(item, lanes).as_pointer()
        return builder.bitcast(builder.gep(data(kind, value), [place]), kind_of)

    def load(place, item):
        value = builder.load(place)
        value.align = item.width // 8
        return value

    before = builder.block
    head, body, end = (builder.append_basic_block(name) for name in ("listed", "add", "added"))
    builder.branch(head)

    builder.position_at_end(head)
    k, total = builder.phi(index), builder.phi(vector)
    k.add_incoming(lo, before)
    total.add_incoming(llvm.Constant(vector, None), before)
    builder.cbranch(builder.icmp_unsigned("<", k, hi), body, end)

    builder.position_at_end(body)
    entry = builder.zext(builder.load(builder.gep(data(listed_type, listed), [k])), index)
    place = builder.add(base, builder.mul(entry, llvm.Constant(index, lanes)))
    row = load(pointer(rows_type, rows, place, narrow), narrow)
    more = builder.add(total, builder.sext(row, vector) if narrow.width < element.width else row)
    k.add_incoming(builder.add(k, llvm.Constant(index, 1)), builder.block)
    total.add_incoming(more, builder.block)
    builder.branch(head)

    builder.position_at_end(end)
    target = pointer(out_type, out, first, element)
    bits = builder.trunc(shift, element) if element.width < 64 else shift
    every = builder.shuffle_vector(
        builder.insert_element(llvm.Constant(vector, llvm.Undefined), bits, llvm.Constant(index, 0)),
        llvm.Constant(vector, llvm.Undefined),
        llvm.Constant(llvm.VectorType(llvm.IntType(32), lanes), None),
    )
    moved = builder.add(load(target, element), builder.shl(total, every))
    builder.store(moved, target).align = element.width // 8
    return context.get_dummy_value()


# without the compiler there are no intrinsics
add_listed = add_listed_plain if config.DISABLE_JIT else add_listed_vector
