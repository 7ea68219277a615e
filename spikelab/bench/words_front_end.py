"""The front end of ``spikelab run speech`` on recordings.

``python -m spikelab.bench.tune_words front_end`` prints it first.
"""

from __future__ import annotations

from typing import Any

__all__ = ["WORDS_FRONT_END"]

#: Arguments of `AuditoryFrontEnd`. Slopes are about as large as levels, so that nothing need be scaled by
#: moments of the training part, and features are the same in every fold.
WORDS_FRONT_END: dict[str, Any] = {
    "bank": "gammatone",
    "n_channels": 40,
    "f_min_hz": 100.0,
    "hop_ms": 15.0,
    "compression": "log",
    "floor_db": 60.0,
    "trim_db": 40.0,
    "deltas": 1,
    "delta_gain": 8.0,
    "mean_normalise": False,
}
