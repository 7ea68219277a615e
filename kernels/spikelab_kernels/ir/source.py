"""The syntax tree of a function, with places that point into its file."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from spikelab_kernels.ir.errors import ModelError

__all__ = ["FunctionSource", "read_function"]


@dataclass(frozen=True)
class FunctionSource:
    """A parsed function and where its text stands.

    Attributes
    ----------
    node : ast.FunctionDef
        The syntax tree; its lines count from the first of `lines`.
    file : str
        File of the function.
    first_line : int
        Line of the first line of the parsed text, counted from 1.
    lines : tuple of str
        The text as it stood when the function was read.
    """

    node: ast.FunctionDef
    file: str
    first_line: int
    lines: tuple[str, ...]

    def error(self, message: str, node: ast.AST) -> ModelError:
        """A :class:`ModelError` that points at `node`."""
        row = getattr(node, "lineno", 1) - 1
        text = self.lines[row].rstrip("\n")
        # the tree counts bytes of UTF-8, an error counts characters from 1
        column = len(text.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore")) + 1
        return ModelError(f"{self.node.name}: {message}", self.file, self.first_line + row, column, text)


# A function keeps the text it was first read from: its file may be edited while the program runs.
_READ: WeakKeyDictionary[Callable[..., object], FunctionSource] = WeakKeyDictionary()


def read_function(function: Callable[..., object]) -> FunctionSource:
    """Parse the source of `function`; once for each function object.

    Raises
    ------
    ModelError
        If the source cannot be had, or is not one plain function.
    """
    function = inspect.unwrap(function)
    if not inspect.isfunction(function):
        return _read(function)
    if function not in _READ:
        _READ[function] = _read(function)
    return _READ[function]


def _read(function: Callable[..., object]) -> FunctionSource:
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
    first = max(first, 1)
    node = _parse(lines)
    if not isinstance(node, ast.FunctionDef):
        column = len(lines[0]) - len(lines[0].lstrip()) + 1
        message = f"{name}: a model is one plain function written with def."
        raise ModelError(message, file, first, column, lines[0].rstrip("\n"))
    return FunctionSource(node, file, first, tuple(lines))


def _parse(lines: list[str]) -> ast.stmt | None:
    """The first statement of `lines`, or None where they are no whole statement, as around a lambda."""
    nested = lines[0][:1].isspace()
    # a nested function is put below an "if", which leaves every column and odd comments in place
    text = "if True:\n" + "".join(lines) if nested else "".join(lines)
    try:
        statement = ast.parse(text).body[0]
    except SyntaxError:
        return None
    if not nested:
        return statement
    assert isinstance(statement, ast.If)
    ast.increment_lineno(statement, -1)
    return statement.body[0]
