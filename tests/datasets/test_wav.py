"""WAV files of any rate and width, and everything that is none."""

from __future__ import annotations

import os
import struct
import tracemalloc

import numpy as np
import pytest
from scipy.io import wavfile

import spikelab as sl
from spikelab.datasets import DataFileError, MissingDataError, read_wav, wav_blocks, wav_form

from .wav_files import header, stored, tone, write_wav


@pytest.mark.parametrize("rate", [8000, 44_100, 96_000])
@pytest.mark.parametrize("bits", [8, 16, 24, 32, -32, -64])
def test_every_width_and_rate_comes_back(tmp_path, bits, rate):
    values = tone()
    path = write_wav(tmp_path / "a.wav", values, bits, rate)
    samples, rate_hz = read_wav(path)
    assert (samples.dtype, rate_hz) == (np.float32, rate)
    step = 1 / 100 if bits == 8 else 1e-4 if bits == 16 else 1e-6
    np.testing.assert_allclose(samples, values, atol=step)


@pytest.mark.parametrize("bits", [8, 16, 24, 32, -32])
def test_another_reader_sees_the_same_values(tmp_path, bits):
    path = write_wav(tmp_path / "a.wav", tone(), bits)
    # It keeps whole numbers: 24 bits stand left-aligned in 32.
    _, theirs = wavfile.read(path)
    scale = 1.0 if bits < 0 else 128.0 if bits == 8 else 2.0 ** (8 * theirs.itemsize - 1)
    expected = (theirs.astype(np.float64) - (128.0 if bits == 8 else 0.0)) / scale
    np.testing.assert_array_equal(read_wav(path)[0], expected.astype(np.float32))


def test_channels_are_mixed_by_their_mean(tmp_path):
    values = np.stack([tone(), 0.5 * tone()], axis=1)
    samples, _ = read_wav(write_wav(tmp_path / "a.wav", values, 24))
    np.testing.assert_allclose(samples, 0.75 * tone(), atol=1e-6)


def test_the_extensible_format_is_read(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(), 24, code=0xFFFE)
    np.testing.assert_allclose(read_wav(path)[0], tone(), atol=1e-6)


def test_a_stream_that_does_not_know_its_length_is_read_to_its_end(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(header(0xFFFFFFFF) + stored(tone(), 16))
    assert len(read_wav(path)[0]) == 800


RIGHT = header(1600) + stored(tone(), 16)
WRONG = {
    "empty": (b"", r"the file is empty"),
    "text": (b"hello, this is text", r"is not a WAV file\. Convert it"),
    "flac": (b"fLaC" + bytes(60), r"is not a WAV file but FLAC\. Convert it, as by `ffmpeg"),
    "mp3": (b"ID3" + bytes(60), r"is not a WAV file but MP3"),
    "head only": (RIGHT[:10], r"is not a WAV file"),
    "half a header": (RIGHT[:30], r"its format takes|ends before its format"),
    "no samples": (RIGHT[:36], r"ends before its samples\. Is it complete\?"),
    "truncated": (RIGHT[:-700], r"is truncated: 1,600 bytes of samples are promised, 900 are there"),
    "zero length": (header(0), r"holds no samples: its length is zero\.$"),
    "broken off": (header(0) + bytes(900), r"its length is zero\. 900 bytes follow\. Was the .* broken off"),
    "cancelling": (
        header(3200, channels=2) + stored(np.stack([tone(), -tone()], 1).ravel(), 16),
        r"every sample is zero\. .*Or do the channels cancel each other\?",
    ),
    "all zeros": (header(1600) + bytes(1600), r"every sample is zero\. Is the microphone muted"),
    "silent 8 bit": (header(800, bits=8) + b"\x80" * 800, r"every sample is zero"),
    "mu-law": (header(800, bits=8, code=7) + bytes(800), r"holds mu-law, not PCM\. Convert it"),
    "unknown codec": (header(800, bits=8, code=99) + bytes(800), r"holds codec 99, not PCM"),
    "no rate": (header(1600, rate=0) + bytes(1600), r"claims 1 channels, 0 Hz"),
    "no channel": (header(1600, channels=0) + bytes(1600), r"claims 0 channels"),
    "NaN": (
        header(3200, bits=-32) + stored(np.where(np.arange(800) == 400, np.nan, 0.1), -32),
        r"the sample at 0\.05 s is not finite",
    ),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_whole_recording_is_refused(tmp_path, content, message):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=message) as caught:
        read_wav(path)
    assert str(path) in str(caught.value)


def test_a_file_cut_at_any_byte_or_with_any_byte_altered_breaks_no_parser(tmp_path):
    path = tmp_path / "a.wav"
    short = header(40) + stored(tone(20), 16)
    for stop in range(len(short)):
        path.write_bytes(short[:stop])
        with pytest.raises(DataFileError):
            read_wav(path)
    for at in range(64):
        path.write_bytes(short[:at] + bytes([short[at] ^ 0xFF]) + short[at + 1 :])
        try:
            read_wav(path)
        except DataFileError:
            continue


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"none\.wav: cannot be read: No such file"):
        read_wav(tmp_path / "none.wav")
    with pytest.raises(MissingDataError, match=r"cannot be read"):
        read_wav(tmp_path)


