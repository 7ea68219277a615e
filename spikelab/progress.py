"""A progress line for long work: done and total, speed against real time, time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .errors import ParameterError

__all__ = ["Meter", "metered"]

Meter = Callable[[int, int], None]
"""Called with the units done and the units in all."""

_QUIET_S = 2.0


@contextmanager
def metered(progress: bool | Meter, dt_ms: float) -> Iterator[Meter]:
    """What reports progress, for the length of a ``with``; a bar is taken away however the work ends.

    Parameters
    ----------
    progress : bool or callable
        True draws a bar once the work has taken two seconds; a callable is used as it is.
    dt_ms : float, ms
        Length of a step.

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
        bar = _Bar(dt_ms)
        try:
            yield bar
        finally:
            bar.close()


def _nothing(done: int, total: int) -> None:
    pass


class _Bar:
    """A rich progress bar that appears only for work that lasts."""

    def __init__(self, dt_ms: float):
        self.dt_ms = dt_ms
        self.started = time.perf_counter()
        self.bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        elapsed = time.perf_counter() - self.started
        if self.bar is None and (elapsed < _QUIET_S or done >= total):
            return
        if self.bar is None:
            self._open(total)
        simulated = done * self.dt_ms
        factor = elapsed * 1e3 / simulated if simulated else float("nan")
        text = f"{simulated:.0f} / {total * self.dt_ms:.0f} ms, real-time factor {factor:.2g}"
        self.bar.update(self.task, completed=done, description=text)

    def close(self) -> None:
        """Take the bar away, if there is one."""
        if self.bar is not None:
            self.bar.stop()

    def _open(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task("", total=total)
        self.bar.start()
