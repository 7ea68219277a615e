"""The UCR Anomaly Archive: one anomaly a series."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from .errors import DataFileError, MissingDataError
from .opening import coverage_of, how_to_get, open_dataset, read_checked
from .records import LabelledSeries, SeriesDataset
from .registry import DatasetEntry
from .windows import labels_of

__all__ = ["load_ucr_anomaly"]

_NAME = re.compile(r"(\d{3}_UCR_Anomaly_.+)_(\d+)_(\d+)_(\d+)\.(txt|out)")


def load_ucr_anomaly(
    folder: str | os.PathLike[str] | None = None, *, download: bool = False
) -> SeriesDataset:
    """Load the UCR Anomaly Archive.

    Parameters
    ----------
    folder : path, optional
        Holds the archive's ``.txt`` files, or the ``.out`` files of TSB-UAD, itself or in any folder below;
        ``ucr_anomaly`` in `data_home` by default.
    download : bool
        Cannot be met: the archive has no pinned place. The message says where to get it.

    Returns
    -------
    SeriesDataset
        ``train_stop`` and the one window come from the file's name,
        ``NNN_UCR_Anomaly_NAME_TRAINEND_START_END``, whose positions count from 1 and include the end.

    Raises
    ------
    MissingDataError
        If there are no files; the message says how to get them.
    DataFileError
        If a file is altered or is not of the form.

    References
    ----------
    R. Wu, E. J. Keogh, "Current time series anomaly detection benchmarks are flawed and are creating the
    illusion of progress", IEEE TKDE 35 (2023), 2421-2429.
    """
    entry, place = open_dataset("ucr_anomaly", folder, download)
    found = {path: match for path in place.rglob("*_UCR_Anomaly_*") if (match := _NAME.fullmatch(path.name))}
    if not found:
        raise MissingDataError(
            f"{entry.title}: no *_UCR_Anomaly_*.txt or .out in {place}. {how_to_get(entry)}"
        )
    # The archive holds some series twice, in a folder of its own for the paper's figures.
    unique = {match[1]: (path, match) for path, match in sorted(found.items(), reverse=True)}
    series = tuple(_one(entry, place, path, match) for _, (path, match) in sorted(unique.items()))
    return SeriesDataset(
        series=series,
        name=entry.title,
        licence=entry.licence,
        source=entry.source,
        coverage=coverage_of(entry, len(series)),
    )


def _one(entry: DatasetEntry, place: Path, path: Path, match: re.Match[str]) -> LabelledSeries:
    content = read_checked(entry, place, path.relative_to(place).as_posix())
    train_stop, start, stop = (int(match[i]) for i in (2, 3, 4))
    if match[5] == "out":  # value,label a line
        content = b" ".join(line.partition(b",")[0] for line in content.splitlines())
    try:
        # Most files have a value a line, some all of them on one line.
        values = np.array(content.split(), dtype=np.float64)
    except ValueError as error:
        raise DataFileError(f"{path}: {error}.") from None
    if not train_stop <= start - 1 < stop <= len(values):
        raise DataFileError(
            f"{path}: its name says training up to {train_stop} and an anomaly from {start} to {stop}, "
            f"but it has {len(values):,} values. Is it complete?"
        )
    window = (start - 1, stop)
    return LabelledSeries(
        name=match[1],
        values=values[:, None],
        labels=labels_of(len(values), [window]),
        windows=(window,),
        train_stop=train_stop,
        time=None,
        rate_hz=None,
        channels=("value",),
    )
