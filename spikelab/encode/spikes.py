"""Spikes given as they are."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SpikeInput"]


@dataclass(frozen=True, kw_only=True)
class SpikeInput:
    """The input holds spikes: every value that is not zero is one spike of its channel.

    Where a row lasts several steps (``frame_ms``), its spikes fall on the first of them.

    Examples
    --------
    >>> SpikeInput().n_out(700)
    700
    """

    def n_out(self, n: int) -> int:
        """Number of spike channels for `n` features: one each."""
        return n
