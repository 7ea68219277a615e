"""Threads that share one piece of work, cut into ranges. Kernels release the GIL; nothing spins."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ..units import require_integer

__all__ = ["Workers", "row_ranges"]

#: Below this many neuron-steps a second thread costs more than it brings.
_SMALL_WORK = 200_000
#: Below this many neurons the tables are kept whole where the user names no number of threads.
_LARGE_NETWORK = 8192


class Workers:
    """A pool of threads for kernels.

    Parameters
    ----------
    threads : int or None
        Threads to use; None uses all cores where the work is large and the machine is not busy.
        The result never depends on it.
    """

    def __init__(self, threads: int | None = None):
        if threads is not None:
            threads = require_integer("Simulator", "threads", threads)
        self.threads = threads
        self._cores = os.cpu_count() or 1
        self._pool: ThreadPoolExecutor | None = None

    @property
    def most(self) -> int:
        """Threads that a piece of work may get."""
        return self._cores if self.threads is None else self.threads

    def parts(self, neurons: int) -> int:
        """Into how many parts the targets of a network of `neurons` neurons should be cut."""
        return self.most if self.threads is not None or neurons >= _LARGE_NETWORK else 1

    def count(self, work: int) -> int:
        """Threads for `work` neuron-steps."""
        if self.threads is not None:
            return self.threads
        if work < _SMALL_WORK or self._cores == 1:
            return 1
        return 1 if _busy(self._cores) else self._cores

    def run(self, calls: Sequence[Callable[[], None]], threads: int) -> None:
        """Run `calls`, which must not depend on one another, and wait for all of them."""
        if threads <= 1 or len(calls) <= 1:
            for call in calls:
                call()
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max(self.most - 1, 1), thread_name_prefix="spikelab")
        futures: list[Future[None]] = []
        try:
            for call in calls[1:]:
                futures.append(self._pool.submit(call))
            calls[0]()  # this thread works too: waking another one costs more than a short call
        finally:
            errors = [_wait(future) for future in futures]
        for error in errors:
            if error is not None:
                raise error


def _wait(future: Future[None]) -> BaseException | None:
    """The error of a piece of work, once it has ended.

    A Ctrl-C waits for it too, and becomes the error: what still ran would write into a state that the
    simulator takes back.
    """
    stop: BaseException | None = None
    while True:
        try:
            return future.exception() or stop
        except KeyboardInterrupt as error:
            stop = error


def _busy(cores: int) -> bool:
    try:
        return os.getloadavg()[0] > cores
    except (AttributeError, OSError):  # not known on this system
        return False


def row_ranges(rows: int, parts: int) -> list[tuple[int, int]]:
    """Cut ``range(rows)`` into at most `parts` ranges of nearly equal length."""
    parts = max(1, min(parts, rows))
    edges = [rows * i // parts for i in range(parts + 1)]
    return [(edges[i], edges[i + 1]) for i in range(parts)]
