"""Many windows of a cyclic component in one call of a kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.windows_spec import WindowsBlock, WindowsSpec

from .arrivals import ArrivalRunner
from .block_runner import BlockRunner
from .timers import Timers
from .window import BlockWindow, Tables

__all__ = ["LOOPS", "WindowLoop"]

#: Neuron-steps of a window up to which calling its kernels from Python would take a good part of the time.
_SMALL_WINDOW = 50_000
#: Those up to which it is worth while on one thread, and the state that may be met again in each step.
_LARGEST_WINDOW, _CACHE_BYTES = 500_000, 1 << 19
#: Windows of a run from which on the loop saves more than it takes to look for it, and to compile it.
_WORTH_LOADING, _WORTH_COMPILING = 500, 200_000

#: When small components run their windows in one call.
LOOPS = ("auto", "always", "never")


class WindowLoop:
    """The windows of one component, for runs that keep no traces of it.

    Parameters
    ----------
    members : sequence of BlockWindow
        Its blocks, for which `suits` holds.
    span : int
        Steps of a window.
    arrivals : sequence of ArrivalRunner
        All tables of the network.
    timers : Timers
        Where time is counted.
    backend : Backend
        Where kernels come from.
    when : {"auto", "always", "never"}
        Whether to compile the loop where it is not in the cache; "auto": for very long runs.
    """

    def __init__(
        self,
        members: Sequence[BlockWindow],
        span: int,
        arrivals: Sequence[ArrivalRunner],
        timers: Timers,
        backend: Backend,
        when: str,
    ):
        self._members, self._span, self._timers, self._backend = members, span, timers, backend
        self._when, self._small = when, _work(members, span) <= _SMALL_WINDOW
        places = [window.place for window in members]
        self._links = [a for a in arrivals if a.link.target in places or a.link.source in places]
        self._bound: Callable[..., tuple[int, bool]] | None = None
        self._cached: bool | None = None  # whether the cache holds the loop, once it was looked for

    @staticmethod
    def suits(members: Sequence[BlockWindow], span: int, tables: Sequence[Tables]) -> bool:
        """Whether the blocks get static synapses and Poisson noise alone, in windows that are not large."""
        runners = [window.runner for window in members]
        places = [window.place for window in members]
        fits = span == 1 or all(r.block.n * r.batch * r.state_bytes <= _CACHE_BYTES for r in runners)
        return _work(members, span) <= _LARGEST_WINDOW and fits and all(
            isinstance(runner, BlockRunner) and runner.sums is not None and runner.sends_spikes
            and not runner.gets_values and not window.matrices
            for window, runner in zip(members, runners, strict=True)
        ) and all(
            isinstance(table, ArrivalRunner) and table.synapses is None
            for table in tables if table.link.target in places or table.link.source in places
        )  # fmt: skip

    def reset(self) -> None:
        """Forget arrays that a reset of the engine has replaced, and look for the loop again."""
        self._bound, self._cached = None, None

    def ready(self, windows: int, threads: int) -> bool:
        """Whether a run of so many windows, with so many threads asked for, should go through the loop."""
        if self._when == "never" or (threads > 1 and not self._small):
            return False
        if any(window.keeps_traces for window in self._members):
            return False
        if self._when == "always" or self._bound is not None or windows >= _WORTH_COMPILING:
            return True
        if windows < _WORTH_LOADING:
            return False
        if self._cached is None:  # printing the loop to look for it takes as long as many windows
            self._cached = bool(self._backend.windows_are_compiled(self._spec()[0]))
        return self._cached

    def run(self, steps: int, step0: int, sample_ids: np.ndarray) -> None:
        """Run a chunk of `steps` that begins at the absolute step `step0`."""
        started = perf_counter()
        bound = self._bound = self._bound or self._bind()
        queues = [queue for arrival in self._links for queue in arrival.queues]
        bits = [window.bits(0, steps) for window in self._members]
        first = 0
        while first < steps:
            count = np.array([queue.count for queue in queues], np.int64)
            entries = [queue.arrays[:4] for queue in queues]
            before = first
            first, full = bound(first, steps, self._span, step0, sample_ids, count, entries, bits)
            for queue, entries_now in zip(queues, count.tolist(), strict=True):
                queue.count = entries_now
            if full:  # sending from Python makes room
                last = before + (first - before - 1) // self._span * self._span
                for window in self._members:
                    window.finish(last, first - last, step0 + last)
        self._timers.add("loop", 0, perf_counter() - started)

    def _bind(self) -> Callable[..., tuple[int, bool]]:
        spec, blocks = self._spec()
        tables = [table for arrival in self._links for table in arrival.tables()]
        run: Callable[..., tuple[int, bool]] = self._backend.windows_kernel(spec)(blocks, tables)
        return run

    def _spec(self) -> tuple[WindowsSpec, list[WindowsBlock]]:
        forms, blocks = [], []
        for window in self._members:
            runner = window.runner
            assert isinstance(runner, BlockRunner) and runner.sums is not None
            forms.append(runner.spec("bits", True, False))
            blocks.append(
                WindowsBlock(
                    runner.state, runner.constants, runner.quanta, runner.rng_key,
                    runner.block.rng_element, runner.sums, window.drive_arguments,
                )
            )  # fmt: skip
        ends = [arrival.link for arrival in self._links for _ in arrival.queues]
        places = [window.place for window in self._members]
        spec = WindowsSpec(
            blocks=tuple(forms),
            driven=tuple(bool(block.drives) for block in blocks),
            into=tuple(tuple(q for q, link in enumerate(ends) if link.target == k) for k in places),
            out_of=tuple(tuple(q for q, link in enumerate(ends) if link.source == k) for k in places),
            queues=len(ends),
        )
        return spec, blocks


def _work(members: Sequence[BlockWindow], span: int) -> int:
    """Neuron-steps of a window."""
    return span * sum(window.runner.block.n * window.runner.batch for window in members)
