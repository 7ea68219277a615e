"""`spikelab run`: settings, trials, interrupts, files and exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from spikelab.cli.jobs.classification import label_judge
from spikelab.cli.jobs.settings import apply_settings, known_settings, parse_settings
from spikelab.cli.jobs.trials import RowSpec, Trial, run_rows
from spikelab.cli.main import cli
from spikelab.cli.progress import Pace, progress
from spikelab.errors import ParameterError

from .speech_result import speech_result

TRUTH = np.array([1, 2, 3, 3])
JUDGE = label_judge(TRUTH)


class Silent:
    """A meter that remembers."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def begin(self, total: float) -> None:
        self.said.append(("begin", total))

    def start(self, row: str, trial: int, trials: int) -> None:
        self.said.append((row, trial, trials))

    def done(self, cost: float) -> None:
        self.said.append(("done", cost))


class Estimator:
    """Only the parameters of one."""

    def __init__(self) -> None:
        self.values = {"pooling": "mean", "random_state": 0, "reservoir": object(), "reservoir__n": 300}

    def get_params(self, deep: bool) -> dict[str, Any]:
        return dict(self.values)

    def set_params(self, **values: Any) -> None:
        self.values.update(values)


def right(seed: int) -> Trial:
    return Trial(TRUTH.copy(), 0.1 * seed, 0.5, accumulates=10.0, multiply_accumulates=5.0, model=seed)


def wrong_by(count: int) -> Any:
    return lambda seed: Trial(np.where(np.arange(4) < count, 3, TRUTH), 0.0, 0.0)


def test_known_settings_leave_out_what_the_job_decides() -> None:
    assert known_settings({"esn": Estimator()}) == {"esn.pooling": "mean", "esn.reservoir.n": 300}


def test_settings_are_parsed_and_applied() -> None:
    estimator = Estimator()
    known = known_settings({"esn": estimator})
    values = parse_settings(["esn.reservoir.n = 40", "esn.pooling=last"], known, "run speech")
    assert values == {"esn.reservoir.n": 40, "esn.pooling": "last"}
    apply_settings({"esn": estimator}, values)
    assert estimator.values["reservoir__n"] == 40
    assert parse_settings(["esn.pooling=none"], known, "x")["esn.pooling"] is None
    assert parse_settings(["esn.pooling=True"], known, "x")["esn.pooling"] is True
    assert parse_settings(["esn.pooling=1e-3"], known, "x")["esn.pooling"] == 1e-3


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "esn.reservoir.m=3",
            r"Did you mean 'esn\.reservoir\.n'\? esn\.\* may be: pooling, reservoir\.n\.",
        ),
        ("esn.reservoir.n", r"set must read key=value"),
        ("=3", r"set must read key=value"),
        ("esn.random_state=3", r"name a known setting"),
        ("lsn.reservoir.n=3", r"Settings begin with esn\."),
    ],
)
def test_unknown_settings_are_answered_with_the_known_ones(text: str, answer: str) -> None:
    with pytest.raises(ParameterError, match=answer):
        parse_settings([text], known_settings({"esn": Estimator()}), "run speech")


def test_rows_hold_mean_spread_and_confusion_over_seeds() -> None:
    meter = Silent()
    specs = [
        RowSpec("a", "A", "model", right, parameters={"n": 3}, cost=2.0),
        RowSpec("b", "B", "floor", wrong_by(2), seeded=False),
    ]
    outcome = run_rows(specs, [4, 5], JUDGE, meter)
    assert not outcome.interrupted
    first, second = outcome.rows
    assert first["metrics"]["accuracy"] == {"mean": 1.0, "std": 0.0, "n": 2, "values": [1.0, 1.0]}
    assert first["metrics"]["fit_s"]["mean"] == pytest.approx(0.45)
    assert first["metrics"]["synops_per_sample"]["mean"] == 15.0
    assert first["metrics"]["energy_nj_per_sample"]["mean"] == pytest.approx((10 * 0.9 + 5 * 4.6) / 1000)
    assert first["confusion"] == [[2, 0, 0], [0, 2, 0], [0, 0, 4]]
    assert second["metrics"]["errors"] == {"mean": 2.0, "std": 0.0, "n": 1, "values": [2.0]}
    assert second["confusion"] == [[0, 0, 1], [0, 0, 1], [0, 0, 2]]
    assert (first["seeds_used"], second["seeds_used"]) == ([4, 5], [])
    assert outcome.models["a"] == 4
    assert meter.said[0] == ("begin", 5.0)
    assert ("A", 2, 2) in meter.said
    assert [entry for entry in meter.said if entry[0] == "done"] == [
        ("done", 2.0),
        ("done", 2.0),
        ("done", 1.0),
    ]


