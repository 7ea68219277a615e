"""Checks of arrays that are to be drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelab.errors import ParameterError

__all__ = ["finite_array", "pick"]


def finite_array(
    owner: str, name: str, value: ArrayLike, ndim: int, axes: str, dtype: Any = np.float64
) -> NDArray[Any]:
    """`value` as an array of `ndim` axes without NaN and infinity.

    Raises
    ------
    ParameterError
        Another rank, no elements, or a value that is not finite (with its index).
    """
    array = np.asarray(value, dtype=dtype)
    if array.ndim != ndim or array.size == 0:
        shape = list(array.shape)
        raise ParameterError(owner, name, shape, f"be a non-empty array {axes}", f"Its shape is {shape}.")
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        index = tuple(int(i) for i in bad[0])
        remedy = f"Index {list(index)} holds {array[index]}."
        raise ParameterError(owner, name, "an array", "be finite everywhere", remedy)
    return array


def pick(owner: str, name: str, value: int, size: int) -> int:
    """An index below `size`; negative ones are refused, since an axis here has no natural end.

    Raises
    ------
    ParameterError
        An index outside 0 ... size - 1.
    """
    if not 0 <= value < size:
        raise ParameterError(owner, name, value, f"be in 0 ... {size - 1}", f"There are {size}.")
    return int(value)
