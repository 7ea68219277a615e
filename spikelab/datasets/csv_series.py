"""One's own series from a CSV file."""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_choice, require_integer
from .csv_table import UNNAMED, CsvLayout, CsvTable, csv_layout, parse_number, parse_stamp, read_columns
from .errors import DataFileError
from .records import LabelledSeries
from .windows import windows_of

__all__ = ["read_series_csv"]

_OWNER = "read_series_csv"
_TIMES = ("time", "timestamp", "datetime", "date")
_LABELS = ("label", "labels", "is_anomaly", "anomaly")
_TRUE, _FALSE = ("true", "yes", "anomaly"), ("false", "no", "normal")
_TRAIN_SHARE = 0.25
_GAP = 1.5  # steps
_NO_TIMES = (float("inf"), float("-inf"))
# Of the columns that a message names.
_MOST_NAMES, _LONGEST_NAME = 12, 40
Floats = npt.NDArray[np.float64]


def read_series_csv(
    path: str | os.PathLike[str],
    column: str | Sequence[str] | None = None,
    time_column: str | None = None,
    label_column: str | None = None,
    nan: str = "keep",
    *,
    train_stop: int | None = None,
) -> LabelledSeries:
    """Read a series of one's own.

    Parameters
    ----------
    path : path
        CSV in UTF-8, with or without a header; comma, semicolon, tab or bar between cells, found by trial.
        Cells that are empty or read ``nan, na, n/a, null, none, -, ?`` are missing, as are all cells of a
        blank line between rows.
    column : str or sequence of str, optional
        Columns of values. By default all beside time and labels, except those without a name.
    time_column : str, optional
        Numbers, or times of ISO 8601. By default the column named time, timestamp, datetime or date, if any.
    label_column : str, optional
        0 and 1, or true and false, or normal and anomaly. By default the column named label, labels,
        is_anomaly or anomaly, if any.
    nan : {"keep", "error", "interpolate", "drop"}
        What becomes of missing values: they stay NaN; the first is refused; they are filled on the straight
        line between their neighbours (at an end, by the next value); or their rows are left out.
    train_stop : int, optional
        Rows before it are taken as normal; the first quarter by default.

    Returns
    -------
    LabelledSeries
        ``rate_hz`` comes from the median step of the time, numbers being taken as seconds.

    Raises
    ------
    DataFileError
        Names line and column: text among the numbers, an infinite value, a row of another length, time that
        goes back, a column without any value or with one value only, fewer than two rows.
    ParameterError
        If a named column is not there, or is named for two purposes; the message names the nearest.

    Warns
    -----
    UserWarning
        If times stand twice or leave gaps (rows are taken as equally spaced), or one of several columns is
        constant.

    Notes
    -----
    The file is read row by row; a value takes 8 bytes. More than 2 ** 28 values are refused.
    """
    require_choice(_OWNER, "nan", nan, ("keep", "error", "interpolate", "drop"))
    if column is not None and not isinstance(column, (str, Sequence)):
        raise ParameterError(_OWNER, "column", column, "be the name of a column, or a list of names")
    layout = csv_layout(path)
    wanted = [column] if isinstance(column, str) else list(column or ())
    time_name = _named_or_usual(layout, "time_column", time_column, _TIMES, wanted)
    label_name = _named_or_usual(layout, "label_column", label_column, _LABELS, wanted)
    _refuse_two_purposes(wanted, time_name, label_name)
    names = _value_columns(layout, wanted, {time_name, label_name})
    table = read_columns(layout, names, [name for name in (time_name, label_name) if name is not None])
    if len(table.lines) < 2:
        need = "at least 2 are needed"
        raise DataFileError(f"{path}: has {len(table.lines)} row{'s' * (len(table.lines) != 1)}; {need}.")
    labels = None if label_name is None else _labels(layout, table, label_name)
    time = None if time_name is None else _time(layout, table, time_name)
    if time is not None and time_name is not None:
        _warn_of_steps(layout, table, time_name, time)
    values = np.array(table.numbers, dtype=np.float64).reshape(-1, len(names))
    values, kept = _without_missing(layout, table, values, names, nan)
    _refuse_constants(layout, values, names)
    if not kept.all():
        labels = None if labels is None else labels[kept]
        time = None if time is None else time[kept]
    stop = max(1, round(_TRAIN_SHARE * len(values))) if train_stop is None else train_stop
    return LabelledSeries(
        name=Path(path).stem,
        values=values,
        labels=labels,
        windows=() if labels is None else windows_of(labels),
        train_stop=require_integer(_OWNER, "train_stop", stop, low=0, high=len(values)),
        time=time,
        rate_hz=None if time is None else _rate_hz(time),
        channels=tuple(names),
    )


