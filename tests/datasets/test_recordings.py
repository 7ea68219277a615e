"""Folders of recordings: one's own, and FSDD."""

from __future__ import annotations

import os

import numpy as np
import pytest

import spikelab as sl
from spikelab.datasets import DataFileError, MissingDataError, load_fsdd, load_recordings

from .wav_files import tone, write_wav


def test_classes_by_folder(tmp_path):
    for name in ("yes/1.wav", "yes/2.WAV", "no/a_b_c.wav"):
        write_wav(tmp_path / name, tone())
    (tmp_path / "yes" / "notes.txt").write_text("not a recording")
    data = load_recordings(tmp_path)
    assert data.labels.tolist() == ["no", "yes", "yes"]
    assert data.classes.tolist() == ["no", "yes"]
    assert data.speakers.tolist() == ["", "", ""]
    assert [one.name for one in data.recordings] == ["no/a_b_c.wav", "yes/1.wav", "yes/2.WAV"]
    assert data.test is None
    assert data.coverage == "3 recordings of 2 classes"
    assert data.recordings[0].duration_s == pytest.approx(0.1)


def test_classes_and_speakers_by_name(tmp_path):
    for name in ("yes_anna_1.wav", "yes-ben-2.wav", "no_anna_1.wav", "no_1.wav"):
        write_wav(tmp_path / name, tone())
    data = load_recordings(tmp_path)
    assert data.labels.tolist() == ["no", "no", "yes", "yes"]
    assert data.speakers.tolist() == ["", "anna", "ben", "anna"]
    assert load_recordings(tmp_path, speaker_field=1).speakers.tolist() == ["1", "anna", "ben", "anna"]
    with pytest.raises(sl.ParameterError, match=r"speaker_field must be below 2, the parts of 'no_1\.wav'"):
        load_recordings(tmp_path, speaker_field=2)


def test_speakers_by_name_within_folders(tmp_path):
    for name in ("yes/anna_1.wav", "no/ben_1.wav"):
        write_wav(tmp_path / name, tone())
    assert load_recordings(tmp_path, speaker_field=0).speakers.tolist() == ["ben", "anna"]


def test_folders_that_tell_no_classes_are_refused(tmp_path):
    with pytest.raises(MissingDataError, match=r"none: is not a folder"):
        load_recordings(tmp_path / "none")
    with pytest.raises(MissingDataError, match=r"has no WAV files, neither itself nor one folder below"):
        load_recordings(tmp_path)
    write_wav(tmp_path / "yes_1.wav", tone())
    with pytest.raises(sl.ParameterError, match=r"at least two classes\. Make a sub-folder for each class"):
        load_recordings(tmp_path)
    write_wav(tmp_path / "no" / "1.wav", tone())
    with pytest.raises(DataFileError, match=r"both in sub-folders and beside them \(yes_1\.wav\)"):
        load_recordings(tmp_path)


def test_a_folder_named_like_a_file_is_none(tmp_path):
    (tmp_path / "takes.wav").mkdir()
    write_wav(tmp_path / "a_1.wav", tone())
    write_wav(tmp_path / "b_1.wav", tone())
    assert load_recordings(tmp_path).classes.tolist() == ["a", "b"]


def test_a_class_that_may_not_be_read_is_not_passed_over(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        write_wav(tmp_path / name / "1.wav", tone())
    listed = os.listdir

    def closed(place="."):
        if str(place).endswith("b"):
            raise PermissionError(13, "Permission denied", str(place))
        return listed(place)

    monkeypatch.setattr(os, "listdir", closed)
    with pytest.raises(MissingDataError, match=r"b: cannot be read: Permission denied"):
        load_recordings(tmp_path)


@pytest.mark.parametrize("place", ["x" * 5_000, "~nobody-of-this-name"])
def test_a_place_that_cannot_be_asked_after_is_no_folder(place, monkeypatch):
    with pytest.raises(MissingDataError, match="is not a folder"):
        load_recordings(place)
    monkeypatch.setenv("SPIKELAB_DATA", f"/{place}")
    with pytest.raises(MissingDataError, match="there is no folder"):
        load_fsdd()


def test_the_first_bad_recording_is_named(tmp_path):
    write_wav(tmp_path / "a_1.wav", tone())
    write_wav(tmp_path / "b_1.wav", np.zeros(100))
    with pytest.raises(DataFileError, match=r"b_1\.wav: every sample is zero"):
        load_recordings(tmp_path)
    write_wav(tmp_path / "b_1.wav", tone(16_000))
    with pytest.raises(DataFileError, match=r"b_1\.wav: lasts 2 s"):
        load_recordings(tmp_path, longest_s=1.0)


def test_clipped_recordings_are_told_in_one_warning(tmp_path):
    for name in ("a_1.wav", "b_1.wav"):
        write_wav(tmp_path / name, np.clip(tone(amplitude=3.0), -1, 1))
    write_wav(tmp_path / "b_2.wav", tone())
    with pytest.warns(UserWarning, match=r"2 of 3 recordings: .*a_1\.wav: .* are clipped") as caught:
        load_recordings(tmp_path)
    assert len(caught) == 1


def test_fsdd_without_files_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKELAB_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match=r"no folder .*fsdd\. Run `spikelab data fetch fsdd`"):
        load_fsdd()
    (tmp_path / "fsdd").mkdir()
    with pytest.raises(MissingDataError, match=r"no recordings/\*\.wav in .*spikelab data fetch fsdd"):
        load_fsdd()


def test_fsdd_in_part_states_its_coverage(tmp_path):
    # No sums are known of this speaker, so that any recording stands for his.
    for digit, take in (("1", 0), ("0", 7), ("0", 10)):
        write_wav(tmp_path / "recordings" / f"{digit}_lucas_{take}.wav", tone())
    data = load_fsdd(tmp_path)
    assert [one.name for one in data.recordings] == ["0_lucas_7.wav", "0_lucas_10.wav", "1_lucas_0.wav"]
    assert data.test is not None and data.test.tolist() == [False, False, True]
    assert data.coverage == (
        "3 of 3,000 recordings; 3 without a known checksum; "
        "without the speakers george, jackson, nicolas, theo, yweweler"
    )


def test_an_altered_or_foreign_recording_of_fsdd_is_found(tmp_path):
    write_wav(tmp_path / "recordings" / "0_george_0.wav", tone())
    with pytest.raises(DataFileError, match=r"0_george_0\.wav is altered or cut off: .*fetch fsdd"):
        load_fsdd(tmp_path)
    (tmp_path / "recordings" / "0_george_0.wav").write_bytes(b"")
    with pytest.raises(DataFileError, match=r"0_george_0\.wav is empty"):
        load_fsdd(tmp_path)
    write_wav(tmp_path / "recordings" / "hello.wav", tone())
    with pytest.raises(DataFileError, match=r"hello\.wav: is not named DIGIT_SPEAKER_TAKE\.wav"):
        load_fsdd(tmp_path)


def test_fsdd_is_what_its_authors_published(dataset_folder):
    data = load_fsdd(dataset_folder("fsdd"))
    assert data.classes.tolist() == list("0123456789")
    assert set(data.speakers) >= {"george", "jackson", "nicolas", "theo", "yweweler"}
    assert data.test is not None and data.test.sum() * 10 == len(data.recordings)
    assert {one.rate_hz for one in data.recordings} == {8000}
    assert all(one.samples.any() and np.abs(one.samples).max() <= 1 for one in data.recordings)
    assert data.recordings[0].name == "0_george_0.wav" and len(data.recordings[0].samples) == 2384
