"""Events of one kind that lie ahead of a plastic projection, by step."""

from __future__ import annotations

import numpy as np

__all__ = ["PlasticQueue"]

_NONE = np.empty(0, np.int64)
_Events = tuple[np.ndarray, np.ndarray]


class PlasticQueue:
    """Steps and places of events, sorted by both; all int64. No array is ever written to."""

    def __init__(self, step: np.ndarray = _NONE, place: np.ndarray = _NONE) -> None:
        self._step, self._place = step, place

    @property
    def count(self) -> int:
        """Number of events."""
        return self._step.size

    def add(self, step: np.ndarray, place: np.ndarray) -> None:
        """Put in events, in any order."""
        if not step.size:
            return
        step, place = np.concatenate([self._step, step]), np.concatenate([self._place, place])
        key = step * (1 + int(place.max())) + place
        if not (key[1:] >= key[:-1]).all():
            order = np.argsort(key, kind="stable")
            step, place = step[order], place[order]
        self._step, self._place = step, place

    def until(self, step: int) -> _Events:
        """Events before `step`, which stay."""
        end = int(np.searchsorted(self._step, step))
        return self._step[:end], self._place[:end]

    def take(self, step: int) -> _Events:
        """Events before `step`, which leave."""
        taken = self.until(step)
        end = taken[0].size
        self._step, self._place = self._step[end:], self._place[end:]
        return taken

    def all(self) -> _Events:
        """All events."""
        return self._step, self._place
