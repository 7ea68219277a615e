"""Figures show what they were given, and bad input is answered in words."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from spikelab.errors import ParameterError
from spikelab.plot import answer, confusion, raster, reservoir_states, ridge_path, scores, traces
from spikelab.plot.style import GRID, SERIES
from spikelab.result import PopulationResult, Result, Spikes


def result(n: int = 63, steps: int = 10, recorded: bool = True) -> Result:
    spikes = Spikes(
        step=np.array([0, 1, 1, 9]),
        batch=np.array([0, 0, 1, 0]),
        neuron=np.array([0, 62, 5, 7]),
        dt_ms=0.1,
        shape=(steps, 2, n),
    )
    values = np.arange(steps * 2 * n, dtype=float).reshape(steps, 2, n)
    part = PopulationResult(
        name="exc",
        n=n,
        dt_ms=0.1,
        n_steps=steps,
        batch=2,
        events=spikes if recorded else None,
        traces={"v_mv": values},
    )
    return Result(dt_ms=0.1, t0_step=0, n_steps=steps, batch=2, populations={"exc": part})


def test_raster_draws_the_spikes_of_one_batch_row() -> None:
    axes = raster(result(), batch=0).axes[0]
    line = axes.lines[0]
    strokes = line.get_xydata().reshape(3, 3, 2)
    np.testing.assert_allclose(strokes[:, :, 0], np.repeat([[0.1], [1.0], [0.2]], 3, axis=1))
    np.testing.assert_allclose(strokes[:, :2, 1].mean(axis=1), [0, 7, 62])
    assert np.isnan(strokes[:, 2, 1]).all()
    assert axes.get_xlim() == (0.0, 1.0)


def test_raster_asks_for_a_known_population_and_row() -> None:
    with pytest.raises(ParameterError, match="It has 'exc'"):
        raster(result(), population="inh")
    with pytest.raises(ParameterError, match=r"batch=2\): batch must be in 0 ... 1"):
        raster(result(), batch=2)


def test_raster_without_recorded_spikes_names_the_remedy() -> None:
    with pytest.raises(ParameterError, match=r'Record spikes with Record\(spikes="events"\)'):
        raster(result(recorded=False))


def test_traces_are_stamped_at_the_end_of_their_step() -> None:
    axes = traces(result(), "exc", "v_mv", neurons=[3, 62], batch=1).axes[0]
    drawn = [line for line in axes.lines if len(line.get_xdata()) == 10]
    np.testing.assert_allclose(drawn[0].get_xdata(), 0.1 * np.arange(1, 11))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["3", "62"]
    rise = np.diff(drawn[0].get_ydata())
    np.testing.assert_allclose(rise, 126.0)


def test_a_single_trace_has_an_axis_of_its_values() -> None:
    axes = traces(result(), "exc", "v_mv", neurons=[3], batch=1).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), result()["exc"]["v_mv"][:, 1, 3])
    assert axes.get_ylabel() == "v_mv of neuron 3"


def test_the_bar_beside_traces_has_their_unit() -> None:
    axes = traces(result(), "exc", "v_mv", neurons=[3, 62]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["1000 mV"]


def test_traces_refuse_unknown_neurons() -> None:
    with pytest.raises(ParameterError, match=r"neurons must be in 0 \.\.\. 62"):
        traces(result(), "exc", "v_mv", neurons=[63])


@pytest.mark.parametrize(
    ("states", "text"),
    [
        (np.zeros(5), r"non-empty array \[time, unit\]"),
        (np.zeros((0, 3)), "non-empty"),
        (np.array([[1.0, np.nan]]), r"Index \[0, 1\] holds nan"),
    ],
)
def test_reservoir_states_refuse_bad_arrays(states: np.ndarray, text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        reservoir_states(states)


def test_reservoir_states_spread_over_the_units() -> None:
    axes = reservoir_states(np.random.default_rng(0).normal(size=(7, 1000))).axes[0]
    labels = [int(label.get_text()) for label in axes.get_yticklabels()]
    assert len(labels) == 12
    assert labels[0] == 0
    assert labels[-1] == 999


def test_constant_states_are_drawn() -> None:
    assert reservoir_states(np.ones((1, 3))).axes[0].lines


@pytest.mark.parametrize(("height", "bar"), [(1.0, 1.0), (0.4, 0.2), (70.0, 50.0)])
def test_the_scale_bar_is_as_high_as_it_says(height: float, bar: float) -> None:
    axes = reservoir_states(np.array([[0.0, 0.0], [height, 0.0]])).axes[0]
    assert [text.get_text() for text in axes.texts] == [f"{bar:g}"]
    np.testing.assert_allclose(np.ptp(axes.lines[-1].get_ydata()), bar)


def test_the_answer_is_blue_where_right_and_red_where_wrong() -> None:
    from matplotlib.colors import to_hex

    def colours(right: str) -> list[str]:
        axes = answer([-1.0, 2.0, 0.5], classes=["a", "b", "c"], right=right).axes[0]
        return [to_hex(patch.get_facecolor()) for patch in axes.patches]

    assert colours("b") == [GRID, SERIES[0], GRID]
    assert colours("c") == [GRID, SERIES[1], GRID]
    with pytest.raises(ParameterError, match="name the 2 classes"):
        answer([1.0, 2.0], classes=["a"])


def test_confusion_shows_counts_and_marks_wrong_answers() -> None:
    axes = confusion([[30, 2], [0, 88]], classes=["a", "b"], noun="speaker").axes[0]
    assert [text.get_text() for text in axes.texts] == ["30", "2", "88"]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true speaker", "predicted speaker")
    from matplotlib.colors import to_hex

    assert [to_hex(patch.get_facecolor()) for patch in axes.patches] == [SERIES[0], SERIES[1], SERIES[0]]


def test_confusion_refuses_other_shapes() -> None:
    with pytest.raises(ParameterError, match="be square"):
        confusion([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(ParameterError, match="name the 2 classes"):
        confusion([[1, 2], [3, 4]], classes=["a"])


def test_ridge_path_marks_the_chosen_strength() -> None:
    axes = ridge_path([1e-3, 1e-1, 1e1], [3.0, 1.0, 2.0], chosen=1e-1).axes[0]
    np.testing.assert_allclose(axes.lines[1].get_xdata(), [1e-1])
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [1.0])
    assert [text.get_text() for text in axes.texts] == ["chosen: 0.1"]
    large = ridge_path([1e3, 8.2e3], [3.0, 1.0], chosen=8.2e3).axes[0]
    assert [text.get_text() for text in large.texts] == ["chosen: 8.2·10³"]
    with pytest.raises(ParameterError, match="one value for each alpha"):
        ridge_path([1.0, 2.0], [1.0], chosen=1.0)
    with pytest.raises(ParameterError, match="be > 0"):
        ridge_path([0.0, 2.0], [1.0, 2.0], chosen=2.0)


def row(name: str, kind: str, accuracy: float) -> dict[str, object]:
    return {"name": name, "kind": kind, "metrics": {"accuracy": {"mean": accuracy, "std": 0.01, "n": 5}}}


def test_scores_keep_rows_below_the_axis_visible() -> None:
    axes = scores([row("ESN", "model", 0.98), row("chance", "floor", 0.111)]).axes[0]
    assert any("11.1, off" in text.get_text() for text in axes.texts)
    with pytest.raises(ParameterError, match="kind must be one of"):
        scores([row("ESN", "other", 0.9)])
    with pytest.raises(ParameterError, match="at least one row"):
        scores([])


def test_no_pyplot_and_no_early_matplotlib() -> None:
    code = (
        "import io, sys, spikelab.plot as plot\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plot.confusion([[1]]).savefig(io.BytesIO())\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
