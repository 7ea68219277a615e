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

__all__ = ["BEATS_S", "CSV", "CSV_REFRACTORY", "ECG", "EVENT_REFRACTORY", "NAB", "SMAP", "UCR", "RowDefaults"]

# Points of silence after an alarm where no unit of time is known, and seconds for heart beats: the smoothed
# scores stay high for so long after a beat, which must be neither a second alarm nor a false one.
EVENT_REFRACTORY = 100
CSV_REFRACTORY = 10
BEATS_S = 1.5

_PLAIN = Scoring("standardised")
# About a beat, for heart beats.
_BEAT = Scoring("standardised", smooth=100)
_TAIL = Scoring("gaussian_tail", long=8000, short=1)
_RANK = Scoring("rank_tail", long=8000, short=1)
_SLOW_TAIL = Scoring("gaussian_tail", long=8000, short=10)


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
        """The same for a training part of any length: nothing that must fit into it is over a tenth of it."""
        most = max(4, train_stop // 10)
        params = dict(self.params)
        for name in ("order", "window") if "past" in params else ("order",):
            if name in params:
                params[name] = min(params[name], most)
        if "reservoir__n" in params:
            params["washout"] = min(50, most)
        return replace(self, params=params)


# As it comes, but for the time of a point: two milliseconds of it are what a job can wait for.
_LIQUID = {"reservoir__n": 100, "reservoir__frame_ms": 2.0, "ridge": 1e-3}


def _esn(n: int, radius: float, leak: float, scale: float, bias: float, **rest: Any) -> dict[str, Any]:
    return {
        "reservoir__n": n,
        "reservoir__spectral_radius": radius,
        "reservoir__leak_rate": leak,
        "reservoir__input_scale": scale,
        "reservoir__bias_scale": bias,
        **rest,
    }


NAB: dict[str, RowDefaults] = {
    "esn": RowDefaults(_esn(200, 0.9, 1.0, 0.3, 0.2, ridge=1e-3), _RANK, 0.2, 2.36501),
    "liquid": RowDefaults(_LIQUID, _RANK, 0.2, 2.36501),
    "windowed_gaussian": RowDefaults({"window": 6400}, _RANK, 0.2, 1.84588),
    "moving_zscore": RowDefaults({"window": 10}, _RANK, 0.2, 2.10293),
    "autoregression": RowDefaults({"order": 10, "ridge": 1e-3}, _RANK, 0.2, 2.26485),
    "matrix_profile": RowDefaults({"window": 8, "past": False}, _RANK, 0.67, 1.69485),
    "random": RowDefaults({}, _RANK, 0.2, 2.12258),
    "time_index": RowDefaults({}, _PLAIN, 0.2),
}

ECG: dict[str, RowDefaults] = {
    "esn": RowDefaults(_esn(100, 0.99, 0.1, 0.3, 0.5, ridge="gcv", horizon=10), _BEAT),
    "liquid": RowDefaults(_LIQUID, _BEAT),
    "windowed_gaussian": RowDefaults({"window": 10000}, _BEAT),
    "moving_zscore": RowDefaults({"window": 10}, Scoring("standardised", smooth=200)),
    "autoregression": RowDefaults({"order": 50, "ridge": 1e-6, "horizon": 10}, _BEAT),
    "matrix_profile": RowDefaults({"window": 150, "past": False, "step": 8}, _RANK),
    "random": RowDefaults({}, _BEAT),
    "time_index": RowDefaults({}, _BEAT),
}

UCR: dict[str, RowDefaults] = {
    "esn": RowDefaults(_esn(200, 0.9, 1.0, 1.0, 0.5, ridge=1e-2), _RANK),
    "windowed_gaussian": RowDefaults({"window": 500}, _TAIL),
    "moving_zscore": RowDefaults({"window": 10}, _PLAIN),
    "autoregression": RowDefaults({"order": 10, "ridge": 1e-4}, _PLAIN),
    "matrix_profile": RowDefaults({"window": 64, "past": False}, _PLAIN),
    "random": RowDefaults({}, _PLAIN),
    "time_index": RowDefaults({}, _PLAIN),
}

SMAP: dict[str, RowDefaults] = {
    "esn": RowDefaults(_esn(100, 0.9, 1.0, 0.3, 0.2, ridge="gcv"), _SLOW_TAIL, threshold=1.30558),
    "windowed_gaussian": RowDefaults({"window": 1000}, _RANK, threshold=1.90389),
    "moving_zscore": RowDefaults({"window": 1000}, _RANK, threshold=1.90806),
    "autoregression": RowDefaults(
        {"order": 5, "ridge": 1e-6}, Scoring("gaussian_tail", long=8000, short=30), threshold=0.702722
    ),
    "matrix_profile": RowDefaults({"window": 16, "past": True}, _SLOW_TAIL, threshold=1.71704),
    "random": RowDefaults({}, _RANK, threshold=1.45332),
    "time_index": RowDefaults({}, _PLAIN, threshold=4.0),
}

# Settings of the benchmark of many kinds of series; a threshold comes from the file's own normal part.
CSV = {key: replace(row, refractory=0.0) for key, row in NAB.items()}
