"""`spikelab run anomaly`: the demo, own series, and what is said of bad files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from spikelab.cli.main import cli

FAST = ["--seeds", "1", "--set", "esn.reservoir.n=20", "--set", "matrix_profile.window=16"]
FAST += ["--set", "liquid.reservoir.n=20"]


def _run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["run", "anomaly", "--output", str(folder / "out"), *arguments])


def _result(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))
    return loaded


def _csv(folder: Path, lines: list[str]) -> str:
    path = folder / "[own].csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def _wave(n: int = 600, spike: int = 500) -> list[float]:
    x = np.sin(0.2 * np.arange(n)) + 0.05 * np.random.default_rng(0).normal(size=n)
    x[spike] += 5.0
    return x.tolist()


def test_the_demo_has_every_row_and_says_that_it_proves_nothing(tmp_path):
    done = _run(tmp_path, "--quick", *FAST)
    assert done.exit_code == 0, done.output
    result = _result(tmp_path)
    rows = {row["key"]: row for row in result["rows"]}
    assert set(rows) >= {
        "esn", "liquid", "memoryless", "moving_zscore", "windowed_gaussian", "autoregression",
        "matrix_profile", "time_index", "random",
    }  # fmt: skip
    assert rows["time_index"]["metrics"]["auroc"]["mean"] > 0.9  # what makes the demo worthless as a test
    assert 0.2 < rows["random"]["metrics"]["auroc"]["mean"] < 0.8  # few and smoothed
    assert {"auroc", "auprc", "events_found", "false_alarms", "fit_s"} <= rows["esn"]["metrics"].keys()
    assert rows["memoryless"]["parameters"]["reservoir.spectral_radius"] == 0.0
    assert rows["esn"]["parameters"]["reservoir.n"] == 20
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for text in ("proves nothing", "demonstration, not a test", "Time index", "A closer look", "<svg"):
        assert text in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert len(page) < 400_000


def test_a_labelled_csv_gets_measures_and_a_model_that_goes_on(tmp_path):
    lines = ["t,x,y,label"]
    lines += [f"{t},{x},{1 - x},{int(498 <= t < 506)}" for t, x in enumerate(_wave())]
    model = tmp_path / "kept" / "detector.model"
    done = _run(
        tmp_path, "--dataset", _csv(tmp_path, lines), "--column", "x", "--time-column", "t", "--train", "300",
        "--save-model", str(model), *FAST,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    result = _result(tmp_path)
    assert result["dataset"]["series"][0] | {"rate_hz": 1.0} == {
        "name": "[own]", "points": 600, "channels": 1, "train_stop": 300, "windows": 1, "labelled": True,
        "rate_hz": 1.0,
    }  # fmt: skip
    esn = next(row for row in result["rows"] if row["key"] == "esn")
    assert esn["metrics"]["events_found"]["mean"] == 1.0
    import spikelab as sl

    again = sl.load_model(model)
    assert again.score_samples(np.zeros((3, 1)), continue_=True).shape == (3,)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX")
def test_a_model_that_cannot_be_saved_is_refused_before_the_work(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        ("pipe", "not a folder, a device or a pipe"),
        ("pipe/model", "save-model must be writable. File exists"),
        ("x" * 250, "File name too long"),
    ):
        done = _run(tmp_path, "--dataset", "demo", "--save-model", str(tmp_path / name))
        assert done.exit_code == 2 and "save-model" in done.output and said in done.output
        assert "warming up" not in done.output
    assert (tmp_path / "pipe").is_fifo()


def test_an_unlabelled_csv_gets_its_alarms_listed_and_no_measures(tmp_path):
    done = _run(tmp_path, "--dataset", _csv(tmp_path, ["x", *map(str, _wave())]), *FAST)
    assert done.exit_code == 0, done.output
    assert "no labels" in done.output and "[own].csv" in done.output
    result = _result(tmp_path)
    esn = next(row for row in result["rows"] if row["key"] == "esn")
    assert "auroc" not in esn["metrics"]
    assert esn["metrics"]["alarms"]["mean"] >= 1.0
    drawn = result["illustration"]["series"][0]["rows"]["esn"]
    assert any(495 <= at <= 510 for at in drawn["alarms"])
    assert drawn["false"] is None
    assert f"Alarms at row (the first is 0): {drawn['alarms'][0]:,}" in done.output
    assert "600 rows, 1 column" in done.output and "missing" not in done.output
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Alarms at row" in page and "false alarms in" not in page


def test_a_saved_detector_raises_the_alarms_of_the_page_which_have_times_and_all_columns(tmp_path):
    import spikelab as sl

    lines, x = ["time,x,y"], _wave()
    for t, (here, there) in enumerate(zip(x, x[::-1], strict=True)):
        lines.append(f"2026-03-01T00:{t // 60:02}:{t % 60:02},{here:.6f},{there:.6f}")
    lines[100] = lines[100].rpartition(",")[0] + ","
    model = tmp_path / "own.model"
    done = _run(tmp_path, "--dataset", _csv(tmp_path, lines), "--save-model", str(model), *FAST)
    assert done.exit_code == 0, done.output
    assert "600 rows, 2 columns, 1 value missing" in done.output and f"Wrote {model}" in done.output
    drawn = _result(tmp_path)["illustration"]["series"][0]
    assert (drawn["channel"], list(drawn["others"]), drawn["channels"]) == ("x", ["y"], 2)
    esn = drawn["rows"]["esn"]
    at = esn["alarms"].index(500)
    assert esn["alarm_times"][at] == "2026-03-01T00:08:20"
    assert "500 (2026-03-01T00:08:20)" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert sl.load_model(model).offset_ == pytest.approx(-esn["level"])


def test_no_alarm_is_said_in_words(tmp_path):
    calm = [*_wave(300, 0), *np.sin(0.2 * np.arange(300, 600)).tolist()]  # noise stops where watching begins
    done = _run(tmp_path, "--dataset", _csv(tmp_path, ["x", *map(str, calm)]), "--train", "300", *FAST)
    assert done.exit_code == 0, done.output
    assert "The ESN raises no alarm in the watched part." in done.output and "at row" not in done.output
    assert "Around the highest score" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_missing_values_are_kept_and_do_no_harm(tmp_path):
    values = [str(x) for x in _wave()]
    values[200], values[450] = "", "nan"
    done = _run(tmp_path, "--dataset", _csv(tmp_path, ["x", *values]), *FAST)
    assert done.exit_code == 0, done.output
    done = _run(tmp_path, "--dataset", _csv(tmp_path, ["x", *values]), "--nan", "error", *FAST)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("lines", "arguments", "said"),
    [
        (["x", *["1.5"] * 30, "oops", *["2.5"] * 30], [], r"oops"),
        (["x", "1.0"], [], "at least 2 are needed"),
        (["x", *[str(v) for v in _wave(60, 50)]], [], "at least 40"),
        (["x", *["3.0"] * 200], [], "every value is the same"),
        (["x,y", "1,2", "3"], [], "line 3"),
        (["t,x", *[f"{-t},{v}" for t, v in enumerate(_wave())]], ["--time-column", "t"], "goes back"),
        (["x", *[str(v) for v in _wave()]], ["--column", "z"], "column"),
        (["x", *[str(v) for v in _wave()]], ["--train", "600"], "one to watch"),
        (["x", *[str(v) for v in _wave()]], ["--train", "9999"], "train"),
        ([""], [], "[own].csv"),
    ],
    ids=["text", "one row", "short", "constant", "ragged", "time", "column", "train all", "train", "empty"],
)  # fmt: skip
def test_a_bad_csv_is_refused_in_words(tmp_path, lines, arguments, said):
    done = _run(tmp_path, "--dataset", _csv(tmp_path, lines), *arguments, *FAST)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)
    assert not (tmp_path / "out" / "result.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dataset", "nowhere"], "be one of demo, ecg, nab, ucr, smap, or a CSV file"),
        (["--dataset", "no/file.csv"], "no/file.csv"),
        (["--train", "30"], "--train are for a CSV"),
        (["--set", "esn.reservoir.m=3"], "name a known setting"),
        (["--set", "esn.reservoir.n=0"], ">= 1"),
        (["--set", "moving_zscore.window=1"], "window=1"),
    ],
)
def test_a_bad_option_is_refused_in_words(tmp_path, arguments, said):
    done = _run(tmp_path, *arguments)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())
    assert "Traceback" not in done.output


@pytest.mark.parametrize("name", ["x" * 5_000, "~nobody-of-this-name", "~nobody.csv"])
def test_a_path_that_cannot_be_asked_after_is_refused_in_words(tmp_path, name):
    done = _run(tmp_path, "--dataset", name)
    assert done.exit_code == 2 and "Error: " in done.output and len(done.output) < 11_000


def test_a_binary_file_is_refused_in_words(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(bytes(range(256)) * 40)
    done = _run(tmp_path, "--dataset", str(path))
    assert done.exit_code == 2
    assert "own.csv" in done.output and "Traceback" not in done.output


def test_a_set_that_is_not_there_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKELAB_DATA", str(tmp_path / "none"))
    done = _run(tmp_path, "--dataset", "nab")
    assert done.exit_code == 1
    assert "spikelab data fetch nab" in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_a_refused_run_leaves_no_empty_folder_and_takes_none_away(tmp_path: Path) -> None:
    assert _run(tmp_path, "--set", "esn.reservoir.n=-3").exit_code == 2
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    assert _run(tmp_path, "--set", "esn.reservoir.n=-3").exit_code == 2
    assert (tmp_path / "out").is_dir()
