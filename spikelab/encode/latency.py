"""Latency coding: the value is the time of one spike."""

from __future__ import annotations

from dataclasses import dataclass

from ..units import require_probability, require_scalar

__all__ = ["LatencyEncoder"]


@dataclass(frozen=True, kw_only=True)
class LatencyEncoder:
    """Each feature fires once a frame, the earlier the larger its value.

    The frame is the duration of a row of the input, ``frame_ms`` of `Network.input`.

    Parameters
    ----------
    silent_below : float
        A feature whose value is smaller stays silent in the frame; 0 makes every feature fire.

    Raises
    ------
    ParameterError
        If the threshold lies outside [0, 1].

    Notes
    -----
    In a frame of K steps a feature of value x, clipped to [0, 1], fires in step
    ``floor((1 - x) * (K - 1) + 0.5)``: 1 at once, 0 at the end.

    Examples
    --------
    >>> LatencyEncoder(silent_below=0.1).n_out(12)
    12
    """

    silent_below: float = 0.01

    def __post_init__(self) -> None:
        threshold = require_scalar("LatencyEncoder", "silent_below", self.silent_below)
        require_probability("LatencyEncoder", "silent_below", threshold, "It is a value of the input.")
        object.__setattr__(self, "silent_below", threshold)

    def n_out(self, n: int) -> int:
        """Number of spike channels for `n` features: one each."""
        return n
