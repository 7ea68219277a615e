"""A WAV file played to a recogniser as a microphone would: block by block, in real time."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spikelab.cli.ranking import ranking, ranking_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from spikelab.speech import RecognizerStream, SegmenterSettings, SpeechRecognizer, Utterance

__all__ = ["play"]

_BLOCK_S = 0.02


class _Pace:
    """What a listener would notice: how long a block takes, and how late it was done."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.worst_s = 0.0
        self.late_s = 0.0

    def wait_for(self, heard_s: float) -> None:
        """Wait until a microphone would have heard that much."""
        left = self.began + heard_s - time.perf_counter()
        if left > 0:
            time.sleep(left)

    def took(self, since: float, heard_s: float) -> None:
        now = time.perf_counter()
        self.worst_s = max(self.worst_s, now - since)
        self.late_s = max(self.late_s, now - self.began - heard_s)


def play(
    recognizer: SpeechRecognizer,
    path: Path,
    settings: SegmenterSettings,
    *,
    fast: bool,
    top: int,
    as_json: bool,
) -> None:
    """Print the utterances of a file as they end, and how fast that was.

    Parameters
    ----------
    recognizer : SpeechRecognizer
    path : path
        WAV file of any length; it is read block by block.
    settings : SegmenterSettings
        Where an utterance begins and ends.
    fast : bool
        Do not wait for the time that the sound takes.
    top : int
        Classes shown.
    as_json : bool
        One JSON object a line instead of text.
    """
    from spikelab.datasets import wav_blocks, wav_form

    form = wav_form(path)
    stream = recognizer.stream(form.rate_hz, settings)
    stream.warm_up()
    click.echo(f"{path}: {form.duration_s:.1f} s at {form.rate_hz} Hz", err=True)
    pace, count = _Pace(), 0

    def tell(utterances: list[Utterance]) -> None:
        nonlocal count
        count += len(utterances)
        for one in utterances:
            click.echo(_line(recognizer, path, one, top, as_json))
            sys.stdout.flush()  # a pipe should hear of it now

    try:
        with _meter(form.duration_s) as meter:
            for block in wav_blocks(path, _BLOCK_S):
                heard_s = stream.position_s + block.size / form.rate_hz
                if not fast:
                    pace.wait_for(heard_s)
                since = time.perf_counter()
                utterances = stream.push(block)
                pace.took(since, heard_s)
                tell(utterances)
                meter(stream)
        heard_s, since = stream.position_s, time.perf_counter()
        utterances = stream.flush()
        pace.took(since, heard_s)
        tell(utterances)
    except KeyboardInterrupt:
        _summary(path, stream.position_s, pace, count, fast, as_json, interrupted=True)
        raise
    _summary(path, heard_s, pace, count, fast, as_json)


def _line(recognizer: SpeechRecognizer, path: Path, one: Utterance, top: int, as_json: bool) -> str:
    ranked = ranking(recognizer, one.probabilities) if one.label is not None else {}
    if as_json:
        values: dict[str, Any] = {
            "file": str(path),
            "start_s": one.start_s,
            "stop_s": one.stop_s,
            "label": one.label,
            "probabilities": ranked,
            "complete": one.complete,
        }
        return json.dumps(values | ({"error": one.reason} if one.reason else {}))
    answer = ranking_text(ranked, top) if ranked else f"not recognised: {one.reason}"
    mark = "" if one.complete else "  (cut off)"
    return f"{one.start_s:8.2f} - {one.stop_s:.2f} s  {answer}{mark}"


def _summary(
    path: Path, heard_s: float, pace: _Pace, count: int, fast: bool, as_json: bool, interrupted: bool = False
) -> None:
    wall_s = time.perf_counter() - pace.began
    factor = heard_s / wall_s if wall_s > 0 else 0.0
    if as_json:
        values: dict[str, Any] = {
            "file": str(path),
            "utterances": count,
            "sound_s": heard_s,
            "wall_s": wall_s,
            "real_time_factor": factor,
            "block_ms": 1e3 * _BLOCK_S,
            "worst_latency_ms": 1e3 * pace.worst_s,
            "interrupted": interrupted,
        }
        click.echo(json.dumps(values if fast else values | {"worst_delay_ms": 1e3 * pace.late_s}))
        return
    text = (
        f"{count} utterance{'' if count == 1 else 's'} in {heard_s:.1f} s of sound, "
        f"{factor:.3g} x real time; "
        f"worst latency of a block of {1e3 * _BLOCK_S:g} ms: {1e3 * pace.worst_s:.2f} ms"
    )
    click.echo(text + ("" if fast else f", at most {1e3 * max(pace.late_s, 0.0):.2f} ms behind the sound"))


@contextmanager
def _meter(total_s: float) -> Iterator[Callable[[RecognizerStream], None]]:
    """Draw a bar on a terminal; utterances are printed above it."""
    if not sys.stderr.isatty():
        yield lambda stream: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total_s)

        def draw(stream: RecognizerStream) -> None:
            cutter = stream.segmenter
            state = "utterance" if cutter.speaking else f"quiet, noise at {cutter.floor_db:.0f} dB"
            text = f"{stream.position_s:.1f} / {total_s:.1f} s  {state}"
            bar.update(task, completed=stream.position_s, description=text)

        yield draw