def test_preparation_comes_first_and_outside_the_trials() -> None:
    order: list[str] = []
    meter = Silent()

    def trial(seed: int) -> Trial:
        order.append("trial")
        return right(seed)

    run_rows([RowSpec("a", "A", "model", trial, prepare=lambda: order.append("ready"))], [0, 1], JUDGE, meter)
    assert order == ["ready", "trial", "trial"]
    assert meter.said[1] == ("A, warming up", 1, 1)


def test_time_left_ignores_one_slow_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 100.0, 101.0, 102.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    pace = Pace()
    pace.begin(10.0)
    pace.done(1.0)
    assert pace.left_s() is None
    pace.done(1.0)
    pace.done(1.0)
    assert pace.left_s() == pytest.approx(7.0)


def test_an_interrupt_keeps_finished_trials() -> None:
    def stop_at_second(seed: int) -> Trial:
        if seed == 1:
            raise KeyboardInterrupt
        return right(seed)

    specs = [RowSpec("a", "A", "model", stop_at_second), RowSpec("b", "B", "floor", wrong_by(0))]
    outcome = run_rows(specs, [0, 1, 2], JUDGE, Silent())
    assert outcome.interrupted
    assert [(row["key"], row["metrics"]["errors"]["n"], row["seeds_used"]) for row in outcome.rows] == [
        ("a", 1, [0])
    ]


