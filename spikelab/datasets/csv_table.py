"""Reading of a CSV file column by column: delimiter, header, numbers, with line and column in errors."""

from __future__ import annotations

import csv
import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TextIO

from .errors import DataFileError, MissingDataError
from .home import as_path

__all__ = ["UNNAMED", "CsvLayout", "CsvTable", "csv_layout", "parse_number", "parse_stamp", "read_columns"]

UNNAMED = "unnamed_"
_MISSING = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "?"})
_DELIMITERS = ";\t|,"  # the comma last: beside another one it is a decimal comma
_SAMPLE_LINES = 50
_MOST_CELLS = 2**28
_NAN = float("nan")
_INFINITE = frozenset({float("inf"), float("-inf")})


@dataclass(frozen=True)
class CsvLayout:
    """How a CSV file is written.

    Attributes
    ----------
    path : str
    delimiter : str
    headless : bool
        The first row holds values.
    names : tuple of str
        Columns; "0", "1" and so on where there is no header, `UNNAMED` and the place where a name is missing.
    """

    path: str
    delimiter: str
    headless: bool
    names: tuple[str, ...]


@dataclass(frozen=True)
class CsvTable:
    """Columns of a CSV file.

    Attributes
    ----------
    numbers : array of float
        Row after row, NaN where a cell is missing; 8 bytes a cell, whatever the file's size.
    texts : dict of str to list of str
        Columns kept as they stand.
    lines : array of int
        Line of each row in the file.
    """

    numbers: array[float]
    texts: dict[str, list[str]]
    lines: array[int]


def csv_layout(path: str | os.PathLike[str]) -> CsvLayout:
    """Find delimiter and header of a file by its first lines.

    The delimiter is the one of comma, semicolon, tab and bar that splits the lines most evenly. The first
    row is a header if a cell of it is neither a number nor missing nor a time, or if its first cell is empty.

    Raises
    ------
    DataFileError
        If the file is empty or not text, or names a column twice.
    """
    with _open(path) as file:
        sample = [line for line in (file.readline() for _ in range(_SAMPLE_LINES)) if line.strip()]
        if not sample:
            raise DataFileError(f"{path}: is empty.")
        delimiter = _delimiter(sample, str(path))
        file.seek(0)
        number, first = next(_rows(file, delimiter, str(path)))
    values = all(parse_number(cell, delimiter != ",") is not None or parse_stamp(cell) for cell in first)
    headless = values and (len(first) == 1 or bool(first[0].strip()))
    names = [str(i) if headless else cell.strip() or f"{UNNAMED}{i}" for i, cell in enumerate(first)]
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise DataFileError(f"{path}, line {number}: the column {twice[0]!r} is named twice. Rename one.")
    return CsvLayout(str(path), delimiter, headless, tuple(names))


def read_columns(layout: CsvLayout, numbers: Sequence[str], texts: Sequence[str]) -> CsvTable:
    """Read some columns of a file, row by row.

    Parameters
    ----------
    layout : CsvLayout
    numbers, texts : sequence of str
        Columns to read as numbers, and as they stand.

    Returns
    -------
    CsvTable
        A blank line is a row of missing values, except at the end.

    Raises
    ------
    DataFileError
        With the line and the column of what is no number.
    """
    table = CsvTable(array("d"), {name: [] for name in texts}, array("q"))
    places = [layout.names.index(name) for name in numbers]
    kept = [layout.names.index(name) for name in texts]
    width = len(layout.names)
    blank: list[int] = []
    with _open(layout.path) as file:
        rows = _rows(file, layout.delimiter, layout.path)
        first = next(rows)
        for number, row in chain([first] if layout.headless else [], rows):
            values = _plain_numbers(row, places, width)
            if values is None:
                if not any(cell.strip() for cell in row):
                    blank.append(number)
                    continue
                values = _numbers(layout, number, row, places)
            if blank:
                for missed in blank:
                    _append(table, missed, [_NAN] * len(places), [""] * len(kept))
                blank.clear()
            _append(table, number, values, [row[place].strip() for place in kept])
            if len(table.numbers) > _MOST_CELLS:
                raise DataFileError(
                    f"{layout.path}: has more than {_MOST_CELLS:,} values, {_MOST_CELLS * 8 / 1e9:.1f} GB as "
                    "float64. Name fewer columns, or cut the file."
                )
    return table


