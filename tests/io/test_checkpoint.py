"""Checkpoints: whole or not at all, and every damage noticed."""

import json
import os
import stat

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import spikelab as sl
from spikelab.errors import ParameterError
from spikelab.io import checkpoint

META = {
    "step": 2**60,
    "dt_ms": 0.1,
    "names": ["exc", "Länge"],
    "nested": {"none": None, "flag": True},
    "x": 5e-324,
}


def arrays():
    rng = np.arange(63 * 5)
    made = {
        t: rng.astype(t).reshape(63, 5)
        for t in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8")
    }
    made |= {"bool": rng % 3 == 0, "scalar": np.array(7.5), "empty": np.empty((0, 4), np.float32)}
    return made | {"turned": rng.reshape(63, 5).T, "odd": np.array([np.nan, -0.0, np.inf, 5e-324])}


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "run.safetensors"
    sl.write_checkpoint(file, arrays(), META)
    return file


def test_everything_comes_back_bit_for_bit(path):
    back, meta = sl.read_checkpoint(str(path))
    assert meta == META
    assert set(back) == set(arrays())
    for name, array in arrays().items():
        assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
        assert back[name].tobytes() == array.tobytes()
        assert back[name].flags.writeable
    assert os.listdir(path.parent) == [path.name]


def test_a_checkpoint_of_nothing_is_one_too(tmp_path):
    sl.write_checkpoint(tmp_path / "c", {}, {})
    assert sl.read_checkpoint(tmp_path / "c") == ({}, {})


def test_other_tools_can_read_the_arrays(path):
    assert np.array_equal(load_file(path)["f4"], arrays()["f4"])


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX")
def test_permissions_are_those_of_any_new_file(path, tmp_path):
    other = tmp_path / "other"
    other.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_a_failed_write_leaves_the_old_file(path, monkeypatch):
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(checkpoint, "save_file", fail)
    with pytest.raises(OSError, match="disk full"):
        sl.write_checkpoint(path, {"a": np.ones(3)}, {})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_an_interrupt_before_the_last_move_leaves_the_old_file(path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        sl.write_checkpoint(path, {"a": np.ones(3)}, {})
    monkeypatch.undo()
    assert sl.read_checkpoint(path)[1] == META
    assert os.listdir(path.parent) == [path.name]


def test_every_truncation_is_noticed(path):
    whole = path.read_bytes()
    for size in [0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:size])
        with pytest.raises(
            sl.CheckpointError, match=f"path must be whole. It ends early, after {size} bytes"
        ):
            sl.read_checkpoint(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(sl.CheckpointError, match=r"must be unaltered. It has 1 bytes too many"):
        sl.read_checkpoint(path)


def test_every_altered_byte_is_noticed(tmp_path):
    file = tmp_path / "c"
    given = {"a": np.arange(5.0), "b": np.arange(3, dtype=np.uint16)}
    sl.write_checkpoint(file, given, {"step": 3})
    whole = bytearray(file.read_bytes())
    unnoticed = []
    for place in range(len(whole)):
        altered = whole.copy()
        altered[place] ^= 0x11
        file.write_bytes(altered)
        try:
            back, meta = sl.read_checkpoint(file)
        except sl.CheckpointError:
            continue
        # Padding carries nothing: a change there must not reach the content.
        if meta != {"step": 3} or any(not np.array_equal(back[k], v) for k, v in given.items()):
            unnoticed.append(place)
    assert unnoticed == []


def test_files_of_others_are_refused(tmp_path):
    file = tmp_path / "c"
    for content in (b"\x89PNG\r\n\x1a\n and more of a picture", b"PK\x03\x04" + b"z" * 50, b"\x80\x04" * 20):
        file.write_bytes(content)
        with pytest.raises(
            sl.CheckpointError, match=r"must be a spikelab checkpoint. It was written by another program"
        ):
            sl.read_checkpoint(file)
    for metadata in (None, {"format": "pt"}):
        save_file({"a": np.ones(3)}, file, metadata=metadata)
        with pytest.raises(sl.CheckpointError, match="must be a spikelab checkpoint"):
            sl.read_checkpoint(file)


def test_a_newer_version_is_refused_by_name(path, monkeypatch):
    monkeypatch.setattr(checkpoint, "_VERSION", 2)
    sl.write_checkpoint(path, {}, {})
    monkeypatch.undo()
    with pytest.raises(
        sl.CheckpointError, match=r"must have version 1 or lower. It has version 2, of a newer spikelab"
    ):
        sl.read_checkpoint(path)


def test_missing_files_and_folders_are_answered(tmp_path):
    with pytest.raises(sl.CheckpointError, match=r"path must exist. Check the path"):
        sl.read_checkpoint(tmp_path / "nothing")
    with pytest.raises(sl.CheckpointError, match=r"must be a file. It is a folder"):
        sl.read_checkpoint(tmp_path)
    assert issubclass(sl.CheckpointError, ParameterError)


@pytest.mark.parametrize(
    ("given", "meta", "text"),
    [
        (
            {"a": np.array([object()])},
            {},
            r"write_checkpoint\(arrays\['a'\]='object'\): .* must hold bool, integers or",
        ),
        ({"a": np.array(["text"])}, {}, "must hold bool, integers or float up to 64 bits"),
        ({"a": np.ones(2, complex)}, {}, "must hold bool, integers or float"),
        ({"": np.ones(2)}, {}, "arrays must have non-empty names"),
        ({3: np.ones(2)}, {}, "arrays must have non-empty names"),
        ({}, {"x": float("nan")}, "meta must hold what JSON can hold"),
        ({}, {"x": np.ones(2)}, "meta must hold what JSON can hold. Put arrays into arrays"),
        ({}, {"x": (1, 2)}, "meta must come back from JSON as it went in. Use lists, and str as keys"),
        ({}, {1: 2}, "meta must come back from JSON as it went in"),
    ],
)
def test_what_cannot_be_stored_is_refused_before_writing(tmp_path, given, meta, text):
    with pytest.raises(ParameterError, match=text):
        sl.write_checkpoint(tmp_path / "c", given, meta)
    assert os.listdir(tmp_path) == []


def test_arrays_of_the_other_byte_order_come_back_with_their_values(tmp_path):
    sl.write_checkpoint(tmp_path / "c", {"a": np.arange(5, dtype=">i4")}, {})
    assert sl.read_checkpoint(tmp_path / "c")[0]["a"].tolist() == [0, 1, 2, 3, 4]


def test_the_file_is_json_and_numbers_without_code(path):
    whole = path.read_bytes()
    header = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])
    assert header["__metadata__"]["format"] == "spikelab-checkpoint"
    assert header["__metadata__"]["version"] == "1"
    assert json.loads(header["__metadata__"]["meta"]) == META


