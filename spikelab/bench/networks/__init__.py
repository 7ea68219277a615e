"""Published networks in this library's own terms: a function each, which returns the recipe."""

from __future__ import annotations

import importlib
from typing import Any

from ...network import Network

__all__ = ["make"]

_MODULES = {
    "brunel": "brunel",
    "coba": "cuba",
    "cuba": "cuba",
    "microcircuit": "microcircuit",
    "stdp_brunel": "brunel",
}


def make(function: str, **arguments: Any) -> Network:
    """Call one of the functions by name, for processes that are told in text what to run."""
    module = importlib.import_module(f"{__name__}.{_MODULES[function]}")
    made: Network = getattr(module, function)(**arguments)
    return made
