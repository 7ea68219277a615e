"""Records and arrays that nobody changes any more, compared by content."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

__all__ = ["Recipe", "frozen_array", "frozen_record", "same_content"]

Record = TypeVar("Record")


@dataclass(frozen=True)
class Recipe:
    """A frozen record whose fields scikit-learn can read."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name, as scikit-learn's estimators do."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def frozen_array(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a C-contiguous read-only copy; an array that is already so and owns its data is kept."""
    if not array.flags.writeable and array.base is None and array.flags.c_contiguous:
        return array
    twin = np.array(array, order="C", copy=True)
    twin.setflags(write=False)
    return twin


def frozen_record(record: Record) -> Record:
    """Make the array fields of a frozen dataclass read-only copies, in a shallow copy where needed."""
    if not is_dataclass(record) or isinstance(record, type):
        return record
    changed: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        kept = frozen_array(value) if isinstance(value, np.ndarray) else frozen_record(value)
        if kept is not value:
            changed[field.name] = kept
    if not changed:
        return record
    # Not dataclasses.replace: a record may have fields that its constructor does not take.
    twin = copy(record)
    for name, value in changed.items():
        object.__setattr__(twin, name, value)
    return twin


def same_content(a: Any, b: Any) -> bool:
    """Tell whether two values are equal in type and content, arrays and nested records included."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if sparse.issparse(a) and sparse.issparse(b):
        return same_content(_csr_parts(a), _csr_parts(b))
    if type(a) is not type(b):
        return False
    if is_dataclass(a) and not isinstance(a, type):
        return all(same_content(getattr(a, f.name), getattr(b, f.name)) for f in fields(a) if f.compare)
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(same_content(a[k], b[k]) for k in a)
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(same_content(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def _csr_parts(matrix: Any) -> tuple[Any, ...]:
    csr = sparse.csr_array(matrix)
    return csr.shape, csr.indptr, csr.indices, csr.data
