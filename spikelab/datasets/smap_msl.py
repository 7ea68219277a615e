"""Telemetry of NASA's SMAP satellite and Curiosity rover (MSL)."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .errors import DataFileError, MissingDataError
from .opening import how_to_get, open_dataset, read_checked
from .records import LabelledSeries, SeriesDataset
from .registry import DatasetEntry
from .windows import labels_of, windows_of

__all__ = ["load_smap_msl"]

_CHANNELS = 82
_LABELS = "labeled_anomalies.csv"
_PACKED = "smap_msl.npz"
Floats = npt.NDArray[np.float64]


def load_smap_msl(folder: str | os.PathLike[str] | None = None, *, download: bool = False) -> SeriesDataset:
    """Load the SMAP and MSL telemetry.

    Parameters
    ----------
    folder : path, optional
        Holds ``labeled_anomalies.csv`` and either ``train/*.npy`` and ``test/*.npy``, as telemanom's
        data.zip, or ``smap_msl.npz``; ``smap_msl`` in `data_home` by default.
    download : bool
        Cannot be met: the data have no pinned place. The message says where to get them.

    Returns
    -------
    SeriesDataset
        A series for each labelled telemetry channel: its training part, then its test part, divided by
        ``train_stop``. The first column is the telemetry, the others the commands sent, 0 or 1.

    Raises
    ------
    MissingDataError
        If there are no files; the message says how to get them.
    DataFileError
        If a file is altered or is not of the form.

    Notes
    -----
    Upstream's sequences include their end; windows here do not. Channels without a label row are left out.

    References
    ----------
    K. Hundman, V. Constantinou, C. Laporte, I. Colwell, T. Soderstrom, "Detecting spacecraft anomalies using
    LSTMs and nonparametric dynamic thresholding", KDD 2018, section 4.
    """
    entry, place = open_dataset("smap_msl", folder, download)
    sequences = _sequences(read_checked(entry, place, _LABELS), place / _LABELS)
    packed = (place / _PACKED).is_file()
    found = dict(_from_archive(entry, place) if packed else _from_folders(place))
    if not found:
        raise MissingDataError(
            f"{entry.title}: no train/*.npy and test/*.npy in {place}. {how_to_get(entry)}"
        )
    unlabelled = sorted(set(found) - set(sequences))
    series = tuple(_joined(name, *found[name], sequences[name]) for name in sequences if name in found)
    coverage = f"{len(found)} of {_CHANNELS} channels"
    if unlabelled:
        coverage += f"; {', '.join(unlabelled)} left out: no labels"
    return SeriesDataset(
        series=series, name=entry.title, licence=entry.licence, source=entry.source, coverage=coverage
    )


def _sequences(content: bytes, place: Path) -> dict[str, list[tuple[int, int]]]:
    """Abnormal sequences of the test part of each channel, half-open; one channel has two rows."""
    sequences: dict[str, list[tuple[int, int]]] = {}
    for number, row in enumerate(csv.DictReader(io.StringIO(content.decode("utf-8"))), start=2):
        try:
            pairs = [(int(start), int(end) + 1) for start, end in json.loads(row["anomaly_sequences"])]
            sequences.setdefault(row["chan_id"], []).extend(pairs)
        except (KeyError, TypeError, ValueError) as error:
            raise DataFileError(
                f"{place}, line {number}: no anomaly_sequences can be read: {error}."
            ) from None
    return dict(sorted(sequences.items()))


def _from_archive(entry: DatasetEntry, place: Path) -> Iterator[tuple[str, tuple[Floats, Floats]]]:
    content = read_checked(entry, place, _PACKED)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            for name in sorted({key.split("/")[0] for key in archive.files}):
                yield name, (_unpacked(archive, f"{name}/train"), _unpacked(archive, f"{name}/test"))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataFileError(f"{place / _PACKED}: is not of the form: {error}.") from None


def _unpacked(archive: Mapping[str, npt.NDArray[np.generic]], key: str) -> Floats:
    bits = np.asarray(archive[f"{key}_cmd"], dtype=np.uint8)
    commands = np.unpackbits(bits, axis=1)[:, : int(archive[f"{key}_ncmd"])]
    return np.column_stack([archive[key], commands]).astype(np.float64)


def _from_folders(place: Path) -> Iterator[tuple[str, tuple[Floats, Floats]]]:
    for train in sorted((place / "train").glob("*.npy")):
        test = place / "test" / train.name
        if not test.is_file():
            raise MissingDataError(f"{test}: is missing, but {train} is there. Copy both folders.")
        try:
            parts = [np.load(path, allow_pickle=False).astype(np.float64) for path in (train, test)]
        except (OSError, ValueError, EOFError) as error:
            raise DataFileError(
                f"{train} or {test.name} of the test part: is no NumPy array: {error}."
            ) from None
        if any(part.ndim != 2 for part in parts) or parts[0].shape[1] != parts[1].shape[1]:
            shapes = " and ".join(str(part.shape) for part in parts)
            raise DataFileError(f"{train}: shapes {shapes} of training and test part do not fit.")
        yield train.stem, (parts[0], parts[1])


def _joined(name: str, train: Floats, test: Floats, sequences: list[tuple[int, int]]) -> LabelledSeries:
    values = np.concatenate([train, test])
    labels = labels_of(len(values), [(start + len(train), stop + len(train)) for start, stop in sequences])
    return LabelledSeries(
        name=name,
        values=values,
        labels=labels,
        windows=windows_of(labels),
        train_stop=len(train),
        time=None,
        rate_hz=None,
        channels=("telemetry", *(f"command_{i}" for i in range(1, values.shape[1]))),
    )
