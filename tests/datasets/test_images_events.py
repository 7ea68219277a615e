"""Pictures and events: the original files, and what is none."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from spikelab.datasets import DataFileError, MissingDataError, load_fashion_mnist, load_mnist, load_nmnist
from spikelab.datasets.event_files import parse_events
from spikelab.datasets.images import parse_idx


def test_idx_is_parsed_and_its_length_checked():
    content = b"\x00\x00\x08\x03" + struct.pack(">3I", 2, 2, 3) + bytes(range(12))
    assert parse_idx(content, "a").tolist() == np.arange(12).reshape(2, 2, 3).tolist()
    with pytest.raises(
        DataFileError, match=r"a: has 11 values, but its header promises the shape \(2, 2, 3\)"
    ):
        parse_idx(content[:-1], "a")
    with pytest.raises(DataFileError, match=r"is not an idx file"):
        parse_idx(b"\x00\x00\x0d\x01", "a")
    with pytest.raises(DataFileError, match=r"truncated within its header"):
        parse_idx(content[:9], "a")


def test_an_altered_picture_file_is_found(tmp_path):
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(
        gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x01\x05")
    )
    with pytest.raises(DataFileError, match=r"train-images-idx3-ubyte\.gz is altered.*fetch fashion_mnist"):
        load_fashion_mnist(tmp_path)
    with pytest.raises(MissingDataError, match=r"mnist: there is no folder|there is no folder .*none"):
        load_mnist(tmp_path / "none")


def test_mnist_is_what_was_published(dataset_folder):
    data = load_mnist(dataset_folder("mnist"))
    assert data.X_train.shape == (60_000, 28, 28) and data.X_test.shape == (10_000, 28, 28)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9] and data.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert data.classes.tolist() == list(range(10)) and data.class_names[3] == "3"


EVENTS = [(3, 4, 1, 100), (33, 0, 0, 70_000), (0, 33, 1, 8_388_607)]


def packed(events):
    return b"".join(bytes([x, y, p << 7 | t >> 16, t >> 8 & 0xFF, t & 0xFF]) for x, y, p, t in events)


def test_events_are_unpacked():
    take = parse_events(packed(EVENTS), "a.bin")
    columns = zip(take.x.tolist(), take.y.tolist(), take.polarity.tolist(), take.t_us.tolist(), strict=True)
    assert list(columns) == EVENTS
    assert (take.x.dtype, take.t_us.dtype) == (np.uint8, np.uint32)


def test_a_row_of_240_carries_the_clock_on():
    take = parse_events(packed([(1, 1, 0, 5), (0, 240, 0, 0), (2, 2, 1, 7)]), "a.bin")
    assert take.t_us.tolist() == [5, 7 + 8192] and take.x.tolist() == [1, 2]


def test_bytes_that_are_no_events_are_refused():
    for content in (b"", packed(EVENTS)[:-1]):
        with pytest.raises(DataFileError, match=r"a\.bin: has \d+ bytes, not five for each event"):
            parse_events(content, "a.bin")
    with pytest.raises(DataFileError, match=r"event 1 is at \(34, 5\), outside the 34 x 34 pixels"):
        parse_events(packed([(1, 1, 0, 5), (34, 5, 0, 9)]), "a.bin")


def test_both_forms_of_nmnist_are_read(tmp_path):
    original, archive = tmp_path / "original", tmp_path / "archive"
    for part, digit, name in (("Train", 5, "00001"), ("Train", 0, "00002"), ("Test", 7, "00001")):
        (original / part / str(digit)).mkdir(parents=True)
        (original / part / str(digit) / f"{name}.bin").write_bytes(packed(EVENTS))
    data = load_nmnist(original)
    assert data.y_train.tolist() == [5, 0] and data.y_test.tolist() == [7]
    assert data.coverage == "2 of 60,000 training and 1 of 10,000 test takes"
    archive.mkdir()
    x, y, p, t_us = (np.array(column) for column in zip(*EVENTS, strict=True))
    for part in ("train1", "test1"):
        np.savez(archive / f"{part}.npz", x=x, y=y, p=p, t_us=t_us, offsets=[0, 1, 3], labels=[5, 0])
    data = load_nmnist(archive)
    assert [len(take.x) for take in data.X_train] == [1, 2] and data.y_train.tolist() == [5, 0]
    np.savez(archive / "train1.npz", x=x)
    with pytest.raises(DataFileError, match=r"train1\.npz: is not of the form"):
        load_nmnist(archive)
    (archive / "train1.npz").unlink()
    with pytest.raises(MissingDataError, match=r"neither Train/ nor train\*\.npz in .*Get Train\.zip"):
        load_nmnist(archive)


def test_nmnist_as_packed_is_what_its_bytes_say(dataset_folder):
    data = load_nmnist(dataset_folder("nmnist"))
    assert len(data.X_train) >= 800 and len(data.X_test) >= 100
    for number, take in ((1, data.X_train[0]), (10, data.X_train[9]), (60001, data.X_test[0])):
        path = dataset_folder("nmnist") / "raw" / f"{number}.bin"
        if path.is_file():
            same = parse_events(path.read_bytes(), path.name)
            np.testing.assert_array_equal(take.t_us, same.t_us)
            np.testing.assert_array_equal(take.x, same.x)
            np.testing.assert_array_equal(take.polarity, same.polarity)
