"""The record of what a kernel call must do."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cost"]


@dataclass(frozen=True)
class Cost:
    """Work of one kernel call; costs of several calls add up with ``+``.

    Attributes
    ----------
    bytes : int
        Read and written.
    flops : int
        Additions and multiplications.
    events : int
        Synaptic events.
    """

    bytes: int = 0
    flops: int = 0
    events: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.bytes + other.bytes, self.flops + other.flops, self.events + other.events)
