"""From matrices, or from a built network, to the arrays of the reservoir kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from ..build import Built, build
from ..build.links import AnalogLink
from ..errors import ParameterError
from ..network import Network
from ..neurons import LeakyTanh
from .reservoir import FusedReservoir

__all__ = ["fuse", "fuse_built", "fuse_network", "is_fusable"]

# Above this share of edges a dense row, which needs no indices, is faster than a sparse one.
_DENSE_FROM = 0.3


def fuse(
    recurrent: Any,
    inputs: Any,
    bias: Any = 0.0,
    leak_rate: Any = 1.0,
    dtype: Any = np.float32,
    backend: str = "cpu",
) -> FusedReservoir:
    """Bring matrices into the kernel's form.

    Parameters
    ----------
    recurrent : array or scipy.sparse matrix [neuron, neuron]
        Weight from the neuron of the column to that of the row.
    inputs : array or scipy.sparse matrix [neuron, input]
    bias, leak_rate : float or array [neuron]
    dtype : dtype
        float32 or float64.
    backend : str
        "cpu" or "reference".
    """
    table = sparse.csr_array(sparse.hstack([sparse.csr_array(recurrent), sparse.csr_array(inputs)]))
    table.sum_duplicates()
    table.eliminate_zeros()
    n_edges = int(table.nnz)
    n, columns = table.shape
    if not n_edges:  # without edges it would read as a dense table
        table = sparse.csr_array(([0.0], ([0], [0])), shape=table.shape)
    dense = table.nnz >= _DENSE_FROM * n * columns
    if n * columns >= 1 << 32 and dense:
        raise ParameterError(
            "fuse", "recurrent", f"matrix of shape ({n}, {n})", "have fewer than 2**32 weights"
        )
    index = np.uint16 if columns <= 1 << 16 else np.uint32
    return FusedReservoir(
        ptr=(np.arange(n + 1) * columns if dense else table.indptr).astype(np.uint32),
        source=np.empty(0, index) if dense else table.indices.astype(index),
        weight=np.ascontiguousarray(table.toarray().ravel() if dense else table.data, dtype=dtype),
        bias=np.broadcast_to(np.asarray(bias, dtype=dtype), (n,)).copy(),
        leak=np.broadcast_to(np.asarray(leak_rate, dtype=dtype), (n,)).copy(),
        n_inputs=columns - n,
        n_edges=n_edges,
        backend=backend,
    )


def is_fusable(built: Built) -> bool:
    """Tell whether a network is one leaky-tanh reservoir with real inputs and the least delays."""
    if (
        len(built.blocks) != 1
        or built.blocks[0].model != LeakyTanh().model
        or built.events
        or built.net.drives
        or any(projection.plasticity is not None for projection in built.net.projections.values())
    ):
        return False
    inputs = built.net.inputs.values()
    if not inputs or any(item.encoder is not None for item in inputs):
        return False
    return all(link.delay == (0 if isinstance(link.source, str) else 1) for link in built.analog)


def fuse_built(built: Built, backend: str = "cpu") -> FusedReservoir:
    """Bring a built network into the kernel's form; inputs in the network's order.

    Raises
    ------
    ParameterError
        If the network is not one leaky-tanh reservoir (see `is_fusable`).
    """
    if not is_fusable(built):
        need = "be one LeakyTanh population with real inputs, delays of one step within it and none into it"
        raise ParameterError("fuse_built", "net", built.net, need)
    (block,) = built.blocks
    starts = np.cumsum([0, *(item.n for item in built.net.inputs.values())]).tolist()
    offsets = dict(zip(built.net.inputs, starts, strict=False))
    recurrent: Any = sparse.csr_array((block.n, block.n), dtype=built.dtype)
    inputs: Any = sparse.csr_array((block.n, starts[-1]), dtype=built.dtype)
    for link in built.analog:
        if isinstance(link.source, str):
            inputs = inputs + _matrix(link, inputs.shape, offsets[link.source])
        else:
            recurrent = recurrent + _matrix(link, recurrent.shape, 0)
    constants = block.constants
    return fuse(recurrent, inputs, constants["bias"], constants["leak_rate"], built.dtype, backend)


def fuse_network(net: Network, dtype: Any = np.float32, backend: str = "cpu") -> FusedReservoir:
    """Build a network and bring it into the kernel's form, see `fuse_built`."""
    return fuse_built(build(net, dtype=np.dtype(dtype).name), backend)


def _matrix(link: AnalogLink, shape: tuple[int, int], offset: int) -> Any:
    """Weights of a link as a matrix [neuron, source], its sources from column `offset` on."""
    if link.dense is not None:
        source, target = np.indices(link.dense.shape).reshape(2, -1)
        weight, target = link.dense.ravel(), target + link.address
    else:
        assert link.table is not None
        source = np.repeat(np.arange(link.table.ptr.size - 1), np.diff(link.table.ptr))
        weight, target = link.table.weight, link.table.target.astype(np.int64)
    return sparse.csr_array((weight, (target, source + (offset + link.lo))), shape=shape)
