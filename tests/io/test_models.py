"""A model file holds all that was learned, and nothing that could be executed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import spikelab as sl
from spikelab.io.packing import pack, unpack
from spikelab.storable import STORABLE, storable

RNG = np.random.default_rng(5)
X = [RNG.normal(size=(9 + k % 3, 2)) + (k % 2) for k in range(12)]
LABELS = np.array(["low", "high"] * 6)
SMALL = sl.Reservoir(15, in_degree=4)


def fitted(kind):
    match kind:
        case "esn":
            return sl.ESNClassifier(SMALL, ensemble=2).fit(X, LABELS)
        case "model space":
            return sl.ESNClassifier(SMALL, pooling="model_space", n_components=4).fit(X, LABELS)
        case "integer labels":
            return sl.ESNClassifier(SMALL).fit(X, [3, 7] * 6)
        case "liquid":
            return sl.LSMClassifier(sl.LiquidReservoir(n=20)).fit(X, LABELS)
        case "pooled input":
            return sl.PooledInputClassifier().fit(X, LABELS)
        case "forecaster":
            return sl.ESNForecaster(SMALL, washout=2).fit(X)
    return sl.ESNRegressor(SMALL, washout=2).fit(X, [one[:, :1] for one in X])


KINDS = ("esn", "model space", "integer labels", "liquid", "pooled input", "forecaster", "regressor")


def answers(model):
    method = getattr(model, "decision_function", model.predict)
    return np.concatenate([np.atleast_2d(one) for one in method(X)])


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_model_answers_as_the_saved_one(kind, tmp_path):
    model = fitted(kind)
    sl.save_model(tmp_path / "a.model", model)
    again = sl.load_model(tmp_path / "a.model")
    assert type(again) is type(model)
    assert again.get_params() == model.get_params()
    assert np.array_equal(answers(again), answers(model))
    if hasattr(model, "classes_"):
        assert again.predict(X).tolist() == model.predict(X).tolist()
        assert again.classes_.dtype.kind == model.classes_.dtype.kind
    assert answers(again.fit(X, LABELS) if hasattr(model, "classes_") else again).shape[0] > 0


def test_an_unfitted_model_keeps_its_parameters(tmp_path):
    sl.save_model(tmp_path / "a.model", sl.ESNClassifier(sl.Reservoir(7, leak_rate=0.25)))
    again = sl.load_model(tmp_path / "a.model")
    assert again.reservoir == sl.Reservoir(7, leak_rate=0.25)
    with pytest.raises(sl.ParameterError, match="be fitted"):
        again.predict(X)


def test_an_altered_byte_is_noticed(tmp_path):
    path = tmp_path / "a.model"
    sl.save_model(path, fitted("esn"))
    content = path.read_bytes()
    for place in (3, 40, len(content) // 2, len(content) - 1):
        altered = bytearray(content)
        altered[place] ^= 1
        path.write_bytes(altered)
        with pytest.raises(sl.CheckpointError):
            sl.load_model(path)
    path.write_bytes(content[:-1])
    with pytest.raises(sl.CheckpointError):
        sl.load_model(path)


def with_meta(path, **changes):
    arrays, meta = sl.read_checkpoint(path)
    sl.write_checkpoint(path, arrays, {**meta, **changes})


def test_files_of_other_versions_and_kinds_are_refused(tmp_path):
    path = tmp_path / "a.model"
    sl.save_model(path, fitted("pooled input"))
    with_meta(path, format=2, spikelab="9.0")
    with pytest.raises(
        sl.CheckpointError, match=r"format 1 or lower\. It has format 2 and was written by spikelab 9\.0"
    ):
        sl.load_model(path)
    with_meta(path, format=1, model={"object": "PooledInputClassifier", "attributes": {"classes_": 1}})
    assert sl.load_model(path).classes_ == 1
    sl.write_checkpoint(path, {}, {"kind": "simulator"})
    with pytest.raises(sl.CheckpointError, match=r"be a saved model; it holds a simulator"):
        sl.load_model(path)
    with pytest.raises(sl.CheckpointError, match="must exist"):
        sl.load_model(tmp_path / "nothing")


@pytest.mark.parametrize(
    "forged",
    [
        {"object": "Popen", "attributes": {}},
        {"object": "ESNClassifier", "attributes": {"predict": "x"}},
        {"object": "ESNClassifier", "attributes": {"__class__": "x"}},
        {"record": "Reservoir", "fields": {"n": 5, "nothing": 1}},
        {"record": "Reservoir", "fields": {"n": -5}},
        {"record": "ESNClassifier", "fields": {}},
        {"form": "pickle", "content": ""},
        {"array": "nowhere"},
        {"something": 1},
        3,
        [{"record": "Reservoir", "fields": {"n": 5}}],
        {"strings": ["a" * 100_000] + ["b"] * 1_000, "shape": [1_001]},
        {"strings": [1], "shape": [1]},
        {"record": "AuditoryFrontEnd", "fields": {"window_ms": 1e9}},
        {"record": "AuditoryFrontEnd", "fields": {"window_ms": 1e300}},
        {"form": "network", "content": {"seed": 1, "populations": "no"}},
        {"form": "matrix", "content": {"parts": [[1.0], [7], [0, 1]], "shape": [1, 1]}},
    ],
)
def test_a_forged_description_makes_nothing(forged, tmp_path):
    path = tmp_path / "a.model"
    sl.save_model(path, sl.PooledInputClassifier())
    with_meta(path, model=forged)
    with pytest.raises(sl.CheckpointError, match=r"a\.model'\): path must describe a model"):
        sl.load_model(path)


def test_a_description_nested_without_end_is_refused(tmp_path):
    path = tmp_path / "a.model"
    sl.save_model(path, sl.PooledInputClassifier())
    nested = 3
    for _ in range(500):
        nested = [nested]
    with_meta(path, model=nested)
    with pytest.raises(sl.CheckpointError, match="describe a model"):
        sl.load_model(path)


def test_what_is_wrong_is_told_in_a_few_lines(tmp_path):
    path = tmp_path / "a.model"
    sl.save_model(path, sl.PooledInputClassifier())
    for changes in ({"format": 2, "spikelab": "x" * 9_999}, {"model": {"record": "x" * 9_999, "fields": {}}}):
        with_meta(path, **changes)
        with pytest.raises(sl.CheckpointError) as caught:
            sl.load_model(path)
        assert len(str(caught.value)) < 600 + len(str(path))


def test_text_that_would_not_come_back_is_not_written(tmp_path):
    model = sl.PooledInputClassifier()
    model.classes_ = np.array(["a" * 100_000] + ["b"] * 1_000, dtype=object)
    with pytest.raises(sl.ParameterError, match=r"text must hold at most 67,108,864 characters"):
        sl.save_model(tmp_path / "a", model)


def test_only_models_are_saved(tmp_path):
    with pytest.raises(sl.ParameterError, match=r"model must be one of .*ESNClassifier"):
        sl.save_model(tmp_path / "a", {"not": "a model"})
    model = fitted("esn")
    model.extra_ = object()
    with pytest.raises(
        sl.ParameterError,
        match=r"save_model\(model=<object.*consist of records of spikelab and plain values\..*random_state",
    ):
        sl.save_model(tmp_path / "a", model)
    assert not (tmp_path / "a").exists()


def test_plain_values_come_back_as_they_were():
    arrays = {}
    value = {
        "tuple": (1, (2.5, None)), "nan": float("inf"), "text": np.array(["a", "ß"]), 3: np.float32(0.5),
        "flag": np.bool_(True), "object": np.array(["x", "yy"], dtype=object), "empty": [],
    }  # fmt: skip
    back = unpack(pack(value, arrays), arrays, {})
    assert back["tuple"] == (1, (2.5, None)) and back["nan"] == float("inf") and back[3] == 0.5
    assert back["text"].tolist() == ["a", "ß"] and back["object"].tolist() == ["x", "yy"]
    assert back["flag"] is True and back["empty"] == []


def test_a_running_simulator_can_be_part_of_a_model():
    net = sl.Network(seed=1)
    cells = net.add("cells", 30, sl.LIF())
    net.drive(cells, sl.PoissonDrive(rate_hz=20_000.0, weight=0.3))
    sim = sl.Simulator(net)
    sim.run(50.0)
    arrays = {}
    twin = unpack(pack([sim, sim.net], arrays), arrays, {})[0]
    assert np.array_equal(twin.run(50.0)["cells"].counts, sim.run(50.0)["cells"].counts)


def test_two_storable_classes_of_one_name_are_refused():
    @storable
    @dataclass(frozen=True)
    class Twice:
        x: int = 0

    try:
        with pytest.raises(TypeError, match="two storable classes are named Twice"):
            storable(type("Twice", (), {}))
    finally:
        del STORABLE["Twice"]
