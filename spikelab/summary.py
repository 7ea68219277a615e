"""The readable form of a network."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .connect import Constant
from .frozen import same_content

if TYPE_CHECKING:
    from .network import Network
    from .parts import Projection

__all__ = ["network_text", "projection_text"]

_MOST_ROWS = 40


def network_text(net: Network) -> str:
    """Return the network as a small table, one line for each object."""
    rows: list[tuple[str, str, str, str]] = []
    for pop in net.populations.values():
        space = "" if pop.positions is None else f", {_short(pop.positions, 90)}"
        rows.append(("population", pop.name, str(pop.n), type(pop.neuron).__name__ + space))
    for inp in net.inputs.values():
        what = "values" if inp.encoder is None else _short(inp.encoder)
        frame = "" if inp.frame_ms is None else f", {inp.frame_ms:g} ms a row"
        rows.append(("input", inp.name, str(inp.n), what + frame))
    for drive in net.drives.values():
        rows.append(("drive", drive.target.name, "", _short(drive.drive) + _receptor(drive.receptor)))
    for proj in net.projections.values():
        ends = f"{proj.name[0]} -> {proj.name[1]}"
        rows.append(("projection", ends, "", projection_text(proj)))
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    lines = [
        f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip()
        for row in rows[:_MOST_ROWS]
    ]
    if len(rows) > _MOST_ROWS:
        lines.append(f"  ... and {len(rows) - _MOST_ROWS} more")
    return "\n".join([f"Network(seed={net.seed})", *lines])


def projection_text(proj: Projection) -> str:
    """Return pattern, weight, delay and what else a projection has as one line."""
    text = f"{_short(proj.pattern)}, weight {_value(proj.weight)}"
    if proj.spectral_radius is not None:
        text += f", spectral radius {proj.spectral_radius:g}"
    if proj.delay_ms is not None:
        text += f", delay {_value(proj.delay_ms)} ms"
    if proj.short_term is not None:
        text += f", {_short(proj.short_term)}"
    if proj.failure_probability:
        text += f", fails with probability {proj.failure_probability:g}"
    for record in (proj.plasticity, proj.homeostasis):
        text += "" if record is None else f", {_short(record)}"
    return text + _receptor(proj.receptor)


def _short(record: Any, limit: int = 50) -> str:
    text = " ".join(repr(record).split())
    if len(text) > limit and is_dataclass(record):
        told = [f for f in fields(record) if not same_content(getattr(record, f.name), f.default)]
        text = f"{type(record).__name__}({', '.join(f'{f.name}={getattr(record, f.name)!r}' for f in told)})"
    return text if len(text) <= limit else f"{type(record).__name__}(...)"


def _value(rule: Any) -> str:
    if isinstance(rule, Constant):
        return f"{rule.value:g}"
    return f"array {rule.shape}" if isinstance(rule, np.ndarray) else _short(rule)


def _receptor(receptor: str) -> str:
    return "" if receptor == "auto" else f", receptor {receptor}"
