"""Sphinx configuration. Nothing here needs the network."""

from __future__ import annotations

import inspect
from importlib import metadata
from pathlib import Path

import spikelab

project = "spikelab"
author = copyright = "The spikelab developers"
release = version = metadata.version("spikelab-sim")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc"]
exclude_patterns = ["_build", "reference/generated"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = "spikelab"
html_static_path = ["_static"]


def write_api_page(_app: object) -> None:
    """Write ``reference/generated/api.rst`` from what the package exports, so that it cannot lag behind."""
    by_module: dict[str, list[str]] = {}
    for name in sorted(spikelab.__all__):
        thing = getattr(spikelab, name)
        kind = "module" if inspect.ismodule(thing) else "class" if inspect.isclass(thing) else "function"
        home = thing.__name__ if kind == "module" else thing.__module__
        options = "" if kind == "function" else "\n   :members:"
        full = home if kind == "module" else f"spikelab.{name}"
        by_module.setdefault(".".join(home.split(".")[:2]), []).append(f".. auto{kind}:: {full}{options}\n")
    parts = [
        f"{module}\n{'-' * len(module)}\n\n" + "\n".join(by_module[module]) for module in sorted(by_module)
    ]
    folder = Path(__file__).parent / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "api.rst").write_text("\n".join(parts), encoding="utf-8")


def setup(app: object) -> None:
    """Connect the page above to the start of a build."""
    app.connect("builder-inited", write_api_page)  # type: ignore[attr-defined]
