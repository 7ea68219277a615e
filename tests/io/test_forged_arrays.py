"""Arrays of a model file reach kernels that look at no bounds: what does not fit is refused before."""

from __future__ import annotations

import numpy as np
import pytest

import spikelab as sl
from spikelab.anomaly import Scoring
from spikelab.speech import Segmenter

T = np.arange(900)
X = np.sin(T / 9)[:, None] + 0.05 * np.random.default_rng(0).normal(size=(900, 1))


@pytest.fixture(scope="module", params=["gaussian_tail", "rank_tail"])
def detector(request):
    det = sl.AnomalyDetector(sl.Reservoir(15, in_degree=3), score=Scoring(kind=request.param)).fit(X)
    det.score_samples(X[:200])
    return det


def saved(model, path):
    """Its description and arrays; the name of each array by the field that it fills."""
    sl.save_model(path, model)
    arrays, meta = sl.read_checkpoint(path)
    names = {}

    def walk(part, trail):
        if isinstance(part, dict) and list(part) == ["array"]:
            names[trail] = part["array"]
        elif isinstance(part, dict):
            for key, value in part.items():
                known = key in ("fields", "attributes", "record", "object")
                walk(value, trail if known else f"{trail}.{key}".lstrip("."))

    walk(meta["model"], "")
    return arrays, meta, names


ALTERED = {
    "_learned.predictor.fused.ptr": lambda a: a * 2_000_000,
    "_learned.predictor.fused.bias": lambda a: a[:3],
    "_learned.predictor.fused.weight": lambda a: a[:3],
    "_learned.predictor.fused.leak": lambda a: a.astype(np.float64),
    "_learned.predictor.targets": lambda a: a + 10**12,
    "_learned.predictor.mean": lambda a: a[:0],
    "_learned.train.point.z": lambda a: a[:1],
    "_point.pending": lambda a: a[:0],
    "_point.clock": lambda a: a - 10**12,
    "_scores.counts": lambda a: a + 10**12,
    "_scores.long": lambda a: a[:1],
    "_scores.ordered": lambda a: np.zeros(a.size + 1)[: 2 if a.size > 1 else 0],
    "_scores.centre": lambda a: np.zeros(7),
    "_scores.sums": lambda a: a[:1],
    "_calibrated.short": lambda a: a[:0],
    "_learned.gram._shift_y": lambda a: np.zeros(2),
    "_learned.gram._sum_y": lambda a: np.zeros((3, 2)),
    "_learned.gram._xty": lambda a: np.zeros((len(a), 2)),
    "_learned.gram._gram": lambda a: a[:2],
    "readout_.coef_": lambda a: a[:, :2],
}


@pytest.mark.parametrize("field", ALTERED)
def test_arrays_of_a_detector_must_fit_each_other(detector, field, tmp_path):
    path = tmp_path / "a.model"
    arrays, meta, names = saved(detector, path)
    assert sl.load_model(path).score_samples(X).tolist() == detector.score_samples(X).tolist()
    arrays[names[field]] = np.asarray(ALTERED[field](arrays[names[field]]))
    sl.write_checkpoint(path, arrays, meta)
    with pytest.raises(sl.CheckpointError, match=r"describe a model of this version \(its .* does not fit\)"):
        sl.load_model(path)


def test_a_sparse_table_must_name_columns_that_there_are(tmp_path):
    path = tmp_path / "a.model"
    model = sl.AnomalyDetector(sl.Reservoir(60, in_degree=3)).fit(X)
    arrays, meta, names = saved(model, path)
    source = arrays[names["_learned.predictor.fused.source"]]
    assert source.size
    source[-1] = 60_000
    sl.write_checkpoint(path, arrays, meta)
    with pytest.raises(sl.CheckpointError, match=r"its source does not fit"):
        sl.load_model(path)


def test_a_stream_that_would_never_end_is_refused(tmp_path):
    path = tmp_path / "a.model"
    cutter = Segmenter(8000)
    cutter.push(np.zeros(1_234))
    sl.save_model(path, cutter)
    assert sl.load_model(path).position == 1_234
    arrays, meta = sl.read_checkpoint(path)
    for name, value in (("_n_part", 80), ("_n_held", 10**9), ("_n_part", -1), ("_lead", 10**6), ("block", 0)):
        meta_2 = {**meta, "model": {**meta["model"]}}
        meta_2["model"]["attributes"] = {**meta["model"]["attributes"], name: value}
        sl.write_checkpoint(path, arrays, meta_2)
        with pytest.raises(sl.CheckpointError, match="does not fit"):
            sl.load_model(path)


def test_a_forecast_needs_a_readout_of_its_reservoir(tmp_path):
    path = tmp_path / "a.model"
    model = sl.ESNForecaster(sl.Reservoir(15, in_degree=3), washout=2).fit([X[:200]])
    arrays, meta, names = saved(model, path)
    arrays[names["readout_.coef_"]] = arrays[names["readout_.coef_"]][:, :2].copy()
    sl.write_checkpoint(path, arrays, meta)
    with pytest.raises(sl.ParameterError, match=r"readout must have shape"):
        sl.load_model(path).forecast([X[:50]], 5)
