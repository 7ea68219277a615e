"""A network as plain values, which a script of another simulator can read."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from ...network import Network

__all__ = ["describe"]


def describe(net: Network) -> dict[str, Any]:
    """Return populations, drives and projections as values that JSON can hold.

    A record becomes a mapping of its fields with the name of its class under "kind"; arrays become lists.
    """
    return {
        "seed": net.seed,
        "populations": [{"name": p.name, "n": p.n, **_plain(p.neuron)} for p in net.populations.values()],
        "drives": [{"target": d.target.name, **_plain(d.drive)} for d in net.drives.values()],
        "projections": [
            {
                "source": p.source.name,
                "target": p.target.name,
                "pattern": _plain(p.pattern),
                "weight": _plain(p.weight),
                "delay_ms": _plain(p.delay_ms),
                "plasticity": _plain(p.plasticity),
            }
            for p in net.projections.values()
        ],
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    content = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return {"kind": type(value).__name__, **content}
