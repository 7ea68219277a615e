"""N-MNIST: handwritten digits seen by a moving event camera."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .errors import DataFileError, MissingDataError
from .opening import how_to_get, open_dataset, read_checked
from .records import EventDataset, Events
from .registry import DatasetEntry

__all__ = ["load_nmnist", "parse_events"]

_SIZE = 34
_OVERFLOW_ROW = 240
_OVERFLOW_US = 1 << 13
_TRAIN, _TEST = 60_000, 10_000
Part = tuple[tuple[Events, ...], npt.NDArray[np.int64]]


def load_nmnist(folder: str | os.PathLike[str] | None = None, *, download: bool = False) -> EventDataset:
    """Load N-MNIST.

    Parameters
    ----------
    folder : path, optional
        Holds ``Train/0/00002.bin`` and so on, with ``Test`` alike, or ``train*.npz`` and ``test*.npz`` with
        the arrays ``x, y, p, t_us, offsets, labels``; ``nmnist`` in `data_home` by default.
    download : bool
        Cannot be met: the data set has no pinned place. The message says where to get it.

    Returns
    -------
    EventDataset
        In the order of the file numbers, which is MNIST's.

    Raises
    ------
    MissingDataError
        If there are no files; the message says how to get them.
    DataFileError
        If a file is altered or is not of the form.

    References
    ----------
    G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor, "Converting static image datasets to spiking neuromorphic
    datasets using saccades", Frontiers in Neuroscience 9 (2015), 437. CC BY-SA 4.0.
    """
    entry, place = open_dataset("nmnist", folder, download)
    read = _from_folders if (place / "Train").is_dir() or (place / "Test").is_dir() else _from_archive
    X_train, y_train = read(entry, place, "train")
    X_test, y_test = read(entry, place, "test")
    return EventDataset(
        X_train=X_train,
        y_train=y_train,
        X_test=X_test,
        y_test=y_test,
        classes=np.arange(10),
        width=_SIZE,
        height=_SIZE,
        name=entry.title,
        licence=entry.licence,
        source=entry.source,
        split="the data set's own, as MNIST's",
        coverage=f"{len(X_train):,} of {_TRAIN:,} training and {len(X_test):,} of {_TEST:,} test takes",
    )


def _from_folders(entry: DatasetEntry, place: Path, part: str) -> Part:
    files = sorted((place / part.capitalize()).glob("[0-9]/*.bin"), key=lambda path: path.stem)
    if not files:
        missing = f"no {part.capitalize()}/0/*.bin and so on"
        raise MissingDataError(f"{entry.title}: {missing} in {place}. {how_to_get(entry)}")
    takes = tuple(parse_events(path.read_bytes(), str(path)) for path in files)
    return takes, np.array([int(path.parent.name) for path in files], dtype=np.int64)


def _from_archive(entry: DatasetEntry, place: Path, part: str) -> Part:
    files = sorted(place.glob(f"{part}*.npz"))
    if not files:
        missing = f"neither {part.capitalize()}/ nor {part}*.npz"
        raise MissingDataError(f"{entry.title}: {missing} in {place}. {how_to_get(entry)}")
    path = files[-1]
    read_checked(entry, place, path.name)
    try:
        with np.load(path, allow_pickle=False) as archive:
            columns = [archive[key] for key in ("x", "y", "p", "t_us")]
            offsets: Sequence[int] = archive["offsets"].tolist()
            labels = archive["labels"].astype(np.int64)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataFileError(f"{path}: is not of the form: {error}.") from None
    return tuple(Events(*(column[a:b] for column in columns)) for a, b in pairwise(offsets)), labels


def parse_events(content: bytes, name: str) -> Events:
    """Parse a take of N-MNIST: five bytes an event, big-endian.

    Parameters
    ----------
    content : bytes
        Column, row, then one bit of polarity and 23 bits of microseconds. Rows of 240 are no events: they
        carry the clock on by 8,192 µs.
    name : str
        Named in errors.

    Raises
    ------
    DataFileError
        If the length is not a multiple of five, or a pixel is outside the 34 x 34.
    """
    if not content or len(content) % 5:
        raise DataFileError(f"{name}: has {len(content):,} bytes, not five for each event. Is it complete?")
    raw = np.frombuffer(content, np.uint8).reshape(-1, 5)
    x, y = raw[:, 0], raw[:, 1]
    wide = raw.astype(np.uint32)
    t_us = (wide[:, 2] & 0x7F) << 16 | wide[:, 3] << 8 | wide[:, 4]
    carries = y == _OVERFLOW_ROW
    t_us = (t_us + np.cumsum(carries, dtype=np.uint32) * np.uint32(_OVERFLOW_US))[~carries]
    x, y, polarity = x[~carries], y[~carries], (raw[:, 2] >> 7)[~carries]
    outside = (x >= _SIZE) | (y >= _SIZE)
    if outside.any():
        first = int(np.argmax(outside))
        raise DataFileError(
            f"{name}: event {first} is at ({x[first]}, {y[first]}), outside the {_SIZE} x {_SIZE} pixels."
        )
    return Events(x=x, y=y, polarity=polarity, t_us=t_us)
