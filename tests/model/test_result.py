"""What came out of a run, and its forms in other libraries."""

import copy
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

import spikelab as sl
from spikelab.errors import ParameterError


@dataclass(frozen=True)
class Cell:
    kind: str = "spiking"
    receptors: tuple[str, ...] = ("exc", "inh")
    inputs: tuple[str, ...] = ("exc", "inh")
    weight_unit: str = "mV"


# Two batch rows, three neurons, four steps of 0.5 ms after ten earlier ones.
EVENTS = {"step": [0, 1, 1, 3], "batch": [0, 0, 1, 0], "neuron": [2, 0, 2, 2]}


def made(spikes="events", **changes):
    shape = (4, 2, 3)
    common = {"dt_ms": 0.5, "n_steps": 4, "batch": 2, "t0_step": 10}
    events = sl.Spikes(**EVENTS, dt_ms=0.5, shape=shape, t0_step=10)
    kept = {"events": {"events": events}, "counts": {"spike_counts": events.counts()}, "none": {}}[spikes]
    trace = np.arange(16, dtype=np.float32).reshape(4, 2, 2)
    exc = sl.PopulationResult(name="exc", n=3, traces={"v_mv": trace}, neurons=[0, 2], **kept, **common)
    silent = sl.PopulationResult(name="<b>", n=5, **common)
    parts = {"exc": exc, "<b>": silent}
    values = {"dt_ms": 0.5, "t0_step": 10, "n_steps": 4, "batch": 2, "populations": parts, "wall_s": 0.25}
    return sl.Result(**(values | changes))


def test_spikes_are_stamped_at_the_end_of_their_step():
    spikes = made()["exc"].spikes
    assert len(spikes) == 4
    assert spikes.time_ms.tolist() == [5.5, 6.0, 6.0, 7.0]
    assert spikes.of(2).tolist() == [5.5, 7.0]
    assert spikes.of(2, batch=1).tolist() == [6.0]
    assert spikes.step.dtype == np.uint32
    assert repr(spikes) == "Spikes(4 events of 3 neurons, 2 batch rows, 2 ms)"


def test_dense_spikes_and_counts_agree_with_the_events():
    part = made()["exc"]
    dense = part.spikes.dense()
    assert dense.shape == (4, 2, 3)
    assert dense.dtype == np.bool_
    assert np.array_equal(np.argwhere(dense), np.transpose(list(EVENTS.values())))
    assert part.counts.tolist() == [[1, 0, 2], [0, 0, 1]]
    assert np.array_equal(part.counts, dense.sum(axis=0))


def test_no_events_are_spikes_too():
    spikes = sl.Spikes([], [], [], dt_ms=1.0, shape=(3, 1, 2))
    assert spikes.dense().sum() == 0
    assert spikes.counts().tolist() == [[0, 0]]


def test_mean_rate_counts_neurons_rows_and_time():
    # 4 spikes of 3 neurons in 2 rows of 2 ms
    assert made()["exc"].mean_rate_hz == pytest.approx(4 / (3 * 2 * 0.002))
    assert made("counts")["exc"].mean_rate_hz == made()["exc"].mean_rate_hz
    empty = sl.PopulationResult("a", 3, 0.5, 0, 2, spike_counts=np.zeros((2, 3), int))
    assert np.isnan(empty.mean_rate_hz)


def test_a_result_is_a_mapping():
    result = made()
    assert list(result) == ["exc", "<b>"]
    net = sl.Network()
    handle = net.add("exc", 3, Cell())
    assert result[handle] is result["exc"]
    assert handle in result
    assert "nobody" not in result
    assert result.duration_ms == 2.0
    assert result.time_ms.tolist() == [5.5, 6.0, 6.5, 7.0]
    assert result["exc"].time_ms.tolist() == result.time_ms.tolist()
    assert result["exc"]["v_mv"].shape == (4, 2, 2)
    assert result["exc"].neurons.tolist() == [0, 2]


