"""Classes whose instances may be written to a model file and made again from one."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

__all__ = ["STORABLE", "require_array", "require_stored", "storable"]

Kind = TypeVar("Kind", bound=type[Any])

# By class name. A file can name these classes and no other.
STORABLE: dict[str, type[Any]] = {}


def storable(kind: Kind) -> Kind:
    """Let a class take part in `spikelab.save_model`; a class decorator.

    A dataclass is stored by its fields and made again by its constructor, which checks them. Any other class
    is stored by its attributes, which must be plain values, arrays, networks, simulators, or storable
    themselves.

    A class whose arrays go to kernels, which look at no bounds, has a method ``_check_stored()``. It is
    called on what was made from a file, and refuses by `require_stored` and `require_array` what does not
    fit.

    Raises
    ------
    TypeError
        If another class of this name is registered already.
    """
    known = STORABLE.setdefault(kind.__name__, kind)
    if (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
        places = f"{known.__module__} and {kind.__module__}"
        raise TypeError(f"two storable classes are named {kind.__name__}: of {places}")
    return kind


def require_stored(fits: bool, what: str) -> None:
    """Refuse what a file holds, unless it fits.

    Raises
    ------
    ValueError
        Which `spikelab.load_model` turns into an error that names the file.
    """
    if not fits:
        raise ValueError(f"its {what} does not fit")


def require_array(value: Any, what: str, dtype: Any, *shape: int | None) -> None:
    """Refuse what is no C-contiguous array of this type and shape; None is any length but zero.

    Raises
    ------
    ValueError
        As `require_stored`.
    """
    require_stored(
        isinstance(value, np.ndarray)
        and value.dtype == np.dtype(dtype)
        and value.flags.c_contiguous
        and value.ndim == len(shape)
        and all(
            have == want or (want is None and have > 0) for have, want in zip(value.shape, shape, strict=True)
        ),
        what,
    )
