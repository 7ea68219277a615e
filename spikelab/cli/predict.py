"""``spikelab predict``: what a saved recogniser hears in WAV files, whole or as a stream."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spikelab.cli.ranking import ranking, ranking_text

if TYPE_CHECKING:
    from spikelab.speech import SegmenterSettings, SpeechRecognizer

__all__ = ["predict"]

_LONGEST_S = 600.0
_LONGEST_REASON = 120
# What cannot be read is answered one by one, not all at once by the parser.
_ANY = click.Path(path_type=Path, readable=False)


@click.command(short_help="Recognise WAV files with a saved model.")
@click.argument("model", type=_ANY)
@click.argument("files", nargs=-1, required=True, type=_ANY, metavar="FILE...")
@click.option("--stream", is_flag=True, help="Play each file in real time and print utterances as they end.")
@click.option("--fast", is_flag=True, help="With --stream: as fast as it goes.")
@click.option(
    "--start-db", type=float, help="With --stream: an utterance begins so far above the noise.  [default: 15]"
)
@click.option("--stop-db", type=float, help="With --stream: and goes on down to this.  [default: 9]")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Classes shown with probabilities.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all probabilities.")
@click.pass_context
def predict(
    ctx: click.Context,
    model: Path,
    files: tuple[Path, ...],
    stream: bool,
    fast: bool,
    start_db: float | None,
    stop_db: float | None,
    top: int,
    as_json: bool,
) -> None:
    """Recognise WAV files with a MODEL that save_model wrote.

    A FILE may be a folder; the WAV files in it and below are taken. A file that cannot be used is named,
    the others are answered, and the status is 1 at the end.
    """
    if fast and not stream:
        raise click.UsageError("--fast is a way of --stream; whole files are recognised at once anyway.")
    levels = {
        name: value for name, value in (("start_db", start_db), ("stop_db", stop_db)) if value is not None
    }
    if levels and not stream:
        raise click.UsageError("--start-db and --stop-db cut a --stream into words; whole files are not cut.")
    recognizer = _recognizer(model)
    settings = _settings(levels) if stream else None
    failed = 0
    paths = list(_wav_files(files))
    for path, reason in paths:
        if reason or not _answer(recognizer, path, settings, fast, top, as_json):
            failed += 1
            if reason:
                _refuse(path, reason, as_json)
    if failed:
        click.echo(f"{failed} of {len(paths)} could not be recognised.", err=True)
        ctx.exit(1)


def _settings(levels: Mapping[str, float]) -> SegmenterSettings:
    from spikelab.speech import SegmenterSettings

    return SegmenterSettings(**levels)


def _recognizer(path: Path) -> SpeechRecognizer:
    from spikelab.errors import ParameterError
    from spikelab.io import load_model
    from spikelab.speech import RecognizerStream, SpeechRecognizer

    model = load_model(path)
    if isinstance(model, RecognizerStream):
        model = getattr(model, "recognizer", None)
    fitted = hasattr(model, "classifier_")
    if not isinstance(model, SpeechRecognizer) or not fitted:
        found = type(model).__name__ + (" that is not fitted" if isinstance(model, SpeechRecognizer) else "")
        need = f"hold a fitted SpeechRecognizer; it holds: {found}"
        raise ParameterError("predict", "MODEL", str(path), need, "`spikelab run speech` saves one.")
    try:
        model.stream().warm_up()
    except Exception as error:  # of another version: what its parts lack shows where they are used
        need = f"be able to answer ({type(error).__name__}: {str(error)[:_LONGEST_REASON]})"
        remedy = "Was it saved by another version? Fit it again, and save it by this one."
        raise ParameterError("predict", "MODEL", str(path), need, remedy) from error
    return model


def _wav_files(given: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files in order, those of folders sorted, each with why there is none (else "")."""
    for path in given:
        if not os.path.isdir(path):  # Path.is_dir raises where a folder above may not be entered
            yield path, ""
            continue
        closed: list[OSError] = []
        within = os.walk(path, onerror=closed.append)
        found = sorted(Path(folder, name) for folder, _, names in within for name in names)
        sounds = [one for one in found if one.suffix.lower() == ".wav"]
        yield from ((one, "") for one in sounds)
        yield from ((Path(error.filename), f"cannot be read: {error.strerror}.") for error in closed)
        if not sounds and not closed:
            yield path, "the folder holds no WAV file."


def _answer(
    recognizer: SpeechRecognizer,
    path: Path,
    stream: SegmenterSettings | None,
    fast: bool,
    top: int,
    as_json: bool,
) -> bool:
    """Print the answer for one file, whole without `stream`; return whether there was one."""
    from spikelab.errors import SpikelabError

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            if stream is not None:
                from spikelab.cli.predict_stream import play

                play(recognizer, path, stream, fast=fast, top=top, as_json=as_json)
            else:
                _whole(recognizer, path, top, as_json)
    except BrokenPipeError:  # who reads the answers has gone; no file is at fault
        raise
    except (SpikelabError, OSError) as error:
        _refuse(path, str(error), as_json)
        return False
    for one in caught:
        click.echo(f"Note: {one.message}", err=True)
    return True


def _whole(recognizer: SpeechRecognizer, path: Path, top: int, as_json: bool) -> None:
    from spikelab.datasets import DataFileError, read_wav, wav_form

    duration_s = wav_form(path).duration_s
    if duration_s > _LONGEST_S:
        raise DataFileError(f"lasts {duration_s / 60:.0f} minutes: too long for one word. Use --stream.")
    sound = read_wav(path, longest_s=_LONGEST_S)
    probabilities = recognizer.predict_proba([sound])[0]
    ranked = ranking(recognizer, probabilities)
    if as_json:
        label = next(iter(ranked))
        click.echo(json.dumps({"file": str(path), "label": label, "probabilities": ranked}))
    else:
        click.echo(f"{path}: {ranking_text(ranked, top)}")


def _refuse(path: Path, reason: str, as_json: bool) -> None:
    text = reason.removeprefix(f"{path}: ")
    if as_json:
        click.echo(json.dumps({"file": str(path), "error": text}))
    click.echo(f"{path}: {text}", err=True)
