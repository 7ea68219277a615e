"""Delta coding: a spike tells that the value has changed."""

from __future__ import annotations

from dataclasses import dataclass

from ..frozen import Recipe
from ..units import require_positive, require_scalar

__all__ = ["DeltaEncoder"]


@dataclass(frozen=True, kw_only=True)
class DeltaEncoder(Recipe):
    """Send on delta: one channel fires when a feature has risen by a threshold, another when it has fallen.

    Parameters
    ----------
    threshold : float
        Change that makes a spike, in the unit of the input.
    start_level : float, optional
        Level that the receiver is taken to know at the start. None: the first value, which is taken
        over in silence.

    Raises
    ------
    ParameterError
        If the threshold is not above zero, or a value is not a single finite number.

    Notes
    -----
    The encoder keeps the level that its spikes add up to. In each step a feature whose value is at least
    one threshold above that level fires its rise channel, one as far below its fall channel, and the
    level follows by one threshold. A larger jump takes as many steps as it has thresholds. Decoded, the
    level stays within one threshold of a signal that changes by less than that in a step.

    Channel n tells of rises of feature n, channel ``n_features + n`` of falls.

    Examples
    --------
    >>> DeltaEncoder(threshold=0.1).n_out(12)
    24
    """

    threshold: float = 0.1
    start_level: float | None = None

    def __post_init__(self) -> None:
        threshold = require_scalar("DeltaEncoder", "threshold", self.threshold)
        require_positive(
            "DeltaEncoder", "threshold", threshold, remedy="A tenth of the input's range will do."
        )
        object.__setattr__(self, "threshold", threshold)
        if self.start_level is not None:
            level = require_scalar("DeltaEncoder", "start_level", self.start_level)
            object.__setattr__(self, "start_level", level)

    def n_out(self, n: int) -> int:
        """Number of spike channels for `n` features: two each."""
        return 2 * n

    @property
    def initial_level(self) -> float:
        """Level before the first step, as the kernel takes it: NaN stands for the first value."""
        return float("nan") if self.start_level is None else self.start_level
