"""What a population kernel is compiled for, and how its work is cut into tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.parse import parse_model
from spikelab_kernels.ir.types import Program, Type

__all__ = ["OUTPUTS", "PopulationSpec", "tiles"]

#: What a kernel writes of the spikes; events are extracted from bits.
OUTPUTS = ("none", "counts", "bits", "uint8", "real")
_OUTPUT_TYPE = {"none": "uint8", "counts": "int32", "bits": "uint64", "uint8": "uint8"}


@dataclass(frozen=True)
class PopulationSpec:
    """One compiled form of a model.

    Attributes
    ----------
    model : Model
        The declaration.
    dtype : {"float32", "float64"}
        Width of the reals; synaptic sums are int32 or int64 accordingly.
    arrays : frozenset of str
        Constants given as arrays ``[neuron]``; the others are scalars.
    sums : bool
        Whether integer synaptic sums arrive.
    analog : bool
        Whether real inputs arrive.
    output : str
        One of :data:`OUTPUTS`.
    """

    model: Model
    dtype: str
    arrays: frozenset[str] = frozenset()
    sums: bool = True
    analog: bool = False
    output: str = "bits"

    def __hash__(self) -> int:
        return hash((self.model.name, self.dtype, self.arrays, self.sums, self.analog, self.output))

    @cached_property
    def program(self) -> Program:
        """The model's operations; the model itself is parsed once for each spec."""
        return parse_model(self.model, self.dtype)

    @cached_property
    def constants(self) -> dict[str, Type]:
        """Constants that the program reads, in declared order."""
        used = set(self.program.used("constant"))
        return {name: kind for name, kind in self.model.constants.items() if name in used}

    @property
    def sum_dtype(self) -> str:
        return "int32" if self.dtype == "float32" else "int64"

    @property
    def output_dtype(self) -> str:
        return _OUTPUT_TYPE.get(self.output, self.dtype)

    def state_dtype(self, name: str) -> str:
        return self.model.state[name].storage(self.dtype)

    def state_bytes(self) -> int:
        """Bytes of state of one neuron of one batch row."""
        return sum(np.dtype(self.state_dtype(name)).itemsize for name in self.model.state)

    @cached_property
    def _casts(self) -> dict[str, Callable[[Any], Any]]:
        types = {name: np.dtype(kind.storage(self.dtype)) for name, kind in self.constants.items()}
        return {
            name: partial(np.ascontiguousarray, dtype=kind) if name in self.arrays else kind.type
            for name, kind in types.items()
        }

    def typed_constants(self, values: Mapping[str, Any]) -> list[Any]:
        """`values` of :attr:`constants`, in order and in the exact types in which a kernel takes them."""
        return [cast(values[name]) for name, cast in self._casts.items()]


def tiles(
    batch: int, neurons: int, state_bytes: int, threads: int = 1, target_bytes: int = 262_144
) -> list[tuple[int, int, int, int]]:
    """Cut ``[batch, neuron]`` into tiles ``(row_lo, row_hi, col_lo, col_hi)``.

    The state of a tile stays in the second-level cache while time runs, and there
    are at least as many tiles as threads where the work allows. Columns are cut
    at multiples of 64 only, so that no word of spike bits is shared.
    """
    state_bytes = max(state_bytes, 1)
    width = neurons
    if neurons * state_bytes > target_bytes:
        width = max(64, target_bytes // state_bytes // 64 * 64)
    height = max(1, target_bytes // (width * state_bytes))
    if threads > 1:
        height = max(1, min(height, -(-batch // threads)))
        if batch < threads:
            share = -(-neurons // threads)
            width = max(64, min(width, -(-share // 64) * 64))
    return [
        (row, min(row + height, batch), col, min(col + width, neurons))
        for col in range(0, neurons, width)
        for row in range(0, batch, height)
    ]
