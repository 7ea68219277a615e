"""Where the time of a run goes: seconds by phase."""

from __future__ import annotations

__all__ = ["PHASES", "Timers"]

#: What a step consists of, in order: inputs encoded, noise drawn, spikes delivered, states advanced, spikes
#: handed on, synapses that learn; or noise to spikes handed on in the loop of a small network; what is kept.
PHASES = ("input", "drive", "deliver", "update", "send", "learn", "loop", "record")


class Timers:
    """Seconds spent in each phase since the last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all that was measured."""
        self._seconds: dict[tuple[str, int], float] = {}

    def go_on(self, other: Timers) -> None:
        """Count on from what `other` counted."""
        self._seconds = other._seconds

    def add(self, phase: str, worker: int, seconds: float) -> None:
        """Count time; each worker has a sum of its own, so that threads do not share one."""
        self._seconds[phase, worker] = self._seconds.get((phase, worker), 0.0) + seconds

    def seconds(self) -> dict[str, float]:
        """Seconds of each phase, summed over the workers."""
        known = list(self._seconds.items())
        return {phase: sum(s for (name, _), s in known if name == phase) for phase in PHASES}
