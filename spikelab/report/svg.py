"""Matplotlib figures as SVG inside a page: text stays text, colours follow the page's theme."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING

from spikelab.plot.style import GRID, INK, MUTED, PAPER, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["inline_svg"]

_THEME = {INK: "--ink", MUTED: "--muted", GRID: "--grid", PAPER: "--paper"} | {
    colour: f"--series-{index}" for index, colour in enumerate(SERIES)
}


def inline_svg(figure: Figure, *, name: str, alt: str) -> str:
    """An ``<svg>`` element for a page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Unique in the page; every id of the picture starts with it.
    alt : str
        What the picture shows, for readers who do not see it.

    Returns
    -------
    str
        No prolog, no metadata, no fixed size; colours of the common style are CSS variables.
    """
    import matplotlib

    stream = io.StringIO()
    # Text as text, and equal bytes for equal figures.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(stream, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator")))
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    # Marker definitions carry ids too; the same id twice in one page would mix pictures up.
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub(r"font: [^;\"]*?([\d.]+px)[^;\"]*", r"font-size: \1", text)
    for colour, variable in _THEME.items():
        text = text.replace(colour, f"var({variable})")
    head, body = text.split(">", 1)
    view = re.search(r'viewBox="[^"]*"', head)
    assert view is not None
    label = html.escape(alt, quote=True)
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {spaces} {view.group()} role="img" aria-label="{label}">{body.strip()}'
