"""Figures of the forecast job as text: from 1e-5 to 10, three digits each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["number", "spread_html", "spread_text"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, digits: int = 3) -> str:
    """``0.162``, ``12.3`` or ``3.2·10⁻⁵``: so many digits, two where a power of ten stands."""
    if value is None or not math.isfinite(value):
        return "∞"
    if value == 0.0 or 0.001 <= abs(value) < 10_000.0:
        places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
        return f"{value:.{max(places, 0)}f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}"


def spread_text(metric: Mapping[str, Any]) -> str:
    """Mean and standard deviation over seeds; the mean alone where there is one."""
    text = number(metric["mean"])
    return text if metric["n"] < 2 else f"{text} ± {number(metric['std'], 2)}"


def spread_html(metric: Mapping[str, Any]) -> str:
    """The same with the deviation in small type."""
    text = number(metric["mean"])
    return text if metric["n"] < 2 else f"{text} <small>± {number(metric['std'], 2)}</small>"
