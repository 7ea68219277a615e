"""Heart beats with abnormal ones among them: MBA, MIT-BIH and the bundled excerpt."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .errors import DataFileError, MissingDataError
from .opening import how_to_get, open_dataset, read_checked
from .records import LabelledSeries, SeriesDataset
from .registry import DatasetEntry
from .wfdb_format import ABNORMAL_BEATS, parse_annotations, parse_header, parse_signal_212
from .windows import labels_of, windows_of

__all__ = ["load_ecg"]

_MBA_RATE_HZ = 128.0
_LEARNING_S = 300.0
_HALF_WINDOW_S = 0.3


def load_ecg(folder: str | os.PathLike[str] | None = None, *, download: bool = False) -> SeriesDataset:
    """Load three half-hour heart-beat records: MBA 806 and 820, and MIT-BIH 100.

    Parameters
    ----------
    folder : path, optional
        Holds ``mba_ecg/MBA_ECG*_data.out`` and ``mitbih_100/100.dat, .hea, .atr``, or one of them;
        `data_home` by default.
    download : bool
        Fetch record 100 first if it is missing; the MBA records have to be copied.

    Returns
    -------
    SeriesDataset
        Records of one lead at 128 Hz (MBA) and of two leads at 360 Hz (MIT-BIH), in mV.

    Raises
    ------
    MissingDataError
        If there is none of them; the message says how to get them.
    DataFileError
        If a file is altered or truncated.

    Notes
    -----
    ``train_stop`` is the first five minutes of each record, a rule that looks at no label: the "test period"
    of MIT-BIH's own tables, after AAMI, leaves out the same minutes. **They are not free of abnormal beats**:
    8 of the 61 windows of MBA 806, 33 of 191 of MBA 820 and 4 of 34 of record 100 lie there. MBA 820 has no
    longer stretch without one than 31 s, so that every rule free of labels learns from some.

    MBA marks 75 points (0.59 s) for each abnormal beat; its rate is not in the files, but 230,400 points are
    half an hour at 128 Hz, that of MIT-BIH's supraventricular database. For record 100 every annotated beat
    other than a normal one is marked from 0.3 s before to 0.3 s after its annotation; marks that overlap are
    one window.

    References
    ----------
    G. B. Moody, R. G. Mark, "The impact of the MIT-BIH Arrhythmia Database", IEEE Engineering in Medicine and
    Biology 20 (2001), 45-50, and the database's directory, tables of beats (test periods); J. Paparrizos et
    al., "TSB-UAD", PVLDB 15 (2022), 1697-1711. ODC-By 1.0.
    """
    series: list[LabelledSeries] = []
    entries = []
    lacking: list[MissingDataError] = []
    for name, load in (("mba_ecg", _mba), ("mitbih_100", _mitbih)):
        try:
            entry, place = open_dataset(name, None if folder is None else Path(folder) / name, download)
        except MissingDataError as error:
            lacking.append(error)
            continue
        entries.append(entry)
        series += load(entry, place)
    if not series:
        raise MissingDataError(" ".join(str(error) for error in lacking))
    return SeriesDataset(
        series=tuple(series),
        name="Heart beats (MBA, MIT-BIH)",
        licence="ODC-By 1.0 (PhysioNet)",
        source="; ".join(entry.source for entry in entries),
        coverage=f"{len(series)} of 3 records: {', '.join(one.name for one in series)}",
    )


def _mba(entry: DatasetEntry, place: Path) -> list[LabelledSeries]:
    paths = sorted(place.glob("MBA_ECG*_data.out"))
    if not paths:
        raise MissingDataError(f"{entry.title}: no MBA_ECG*_data.out in {place}. {how_to_get(entry)}")
    series = []
    for path in paths:
        content = read_checked(entry, place, path.name)
        try:
            table = np.array(content.replace(b",", b" ").split(), dtype=np.float64).reshape(-1, 2)
        except ValueError as error:
            raise DataFileError(f"{path}: is not of the form 'value,label': {error}.") from None
        labels = table[:, 1] > 0.5
        name = path.name.removesuffix("_data.out")
        series.append(_record(name, table[:, :1].copy(), labels, _MBA_RATE_HZ, ("lead",)))
    return series


def _mitbih(entry: DatasetEntry, place: Path) -> list[LabelledSeries]:
    header = parse_header(read_checked(entry, place, "100.hea").decode("ascii", "replace"), "100.hea")
    values = parse_signal_212(read_checked(entry, place, "100.dat"), header, "100.dat")
    samples, codes = parse_annotations(read_checked(entry, place, "100.atr"), "100.atr")
    beats = samples[np.isin(codes, sorted(ABNORMAL_BEATS))]
    half = round(_HALF_WINDOW_S * header.rate_hz)
    labels = labels_of(header.length, [(beat - half, beat + half) for beat in beats.tolist()])
    return [_record("MIT-BIH 100", values, labels, header.rate_hz, header.channels)]


def _record(
    name: str,
    values: npt.NDArray[np.float64],
    labels: npt.NDArray[np.bool_],
    rate_hz: float,
    channels: tuple[str, ...],
) -> LabelledSeries:
    return LabelledSeries(
        name=name,
        values=values,
        labels=labels,
        windows=windows_of(labels),
        train_stop=round(_LEARNING_S * rate_hz),
        time=None,
        rate_hz=rate_hz,
        channels=channels,
    )
