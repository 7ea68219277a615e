"""The table of a benchmark and what is needed to judge it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["print_table", "ratio", "spread"]


def print_table(
    title: str, columns: Mapping[str, str], rows: Iterable[Iterable[str]], note: str, width: int = 110
) -> None:
    """Print `rows`; `columns` gives each heading its justification, and the load follows `note`.

    A pipe has no width of its own; `width` is taken there.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for heading, justify in columns.items():
        table.add_column(heading, justify="left" if justify == "left" else "right")
    for row in rows:
        table.add_row(*row)
    console = Console()
    console = console if console.is_terminal else Console(width=width)
    console.print(table)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    console.print(f"{note} Load {load:.1f} on {os.cpu_count()} cores.")


def ratio(value: float | None) -> str:
    """A ratio of times with two or three digits; a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(row: Mapping[str, Any]) -> str:
    """How far the shortest and the longest round lie from the median of a row, in per cent."""
    below, above = (100.0 * (row[key] / row["median_s"] - 1.0) for key in ("min_s", "max_s"))
    return f"{below:+.0f} {above:+.0f} %"