@pytest.mark.parametrize("text", ["[]", "3", "{", "[" * 100_000 + "]" * 100_000, '{"a":' + "9" * 5_000 + "}"])
def test_a_description_that_fits_its_digest_must_still_be_one(path, text):
    digest = checkpoint._digest(text, {})
    header = {"format": "spikelab-checkpoint", "version": "1", "meta": text, "digest": digest}
    save_file({}, path, metadata=header)
    with pytest.raises(sl.CheckpointError, match="hold a description"):
        sl.read_checkpoint(path)


def test_a_header_nested_without_end_is_refused(path):
    header = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(sl.CheckpointError, match="header is damaged"):
        sl.read_checkpoint(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and links of this kind are POSIX")
def test_a_device_is_never_replaced_and_a_link_is_followed(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(
        sl.CheckpointError, match=r"pipe'\): path must name a file\. It is a device or a pipe"
    ):
        sl.write_checkpoint(tmp_path / "pipe", {}, {})
    assert (tmp_path / "pipe").is_fifo()
    (tmp_path / "link").symlink_to("real")
    sl.write_checkpoint(tmp_path / "link", {}, {"n": 1})
    assert (tmp_path / "link").is_symlink() and sl.read_checkpoint(tmp_path / "real")[1] == {"n": 1}


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_names_that_no_file_can_have(tmp_path, name):
    for use in (lambda path: sl.write_checkpoint(path, {}, {}), sl.read_checkpoint):
        with pytest.raises(sl.CheckpointError, match=r"_checkpoint\(path="):
            use(str(tmp_path / name))
