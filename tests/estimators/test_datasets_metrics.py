"""Bundled data, its format, and the measures."""

from __future__ import annotations

import lzma

import numpy as np
import pytest

import spikelab as sl
from spikelab.datasets import DataFileError, bundled, parse_ts

HEADER = "@problemName Small\n@missing false\n@timeStamps false\n@classLabel true 1 2\n@data\n"


def test_japanese_vowels_is_what_the_archive_holds():
    data = sl.datasets.load_japanese_vowels()
    assert (len(data.X_train), len(data.X_test)) == (270, 370)
    assert np.bincount(data.y_train).tolist() == [0] + [30] * 9
    assert np.bincount(data.y_test).tolist() == [0, 31, 35, 88, 44, 29, 24, 40, 50, 29]
    assert {x.shape[1] for x in data.X_train + data.X_test} == {12}
    lengths = [len(x) for x in data.X_train + data.X_test]
    assert (min(lengths), max(lengths)) == (7, 29)
    assert data.X_train[0][0, :2].tolist() == [1.860936, -0.207383]
    assert data.licence == "CC BY 4.0" and "Kudo" in data.source


def test_a_damaged_file_is_found_by_its_checksum(monkeypatch, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "JapaneseVowels_TRAIN.ts.xz").write_bytes(lzma.compress(HEADER.encode()))
    monkeypatch.setattr(bundled.resources, "files", lambda _: tmp_path)
    with pytest.raises(DataFileError, match=r"JapaneseVowels_TRAIN\.ts\.xz is damaged"):
        sl.datasets.load_japanese_vowels()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "1,2:3,4:3\n", r"line 6: label '3' is not among the declared ones"),
        (HEADER + "1,2:3:1\n", r"line 6: dimensions of lengths \[2, 1\]"),
        (HEADER + "1,x:3,4:1\n", r"line 6: could not convert string to float: 'x'"),
        (HEADER + "1,nan:3,4:1\n", r"line 6: a value is not finite"),
        (HEADER + "1,2:3,4:1\n1,2:1\n", r"line 7: 1 dimensions, but 2 before"),
        (HEADER, r"no series after '@data'"),
        ("@timeStamps true\n@data\n", r"line 1: series with @timestamps true cannot be read"),
        ("@run true\n", r"line 1: unknown header '@run'"),
        ("hello\n", r"line 1: expected a header line"),
    ],
)
def test_text_of_another_form_is_refused(text, message):
    with pytest.raises(DataFileError, match=message):
        parse_ts(text)


def test_nrmse_of_known_cases():
    true = np.array([0.0, 2.0, 4.0])
    assert sl.metrics.nrmse(true, true) == 0.0
    assert sl.metrics.nrmse(true, np.full(3, 2.0)) == pytest.approx(1.0)
    assert sl.metrics.nrmse(true, true + 1.0, norm="range") == pytest.approx(0.25)
    assert sl.metrics.nrmse(true, true + 1.0, norm="mean") == pytest.approx(0.5)
    with pytest.raises(sl.ParameterError, match="have shape"):
        sl.metrics.nrmse(true, true[:2])
    with pytest.raises(sl.ParameterError, match="y_true must vary"):
        sl.metrics.nrmse(np.ones(3), true)
    with pytest.raises(sl.ParameterError, match="norm must be one of 'std', 'range', 'mean'"):
        sl.metrics.nrmse(true, true, norm="var")


def test_counts_of_a_classifier():
    true, pred = ["a", "b", "b", "c"], ["a", "b", "c", "c"]
    assert sl.metrics.errors(true, pred) == 1
    assert sl.metrics.accuracy(true, pred) == 0.75
    counts = sl.metrics.confusion_matrix(true, pred, classes=["c", "b", "a"])
    assert counts.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    with pytest.raises(sl.ParameterError, match=r"y_pred must hold only the classes"):
        sl.metrics.confusion_matrix(["a"], ["z"], classes=["a", "b"])
    with pytest.raises(sl.ParameterError, match=r"have shape \(4,\), as y_true has"):
        sl.metrics.accuracy(true, pred[:3])