def test_results_are_frozen():
    result = made("counts")
    with pytest.raises(FrozenInstanceError):
        result.batch = 1
    with pytest.raises(TypeError):
        result.populations["new"] = result["exc"]
    with pytest.raises(TypeError):
        result["exc"].traces["new"] = 1
    for array in (
        result["exc"]["v_mv"],
        result["exc"].counts,
        made()["exc"].spikes.step,
        result["exc"].neurons,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_results_can_be_copied_and_pickled():
    for twin in (copy.deepcopy(made()), pickle.loads(pickle.dumps(made()))):
        assert repr(twin) == repr(made())
        assert np.array_equal(twin["exc"]["v_mv"], made()["exc"]["v_mv"])
        with pytest.raises(TypeError):
            twin.populations["new"] = 1


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda r: r["nobody"], r"Result\(population='nobody'\): population must be .* It has 'exc', '<b>'"),
        (
            lambda r: r["exc"]["u"],
            r"trace must be a trace that was kept. Kept: 'v_mv'. Ask for it with Record",
        ),
        (lambda r: r["<b>"].spikes, r"must have been recorded. Run with record=Record\(spikes='events'\)"),
        (lambda r: r["<b>"].counts, r"must have been recorded. Run with record=Record\(spikes='counts'\)"),
        (lambda r: r["<b>"].mean_rate_hz, "must have been recorded"),
    ],
)
def test_what_was_not_kept_is_answered_with_the_remedy(ask, text):
    with pytest.raises(ParameterError, match=text):
        ask(made())


def test_repr_is_a_small_table():
    assert repr(made()).splitlines() == [
        "Result(2 ms from 5 ms, dt 0.5 ms, batch 2, 0.25 s)",
        "  population  neurons  spikes  mean rate (Hz)  traces",
        "  exc         3        4       333.3           v_mv (4, 2, 2)",
        "  <b>         5",
    ]
    assert "interrupted" in repr(made(interrupted=True))
    assert repr(made()["exc"]).startswith("PopulationResult(population exc, neurons 3, spikes 4")


def test_html_is_escaped_and_stands_alone():
    html = made()._repr_html_()
    assert html.count("<tr>") == 3
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "http" not in html
    assert "src=" not in html


def test_xarray_has_units_coordinates_and_the_same_numbers():
    pytest.importorskip("xarray")
    result = made()
    tree = result.to_xarray()
    exc = tree["exc"]
    assert exc["v_mv"].dims == ("time_ms", "batch", "trace_neuron")
    assert exc["v_mv"].attrs["units"] == "mV"
    assert np.array_equal(exc["v_mv"].values, result["exc"]["v_mv"])
    assert exc["v_mv"].sel(time_ms=6.0, trace_neuron=2, batch=1).item() == result["exc"]["v_mv"][1, 1, 1]
    assert exc["spike_time_ms"].values.tolist() == [5.5, 6.0, 6.0, 7.0]
    assert exc["counts"].values.tolist() == [[1, 0, 2], [0, 0, 1]]
    assert tree.attrs["t0_step"] == 10
    assert set(tree["<b>"].data_vars) == set()
    assert made("counts")["exc"].to_xarray()["counts"].values.tolist() == [[1, 0, 2], [0, 0, 1]]


def test_neo_has_a_segment_for_each_batch_row():
    pytest.importorskip("neo")
    result = made()
    block = result.to_neo()
    assert len(block.segments) == 2
    trains = {
        (t.annotations["population"], t.annotations["neuron"]): t for t in block.segments[0].spiketrains
    }
    assert len(trains) == 3
    assert trains["exc", 2].magnitude.tolist() == [5.5, 7.0]
    assert trains["exc", 1].magnitude.tolist() == []
    assert float(trains["exc", 0].t_start) == 5.0
    assert float(trains["exc", 0].t_stop) == 7.0
    (signal,) = block.segments[1].analogsignals
    assert str(signal.units.dimensionality) == "mV"
    assert np.array_equal(signal.magnitude, result["exc"]["v_mv"][:, 1])
    assert signal.times.rescale("ms").magnitude == pytest.approx(result.time_ms)
    assert signal.array_annotations["neuron"].tolist() == [0, 2]


@pytest.mark.parametrize(("module", "method"), [("xarray", "to_xarray"), ("neo", "to_neo")])
def test_a_missing_library_is_named_with_its_extra(monkeypatch, module, method):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"Result.{method} needs {module}, .* with the extra 'interop'"):
        getattr(made(), method)()


def test_results_load_no_optional_library():
    loaded = "sorted({'xarray', 'neo', 'matplotlib', 'numba'} & set(sys.modules))"
    code = f"import sys, spikelab.result; print({loaded})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
