"""Timing side by side: every side in turn, several rounds, medians and spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Timing", "speedup", "time_in_turn"]


@dataclass(frozen=True)
class Timing:
    """Seconds of one side over the rounds."""

    seconds: tuple[float, ...]

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)

    @property
    def min_s(self) -> float:
        return min(self.seconds)

    @property
    def max_s(self) -> float:
        return max(self.seconds)

    def over(self, other: Timing) -> float:
        """Ratio of the medians."""
        return self.median_s / other.median_s

    def as_dict(self) -> dict[str, float | list[float]]:
        return {
            "median_s": self.median_s,
            "min_s": self.min_s,
            "max_s": self.max_s,
            "seconds": list(self.seconds),
        }


def speedup(times: Mapping[str, Timing], peer: str, own: Timing) -> float | None:
    """How many times as long as `own` a peer takes, in medians; None where the peer was not timed."""
    return times[peer].over(own) if peer in times else None


def time_in_turn(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Time every side once a round, in turn, so that a drift of the machine meets all of them.

    Right before its counted call each side is called once uncounted: it then meets the caches and the
    free memory as it leaves them itself, not as the side before it did. Without that call a virtual
    machine that hands freed memory back to its host charges the next large array for fetching it again,
    which can take twenty times as long as filling it.

    Parameters
    ----------
    sides : mapping of str to callable
        Work without arguments.
    rounds : int
        Counted rounds.

    Returns
    -------
    dict of str to Timing
        In the order given.
    """
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            side()
            started = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - started)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}
