"""Standard sets of labelled series, in every form in which they are read, made by hand and as published."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from spikelab.datasets import (
    DataFileError,
    MissingDataError,
    load_anomaly_demo,
    load_ecg,
    load_nab,
    load_smap_msl,
    load_ucr_anomaly,
    registry,
)
from spikelab.datasets.wfdb_format import parse_annotations, parse_header, parse_signal_212


@pytest.fixture
def unknown_files(monkeypatch):
    """No file is known, so that made ones may stand for published ones."""
    monkeypatch.setattr(registry, "_known_files", lambda name: {})


def test_the_demo_is_bundled():
    data = load_anomaly_demo()
    (series,) = data.series
    assert series.values.shape == (7500, 1) and series.labels.sum() == 352
    assert series.windows == ((6936, 7288),) and series.train_stop == 3750
    assert series.values[:3, 0].tolist() == [-0.195, -0.21, -0.21]
    assert "ODC-By" in data.licence and "Moody" in data.source


def nab_folder(folder, rows=40, windows=(("2014-01-01 00:50:00.000000", "2014-01-01 01:00:00.000000"),)):
    (folder / "data" / "own").mkdir(parents=True)
    (folder / "labels").mkdir()
    lines = [f"2014-01-01 {i // 12:02d}:{i % 12 * 5:02d}:00,{i / 2}" for i in range(rows)]
    (folder / "data" / "own" / "a.csv").write_text("\n".join(["timestamp,value", *lines]) + "\n")
    (folder / "labels" / "combined_windows.json").write_text(json.dumps({"own/a.csv": windows}))
    return folder


def test_nab_windows_include_both_ends(tmp_path, unknown_files):
    data = load_nab(nab_folder(tmp_path))
    (series,) = data.series
    assert series.name == "own/a.csv" and series.windows == ((10, 13),)
    assert np.flatnonzero(series.labels).tolist() == [10, 11, 12]
    assert series.train_stop == 6  # 15 % of 40
    assert series.rate_hz == pytest.approx(1 / 300)
    assert series.values[:3, 0].tolist() == [0, 0.5, 1] and str(series.time[1]) == "2014-01-01T00:05:00"
    assert data.coverage == "1 of 58 series; 1 without a known checksum"


def test_nab_of_another_form_is_refused(tmp_path, unknown_files):
    folder = nab_folder(tmp_path)
    path = folder / "data" / "own" / "a.csv"
    path.write_text("timestamp,value\n2014-01-01 00:00:00,x\n")
    with pytest.raises(DataFileError, match=r"a\.csv: is not of the form 'timestamp,value'"):
        load_nab(folder)
    path.rename(path.with_name("b.csv"))
    with pytest.raises(
        DataFileError, match=r"has no entry for own/b\.csv\. Take data and labels of one commit"
    ):
        load_nab(folder)
    (folder / "labels" / "combined_windows.json").unlink()
    with pytest.raises(MissingDataError, match=r"combined_windows\.json cannot be read: .*fetch nab"):
        load_nab(folder)


def test_nab_is_what_numenta_published(dataset_folder):
    data = load_nab(dataset_folder("nab"))
    assert len(data.series) >= 45 and "58 series" in data.coverage
    by_name = {series.name: series for series in data.series}
    taxi = by_name["realKnownCause/nyc_taxi.csv"]
    assert taxi.values.shape == (10320, 1) and len(taxi.windows) == 5 and taxi.train_stop == 750
    assert all(series.windows == () for name, series in by_name.items() if "NoAnomaly" in name)
    # No window begins in the probationary period.
    assert all(start >= one.train_stop for one in data.series for start, _ in one.windows)


def test_an_altered_series_of_nab_is_found(dataset_folder, tmp_path):
    shutil.copytree(dataset_folder("nab"), tmp_path / "nab")
    path = tmp_path / "nab" / "data" / "realTweets" / "Twitter_volume_KO.csv"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b",8\n", b",9\n", 1))
    with pytest.raises(DataFileError, match=r"Twitter_volume_KO\.csv is altered or cut off"):
        load_nab(tmp_path / "nab")


def test_both_forms_of_ucr_are_read_from_any_folder_below(tmp_path):
    deep = tmp_path / "AnomalyDatasets_2021" / "Full"
    deep.mkdir(parents=True)
    (deep / "901_UCR_Anomaly_a_b_4_6_7.txt").write_text("\n".join(f"  {i:.7e}" for i in range(10)))
    (deep / "902_UCR_Anomaly_line_4_6_6.txt").write_text("  ".join(map(str, range(10))))
    (tmp_path / "903_UCR_Anomaly_tsb_4_6_7.out").write_text("\n".join(f"{i}.0,0.0" for i in range(10)))
    data = load_ucr_anomaly(tmp_path)
    assert [one.name for one in data.series] == [
        "901_UCR_Anomaly_a_b", "902_UCR_Anomaly_line", "903_UCR_Anomaly_tsb",
    ]  # fmt: skip
    for one in data.series:
        assert one.values[:, 0].tolist() == list(range(10)) and one.train_stop == 4
    # The archive counts from 1 and includes the end.
    assert [one.windows for one in data.series] == [((5, 7),), ((5, 6),), ((5, 7),)]
    assert data.coverage == "3 of 250 series"


def test_a_truncated_series_of_ucr_is_found_by_its_name(tmp_path):
    (tmp_path / "901_UCR_Anomaly_a_4_60_70.txt").write_text("1\n2\n3\n")
    with pytest.raises(
        DataFileError, match=r"an anomaly from 60 to 70, but it has 3 values\. Is it complete"
    ):
        load_ucr_anomaly(tmp_path)
    (tmp_path / "901_UCR_Anomaly_a_4_60_70.txt").write_text("1\nx\n3\n")
    with pytest.raises(DataFileError, match=r"could not convert"):
        load_ucr_anomaly(tmp_path)


def test_ucr_cannot_be_downloaded_and_says_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKELAB_DATA", str(tmp_path))
    with pytest.raises(
        MissingDataError, match=r"cannot be downloaded\. Get UCR_TimeSeriesAnomalyDatasets2021"
    ):
        load_ucr_anomaly(download=True)
    with pytest.raises(MissingDataError, match=r"there is no folder .*ucr_anomaly\. Get UCR_Time"):
        load_ucr_anomaly()


def test_ucr_is_what_the_names_say(dataset_folder):
    for one in load_ucr_anomaly(dataset_folder("ucr_anomaly")).series:
        ((start, stop),) = one.windows
        assert one.train_stop <= start < stop <= len(one.values)


LABELS = (
    "chan_id,spacecraft,anomaly_sequences,class,num_values\n"
    'P-1,SMAP,"[[4, 5], [1, 1]]","[point, point]",8\n'
    'P-1,SMAP,"[[5, 6]]",[point],8\n'
    'Q-9,MSL,"[[0, 1]]",[point],8\n'
)


def smap_folders(folder):
    rng = np.random.default_rng(0)
    parts = {}
    for part, length in (("train", 6), ("test", 8)):
        (folder / part).mkdir(parents=True)
        for name in ("P-1", "T-10"):
            values = np.column_stack([rng.normal(size=length), rng.integers(0, 2, (length, 10))])
            np.save(folder / part / f"{name}.npy", values)
            parts[name, part] = values
    (folder / "labeled_anomalies.csv").write_text(LABELS)
    return parts


def test_smap_as_telemanom_has_it(tmp_path, unknown_files):
    parts = smap_folders(tmp_path)
    data = load_smap_msl(tmp_path)
    (series,) = data.series
    np.testing.assert_array_equal(
        series.values, np.concatenate([parts["P-1", "train"], parts["P-1", "test"]])
    )
    assert series.train_stop == 6
    # The test part begins at 6; ends are included; what overlaps is one.
    assert series.windows == ((7, 8), (10, 13))
    assert series.channels[:2] == ("telemetry", "command_1") and len(series.channels) == 11
    assert data.coverage == "2 of 82 channels; T-10 left out: no labels"


def test_smap_packed_is_the_same(tmp_path, unknown_files):
    parts = smap_folders(tmp_path / "plain")
    packed = {}
    for (name, part), values in parts.items():
        packed[f"{name}/{part}"] = values[:, 0].astype(np.float32)
        packed[f"{name}/{part}_cmd"] = np.packbits(values[:, 1:].astype(np.uint8), axis=1)
        packed[f"{name}/{part}_ncmd"] = np.int64(10)
    np.savez(tmp_path / "smap_msl.npz", **packed)
    (tmp_path / "labeled_anomalies.csv").write_text(LABELS)
    plain, other = load_smap_msl(tmp_path / "plain").series[0], load_smap_msl(tmp_path).series[0]
    np.testing.assert_array_equal(other.values, plain.values.astype(np.float32))
    assert other.windows == plain.windows and other.train_stop == plain.train_stop


def test_bad_smap_files_are_named(tmp_path, unknown_files):
    smap_folders(tmp_path)
    (tmp_path / "test" / "P-1.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(DataFileError, match=r"P-1\.npy .*is no NumPy array"):
        load_smap_msl(tmp_path)
    (tmp_path / "test" / "P-1.npy").unlink()
    with pytest.raises(MissingDataError, match=r"P-1\.npy: is missing, but .*Copy both folders"):
        load_smap_msl(tmp_path)
    (tmp_path / "labeled_anomalies.csv").write_text(LABELS + "X-1,MSL,many,,\n")
    with pytest.raises(DataFileError, match=r"labeled_anomalies\.csv, line 5: no anomaly_sequences"):
        load_smap_msl(tmp_path)


def test_smap_is_what_telemanom_published(dataset_folder):
    data = load_smap_msl(dataset_folder("smap_msl"))
    assert len(data.series) >= 58 and "T-10 left out" in data.coverage
    by_name = {series.name: series for series in data.series}
    assert len(by_name["P-1"].values) - by_name["P-1"].train_stop == 8505
    assert {one.values.shape[1] for one in data.series} == {25, 55}
    assert all(start >= one.train_stop for one in data.series for start, _ in one.windows)


HEADER = "# a comment\n9 2 360 3\n9.dat 212 200 11 1024 995 0 0 MLII\n9.dat 212 100 11 0 5 0 0 V5\n# end\n"


def test_signals_of_format_212_are_unpacked():
    header = parse_header(HEADER, "9.hea")
    assert (header.rate_hz, header.length, header.channels) == (360.0, 3, ("MLII", "V5"))
    stored = [(1024, 0), (2047, -2048), (-1, 100)]
    content = b"".join(bytes([a & 0xFF, (a >> 8 & 0xF) | (b >> 4 & 0xF0), b & 0xFF]) for a, b in stored)
    expected = [[0, 0], [1023 / 200, -20.48], [-1025 / 200, 1.0]]
    np.testing.assert_allclose(parse_signal_212(content, header, "9.dat"), expected)
    with pytest.raises(DataFileError, match=r"9\.dat: is truncated: 9 bytes are promised, 8 are there"):
        parse_signal_212(content[:-1], header, "9.dat")
    with pytest.raises(DataFileError, match=r"9\.hea: is not the header of a record of format 212"):
        parse_header(HEADER.replace("212", "16"), "9.hea")


def test_annotations_with_skips_and_texts_are_read():
    words = [28 << 10 | 18, 63 << 10 | 3, 0x4E28, 0x0000, 1 << 10 | 59, 59 << 10, 1, 0x0002, 5 << 10 | 1, 0]
    content = np.array(words, "<u2").tobytes()
    samples, codes = parse_annotations(content, "9.atr")
    assert samples.tolist() == [18, 77, 77 + 65538 + 1] and codes.tolist() == [28, 1, 5]
    with pytest.raises(DataFileError, match=r"9\.atr: is truncated: it ends without its end mark"):
        parse_annotations(content[:-2], "9.atr")


def test_the_heart_beat_records_are_what_they_should_be(dataset_folder):
    dataset_folder("mitbih_100")
    data = load_ecg(dataset_folder("mba_ecg").parent)
    by_name = {one.name: one for one in data.series}
    record = by_name["MIT-BIH 100"]
    assert record.values.shape == (650_000, 2) and record.channels == ("MLII", "V5")
    assert record.values[0].tolist() == [-0.145, -0.065]  # as the .hea's first samples, 995 and 1011
    assert len(record.windows) == 34 and record.windows[0] == (1936, 2152)  # 33 atrial and 1 ventricular
    assert record.train_stop == 5 * 60 * 360
    assert [len(by_name[f"MBA_ECG{n}"].windows) for n in (806, 820)] == [61, 191]
    assert by_name["MBA_ECG806"].train_stop == 5 * 60 * 128
    assert data.coverage.startswith("3 of 3 records")


def test_heart_beats_without_files_name_both_places(tmp_path):
    with pytest.raises(
        MissingDataError, match=r"no folder .*mba_ecg\. .*no folder .*mitbih_100\. .*fetch mit"
    ):
        load_ecg(tmp_path)
    (tmp_path / "mba_ecg").mkdir()
    (tmp_path / "mba_ecg" / "MBA_ECG806_data.out").write_text("0.1,0\n")
    with pytest.raises(DataFileError, match=r"MBA_ECG806_data\.out is altered or cut off.*Get it again"):
        load_ecg(tmp_path)


def test_a_packed_file_that_is_none_is_named(tmp_path, unknown_files):
    (tmp_path / "labeled_anomalies.csv").write_text(LABELS)
    (tmp_path / "smap_msl.npz").write_bytes(b"PK")
    with pytest.raises(DataFileError, match=r"smap_msl\.npz: is not of the form"):
        load_smap_msl(tmp_path)
    (tmp_path / "smap_msl.npz").write_bytes(b"")
    with pytest.raises(DataFileError, match=r"smap_msl\.npz is empty\. Get it again\. Get data\.zip"):
        load_smap_msl(tmp_path)
