"""Settings of the rows of ``spikelab run anomaly``, one set for all series of a data set.

They are what ``python -m spikelab.bench.tune_anomaly DATASET ROW`` prints as the best: chosen on the
training parts alone, the floors with as many draws as the model. ``threshold`` is the score of an alarm where
no labels may be used; NaN where none is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spikelab.anomaly import Scoring

__all__ = ["BEAT_S", "CSV", "CSV_REFRACTORY", "ECG", "EVENT_REFRACTORY", "NAB", "SMAP", "UCR", "RowDefaults"]

# Points of silence after an alarm where no unit of time is known, and seconds for heart beats.
EVENT_REFRACTORY = 100
CSV_REFRACTORY = 10
BEAT_S = 0.6

_PLAIN = Scoring("standardised")
_TAIL = Scoring("gaussian_tail", long=8000, short=1)


@dataclass(frozen=True)
class RowDefaults:
    """Settings of a row.

    Attributes
    ----------
    params : mapping
        Of the detector, as ``set_params`` takes them.
    score : Scoring
    refractory : float
        Of the score (`refractory_score`), in lengths of the training part; 0 for none.
    threshold : float
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    score: Scoring = _PLAIN
    refractory: float = 0.0
    threshold: float = math.nan

    def shortened(self, train_stop: int) -> RowDefaults:
        """The same for a training part of any length: no window longer than a tenth of it."""
        most = max(4, train_stop // 10)
        params = dict(self.params)
        for name in ("window", "order"):
            if name in params:
                params[name] = min(params[name], most)
        if "reservoir__n" in params:
            params["washout"] = min(50, most)
        return replace(self, params=params)


_ESN = {
    "reservoir__n": 100,
    "reservoir__spectral_radius": 0.9,
    "reservoir__leak_rate": 0.3,
    "reservoir__input_scale": 0.3,
    "ridge": 1e-3,
}

# As it comes, but for the time of a point: two milliseconds of it are what a job can wait for.
_LIQUID = {"reservoir__n": 100, "reservoir__frame_ms": 2.0, "ridge": 1e-3}

_CLOCK = {"time_index": RowDefaults(), "random": RowDefaults()}

NAB: dict[str, RowDefaults] = {
    **_CLOCK,
    "esn": RowDefaults(_ESN, _TAIL, 0.2, 5.0),
    "liquid": RowDefaults(_LIQUID, _TAIL, 0.2, 5.0),
    "moving_zscore": RowDefaults({"window": 1000}, _TAIL, 0.2, 5.0),
    "windowed_gaussian": RowDefaults({"window": 6400}, _PLAIN, 0.2, 5.0),
    "autoregression": RowDefaults({"order": 10, "ridge": 1e-3}, _TAIL, 0.2, 5.0),
    "matrix_profile": RowDefaults({"window": 64, "past": True}, _TAIL, 0.2, 5.0),
    "random": RowDefaults({}, _PLAIN, 0.2, 4.0),
    "time_index": RowDefaults({}, _PLAIN, 0.2, 4.0),
}
ECG = UCR = SMAP = CSV = NAB
