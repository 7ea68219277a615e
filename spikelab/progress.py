"""A progress line for long work: done and total, speed against real time, time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .errors import ParameterError

__all__ = ["Meter", "metered"]

Meter = Callable[[int, int], None]
"""Called with the units done and the units in all."""

# Seconds before anything is shown, and between lines in a log.
_QUIET_S, _LINE_S = 2.0, 30.0


@contextmanager
def metered(progress: bool | Meter, dt_ms: float, unit: str = "") -> Iterator[Meter]:
    """What reports progress, for the length of a ``with``; a bar is taken away however the work ends.

    Parameters
    ----------
    progress : bool or callable
        True draws a bar once the work has taken two seconds, or writes a line every half minute where
        stderr is a file; a callable is used as it is.
    dt_ms : float, ms
        Length of a step.
    unit : str, optional
        What is counted where it is not steps, such as "pictures".

    Yields
    ------
    callable
        ``meter(steps_done, steps_total)``.

    Raises
    ------
    ParameterError
        If `progress` is neither.
    """
    if not isinstance(progress, bool):
        if not callable(progress):
            need = "be True, False or a callable"
            raise ParameterError("Simulator.run", "progress", progress, need, "True draws a bar.")
        yield progress
    elif not progress:
        yield _nothing
    else:
        bar = _Bar(dt_ms, unit)
        try:
            yield bar
        finally:
            bar.close()


def _nothing(done: int, total: int) -> None:
    pass


class _Bar:
    """A rich bar that appears only for work that lasts; a line now and then where there is no screen."""

    def __init__(self, dt_ms: float, unit: str = ""):
        self.dt_ms, self.unit = dt_ms, unit
        self.started = time.perf_counter()
        self.bar: Any = None
        self.next_s = _QUIET_S  # when to say something next
        self.first: tuple[float, int] | None = None  # the first chunk, in which kernels are compiled

    def __call__(self, done: int, total: int) -> None:
        elapsed = time.perf_counter() - self.started
        since, past = self.first = self.first or (elapsed, done)
        if elapsed < self.next_s or done == past or (self.bar is None and done >= total):
            return
        step_s = (elapsed - since) / (done - past)
        factor = step_s * 1e3 / self.dt_ms
        text = f"{done * self.dt_ms:.0f} / {total * self.dt_ms:.0f} ms, real-time factor {factor:.2g}"
        if self.unit:
            text = f"{done} / {total} {self.unit}"
        if self.bar is not None or self._open(total):
            self.bar.update(self.task, completed=done, description=text)
            return
        print(f"{text}, {step_s * (total - done):.0f} s left", file=sys.stderr, flush=True)
        self.next_s = elapsed + _LINE_S

    def close(self) -> None:
        """Take the bar away, if there is one."""
        if self.bar is not None:
            self.bar.stop()

    def _open(self, total: int) -> bool:
        """Draw a bar, if there is something to draw on."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        if not (console.is_terminal or console.is_jupyter):
            return False
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self.task = self.bar.add_task("", total=total)
        self.bar.start()
        return True
