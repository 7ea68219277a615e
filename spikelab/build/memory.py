"""Honest limits: what a run would keep is weighed before it starts."""

from __future__ import annotations

import os

from ..errors import ParameterError

__all__ = ["require_memory"]


def physical_memory() -> int | None:
    """Bytes of memory of the machine, or None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def require_memory(needed: int, owner: str, parameter: str, what: str, remedy: str) -> None:
    """Refuse what cannot fit into the memory of this machine.

    Raises
    ------
    ParameterError
        With the figure.
    """
    total = physical_memory()
    if total is not None and needed > total:
        need = f"fit into the {total / 1e9:.1f} GB of this machine; it asks for {what}"
        raise ParameterError(owner, parameter, f"{needed / 1e9:.1f} GB", need, remedy)
