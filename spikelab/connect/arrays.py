"""Edges and weights from a matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..errors import ParameterError
from ..frozen import frozen_array
from ..units import real_array, require_finite
from .patterns import BlockPattern
from .sampling import Blocks, rows_in_blocks

__all__ = ["FromArray"]


@dataclass(frozen=True, init=False, repr=False, eq=False)
class FromArray(BlockPattern):
    """Edges and weights from a matrix [source, target].

    The entries that are not zero are the edges of a dense matrix, the stored entries those of a sparse
    one. Duplicates in a sparse matrix are added.

    Parameters
    ----------
    matrix : array or scipy.sparse matrix [source, target]
        Weights. Copied.

    Attributes
    ----------
    matrix : scipy.sparse.csr_array [source, target], float64
        The edges; its arrays are read-only.

    Examples
    --------
    >>> FromArray([[0.0, 2.0], [1.0, 0.0]]).edges(2, 2, key=0, same=True)
    (array([0, 1], dtype=uint32), array([1, 0], dtype=uint32))
    """

    matrix: Any = field()

    def __init__(self, matrix: Any) -> None:
        if hasattr(matrix, "tocsr"):
            real_array("FromArray", "matrix", matrix.tocsr().data)
        else:
            matrix = real_array("FromArray", "matrix", matrix)
            if matrix.ndim != 2:
                raise ParameterError(
                    "FromArray",
                    "matrix",
                    f"array of shape {matrix.shape}",
                    "have 2 axes, source and target",
                    "For weights of one edge per pair of neurons use OneToOne.",
                )
        csr: Any = sparse.csr_array(matrix, dtype=np.float64, copy=True)
        try:  # scipy itself looks at the sizes only, and reads beyond its arrays where an index is wrong
            csr.check_format(full_check=True)
        except ValueError as error:
            text = f"hold indices that lie within its shape {csr.shape}"
            raise ParameterError("FromArray", "matrix", type(matrix).__name__, text, f"{error}.") from None
        csr.sum_duplicates()
        bad = np.flatnonzero(~np.isfinite(csr.data))
        if bad.size:
            row = int(np.searchsorted(csr.indptr, bad[0], side="right")) - 1
            require_finite("FromArray", f"matrix[{row}, {int(csr.indices[bad[0]])}]", float(csr.data[bad[0]]))
        csr.data, csr.indices, csr.indptr = (frozen_array(a) for a in (csr.data, csr.indices, csr.indptr))
        object.__setattr__(self, "matrix", csr)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest weight."""
        data = self.matrix.data
        return (float(data.min()), float(data.max())) if data.size else (0.0, 0.0)

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Weight of each edge, in the order of `edges`: array [edge], float64, read-only."""
        data: npt.NDArray[np.float64] = self.matrix.data
        return data

    def check(self, n_source: int, n_target: int, same: bool) -> None:
        """Refuse a matrix of another shape."""
        if self.matrix.shape != (n_source, n_target):
            raise ParameterError(
                "FromArray",
                "matrix",
                f"matrix of shape {self.matrix.shape}",
                f"have shape (source, target) = ({n_source}, {n_target})",
                "Transpose it." if self.matrix.shape == (n_target, n_source) else "",
            )

    def count(self, n_source: int, n_target: int, same: bool) -> int:
        """Return the number of edges."""
        return int(self.matrix.nnz)

    def blocks(self, n_source: int, n_target: int, key: int, same: bool, size: int) -> Blocks:
        """Yield the entries."""
        self.check(n_source, n_target, same)
        for source, target in rows_in_blocks(self.matrix.indptr, self.matrix.indices, size):
            yield source, target.astype(np.uint32)

    def __repr__(self) -> str:
        rows, columns = self.matrix.shape
        return f"FromArray({rows} x {columns}, {self.matrix.nnz} edges)"
