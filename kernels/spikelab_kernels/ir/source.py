"""The syntax tree of a function, with places that point into its file."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from spikelab_kernels.ir.errors import ModelError

__all__ = ["FunctionSource", "read_function"]


@dataclass(frozen=True)
class FunctionSource:
    """A parsed function and where its text stands.

    Attributes
    ----------
    node : ast.FunctionDef
        The syntax tree.
    file : str
        File of the function.
    first_line : int
        Line of the first line of the parsed text, counted from 1.
    indent : int
        Columns that were removed in front of every line.
    """

    node: ast.FunctionDef
    file: str
    first_line: int
    indent: int

    def error(self, message: str, node: ast.AST) -> ModelError:
        """A :class:`ModelError` that points at `node`."""
        line = self.first_line + getattr(node, "lineno", 1) - 1
        column = getattr(node, "col_offset", 0) + self.indent + 1
        text = linecache.getline(self.file, line).rstrip("\n")
        return ModelError(f"{self.node.name}: {message}", self.file, line, column, text)


def read_function(function: Callable[..., object]) -> FunctionSource:
    """Parse the source of `function`.

    Raises
    ------
    ModelError
        If the source cannot be had, or is not one plain function.
    """
    name = getattr(function, "__name__", repr(function))
    file = getattr(getattr(function, "__code__", None), "co_filename", "<unknown>")
    linecache.checkcache(file)
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError) as error:
        raise ModelError(
            f"{name}: its source cannot be read. A model is translated from its source: "
            "write the function into a .py file or a notebook cell, not into exec or a lambda.",
            file,
        ) from error
    text = "".join(lines)
    dedented = textwrap.dedent(text)
    indent = len(lines[0]) - len(lines[0].lstrip())
    node = ast.parse(dedented).body[0]
    source_line = max(first, 1)
    if not isinstance(node, ast.FunctionDef):
        raise ModelError(
            f"{name}: a model is one plain function written with def.",
            file,
            source_line,
            indent + 1,
            lines[0],
        )
    return FunctionSource(node, file, source_line, indent)
