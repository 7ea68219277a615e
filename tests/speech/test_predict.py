"""``spikelab predict``: answers for the good files, words for the bad ones, no traceback for any."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from click.testing import CliRunner

import spikelab as sl
from spikelab.cli import predict as predict_command
from spikelab.cli import predict_stream
from spikelab.cli.main import cli
from spikelab.io import read_checkpoint, write_checkpoint

from .words import RATE, recognizer, talk, words, write_wav

POSIX = pytest.mark.skipif(os.name != "posix", reason="the system's words and links are POSIX")


@pytest.fixture(scope="module")
def model(fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "words.model"
    sl.save_model(path, fitted)
    return path


def predict(*arguments):
    result = CliRunner().invoke(cli, ["predict", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_each_file_gets_a_label_and_probabilities(model, tmp_path):
    X, y = words(2, seed=4)
    paths = [write_wav(tmp_path / f"{i}.wav", x) for i, x in enumerate(X)]
    result = predict(model, *paths, "--top", 2)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split(": ")[1].split()[0] for line in lines] == y.tolist()
    assert all(line.count("%") == 2 for line in lines)


def test_json_has_all_classes_and_is_what_predict_proba_says(model, fitted, tmp_path):
    path = write_wav(tmp_path / "a.wav", words(1)[0][0])
    answer = json.loads(predict(model, path, "--json").stdout)
    expected = fitted.predict_proba([sl.datasets.read_wav(path)])[0]
    assert answer["file"] == str(path) and answer["label"] == "up"
    assert answer["probabilities"] == dict(
        sorted(zip(fitted.classes_.tolist(), expected.tolist(), strict=True), key=lambda item: -item[1])
    )


def test_folders_are_searched(model, tmp_path):
    (tmp_path / "up").mkdir()
    write_wav(tmp_path / "up" / "b.WAV", words(1)[0][0])
    write_wav(tmp_path / "up" / "a.wav", words(1)[0][1])
    (tmp_path / "up" / "notes.txt").write_text("not a sound")
    (tmp_path / "empty").mkdir()
    result = predict(model, tmp_path)
    assert [line.split(":")[0][-5:] for line in result.stdout.splitlines()] == ["a.wav", "b.WAV"]
    result = predict(model, tmp_path / "empty")
    assert result.exit_code == 1 and "the folder holds no WAV file" in result.stderr


def bad_files(folder):
    """Files that cannot be recognised, with what is said of each."""
    good = words(1)[0][0]
    whole = write_wav(folder / "whole.wav", good).read_bytes()
    contents = {
        "text.wav": (b"no sound at all, only words", "is not a WAV file"),
        "empty.wav": (b"", "the file is empty"),
        "cut.wav": (whole[: len(whole) // 2], "is truncated"),
        "header.wav": (whole[:20], "its format takes 0 bytes instead of 16"),
    }
    for name, (content, _) in contents.items():
        (folder / name).write_bytes(content)
    write_wav(folder / "zeros.wav", np.zeros(4000))
    write_wav(folder / "short.wav", good[:100])
    write_wav(folder / "none.wav", good[:0])
    said = {name: text for name, (_, text) in contents.items()} | {
        "zeros.wav": "every sample is zero",
        "short.wav": "last at least one window of 25 ms",
        "none.wav": "holds no samples",
        "missing.wav": "No such file",
    }
    return folder / "whole.wav", said


def test_bad_files_are_named_and_good_ones_are_answered(model, tmp_path):
    good, said = bad_files(tmp_path)
    paths = [tmp_path / name for name in said]
    result = predict(model, *paths[:4], good, *paths[4:])
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{good}: up ") and len(result.stdout.splitlines()) == 1
    for path, text in zip(paths, said.values(), strict=True):
        (line,) = [line for line in result.stderr.splitlines() if line.startswith(f"{path}: ")]
        assert text in line
    assert f"{len(paths)} of {len(paths) + 1} could not be recognised." in result.stderr
    lines = [json.loads(line) for line in predict(model, *paths, good, "--json").stdout.splitlines()]
    assert len(lines) == len(paths) + 1 and sum("error" in line for line in lines) == len(paths)


def test_any_width_rate_and_number_of_channels(model, tmp_path):
    from scipy.io import wavfile

    x, y = words(1, seed=2)
    sound = np.repeat(x[0], 12)  # 96 kHz; the edges of the steps lie above the front end's band
    wavfile.write(tmp_path / "wide.wav", 96_000, np.stack([sound, sound], axis=1))
    wavfile.write(tmp_path / "narrow.wav", RATE, (128 + 127 * x[0]).astype(np.uint8))
    result = predict(model, tmp_path / "wide.wav", tmp_path / "narrow.wav")
    assert result.exit_code == 0
    assert [line.split(": ")[1].split()[0] for line in result.stdout.splitlines()] == [y[0], y[0]]


def test_a_file_of_three_hours_is_for_a_stream(model, tmp_path):
    path = write_wav(tmp_path / "long.wav", np.zeros(10))
    header = bytearray(path.read_bytes()[:44])
    size = 3 * 3600 * RATE * 2
    header[40:44] = size.to_bytes(4, "little")
    with path.open("wb") as file:  # a hole: no byte of it is on the disk
        file.write(header)
        file.truncate(44 + size)
    result = predict(model, path)
    assert result.exit_code == 1 and "lasts 180 minutes: too long for one word. Use --stream" in result.stderr


def test_clipping_is_told_and_answered(model, tmp_path):
    path = write_wav(tmp_path / "loud.wav", np.clip(30 * words(1)[0][0], -1, 1))
    result = predict(model, path)
    assert result.exit_code == 0 and result.stdout.startswith(f"{path}: ")
    assert "Note:" in result.stderr and "clipped" in result.stderr


@pytest.mark.parametrize("place", [0, 9, 40, 0.3, 0.6, 0.99])
def test_a_model_file_altered_by_a_byte_is_refused(model, tmp_path, place):
    content = bytearray(model.read_bytes())
    content[place if isinstance(place, int) else int(place * len(content))] ^= 1
    altered = tmp_path / "altered.model"
    altered.write_bytes(content)
    result = predict(altered, write_wav(tmp_path / "a.wav", words(1)[0][0]))
    assert result.exit_code == 2 and result.stdout == ""
    assert "Error: " in result.stderr and "path must " in result.stderr


def test_other_files_are_no_models(model, tmp_path, fitted):
    wav = write_wav(tmp_path / "a.wav", words(1)[0][0])
    (tmp_path / "cut.model").write_bytes(model.read_bytes()[:-100])
    sl.save_model(tmp_path / "esn.model", fitted.classifier_)
    sl.save_model(tmp_path / "unfitted.model", recognizer())
    arrays, meta = read_checkpoint(model)
    del meta["model"]["attributes"]["sharpness_"]
    write_checkpoint(tmp_path / "older.model", arrays, meta)
    for name, text in (
        ("a.wav", "must be a spikelab checkpoint"),
        ("cut.model", "path must be whole"),
        ("none.model", "path must exist"),
        ("esn.model", "hold a fitted SpeechRecognizer; it holds: ESNClassifier"),
        ("unfitted.model", "it holds: SpeechRecognizer that is not fitted"),
        ("older.model", "MODEL must be able to answer (AttributeError: "),
    ):
        result = predict(tmp_path / name, wav)
        assert result.exit_code == 2 and text in result.stderr and result.stdout == ""


def test_a_model_of_a_newer_version_is_refused(model, tmp_path):
    arrays, meta = read_checkpoint(model)
    write_checkpoint(tmp_path / "new.model", arrays, {**meta, "format": 99, "spikelab": "9.0"})
    result = predict(tmp_path / "new.model", write_wav(tmp_path / "a.wav", words(1)[0][0]))
    assert result.exit_code == 2 and "written by spikelab 9.0; upgrade to read it" in result.stderr


def test_a_stream_tells_its_utterances_and_how_fast_it_was(model, fitted, tmp_path):
    samples, spoken = talk(2)
    path = write_wav(tmp_path / "talk.wav", samples)
    result = predict(model, path, "--stream", "--fast")
    *lines, last = result.stdout.splitlines()
    assert result.exit_code == 0
    assert [line.split(" s  ")[1].split()[0] for line in lines] == [label for label, _, _ in spoken]
    assert last.startswith(f"{len(spoken)} utterances in {samples.size / RATE:.1f} s of sound, ")
    assert "x real time; worst latency of a block of 20 ms: " in last
    *lines, last = map(json.loads, predict(model, path, "--stream", "--fast", "--json").stdout.splitlines())
    whole = fitted.stream()
    expected = whole.push(sl.datasets.read_wav(path)[0]) + whole.flush()
    assert [(one["label"], one["start_s"], one["stop_s"]) for one in lines] == [
        (one.label, one.start_s, one.stop_s) for one in expected
    ]
    assert last["utterances"] == len(spoken) and not last["interrupted"] and last["worst_latency_ms"] > 0


def test_a_stream_in_real_time_waits_for_the_sound(model, tmp_path, monkeypatch):
    """The clock is ours: only waiting moves it."""
    clock = {"now": 100.0}
    monkeypatch.setattr(predict_stream.time, "perf_counter", lambda: clock["now"])
    monkeypatch.setattr(
        predict_stream.time, "sleep", lambda seconds: clock.update(now=clock["now"] + seconds)
    )
    samples, _ = talk(1)
    result = predict(model, write_wav(tmp_path / "talk.wav", samples), "--stream")
    assert result.exit_code == 0
    assert clock["now"] - 100.0 == pytest.approx(samples.size / RATE, abs=1e-6)
    assert ", 1 x real time; " in result.stdout and "at most 0.00 ms behind the sound" in result.stdout


def test_interrupting_a_stream_keeps_what_was_heard(model, tmp_path, monkeypatch):
    samples, spoken = talk(2)
    until_s = (spoken[1][2] + 0.3 * RATE) / RATE
    waited = predict_stream._Pace.wait_for

    def interrupt(pace, heard_s):
        if heard_s > until_s:
            raise KeyboardInterrupt
        pace.began -= heard_s  # no waiting
        waited(pace, heard_s)
        pace.began += heard_s

    monkeypatch.setattr(predict_stream._Pace, "wait_for", interrupt)
    result = predict(model, write_wav(tmp_path / "talk.wav", samples), "--stream")
    assert result.exit_code == 130
    assert result.stdout.splitlines()[-1].startswith("2 utterances in ")
    assert "Interrupted." in result.stderr


def test_bad_files_in_a_stream(model, tmp_path):
    good, said = bad_files(tmp_path)
    # Silence is a stream without utterances.
    bad = [tmp_path / name for name in said if name not in ("zeros.wav", "short.wav")]
    result = predict(model, *bad, good, tmp_path / "zeros.wav", "--stream", "--fast")
    assert result.exit_code == 1
    assert f"{len(bad)} of {len(bad) + 2} could not be recognised." in result.stderr
    assert result.stdout.count("x real time") == 2 and " up " in result.stdout


def test_what_begins_a_word_can_be_set(model, tmp_path):
    path = write_wav(tmp_path / "talk.wav", talk(2)[0])
    deaf = predict(model, path, "--stream", "--fast", "--start-db", "90", "--stop-db", "80")
    assert deaf.exit_code == 0 and deaf.stdout.startswith("0 utterances")
    crossed = predict(model, path, "--stream", "--fast", "--stop-db", "20")
    assert crossed.exit_code == 2 and "start_db must be >= stop_db=20.0" in crossed.stderr
    whole = predict(model, path, "--start-db", "20")
    assert whole.exit_code == 2 and "whole files are not cut" in whole.stderr


def test_fast_belongs_to_stream(model, tmp_path):
    result = predict(model, tmp_path / "a.wav", "--fast")
    assert result.exit_code == 2 and "--fast is a way of --stream" in result.stderr


@POSIX
def test_a_path_that_cannot_be_asked_after_is_named(model, tmp_path):
    good = write_wav(tmp_path / "a.wav", words(1)[0][0])
    result = predict(model, "x" * 5_000, good)
    assert result.exit_code == 1 and "a.wav: up" in result.stdout
    assert "File name too long. Check the path." in result.stderr


@POSIX
def test_a_broken_link_in_a_folder_is_not_passed_over(model, tmp_path):
    write_wav(tmp_path / "a.wav", words(1)[0][0])
    (tmp_path / "b.wav").symlink_to("nothing.wav")
    result = predict(model, tmp_path)
    assert result.exit_code == 1 and "a.wav: up" in result.stdout
    assert "b.wav: cannot be read: No such file" in result.stderr


def test_a_reader_that_went_away_is_no_fault_of_a_file(model, tmp_path, monkeypatch):
    def gone(*_):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(predict_command, "_whole", gone)
    result = predict(model, write_wav(tmp_path / "a.wav", words(1)[0][0]))
    assert result.exit_code == 1 and result.stderr == ""


def test_a_file_that_may_not_be_read_keeps_no_other_from_its_answer(model, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    result = predict(model, tmp_path / "none.wav", write_wav(tmp_path / "a.wav", words(1)[0][0]))
    assert result.exit_code == 1 and "a.wav: up" in result.stdout


def test_a_folder_that_may_not_be_read_is_not_passed_over(model, tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_wav(tmp_path / name / "up.wav", words(1)[0][0])
    scan = os.scandir

    def closed(place="."):
        if str(place).endswith("b"):
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", closed)
    result = predict(model, tmp_path)
    assert result.exit_code == 1 and result.stdout.count("up.wav: up") == 1
    assert "b: cannot be read: Permission denied.\n1 of 2 could not" in result.stderr
