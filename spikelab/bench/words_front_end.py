"""The front end of ``spikelab run speech`` on recordings, as ``tune_words front_end`` chose it."""

from __future__ import annotations

from typing import Any

__all__ = ["WORDS_FRONT_END"]

#: Arguments of `AuditoryFrontEnd`. Slopes are as large as levels, so that nothing need be scaled by
#: moments of the training part, and features are the same in every fold.
WORDS_FRONT_END: dict[str, Any] = {
    "n_channels": 40,
    "f_min_hz": 50.0,
    "trim_db": 50.0,
    "deltas": 1,
    "delta_gain": 5.0,
    "mean_normalise": False,
}