def _plain_numbers(row: Sequence[str], places: Sequence[int], width: int) -> list[float] | None:
    """The values of an ordinary row, fast; None for any other."""
    if len(row) != width:
        return None
    try:
        values = [float(row[place]) for place in places]
    except ValueError:
        return None
    return values if _INFINITE.isdisjoint(values) else None


def _numbers(layout: CsvLayout, number: int, row: Sequence[str], places: Sequence[int]) -> list[float]:
    """The values of a row, missing ones among them, or the error that says which cell holds none."""
    width = len(layout.names)
    if len(row) != width:
        raise DataFileError(
            f"{layout.path}, line {number}: has {len(row)} cells, not {width} as the first row."
        )
    values = []
    for place in places:
        value = parse_number(row[place], layout.delimiter != ",")
        if value is None or value in _INFINITE:
            wrong = (
                f"{row[place].strip()[:40]!r} is not a number" if value is None else "the value is not finite"
            )
            raise DataFileError(f"{layout.path}, line {number}, column {layout.names[place]!r}: {wrong}.")
        values.append(value)
    return values


def _append(table: CsvTable, number: int, values: Sequence[float], texts: Sequence[str]) -> None:
    table.lines.append(number)
    table.numbers.extend(values)
    if texts:
        for kept, text in zip(table.texts.values(), texts, strict=True):
            kept.append(text)


def parse_number(cell: str, decimal_comma: bool = False) -> float | None:
    """Return the number in a cell, NaN for a missing one, None for anything else.

    Examples
    --------
    >>> parse_number("1,5", decimal_comma=True), parse_number("n/a"), parse_number("off")
    (1.5, nan, None)
    """
    try:
        return float(cell)
    except ValueError:
        cell = cell.strip().lower()
    if cell in _MISSING:
        return _NAN
    if decimal_comma and cell.count(",") == 1 and "." not in cell:
        return parse_number(cell.replace(",", "."))
    return None


def parse_stamp(cell: str) -> datetime | None:
    """Return the time in a cell of ISO 8601, such as ``2014-04-01 00:05:00``, or None."""
    try:
        return datetime.fromisoformat(cell.strip())
    except ValueError:
        return None


def _delimiter(lines: Sequence[str], path: str) -> str:
    """The sign that splits most lines alike; a comma, which splits nothing, where there is one column."""
    best, best_share = ",", 0.0
    for sign in _DELIMITERS:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        except csv.Error as error:
            raise DataFileError(f"{path}: is not a CSV file: {error}.") from None
        usual = max(set(counts), key=counts.count)
        share = counts.count(usual) / len(counts)
        if usual > 1 and share > best_share:
            best, best_share = sign, share
    return best


def _rows(file: TextIO, delimiter: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; blank lines before the first are skipped."""
    reader = csv.reader(file, delimiter=delimiter)
    begun, line = False, 1
    try:
        for row in reader:
            begun = begun or any(cell.strip() for cell in row)
            if begun:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataFileError(f"{path}, line {line}: is not CSV: {error}.") from None


@contextmanager
def _open(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    place = as_path("read_series_csv", path)
    try:
        # Newlines are the reader's business: a quoted cell may hold one.
        with place.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        reason = error.strerror or str(error)
        raise MissingDataError(f"{path}: cannot be read: {reason}. Check the path.") from None
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"{path}: is not UTF-8 text: {error.reason} at byte {error.start:,}. Save it as CSV in UTF-8."
        ) from None
