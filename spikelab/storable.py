"""Classes whose instances may be written to a model file and made again from one."""

from __future__ import annotations

from typing import Any, TypeVar

__all__ = ["STORABLE", "storable"]

Kind = TypeVar("Kind", bound=type[Any])

# By class name. A file can name these classes and no other.
STORABLE: dict[str, type[Any]] = {}


def storable(kind: Kind) -> Kind:
    """Let a class take part in `spikelab.save_model`; a class decorator.

    A dataclass is stored by its fields and made again by its constructor, which checks them. Any other class
    is stored by its attributes, which must be plain values, arrays, networks, simulators, or storable
    themselves.

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
