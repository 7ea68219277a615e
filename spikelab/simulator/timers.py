"""Where the time of a run goes: seconds by phase, summed over the threads."""

from __future__ import annotations

import time
from types import TracebackType

__all__ = ["PHASES", "Timers"]

#: What a step consists of, in order: inputs encoded, noise drawn, spikes delivered, states advanced, spikes
#: handed on, and what is kept.
PHASES = ("input", "drive", "deliver", "update", "send", "record")


class Timers:
    """Seconds spent in each phase since the last reset."""

    def __init__(self) -> None:
        self._phases: dict[tuple[str, int], _Phase] = {}

    def reset(self) -> None:
        """Forget all that was measured."""
        self._phases.clear()

    def phase(self, name: str, worker: int = 0) -> _Phase:
        """A context that is timed; one for each worker, so that threads do not share a sum."""
        found = self._phases.get((name, worker))
        if found is None:
            found = self._phases[name, worker] = _Phase()
        return found

    def seconds(self) -> dict[str, float]:
        """Seconds of each phase, summed over the workers."""
        return {
            name: sum(phase.seconds for (known, _), phase in list(self._phases.items()) if known == name)
            for name in PHASES
        }


class _Phase:
    __slots__ = ("_started", "seconds")

    def __init__(self) -> None:
        self.seconds = self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds += time.perf_counter() - self._started
