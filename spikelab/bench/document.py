"""The JSON file of a benchmark: its figures with versions, machine and load."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..report.document import write_json
from ..report.environment import machine, versions

__all__ = ["write_document"]


def write_document(
    path: Path, name: str, setting: Mapping[str, Any], rows: list[dict[str, Any]], **further: Any
) -> None:
    """Write the rows of benchmark `name`, and `further` tables of its own, atomically."""
    document = {
        "benchmark": name,
        "setting": dict(setting),
        "rows": rows,
        **further,
        "versions": versions(),
        "machine": machine(),
        "command": ["spikelab", "bench", name, *sys.argv[3:]],
    }
    write_json(path, document)
