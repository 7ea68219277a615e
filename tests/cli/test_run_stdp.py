"""`spikelab run stdp-mnist`: a small run from end to end, the intervals, the words of the page."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from spikelab.bench.tune_stdp import GRIDS, score
from spikelab.cli.jobs.stdp_defaults import NEURONS, STDP, settings_of
from spikelab.cli.jobs.stdp_judge import StdpJudge, interval
from spikelab.cli.jobs.stdp_rows import RowSpec
from spikelab.cli.jobs.stdp_task import image_task
from spikelab.cli.jobs.trials import Trial
from spikelab.cli.main import cli
from spikelab.errors import ParameterError
from spikelab.estimators import STDPClassifier
from spikelab.report.document import summarise
from spikelab.report.stdp.page import render
from spikelab.report.stdp.verdict import sentences

KINDS = ("stdp", "ridge", "shuffled", "random", "images", "kmeans")
SHORT = ("duration_ms=200.0", "max_rate_hz=30.0", "label_samples=600")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any], str]:
    folder = tmp_path_factory.mktemp("stdp")
    options = [part for one in SHORT for part in ("--set", f"stdp_12.{one}")]
    arguments = ["run", "stdp-mnist", "--dataset", "digits", "--neurons", "12", "--seeds", "2"]
    answer = CliRunner().invoke(cli, [*arguments, "--output", str(folder), *options])
    assert answer.exit_code == 0, answer.output
    page = (folder / "report.html").read_text(encoding="utf-8")
    return answer.output, json.loads((folder / "result.json").read_text()), page


def test_every_required_row_is_there_and_tells_what_it_should(run: tuple[str, dict[str, Any], str]) -> None:
    _, result, _ = run
    rows = {row["key"]: row for row in result["rows"]}
    assert set(rows) == {*(f"{kind}_12" for kind in KINDS), "logistic", "ridge_pixels"}
    accuracy = {key: row["metrics"]["accuracy"]["mean"] for key, row in rows.items()}
    assert accuracy["shuffled_12"] < 0.3 < accuracy["stdp_12"] < accuracy["logistic"]
    assert accuracy["kmeans_12"] > 0.6
    for key, row in rows.items():
        runs = row["metrics"]["accuracy"]["n"]
        assert sum(map(sum, row["confusion"])) == 450 * runs
        assert runs == (1 if key in ("logistic", "ridge_pixels") else 2)
        assert row["interval"][0] < accuracy[key] < row["interval"][1]
        assert row["metrics"]["synops_per_sample"]["mean"] > 0
    readouts = rows["stdp_12"]["readouts"]
    assert set(readouts) == {"mean", "proportion", "likelihood", "ridge"}
    assert readouts["proportion"]["mean"] == accuracy["stdp_12"]
    assert readouts["ridge"] == rows["ridge_12"]["readouts"]["ridge"]
    # Spikes cost an addition; values of pixels a product.
    for key, price in (("stdp_12", 0.9e-3), ("logistic", 4.6e-3)):
        metrics = rows[key]["metrics"]
        cost = metrics["energy_nj_per_sample"]["mean"]
        assert cost == pytest.approx(price * metrics["synops_per_sample"]["mean"])
    assert rows["stdp_12"]["parameters"]["duration_ms"] == 200.0
    pairs = {(pair["first"], pair["second"]) for pair in result["pairs"]}
    assert ("stdp_12", "logistic") in pairs and ("ridge_12", "kmeans_12") in pairs


def test_the_page_stands_alone_and_says_what_beats_the_neurons(run: tuple[str, dict[str, Any], str]) -> None:
    output, result, page = run
    first = page[page.index("<h1") : page.index("<h2")]
    assert "Logistic regression on the raw pixels" in first and "do not reach it" in first
    assert "Logistic regression on the raw pixels" in output
    assert page.count('role="img"') == 4
    assert "src=" not in page and "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)
    assert np.shape(result["illustration"]["fields"]["weights"]) == (64, 12)
    curve = result["illustration"]["curve"]
    assert len(curve["samples"]) == len(curve["learning"]) == len(curve["control"])
    # The page can be made of the file alone, and of a run that was stopped.
    assert render(result) == page
    stopped = {**result, "rows": [], "pairs": [], "illustration": {}, "interrupted": True}
    assert "No network that learns was finished" in render(stopped)


def test_the_verdict_names_ties_wins_and_losses() -> None:
    def row(key: str, share: float, **more: Any) -> dict[str, Any]:
        metrics = {name: summarise([9.0]) for name in ("fit_s", "energy_nj_per_sample")}
        metrics["accuracy"] = summarise([share])
        return {"key": key, "metrics": metrics, **more}

    def pair(first: str, second: str, *more: float) -> dict[str, Any]:
        return {"first": first, "second": second, "errors": summarise(more), "items_std": 30.0}

    # Seeds 80 apart have a standard error of 40, and 50 with that over the images.
    sizes = {100: (-300.0,), 400: (50.0, 130.0), 1600: (200.0,)}
    result = {
        "neurons": list(sizes),
        "split": {"test": 10_000},
        "rows": [
            *(row(f"stdp_{n}", 0.9, parameters={"n_neurons": n}) for n in sizes),
            row("logistic", 0.92), row("kmeans_400", 0.93), row("random_400", 0.4), row("ridge_400", 0.91),
        ],
        "pairs": [
            *(pair(f"stdp_{n}", "logistic", *found) for n, found in sizes.items()),
            pair("stdp_400", "kmeans_400", -90.0),
        ],
    }  # fmt: skip
    first, means, energy, *controls = sentences(result)
    assert "names 92.0 %: 100 neurons do not reach it (300 ± 30 errors more)" in first
    assert "400 neurons tie with it (90 ± 50 errors fewer) and 1,600 neurons beat it (200 ± 30" in first
    assert means.endswith("400 neurons do not reach it (90 ± 30 errors more), 90.0 % beside 93.0 %.")
    assert energy.endswith(
        "9 nJ with 1,600 neurons by the model of the arithmetic alone, and 9 nJ by logistic regression."
    )
    assert controls == [
        "What learning does, 400 neurons: 90.0 % with it, 40.0 % with random weights. A ridge readout of the "
        "learned counts reaches 91.0 %."
    ]


def test_intervals_hold_the_luck_of_seeds_and_images() -> None:
    correct = np.zeros((2, 100), dtype=bool)
    correct[0, :80] = correct[1, :70] = True
    low, high = interval(correct)
    reach = 1.96 * math.sqrt(0.1**2 / 2 / 2 + 0.75 * 0.25 / 100)
    assert (low, high) == pytest.approx((0.75 - reach, 0.75 + reach))
    assert interval(np.ones((1, 5), dtype=bool)) == (1.0, 1.0)


def test_a_row_without_seeds_stands_beside_each_seed_of_another() -> None:
    truth = np.array([0, 1, 2, 1])
    judge = StdpJudge(truth)

    def trials(*answers: list[int]) -> list[Trial]:
        outcomes = ({"answer": np.array(a), "readout": "", "all": {}, "learn_s": 0.0} for a in answers)
        return [Trial(outcome, 0.0, 0.0) for outcome in outcomes]

    spec = RowSpec("a", "A", "floor", lambda seed: trials([0] * 4)[0])
    judge(spec, trials([0, 1, 2, 0]))
    judge(RowSpec("b", "B", "model", spec.trial), trials([0, 1, 2, 1], [0, 0, 0, 0]))
    (pair,) = judge.pairs([("b", "a"), ("b", "missing")])
    assert pair["errors"]["values"] == [1.0, -2.0]


def test_settings_belong_to_the_nearest_size() -> None:
    assert set(STDP) == set(NEURONS)
    assert settings_of(30) == STDP[100] and settings_of(1000) == STDP[1600] and settings_of(350) == STDP[400]
    known = STDPClassifier().get_params()
    for n in NEURONS:
        assert set(settings_of(n)) < set(known) and set(GRIDS[str(n)]) < set(known)
        STDPClassifier(n, **settings_of(n)).check_parameters()


def test_settings_are_scored_on_the_last_images_they_did_not_learn_from() -> None:
    task = image_task("digits")
    X, y = task.X_train[:400], task.y_train[:400]
    assert score("logistic", {"C": 1.0}, X, y, held=100)["labels"] > 0.8
    found = score("100", {"duration_ms": 20.0, "max_rate_hz": 200.0}, X[:150], y[:150], held=50)
    assert set(found) == {"mean", "proportion", "likelihood"} and max(found.values()) <= 1.0


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ParameterError, match="dataset must be one of"):
        image_task("letters")
    arguments = ["run", "stdp-mnist", "--dataset", "digits", "--neurons", "12", "--set", "stdp_12.nu_pst=1"]
    answer = CliRunner().invoke(cli, arguments)
    assert answer.exit_code != 0
    text = str(answer.exception) if isinstance(answer.exception, ParameterError) else answer.output
    assert "Did you mean 'stdp_12.nu_post'?" in text
