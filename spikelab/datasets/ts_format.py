"""Reading of the ``.ts`` text format of the UEA archive; numbers only, nothing is evaluated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from .errors import DataFileError

__all__ = ["parse_ts"]

_KNOWN_TAGS = {
    "problemname", "timestamps", "missing", "univariate", "dimensions", "dimension", "equallength",
    "serieslength", "classlabel", "targetlabel",
}  # fmt: skip


def parse_ts(text: str, name: str = "text") -> tuple[list[npt.NDArray[np.float64]], list[str]]:
    """Parse series with class labels.

    Parameters
    ----------
    text : str
        Contents of a ``.ts`` file without time stamps and missing values.
    name : str
        Named in errors.

    Returns
    -------
    series : list of array [time, feature], float64
    labels : list of str
        One for each series.

    Raises
    ------
    DataFileError
        With the line at which the text is not of that form.

    Examples
    --------
    >>> series, labels = parse_ts("@classLabel true a b\\n@data\\n1,2,3:4,5,6:a\\n")
    >>> series[0].shape, labels
    ((3, 2), ['a'])
    """
    if not isinstance(text, str):
        remedy = "Read the file first, as by Path(name).read_text()."
        raise ParameterError("parse_ts", "text", text, "be the text of a file", remedy)
    classes: list[str] = []
    series: list[npt.NDArray[np.float64]] = []
    labels: list[str] = []
    in_data = False
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        where = f"{name}, line {number}"
        if in_data:
            one, label = _parse_case(line, where)
            if label not in classes:
                raise DataFileError(f"{where}: label {label!r} is not among the declared ones, {classes}.")
            if series and one.shape[1] != series[0].shape[1]:
                raise DataFileError(f"{where}: {one.shape[1]} dimensions, but {series[0].shape[1]} before.")
            series.append(one)
            labels.append(label)
        elif line.lower() == "@data":
            in_data = True
        else:
            classes = _parse_header(line, where) or classes
    if not series:
        raise DataFileError(f"{name}: no series after '@data'. Is the file complete?")
    return series, labels


def _parse_header(line: str, where: str) -> list[str]:
    """Check a header line; return the class labels if it declares them."""
    if not line.startswith("@"):
        raise DataFileError(f"{where}: expected a header line that starts with '@', found {line[:40]!r}.")
    tag, *values = line[1:].split()
    tag = tag.lower()
    if tag not in _KNOWN_TAGS:
        raise DataFileError(f"{where}: unknown header '@{tag}'.")
    if tag in ("timestamps", "missing") and values[:1] != ["false"]:
        raise DataFileError(f"{where}: series with @{tag} {' '.join(values)} cannot be read.")
    if tag == "classlabel" and values[:1] == ["true"]:
        return values[1:]
    return []


def _parse_case(line: str, where: str) -> tuple[npt.NDArray[np.float64], str]:
    *dimensions, label = line.split(":")
    try:
        rows = [[float(value) for value in dimension.split(",")] for dimension in dimensions]
    except ValueError as error:
        raise DataFileError(f"{where}: {error}.") from None
    if not rows or len({len(row) for row in rows}) != 1:
        raise DataFileError(
            f"{where}: dimensions of lengths {[len(row) for row in rows]}; they must be equal."
        )
    one = np.ascontiguousarray(np.array(rows, dtype=np.float64).T)
    if not np.isfinite(one).all():
        raise DataFileError(f"{where}: a value is not finite.")
    return one, label.strip()
