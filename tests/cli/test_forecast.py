"""`spikelab run forecast`: small runs from end to end, the tasks' protocol, the words of the page."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from spikelab.bench.forecast_tasks import TASKS, LastValue, Lorenz63, MackeyGlass, MeanTarget, Narma10
from spikelab.bench.search import draw
from spikelab.bench.tune_forecast import KINDS, make, neighbour, validate
from spikelab.cli.jobs.forecast import ALL
from spikelab.cli.jobs.forecast_defaults import DEFAULTS
from spikelab.cli.jobs.forecast_rows import estimators, row_key
from spikelab.cli.main import cli
from spikelab.cli.run_forecast import TASK_NAMES
from spikelab.errors import ParameterError
from spikelab.plot.forecasts import error_growth, forecast
from spikelab.report.forecast.figures import number, spread_text
from spikelab.report.forecast.page import render
from spikelab.report.forecast.verdict import verdict


def run(tmp_path: Path, *options: str) -> tuple[Result, dict[str, Any], str]:
    answer = CliRunner().invoke(
        cli, ["run", "forecast", "--quick", "--seeds", "1", "--output", str(tmp_path), *options]
    )
    assert answer.exit_code == 0, answer.output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    return answer, json.loads((tmp_path / "result.json").read_text()), page


def test_all_tasks_run_and_are_reported(tmp_path: Path) -> None:
    answer, result, page = run(tmp_path)
    assert list(result["tasks"]) == list(TASKS)
    assert [row["key"] for row in result["rows"] if row["kind"] == "model"] == [
        "narma10_esn", "mackey_glass_esn", "lorenz63_esn",
    ]  # fmt: skip
    assert len(result["rows"]) == 4 * len(TASKS)
    for row in result["rows"]:
        assert row["metrics"]["score"]["n"] == 1 and math.isfinite(row["metrics"]["score"]["mean"])
        assert (row["error_by_step"] is None) == (row["task"] == "narma10")
        assert len(row["shown"]["true"]) == len(row["shown"]["forecast"])
        assert set(row["solvers"]) <= {"cholesky", "eigh"} and bool(row["solvers"]) == bool(row["parameters"])
    for task in TASKS.values():
        assert task.title in answer.output and f"<h3>{task.title}</h3>" in page
    assert "A quick run" in page and "Lyapunov time" in page and page.count("<svg") == 5
    assert "src=" not in page and "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)


def test_one_task_with_a_setting(tmp_path: Path) -> None:
    _, result, page = run(tmp_path, "--task", "narma10", "--set", "narma10_esn.reservoir.n=30", "--seed", "3")
    assert list(result["tasks"]) == ["narma10"] and result["seeds"] == [3]
    row = next(row for row in result["rows"] if row["key"] == "narma10_esn")
    assert row["parameters"]["reservoir.n"] == 30
    assert "Lorenz 63" not in page


def test_a_wrong_setting_is_answered_with_the_right_ones(tmp_path: Path) -> None:
    arguments = ["run", "forecast", "--output", str(tmp_path), "--set", "lorenz63_linear.tap=3"]
    answer = CliRunner().invoke(cli, arguments)
    assert answer.exit_code != 0
    text = str(answer.exception) if isinstance(answer.exception, ParameterError) else answer.output
    assert "Did you mean 'lorenz63_linear.taps'?" in text


def test_names_and_defaults_go_together() -> None:
    assert (ALL, *TASKS) == TASK_NAMES
    assert set(DEFAULTS) == {row_key(task, kind) for task in TASKS for kind in KINDS}
    for estimator in estimators(TASKS).values():
        estimator.check_parameters()


class Oracle:
    """Knows the series, and forecasts it with an error that grows by a step each step."""

    def __init__(self, task: Any, seed: int, error: float):
        self.x, self.error = task.draw(seed), error

    def fit(self, x: np.ndarray) -> Oracle:
        self.seen = len(x)
        return self

    def forecast(self, starts: list[np.ndarray], steps: int) -> list[np.ndarray]:
        found = []
        for known in starts:
            at = next(
                i for i in range(self.seen, len(self.x)) if np.array_equal(self.x[i - len(known) : i], known)
            )
            wrong = self.error * np.arange(1.0, steps + 1)[:, None]
            found.append(self.x[at : at + steps] + wrong)
        return found


def test_mackey_glass_is_judged_after_84_steps() -> None:
    task = MackeyGlass(train=200, known=30, starts=3, gap=20, ahead=90)
    oracle = Oracle(task, 5, 1e-3)
    task.fit(oracle, 5)
    answer = task.test(oracle, 5)
    assert oracle.seen == 200
    std = oracle.x[:200].std()
    assert answer.score == pytest.approx(84e-3 / std)
    assert answer.error_by_step is not None and answer.error_by_step.shape == (90,)
    assert answer.steps == 270


def test_lorenz_is_judged_in_lyapunov_times() -> None:
    task = Lorenz63(train=300, known=30, starts=2, gap=20, ahead=100)
    oracle = Oracle(task, 1, 0.1)
    task.fit(oracle, 1)
    std = oracle.x[:300].std(axis=0)
    # The error t * 0.1 in each of three variables passes 0.4 of the spread at this step.
    held = math.floor(0.4 * math.sqrt(np.sum(std**2)) / (0.1 * math.sqrt(3.0)))
    assert task.test(oracle, 1).score == pytest.approx(held * 0.02 * 0.906)


def test_narma_needs_the_input_up_to_the_same_step_only() -> None:
    task = Narma10(train=100, tested=50)
    u, y = task.draw(2)
    assert u.shape == y.shape == (150, 1)
    past = y[40:50, 0].sum()
    assert y[50, 0] == pytest.approx(
        0.3 * y[49, 0] + 0.05 * y[49, 0] * past + 1.5 * u[41, 0] * u[50, 0] + 0.1
    )
    mean = task.fit(MeanTarget(), 2)
    assert task.test(mean, 2).score >= 1.0


def test_seeds_draw_other_series_and_the_last_value_stays() -> None:
    task = MackeyGlass(train=200, known=30, starts=3, gap=20, ahead=90)
    assert not np.array_equal(task.draw(0), task.draw(1))
    still = task.test(task.fit(LastValue(), 0), 0)
    assert np.ptp(still.forecast) == 0.0


def test_settings_whose_readout_needs_a_fallback_are_left_out() -> None:
    task = MackeyGlass(train=300, known=30, starts=2, gap=20, ahead=90)
    # More units than steps: without a ridge there is no factor.
    model = make("mackey-glass", "esn").set_params(reservoir__n=250, ridge=0.0)
    assert validate(task, model, (1000,)) == math.inf
    assert math.isfinite(validate(task, model.set_params(ridge=1e-3), (1000,)))
    lorenz = Lorenz63(train=300, known=30, starts=2, gap=20, ahead=100)
    assert validate(lorenz, make("lorenz63", "linear").set_params(ridge=1e-3), (1000,)) < 0  # more is better


def test_neighbours_are_a_step_away_and_new() -> None:
    grid = {"a": [1, 2, 3], "b": ["x", "y"]}
    everything = list(draw(grid, 6))
    assert len(everything) == 6
    tried, rng = [{"a": 2, "b": "x"}], np.random.default_rng(0)
    for _ in range(5):
        near = neighbour(grid, tried, rng)
        assert near in everything and near not in tried
        tried.append(near)
    assert neighbour(grid, tried, rng) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.16234, "0.162"), (12.345, "12.3"), (3.24e-5, "3.2·10⁻⁵"), (0.0, "0"), (None, "∞"), (1234.5, "1234")],
)
def test_figures_have_three_digits(value: float | None, text: str) -> None:
    assert number(value) == text


def test_spreads_are_left_out_of_single_runs() -> None:
    assert spread_text({"mean": 0.1, "std": 0.0, "n": 1}) == "0.100"
    assert spread_text({"mean": 0.1, "std": 0.02, "n": 5}) == "0.100 ± 0.020"


def rows(*scores: tuple[str, float, float]) -> list[dict[str, Any]]:
    names = {"model": "ESN", "control": "ESN without memory", "floor": "Linear"}
    return [
        {
            "key": f"t_{kind}",
            "task": "t",
            "kind": kind,
            "name": names[kind],
            "metrics": {"score": {"mean": mean, "std": std, "n": 5}},
        }
        for kind, mean, std in scores
    ]


@pytest.mark.parametrize(
    ("lower", "scores", "parts"),
    [
        (True, (0.1, 0.4, 0.5), ["floor on 1 of 1 task; its memory clearly helps on 1", "a factor of 5.00"]),
        (True, (0.6, 0.9, 0.5), ["on 0 of 1", "Linear is as good or better (0.500): here the"]),
        (False, (9.0, 10.0, 0.5), ["clearly helps on 0", "memory adds nothing"]),
        (False, (10.0, 9.99, 0.5), ["clearly helps on 0", "a difference that may be chance"]),
    ],
)  # fmt: skip
def test_the_verdict_hides_no_floor(lower: bool, scores: tuple[float, ...], parts: list[str]) -> None:
    kinds = zip(("model", "control", "floor"), scores, (0.05, 0.05, 0.0), strict=True)
    task = {"title": "A task", "figure": "NRMSE", "lower_is_better": lower}
    text = " ".join(verdict({"tasks": {"t": task}, "rows": rows(*kinds)}))
    for part in parts:
        assert part in text


def test_nothing_finished_is_said() -> None:
    task = {"title": "A task", "figure": "NRMSE", "lower_is_better": True}
    assert verdict({"tasks": {"t": task}, "rows": []}) == [
        "No model was finished, so there is nothing to judge."
    ]


def test_an_interrupted_result_still_has_its_page(tmp_path: Path) -> None:
    _, result, _ = run(tmp_path, "--task", "mackey-glass")
    result["rows"] = [row for row in result["rows"] if row["kind"] == "floor"]
    result["interrupted"] = True
    result["rows"][-1]["solvers"] = ["eigh"]
    page = render(result)
    assert "Mackey-Glass 17, Linear) that the normal equations have no Cholesky factor" in page
    assert "This run was interrupted" in page and "No model was finished" in page


def test_figures_draw_what_they_are_given() -> None:
    figure = forecast([0.0, 1.0, 0.0], {"m": [0.0, 0.9, 50.0]})
    low, high = figure.axes[0].get_ylim()
    assert -1.0 < low < 0.0 and 1.0 < high < 2.0, "a forecast that runs away must not squeeze the truth"
    with pytest.raises(ParameterError, match="have 3 steps, as the truth"):
        forecast([0.0, 1.0, 0.0], {"m": [0.0]})
    grown = error_growth({"m": [1e-3, 0.0, math.inf, 1.0]}, marks={2.0: "two"}, threshold=0.4)
    assert grown.axes[0].get_yscale() == "log"
    line = grown.axes[0].get_lines()[0].get_ydata()
    assert np.isnan(np.asarray(line)[1:3]).all()
