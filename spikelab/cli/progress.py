"""Progress of a job on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from spikelab.cli.jobs.trials import Meter

__all__ = ["progress"]

_QUIET_S = 2.0


class _Lines(Meter):
    """One line a row, and one every two seconds of a long row, so that a log stays short."""

    def __init__(self) -> None:
        self._began = self._spoke = time.perf_counter()
        self._total = self._finished = 0.0
        self._row = ""

    def begin(self, total: float) -> None:
        self._total = total

    def start(self, row: str, trial: int, trials: int) -> None:
        now = time.perf_counter()
        if row != self._row or now - self._spoke > _QUIET_S:
            self._row, self._spoke = row, now
            which = f", seed {trial} of {trials}" if trials > 1 else ""
            print(f"{row}{which} ... {self._left()}".rstrip(), file=sys.stderr, flush=True)

    def done(self, cost: float) -> None:
        self._finished += cost

    def _left(self) -> str:
        spent = time.perf_counter() - self._began
        if spent < _QUIET_S or not self._finished:
            return ""
        return f"(about {spent * (self._total - self._finished) / self._finished:.0f} s left)"


@contextmanager
def progress() -> Iterator[Meter]:
    """A meter that draws until the block ends."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )

    class Bar(Meter):
        def begin(self, total: float) -> None:
            self.task = bar.add_task("starting", total=total)

        def start(self, row: str, trial: int, trials: int) -> None:
            what = f"{row}: seed {trial} of {trials}" if trials > 1 else row
            bar.update(self.task, description=what)

        def done(self, cost: float) -> None:
            bar.advance(self.task, cost)

    with bar:
        yield Bar()
