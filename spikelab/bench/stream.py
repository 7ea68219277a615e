"""``spikelab bench stream``: a detector and a recogniser along a stream without end.

Checked first: the scores of single points are those of blocks, and a detector saved in the middle, loaded and
gone on with gives the same scores, all to the bit. Then each side takes the whole stream; its throughput, its
longest calls and the growth of the process's memory are printed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from ..anomaly import AnomalyDetector
from ..audio import AuditoryFrontEnd
from ..estimators import PooledInputClassifier
from ..io import load_model, save_model
from ..reservoir import Reservoir
from ..speech import SpeechRecognizer
from .document import write_document
from .options import common_options, one_thread
from .table import print_table

__all__ = ["command", "follow", "make_detector", "series", "sound"]

Floats = npt.NDArray[np.float64]

_MADE = 8000  # points or samples that are made at a time; a second of sound
_CHECKED = 4000
# Latencies are counted in classes of a hundredth of a decade, from 100 ns to 100 s.
_CLASSES = np.logspace(-7, 2, 901)


def series(points: int) -> Iterator[Floats]:
    """Yield a noisy oscillation with drifting period in parts [time, 1], `points` in all."""
    for number, first in enumerate(range(0, points, _MADE)):
        t = np.arange(first, min(first + _MADE, points))
        noise = np.random.default_rng(number).standard_normal(t.size)
        yield (np.sin(0.1 * t + np.sin(1e-4 * t)) + 0.1 * noise)[:, None]


def sound(samples: int) -> Iterator[Floats]:
    """Yield seconds of half a tone and half a pause at 8 kHz, parts [time], `samples` in all."""
    t = np.arange(_MADE) / _MADE
    for number, first in enumerate(range(0, samples, _MADE)):
        tone = np.sin(2 * np.pi * (300 if number % 2 else 2000) * t) * (t < 0.5)
        noise = np.random.default_rng(number).standard_normal(_MADE)
        yield (tone + 1e-4 * noise)[: samples - first]


def make_detector(units: int) -> AnomalyDetector:
    """Fit a detector to the start of `series`."""
    return AnomalyDetector(Reservoir(units)).fit(next(series(_MADE)))


def follow(parts: Iterator[Floats], take: Callable[[Any], object], block: int) -> dict[str, Any]:
    """Give a stream to `take`, by single points or blocks, and watch time and memory.

    Parameters
    ----------
    parts : iterator of array [time, ...]
    take : callable
        Called with each point (`block` 1) or block.
    block : int
        Points a call.

    Returns
    -------
    dict
        Points, points_per_s, us_per_point by the clock and by the processor (which other programs do not
        lengthen much; the loop that times is in it); median, 99.9 % quantile and longest of the calls in us;
        growth of the resident memory in MiB from the end of the first part to its largest at the end of a
        later one (None where unknown).
    """
    counts = np.zeros(_CLASSES.size + 1, np.int64)
    points, busy_ns, worst_ns, cpu_ns = 0, 0, 0, 0
    memory: list[float | None] = []
    for part in parts:
        blocks = part if block == 1 else np.split(part, range(block, len(part), block))
        spent, cpu_before = np.empty(len(blocks), np.int64), time.thread_time_ns()
        for i, one in enumerate(blocks):
            started = time.perf_counter_ns()
            take(one)
            spent[i] = time.perf_counter_ns() - started
        points += len(part)
        memory.append(_resident_mib())
        if len(memory) == 1:  # compiling and first buffers belong to the start
            continue
        cpu_ns += time.thread_time_ns() - cpu_before
        busy_ns, worst_ns = busy_ns + int(spent.sum()), max(worst_ns, int(spent.max()))
        counts += np.bincount(np.searchsorted(_CLASSES, spent * 1e-9), minlength=counts.size)
    timed, known = points - min(points, _MADE), [one for one in memory if one is not None]
    median, most = np.searchsorted(np.cumsum(counts), np.array([0.5, 0.999]) * counts.sum())
    return {
        "points": points,
        "points_per_s": timed / (busy_ns * 1e-9),
        "us_per_point": busy_ns * 1e-3 / timed,
        "cpu_us_per_point": cpu_ns * 1e-3 / timed,
        "median_us": float(_CLASSES[min(median, _CLASSES.size - 1)]) * 1e6,
        "p999_us": float(_CLASSES[min(most, _CLASSES.size - 1)]) * 1e6,
        "worst_us": worst_ns * 1e-3,
        "memory_growth_mib": max(known) - known[0] if known else None,
    }


def _check(detector: AnomalyDetector) -> None:
    """Refuse to time a detector whose scores depend on how it is run."""
    x = next(series(_CHECKED))
    whole = detector.score_samples(x)
    detector.score_samples(x[:1])
    single = [detector.score_next(point) for point in x[1 : _CHECKED // 2]]
    with tempfile.TemporaryDirectory() as folder:
        save_model(Path(folder) / "detector", detector)
        resumed = load_model(Path(folder) / "detector")
    rest = resumed.score_samples(x[_CHECKED // 2 :], continue_=True)
    if not np.array_equal(whole[1:], np.concatenate([single, rest])):
        raise click.ClickException("scores depend on how the stream is cut: nothing is timed.")


def _resident_mib() -> float | None:
    """Memory that the process holds now; its peak would hide what comes after a larger one."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])  # Linux only
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _sides(detector: AnomalyDetector, points: int, block: int) -> Iterator[tuple[str, dict[str, Any]]]:
    detector.score_samples(next(series(1)))
    yield "detector, point by point", follow(series(points), detector.score_next, 1)
    detector.score_samples(next(series(1)))
    yield (
        f"detector, blocks of {block}",
        follow(series(points), lambda x: detector.score_samples(x, continue_=True), block),
    )
    parts = list(sound(2 * _MADE))
    recognizer = SpeechRecognizer(AuditoryFrontEnd(), PooledInputClassifier()).fit(parts, ["high", "low"])
    yield "recogniser, sample by sample", follow(sound(points), recognizer.stream().push, 1)
    yield f"recogniser, blocks of {block}", follow(sound(points), recognizer.stream().push, block)


