"""The frame of every ``report.html``: one page that stands alone and explains itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import resources
from string import Template
from typing import Any

from spikelab.report.fragments import escape, fold, key_table

__all__ = ["assemble", "glossary", "steps"]


def assemble(
    result: Mapping[str, Any],
    *,
    kicker: str,
    heading: str,
    lead: str,
    verdict: Iterable[str],
    sections: Iterable[str],
    words: Mapping[str, str],
    again: str = "The same seeds give the same networks and, on the same machine, the same answers.",
    details: Mapping[str, Any] | None = None,
) -> str:
    """Put a page together from what is common to all jobs and what one job has to say.

    Parameters
    ----------
    result : mapping
        The content of ``result.json``; see `spikelab.cli.jobs.document`.
    kicker, heading, lead : str
        Plain text: the small line on top (the data set), the title, and two or three sentences on the task.
    verdict : iterable of str
        Plain sentences, one paragraph each: what was found, first of all.
    sections : iterable of str
        HTML of the job's own sections, each from its ``<h2>`` on.
    words : mapping of str to str
        Glossary: terms and plain text.
    again : str
        What running the command again gives.
    details : mapping of str to mapping, optional
        More tables of names and values, folded, by title.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing.
    """
    return Template(_read("page.html")).substitute(
        title=escape(f"{heading} spikelab on {kicker}"),
        style=_read("page.css"),
        kicker=escape(kicker),
        heading=escape(heading),
        lead=escape(lead),
        banners=_banners(result),
        verdict="".join(f"<p>{escape(text)}</p>" for text in verdict),
        sections="\n".join(sections),
        command=escape(result["command"]),
        again=escape(again),
        details=_details(result, details or {}),
        glossary=glossary(words),
        footer=_footer(result),
    )


def glossary(words: Mapping[str, str]) -> str:
    """Terms and their meaning as a definition list's items."""
    return "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in words.items())


def steps(items: Iterable[tuple[str, str, bool]]) -> str:
    """A method as a numbered list of (title, text, whether this step learns)."""
    listed = "".join(
        f"<li{' class=learns' if learns else ''}><b>{escape(title)}</b>{escape(text)}</li>"
        for title, text, learns in items
    )
    return f'<ol class="steps">\n{listed}\n</ol>'


def _read(name: str) -> str:
    return resources.files("spikelab.report").joinpath(name).read_text(encoding="utf-8").strip()


def _banners(result: Mapping[str, Any]) -> str:
    texts = []
    if result["interrupted"]:
        texts.append("This run was interrupted: the rows below are what was finished.")
    if result["quick"]:
        texts.append("A quick run (--quick): smaller networks and fewer seeds. Do not quote its numbers.")
    return "".join(f'<p class="banner" role="note">{escape(text)}</p>' for text in texts)


def _details(result: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    parameters = "".join(
        f"<h3>{escape(row['name'])}</h3>{key_table(row['parameters'], label=row['name'])}"
        for row in result["rows"]
        if row["parameters"]
    )
    run = {name: result[name] for name in ("seeds", "quick", "interrupted", "started")}
    run["wall_s"] = f"{result['wall_s']:.1f}"
    tables = {
        "Versions": result["versions"],
        "Machine and run": {**result["machine"], **run},
        **more,
    }
    return "".join(
        (
            fold("Parameters of every method", parameters or "<p>None.</p>"),
            *(fold(title, key_table(values, label=title)) for title, values in tables.items()),
        )
    )


def _footer(result: Mapping[str, Any]) -> str:
    version = result["versions"]["spikelab"]
    moment = f"{datetime.fromisoformat(result['started']).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return escape(
        f"Made by spikelab {version}, {moment}, in {result['wall_s']:.0f} s. "
        "The numbers, also those behind the pictures, are in result.json beside this page."
    )
