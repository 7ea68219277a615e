"""Progress of a job on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from spikelab.cli.jobs.trials import Meter

__all__ = ["Pace", "progress"]

_QUIET_S = 2.0


class Pace:
    """Time left, from the median of seconds a unit of work: one slow trial does not spoil it."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._left = 0.0
        self._rates: list[float] = []

    def begin(self, total: float) -> None:
        self._left = total
        self._last = time.perf_counter()

    def done(self, cost: float) -> None:
        now = time.perf_counter()
        self._rates.append((now - self._last) / cost)
        self._last = now
        self._left -= cost

    def left_s(self) -> float | None:
        """Seconds left, or None before there is anything to go by."""
        return median(self._rates) * self._left if len(self._rates) > 2 else None


class _Lines(Meter):
    """One line a row, and one every two seconds of a long row, so that a log stays short."""

    def __init__(self) -> None:
        self._pace = Pace()
        self._spoke = time.perf_counter()
        self._row = ""

    def begin(self, total: float) -> None:
        self._pace.begin(total)

    def start(self, row: str, trial: int, trials: int) -> None:
        now = time.perf_counter()
        if row != self._row or now - self._spoke > _QUIET_S:
            self._row, self._spoke = row, now
            print(
                f"{_what(row, trial, trials)} ... {_left(self._pace)}".rstrip(), file=sys.stderr, flush=True
            )

    def done(self, cost: float) -> None:
        self._pace.done(cost)


@contextmanager
def progress() -> Iterator[Meter]:
    """A meter that draws until the block ends."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)

    class Bar(Meter):
        def begin(self, total: float) -> None:
            self._pace = Pace()
            self._pace.begin(total)
            self._task = bar.add_task("starting", total=total, left="")

        def start(self, row: str, trial: int, trials: int) -> None:
            bar.update(self._task, description=_what(row, trial, trials), left=_left(self._pace))

        def done(self, cost: float) -> None:
            self._pace.done(cost)
            bar.advance(self._task, cost)

    with bar:
        yield Bar()


def _what(row: str, trial: int, trials: int) -> str:
    return f"{row}, seed {trial} of {trials}" if trials > 1 else row


def _left(pace: Pace) -> str:
    left = pace.left_s()
    return "" if left is None or left < 1.0 else f"(about {left:.0f} s left)"
