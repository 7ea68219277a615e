"""Small pieces of HTML; every text that comes from data is escaped here."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["escape", "figure", "fold", "key_table", "spread", "table"]


def escape(value: object) -> str:
    """Text that is safe between tags and in quoted attributes."""
    return html.escape(str(value), quote=True)


def table(head: Sequence[str], body: Iterable[str], *, label: str, kind: str = "wide") -> str:
    """A table that scrolls sideways by itself on narrow screens; `head` and `body` are HTML."""
    return (
        f'<div class="scroll {kind}" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="{kind}">'
        f"<thead><tr>{''.join(head)}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def key_table(values: Mapping[str, Any], *, label: str) -> str:
    """Two columns: names and values."""
    body = [
        f'<tr><th scope="row"><code>{escape(key)}</code></th>'
        f'<td class="text">{escape(_value(value))}</td></tr>'
        for key, value in values.items()
    ]
    return table(['<th scope="col">Name</th>', '<th scope="col">Value</th>'], body, label=label, kind="plain")


def figure(svg: str, caption: str, *, narrow: bool = False) -> str:
    """A picture with its caption; both are HTML."""
    kind = ' class="narrow"' if narrow else ""
    return f"<figure{kind}>{svg}<figcaption>{caption}</figcaption></figure>"


def fold(title: str, content: str) -> str:
    """A section that opens on demand."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def spread(metric: Mapping[str, Any], *, scale: float = 1.0, digits: int = 1) -> str:
    """``98.6 ± 0.3``; the spread is left out where there is one value only."""
    mean = f"{metric['mean'] * scale:,.{digits}f}"
    if metric["n"] < 2:
        return mean
    return f"{mean} <small>± {metric['std'] * scale:,.{digits}f}</small>"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)
