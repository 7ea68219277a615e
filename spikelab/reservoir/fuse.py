"""From matrices, or from a network, to the arrays of the fused kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from ..errors import ParameterError
from ..network import Network
from ..neurons import LeakyTanh
from .fused import FusedReservoir

__all__ = ["fuse", "fuse_network", "is_fusable"]

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
    n, columns = table.shape
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
        n_edges=int(table.nnz),
        backend=backend,
    )


def is_fusable(net: Network) -> bool:
    """Tell whether a network is one leaky-tanh population with real inputs and the least delays."""
    if len(net.populations) != 1 or not net.inputs or net.drives:
        return False
    (pop,) = net.populations.values()
    if not isinstance(pop.neuron, LeakyTanh):
        return False
    if any(inp.encoder is not None or inp.frame_ms is not None for inp in net.inputs.values()):
        return False
    return all(
        proj.delay_ms is None or (not proj.recurrent and proj.constant_delay_ms == 0.0)
        for proj in net.projections.values()
    )


def fuse_network(net: Network, dtype: Any = np.float32, backend: str = "cpu") -> FusedReservoir:
    """Draw the edges of a network and bring them into the kernel's form; inputs in the network's order.

    Raises
    ------
    ParameterError
        If the network is not one leaky-tanh reservoir (see `is_fusable`).
    """
    if not is_fusable(net):
        need = "be one LeakyTanh population with real inputs, delays of one step within it and none into it"
        raise ParameterError("fuse_network", "net", net, need)
    (pop,) = net.populations.values()
    starts = np.cumsum([0, *(inp.n for inp in net.inputs.values())])
    offsets = dict(zip(net.inputs, starts[:-1], strict=True))
    recurrent: Any = sparse.csr_array((pop.n, pop.n))
    inputs: Any = sparse.csr_array((pop.n, int(starts[-1])))
    for proj in net.projections.values():
        edges = proj.edges()
        if proj.recurrent:
            entries: Any = sparse.csr_array(
                (edges.weight, (edges.target, edges.source)), shape=recurrent.shape
            )
            recurrent = recurrent + entries
        else:
            column = edges.source.astype(np.int64) + offsets[proj.source.name]
            entries = sparse.csr_array((edges.weight, (edges.target, column)), shape=inputs.shape)
            inputs = inputs + entries
    neuron = pop.neuron
    assert isinstance(neuron, LeakyTanh)
    return fuse(recurrent, inputs, neuron.bias, neuron.leak_rate, dtype, backend)
