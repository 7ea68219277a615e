"""The Numenta Anomaly Benchmark."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from .errors import DataFileError, MissingDataError
from .opening import coverage_of, how_to_get, open_dataset, read_checked
from .records import LabelledSeries, SeriesDataset
from .registry import DatasetEntry
from .windows import windows_of

__all__ = ["load_nab"]

_WINDOWS = "labels/combined_windows.json"
_PROBATION_SHARE = 0.15
_PROBATION_MOST = 750  # 15 % of 5,000 rows


def load_nab(folder: str | os.PathLike[str] | None = None, *, download: bool = False) -> SeriesDataset:
    """Load the Numenta Anomaly Benchmark.

    Parameters
    ----------
    folder : path, optional
        Holds ``data/*/*.csv`` and ``labels/combined_windows.json``; ``nab`` in `data_home` by default.
    download : bool
        Fetch what is missing first.

    Returns
    -------
    SeriesDataset
        Series named as in the labels, such as ``realTweets/Twitter_volume_AAPL.csv``. ``train_stop`` is the
        probationary period, in which nothing is scored: 15 % of a series, at most 750 rows. ``rate_hz``
        comes from the median step between two rows.

    Raises
    ------
    MissingDataError
        If there are no files; the message says how to get them.
    DataFileError
        If a file is altered, or a series has no entry in the labels.

    References
    ----------
    A. Lavin, S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark",
    ICMLA 2015, section III. MIT licence.
    """
    entry, place = open_dataset("nab", folder, download)
    names = sorted(path.relative_to(place / "data").as_posix() for path in (place / "data").glob("*/*.csv"))
    if not names:
        raise MissingDataError(f"{entry.title}: no data/*/*.csv in {place}. {how_to_get(entry)}")
    labels = read_checked(entry, place, _WINDOWS)
    try:
        marked = json.loads(labels)
    except ValueError as error:
        raise DataFileError(f"{place / _WINDOWS}: is not JSON: {error}.") from None
    series = tuple(_one(entry, place, name, marked) for name in names)
    unchecked = sum(f"data/{name}" not in entry.files for name in names)
    return SeriesDataset(
        series=series,
        name=entry.title,
        licence=entry.licence,
        source=entry.source,
        coverage=coverage_of(entry, len(series), unchecked),
    )


def _one(
    entry: DatasetEntry, place: Path, name: str, marked: dict[str, list[tuple[str, str]]]
) -> LabelledSeries:
    if name not in marked:
        raise DataFileError(
            f"{place / _WINDOWS}: has no entry for {name}. Take data and labels of one commit."
        )
    path = f"data/{name}"
    lines = read_checked(entry, place, path).decode("utf-8").split()
    # A stamp holds a blank: 'timestamp,value', then pairs of '2014-04-01' and '00:00:00,20.0'.
    days, rests = lines[1::2], [rest.partition(",") for rest in lines[2::2]]
    try:
        time = np.array([f"{day}T{rest[0]}" for day, rest in zip(days, rests, strict=True)], "datetime64[s]")
        values = np.array([float(rest[2]) for rest in rests])
    except ValueError as error:
        raise DataFileError(f"{place / path}: is not of the form 'timestamp,value': {error}.") from None
    labels = np.zeros(len(values), dtype=np.bool_)
    for start, stop in marked[name]:
        labels |= (time >= _stamp(start)) & (time <= _stamp(stop))
    step_s = float(np.median(np.diff(time)) / np.timedelta64(1, "s"))
    return LabelledSeries(
        name=name,
        values=values[:, None],
        labels=labels,
        windows=windows_of(labels),
        train_stop=min(int(_PROBATION_SHARE * len(values)), _PROBATION_MOST),
        time=time,
        rate_hz=1.0 / step_s if step_s > 0 else None,
        channels=("value",),
    )


def _stamp(text: str) -> np.datetime64:
    return np.datetime64(text.replace(" ", "T"))
