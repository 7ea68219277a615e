"""Rows of a result in the order of a page: models, their controls, floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["KINDS", "in_order"]

KINDS = {
    "model": "Models: a fixed random network and a trained readout",
    "control": "Control: the same network with its memory taken away",
    "floor": "Floors: what a method must beat to be worth anything",
}


def in_order(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Models first, then controls, then floors; the given order within a kind."""
    kinds = list(KINDS)
    return sorted(rows, key=lambda row: kinds.index(row["kind"]))
