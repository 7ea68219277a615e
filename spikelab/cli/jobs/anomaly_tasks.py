"""What each data set of the anomaly job asks for: its series, its measures and its rules."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import spikelab as sl
from spikelab.cli.jobs import anomaly_defaults as defaults
from spikelab.datasets.errors import DataFileError
from spikelab.errors import ParameterError

__all__ = ["NAMES", "AnomalyTask", "CsvOptions", "make_task"]

NAMES = ("demo", "ecg", "nab", "ucr", "smap")

# Rows that a CSV needs to learn from: less than this is no normal behaviour.
_LEAST_TRAIN = 40
_QUICK_SERIES = 6


@dataclass(frozen=True)
class CsvOptions:
    """How a CSV is read; None and "keep" are the reader's defaults."""

    column: tuple[str, ...] | None = None
    time_column: str | None = None
    label_column: str | None = None
    nan: str = "keep"
    train: int | None = None


@dataclass(frozen=True)
class AnomalyTask:
    """A set of series with what is measured on it.

    Attributes
    ----------
    name : str
        "demo", "ecg", "nab", "ucr", "smap" or "csv".
    data : SeriesDataset
    measure : str
        The metric that rows are compared by.
    rows : mapping of str to RowDefaults
        Settings of each row.
    refractory : callable
        Points of silence after an alarm, from a series.
    targets : tuple of int or None
        Channels that are watched; all if None.
    notes : tuple of str
        What a reader must know of the data, in plain words.
    """

    name: str
    data: Any
    measure: str
    rows: Mapping[str, defaults.RowDefaults]
    refractory: Callable[[Any], int]
    targets: tuple[int, ...] | None = None
    notes: tuple[str, ...] = field(default=())


def make_task(dataset: str, options: CsvOptions, quick: bool) -> AnomalyTask:
    """Load a data set by name, or a CSV by its path.

    Raises
    ------
    ParameterError
        If there is no such data set or file, or the CSV cannot be used.
    MissingDataError
        If the files of a data set are not there.
    """
    if dataset not in NAMES:
        return _csv(dataset, options)
    if options != CsvOptions():
        remedy = "--column, --time-column, --label-column, --nan and --train are for a CSV."
        raise ParameterError("run anomaly", "dataset", dataset, "be a CSV file with these options", remedy)
    task = {"demo": _demo, "ecg": _ecg, "nab": _nab, "ucr": _ucr, "smap": _smap}[dataset]()
    if quick and len(task.data.series) > _QUICK_SERIES:
        every = -(-len(task.data.series) // _QUICK_SERIES)
        kept = task.data.series[::every]
        coverage = f"{task.data.coverage}; of these {len(kept)} (--quick)"
        task = replace(task, data=replace(task.data, series=kept, coverage=coverage))
    return task


def _demo() -> AnomalyTask:
    return AnomalyTask(
        "demo",
        sl.datasets.load_anomaly_demo(),
        "auroc",
        defaults.ECG,
        lambda series: defaults.EVENT_REFRACTORY,
        notes=(
            "This excerpt proves nothing: its one abnormal stretch lies near its end, so that a score that "
            "only counts the points (the row Time index) finds it too. It shows what the job does; the data "
            "sets ecg, nab, ucr and smap are tests.",
        ),
    )


def _ecg() -> AnomalyTask:
    return AnomalyTask(
        "ecg",
        sl.datasets.load_ecg(),
        "events_found",
        defaults.ECG,
        lambda series: round(defaults.BEATS_S * series.rate_hz),
        notes=(
            "The first five minutes of each record are learnt from as they are; some abnormal beats lie in "
            "them. After an alarm there is silence for 1.5 s; an alarm up to 1.5 s after a beat counts for "
            "it, since smoothed scores lag behind.",
            "These 1.5 s were 0.6 s in a first run.",
        ),
    )


def _nab() -> AnomalyTask:
    return AnomalyTask(
        "nab",
        sl.datasets.load_nab(),
        "nab_score",
        defaults.NAB,
        lambda series: 1,
        notes=(
            "The published protocol takes, for each method, the threshold with the best score over the whole "
            "set, and so looks at the labels. The column 'label-free' takes a threshold that was chosen on "
            "anomalies planted into the training parts. All methods choose among the same refractory rules.",
            "Before the settings were fixed, prototypes had been run on the whole set.",
        ),
    )


def _ucr() -> AnomalyTask:
    return AnomalyTask(
        "ucr",
        sl.datasets.load_ucr_anomaly(),
        "located",
        defaults.UCR,
        lambda series: defaults.EVENT_REFRACTORY,
        notes=("Located: the highest score lies within 100 points of the labelled stretch.",),
    )


def _smap() -> AnomalyTask:
    return AnomalyTask(
        "smap",
        sl.datasets.load_smap_msl(),
        "f1",
        defaults.SMAP,
        lambda series: defaults.EVENT_REFRACTORY,
        targets=(0,),
        notes=(
            "Only the telemetry is watched; the commands help to predict it. One threshold for all channels, "
            "chosen on anomalies planted into the training parts. An alarm is silent for "
            f"{defaults.EVENT_REFRACTORY} points.",
        ),
    )


def _extent(series: Any) -> str:
    """Rows, columns and missing values of a series."""
    rows, channels = series.values.shape
    missing = int(np.isnan(series.values).sum())
    watched = f"{rows:,} rows, {channels} column{'' if channels == 1 else 's'}"
    return f"{watched}, {missing:,} value{'' if missing == 1 else 's'} missing" if missing else watched


def _csv(path: str, options: CsvOptions) -> AnomalyTask:
    if Path(path).suffix == "" and not os.path.exists(os.path.expanduser(path)):
        need = f"be one of {', '.join(NAMES)}, or a CSV file"
        raise ParameterError("run anomaly", "dataset", path, need, "There is no file of this name.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            series = sl.datasets.read_series_csv(
                path,
                list(options.column) if options.column else None,
                options.time_column,
                options.label_column,
                options.nan,
                train_stop=options.train,
            )
        except (DataFileError, OSError) as error:
            text = str(error) if isinstance(error, DataFileError) else error.strerror or str(error)
            name = Path(path).name  # the text has the whole path
            raise ParameterError("run anomaly", "dataset", name, "be a CSV that can be read", text) from None
    if not _LEAST_TRAIN <= series.train_stop < len(series.values):
        need = f"leave at least {_LEAST_TRAIN} rows to learn from and one to watch"
        remedy = f"The file has {len(series.values)} rows; --train N says how many are taken as normal."
        raise ParameterError("run anomaly", "train", series.train_stop, need, remedy)
    notes = [
        f"The first {series.train_stop:,} of {len(series.values):,} rows are taken as normal. The threshold "
        "is the score that one in a thousand points of the held-out part of them exceeds.",
        *(str(one.message) for one in caught),
    ]
    if series.labels is None:
        notes.insert(0, "The file has no labels: alarms are listed, and nobody can say how many are right.")
    data = sl.datasets.SeriesDataset(
        series=(series,), name=Path(path).name, licence="your own", source=path, coverage=_extent(series)
    )
    rows = {key: row.shortened(series.train_stop) for key, row in defaults.CSV.items()}
    return AnomalyTask("csv", data, "auroc", rows, lambda series: defaults.CSV_REFRACTORY, notes=tuple(notes))
