"""Recordings with classes: FSDD, and folders of one's own."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import ParameterError
from ..units import require_integer
from .errors import DataFileError, MissingDataError
from .home import as_path
from .opening import coverage_of, how_to_get, open_dataset, read_checked
from .records import Recording, RecordingDataset
from .registry import DatasetEntry
from .wav import decode_wav, parse_wav_header, read_wav

__all__ = ["load_fsdd", "load_recordings"]

_FSDD_NAME = re.compile(r"(\d)_([a-z]+)_(\d+)\.wav")
_FSDD_SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
_FSDD_TEST = 5  # takes 0 to 4 of each speaker and digit


def load_fsdd(folder: str | os.PathLike[str] | None = None, *, download: bool = False) -> RecordingDataset:
    """Load the Free Spoken Digit Dataset.

    Parameters
    ----------
    folder : path, optional
        Holds ``recordings/*.wav``; ``fsdd`` in `data_home` by default.
    download : bool
        Fetch what is missing first.

    Returns
    -------
    RecordingDataset
        In the order of digit, speaker and take; ``test`` marks takes 0 to 4, the data set's own split.

    Raises
    ------
    MissingDataError
        If there are no files; the message says how to get them.
    DataFileError
        If a file is altered, truncated or empty.

    References
    ----------
    Z. Jackson et al., Free Spoken Digits, Jakobovski/free-spoken-digit-dataset on GitHub. CC BY-SA 4.0.
    """
    entry, place = open_dataset("fsdd", folder, download)
    found = []
    for path in (place / "recordings").glob("*.wav"):
        match = _FSDD_NAME.fullmatch(path.name)
        if match is None:
            raise DataFileError(
                f"{path}: is not named DIGIT_SPEAKER_TAKE.wav. Does it belong to the data set?"
            )
        found.append((match[1], match[2], int(match[3])))
    if not found:
        raise MissingDataError(f"{entry.title}: no recordings/*.wav in {place}. {how_to_get(entry)}")
    found.sort()
    recordings, unchecked = [], 0
    for digit, speaker, take in found:
        name = f"{digit}_{speaker}_{take}.wav"
        unchecked += f"recordings/{name}" not in entry.files
        content = read_checked(entry, place, f"recordings/{name}")
        form = parse_wav_header(io.BytesIO(content), name)
        samples = decode_wav(content[form.start : form.start + form.frames * form.frame_bytes], form, name)
        recordings.append(Recording(samples, form.rate_hz, digit, speaker, name))
    return RecordingDataset(
        recordings=tuple(recordings),
        test=np.array([take < _FSDD_TEST for _, _, take in found]),
        name=entry.title,
        licence=entry.licence,
        source=entry.source,
        split="the data set's own: takes 0 to 4 of each speaker and digit are the test part",
        coverage=_fsdd_coverage(entry, [speaker for _, speaker, _ in found], unchecked),
    )


def _fsdd_coverage(entry: DatasetEntry, speakers: Sequence[str], unchecked: int) -> str:
    text = coverage_of(entry, len(speakers), unchecked)
    absent = [name for name in _FSDD_SPEAKERS if name not in speakers]
    if absent:
        text += f"; without the speaker{'s' * (len(absent) > 1)} {', '.join(absent)}"
    return text


def load_recordings(
    folder: str | os.PathLike[str], *, speaker_field: int | None = None, longest_s: float = 600.0
) -> RecordingDataset:
    """Load one's own recordings from a folder of WAV files.

    Parameters
    ----------
    folder : path
        If it has sub-folders with WAV files, each is a class. Else the class is the start of the file's
        name up to the first ``_`` or ``-``, as in ``yes_anna_3.wav``.
    speaker_field : int, optional
        Which part of the name, split at ``_`` and ``-`` and counted from 0, names the speaker. By default
        the second of names with three or more parts where the class is in the name, else nobody is known.
    longest_s : float, s
        A longer recording is refused.

    Returns
    -------
    RecordingDataset
        Sorted by class and name; ``test`` is None.

    Raises
    ------
    MissingDataError
        If the folder is not there or has no WAV file.
    DataFileError
        Names the first file that cannot be used and why.

    Warns
    -----
    UserWarning
        Once, naming the clipped recordings.
    """
    owner = "load_recordings"
    if speaker_field is not None:
        speaker_field = require_integer(owner, "speaker_field", speaker_field, low=0)
    place = as_path(owner, folder)
    if not os.path.isdir(place):
        raise MissingDataError(f"{place}: is not a folder. Give the folder that holds the WAV files.")
    beside, folders = _look_into(place)
    by_folder = [path for one in folders for path in _look_into(one)[0]]
    if by_folder and beside:
        raise DataFileError(
            f"{place}: has WAV files both in sub-folders and beside them ({beside[0].name}). Is a class a "
            "folder or the start of a name? Move one kind away."
        )
    files = by_folder or beside
    if not files:
        raise MissingDataError(f"{place}: has no WAV files, neither itself nor one folder below.")
    recordings = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for path in files:
            samples, rate_hz = read_wav(path, longest_s=longest_s)
            fields = re.split("[_-]", path.stem)
            label = path.parent.name if by_folder else fields[0]
            speaker = _speaker(fields, speaker_field, bool(by_folder), path)
            recordings.append(Recording(samples, rate_hz, label, speaker, path.relative_to(place).as_posix()))
    if caught:
        shown = "; ".join(str(warning.message) for warning in caught[:3])
        more = f"; and {len(caught) - 3} more" if len(caught) > 3 else ""
        warnings.warn(f"{len(caught)} of {len(files)} recordings: {shown}{more}", UserWarning, stacklevel=2)
    classes = len({recording.label for recording in recordings})
    if classes < 2:
        need = "hold recordings of at least two classes"
        remedy = "Make a sub-folder for each class, or begin each file's name with it, as in yes_1.wav."
        raise ParameterError(owner, "folder", str(folder), need, remedy)
    return RecordingDataset(
        recordings=tuple(recordings),
        test=None,
        name=place.resolve().name,
        licence="the user's own recordings",
        source="the user's own recordings",
        split="none of its own",
        coverage=f"{len(recordings):,} recordings of {classes} classes",
    )


def _look_into(place: Path) -> tuple[list[Path], list[Path]]:
    """WAV files and folders of a folder, in order; a broken link is a file that cannot be read."""
    try:
        found = sorted(place.iterdir())
    except OSError as error:  # not passed over as if it were empty
        raise MissingDataError(f"{place}: cannot be read: {error.strerror or error}.") from None
    folders = [one for one in found if os.path.isdir(one)]
    return [one for one in found if one.suffix.lower() == ".wav" and one not in folders], folders


def _speaker(fields: list[str], speaker_field: int | None, by_folder: bool, path: Path) -> str:
    if speaker_field is None:
        return fields[1] if not by_folder and len(fields) >= 3 else ""
    if speaker_field >= len(fields):
        need = f"be below {len(fields)}, the parts of {path.name!r}"
        raise ParameterError("load_recordings", "speaker_field", speaker_field, need, "Count from 0.")
    return fields[speaker_field]