def test_a_swallowed_interrupt_discards_its_trial() -> None:
    def swallow(seed: int) -> Trial:
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        return right(seed)

    before = signal.getsignal(signal.SIGINT)
    outcome = run_rows([RowSpec("a", "A", "model", swallow)], [0, 1], JUDGE, Silent())
    assert (outcome.rows, outcome.interrupted) == ([], True)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_that_breaks_its_callee_is_an_interrupt() -> None:
    def broken(seed: int) -> Trial:
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        raise RuntimeError("half done")

    outcome = run_rows([RowSpec("a", "A", "model", broken)], [0], JUDGE, Silent())
    assert outcome.interrupted
    with pytest.raises(ZeroDivisionError):
        run_rows([RowSpec("a", "A", "model", lambda seed: right(1 // 0))], [0], JUDGE, Silent())


def test_preparation_ends_before_an_interrupt_counts() -> None:
    ended: list[bool] = []

    def prepare() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        ended.append(True)

    outcome = run_rows([RowSpec("a", "A", "model", right, prepare=prepare)], [0], JUDGE, Silent())
    assert (ended, outcome.rows, outcome.interrupted) == ([True], [], True)


def test_plain_progress_is_one_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as meter:
        run_rows([RowSpec("a", "A", "model", right), RowSpec("b", "B", "floor", right)], [0, 1], JUDGE, meter)
    assert capsys.readouterr().err.splitlines() == ["A, seed 1 of 2 ...", "B, seed 1 of 2 ..."]


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the work by a made-up result; the arguments it was called with are kept."""
    called: dict[str, Any] = {}

    def fake(**arguments: Any) -> dict[str, Any]:
        called.update(arguments)
        return speech_result(interrupted=called.get("interrupted", False), command=arguments["command"])

    monkeypatch.setattr("spikelab.cli.jobs.speech.run_speech", fake)
    return called


def test_run_writes_json_page_and_table(job: dict[str, Any], tmp_path: Path) -> None:
    output = tmp_path / "deep" / "out"
    answer = CliRunner().invoke(
        cli,
        ["run", "speech", "--output", str(output), "--seed", "3", "--quick", "--set", "esn.reservoir.n=20"],
    )
    assert answer.exit_code == 0, answer.output
    assert (job["seed"], job["seeds"], job["quick"], job["settings"]) == (
        3,
        None,
        True,
        ("esn.reservoir.n=20",),
    )
    result = json.loads((output / "result.json").read_text())
    assert [row["kind"] for row in result["rows"]][-1] == "floor"
    assert (output / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert "ESN ensemble of 5" in answer.output
    assert "98.59 ± 0.23" in answer.output
    assert sorted(path.name for path in output.iterdir()) == ["report.html", "result.json"]


def test_an_interrupted_run_ends_with_130_and_keeps_its_files(job: dict[str, Any], tmp_path: Path) -> None:
    job["interrupted"] = True
    answer = CliRunner().invoke(cli, ["run", "speech", "--output", str(tmp_path)])
    assert answer.exit_code == 130
    assert json.loads((tmp_path / "result.json").read_text())["interrupted"] is True
    assert "This run was interrupted" in (tmp_path / "report.html").read_text()


def test_a_bad_output_is_refused_before_the_work(job: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    answer = CliRunner().invoke(cli, ["run", "speech", "--output", str(file)])
    assert answer.exit_code == 2
    assert "output must be a folder that can be written. File exists." in answer.output
    assert job == {}


@pytest.mark.parametrize(
    "arguments", [["--seeds", "0"], ["--seeds", "10001"], ["--seed", "-1"], ["--seeds", "x"]]
)
def test_bad_numbers_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, ["run", "speech", *arguments]).exit_code == 2


def test_ctrl_c_in_a_real_process(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import os, signal, sys
        import numpy as np
        import spikelab.cli.jobs.speech as speech
        from spikelab.cli.jobs.classification import label_judge
        from spikelab.cli.jobs.trials import RowSpec, Trial, run_rows
        from spikelab.cli.main import main
        sys.path.insert(0, sys.argv.pop(1))
        from speech_result import speech_result

        def trial(seed):
            if seed == 1:
                os.kill(os.getpid(), signal.SIGINT)
            return Trial(np.arange(9), 0.0, 0.0)

        def judge(spec, trials):
            counted = label_judge(np.arange(9))(spec, trials)
            return {**counted, "protocols": {"official": {**counted["metrics"], **counted}}}

        def job(*, meter, command, **_):
            outcome = run_rows([RowSpec("a", "A", "model", trial)], [0, 1], judge, meter)
            return speech_result(
                rows=outcome.rows, pairs=[], interrupted=outcome.interrupted, illustration={}
            )

        speech.run_speech = job
        main()
        """
    )
    command = [
        sys.executable,
        "-c",
        script,
        str(Path(__file__).parent),
        "run",
        "speech",
        "--output",
        str(tmp_path),
    ]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 130, run.stderr
    assert "Traceback" not in run.stderr
    rows = json.loads((tmp_path / "result.json").read_text())["rows"]
    assert [(row["key"], row["metrics"]["errors"]["n"]) for row in rows] == [("a", 1)]


def test_the_real_job_end_to_end_with_tiny_networks(tmp_path: Path) -> None:
    sizes = [
        "esn.reservoir.n=15",
        "esn_ensemble.reservoir.n=15",
        "esn_ensemble.ensemble=2",
        "lsm.reservoir.n=27",
    ]
    options = [part for size in (*sizes, "lsm.reservoir.dt_ms=2") for part in ("--set", size)]
    answer = CliRunner().invoke(cli, ["run", "speech", "--output", str(tmp_path), "--seeds", "1", *options])
    assert answer.exit_code == 0, answer.output
    result = json.loads((tmp_path / "result.json").read_text())
    rows = {row["key"]: row for row in result["rows"]}
    keys = ["esn", "esn_ensemble", "lsm", "memoryless", "lsm_memoryless", "pooled_input", "chance"]
    assert list(rows) == keys
    assert [row["kind"] for row in rows.values()] == ["model"] * 3 + ["control"] * 2 + ["floor"] * 2
    assert rows["esn"]["parameters"]["reservoir.n"] == 15
    assert rows["memoryless"]["twin"] == "esn"
    assert result["split"]["train"] == 270
    assert all(sum(map(sum, row["confusion"])) == 370 for row in rows.values())
    accuracy = {key: row["metrics"]["accuracy"]["mean"] for key, row in rows.items()}
    assert accuracy["esn"] > 0.9
    assert accuracy["lsm"] > 0.6
    assert accuracy["pooled_input"] > 0.95
    assert accuracy["chance"] < 0.25
    # Spikes cost an addition, everything else a product.
    energy = {key: row["metrics"]["energy_nj_per_sample"]["mean"] for key, row in rows.items()}
    synops = {key: row["metrics"]["synops_per_sample"]["mean"] for key, row in rows.items()}
    assert energy["esn"] == pytest.approx(4.6e-3 * synops["esn"])
    assert energy["lsm"] < 4.6e-3 * synops["lsm"]
    shown = result["illustration"]
    assert set(shown) == {"utterance", "states", "raster", "answer", "ridge_paths"}
    assert max(shown["raster"]["neuron"]) < 27
    assert max(shown["raster"]["time_ms"]) <= shown["raster"]["span_ms"][1]
    assert len(shown["states"]["values"]) == shown["utterance"]["frames"]
    assert (tmp_path / "report.html").read_text().count('role="img"') == 8