@click.command(help="Run a detector and a recogniser along a long stream: throughput, worst latency, memory.")
@click.option(
    "--points", type=click.IntRange(min=2 * _MADE), default=10_000_000, show_default=True, help="Points."
)
@click.option("--units", type=click.IntRange(min=1), default=100, show_default=True, help="Reservoir units.")
@click.option("--block", type=click.IntRange(min=2), default=1000, show_default=True, help="Points a block.")
@common_options(rounds=1)
def command(points: int, units: int, block: int, rounds: int, path: Path | None) -> None:
    """Check, run, print."""
    with one_thread():
        detector = make_detector(units)
        _check(detector)
        rows = [{"name": name, **row} for _ in range(rounds) for name, row in _sides(detector, points, block)]
    print_table(
        f"Streams of {points:,} points, reservoir of {units} units, one thread",
        {"": "left"}
        | dict.fromkeys(("points / s", "us / point", "CPU us", "median", "99.9 %", "worst", "MiB +"), ""),
        (
            (
                row["name"],
                f"{row['points_per_s']:,.0f}",
                f"{row['us_per_point']:.2f}",
                f"{row['cpu_us_per_point']:.2f}",
                f"{row['median_us']:.1f}",
                f"{row['p999_us']:.1f}",
                f"{row['worst_us']:,.0f}",
                "-" if row["memory_growth_mib"] is None else f"{row['memory_growth_mib']:.1f}",
            )
            for row in rows
        ),
        "Scores of points and blocks, and after saving and loading, are equal. Latencies, in us, are of "
        f"whole calls; the longest are the machine's own pauses. The first {_MADE} points are not counted.",
    )
    if path is not None:
        setting = {"points": points, "units": units, "block": block, "rounds": rounds}
        write_document(path, "stream", setting, rows)