@pytest.mark.parametrize("bits", [8, 16, -32])
def test_clipping_is_told_with_its_share(tmp_path, bits):
    loud = tone(amplitude=3.0)
    if bits > 0:  # floats may stand above full scale
        loud = np.clip(loud, -1.0, 1.0)
    path = write_wav(tmp_path / "a.wav", loud, bits)
    with pytest.warns(UserWarning, match=r"a\.wav: 7\d\.\d% of the samples are clipped"):
        samples, _ = read_wav(path)
    assert np.abs(samples).max() <= 1.0


@pytest.mark.parametrize(("rate", "step"), [(8000, 0.2), (96_000, 0.007)])
def test_a_tone_that_just_touches_full_scale_is_not_clipped(tmp_path, rate, step):
    samples, _ = read_wav(write_wav(tmp_path / "a.wav", np.sin(step * np.arange(9000)), rate=rate))
    assert samples.max() > 0.999


def test_the_form_is_told_without_the_samples(tmp_path):
    form = wav_form(write_wav(tmp_path / "a.wav", np.zeros((480, 2)), 24, rate=48_000))
    assert (form.rate_hz, form.channels, form.bits, form.frames) == (48_000, 2, 24, 480)
    assert form.duration_s == 0.01


def three_hours(path):
    """An empty file of three hours: its bytes are promised, but take no room on the disk."""
    size = 3 * 3600 * 8000 * 2
    with path.open("wb") as file:
        file.write(header(size))
        file.truncate(file.tell() + size)
    return path


def test_a_recording_of_three_hours_is_refused_before_it_is_read(tmp_path):
    path = three_hours(tmp_path / "long.wav")
    tracemalloc.start()
    with pytest.raises(DataFileError, match=r"lasts 10,800 s, 346 MB as float32; .*wav_blocks"):
        read_wav(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e6


def test_a_recording_of_three_hours_is_read_in_the_memory_of_a_block(tmp_path):
    path = three_hours(tmp_path / "long.wav")
    tracemalloc.start()
    total = sum(len(block) for block in wav_blocks(path, block_s=30.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 3 * 3600 * 8000
    assert peak < 5e6


@pytest.mark.parametrize("block_s", [0.0001, 0.03, 1.0])
def test_blocks_joined_are_the_whole(tmp_path, block_s):
    path = write_wav(tmp_path / "a.wav", np.stack([tone(), tone()], axis=1), 24)
    blocks = list(wav_blocks(path, block_s))
    np.testing.assert_array_equal(np.concatenate(blocks), read_wav(path)[0])
    assert max(map(len, blocks)) == min(800, max(1, round(block_s * 8000)))


def test_parameters_out_of_range_are_refused(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone())
    with pytest.raises(sl.ParameterError, match=r"longest_s must be > 0 s"):
        read_wav(path, longest_s=0)
    with pytest.raises(sl.ParameterError, match=r"block_s must be a real number"):
        next(wav_blocks(path, "1"))


def test_a_long_file_of_more_than_four_gigabytes_states_its_length_in_64_bits(tmp_path):
    path = tmp_path / "a.wav"
    body = stored(tone(), 16)
    plain = header(0xFFFFFFFF)
    ds64 = b"ds64" + struct.pack("<I", 28) + struct.pack("<QQQI", 0, len(body), 0, 0)
    path.write_bytes(b"RF64" + b"\xff\xff\xff\xff" + b"WAVE" + ds64 + plain[12:] + body + b"junk" * 9)
    assert len(read_wav(path)[0]) == 800


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
@pytest.mark.parametrize("read", [read_wav, wav_form, lambda path: list(wav_blocks(path))])
def test_a_pipe_is_refused(tmp_path, read):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    both = os.open(path, os.O_RDWR)  # so that opening it does not wait for a writer
    try:
        with pytest.raises(DataFileError, match=r"pipe: is a pipe, .* Write it to a file first"):
            read(path)
    finally:
        os.close(both)


def test_what_is_no_path_is_refused():
    with pytest.raises(sl.ParameterError, match=r"read_wav\(path=3\): path must be a path"):
        read_wav(3)