def _named_or_usual(
    layout: CsvLayout, parameter: str, name: str | None, usual: Sequence[str] = (), wanted: Sequence[str] = ()
) -> str | None:
    """The named column, which must be there, else the first that bears a usual name and is no value."""
    if name is None:
        free = (name for name in layout.names if name not in wanted)
        return next((name for name in free if name.lower() in usual), None)
    if name not in layout.names:
        near = difflib.get_close_matches(str(name), layout.names, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else ""
        need = f"be one of the columns of {layout.path}: {_listed(layout.names)}"
        raise ParameterError(_OWNER, parameter, name, need, remedy)
    return name


def _refuse_two_purposes(wanted: list[str], time_name: str | None, label_name: str | None) -> None:
    if len(set(wanted)) < len(wanted):
        raise ParameterError(_OWNER, "column", wanted, "name each column once")
    if label_name is not None and label_name in (time_name, *wanted):
        remedy = "Name another one, or leave it out."
        raise ParameterError(_OWNER, "label_column", label_name, "hold neither time nor values", remedy)
    if time_name is not None and time_name in wanted:
        need = "hold no values"
        raise ParameterError(_OWNER, "time_column", time_name, need, "Leave it out of column.")


def _listed(names: Sequence[str]) -> str:
    """Names of columns for a message: some of many, long ones cut."""
    shown = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..." for name in names]
    more = len(shown) - _MOST_NAMES
    return ", ".join(shown[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def _value_columns(layout: CsvLayout, wanted: list[str], others: set[str | None]) -> list[str]:
    free = [name for name in layout.names if name not in others]
    names = wanted or [name for name in free if not name.startswith(UNNAMED)]
    for name in wanted:
        _named_or_usual(layout, "column", name)
    if not names:
        raise DataFileError(f"{layout.path}: has no column of values, only {_listed(layout.names)}.")
    return names


def _labels(layout: CsvLayout, table: CsvTable, name: str) -> npt.NDArray[np.bool_]:
    known: dict[str, bool] = {}
    for cell, line in zip(table.texts[name], table.lines, strict=True):
        if cell in known:
            continue
        number, word = parse_number(cell), cell.lower()
        if number in (0.0, 1.0) or word in _TRUE or word in _FALSE:
            known[cell] = number == 1.0 or word in _TRUE
        else:
            where = f"{layout.path}, line {line}, column {name!r}"
            raise DataFileError(f"{where}: {cell[:40]!r} is no label. Labels are 0 or 1, or true or false.")
    return np.array([known[cell] for cell in table.texts[name]], dtype=np.bool_)


def _time(layout: CsvLayout, table: CsvTable, name: str) -> npt.NDArray[Any]:
    cells, where = table.texts[name], f"{layout.path}, line %d, column {name!r}"
    stamped = parse_number(cells[0], layout.delimiter != ",") is None
    values: list[Any] = []
    for cell, line in zip(cells, table.lines, strict=True):
        value = _stamp(cell) if stamped else parse_number(cell, layout.delimiter != ",")
        if value is None or value in _NO_TIMES or value != value:
            form = "a time of ISO 8601, such as 2014-04-01 00:05:00" if stamped else "a number"
            raise DataFileError(f"{where % line}: {cell[:40]!r} is not {form}.")
        if values and value < values[-1]:
            before = cells[len(values) - 1]
            raise DataFileError(
                f"{where % line}: time goes back from {before} to {cell}. Sort the rows by time."
            )
        values.append(value)
    return np.array(values, dtype="datetime64[us]" if stamped else np.float64)


def _stamp(cell: str) -> datetime | None:
    stamp = parse_stamp(cell)
    if stamp is not None and stamp.tzinfo is not None:
        try:
            return stamp.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # in the first or the last year that there is
            return None
    return stamp


def _steps(time: npt.NDArray[Any]) -> Floats:
    """Steps between rows, in seconds where times are stamps."""
    with np.errstate(over="ignore"):
        steps = np.diff(time)
    return steps / np.timedelta64(1, "s") if steps.dtype.kind == "m" else steps


def _rate_hz(time: npt.NDArray[Any]) -> float | None:
    step = float(np.median(_steps(time))) if len(time) > 1 else 0.0
    return 1.0 / step if step > 0 else None


def _warn_of_steps(layout: CsvLayout, table: CsvTable, name: str, time: npt.NDArray[Any]) -> None:
    steps = _steps(time)
    twice = np.flatnonzero(steps == 0)
    if twice.size:
        line = table.lines[int(twice[0]) + 1]
        many = "one time stands" if twice.size == 1 else f"{twice.size:,} times stand"
        _warn(f"{layout.path}, column {name!r}: {many} twice, first on line {line}.")
    usual = float(np.median(steps))
    gaps = np.flatnonzero(steps > _GAP * usual)
    if usual > 0 and gaps.size:
        longest = int(gaps[np.argmax(steps[gaps])])
        unit = " s" if time.dtype.kind == "M" else ""
        many = "a gap in time" if gaps.size == 1 else f"{gaps.size:,} gaps in time, the longest"
        _warn(
            f"{layout.path}, column {name!r}: {many} after line {table.lines[longest]}: "
            f"{steps[longest]:g}{unit} instead of {usual:g}{unit}. Rows count as equally spaced."
        )


def _without_missing(
    layout: CsvLayout, table: CsvTable, values: Floats, names: list[str], nan: str
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Values after the policy for missing ones, and which rows are kept."""
    missing = np.isnan(values)
    kept: npt.NDArray[np.bool_] = np.ones(len(values), dtype=np.bool_)
    for channel in np.flatnonzero(missing.all(axis=0)).tolist():
        raise DataFileError(f"{layout.path}, column {names[channel]!r}: has no value at all.")
    if nan == "keep" or not missing.any():
        return values, kept
    if nan == "error":
        row, channel = (int(i) for i in np.argwhere(missing)[0])
        where = f"{layout.path}, line {table.lines[row]}, column {names[channel]!r}"
        raise DataFileError(f"{where}: the value is missing. Fill it, or use nan='interpolate' or 'keep'.")
    if nan == "drop":
        kept = np.logical_not(missing.any(axis=1))
        if kept.sum() < 2:
            raise DataFileError(f"{layout.path}: only {kept.sum()} rows have no missing value.")
        return values[kept], kept
    rows = np.arange(len(values))
    for channel in np.flatnonzero(missing.any(axis=0)).tolist():
        gap = missing[:, channel]
        values[gap, channel] = np.interp(rows[gap], rows[~gap], values[~gap, channel])
    return values, kept


def _refuse_constants(layout: CsvLayout, values: Floats, names: list[str]) -> None:
    constant = [names[i] for i in np.flatnonzero(np.nanmax(values, axis=0) == np.nanmin(values, axis=0))]
    if len(constant) == len(names):
        raise DataFileError(
            f"{layout.path}, column {constant[0]!r}: every value is the same. There is nothing to learn; "
            "name another column."
        )
    if constant:
        _warn(f"{layout.path}: constant columns, which tell nothing: {_listed(constant)}.")


def _warn(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=4)
