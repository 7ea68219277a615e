"""Keys of random streams: one for each (seed, object, purpose), so that adding an object reseeds nothing."""

from __future__ import annotations

from hashlib import blake2b

from .units import require_integer

__all__ = ["ObjectName", "object_key", "sub_key"]

ObjectName = str | tuple[str | int, ...]
"""A population's or input's name, or a tuple such as a projection's ``(source, target, ordinal)``."""


def object_key(seed: int, name: ObjectName, purpose: str) -> int:
    """Return the 64-bit Philox key of one purpose of one named object.

    Parameters
    ----------
    seed : int
        Seed of the network; any non-negative integer.
    name : str or tuple of str and int
        Name of the object.
    purpose : str
        What the numbers are drawn for, such as ``"edges"`` or ``"weight"``.

    Returns
    -------
    int
        Key in [0, 2**64).

    Examples
    --------
    >>> object_key(0, "exc", "noise") == object_key(0, "exc", "noise")
    True
    >>> object_key(0, ("a", "b", 0), "edges") == object_key(0, ("a", "b", 1), "edges")
    False
    """
    seed = require_integer("object_key", "seed", seed, low=0)
    parts = (name,) if isinstance(name, str) else tuple(name)
    return _digest("object", seed, len(parts), *parts, purpose)


def sub_key(key: int, *labels: str | int) -> int:
    """Return a key derived from another, for a second stream or a further round of one draw."""
    return _digest("sub", int(key), *labels)


def _digest(*parts: str | int) -> int:
    # Every part carries its type and length: ("ab", "c") and ("a", "bc") differ, and so do 1 and "1".
    state = blake2b(digest_size=8, person=b"spikelab-key")
    for part in parts:
        text = str(part).encode()
        state.update(f"{'s' if isinstance(part, str) else 'i'}{len(text)}:".encode() + text)
    return int.from_bytes(state.digest(), "little")
